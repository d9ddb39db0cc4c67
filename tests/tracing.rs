//! What a log is told (feature `tracing`), in the lines that `tracing-subscriber` makes of it.
#![cfg(all(feature = "tracing", any(target_os = "linux", target_os = "android")))]
#![allow(clippy::unwrap_used, reason = "whoever cannot go on has failed")]

mod support;

use std::fs;
use std::io;
use std::path::Path;
use std::sync::mpsc::channel;
use std::sync::{Mutex, Once};
use std::thread;
use std::time::Duration;

use nix::libc;
use nix::unistd::gettid;
use support::{Peer, Place, leave_stale, place, sleeps_in, wait_until};
use tenure::{Error, Lockfile};
use tracing_subscriber::filter::LevelFilter;

static LOG: Mutex<String> = Mutex::new(String::new());

struct Sink;

impl io::Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOG.lock().unwrap().push_str(std::str::from_utf8(bytes).unwrap());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A place whose lockfiles are told of in the log.
fn logged() -> Place {
    static BEGIN: Once = Once::new();
    BEGIN.call_once(|| {
        let log = tracing_subscriber::fmt().without_time().with_ansi(false);
        log.with_max_level(LevelFilter::TRACE).with_writer(|| Sink).init();
    });
    place()
}

/// What the log says of the lockfile at `path`, line by line, without the path.
#[expect(clippy::unnecessary_debug_formatting, reason = "so it is escaped")]
fn log(path: &Path) -> Vec<String> {
    let (log, path) = (LOG.lock().unwrap(), format!(" path={path:?}"));
    let lines = log.lines().filter_map(|line| line.trim_start().split_once(path.as_str()));
    lines.map(|(before, after)| format!("{before}{after}")).collect()
}

const ACQUIRED: &str = "DEBUG tenure: acquired the lock";
const RELEASED: &str = "DEBUG tenure: released the lock";

#[test]
fn acquiring_and_releasing_are_told() {
    let place = logged();
    let mut lock = Lockfile::acquire(&place.path).unwrap();
    assert_eq!(log(&place.path), [ACQUIRED]);
    lock.unlock().unwrap();
    drop(lock);
    assert_eq!(log(&place.path), [ACQUIRED, RELEASED]);
    drop(Lockfile::acquire(&place.path).unwrap());
    assert_eq!(log(&place.path), [ACQUIRED, RELEASED, ACQUIRED, RELEASED]);
}

#[test]
fn whoever_is_in_the_way_is_named() {
    let place = logged();
    let holder = Peer::holding(&place.path);
    Lockfile::acquire(&place.path).unwrap_err();
    let [line] = &log(&place.path)[..] else { panic!("{:?}", log(&place.path)) };
    let named = format!("DEBUG tenure: the lock is busy holder=pid {} (", holder.pid());
    assert!(line.starts_with(&named), "{line}");
}

#[test]
fn a_wait_is_told_of_before_it_begins() {
    for limit in [None, Some(Duration::from_secs(1_000_000))] {
        let place = logged();
        let mut holder = Peer::holding(&place.path);
        let mut lock = Lockfile::new(&place.path);
        thread::scope(|scope| {
            let (tell, told) = channel();
            let waiting = scope.spawn(move || {
                tell.send(gettid()).unwrap();
                match limit {
                    None => lock.lock().unwrap(),
                    Some(limit) => lock.lock_timeout(limit).unwrap(),
                }
            });
            let thread = told.recv().unwrap();
            let call = if limit.is_none() { libc::SYS_flock } else { libc::SYS_ppoll };
            wait_until(|| sleeps_in(std::process::id(), Some(thread), call));
            let meanwhile = log(&place.path);
            assert_eq!(holder.ask("unlock"), "ok");
            waiting.join().unwrap();
            let [line] = &meanwhile[..] else { panic!("{meanwhile:?}") };
            let named = format!("INFO tenure: waiting for the lock holder=pid {} (", holder.pid());
            assert!(line.starts_with(&named), "{line}");
        });
        assert_eq!(log(&place.path)[1..], [ACQUIRED, RELEASED]);
    }
}

#[test]
fn so_is_its_end_without_the_lock() {
    let place = logged();
    let _holder = Peer::holding(&place.path);
    let result = Lockfile::new(&place.path).lock_timeout(Duration::ZERO);
    assert!(matches!(result, Err(Error::Timeout { .. })));
    let [line] = &log(&place.path)[..] else { panic!("{:?}", log(&place.path)) };
    assert!(line.starts_with("DEBUG tenure: the lock is busy holder=pid "), "{line}");
}

#[test]
fn whom_the_lock_was_recovered_from_is_a_warning_and_says_why() {
    let place = logged();
    let dead = leave_stale(&place.path);
    drop(Lockfile::acquire(&place.path).unwrap());
    let [line, rest @ ..] = &log(&place.path)[..] else { panic!() };
    let named = format!("WARN tenure: recovered the lock holder=pid {dead} (");
    assert!(line.starts_with(&named), "{line}");
    assert!(line.ends_with(" verdict=stale: its process no longer exists"), "{line}");
    assert_eq!(rest, [ACQUIRED, RELEASED]);
}

#[test]
fn a_torn_record_is_recovered_from_nobody() {
    let place = logged();
    fs::write(&place.path, "{\"version\":1,\"pid\":42").unwrap();
    drop(Lockfile::acquire(&place.path).unwrap());
    assert_eq!(log(&place.path)[0], "WARN tenure: recovered the lock, from a torn record");
}

#[test]
fn what_others_do_to_a_watched_lockfile_is_an_error_and_told_once() {
    const LOST: &str = "ERROR tenure: somebody meddled with the lockfile while it was held loss=";
    let place = logged();
    let mut lock = Lockfile::acquire(&place.path).unwrap();
    let (tell, told) = channel();
    for tell in [tell.clone(), tell] {
        lock.on_lost(move |loss| tell.send(loss).unwrap()).unwrap();
    }
    fs::rename(&place.path, place.dir().join("aside")).unwrap();
    told.recv().unwrap();
    told.recv().unwrap();
    assert_eq!(log(&place.path)[1..], [format!("{LOST}removed")]);
    lock.restore().unwrap();
    let restored = "put the lockfile back, which somebody had removed while it was held";
    assert_eq!(log(&place.path)[2..], [format!("WARN tenure: {restored}")]);
    fs::write(&place.path, "1\n").unwrap();
    told.recv().unwrap();
    told.recv().unwrap();
    assert_eq!(log(&place.path)[3..], [format!("{LOST}overwritten")]);
}

#[test]
fn so_is_what_was_not_watched_when_the_lock_is_released() {
    let place = logged();
    let mut lock = Lockfile::acquire(&place.path).unwrap();
    fs::rename(&place.path, place.dir().join("aside")).unwrap();
    lock.unlock().unwrap_err();
    let line = "ERROR tenure: somebody meddled with the lockfile while it was held loss=removed";
    assert_eq!(log(&place.path)[1..], [line]);
}

#[test]
fn nothing_in_a_lockfile_makes_a_line_of_its_own() {
    let place = logged();
    let record = serde_json::json!({
        "pid": 1, "nonce": "0", "program": "a\u{1b}[31m", "host": "b\r", "message": "c\nERROR d\u{202e}",
    });
    fs::write(&place.path, record.to_string()).unwrap();
    Lockfile::acquire(&place.path).unwrap_err();
    let [line] = &log(&place.path)[..] else { panic!("{:?}", log(&place.path)) };
    let escaped = r#"pid 1 (a\u{1b}[31m) on b\r: "c\nERROR d\u{202e}""#;
    assert!(line.ends_with(escaped), "{line}");
    let odd = place.dir().join("odd\nINFO name\u{1b}");
    drop(Lockfile::acquire(&odd).unwrap());
    assert_eq!(log(&odd), [ACQUIRED, RELEASED]);
}
