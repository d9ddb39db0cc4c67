//! Programs that wait for a kernel lock. They have the file open, so tenure leaves it when it leaves.

use crate::age::NEW;
use crate::other::{Other, Refused};
use crate::outcome::Outcomes;
use crate::row::rows;
use crate::way::JSON;

const FLOCK: Other = Other {
    name: "`flock`",
    version: "util-linux 2.38.1",
    needs: &["flock"],
    script: r#"exec flock "$LOCK" sh -c "$STAY""#,
    refused: Refused::Waits,
    ages: NEW,
};

rows! {
    flock_1_waits_for_tenure: Row {
        other: FLOCK,
        ways: JSON,
        outcomes: Outcomes::GOOD,
        why: "flock(2)",
    }
    lckdo_waits_for_tenure: Row {
        other: Other {
            name: "`lckdo -w`",
            version: "moreutils 0.67",
            needs: &["lckdo"],
            script: r#"exec lckdo -w "$LOCK" sh -c "$STAY""#,
            ..FLOCK
        },
        ways: JSON,
        outcomes: Outcomes::GOOD,
        why: "fcntl(2) on the whole file",
    }
    with_lock_ex_waits_for_tenure: Row {
        other: Other {
            name: "`with-lock-ex -w`",
            version: "chiark-utils-bin 7.0.0",
            needs: &["with-lock-ex"],
            script: r#"exec with-lock-ex -w "$LOCK" sh -c "$STAY""#,
            ..FLOCK
        },
        ways: JSON,
        outcomes: Outcomes::GOOD,
        why: "fcntl(2) on the first byte",
    }
    setlock_waits_for_tenure: Row {
        other: Other {
            name: "`setlock`",
            version: "daemontools 0.76",
            needs: &["setlock"],
            script: r#"exec setlock "$LOCK" sh -c "$STAY""#,
            ..FLOCK
        },
        ways: JSON,
        outcomes: Outcomes::GOOD,
        why: "flock(2)",
    }
    s6_setlock_waits_for_tenure: Row {
        other: Other {
            name: "`s6-setlock`",
            version: "s6 2.11.3.2",
            needs: &["s6-setlock"],
            script: r#"exec s6-setlock "$LOCK" sh -c "$STAY""#,
            ..FLOCK
        },
        ways: JSON,
        outcomes: Outcomes::GOOD,
        why: "fcntl(2) on the whole file",
    }
    chpst_waits_for_tenure: Row {
        other: Other {
            name: "`chpst -l`",
            version: "runit 2.1.2",
            needs: &["chpst"],
            script: r#"exec chpst -l "$LOCK" sh -c "$STAY""#,
            ..FLOCK
        },
        ways: JSON,
        outcomes: Outcomes::GOOD,
        why: "flock(2)",
    }
}
