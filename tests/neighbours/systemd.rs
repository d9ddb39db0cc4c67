//! systemd: `PIDFile=` as systemd.service(5) has it, and systemd-tmpfiles(8), the real one.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::Command;
use std::sync::mpsc::channel;

use nix::sys::signal::kill;
use nix::unistd::Pid;
use tenure::{Lockfile, Loss};

use crate::support::elsewhere::elsewhere;
use crate::support::place;
use crate::{PID_FIRST, held};

/// The main process, as `PIDFile=` finds it: the first line is a number without a blank around it, of
/// a process that there is, and that is not PID 1; and the file is no symbolic link to another user's.
fn main_process(path: &Path) -> Result<u32, &'static str> {
    let owner = |metadata: fs::Metadata| metadata.uid();
    if fs::symlink_metadata(path).map(owner).ok() != fs::metadata(path).map(owner).ok() {
        return Err("a link to another user's");
    }
    let text = fs::read_to_string(path).map_err(|_| "not readable")?;
    let line = text.split('\n').next().unwrap_or_default();
    if line.is_empty() || !line.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err("not a number");
    }
    let pid: i32 = line.parse().map_err(|_| "not a PID")?;
    if pid <= 1 || kill(Pid::from_raw(pid), None).is_err() {
        return Err("not a process");
    }
    u32::try_from(pid).map_err(|_| "not a PID")
}

#[test]
fn the_holder_is_the_main_process() {
    for format in PID_FIRST {
        let (place, mut holder) = held(&format!("{format} keep"));
        assert_eq!(main_process(&place.path), Ok(holder.pid()), "{format}");
        for change in ["set_message something longer than before", "set_phase ready"] {
            assert_eq!(holder.ask(change), "ok");
            assert_eq!(main_process(&place.path), Ok(holder.pid()), "{format}: {change}");
        }
        assert_eq!(holder.ask("unlock"), "ok");
        assert_eq!(main_process(&place.path), Err("not a number"), "{format}: released");
        // What is written over the record of another is as good.
        assert_eq!(holder.ask("try_lock"), "ok");
        assert_eq!(main_process(&place.path), Ok(holder.pid()), "{format}: again");
        holder.crash();
        assert_eq!(main_process(&place.path), Err("not a process"), "{format}: dead");
    }
}

#[test]
fn json_alone_names_no_main_process() {
    let (place, _holder) = held("");
    assert_eq!(main_process(&place.path), Err("not a number"));
}

/// When the service has ended, systemd removes the file that `PIDFile=` names.
#[test]
fn a_lockfile_that_is_removed_after_its_holder_ended_is_free() {
    let (place, holder) = held("pid-line");
    holder.crash();
    fs::rename(&place.path, place.dir().join("aside")).unwrap();
    let lock = Lockfile::acquire(&place.path).unwrap();
    assert!(lock.recovered_from().is_none() && lock.verify().is_ok());
}

/// tmpfiles.d(5), under Age: from systemd 254 on, files with a BSD lock are skipped by the clean-up, and
/// not only directories.
#[test]
fn a_clean_up_by_systemd_tmpfiles_leaves_a_held_lockfile_alone_or_is_noticed() {
    elsewhere("unshare -m", &["systemd-tmpfiles"], || {
        let scene = place();
        let dir = scene.dir().join("cleaned");
        fs::create_dir(&dir).unwrap();
        let path = dir.join("held.pid");
        let mut held = Lockfile::acquire(&path).unwrap();
        let (tell, told) = channel();
        held.on_lost(move |loss| tell.send(loss).unwrap()).unwrap();
        fs::write(dir.join("stale.pid"), "4194305\n").unwrap();
        let rules = scene.dir().join("rules.conf");
        // All that is older than nothing.
        fs::write(&rules, format!("e {} - - - 0\n", dir.display())).unwrap();
        let clean = Command::new("systemd-tmpfiles").arg("--clean").arg(&rules).status().unwrap();
        assert!(clean.success() && !dir.join("stale.pid").exists(), "it does clean up");
        if version() >= 254 {
            held.unlock().unwrap();
        } else {
            assert_eq!(told.recv(), Ok(Loss::Removed));
            held.restore().unwrap();
            held.unlock().unwrap();
        }
    });
}

/// That of systemd-tmpfiles.
fn version() -> u32 {
    let output = Command::new("systemd-tmpfiles").arg("--version").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let digits = |word: &str| word.chars().take_while(char::is_ascii_digit).collect::<String>();
    digits(text.split_whitespace().nth(1).unwrap()).parse().unwrap()
}
