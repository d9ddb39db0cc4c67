//! Programs that start a daemon once.

use crate::age::{ANY, NEW};
use crate::other::{Other, Refused};
use crate::outcome::{Outcome, Outcomes};
use crate::row::rows;
use crate::way::{FORMATS, JSON, PID_FIRST};

/// The daemon has neither the standard input nor the process group of its starter.
const DAEMONIZE: &str = r#"room=$(mktemp -d -p "$SCRATCH") && mkfifo "$room/input" || exit 70
daemonize -l "$LOCK" -p "$room/pid" -o "/proc/$$/fd/1" \
    /bin/sh -c "exec <'$room/input'; $STAY" || exit
exec cat >"$room/input""#;

const START_STOP_DAEMON: Other = Other {
    name: "`start-stop-daemon --make-pidfile`",
    version: "dpkg 1.21",
    needs: &["start-stop-daemon"],
    script: r#"exec start-stop-daemon --start --pidfile "$LOCK" --make-pidfile \
        --startas /bin/sh -- -c "$STAY""#,
    refused: Refused::Exits(1),
    ages: ANY,
};

rows! {
    daemonize_and_tenure_exclude_each_other: Row {
        other: Other {
            name: "`daemonize -l`",
            version: "daemonize 1.7.8",
            needs: &["daemonize"],
            script: DAEMONIZE,
            refused: Refused::Exits(1),
            ages: NEW,
        },
        ways: FORMATS,
        outcomes: Outcomes::GOOD,
        why: "flock(2)",
    }
    daemon_and_tenure_exclude_each_other: Row {
        other: Other {
            name: "`daemon --pidfile`",
            version: "daemon 0.8",
            needs: &["daemon"],
            script: r#"exec daemon --foreground --name crossed --pidfile "$LOCK" -- sh -c "$STAY""#,
            refused: Refused::Exits(1),
            ages: NEW,
        },
        ways: FORMATS,
        outcomes: Outcomes::GOOD,
        why: "fcntl(2) on the PID file",
    }
    start_stop_daemon_and_tenure_exclude_each_other_by_a_pid: Row {
        other: START_STOP_DAEMON,
        ways: PID_FIRST,
        outcomes: Outcomes::GOOD,
        why: "each reads the PID of the other",
    }
    start_stop_daemon_overwrites_json: Row {
        other: START_STOP_DAEMON,
        ways: JSON,
        outcomes: Outcomes { tenure_first: Outcome::Robbed, ..Outcomes::GOOD },
        why: "it finds no PID in JSON",
    }
}
