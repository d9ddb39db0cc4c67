//! Programs that take a kernel lock on the file, and write nothing into it.

use crate::age::NEW;
use crate::other::{Other, Refused};
use crate::outcome::{Outcome, Outcomes};
use crate::row::rows;
use crate::way::{FORMATS, Way};

const FLOCK: Other = Other {
    name: "`flock -n`",
    version: "util-linux 2.38.1",
    needs: &["flock"],
    script: r#"exec flock -n "$LOCK" sh -c "$STAY""#,
    refused: Refused::Exits(1),
    ages: NEW,
};

rows! {
    flock_1_and_tenure_exclude_each_other: Row {
        other: FLOCK,
        ways: FORMATS,
        outcomes: Outcomes::GOOD,
        why: "flock(2)",
    }
    a_shared_flock_1_and_tenure_exclude_each_other: Row {
        other: Other {
            name: "`flock -s -n`",
            script: r#"exec flock -s -n "$LOCK" sh -c "$STAY""#,
            ..FLOCK
        },
        ways: FORMATS,
        outcomes: Outcomes::GOOD,
        why: "flock(2), shared",
    }
    flock_1_and_hardlink_do_not_exclude_each_other: Row {
        other: FLOCK,
        ways: &[Way::Hardlink],
        outcomes: Outcomes {
            tenure_first: Outcome::BothIn,
            other_first: Outcome::Excluded,
            tenure_killed: Outcome::TakenOver,
            other_killed: Outcome::NeverTakenOver,
        after_takeover: Outcome::None,
            in_turn: Outcome::Blocked,
        },
        why: "`Hardlink` takes no kernel lock, and flock(1) leaves an empty file",
    }
    lckdo_and_tenure_exclude_each_other: Row {
        other: Other {
            name: "`lckdo`",
            version: "moreutils 0.67",
            needs: &["lckdo"],
            script: r#"exec lckdo "$LOCK" sh -c "$STAY""#,
            refused: Refused::Exits(75),
            ages: NEW,
        },
        ways: FORMATS,
        outcomes: Outcomes::GOOD,
        why: "fcntl(2) on the whole file",
    }
    with_lock_ex_and_tenure_exclude_each_other: Row {
        other: Other {
            name: "`with-lock-ex -f`",
            version: "chiark-utils-bin 7.0.0",
            needs: &["with-lock-ex"],
            script: r#"exec with-lock-ex -f "$LOCK" sh -c "$STAY""#,
            refused: Refused::Exits(255),
            ages: NEW,
        },
        ways: FORMATS,
        outcomes: Outcomes::GOOD,
        why: "fcntl(2) on the first byte",
    }
    setlock_and_tenure_exclude_each_other: Row {
        other: Other {
            name: "`setlock -n`",
            version: "daemontools 0.76",
            needs: &["setlock"],
            script: r#"exec setlock -n "$LOCK" sh -c "$STAY""#,
            refused: Refused::Exits(111),
            ages: NEW,
        },
        ways: FORMATS,
        outcomes: Outcomes::GOOD,
        why: "flock(2)",
    }
    s6_setlock_and_tenure_exclude_each_other: Row {
        other: Other {
            name: "`s6-setlock -n`",
            version: "s6 2.11.3.2",
            needs: &["s6-setlock"],
            script: r#"exec s6-setlock -n "$LOCK" sh -c "$STAY""#,
            refused: Refused::Exits(1),
            ages: NEW,
        },
        ways: FORMATS,
        outcomes: Outcomes::GOOD,
        why: "fcntl(2) on the whole file",
    }
    chpst_and_tenure_exclude_each_other: Row {
        other: Other {
            name: "`chpst -L`",
            version: "runit 2.1.2",
            needs: &["chpst"],
            script: r#"exec chpst -L "$LOCK" sh -c "$STAY""#,
            refused: Refused::Exits(111),
            ages: NEW,
        },
        ways: FORMATS,
        outcomes: Outcomes::GOOD,
        why: "flock(2)",
    }
}
