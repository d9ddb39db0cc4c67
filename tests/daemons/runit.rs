//! runit takes an flock(2) on an empty file. The PID in the file beside it is that of the service.

use std::fs;
use std::path::Path;
use std::process::Command;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::SCENE;
use crate::daemon::{Daemon, directory, script};
use crate::support::elsewhere::elsewhere;
use crate::support::{place, wait_until};
use crate::verdict::{
    is_busy, is_empty, is_locked_again, is_not_recognized, is_removed_by_unlock, is_stale,
    is_used_and_kept,
};

fn start(service: &Path) -> Daemon {
    script(&service.join("run"), "echo inside; exec sleep infinity");
    let mut runit = Daemon::start(Command::new("runsv").arg(service));
    runit.says("inside");
    runit
}

/// Returns once `supervise/pid` has a PID, with this PID. It comes after the start of the service.
fn service_of(runit: &Daemon, pid_file: &Path) -> u32 {
    let children = format!("/proc/{0}/task/{0}/children", runit.pid());
    let child = fs::read_to_string(children).unwrap().trim().to_owned();
    wait_until(|| fs::read_to_string(pid_file).is_ok_and(|text| text == format!("{child}\n")));
    child.parse().unwrap()
}

#[test]
fn a_live_runsv_is_busy_and_a_killed_one_leaves_its_service() {
    elsewhere(SCENE, &["runsv"], || {
        let place = place();
        let service = directory(&place, "service");
        let [lock, pid_file, stat, status] =
            ["lock", "pid", "stat", "status"].map(|name| service.join("supervise").join(name));
        let runit = start(&service);
        let serving = service_of(&runit, &pid_file);
        is_busy(&lock, None, Some(runit.pid()));
        is_busy(&pid_file, Some(serving), None);
        is_not_recognized(&stat);
        is_not_recognized(&status);

        runit.kill();
        is_empty(&lock);
        is_busy(&pid_file, Some(serving), None);
        kill(Pid::from_raw(i32::try_from(serving).unwrap()), Signal::SIGKILL).unwrap();
        wait_until(|| has_ended(serving));
        is_stale(&pid_file, serving);

        is_used_and_kept(&lock);
        is_removed_by_unlock(&pid_file);
        let runit = start(&service);
        let serving = service_of(&runit, &pid_file);
        is_locked_again(&lock, runit.pid());
        is_busy(&pid_file, Some(serving), None);
    });
}

/// Nobody reaps it here.
fn has_ended(pid: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    stat.contains(") Z ")
}
