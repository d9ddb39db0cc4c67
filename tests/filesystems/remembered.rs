//! What the kernel remembers of a file that another has replaced, beneath a FUSE file system.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use tenure::{Hardlink, Lockfile, State};

use super::elsewhere;
use super::mounts::Ground;

/// No process has it.
const NOBODY: u32 = 4_194_303;
const ROUNDS: u32 = 200;

/// Another process still reads the file that was replaced, and so the kernel still remembers its bytes, and
/// takes them for those of the new file.
#[test]
fn a_file_is_not_read_from_what_is_remembered_of_the_one_that_it_replaced() {
    elsewhere("unshare -m", &["bindfs", "/dev/fuse"], || {
        let ground = Ground::new();
        let store = ground.tmpfs("store");
        let mount = ground.bindfs(store.at(), "mount", &[]);
        let (name, beneath) = (mount.at().join("the.lock"), store.at().join("the.lock"));
        let locks = [Lockfile::new(&name), Lockfile::new(&name).backend(Hardlink)];
        let done = AtomicBool::new(false);
        let dead = format!("{NOBODY:10}\n");
        let live = format!("{:10}\n", std::process::id());
        for _ in 0..ROUNDS {
            fs::write(&beneath, &dead).unwrap();
            let former = File::open(&name).unwrap();
            assert_eq!(
                locks[0].status().unwrap().state(),
                State::Unproven,
                "on a host that others may share it with"
            );
            let next = beneath.with_extension("next");
            fs::write(&next, &live).unwrap();
            fs::rename(&next, &beneath).unwrap();
            done.store(false, Ordering::Relaxed);
            thread::scope(|scope| {
                scope.spawn(|| {
                    while !done.load(Ordering::Relaxed) {
                        former.read_at(&mut [0; 11], 0).unwrap();
                    }
                });
                let states = locks.each_ref().map(|lock| lock.status().unwrap().state());
                done.store(true, Ordering::Relaxed);
                assert_eq!(states, [State::Held, State::Held]);
            });
        }
    });
}
