//! File systems that are programs. Each has answers of its own to what a kernel says in one way, and
//! two mounts of one directory know of each other's changes as late as two hosts do.

use std::fs;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use nix::unistd::Pid;

use crate::disks::{is_mount, names};
use crate::scene::{can_trace, go_on, leave_stale, linked, peer, traced};
use crate::support::elsewhere::elsewhere;
use crate::support::{Peer, Place, place, wait_until};

/// In a PID namespace, so that no daemon remains.
const SCENE: &str = "unshare -mpf --mount-proc --kill-child";

/// More than enough for the rarest answers that are known: one in about fifty races.
const RACES: usize = 200;

/// One directory, mounted twice.
struct Mounts(Place);

impl Mounts {
    fn new(prepare: fn(&Path), mount: fn(&Path, &Path)) -> Self {
        let mounts = Self(place());
        for dir in ["source", "one", "other"] {
            fs::create_dir(mounts.dir(dir)).unwrap();
        }
        prepare(&mounts.dir("source"));
        for at in ["one", "other"] {
            mount(&mounts.dir("source"), &mounts.dir(at));
            wait_until(|| is_mount(&mounts.dir(at)));
        }
        mounts
    }

    fn dir(&self, name: &str) -> PathBuf {
        self.0.dir().join(name)
    }

    /// The lockfile, by way of each mount.
    fn paths(&self) -> [PathBuf; 2] {
        ["one", "other"].map(|at| self.dir(at).join("test.lock"))
    }
}

impl Drop for Mounts {
    fn drop(&mut self) {
        for at in ["one", "other"] {
            let _ = Command::new("umount").arg("-l").arg(self.dir(at)).status();
        }
    }
}

/// What is neither the lock nor busy is not to be said of a lock that another has won.
fn race(mounts: &Mounts) {
    let paths = mounts.paths();
    let mut peers: Vec<_> = paths.iter().chain(&paths).map(|path| peer(path)).collect();
    for round in 0..RACES {
        for peer in &mut peers {
            peer.tell("try_lock");
        }
        let answers: Vec<_> = peers.iter_mut().map(Peer::answer).collect();
        let winners: Vec<_> = (0..peers.len()).filter(|&at| answers[at] == "ok").collect();
        let [winner] = *winners else { panic!("round {round}: {answers:#?}") };
        let busy = answers.iter().filter(|answer| answer.starts_with("Busy: ")).count();
        assert_eq!(busy, peers.len() - 1, "round {round}: {answers:#?}");
        assert_eq!(peers[winner].ask("verify"), "ok", "round {round}");
        assert_eq!(peers[winner].ask("unlock"), "ok", "round {round}");
    }
    for peer in peers {
        peer.crash();
    }
    // A dead holder that both have known.
    let dead = leave_stale(&paths[0]);
    let mut lock = linked(&paths[1]);
    lock.try_lock().unwrap();
    assert_eq!(lock.recovered_from().unwrap().pid(), dead);
    lock.unlock().unwrap();
    // What is removed while it is open, libfuse keeps by another name until it is closed.
    let left = |at: &str| names(&mounts.dir(at)).iter().any(|name| name.starts_with("test.lock"));
    wait_until(|| !left("one") && !left("other"));
}

fn nothing(_: &Path) {}

/// A program that leaves a daemon behind, which keeps what it was given to write to.
fn run<S: AsRef<std::ffi::OsStr>>(program: &str, arguments: impl IntoIterator<Item = S>) {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    assert!(command.status().expect(program).success(), "{program}");
}

#[test]
fn bindfs_has_one_winner() {
    elsewhere(SCENE, &["bindfs", "/dev/fuse"], || {
        race(&Mounts::new(nothing, |source, at| run("bindfs", [source, at])));
    });
}

#[test]
fn mergerfs_has_one_winner() {
    elsewhere(SCENE, &["mergerfs", "/dev/fuse"], || {
        race(&Mounts::new(nothing, |source, at| run("mergerfs", [source, at])));
    });
}

#[test]
fn gocryptfs_has_one_winner() {
    elsewhere(SCENE, &["gocryptfs", "/dev/fuse"], || {
        let prepare = |source: &Path| {
            let source = source.to_str().unwrap();
            run("gocryptfs", ["-q", "-init", "-scryptn", "10", "-extpass", "echo pw", source]);
        };
        race(&Mounts::new(prepare, |source, at| {
            let (source, at) = (source.to_str().unwrap(), at.to_str().unwrap());
            run(
                "gocryptfs",
                ["-q", "-sharedstorage", "-nosyslog", "-extpass", "echo pw", source, at],
            );
        }));
    });
}

#[test]
fn encfs_has_one_winner() {
    elsewhere(SCENE, &["encfs", "/dev/fuse"], || {
        race(&Mounts::new(nothing, |source, at| {
            let (source, at) = (source.to_str().unwrap(), at.to_str().unwrap());
            run("encfs", ["--standard", "--extpass=echo pw", source, at]);
        }));
    });
}

#[test]
fn securefs_has_one_winner() {
    elsewhere(SCENE, &["securefs", "/dev/fuse"], || {
        let prepare = |source: &Path| {
            run("securefs", ["create", "--pass", "pw", "--rounds", "1", source.to_str().unwrap()]);
        };
        race(&Mounts::new(prepare, |source, at| {
            let (source, at) = (source.to_str().unwrap(), at.to_str().unwrap());
            run("securefs", ["mount", "-b", "--pass", "pw", source, at]);
        }));
    });
}

#[expect(clippy::zombie_processes, reason = "both end with the scene")]
fn mount_sshfs(source: &Path, at: &Path) {
    mount_sshfs_of(Command::new(SFTP_SERVER), source, at);
}

/// The server and the client speak over a socket: that takes neither ssh nor keys.
#[expect(clippy::zombie_processes, reason = "both end with the scene")]
fn mount_sshfs_of(mut server: Command, source: &Path, at: &Path) -> Child {
    let (ours, theirs) = UnixStream::pair().unwrap();
    let end = |stream: &UnixStream| Stdio::from(OwnedFd::from(stream.try_clone().unwrap()));
    let server = server.stdin(end(&theirs)).stdout(end(&theirs)).spawn().unwrap();
    let mut client = Command::new("sshfs");
    client.args(["-f", "-o", "passive"]).arg(format!(":{}", source.display())).arg(at);
    client.stdin(end(&ours)).stdout(end(&ours)).spawn().unwrap();
    server
}

const SFTP_SERVER: &str = "/usr/lib/openssh/sftp-server";

#[test]
fn sshfs_has_one_winner() {
    elsewhere(SCENE, &["sshfs", SFTP_SERVER, "/dev/fuse"], || {
        race(&Mounts::new(nothing, mount_sshfs));
    });
}

/// Asks a contender with `options` on sshfs for the lock, and lets another have it at the worst moment:
/// the server has said at the look number `when` that nothing is there, and is asked next to make it.
#[expect(clippy::zombie_processes, reason = "the server ends with the scene")]
fn meanwhile_another_has_it(options: &str, when: u32) {
    let place = place();
    let (source, at) = (place.dir().join("source"), place.dir().join("at"));
    for dir in [&source, &at] {
        fs::create_dir(dir).unwrap();
    }
    let there = source.join("test.lock");
    let mut server = Command::new("strace");
    let log = place.dir().join("log");
    server.arg("-qq").arg("-o").arg(&log).arg("-P").arg(&there);
    server.args(["-e", &format!("inject=lstat,newfstatat,statx:signal=SIGSTOP:when={when}")]);
    server.arg(SFTP_SERVER);
    let server = mount_sshfs_of(server, &source, &at);
    wait_until(|| is_mount(&at));
    let mut contender = Peer::with(&at.join("test.lock"), options);
    contender.tell("try_lock");
    wait_until(|| fs::read_to_string(&log).unwrap_or_default().contains("stopped by SIGSTOP"));
    let children = format!("/proc/{0}/task/{0}/children", server.id());
    let server = fs::read_to_string(children).unwrap().trim().parse().unwrap();
    let mut holder = Peer::with(&there, options);
    assert_eq!(holder.ask("try_lock"), "ok");
    go_on(Pid::from_raw(server));
    let answer = contender.answer();
    let whom = format!("is locked by pid {} ", holder.pid());
    assert!(answer.starts_with("Busy: ") && answer.contains(&whom), "{answer}");
    assert_eq!(holder.ask("verify"), "ok");
    run("umount", [&at]);
}

/// SFTP has no word for it, and sshfs makes EPERM of that: so does a file system without links.
#[test]
fn a_name_that_an_sftp_server_finds_taken_is_busy() {
    elsewhere(SCENE, &["sshfs", SFTP_SERVER, "/dev/fuse", "strace"], || {
        meanwhile_another_has_it("hardlink", 2);
    });
}

#[test]
fn a_lockfile_that_an_sftp_server_finds_there_is_busy() {
    elsewhere(SCENE, &["sshfs", SFTP_SERVER, "/dev/fuse", "strace"], || {
        meanwhile_another_has_it("", 1);
    });
}

/// The name was taken when the server answered, and is free again when it is looked at.
#[test]
fn a_name_that_was_taken_for_a_moment_is_tried_again() {
    if !can_trace("a name that was taken for a moment") {
        return;
    }
    for (options, call, error) in [
        ("hardlink", "linkat", "EPERM"),
        ("hardlink", "linkat", "ENOENT"),
        ("", "openat", "EPERM"),
        // It was made, and removed before it was opened.
        ("", "openat", "ENOENT"),
    ] {
        let place = place();
        let mut strace = Command::new("strace");
        strace.args(["-f", "-qq", "-o", "/dev/null", "-P"]).arg(&place.path);
        strace.args(["-e", &format!("inject={call}:error={error}:when=1")]);
        let mut peer = Peer::through(strace, &place.path, options);
        assert_eq!(peer.ask("try_lock"), "ok", "{call}: {error}");
        assert_eq!(place.names(), ["test.lock"]);
    }
}

/// ESTALE: another host has removed it.
#[test]
fn a_removed_file_is_looked_for_again_whatever_call_tells() {
    if !can_trace("a removed file") {
        return;
    }
    for call in ["newfstatat,statx,lstat", "openat", "fstat,newfstatat,statx", "pread64"] {
        for error in ["ENOENT", "ESTALE"] {
            let place = place();
            let dead = leave_stale(&place.path);
            let only = format!("--trace-path={}", place.path.display());
            let inject = format!("{call}:error={error}:when=1");
            let (mut peer, _) = traced(&place.path, &[&inject, &format!("--trace={call}"), &only]);
            let answer = peer.ask("try_lock");
            // To lstat(2), ENOENT says that nothing is there, and link(2) that something is.
            assert_eq!(answer, "ok", "{call}: {error}");
            assert_eq!(peer.ask("recovered"), dead.to_string(), "{call}: {error}");
            assert_eq!(place.names(), ["test.lock"]);
        }
    }
}

/// A holder sweeps up a draft that is empty yet; each of these calls tells on one file system.
#[test]
fn a_draft_that_was_swept_up_is_written_again_whatever_call_tells() {
    if !can_trace("a draft that is swept up") {
        return;
    }
    for call in ["pwrite64", "fdatasync"] {
        for error in ["ENOENT", "ESTALE"] {
            let place = place();
            let (mut peer, _) = traced(&place.path, &[&format!("{call}:error={error}:when=1")]);
            assert_eq!(peer.ask("try_lock"), "ok", "{call}: {error}");
            assert_eq!(place.names(), ["test.lock"]);
        }
    }
}
