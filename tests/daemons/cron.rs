//! cron writes its PID into `/run/crond.pid`, and takes an flock(2) on it.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::SCENE;
use crate::daemon::Daemon;
use crate::program::{CommandExtension, tenure, until};
use crate::support::elsewhere::{elsewhere, run};
use crate::verdict::{is_busy, is_removed_by_unlock, is_stale, is_used_and_kept};

const LOCK: &str = "/run/crond.pid";

/// No job of the machine is run, and its PID file is another.
fn hide_the_machine() {
    for directory in ["/run", "/etc/cron.d", "/var/spool/cron"] {
        run("mount", ["-t", "tmpfs", "none", directory]);
    }
    run("mount", ["--bind", "/dev/null", "/etc/crontab"]);
    fs::create_dir("/var/spool/cron/crontabs").unwrap();
}

fn start() -> Daemon {
    let cron = Daemon::start(Command::new("cron").arg("-f"));
    let pid = format!("{}\n", cron.pid());
    until(|| fs::read_to_string(LOCK).is_ok_and(|text| text == pid));
    cron
}

#[test]
fn a_live_cron_is_busy_and_a_killed_one_is_stale() {
    elsewhere(SCENE, &["cron", "/etc/crontab", "/etc/cron.d", "/var/spool/cron"], || {
        hide_the_machine();
        let lock = Path::new(LOCK);
        let cron = start();
        is_busy(lock, Some(cron.pid()), Some(cron.pid()));
        is_stale(lock, cron.kill());
        is_removed_by_unlock(lock);
        start().kill();
        is_used_and_kept(lock);
        let cron = start();
        is_busy(lock, Some(cron.pid()), Some(cron.pid()));
    });
}

#[test]
fn cron_is_refused_while_tenure_holds_its_pid_file() {
    elsewhere(SCENE, &["cron", "/etc/crontab", "/etc/cron.d", "/var/spool/cron"], || {
        hide_the_machine();
        let ended = tenure().args(["run", "-n", LOCK, "--", "cron", "-f"]).ended();
        assert_eq!(ended.code, Some(1), "{ended:?}");
        assert!(ended.stderr.contains("can't lock"), "{ended:?}");
    });
}
