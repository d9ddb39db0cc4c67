//! `examples/notify.rs` (feature `systemd`), started by a service manager: by start-stop-daemon(8), which
//! waits to be told that it is ready.

use std::env;
use std::process::Command;

use tenure::Lockfile;

use crate::start_stop_daemon::{status, stop};
use crate::support::elsewhere::elsewhere;
use crate::support::place;

#[test]
fn the_example_is_waited_for_until_it_is_ready() {
    let program = env::current_exe().unwrap();
    let example = program.parent().unwrap().parent().unwrap().join("examples/notify");
    let needs = ["start-stop-daemon", example.to_str().unwrap()];
    elsewhere("unshare --pid --fork --mount-proc", &needs, || {
        let place = place();
        let started = Command::new("start-stop-daemon")
            .args(["--start", "--background", "--notify-await", "--pidfile"])
            .arg(&place.path)
            .arg("--startas")
            .arg(&example)
            .arg("--")
            .arg(&place.path)
            .status()
            .unwrap();
        assert!(started.success());
        // Not a moment later: it was told after the record was written.
        let lock = Lockfile::new(&place.path);
        let seen = lock.status().unwrap();
        assert!(seen.is_ready(), "{seen}");
        assert_eq!(seen.holder().unwrap().message(), Some("serving"));
        assert_eq!(status(&place.path), Some(0));
        assert_eq!(stop(&place.path), Some(0));
        lock.wait_until_free(None).unwrap();
        assert!(!place.path.exists(), "released in good order");
    });
}
