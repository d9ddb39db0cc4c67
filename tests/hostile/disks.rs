//! File systems that are full, read-only, or mounted over one another.

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::process::parent_id;
use std::path::{Path, PathBuf};
use std::process::Command;

use tenure::{Content, Lockfile, State};

use crate::scene::{Mount, ask, ask_peer, is_root, prints, remove, run, text};
use crate::support::{Peer, Place, leave_stale, place};

/// Mounts small file systems, one after the other, and tries each.
fn on_small_disks(case: &str, test: impl Fn(&Path)) {
    if !is_root(case) {
        return;
    }
    let memory = place();
    let mount = Mount::new(&memory, &["-t", "tmpfs", "-o", "size=64k", "tenure-test"]);
    test(mount.path());
    drop(mount);

    let disk = place();
    let image = disk.dir().join("image");
    File::create(&image).and_then(|file| file.set_len(512 << 10)).expect("there is room");
    run("mkfs.ext4", &["-q", "-m", "0", "-O", "^has_journal", text(&image)]);
    let mount = Mount::new(&disk, &["-o", "loop", text(&image)]);
    test(mount.path());
}

/// What takes up all the space, until it is let go.
struct Filler(Vec<PathBuf>);

impl Filler {
    /// Fills file after file, until a new one takes not a single byte.
    fn fill(dir: &Path) -> Self {
        let mut files = Vec::new();
        loop {
            let path = dir.join(format!("filler-{}", files.len()));
            let Ok(mut file) = File::create(&path) else { return Self(files) };
            files.push(path);
            let mut written = 0;
            while let Ok(n) = file.write(&[b'x'; 1024]) {
                written += n;
            }
            if written == 0 {
                return Self(files);
            }
        }
    }

    fn let_go(self) {
        for path in self.0 {
            File::create(path).expect("it is there");
        }
    }
}

/// The names in `dir` that are no filler.
fn lockfiles(dir: &Path) -> Vec<PathBuf> {
    let names = prints(dir).into_keys().filter(|path| path != dir);
    names.filter(|path| !text(path).contains("filler") && !path.ends_with("lost+found")).collect()
}

#[test]
fn on_a_full_disk_nothing_is_locked_and_nothing_left() {
    on_small_disks("a full disk", |dir| {
        let path = dir.join("test.lock");
        let full = Filler::fill(dir);
        let mut lock = Lockfile::new(&path);
        let results = [lock.try_lock(), lock.lock(), lock.lock_timeout(std::time::Duration::ZERO)];
        for result in results {
            let text = result.expect_err("the disk is full").to_string();
            let whole = format!(
                "cannot write the lockfile {}: free some space; nothing is locked",
                path.display()
            );
            assert_eq!(text, whole);
            assert!(lockfiles(dir).is_empty());
        }
        assert!(!lock.is_held());
        assert_eq!(lock.status().expect("there is none").state(), State::Free);
        full.let_go();
        lock.try_lock().expect("there is space again");
        lock.unlock().expect("it is held");
        assert!(lockfiles(dir).is_empty());
    });
}

#[test]
fn on_a_full_disk_a_stale_lockfile_is_taken_over_in_place() {
    on_small_disks("a stale lockfile on a full disk", |dir| {
        let path = dir.join("test.lock");
        let dead = leave_stale(&path);
        let _full = Filler::fill(dir);
        let mut lock = Lockfile::new(&path).keep_file(true);
        lock.try_lock().expect("it has the space of the old record");
        assert_eq!(lock.recovered_from().map(tenure::Holder::pid), Some(dead));
        lock.unlock().expect("it is held");
        assert_eq!(lock.status().expect("it is kept").state(), State::Free);
    });
}

/// Each backend, and each operation that writes while the lock is held, as far as it needs new space.
#[test]
fn on_a_full_disk_the_lock_that_is_held_is_said_to_be() {
    type On = fn(Lockfile) -> Lockfile;
    on_small_disks("a held lock on a full disk", |dir| {
        let path = dir.join("test.lock");
        let backends: [(&str, On); 3] = [
            ("flock", |lock| lock),
            ("hardlink", |lock| lock.backend(tenure::Hardlink)),
            ("semaphore", |lock| lock.backend(tenure::Semaphore)),
        ];
        for (name, on) in backends {
            let mut lock = on(Lockfile::new(&path));
            lock.try_lock().expect("it is free");
            let full = Filler::fill(dir);
            let told = |result: tenure::Result<()>| {
                let text = result.expect_err("the disk is full").to_string();
                assert!(
                    text.ends_with("free some space; the lock is still held"),
                    "{name}: {text}"
                );
                assert!(text.contains("rewrite the lockfile"), "{name}: {text}");
            };
            told(lock.set_message("m".repeat(tenure::MESSAGE_LIMIT)));
            lock.verify().expect("it is held still");
            // What puts it back has to have room for another.
            remove(&path);
            told(lock.restore());
            full.let_go();
            lock.restore().expect("there is space again");
            lock.unlock().expect("it is held");
        }
        assert!(lockfiles(dir).is_empty());
    });
}

#[test]
fn on_a_full_disk_the_message_stays_what_it_was() {
    on_small_disks("a message on a full disk", |dir| {
        let path = dir.join("test.lock");
        let mut lock = Lockfile::new(&path).message("phase 1");
        lock.try_lock().expect("it is free");
        let full = Filler::fill(dir);
        let long = "m".repeat(tenure::MESSAGE_LIMIT);
        let text = lock.set_message(&*long).expect_err("the disk is full").to_string();
        let whole = format!(
            "cannot rewrite the lockfile {}: free some space; the lock is still held",
            path.display()
        );
        assert_eq!(text, whole);
        let record = lock.record().expect("it is held still").clone();
        assert_eq!(record.message.as_deref(), Some("phase 1"));
        let bytes = fs::read(&path).expect("it is held still");
        assert_eq!(Content::parse(&bytes), Content::Record(Box::new(record)));
        lock.verify().expect("it is held still");
        full.let_go();
        lock.set_message(&*long).expect("there is space again");
        let bytes = fs::read(&path).expect("it is held still");
        match Content::parse(&bytes) {
            Content::Record(record) => assert_eq!(record.message, Some(long)),
            other => panic!("{other:?}"),
        }
        lock.unlock().expect("it is held");
        assert!(lockfiles(dir).is_empty());
    });
}

#[test]
fn a_read_only_mount_is_refused_and_still_tells_of_the_holder() {
    if !is_root("a read-only mount") {
        return;
    }
    let (place, beside) = (place(), place());
    let mount = Mount::new(&beside, &["--bind", text(place.dir())]);
    run("mount", &["-o", "remount,bind,ro", text(mount.path())]);
    let path = mount.path().join("test.lock");

    let remedy = "choose a path on a writable file system";
    ask(&path).create_says("Io", &path, &["cannot create the lockfile", remedy]);

    let held = Peer::holding(&place.path);
    ask(&path).are_busy(&path, held.pid());
    drop(held);

    let dead = leave_stale(&place.path);
    ask(&path).are_dead(&path, dead, "it may not write to the file");

    fs::write(&place.path, parent_id().to_string()).unwrap();
    ask(&path).are_busy(&path, parent_id());

    fs::write(&place.path, "precious").unwrap();
    let answers = ask(&path);
    answers.lock_says("Io", &path, &["cannot open the lockfile", remedy]);
    answers.look_says("InvalidPid", &path, &["it does not begin with a process id"]);
}

/// A peer to whom the path is another file, mounted there.
fn mounted_over(place: &Place, file: &Path) -> Peer {
    File::create(file).expect("its directory is ours");
    File::create(&place.path).expect("its directory is ours");
    let mut mount = Command::new("unshare");
    mount.args(["--mount", "sh", "-c", "mount --bind \"$0\" \"$1\" && shift && exec \"$@\""]);
    mount.args([file, &place.path]);
    Peer::through(mount, &place.path, "")
}

#[test]
fn a_mounted_lockfile_is_marked_as_released() {
    if !is_root("a mounted lockfile") {
        return;
    }
    let place = place();
    let file = place.dir().join("under");
    let mut peer = mounted_over(&place, &file);
    for _ in 0..2 {
        assert_eq!(peer.ask("try_lock"), "ok");
        assert_eq!(peer.ask("recovered"), "no");
        let err = Lockfile::acquire(&file).unwrap_err();
        assert_eq!(err.holder().unwrap().pid(), peer.pid());
        assert_eq!(peer.ask("unlock"), "ok");
        assert_eq!(Lockfile::new(&file).status().unwrap().state(), State::Free);
    }
}

#[test]
fn a_mounted_lockfile_that_was_removed_is_none() {
    if !is_root("a mounted lockfile that was removed") {
        return;
    }
    let place = place();
    let file = place.dir().join("under");
    let mut peer = mounted_over(&place, &file);
    remove(&file);
    let answers = ask_peer(&place.path, &mut peer);
    let kind = "is a file that was removed, and is still mounted here";
    let parts = [kind, "choose another path"];
    answers.lock_says("NotALockfile", &place.path, &parts);
    answers.look_says("NotALockfile", &place.path, &parts);
}

#[test]
fn a_mounted_lockfile_that_is_removed_while_held_is_a_rogue_deletion() {
    if !is_root("a mounted lockfile that is removed while held") {
        return;
    }
    let place = place();
    let file = place.dir().join("under");
    let mut peer = mounted_over(&place, &file);
    assert_eq!(peer.ask("try_lock"), "ok");
    remove(&file);
    for command in ["verify", "unlock"] {
        let answer = peer.ask(command);
        assert!(answer.starts_with("RogueDeletion: "), "{command}: {answer}");
    }
    assert!(peer.ask("verify").starts_with("NotHeld: "));
}
