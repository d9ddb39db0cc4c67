//! A process that runs out of descriptors learns later what it could not learn then.

use std::fs::{self, File};
use std::path::Path;

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use serde_json::Value;
use tenure::{Hardlink, Lockfile, Semaphore};

use crate::support::elsewhere::elsewhere;
use crate::support::{Peer, place};

/// Asks for the state of `lock` with no descriptor left, then with one, with two and so on.
fn ask_with_few_descriptors(lock: &Lockfile) {
    const FEW: u64 = 64;
    let (_, most) = getrlimit(Resource::RLIMIT_NOFILE).expect("a limit");
    setrlimit(Resource::RLIMIT_NOFILE, FEW, most).expect("a lower limit");
    let mut files = Vec::new();
    while let Ok(file) = File::open("/dev/null") {
        files.push(file);
    }
    // With a few, the lockfile can be opened, and nothing besides.
    for _ in 0..8 {
        let _ = lock.status();
        files.pop();
    }
    setrlimit(Resource::RLIMIT_NOFILE, most, most).expect("the limit that there was");
}

/// What the process writes about itself.
fn own_record(path: &Path) -> Value {
    let mut lock = Lockfile::acquire(path).expect("nobody holds it");
    let text = fs::read_to_string(path).expect("it is held");
    lock.unlock().expect("it is held");
    serde_json::from_str(&text).expect("it is a record")
}

#[test]
fn what_a_shortage_of_descriptors_hides_is_learned_later() {
    elsewhere("env", &[], || {
        let place = place();
        let copy = place.dir().join("copy");
        let _holder = Peer::holding(&place.path);
        ask_with_few_descriptors(&Lockfile::new(&place.path));
        let record = own_record(&copy);
        let fields = ["boot_id", "pid_namespace", "time_namespace", "start_ticks", "pidfd_inode"];
        // Another process has learned all at once.
        let other: Value =
            serde_json::from_str(&fs::read_to_string(&place.path).expect("it is held"))
                .expect("it is a record");
        for field in fields {
            assert_eq!(record[field].is_null(), other[field].is_null(), "{field}: {record}");
        }
        assert_eq!(record["boot_id"], other["boot_id"]);
    });
}

#[test]
fn a_process_that_had_no_descriptors_recovers_the_dead_all_the_same() {
    elsewhere("unshare -i", &[], || {
        let place = place();
        let [linked, semaphore] = ["linked", "semaphore"].map(|name| place.dir().join(name));
        let locks = [
            (Lockfile::new(&linked).backend(Hardlink), "hardlink"),
            (Lockfile::new(&semaphore).backend(Semaphore), "semaphore"),
        ];
        for (lock, backend) in &locks {
            let mut dead = Peer::with(lock.path(), backend);
            assert_eq!(dead.ask("try_lock"), "ok");
            dead.crash();
        }
        ask_with_few_descriptors(&locks[0].0);
        for (mut lock, backend) in locks {
            let recovered = lock.try_lock();
            assert!(recovered.is_ok(), "{backend}: {recovered:?}");
            lock.unlock().expect("it is held");
        }
    });
}
