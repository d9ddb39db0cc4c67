//! Holders that the contender may not signal, or not even see: they are alive all the same.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use tenure::{Verdict, Why};

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

#[test]
fn a_holder_that_may_not_be_signalled_is_alive() {
    elsewhere("unshare -m", &[], || {
        nobody_is_not_fooled();
    });
}

#[test]
fn a_holder_that_may_not_be_seen_is_alive() {
    elsewhere("unshare -m", &[], || {
        run("mount", ["-t", "proc", "-o", "hidepid=2", "proc", "/proc"]);
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
