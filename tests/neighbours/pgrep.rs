//! pgrep(1) and pkill(1) of procps, with `-F`, and with `-L`, which demands that the file is locked.

use std::path::Path;

use crate::reader::{Ask, is_as_the_table_says};
use crate::support::elsewhere::elsewhere;
use crate::{PID_FIRST, held, said};

fn told(command: &str, path: &Path) -> Option<u32> {
    let (found, code) = said(command, path);
    assert_eq!(code == Some(0), !found.is_empty(), "{command}: {found} {code:?}");
    found.parse().ok()
}

#[test]
fn pgrep_finds_the_holder_and_nobody_else() {
    elsewhere("env", &["pgrep"], || {
        is_as_the_table_says("pgrep -F, pkill -F", Ask::Tells(|path| told("pgrep -F", path)));
        is_as_the_table_says("pgrep -F, pkill -F", Ask::Stops(|path| _ = said("pkill -F", path)));
    });
}

#[test]
fn pgrep_finds_the_holder_that_has_the_lock_and_nobody_else() {
    elsewhere("env", &["pgrep"], || {
        let row = "pgrep -L -F, pkill -L -F";
        is_as_the_table_says(row, Ask::Tells(|path| told("pgrep -L -F", path)));
        is_as_the_table_says(row, Ask::Stops(|path| _ = said("pkill -L -F", path)));
    });
}

#[test]
fn a_live_process_that_does_not_have_the_lock_is_refused_when_a_lock_is_asked_for() {
    elsewhere("env", &["pgrep"], || {
        for format in PID_FIRST {
            let (place, holder) = held(format);
            let copy = place.dir().join("copy");
            std::fs::copy(&place.path, &copy).unwrap();
            assert_eq!(told("pgrep -F", &copy), Some(holder.pid()), "{format}");
            assert_eq!(told("pgrep -L -F", &copy), None, "{format}: nobody has locked it");
        }
    });
}
