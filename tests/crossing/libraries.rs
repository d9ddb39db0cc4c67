//! Libraries of Perl, Java and JavaScript.

use crate::age::{ANY, NEW};
use crate::other::{Other, Refused, fetched};
use crate::outcome::{Outcome, Outcomes};
use crate::row::rows;
use crate::way::{FORMATS, JSON, Way};

const LOCKFILE_SIMPLE: Other = Other {
    name: "`LockFile::Simple`, `-hold => 0, -stale => 1`",
    version: "LockFile::Simple 0.208",
    needs: &["perl", "/usr/share/perl5/LockFile/Simple.pm"],
    script: r#"exec perl "$PROGRAMS/lockfile_simple.pl" "$LOCK" -hold 0 -stale 1"#,
    refused: Refused::Exits(75),
    ages: ANY,
};

rows! {
    lockfile_simple_and_tenure_exclude_each_other_by_a_pid: Row {
        other: LOCKFILE_SIMPLE,
        ways: &[Way::PidLine, Way::Pid],
        outcomes: Outcomes { after_takeover: Outcome::Blocked, ..Outcomes::GOOD },
        why: "each reads the PID of the other",
    }
    lockfile_simple_robs_a_holder_whose_pid_ends_the_file: Row {
        other: LOCKFILE_SIMPLE,
        ways: &[Way::PidBare],
        outcomes: Outcomes { tenure_first: Outcome::Robbed, after_takeover: Outcome::Blocked, ..Outcomes::GOOD },
        why: "it drops the last character of the line, which is a digit",
    }
    lockfile_simple_fails_at_json: Row {
        other: LOCKFILE_SIMPLE,
        ways: JSON,
        outcomes: Outcomes { tenure_killed: Outcome::NeverTakenOver, after_takeover: Outcome::Blocked, ..Outcomes::GOOD },
        why: "it dies of a line that is no PID",
    }
    lockfile_simple_by_default_robs_every_holder: Row {
        other: Other {
            name: "`LockFile::Simple`, by default",
            script: r#"exec perl "$PROGRAMS/lockfile_simple.pl" "$LOCK""#,
            ..LOCKFILE_SIMPLE
        },
        ways: FORMATS,
        outcomes: Outcomes {
            tenure_first: Outcome::RobbedWithAge,
            tenure_killed: Outcome::TakenOverWithAge,
            after_takeover: Outcome::InTurnWithAge,
            ..Outcomes::GOOD
        },
        why: "a file of one hour is stale to it, whatever it says",
    }
    a_file_channel_of_java_and_tenure_exclude_each_other: Row {
        other: Other {
            name: "`FileChannel.tryLock` of Java",
            version: "OpenJDK 17",
            needs: &["java", fetched!("FileChannelLock.class")],
            script: r#"exec java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp "$FETCHED" \
                FileChannelLock "$LOCK""#,
            refused: Refused::Exits(75),
            ages: NEW,
        },
        ways: JSON,
        outcomes: Outcomes::GOOD,
        why: "fcntl(2) on the whole file",
    }
    proper_lockfile_and_tenure_exclude_each_other: Row {
        other: Other {
            name: "`proper-lockfile` of FILE, tenure on FILE.lock",
            version: "node-proper-lockfile 4.1.2",
            needs: &["node", "/usr/share/nodejs/proper-lockfile/index.js"],
            script: r#"export NODE_PATH=/usr/share/nodejs
exec node "$PROGRAMS/proper_lockfile.js" "$LOCK""#,
            refused: Refused::Exits(75),
            ages: ANY,
        },
        ways: JSON,
        outcomes: Outcomes {
            tenure_first: Outcome::Excluded,
            other_first: Outcome::Unrecognized,
            tenure_killed: Outcome::NeverTakenOver,
            other_killed: Outcome::NeverTakenOver,
        after_takeover: Outcome::None,
            in_turn: Outcome::InTurn,
        },
        why: "a directory of that name is the lock, and it cannot remove a file",
    }
}
