//! A reader is asked in every format: while the lockfile is held, after its release and after a death.

use std::env;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use crate::readers::{FORMATS, row};
use crate::support::{Peer, Place, place};

/// The name of the holder's process.
pub(crate) const NAME: &str = "holder";

/// How a reader shows whom it has found.
#[derive(Clone, Copy)]
pub(crate) enum Ask {
    /// It tells the PID.
    Tells(fn(&Path) -> Option<u32>),
    /// It sends SIGTERM, which ends the holder.
    Stops(fn(&Path)),
}

/// A lockfile that is kept, and a live holder. Whoever reads a number in the message is wrong.
fn held(format: &str) -> (Place, Peer) {
    let place = place();
    let program = place.dir().join(NAME);
    symlink(env::current_exe().unwrap(), &program).unwrap();
    let options = format!("{format} keep message=4711");
    let mut holder = Peer::start_as(Command::new(program), &place.path, &options);
    assert_eq!(holder.ask("try_lock"), "ok");
    assert_eq!(holder.ask("set_phase ready"), "ok");
    (place, holder)
}

/// The reader of this row finds the holder in the formats that the table says, and nobody else.
pub(crate) fn is_as_the_table_says(reader: &str, ask: Ask) {
    for (format, reads) in FORMATS.iter().zip(row(reader).reads) {
        let about = format!("{reader}, {format}");
        released(format, ask, &about);
        stale(format, ask, &about);
        let (place, mut holder) = held(format);
        match ask {
            Ask::Tells(who) => {
                assert_eq!(who(&place.path), reads.then_some(holder.pid()), "{about}");
            }
            Ask::Stops(stop) => {
                stop(&place.path);
                if reads {
                    assert_eq!(holder.answer_if_alive(), None, "{about}");
                } else {
                    assert_eq!(holder.ask("is_held"), "true", "{about}: it lives");
                }
            }
        }
    }
}

/// The process lives on, and nobody finds it.
fn released(format: &str, ask: Ask, about: &str) {
    let (place, mut holder) = held(format);
    assert_eq!(holder.ask("unlock"), "ok");
    match ask {
        Ask::Tells(who) => assert_eq!(who(&place.path), None, "{about}: released"),
        Ask::Stops(stop) => stop(&place.path),
    }
    assert_eq!(holder.ask("try_lock"), "ok", "{about}: released");
}

fn stale(format: &str, ask: Ask, about: &str) {
    let (place, holder) = held(format);
    holder.crash();
    match ask {
        Ask::Tells(who) => assert_eq!(who(&place.path), None, "{about}: stale"),
        Ask::Stops(stop) => stop(&place.path),
    }
    let mut next = Peer::with(&place.path, format);
    assert_eq!(next.ask("try_lock"), "ok", "{about}: stale");
}
