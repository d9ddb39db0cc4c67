//! s6 takes fcntl(2) locks on empty files.

use std::path::Path;
use std::process::Command;

use crate::SCENE;
use crate::daemon::{Daemon, directory, script};
use crate::support::elsewhere::elsewhere;
use crate::support::place;
use crate::verdict::{is_busy, is_empty, is_locked_again, is_not_recognized, is_used_and_kept};

/// Returns once the service says that it runs. The scene ends the service.
fn start(program: &str, at: &Path, service: &Path) -> Daemon {
    script(&service.join("run"), "echo inside; exec sleep infinity");
    let mut daemon = Daemon::start(Command::new(program).arg(at));
    daemon.says("inside");
    daemon
}

#[test]
fn a_live_s6_supervise_is_busy_and_a_killed_one_leaves_an_empty_file() {
    elsewhere(SCENE, &["s6-supervise"], || {
        let place = place();
        let service = directory(&place, "service");
        let [lock, status] = ["lock", "status"].map(|name| service.join("supervise").join(name));
        let s6 = start("s6-supervise", &service, &service);
        is_busy(&lock, None, Some(s6.pid()));
        is_not_recognized(&status);
        s6.kill();
        is_empty(&lock);
        is_not_recognized(&status);
        is_used_and_kept(&lock);
        let s6 = start("s6-supervise", &service, &service);
        is_locked_again(&lock, s6.pid());
    });
}

#[test]
fn a_live_s6_svscan_is_busy_and_a_killed_one_leaves_an_empty_file() {
    elsewhere(SCENE, &["s6-svscan"], || {
        let place = place();
        let services = directory(&place, "services");
        let lock = services.join(".s6-svscan/lock");
        let s6 = start("s6-svscan", &services, &directory(&place, "services/first"));
        is_busy(&lock, None, Some(s6.pid()));
        s6.kill();
        is_empty(&lock);
        is_used_and_kept(&lock);
        let s6 = start("s6-svscan", &services, &directory(&place, "services/second"));
        is_locked_again(&lock, s6.pid());
    });
}
