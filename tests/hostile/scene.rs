//! The vocabulary: asking in every way, and seeing that nothing was touched.

use std::collections::BTreeMap;
use std::error::Error as _;
use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};
use nix::libc;
use nix::unistd::geteuid;
use tenure::{Error, Lockfile};

use crate::support::{Peer, Place, place};

/// The user that everybody else is.
pub(crate) const NOBODY: &str = "65534";

/// What is larger is not compared byte by byte: its change time tells.
const COMPARED: u64 = 1 << 20;

/// Whether this process is root; if not, says that the case was not run.
pub(crate) fn is_root(case: &str) -> bool {
    if !geteuid().is_root() {
        not_run(case, "it needs root");
    }
    geteuid().is_root()
}

#[expect(clippy::print_stderr, reason = "a case that was not run must not look as if it was")]
pub(crate) fn not_run(case: &str, why: &str) {
    eprintln!("NOT RUN: {case}: {why}");
}

/// Runs a command of the system, which must succeed.
pub(crate) fn run(program: &str, arguments: &[&str]) {
    assert!(succeeds(program, arguments), "{program} {arguments:?}");
}

pub(crate) fn succeeds(program: &str, arguments: &[&str]) -> bool {
    let output = Command::new(program).args(arguments).output();
    output.expect("it is installed").status.success()
}

/// A path as an argument.
pub(crate) fn text(path: &Path) -> &str {
    path.to_str().expect("temporary directories are text")
}

/// A place in a directory of the mode, so that others may enter it.
pub(crate) fn place_of_mode(mode: u32) -> Place {
    let place = place();
    set_mode(place.dir(), mode);
    place
}

pub(crate) fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("it is ours");
}

/// A contender that is nobody in particular.
pub(crate) fn nobody(path: &Path) -> Peer {
    let mut peer = Peer::start(path);
    assert_eq!(peer.ask(&format!("become {NOBODY}")), "ok");
    peer
}

#[expect(clippy::disallowed_methods, reason = "these tests are the ones who spoil things")]
pub(crate) fn remove(path: &Path) {
    fs::remove_file(path).expect("it is there");
}

/// All that a touch would change: the change time follows every write, rename, link and chmod.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Print {
    inode: (u64, u64),
    mode: u32,
    owner: (u32, u32),
    names: u64,
    device: u64,
    len: u64,
    modified: (i64, i64),
    changed: (i64, i64),
    content: Option<u64>,
    target: Option<PathBuf>,
}

fn print(path: &Path) -> Print {
    let meta = fs::symlink_metadata(path).expect("it is there");
    let is_compared = meta.is_file() && meta.len() <= COMPARED;
    Print {
        inode: (meta.dev(), meta.ino()),
        mode: meta.mode(),
        owner: (meta.uid(), meta.gid()),
        names: meta.nlink(),
        device: meta.rdev(),
        len: meta.len(),
        modified: (meta.mtime(), meta.mtime_nsec()),
        changed: (meta.ctime(), meta.ctime_nsec()),
        content: is_compared.then(|| digest(&fs::read(path).expect("it is readable"))),
        target: meta.is_symlink().then(|| fs::read_link(path).expect("it is a link")),
    }
}

/// Short, so that a failure shows what differs.
fn digest(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    hasher.finish()
}

/// The directory and everything in it. Its own change time shows also what came and went.
pub(crate) fn prints(dir: &Path) -> BTreeMap<PathBuf, Print> {
    let entries = fs::read_dir(dir).expect("it is a directory");
    let paths = entries.map(|entry| entry.expect("it is readable").path());
    paths.chain([dir.to_owned()]).map(|path| (path.clone(), print(&path))).collect()
}

/// The directory that a lockfile at `path` is in, or is, if this test made it.
fn own_dir(path: &Path) -> Option<&Path> {
    let temp = std::env::temp_dir();
    let is_own = |dir: &&Path| dir.starts_with(&temp) && **dir != *temp && dir.is_dir();
    path.parent().filter(is_own).or(Some(path).filter(is_own))
}

/// Whether anybody has the lock on the regular file at `path`.
fn is_locked(path: &Path) -> bool {
    if !fs::symlink_metadata(path).is_ok_and(|meta| meta.is_file()) {
        return false;
    }
    let file = File::open(path).expect("it is readable");
    Flock::lock(file, FlockArg::LockExclusiveNonblock).is_err()
}

/// What came of asking in every way.
#[derive(Debug)]
pub(crate) struct Answers {
    try_lock: String,
    lock_timeout: String,
    release_stale: String,
    status: String,
    holder: String,
}

/// Asks in every way in this process. The answers tell what the system said, too.
pub(crate) fn ask(path: &Path) -> Answers {
    let mut lock = Lockfile::new(path);
    ask_in(path, |command| {
        let result = match command {
            "try_lock" => lock.try_lock().map(|()| "ok".to_owned()),
            "release_stale" => lock.release_stale().map(|_| "ok".to_owned()),
            "status" => lock.status().map(|status| status.state().to_string()),
            "holder" => lock
                .holder()
                .map(|holder| holder.map_or("none".to_owned(), |holder| holder.pid().to_string())),
            "verify" => lock.verify().map(|()| "ok".to_owned()),
            _ => lock.lock_timeout(Duration::from_millis(20)).map(|()| "ok".to_owned()),
        };
        result.unwrap_or_else(|err| told(&err))
    })
}

/// Asks a peer in every way.
pub(crate) fn ask_peer(path: &Path, peer: &mut Peer) -> Answers {
    ask_in(path, |command| peer.ask(command))
}

/// As a peer tells it, and what the system said.
fn told(err: &Error) -> String {
    let debug = format!("{err:?}");
    let variant = debug.split(|c: char| !c.is_alphanumeric()).next().expect("there is one");
    let source = err.source().map_or(String::new(), |source| format!(" [{source}]"));
    format!("{variant}: {err}{source}")
}

/// Asserts as well that nothing in the directory is touched, and no lock taken or lost.
fn ask_in(path: &Path, mut ask: impl FnMut(&str) -> String) -> Answers {
    let dir = own_dir(path);
    let before = (dir.map(prints), is_locked(path));
    let mut untouched = |way: &str| {
        let answer = ask(way);
        assert_eq!((dir.map(prints), is_locked(path)), before, "{way} has touched: {answer}");
        answer
    };
    let answers = Answers {
        try_lock: untouched("try_lock"),
        lock_timeout: untouched("lock_timeout 20"),
        release_stale: untouched("release_stale"),
        status: untouched("status"),
        holder: untouched("holder"),
    };
    assert!(untouched("verify").starts_with("NotHeld: "), "{answers:?}");
    answers
}

/// Asserts that the answer is an error of the variant, about the path, and says all that.
fn assert_says(answer: &str, variant: &str, path: &Path, parts: &[&str]) {
    assert!(answer.starts_with(&format!("{variant}: ")), "no {variant}: {answer}");
    let path = path.display().to_string();
    for part in parts.iter().copied().chain([&*path]) {
        assert!(answer.contains(part), "no {part:?}: {answer}");
    }
}

impl Answers {
    /// Every way was refused with the same error.
    pub(crate) fn are_all(&self, variant: &str, path: &Path, parts: &[&str]) {
        self.lock_says(variant, path, parts);
        self.look_says(variant, path, parts);
    }

    /// Every way that would lock was refused with the same error.
    pub(crate) fn lock_says(&self, variant: &str, path: &Path, parts: &[&str]) {
        for answer in [&self.try_lock, &self.lock_timeout, &self.release_stale] {
            assert_says(answer, variant, path, parts);
        }
    }

    /// Every way that would create the lockfile was refused, and to the others there is none.
    pub(crate) fn create_says(&self, variant: &str, path: &Path, parts: &[&str]) {
        for answer in [&self.try_lock, &self.lock_timeout] {
            assert_says(answer, variant, path, parts);
        }
        let others = (&*self.release_stale, &*self.status, &*self.holder);
        assert_eq!(others, ("ok", "free", "none"));
    }

    /// Every way that would read was refused with the same error.
    pub(crate) fn look_says(&self, variant: &str, path: &Path, parts: &[&str]) {
        for answer in [&self.status, &self.holder] {
            assert_says(answer, variant, path, parts);
        }
    }

    /// To those who read it is in the state; nobody holds.
    pub(crate) fn look_shows(&self, state: &str) {
        assert_eq!((&*self.status, &*self.holder), (state, "none"));
    }

    /// Everybody names the holder.
    pub(crate) fn are_busy(&self, path: &Path, pid: u32) {
        self.are_in_the_way("held", path, pid);
    }

    /// Everybody names the holder, of whom nothing is known.
    pub(crate) fn are_unproven(&self, path: &Path, pid: u32) {
        self.are_in_the_way("unproven", path, pid);
    }

    fn are_in_the_way(&self, state: &str, path: &Path, pid: u32) {
        let named = format!("locked by pid {pid}");
        assert_says(&self.try_lock, "Busy", path, &[&named, "; "]);
        assert_says(&self.lock_timeout, "Timeout", path, &[&named, "not free within 20ms", "; "]);
        assert_says(&self.release_stale, "Busy", path, &[&named, "; "]);
        assert_eq!((&*self.status, &*self.holder), (state, &*pid.to_string()));
    }

    /// The holder is dead, and named, and yet the lock cannot be had.
    pub(crate) fn are_dead(&self, path: &Path, pid: u32, obstacle: &str) {
        let left_by = format!("stale, left by pid {pid}");
        self.lock_says("ProcessDead", path, &[&left_by, "no longer exists", obstacle]);
        self.look_shows("stale");
    }
}

/// A mount that this thread and its children see, until it is dropped.
pub(crate) struct Mount(PathBuf);

impl Mount {
    /// Mounts at a new directory in the place, by mount(8) with the arguments.
    pub(crate) fn new(place: &Place, arguments: &[&str]) -> Self {
        let point = place.dir().join("mounted");
        fs::create_dir(&point).expect("it is not there yet");
        unshare_mounts();
        run("mount", &["--make-rprivate", "/"]);
        run("mount", &[arguments, &[text(&point)]].concat());
        Self(point)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

/// Gives this thread a mount namespace, so that not even a killed test leaves a mount behind.
#[expect(unsafe_code, reason = "nix has it only with another feature")]
fn unshare_mounts() {
    // SAFETY: takes a number, and changes nothing but what this thread and its children see.
    let result = unsafe { libc::unshare(libc::CLONE_NEWNS) };
    Errno::result(result).expect("we are root");
}

impl Drop for Mount {
    fn drop(&mut self) {
        // A child that another test forks has copies of what this one has open, until it executes.
        let unmounted = (0..1000).any(|_| succeeds("umount", &[text(&self.0)]));
        assert!(unmounted || std::thread::panicking(), "{} is still in use", self.0.display());
    }
}

/// Whether the kind of what stands at `path` is the one that was put there.
pub(crate) fn is_special(path: &Path) -> bool {
    let kind = fs::symlink_metadata(path).expect("it is there").file_type();
    kind.is_fifo()
        || kind.is_socket()
        || kind.is_char_device()
        || kind.is_dir()
        || kind.is_symlink()
}
