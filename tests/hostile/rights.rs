//! What this process may not read, write or remove.

use std::fs::{self, File};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::chown;
use std::os::unix::process::parent_id;
use std::path::{Path, PathBuf};

use nix::fcntl::{Flock, FlockArg};
use tenure::{Content, Lockfile, State};

use crate::scene::{
    ask, ask_peer, is_root, nobody, not_run, place_of_mode, run, set_mode, succeeds, text,
};
use crate::support::{Peer, leave_stale};

const WRITABLE: &str = "it has to be writable for this user";
const OBSTACLE: &str = "it may not write to the file; give it the right to, or remove the file";

#[test]
fn a_directory_that_is_not_writable_is_refused() {
    if !is_root("a directory that is not writable") {
        return;
    }
    let place = place_of_mode(0o755);
    let remedy = "its directory has to be writable for this user";
    let answers = ask_peer(&place.path, &mut nobody(&place.path));
    answers.create_says("Io", &place.path, &["cannot create the lockfile", remedy]);
}

#[test]
fn a_directory_that_may_not_be_entered_is_refused() {
    if !is_root("a directory that may not be entered") {
        return;
    }
    let place = place_of_mode(0o700);
    let _lock = Lockfile::acquire(&place.path).unwrap();
    let answers = ask_peer(&place.path, &mut nobody(&place.path));
    answers.are_all("Io", &place.path, &["cannot "]);
}

#[test]
fn a_file_that_is_not_readable_is_refused() {
    if !is_root("a file that is not readable") {
        return;
    }
    let place = place_of_mode(0o777);
    fs::write(&place.path, "4242\n").unwrap();
    set_mode(&place.path, 0o000);
    let answers = ask_peer(&place.path, &mut nobody(&place.path));
    answers.lock_says("Io", &place.path, &["cannot open the lockfile", WRITABLE]);
    let remedy = "it has to be readable for this user";
    answers.look_says("Io", &place.path, &["cannot read the lockfile", remedy]);
}

#[test]
fn a_file_that_may_only_be_read_still_tells_of_its_holder() {
    if !is_root("a file that may only be read") {
        return;
    }
    let place = place_of_mode(0o777);
    let mut peer = nobody(&place.path);

    let held = Peer::holding(&place.path);
    ask_peer(&place.path, &mut peer).are_busy(&place.path, held.pid());
    drop(held);

    let dead = leave_stale(&place.path);
    ask_peer(&place.path, &mut peer).are_dead(&place.path, dead, OBSTACLE);

    fs::write(&place.path, format!("{}\n", parent_id())).unwrap();
    ask_peer(&place.path, &mut peer).are_busy(&place.path, parent_id());

    fs::write(&place.path, "precious").unwrap();
    let answers = ask_peer(&place.path, &mut peer);
    answers.lock_says("Io", &place.path, &["cannot open the lockfile", WRITABLE]);
    answers.look_says("InvalidPid", &place.path, &["it does not begin with a process id"]);

    fs::write(&place.path, "").unwrap();
    let answers = ask_peer(&place.path, &mut peer);
    answers.lock_says("Io", &place.path, &["cannot open the lockfile", WRITABLE]);
    answers.look_shows("empty");
}

#[test]
fn a_file_that_may_only_be_read_is_busy_before_its_holder_has_written() {
    if !is_root("an empty file that may only be read") {
        return;
    }
    let place = place_of_mode(0o777);
    let file = File::create(&place.path).unwrap();
    let _lock = Flock::lock(file, FlockArg::LockExclusive).map_err(|(_, err)| err).unwrap();
    let mut peer = nobody(&place.path);
    for (command, variant) in [("try_lock", "Busy: "), ("lock_timeout 5", "Timeout: ")] {
        let answer = peer.ask(command);
        assert!(answer.starts_with(variant), "{answer}");
        assert!(answer.contains("has written no record, at least not yet: try again"), "{answer}");
    }
    assert!(peer.ask("release_stale").starts_with("Busy: "));
    assert_eq!(peer.ask("status"), "held");
}

/// Locks and releases as the peer; the lockfile stays, marked as released.
fn lock_and_leave(peer: &mut Peer, path: &Path, recovered: &str) {
    assert_eq!(peer.ask("try_lock"), "ok");
    assert_eq!(peer.ask("recovered"), recovered);
    assert!(Lockfile::acquire(path).is_err_and(|err| err.is_busy()));
    assert_eq!(peer.ask("unlock"), "ok");
    assert_eq!(peer.ask("status"), "free");
    match Content::parse(&fs::read(path).expect("it stays")) {
        Content::Record(record) => assert!(record.released_at.is_some(), "{record:?}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_file_that_may_not_be_removed_is_marked_as_released() {
    if !is_root("a file that may not be removed") {
        return;
    }
    let place = place_of_mode(0o755);
    File::create(&place.path).unwrap();
    set_mode(&place.path, 0o666);
    let mut peer = nobody(&place.path);
    lock_and_leave(&mut peer, &place.path, "no");
    lock_and_leave(&mut peer, &place.path, "no");

    // Dropping does what unlocking does.
    assert_eq!(peer.ask("try_lock"), "ok");
    assert_eq!(peer.ask("drop"), "ok");
    assert_eq!(Lockfile::new(&place.path).status().unwrap().state(), State::Free);
    assert_eq!(place.names(), ["test.lock"]);
}

#[test]
fn a_stale_file_that_may_not_be_removed_is_not_released_as_stale() {
    if !is_root("a stale file that may not be removed") {
        return;
    }
    let place = place_of_mode(0o755);
    let dead = leave_stale(&place.path);
    set_mode(&place.path, 0o666);
    let mut peer = nobody(&place.path);
    let answer = peer.ask("release_stale");
    assert!(answer.starts_with("Io: cannot remove the lockfile "), "{answer}");
    lock_and_leave(&mut peer, &place.path, &dead.to_string());
}

/// `fs.protected_regular`, as strict as it gets until this is dropped. Locked meanwhile, because
/// it is one for the whole machine, and other runs of this test set it back.
struct Protected {
    setting: Flock<File>,
    earlier: String,
}

impl Protected {
    fn set(case: &str) -> Option<Self> {
        let mut file = File::options();
        let Ok(file) = file.read(true).write(true).open("/proc/sys/fs/protected_regular") else {
            not_run(case, "fs.protected_regular cannot be set here");
            return None;
        };
        let lock = Flock::lock(file, FlockArg::LockExclusive).map_err(|(_, err)| err);
        let mut setting = lock.expect("whoever has it ends soon");
        let mut earlier = String::new();
        setting.read_to_string(&mut earlier).expect("it is a number");
        let mut protected = Self { setting, earlier };
        protected.write("2");
        Some(protected)
    }

    fn write(&mut self, value: &str) {
        self.setting.rewind().expect("it is a file");
        self.setting.write_all(value.as_bytes()).expect("we are root");
    }
}

impl Drop for Protected {
    fn drop(&mut self) {
        let earlier = std::mem::take(&mut self.earlier);
        self.write(earlier.trim());
    }
}

#[test]
fn another_user_s_file_in_a_sticky_directory_is_locked_and_stays() {
    let case = "another user's file in a sticky directory";
    if !is_root(case) {
        return;
    }
    let Some(_protected) = Protected::set(case) else { return };
    let place = place_of_mode(0o1777);
    let mut peer = nobody(&place.path);

    let dead = leave_stale(&place.path);
    set_mode(&place.path, 0o666);
    lock_and_leave(&mut peer, &place.path, &dead.to_string());
    let _lock = Lockfile::acquire(&place.path).unwrap();
    ask_peer(&place.path, &mut peer).are_busy(&place.path, std::process::id());
}

#[test]
fn root_takes_over_another_user_s_file_in_a_sticky_directory() {
    let case = "root in another user's sticky directory";
    if !is_root(case) {
        return;
    }
    let Some(_protected) = Protected::set(case) else { return };
    let place = place_of_mode(0o1777);
    // Neither the directory nor the file is root's: then the kernel protects from root as well.
    chown(place.dir(), Some(1), Some(1)).unwrap();

    let mut peer = nobody(&place.path);
    assert_eq!(peer.ask("try_lock"), "ok");
    ask(&place.path).are_busy(&place.path, peer.pid());
    let dead = peer.crash();
    let mut lock = Lockfile::acquire(&place.path).unwrap();
    assert_eq!(lock.recovered_from().unwrap().pid(), dead);
    lock.unlock().unwrap();
    assert!(place.names().is_empty());
}

/// What chattr(1) forbids even root, until this is dropped.
struct Attribute(&'static str, PathBuf);

impl Attribute {
    fn set(attribute: &'static str, path: &Path) -> Option<Self> {
        if succeeds("chattr", &[&format!("+{attribute}"), text(path)]) {
            return Some(Self(attribute, path.to_owned()));
        }
        not_run("a file with an attribute", "its file system has no attributes");
        None
    }
}

impl Drop for Attribute {
    fn drop(&mut self) {
        run("chattr", &[&format!("-{}", self.0), text(&self.1)]);
    }
}

#[test]
fn an_immutable_file_is_refused_and_still_tells_of_its_holder() {
    if !is_root("an immutable file") {
        return;
    }
    for attribute in ["i", "a"] {
        let place = place_of_mode(0o755);
        let dead = leave_stale(&place.path);
        let Some(set) = Attribute::set(attribute, &place.path) else { return };
        ask(&place.path).are_dead(&place.path, dead, OBSTACLE);
        drop(set);

        fs::write(&place.path, parent_id().to_string()).unwrap();
        let set = Attribute::set(attribute, &place.path);
        ask(&place.path).are_busy(&place.path, parent_id());
        drop(set);

        fs::write(&place.path, "precious").unwrap();
        let _set = Attribute::set(attribute, &place.path);
        let answers = ask(&place.path);
        answers.lock_says("Io", &place.path, &["cannot open the lockfile", WRITABLE]);
        answers.look_says("InvalidPid", &place.path, &[]);
    }
}

#[test]
fn a_file_in_an_immutable_directory_is_marked_as_released() {
    if !is_root("an immutable directory") {
        return;
    }
    let place = place_of_mode(0o755);
    File::create(&place.path).unwrap();
    let Some(_set) = Attribute::set("i", place.dir()) else { return };
    lock_and_leave(&mut Peer::start(&place.path), &place.path, "no");

    let absent = place.dir().join("absent.lock");
    let remedy = "its directory has to be writable for this user";
    ask(&absent).create_says("Io", &absent, &["cannot create the lockfile", remedy]);
}
