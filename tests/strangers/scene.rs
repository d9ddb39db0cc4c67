//! The vocabulary: what lies at the path before a test begins, and whether anything touched it.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tenure::Lockfile;

use crate::program::{CommandExtension, Ended, tenure};
use crate::support::{leave_stale, place};

/// The PID of a process that has ended.
pub(crate) fn dead() -> u32 {
    let mut child = Command::new("true").spawn().unwrap();
    child.wait().unwrap();
    child.id()
}

/// A live process that has nothing to do with any lockfile.
pub(crate) struct Innocent(Child);

impl Innocent {
    pub(crate) fn start() -> Self {
        Self(Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap())
    }

    pub(crate) fn pid(&self) -> u32 {
        self.0.id()
    }
}

impl Drop for Innocent {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A content of the lockfile, and the state that `status` tells while nobody has a lock on it.
#[derive(Clone, Debug)]
pub(crate) struct Content {
    pub(crate) name: &'static str,
    pub(crate) bytes: Vec<u8>,
    /// `None` where it is not a lockfile.
    pub(crate) state: Option<tenure::State>,
}

/// Every kind of content that a contender can find.
pub(crate) fn contents(innocent: &Innocent) -> Vec<Content> {
    use tenure::State::{Empty, Free, Held, Stale};
    let content = |name, bytes: &[u8], state| Content { name, bytes: bytes.to_owned(), state };
    vec![
        content("empty", b"", Some(Empty)),
        content("dead", format!("{}\n", dead()).as_bytes(), Some(Stale)),
        content("innocent", format!("{}\n", innocent.pid()).as_bytes(), Some(Held)),
        content("released", &released_record(), Some(Free)),
        content("stale", &stale_record(), Some(Stale)),
        content("unrecognized", "\u{2603}".as_bytes(), None),
    ]
}

/// What a holder leaves that keeps its file.
fn released_record() -> Vec<u8> {
    let place = place();
    Lockfile::new(&place.path).keep_file(true).with(|| ()).unwrap();
    fs::read(&place.path).unwrap()
}

/// What a holder leaves that is killed.
fn stale_record() -> Vec<u8> {
    let place = place();
    leave_stale(&place.path);
    fs::read(&place.path).unwrap()
}

/// What every touch of a file changes: the change time follows each write, rename, link and chmod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Print {
    inode: u64,
    names: u64,
    changed: (i64, i64),
    bytes: Vec<u8>,
    beside: Vec<PathBuf>,
}

impl Print {
    pub(crate) fn of(path: &Path) -> Self {
        let meta = fs::symlink_metadata(path).expect("the file is there");
        let entries = fs::read_dir(path.parent().unwrap()).unwrap();
        let mut beside: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        beside.sort();
        Self {
            inode: meta.ino(),
            names: meta.nlink(),
            changed: (meta.ctime(), meta.ctime_nsec()),
            bytes: fs::read(path).unwrap(),
            beside,
        }
    }
}

pub(crate) fn inode(path: &Path) -> u64 {
    fs::symlink_metadata(path).expect("the file is there").ino()
}

/// `tenure` with the words, the path, and the words after it.
pub(crate) fn ask(before: &[&str], path: &Path, after: &[&str]) -> Ended {
    tenure().args(before).arg(path).args(after).ended()
}

#[expect(clippy::disallowed_methods, reason = "these tests are what removes the files of others")]
pub(crate) fn remove(path: &Path) {
    fs::remove_file(path).expect("the file is there");
}
