//! What is explored: a few processes, each with a script, and what has to be true of them.

use std::fs;
use std::path::{Path, PathBuf};

use super::board::Board;

/// The first part of a script prepares, unobserved; what it returns is explored.
pub type Script = for<'a> fn(&'a Actor<'a>) -> Box<dyn FnOnce() + 'a>;

pub struct Program {
    /// A sentence, and what schedules call it by.
    pub name: &'static str,
    /// What is at the path when the processes start.
    pub before: fn(&Site),
    pub scripts: &'static [Script],
    pub rules: Rules,
    /// The name is the lock: [`tenure::Hardlink`].
    pub linked: bool,
    /// All of its schedules take minutes: there are many, or it waits for events, and the kernel
    /// takes milliseconds to close what tells of them.
    pub slow: bool,
}

/// What has to be true, besides that nobody hangs or fails, and no two are inside at once.
#[derive(Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "independent rules")]
pub struct Rules {
    /// While somebody is inside, the lockfile is there and names that process.
    pub names_holder: bool,
    /// Nothing is ever beside the lockfile, and in the end nothing at all.
    pub tidy: bool,
    /// Somebody gets inside, unless there was a kill.
    pub somebody_enters: bool,
    /// The processes leave nothing, unless there was a kill. Where one had the file open while another
    /// released, the file may stay, and says that it is released.
    pub leaves_nothing: bool,
    /// The file can be one that this crate has not made: then it stays, and says that it is released.
    pub finds: bool,
    /// A process that is not explored holds the lock all along.
    pub held_outside: bool,
    /// What a fresh contender does when all is over. It has to get the lock at once (if nobody
    /// holds it), and to leave nothing.
    pub contend: fn(&Path) -> Result<(), String>,
}

/// A PID that no process has: beyond the largest that Linux gives (2^22).
pub const NO_PROCESS: i32 = 4_194_304;

/// A directory of its own, in memory if possible, with the lockfile in it.
pub struct Site {
    dir: tempfile::TempDir,
    pub path: PathBuf,
    /// The path of another, for the processes to learn who they are.
    pub elsewhere: PathBuf,
    /// The record of a process that has died while it held a lock.
    pub stale: Vec<u8>,
    /// The same, marked as released.
    pub released: Vec<u8>,
    _other: tempfile::TempDir,
}

impl Site {
    pub fn new() -> Self {
        let memory = Path::new("/dev/shm");
        let place = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
        let make = || tempfile::Builder::new().prefix("tenure-").tempdir_in(&place);
        let (dir, other) = (make().expect("a directory"), make().expect("a directory"));
        let path = dir.path().join("lock");
        let elsewhere = other.path().join("lock");
        let (stale, released) = (super::library::stale_record(&elsewhere), released(&elsewhere));
        Self { dir, path, elsewhere, stale, released, _other: other }
    }

    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// The names in the directory.
    pub fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.dir()).expect("the directory is there");
        let name = |entry: fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
        entries.map(|entry| name(entry.expect("an entry"))).collect()
    }

    /// Removes whatever a schedule has left.
    #[expect(clippy::disallowed_methods, reason = "nobody is left to hold a lock")]
    pub fn clear(&self) {
        for name in self.names() {
            fs::remove_file(self.dir().join(name)).expect("it can be removed");
        }
    }
}

/// The record of a holder that has released, in a kept file.
fn released(path: &Path) -> Vec<u8> {
    let mut lock = tenure::Lockfile::new(path).keep_file(true);
    lock.try_lock().expect("nobody else is there");
    lock.unlock().expect("it is held");
    fs::read(path).expect("it is kept")
}

/// A process of a program.
pub struct Actor<'a> {
    pub path: &'a Path,
    pub number: usize,
    pub board: Board,
    /// As in [`Program`].
    pub linked: bool,
}

impl Actor<'_> {
    /// The same for one that this process has forked.
    pub fn inside_as<T>(&self, number: usize, section: impl FnOnce() -> T) -> T {
        self.board.enter(number);
        let value = section();
        self.board.leave(number);
        value
    }

    /// Runs `section` believing to be the only one.
    pub fn inside<T>(&self, section: impl FnOnce() -> T) -> T {
        self.board.enter(self.number);
        let value = section();
        self.board.leave(self.number);
        value
    }
}
