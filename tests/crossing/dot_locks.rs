//! Programs to which the name is the lock, made by link(2).

use crate::age::{ANY, Age};
use crate::contender::Where;
use crate::ends::{comes_in, leaves_well, tells_of_loss};
use crate::other::{Other, Refused, fetched};
use crate::outcome::{Outcome, Outcomes};
use crate::place::Place;
use crate::row::{SCENE, rows};
use crate::support::elsewhere::{elsewhere, run};
use crate::way::{FORMATS, JSON, PID_FIRST, Way};

const DOTLOCKFILE: Other = Other {
    name: "`dotlockfile -p`",
    version: "liblockfile-bin 1.17",
    needs: &["dotlockfile"],
    script: r#"dotlockfile -r 0 -p "$LOCK" || exit; sh -c "$STAY"; dotlockfile -u "$LOCK""#,
    refused: Refused::Exits(4),
    ages: ANY,
};

const DOTLOCKFILE_WITHOUT_PID: Other = Other {
    name: "`dotlockfile`",
    script: r#"dotlockfile -r 0 "$LOCK" || exit; sh -c "$STAY"; dotlockfile -u "$LOCK""#,
    ..DOTLOCKFILE
};

const LOCKFILE: Other = Other {
    name: "`lockfile`",
    version: "procmail 3.22",
    needs: &["lockfile"],
    script: r#"lockfile -r 0 "$LOCK" || exit; sh -c "$STAY"; rm -f "$LOCK""#,
    refused: Refused::Exits(73),
    ages: ANY,
};

const LOCKFILE_WITH_TIMEOUT: Other = Other {
    name: "`lockfile -l 600`",
    script: r#"lockfile -r 0 -l 600 -s 0 "$LOCK" || exit; sh -c "$STAY"; rm -f "$LOCK""#,
    ..LOCKFILE
};

const SHLOCK: Other = Other {
    name: "`shlock`",
    version: "inn2 2.7.1",
    needs: &[fetched!("news/shlock")],
    script: r#"export LD_LIBRARY_PATH="$FETCHED/news"
"$FETCHED/news/shlock" -p $$ -f "$LOCK" || exit; sh -c "$STAY"; rm -f "$LOCK""#,
    refused: Refused::Exits(1),
    ages: &[Age::Second],
};

/// The file of the other says nothing of its process.
const NAME_ALONE: Outcomes = Outcomes {
    tenure_first: Outcome::Excluded,
    other_first: Outcome::Unrecognized,
    tenure_killed: Outcome::NeverTakenOver,
    other_killed: Outcome::NeverTakenOver,
    after_takeover: Outcome::None,
    in_turn: Outcome::InTurn,
};

/// The other goes by the age of the file.
const AGE_ALONE: Outcomes = Outcomes {
    tenure_first: Outcome::RobbedWithAge,
    tenure_killed: Outcome::TakenOverWithAge,
    ..NAME_ALONE
};

rows! {
    dotlockfile_and_tenure_exclude_each_other_by_a_pid: Row {
        other: DOTLOCKFILE,
        ways: PID_FIRST,
        outcomes: Outcomes { after_takeover: Outcome::InTurnWithAge, ..Outcomes::GOOD },
        why: "each reads the PID of the other",
    }
    dotlockfile_and_hardlink_exclude_each_other_by_a_pid: Row {
        other: DOTLOCKFILE,
        ways: &[Way::HardlinkPidLine],
        outcomes: Outcomes { other_killed: Outcome::NeverTakenOver,
        after_takeover: Outcome::None, ..Outcomes::GOOD },
        why: "the same; `Hardlink` takes over only what tenure has made",
    }
    dotlockfile_robs_a_holder_that_writes_json: Row {
        other: DOTLOCKFILE,
        ways: JSON,
        outcomes: Outcomes {
            tenure_first: Outcome::RobbedWithAge,
            tenure_killed: Outcome::TakenOverWithAge,
            after_takeover: Outcome::InTurnWithAge,
            ..Outcomes::GOOD
        },
        why: "without a PID, a file of five minutes is stale to it",
    }
    dotlockfile_that_writes_no_pid_robs_every_holder: Row {
        other: DOTLOCKFILE_WITHOUT_PID,
        ways: FORMATS,
        outcomes: AGE_ALONE,
        why: "a file of five minutes is stale to it, whatever it says",
    }
    lockfile_create_and_tenure_exclude_each_other_by_a_pid: Row {
        other: Other {
            name: "`lockfile-create --use-pid`",
            version: "lockfile-progs 0.1.19",
            needs: &["lockfile-create"],
            script: r#"lockfile-create --retry 0 --use-pid --lock-name "$LOCK" || exit
sh -c "$STAY"; lockfile-remove --lock-name "$LOCK""#,
            ..DOTLOCKFILE
        },
        ways: PID_FIRST,
        outcomes: Outcomes { after_takeover: Outcome::InTurnWithAge, ..Outcomes::GOOD },
        why: "as `dotlockfile -p`, by the same library",
    }
    lockfile_of_procmail_and_tenure_exclude_each_other: Row {
        other: LOCKFILE,
        ways: FORMATS,
        outcomes: NAME_ALONE,
        why: "the name alone is the lock",
    }
    lockfile_of_procmail_is_kept_out_by_a_kept_file: Row {
        other: LOCKFILE,
        ways: &[Way::Kept],
        outcomes: Outcomes { in_turn: Outcome::Blocked, ..NAME_ALONE },
        why: "a kept file is a lock to it",
    }
    lockfile_of_procmail_with_a_timeout_robs_every_holder: Row {
        other: LOCKFILE_WITH_TIMEOUT,
        ways: FORMATS,
        outcomes: AGE_ALONE,
        why: "a file of ten minutes is stale to it, whatever it says",
    }
    shlock_and_tenure_exclude_each_other_by_a_pid: Row {
        other: SHLOCK,
        ways: PID_FIRST,
        outcomes: Outcomes::GOOD,
        why: "each reads the PID of the other; shlock judges no file of the same second",
    }
    shlock_robs_a_holder_that_writes_json: Row {
        other: SHLOCK,
        ways: JSON,
        outcomes: Outcomes { tenure_first: Outcome::Robbed, ..Outcomes::GOOD },
        why: "a file without a PID is stale to it",
    }
    shlock_with_binary_pids_robs_every_holder: Row {
        other: Other {
            name: "`shlock -b`",
            script: r#"export LD_LIBRARY_PATH="$FETCHED/news"
"$FETCHED/news/shlock" -b -p $$ -f "$LOCK" || exit; sh -c "$STAY"; rm -f "$LOCK""#,
            ..SHLOCK
        },
        ways: FORMATS,
        outcomes: Outcomes { tenure_first: Outcome::Robbed, ..Outcomes::GOOD },
        why: "it takes the first four characters for a PID",
    }
}

/// tenure was killed, and the next one has recovered. What that leaves is a lock to `lockfile`.
#[test]
fn a_recovered_file_stays_where_the_format_is_a_bare_pid() {
    elsewhere(SCENE, LOCKFILE.needs, || {
        for way in [Way::Json, Way::PidLine, Way::Pid, Way::PidBare, Way::Hardlink] {
            let place = Place::new();
            way.kill(comes_in(way.start(&place.lock())));
            leaves_well(comes_in(way.start(&place.lock())));
            let came = LOCKFILE.start(&place.lock(), &place.scratch()).arrives();
            assert_eq!(came == Where::Inside, way.removes_what_it_recovers(), "{way}: {came:?}");
        }
    });
}

#[test]
fn a_lock_that_names_nobody_is_called_a_lock() {
    elsewhere(SCENE, &["lockfile", "dotlockfile"], || {
        for other in [LOCKFILE, DOTLOCKFILE_WITHOUT_PID] {
            let place = Place::new();
            let holder = comes_in(other.start(&place.lock(), &place.scratch()));
            let mut tenure = Way::Json.start(&place.lock());
            tenure.arrives();
            let said = tenure.complaints();
            assert!(
                said.contains("what lockfile(1) and dotlockfile(1) write into a lock"),
                "{said}"
            );
            leaves_well(holder);
        }
    });
}

/// A command can keep the lockfile young. tenure does not take that for a loss.
#[test]
fn a_lockfile_that_is_touched_is_not_taken_for_stale() {
    elsewhere(SCENE, &["lockfile", "dotlockfile", "touch"], || {
        for other in [LOCKFILE_WITH_TIMEOUT, DOTLOCKFILE_WITHOUT_PID] {
            let place = Place::new();
            let tenure = comes_in(Way::Json.start(&place.lock()));
            Age::Day.comes(&place.lock());
            run("touch", [place.lock()]);
            let came = other.start(&place.lock(), &place.scratch()).arrives();
            assert!(matches!(came, Where::Outside(_)), "{}: {came:?}", other.name);
            assert!(!tells_of_loss(tenure));
        }
    });
}
