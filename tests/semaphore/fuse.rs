//! Where locks cannot say what they are for: on a FUSE file system.

use std::fs;

use tenure::{Lockfile, Semaphore};

use crate::support::elsewhere::{elsewhere, run};
use crate::support::{Peer, place};

#[test]
fn a_release_frees_the_lock_while_the_process_goes_on() {
    // In a PID namespace, so that no server remains.
    elsewhere("unshare -mipf --mount-proc --kill-child", &["bindfs", "/dev/fuse"], || {
        let place = place();
        let [store, mount] = ["store", "mount"].map(|name| place.dir().join(name));
        for dir in [&store, &mount] {
            fs::create_dir(dir).unwrap();
        }
        run("bindfs", [&store, &mount]);
        let path = mount.join("the.lock");
        let mut lock = Lockfile::new(&path).backend(Semaphore);
        for _ in 0..2 {
            lock.try_lock().unwrap();
            let mut other = Peer::with(&path, "semaphore");
            assert!(other.ask("try_lock").starts_with("Busy"));
            lock.unlock().unwrap();
            assert_eq!(other.ask("try_lock"), "ok");
            assert_eq!(other.ask("unlock"), "ok");
        }
    });
}
