//! Locks that a script makes of a name, with nothing but the shell and its usual commands.

use crate::age::{ANY, Age};
use crate::other::{Other, Refused};
use crate::outcome::{Outcome, Outcomes};
use crate::row::rows;
use crate::way::{FORMATS, JSON, Way};

const NOCLOBBER: Other = Other {
    name: "`set -C; echo $$ >FILE`",
    version: "dash 0.5.12",
    needs: &[],
    script: r#"(set -C; echo $$ >"$LOCK") 2>/dev/null || exit 75
sh -c "$STAY"; rm -f "$LOCK""#,
    refused: Refused::Exits(75),
    ages: ANY,
};

const EMPTY: Other = Other {
    name: "`set -C; : >FILE`",
    script: r#"(set -C; : >"$LOCK") 2>/dev/null || exit 75
sh -c "$STAY"; rm -f "$LOCK""#,
    ..NOCLOBBER
};

/// What lies there names no process.
const NAME_ALONE: Outcomes = Outcomes {
    tenure_first: Outcome::Excluded,
    other_first: Outcome::Unrecognized,
    tenure_killed: Outcome::NeverTakenOver,
    other_killed: Outcome::NeverTakenOver,
    after_takeover: Outcome::None,
    in_turn: Outcome::InTurn,
};

rows! {
    a_script_that_writes_its_pid_and_tenure_exclude_each_other: Row {
        other: NOCLOBBER,
        ways: FORMATS,
        outcomes: Outcomes { tenure_killed: Outcome::NeverTakenOver, after_takeover: Outcome::Blocked, ..Outcomes::GOOD },
        why: "tenure reads the PID; the script looks for the name alone",
    }
    a_script_that_writes_nothing_does_not_keep_tenure_out: Row {
        other: EMPTY,
        ways: FORMATS,
        outcomes: Outcomes {
            other_first: Outcome::BothIn,
            tenure_killed: Outcome::NeverTakenOver,
            after_takeover: Outcome::Blocked, ..Outcomes::GOOD
        },
        why: "an empty file that no process has open is a lock of nobody to tenure",
    }
    a_script_that_writes_nothing_and_hardlink_exclude_each_other: Row {
        other: EMPTY,
        ways: &[Way::Hardlink],
        outcomes: NAME_ALONE,
        why: "`Hardlink` never makes an empty file",
    }
    a_script_that_makes_a_directory_and_tenure_exclude_each_other: Row {
        other: Other {
            name: "`mkdir FILE`",
            version: "coreutils 9.1",
            script: r#"mkdir "$LOCK" 2>/dev/null || exit 75
sh -c "$STAY"; rmdir "$LOCK""#,
            ..NOCLOBBER
        },
        ways: JSON,
        outcomes: NAME_ALONE,
        why: "a directory is no lockfile to tenure",
    }
    a_script_that_makes_a_symbolic_link_and_tenure_exclude_each_other: Row {
        other: Other {
            name: "`ln -s $$ FILE`",
            version: "coreutils 9.1",
            script: r#"ln -s $$ "$LOCK" 2>/dev/null || exit 75
sh -c "$STAY"; rm -f "$LOCK""#,
            ages: &[Age::New],
            ..NOCLOBBER
        },
        ways: JSON,
        outcomes: NAME_ALONE,
        why: "tenure follows no link",
    }
}
