//! `PosixSemaphore`, and programs that know the semaphore alone.

use std::ffi::{CString, OsStr};
use std::fs::{self, OpenOptions, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use nix::libc::{self, SYS_ppoll, sem_t};
use tenure::{
    Admission, Backend, Error, Flock, Lockfile, PosixSemaphore, Scope, State, Verdict, Why,
};

use crate::support::elsewhere::{elsewhere, run};
use crate::support::{NO_PROCESS, Peer, Place, place};

/// A program that has nothing but the semaphore. Removes it in the end.
pub(crate) struct Other {
    name: CString,
    semaphore: *mut sem_t,
}

#[expect(unsafe_code, reason = "nix has no semaphores")]
impl Other {
    fn start(name: &str) -> Self {
        let name = CString::new(name).unwrap();
        let (mode, once): (libc::c_uint, libc::c_uint) = (0o600, 1);
        // SAFETY: the name ends with a NUL, and the rest is what O_CREAT asks for.
        let semaphore = unsafe { libc::sem_open(name.as_ptr(), libc::O_CREAT, mode, once) };
        assert_ne!(semaphore, libc::SEM_FAILED);
        Self { name, semaphore }
    }

    pub(crate) fn take(&self) -> bool {
        // SAFETY: it is open.
        unsafe { libc::sem_trywait(self.semaphore) == 0 }
    }

    fn give_back(&self) {
        // SAFETY: it is open.
        assert_eq!(unsafe { libc::sem_post(self.semaphore) }, 0);
    }
}

#[expect(unsafe_code, reason = "nix has no semaphores")]
impl Other {
    /// Removes the name.
    fn remove(&self) {
        // SAFETY: the name ends with a NUL.
        unsafe { libc::sem_unlink(self.name.as_ptr()) };
    }
}

#[expect(unsafe_code, reason = "nix has no semaphores")]
impl Drop for Other {
    fn drop(&mut self) {
        // SAFETY: it is open, and not used any more.
        unsafe { libc::sem_close(self.semaphore) };
        self.remove();
    }
}

pub(crate) struct Scene {
    place: Place,
    pub(crate) name: String,
    pub(crate) other: Other,
}

/// A lockfile and a semaphore of its own.
pub(crate) fn scene() -> Scene {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let name = format!("/tenure-test-{}-{count}", std::process::id());
    Scene { place: place(), other: Other::start(&name), name }
}

impl Scene {
    pub(crate) fn path(&self) -> &Path {
        &self.place.path
    }

    pub(crate) fn lockfile(&self) -> Lockfile {
        Lockfile::new(self.path()).backend(PosixSemaphore::new(&*self.name).unwrap())
    }

    pub(crate) fn options(&self) -> String {
        format!("posix-semaphore={}", self.name)
    }

    fn peer(&self) -> Peer {
        Peer::with(self.path(), &self.options())
    }

    pub(crate) fn holder(&self) -> Peer {
        let mut peer = self.peer();
        assert_eq!(peer.ask("try_lock"), "ok");
        peer
    }

    /// Removes the semaphore, and makes another of the same name.
    fn remake(&mut self) {
        self.other.remove();
        let old = std::mem::replace(&mut self.other, Other::start(&self.name));
        // It would remove the name again.
        std::mem::forget(old);
    }

    /// Somebody has the semaphore, for all that a contender can tell.
    fn assert_busy(&self) {
        assert!(self.lockfile().try_lock().unwrap_err().is_busy());
        assert_eq!(self.lockfile().status().unwrap().state(), State::Held);
    }
}

#[test]
fn another_program_and_a_holder_exclude_each_other() {
    let scene = scene();
    let mut lock = scene.lockfile();
    assert!(scene.other.take());
    match lock.try_lock() {
        Err(Error::Busy { holder: None, .. }) => {}
        other => panic!("{other:?}"),
    }
    scene.assert_busy();
    scene.other.give_back();
    lock.try_lock().unwrap();
    assert!(!scene.other.take());
    lock.unlock().unwrap();
    assert!(scene.other.take());
    scene.assert_busy();
}

#[test]
fn holders_exclude_each_other_and_are_named() {
    let scene = scene();
    let mut holder = scene.holder();
    let busy = scene.lockfile().try_lock().unwrap_err();
    assert_eq!(busy.holder().unwrap().pid(), holder.pid());
    // Not by the semaphore alone.
    scene.other.give_back();
    assert!(scene.lockfile().try_lock().unwrap_err().is_busy());
    assert_eq!(holder.ask("unlock"), "ok");
    scene.lockfile().try_lock().unwrap();
}

#[test]
fn a_killed_holders_semaphore_is_inherited() {
    let scene = scene();
    for options in [scene.options(), scene.options() + " keep"] {
        let mut holder = Peer::with(scene.path(), &options);
        assert_eq!(holder.ask("try_lock"), "ok");
        let dead = holder.crash();
        assert!(!scene.other.take(), "it is left taken");
        assert_eq!(scene.lockfile().status().unwrap().state(), State::Stale);
        let mut lock = scene.lockfile();
        lock.try_lock().unwrap();
        let left_by = lock.recovered_from().unwrap();
        assert_eq!((left_by.pid(), left_by.verdict()), (dead, Verdict::Stale(Why::Dead)));
        assert!(!scene.other.take());
        lock.unlock().unwrap();
        assert!(scene.other.take());
        assert!(!scene.other.take(), "it was given back once");
        scene.other.give_back();
    }
}

/// The lockfile is another file then, and the semaphore is taken for that one.
#[test]
fn the_semaphore_of_a_killed_holder_that_has_put_its_lockfile_back_is_inherited() {
    let scene = scene();
    let mut holder = scene.holder();
    #[expect(clippy::disallowed_methods, reason = "as somebody does who should not")]
    fs::remove_file(scene.path()).unwrap();
    assert_eq!(holder.ask("restore"), "ok");
    let dead = holder.crash();
    let mut lock = scene.lockfile();
    lock.try_lock().unwrap();
    assert_eq!(lock.recovered_from().unwrap().pid(), dead);
    lock.unlock().unwrap();
    assert!(scene.other.take());
}

#[test]
fn what_is_left_stale_is_removed_and_the_semaphore_given_back() {
    let scene = scene();
    scene.holder().crash();
    assert!(scene.lockfile().release_stale().unwrap());
    assert!(scene.place.names().is_empty());
    assert!(scene.other.take());
}

/// A file that is mounted over cannot be removed, and goes on to name the dead holder. Another program
/// that takes the semaphore meanwhile does not have to share it with an heir.
#[test]
fn nothing_is_inherited_after_the_semaphore_was_given_back() {
    elsewhere("unshare -m", &[], || {
        let scene = scene();
        scene.holder().crash();
        run("mount", [OsStr::new("--bind"), scene.path().as_os_str(), scene.path().as_os_str()]);
        let err = scene.lockfile().release_stale().unwrap_err();
        assert!(matches!(err, Error::Io { .. }), "{err:?}");
        assert!(scene.other.take());
        scene.assert_busy();
        scene.other.give_back();
        let mut lock = scene.lockfile();
        lock.try_lock().unwrap();
        lock.unlock().unwrap();
        assert!(scene.other.take());
        scene.assert_busy();
        run("umount", [scene.path()]);
    });
}

#[test]
fn a_program_that_the_holder_executes_inherits() {
    let scene = scene();
    let mut holder = scene.holder();
    assert_eq!(holder.ask("exec"), "ready");
    assert_eq!(holder.ask("try_lock"), "ok");
    assert_eq!(holder.ask("why"), "Stale(OwnLeftover)");
    assert!(!scene.other.take());
    assert_eq!(holder.ask("unlock"), "ok");
    assert!(scene.other.take());
}

#[test]
fn nothing_is_inherited_without_the_record_of_a_dead_holder_of_this_semaphore() {
    let scene = scene();
    scene.holder().crash();
    let record = fs::read_to_string(scene.path()).unwrap();
    let edits = [
        // What a death before the record leaves, or another program.
        String::new(),
        "\0".repeat(1024),
        record[..record.len() / 4].to_owned(),
        edited(&record, "backend", "\"posix-semaphore:/other\""),
        edited(&record, "backend", "null"),
        edited(&record, "boot_id", "\"00000000-0000-0000-0000-000000000000\""),
        edited(&record, "boot_id", "null"),
        edited(&record, "pid_namespace", "1"),
        edited(&record, "pid_namespace", "null"),
        format!("{NO_PROCESS}\n"),
    ];
    for edit in edits {
        fs::write(scene.path(), &edit).unwrap();
        assert!(scene.lockfile().try_lock().unwrap_err().is_busy(), "{edit}");
        assert_eq!(scene.lockfile().status().unwrap().state(), State::Held, "{edit}");
        assert_eq!(fs::read_to_string(scene.path()).unwrap(), edit);
    }
    fs::write(scene.path(), record).unwrap();
    scene.lockfile().try_lock().unwrap();
}

/// The record with another value of a field.
fn edited(record: &str, field: &str, value: &str) -> String {
    let mut json: serde_json::Value = serde_json::from_str(record).unwrap();
    json[field] = serde_json::from_str(value).unwrap();
    json.to_string()
}

/// A holder that is killed in its release has said that it is over, and not given the semaphore back.
#[test]
fn a_semaphore_is_inherited_from_a_dead_holder_that_was_about_to_give_it_back() {
    let scene = scene();
    scene.holder().crash();
    let record = fs::read_to_string(scene.path()).unwrap();
    let released = edited(&record, "released_at", "\"2026-11-21T05:49:00.123Z\"");
    fs::write(scene.path(), &released).unwrap();
    assert!(!scene.lockfile().release_stale().unwrap(), "the file says that it is released");
    assert!(scene.other.take());
    scene.assert_busy();
    scene.other.give_back();
    scene.lockfile().try_lock().unwrap();
}

/// By way of a record that stays for ever, a semaphore could be inherited that another lockfile's holder
/// has taken, if both lockfiles happen to have one stamp.
#[test]
fn nothing_is_inherited_by_way_of_a_kept_file_once_the_semaphore_was_given_back() {
    let scene = scene();
    scene.lockfile().keep_file(true).with(|| ()).unwrap();
    let file = OpenOptions::new().read(true).write(true).open(scene.path()).unwrap();
    let other = PosixSemaphore::new(&*scene.name).unwrap();
    assert_eq!(other.try_lock(&file, scene.path()).unwrap(), Admission::Locked);
    assert!(other.lasting().unwrap().take(&file, scene.path()).unwrap());
    Flock.release(&file, scene.path()).unwrap();
    scene.assert_busy();
}

/// The record of a dead holder is there, but it is another program that has taken the semaphore.
#[test]
fn nothing_is_inherited_without_the_stamp_of_the_lockfile() {
    let mut scene = scene();
    let dead = scene.holder().crash();
    scene.remake();
    assert!(scene.other.take());
    scene.assert_busy();
    scene.other.give_back();
    let mut lock = scene.lockfile();
    lock.try_lock().unwrap();
    assert_eq!(lock.recovered_from().unwrap().pid(), dead);
}

#[test]
fn a_busy_semaphore_is_named_with_its_file() {
    let scene = scene();
    assert!(scene.other.take());
    let prefix = if cfg!(target_env = "gnu") { "sem." } else { "" };
    let file = format!("/dev/shm/{prefix}{}", &scene.name[1..]);
    let told = |err: Error| {
        assert!(err.is_busy());
        assert!(err.to_string().contains(&format!("`fuser {file}`")), "{err}");
    };
    told(scene.lockfile().try_lock().unwrap_err());
    told(scene.lockfile().lock_timeout(Duration::ZERO).unwrap_err());
    told(scene.lockfile().release_stale().unwrap_err());
    scene.other.give_back();
    let _holder = scene.holder();
    let err = scene.lockfile().try_lock().unwrap_err().to_string();
    assert!(!err.contains(&file), "a holder is named, and not the semaphore: {err}");
}

#[test]
fn a_record_without_json_is_not_inherited_from() {
    let scene = scene();
    let mut holder = Peer::with(scene.path(), &(scene.options() + " pid"));
    assert_eq!(holder.ask("try_lock"), "ok");
    holder.crash();
    scene.assert_busy();
}

/// Its holder has released it since, and another program has the semaphore.
#[test]
fn nothing_is_inherited_from_a_file_that_was_removed() {
    let scene = scene();
    scene.holder().crash();
    let file = OpenOptions::new().read(true).write(true).open(scene.path()).unwrap();
    #[expect(clippy::disallowed_methods, reason = "as its holder would")]
    fs::remove_file(scene.path()).unwrap();
    let backend = PosixSemaphore::new(&*scene.name).unwrap();
    assert_eq!(backend.try_lock(&file, scene.path()).unwrap(), Admission::Refused);
    fs::write(scene.path(), "").unwrap();
    assert_eq!(backend.try_lock(&file, scene.path()).unwrap(), Admission::Refused);
}

#[test]
fn a_release_gives_back_once() {
    let scene = scene();
    let file =
        OpenOptions::new().create(true).truncate(false).read(true).write(true).open(scene.path());
    let (file, backend) = (file.unwrap(), PosixSemaphore::new(&*scene.name).unwrap());
    assert_eq!(backend.try_lock(&file, scene.path()).unwrap(), Admission::Locked);
    assert!(scene.other.take(), "the record comes first");
    assert!(!backend.lasting().unwrap().take(&file, scene.path()).unwrap());
    backend.release(&file, scene.path()).unwrap();
    assert!(!scene.other.take(), "what was not taken is not given back");
    scene.other.give_back();
    assert_eq!(backend.try_lock(&file, scene.path()).unwrap(), Admission::Locked);
    assert!(backend.lasting().unwrap().take(&file, scene.path()).unwrap());
    assert!(!scene.other.take());
    for _ in 0..2 {
        backend.release(&file, scene.path()).unwrap();
    }
    assert!(scene.other.take());
    assert!(!scene.other.take());
}

#[test]
fn whoever_is_refused_has_no_flock_either() {
    let scene = scene();
    assert!(scene.other.take());
    let open = || {
        OpenOptions::new().create(true).truncate(false).read(true).write(true).open(scene.path())
    };
    let (one, other) = (open().unwrap(), open().unwrap());
    let backend = PosixSemaphore::new(&*scene.name).unwrap();
    assert_eq!(backend.try_lock(&one, scene.path()).unwrap(), Admission::Refused);
    assert_eq!(Flock.try_lock(&other, scene.path()).unwrap(), Admission::Locked);
}

#[test]
fn a_holder_of_another_pid_namespace_that_died_is_not_inherited_from() {
    elsewhere("unshare -m", &[], || {
        let scene = scene();
        let mut unshare = Command::new("unshare");
        unshare.args(["-pf", "--mount-proc", "--kill-child"]);
        let mut contained = Peer::through(unshare, scene.path(), &scene.options());
        assert_eq!(contained.ask("try_lock"), "ok");
        contained.crash();
        // Its `/dev/shm` may have been another.
        let mut lock = scene.lockfile();
        assert!(lock.try_lock().unwrap_err().is_busy());
        scene.other.give_back();
        lock.lock().unwrap();
        assert_eq!(lock.recovered_from().unwrap().verdict(), Verdict::Stale(Why::OtherNamespace));
    });
}

#[test]
fn a_forked_childs_copy_is_inert() {
    let scene = scene();
    let mut holder = scene.holder();
    assert!(holder.ask("fork unlock").starts_with("NotHeld: "));
    assert_eq!(holder.ask("fork drop"), "ok");
    assert!(holder.ask("fork try_lock").starts_with("Busy: "));
    assert!(!scene.other.take());
    assert_eq!(holder.ask("unlock"), "ok");
    assert!(scene.other.take());
}

#[test]
fn what_was_given_back_too_often_lets_nobody_in() {
    let scene = scene();
    let mut lock = scene.lockfile();
    for _ in 0..3 {
        scene.other.give_back();
    }
    lock.try_lock().unwrap();
    assert!(!scene.other.take());
    lock.unlock().unwrap();
    assert!(scene.other.take());
    assert!(!scene.other.take());
}

#[test]
fn a_wait_ends_when_the_other_program_gives_it_back_or_at_its_limit() {
    let scene = scene();
    assert!(scene.other.take());
    let mut peer = scene.peer();
    assert!(peer.ask("lock_timeout 20").starts_with("Timeout: "));
    for command in ["lock", "lock_timeout 1000000000"] {
        peer.tell(command);
        peer.wait_until_in(SYS_ppoll);
        scene.other.give_back();
        assert_eq!(peer.answer(), "ok");
        assert_eq!(peer.ask("unlock"), "ok");
        assert!(scene.other.take());
    }
}

#[test]
fn a_wait_ends_when_the_holder_releases_or_dies() {
    let scene = scene();
    let mut holder = scene.holder();
    let mut waiter = scene.peer();
    waiter.tell("lock");
    waiter.wait_until_in(SYS_ppoll);
    assert_eq!(holder.ask("unlock"), "ok");
    assert_eq!(waiter.answer(), "ok");
    holder.tell("lock_timeout 1000000000");
    holder.wait_until_in(SYS_ppoll);
    let dead = waiter.crash();
    assert_eq!(holder.answer(), "ok");
    assert_eq!(holder.ask("recovered"), dead.to_string());
}

#[test]
fn whoever_may_not_open_the_semaphore_is_told_where_it_is() {
    elsewhere("unshare -m", &[], || {
        let scene = scene();
        fs::set_permissions(scene.place.dir(), Permissions::from_mode(0o777)).unwrap();
        let mut nobody = scene.peer();
        assert_eq!(nobody.ask("become 65534"), "ok");
        let answer = nobody.ask("try_lock_why");
        assert!(answer.contains(&format!("the semaphore {} cannot", scene.name)), "{answer}");
        assert!(answer.contains("/dev/shm"), "{answer}");
        // Nor is it told that anybody holds.
        assert_eq!(nobody.ask("status"), "empty");
        scene.lockfile().try_lock().unwrap();
    });
}

#[test]
fn a_reader_makes_no_semaphore() {
    let scene = scene();
    let file = Path::new("/dev/shm").join(format!("sem.{}", &scene.name[1..]));
    drop(scene.other);
    assert!(!file.exists());
    fs::write(&scene.place.path, "").unwrap();
    let backend = PosixSemaphore::new(&*scene.name).unwrap();
    let mut lock = Lockfile::new(&scene.place.path).backend(backend);
    assert_eq!(lock.status().unwrap().state(), State::Empty);
    assert!(!file.exists());
    lock.try_lock().unwrap();
    assert!(file.exists());
    drop(Other::start(&scene.name));
}

#[test]
fn it_says_what_it_is() {
    let backend = PosixSemaphore::new("/my_app").unwrap();
    assert_eq!(backend.name(), "posix-semaphore:/my_app");
    assert!(backend.freed_at_death());
    assert_eq!(backend.scope(), Scope::Kernel);
}
