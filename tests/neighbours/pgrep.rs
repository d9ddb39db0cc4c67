//! pgrep(1) of procps, with `-F`, and with `-L`, which demands that the PID file is locked.

use crate::support::elsewhere::elsewhere;
use crate::{PID_FIRST, held, said};

#[test]
fn the_holder_is_found_by_its_lockfile() {
    elsewhere("env", &["pgrep"], || {
        for format in PID_FIRST {
            let (place, holder) = held(format);
            let found = (holder.pid().to_string(), Some(0));
            assert_eq!(said("pgrep -F", &place.path), found, "{format}");
            assert_eq!(said("pgrep -L -F", &place.path), found, "{format}: it is locked");
        }
    });
}

#[test]
fn a_lockfile_that_nobody_has_locked_is_refused_when_a_lock_is_asked_for() {
    elsewhere("env", &["pgrep"], || {
        for format in PID_FIRST {
            let (place, holder) = held(format);
            holder.crash();
            assert_eq!(said("pgrep -F", &place.path), (String::new(), Some(1)), "{format}: dead");
            let (found, code) = said("pgrep -L -F", &place.path);
            assert!(found.is_empty() && code != Some(0), "{format}: {found} {code:?}");
        }
    });
}

#[test]
fn nobody_is_found_in_a_released_lockfile() {
    elsewhere("env", &["pgrep"], || {
        for format in PID_FIRST {
            let (place, mut holder) = held(&format!("{format} keep"));
            assert_eq!(holder.ask("unlock"), "ok");
            let (found, code) = said("pgrep -F", &place.path);
            assert!(found.is_empty() && code != Some(0), "{format}: {found} {code:?}");
        }
    });
}
