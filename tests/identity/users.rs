//! Holders that the contender may not signal, or not even see: they are alive all the same.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::Path;
use std::process::Command;

use tenure::{Lockfile, Verdict, Why};

use crate::support::elsewhere::{elsewhere, run};
use crate::support::{Peer, place};
use crate::vocabulary::{assert_recovered, copy_record, verdict, without_pidfds};

const NOBODY: u32 = 65534;

/// Everything about root's holders that somebody else can be asked, with pidfds and without.
fn nobody_is_not_fooled() {
    for pidfds in [true, false] {
        if !pidfds {
            without_pidfds();
        }
        let place = place();
        let [bare, copy] = ["bare", "copy"].map(|name| place.dir().join(name));
        let holder = Peer::holding(&place.path);
        fs::write(&bare, holder.pid().to_string()).expect("a file");
        copy_record(&place.path, &copy, |_| {});
        open_to_all(place.dir(), 0o777);
        for path in [&place.path, &bare, &copy] {
            open_to_all(path, 0o666);
            let mut nobody = Peer::start(path);
            assert_eq!(nobody.ask(&format!("become {NOBODY}")), "ok");
            assert_eq!(nobody.ask("verdict"), "Some(Live)", "{}", path.display());
            let answer = nobody.ask("try_lock");
            assert!(answer.starts_with("Busy: "), "{answer}");
            assert!(nobody.ask("release_stale").starts_with("Busy: "));
        }
        holder.crash();
        for path in [&place.path, &bare, &copy] {
            let mut nobody = Peer::start(path);
            assert_eq!(nobody.ask(&format!("become {NOBODY}")), "ok");
            assert_eq!(nobody.ask("try_lock"), "ok");
            assert_eq!(nobody.ask("why"), "Stale(Dead)", "{}", path.display());
        }
    }
}

fn open_to_all(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).expect("we own it");
}

/// From now on `/proc` shows each user only its own processes. No process is in the group that sees
/// all of them. By default that is root's group, and a peer keeps it when it becomes another user.
fn hide_the_processes_of_others() {
    run("mount", ["-t", "proc", "-o", "hidepid=2,gid=1002", "proc", "/proc"]);
}

#[test]
fn a_holder_that_may_not_be_signalled_is_alive() {
    elsewhere("unshare -m", &[], || {
        nobody_is_not_fooled();
    });
}

#[test]
fn a_holder_that_may_not_be_seen_is_alive() {
    elsewhere("unshare -m", &[], || {
        hide_the_processes_of_others();
        nobody_is_not_fooled();
    });
}

/// Without the right to write, nothing can be taken over; and the reason is told.
#[test]
fn a_dead_holder_whose_file_may_not_be_written_is_named() {
    elsewhere("unshare -m", &[], || {
        let place = place();
        let dead = Peer::holding(&place.path).crash();
        open_to_all(place.dir(), 0o755);
        open_to_all(&place.path, 0o644);
        let mut nobody = Peer::start(&place.path);
        assert_eq!(nobody.ask(&format!("become {NOBODY}")), "ok");
        let answer = nobody.ask("try_lock");
        assert!(answer.starts_with("ProcessDead: "), "{answer}");
        assert!(answer.contains(&format!("pid {dead}")), "{answer}");
        assert_eq!(verdict(&place.path), Verdict::Stale(Why::Dead));
        assert_recovered(&place.path, Why::Dead);
    });
}

/// kill(2) accepts the number, and `/proc` does not show that it is a thread's.
#[test]
fn the_number_of_a_thread_that_may_not_be_seen_is_no_process() {
    elsewhere("unshare -m", &[], || {
        hide_the_processes_of_others();
        let place = place();
        let mut roots = Peer::start(&place.path);
        let threads = fs::read_dir(format!("/proc/{}/task", roots.pid())).expect("root sees it");
        let thread = threads
            .map(|thread| {
                thread.expect("root sees it").file_name().into_string().expect("a number")
            })
            .find(|thread| *thread != roots.pid().to_string());
        fs::write(&place.path, thread.expect("the harness has a thread")).expect("a file");
        open_to_all(place.dir(), 0o777);
        open_to_all(&place.path, 0o666);
        let mut nobody = Peer::start(&place.path);
        assert_eq!(nobody.ask(&format!("become {NOBODY}")), "ok");
        assert_eq!(nobody.ask("verdict"), "Some(Stale(Dead))");
        assert_eq!(nobody.ask("try_lock"), "ok");
        assert_eq!(nobody.ask("why"), "Stale(Dead)");
        assert_eq!(roots.ask("is_held"), "false", "it lives");
    });
}

/// In a user namespace without a map, all users have one number.
#[test]
fn an_owner_that_is_not_mapped_names_no_process() {
    elsewhere("unshare -m", &[], || {
        let place = place();
        let copy = place.dir().join("copy");
        let mut holder = Peer::holding(&place.path);
        copy_record(&place.path, &copy, |_| {});
        // Another user owns the copy, which names root's process.
        chown(&copy, Some(1002), None).expect("we are root");
        for path in [&copy, &place.path] {
            let mut unshare = Command::new("unshare");
            unshare.arg("-U");
            let mut contained = Peer::through(unshare, path, "");
            assert_eq!(contained.ask("verdict"), "Some(Live)");
            let answer = contained.ask("signal_holder 9");
            assert!(answer.starts_with("NotSignalled: "), "{answer}");
            assert!(answer.contains("user namespace"), "{answer}");
        }
        assert_eq!(holder.ask("is_held"), "true");
        // Root tells the two apart.
        let mut root = Peer::start(&place.path);
        assert_eq!(root.ask("signal_holder 0"), "Some(true)");
        let answer = Peer::start(&copy).ask("signal_holder 0");
        assert!(answer.starts_with("NotSignalled: "), "{answer}");
    });
}

#[test]
fn uid_65534_is_an_ordinary_user_where_all_users_are_mapped() {
    elsewhere("unshare -m", &[], || {
        let place = place();
        open_to_all(place.dir(), 0o777);
        let mut holder = Peer::start(&place.path);
        assert_eq!(holder.ask(&format!("become {NOBODY}")), "ok");
        assert_eq!(holder.ask("try_lock"), "ok");
        assert_eq!(fs::metadata(&place.path).expect("it is held").uid(), NOBODY);
        let process = Lockfile::new(&place.path).holder_process().expect("it may be signalled");
        assert!(process.expect("it is held").signal(0).expect("we are root"));
    });
}
