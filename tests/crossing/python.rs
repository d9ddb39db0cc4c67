//! Libraries of Python.

use crate::age::{ANY, NEW};
use crate::other::{Other, Refused, fetched};
use crate::outcome::{Outcome, Outcomes};
use crate::row::{SCENE, rows};
use crate::support::elsewhere::elsewhere;
use crate::trials::Trials;
use crate::way::{JSON, Way};

/// A function of `programs/python_locks.py`.
macro_rules! python {
    ($function:literal) => {
        concat!(
            r#"exec "$FETCHED/venv/bin/python3" "$PROGRAMS/python_locks.py" "#,
            $function,
            r#" "$LOCK""#
        )
    };
}

const FILE_LOCK: Other = Other {
    name: "`filelock.FileLock`",
    version: "filelock 4.3.1",
    needs: &[fetched!("venv/bin/python3")],
    script: python!("file_lock"),
    refused: Refused::Exits(75),
    ages: NEW,
};

/// One that it cannot read, and one that it might.
const JSON_AND_PID: &[Way] = &[Way::Json, Way::Pid];

/// It reads the files of its own kind only, or none.
const NEVER_JUDGES: Outcomes = Outcomes {
    tenure_killed: Outcome::NeverTakenOver,
    after_takeover: Outcome::Blocked,
    ..Outcomes::GOOD
};

rows! {
    filelock_and_tenure_exclude_each_other: Row {
        other: FILE_LOCK,
        ways: JSON,
        outcomes: Outcomes::GOOD,
        why: "flock(2)",
    }
    a_soft_filelock_and_tenure_exclude_each_other: Row {
        other: Other {
            name: "`filelock.SoftFileLock`",
            script: python!("soft_file_lock"),
            ages: ANY,
            ..FILE_LOCK
        },
        ways: JSON_AND_PID,
        outcomes: NEVER_JUDGES,
        why: "the name is the lock; tenure reads its file, and it does not read tenure's",
    }
    portalocker_and_tenure_exclude_each_other: Row {
        other: Other {
            name: "`portalocker.Lock`",
            version: "portalocker 4.4.2",
            script: python!("portalocker_lock"),
            ..FILE_LOCK
        },
        ways: JSON,
        outcomes: Outcomes::GOOD,
        why: "flock(2)",
    }
    portalocker_of_pid_files_robs_every_holder: Row {
        other: Other {
            name: "`portalocker.PidFileLock` of FILE",
            version: "portalocker 4.4.2",
            script: python!("portalocker_pid_file_lock"),
            ages: ANY,
            ..FILE_LOCK
        },
        ways: JSON_AND_PID,
        outcomes: Outcomes { tenure_first: Outcome::Robbed, ..Outcomes::GOOD },
        why: "its lock is on FILE.lock, and it puts its PID in the place of FILE",
    }
    portalocker_of_pid_files_excludes_tenure_on_the_file_beside: Row {
        other: Other {
            name: "`portalocker.PidFileLock` of FILE, tenure on FILE.lock",
            version: "portalocker 4.4.2",
            script: python!("portalocker_pid_file_lock_beside"),
            ..FILE_LOCK
        },
        ways: JSON,
        outcomes: Outcomes::GOOD,
        why: "flock(2) on FILE.lock",
    }
    fasteners_and_tenure_exclude_each_other: Row {
        other: Other {
            name: "`fasteners.InterProcessLock`",
            version: "fasteners 0.20",
            script: python!("fasteners_lock"),
            ..FILE_LOCK
        },
        ways: JSON,
        outcomes: Outcomes::GOOD,
        why: "fcntl(2) on the whole file",
    }
    zc_lockfile_and_tenure_exclude_each_other: Row {
        other: Other {
            name: "`zc.lockfile.LockFile`",
            version: "zc.lockfile 4.0",
            script: python!("zc_lock"),
            ..FILE_LOCK
        },
        ways: JSON_AND_PID,
        outcomes: Outcomes::GOOD,
        why: "flock(2)",
    }
    pid_lock_file_and_tenure_exclude_each_other: Row {
        other: Other {
            name: "`lockfile.pidlockfile.PIDLockFile`",
            version: "lockfile 0.12.2",
            script: python!("lockfile_pid"),
            ages: ANY,
            ..FILE_LOCK
        },
        ways: JSON_AND_PID,
        outcomes: NEVER_JUDGES,
        why: "the name is the lock; tenure reads the PID, and it does not",
    }
    link_lock_file_and_tenure_exclude_each_other: Row {
        other: Other {
            name: "`lockfile.LinkLockFile` of FILE, tenure on FILE.lock",
            version: "lockfile 0.12.2",
            script: python!("lockfile_link"),
            ages: ANY,
            ..FILE_LOCK
        },
        ways: JSON,
        outcomes: Outcomes {
            other_first: Outcome::Unrecognized,
            other_killed: Outcome::NeverTakenOver,
        after_takeover: Outcome::None,
            ..NEVER_JUDGES
        },
        why: "the name alone is the lock",
    }
    mkdir_lock_file_and_tenure_exclude_each_other: Row {
        other: Other {
            name: "`lockfile.MkdirLockFile` of FILE, tenure on FILE.lock",
            version: "lockfile 0.12.2",
            script: python!("lockfile_mkdir"),
            ages: ANY,
            ..FILE_LOCK
        },
        ways: JSON,
        outcomes: Outcomes {
            other_first: Outcome::Unrecognized,
            other_killed: Outcome::NeverTakenOver,
        after_takeover: Outcome::None,
            ..NEVER_JUDGES
        },
        why: "a directory of that name is the lock",
    }
}

/// It has given up its kernel lock, and its file keeps the PID.
#[test]
fn zc_lockfile_that_is_closed_keeps_tenure_out_while_its_process_lives() {
    const CLOSED: Other = Other { script: python!("zc_lock_closed"), ..FILE_LOCK };
    elsewhere(SCENE, CLOSED.needs, || {
        let trials = Trials::new(&CLOSED, Way::Json);
        assert_eq!(trials.other_first(), Outcome::Excluded);
        assert_eq!(trials.in_turn(), Outcome::InTurn);
    });
}
