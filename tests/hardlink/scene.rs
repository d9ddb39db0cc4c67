//! The vocabulary: linked lockfiles, and what is beside them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use tenure::{Content, Hardlink, Lockfile, Record};

use crate::support::elsewhere::tell;
use crate::support::{NO_PROCESS, Peer, Place, place, wait_until};

pub(crate) fn linked(path: &Path) -> Lockfile {
    Lockfile::new(path).backend(Hardlink)
}

pub(crate) fn peer(path: &Path) -> Peer {
    Peer::with(path, "hardlink")
}

/// A peer that holds the lock.
pub(crate) fn holding(path: &Path) -> Peer {
    let mut peer = peer(path);
    assert_eq!(peer.ask("try_lock"), "ok");
    peer
}

/// Leaves what a holder that died while holding leaves behind; returns its PID.
pub(crate) fn leave_stale(path: &Path) -> u32 {
    holding(path).crash()
}

/// The record at `path`.
pub(crate) fn record(path: &Path) -> Record {
    match Content::parse(&fs::read(path).unwrap()) {
        Content::Record(record) => *record,
        other => panic!("{other:?}"),
    }
}

pub(crate) fn nonce(path: &Path) -> String {
    record(path).nonce.unwrap()
}

/// `test.lock.KIND.NONCE`
pub(crate) fn beside(path: &Path, kind: &str, nonce: &str) -> PathBuf {
    let name = path.file_name().unwrap().to_str().unwrap();
    path.with_file_name(format!("{name}.{kind}.{nonce}"))
}

/// Writes the record at `from` to `to`, changed.
pub(crate) fn copy(from: &Path, to: &Path, edit: impl FnOnce(&mut Value)) {
    let mut record = serde_json::from_str(&fs::read_to_string(from).unwrap()).unwrap();
    edit(&mut record);
    fs::write(to, record.to_string()).unwrap();
}

/// What happened on another host, as far as a record tells.
pub(crate) fn elsewhere(record: &mut Value) {
    record["host"] = "elsewhere.invalid".into();
    record["boot_id"] = "6a5e0fb2-0000-4000-8000-000000000000".into();
    record["machine"] = "0000000000000000".into();
}

/// A nonce for what a test writes.
pub(crate) const NONCE: &str = "00000000deadbeef";

/// The record of somebody who is dead, with a nonce.
pub(crate) fn dead(nonce: &str) -> impl FnOnce(&mut Value) {
    move |record| {
        record["pid"] = NO_PROCESS.into();
        record["nonce"] = nonce.into();
    }
}

#[expect(clippy::disallowed_methods, reason = "these tests are the ones who spoil things")]
pub(crate) fn remove(path: &Path) {
    fs::remove_file(path).unwrap();
}

/// A peer under strace(1), which makes its calls fail, stop or kill as `inject` says. (What begins
/// with dashes is another option of strace's.)
pub(crate) fn traced(path: &Path, inject: &[&str]) -> (Peer, Log) {
    let log = Log(place());
    let mut strace = Command::new("strace");
    strace.args(["-f", "-qq", "-y", "-o"]).arg(&log.0.path);
    strace.args(["-e", "trace=linkat,rename,unlink,pread64,pwrite64,fdatasync"]);
    for what in inject {
        match what.strip_prefix("--") {
            Some(_) => strace.arg(what),
            None => strace.args(["-e", &format!("inject={what}")]),
        };
    }
    (Peer::through(strace, path, "hardlink"), log)
}

/// A peer that is stopped while it does what it is told, by `inject`; and its PID.
pub(crate) fn stopped(path: &Path, inject: &str, command: &str) -> (Peer, Pid) {
    let (mut peer, _) = traced(path, &[&format!("{inject}:signal=SIGSTOP:when=1")]);
    let pid = peer.ask("pid").parse().unwrap();
    peer.tell(command);
    wait_until(|| {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
        // A tracer sees to it that a stop is a tracing stop.
        status.lines().any(|line| line.starts_with("State:\tT") || line.starts_with("State:\tt"))
    });
    (peer, Pid::from_raw(pid))
}

pub(crate) fn go_on(pid: Pid) {
    kill(pid, Signal::SIGCONT).unwrap();
}

/// Whether processes can be traced here; if not, says that the case was not run.
pub(crate) fn can_trace(case: &str) -> bool {
    let traced = Command::new("strace").args(["-f", "-qq", "-o", "/dev/null", "true"]).output();
    let can = traced.is_ok_and(|output| output.status.success());
    if !can {
        tell(&format!("NOT RUN: {case}: it needs strace(1), and the right to trace"));
    }
    can
}

/// What strace saw.
pub(crate) struct Log(Place);

impl Log {
    pub(crate) fn text(&self) -> String {
        fs::read_to_string(&self.0.path).unwrap_or_default()
    }

    /// The calls that have to do with the directory `dir`, by name, with what they were about.
    pub(crate) fn calls(&self, dir: &Path) -> Vec<String> {
        let (text, dir) = (self.text(), dir.to_str().unwrap());
        let ours = text.lines().filter(|line| line.contains(dir));
        ours.map(|line| line.split_once(' ').unwrap().1.trim().to_owned()).collect()
    }
}
