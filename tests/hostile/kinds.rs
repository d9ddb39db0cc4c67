//! What is at the path is no regular file.

use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use nix::libc;
use nix::sys::stat::Mode;
use nix::unistd::mkfifo;
use tenure::{Error, Lockfile};

use crate::scene::{ask, is_root, is_special, prints, remove, run, text};
use crate::support::{place, wait_until};

const REMEDY: &str = "it was not touched: choose another path";

pub(crate) fn make_fifo(path: &Path) {
    mkfifo(path, Mode::S_IRWXU).expect("it is not there yet");
}

fn make_null_device(path: &Path) {
    run("mknod", &["-m", "666", text(path), "c", "1", "3"]);
}

#[test]
fn a_fifo_is_refused() {
    let place = place();
    make_fifo(&place.path);
    ask(&place.path).are_all("NotALockfile", &place.path, &["is a FIFO", REMEDY]);
}

/// A shell that opens the FIFO, and has not got any further.
pub(crate) struct Opener(Child);

impl Opener {
    pub(crate) fn start(fifo: &Path, redirection: &str) -> Self {
        let script = format!("exec {redirection} \"$0\"");
        let mut shell = Command::new("sh");
        shell.args(["-c", &script, text(fifo)]).stdin(Stdio::null());
        let opener = Self(shell.spawn().expect("there is a shell"));
        wait_until(|| opener.waits());
        opener
    }

    /// Whether it sleeps in the opening. The kernel says `running` as soon as it has been woken.
    pub(crate) fn waits(&self) -> bool {
        let proc = |file| fs::read_to_string(format!("/proc/{}/{file}", self.0.id()));
        let stat = proc("stat").expect("it is not reaped yet");
        let syscall = proc("syscall").unwrap_or_default();
        stat.contains(") S ") && syscall.starts_with(&format!("{} ", libc::SYS_openat))
    }
}

impl Drop for Opener {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn whoever_waits_at_the_other_end_of_a_fifo_is_not_woken() {
    let place = place();
    make_fifo(&place.path);
    for redirection in ["<", ">"] {
        let opener = Opener::start(&place.path, redirection);
        ask(&place.path).are_all("NotALockfile", &place.path, &["is a FIFO"]);
        assert!(opener.waits(), "{redirection}");
    }
}

/// To open a FIFO wakes the process that waits at its other end, even if the FIFO is then refused.
#[test]
fn a_fifo_in_the_place_of_a_lockfile_is_not_opened() {
    let place = place();
    let mut lock = Lockfile::new(&place.path).keep_file(true);
    lock.try_lock().unwrap();
    lock.unlock().unwrap();
    for redirection in ["<", ">"] {
        remove(&place.path);
        make_fifo(&place.path);
        let opener = Opener::start(&place.path, redirection);
        for result in [lock.try_lock(), lock.lock_timeout(Duration::ZERO), lock.lock()] {
            assert!(matches!(result, Err(Error::NotALockfile { .. })), "{result:?}");
            assert!(opener.waits(), "{redirection}");
        }
        assert!(matches!(lock.release_stale(), Err(Error::NotALockfile { .. })));
        assert!(lock.status().is_err() && opener.waits(), "{redirection}");
    }
}

#[test]
fn a_directory_is_refused() {
    let place = place();
    fs::create_dir(&place.path).unwrap();
    fs::write(place.path.join("inside"), "4242").unwrap();
    ask(&place.path).are_all("NotALockfile", &place.path, &["is a directory", REMEDY]);
    assert_eq!(fs::read(place.path.join("inside")).unwrap(), b"4242");
}

#[test]
fn a_device_is_refused() {
    if !is_root("a device") {
        return;
    }
    let place = place();
    make_null_device(&place.path);
    ask(&place.path).are_all("NotALockfile", &place.path, &["is a device", REMEDY]);
}

#[test]
fn a_socket_is_refused_and_goes_on_listening() {
    let place = place();
    let listener = UnixListener::bind(&place.path).unwrap();
    listener.set_nonblocking(true).unwrap();
    ask(&place.path).are_all("NotALockfile", &place.path, &["is a socket", REMEDY]);
    assert!(listener.accept().is_err(), "nobody has connected");
}

#[test]
fn a_symbolic_link_is_refused_and_its_target_is_not_touched() {
    let place = place();
    let beside = |name: &str| place.dir().join(name);
    fs::write(beside("data"), "precious").unwrap();
    fs::write(beside("empty"), "").unwrap();
    fs::create_dir(beside("directory")).unwrap();
    make_fifo(&beside("fifo"));
    let targets = [
        beside("data"),
        "data".into(),
        beside("empty"),
        "directory".into(),
        "fifo".into(),
        beside("nothing"),
        "nothing".into(),
        "test.lock".into(),
        place.path.clone(),
        "/".into(),
    ];
    for target in targets {
        symlink(&target, &place.path).unwrap();
        let answers = ask(&place.path);
        answers.are_all("NotALockfile", &place.path, &["is a symbolic link", REMEDY]);
        assert!(!beside("nothing").exists(), "{target:?}");
        remove(&place.path);
    }
}

/// A value that has met a lockfile looks again before it opens what is there.
#[test]
fn what_has_taken_the_place_of_a_lockfile_is_refused_all_the_same() {
    type Make = fn(&Path);
    let mut kinds: Vec<(&str, Make)> = vec![
        ("a FIFO", make_fifo),
        ("a directory", |path| fs::create_dir(path).expect("it is not there yet")),
        ("a socket", |path| drop(UnixListener::bind(path).expect("it is not there yet"))),
        ("a symbolic link", |path| symlink("data", path).expect("it is not there yet")),
        ("a symbolic link", |path| symlink("nothing", path).expect("it is not there yet")),
        ("a symbolic link", |path| symlink("test.lock", path).expect("it is not there yet")),
    ];
    if is_root("a device in the place of a lockfile") {
        kinds.push(("a device", make_null_device));
    }
    for (kind, make) in kinds {
        let place = place();
        fs::write(place.dir().join("data"), "").unwrap();
        let mut lock = Lockfile::new(&place.path).keep_file(true);
        lock.try_lock().unwrap();
        lock.unlock().unwrap();
        remove(&place.path);
        make(&place.path);
        let before = prints(place.dir());
        for result in [lock.try_lock(), lock.lock_timeout(Duration::from_millis(5)), lock.lock()] {
            match result {
                Err(Error::NotALockfile { kind: told, .. }) => assert_eq!(told, kind),
                other => panic!("{kind}: {other:?}"),
            }
            assert_eq!(prints(place.dir()), before, "{kind}");
        }
        assert!(!lock.is_held() && is_special(&place.path));
    }
}
