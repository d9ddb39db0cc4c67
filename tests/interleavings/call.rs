//! A system call that matters, on its entry.

use std::fmt;

use nix::libc;

use super::calls::Subject;
use super::history::{Access, THINGS};
use super::place::Place;

/// A system call that a process is about to make.
#[derive(Clone, Debug)]
pub struct Call {
    pub name: &'static str,
    pub subject: Subject,
    pub number: u64,
    pub arguments: [u64; 6],
    /// The path in it, from the directory of the lockfile on.
    pub path: Option<String>,
    /// Where the name is the lock: what the call is about.
    pub place: Option<Place>,
}

impl Call {
    /// Whether the call can put the process to sleep.
    pub fn may_wait(&self) -> bool {
        let no_wait = u64::from(libc::LOCK_NB.unsigned_abs() | libc::LOCK_UN.unsigned_abs());
        match self.subject {
            Subject::Lock => self.arguments[1] & no_wait == 0,
            Subject::Mark => self.is_command(&[libc::F_OFD_SETLKW, libc::F_SETLKW]),
            Subject::Path(_) | Subject::PathAt(_) => self.opens_as_others_do(),
            Subject::Socket => self.name == "recvmsg",
            Subject::Semaphore | Subject::Events => true,
            _ => false,
        }
    }

    /// Whether the call is an open(2) that waits while another process has a lease on the file. The
    /// library never waits so: it opens with `O_NONBLOCK`, or creates with `O_EXCL`.
    pub fn opens_as_others_do(&self) -> bool {
        let no_wait = u64::from(libc::O_NONBLOCK.unsigned_abs() | libc::O_EXCL.unsigned_abs());
        self.opens() && self.flags() & no_wait == 0
    }

    pub fn opens(&self) -> bool {
        matches!(self.name, "open" | "openat")
    }

    /// Whether the call gives a lease back.
    pub fn returns_lease(&self) -> bool {
        self.is_lease() && self.arguments[2] == u64::from(libc::F_UNLCK.unsigned_abs())
    }

    pub fn removes_name(&self) -> bool {
        matches!(self.name, "unlink" | "unlinkat")
    }

    fn is_lease(&self) -> bool {
        self.is_command(&[libc::F_SETLEASE])
    }

    /// Whether it is fcntl(2) with one of these commands.
    fn is_command(&self, commands: &[i32]) -> bool {
        let is = |command: &i32| self.arguments[1] == u64::from(command.unsigned_abs());
        self.name == "fcntl" && commands.iter().any(is)
    }

    /// Whether anybody can tell afterwards that the call was made.
    pub fn changes(&self) -> bool {
        let asks = ["openat", "fstatat", "pread", "getdents", "pidfd_open", "poll", "sched_yield"];
        match self.place {
            Some(Place::OwnDraft) | None => true,
            Some(_) => !asks.contains(&self.name),
        }
    }

    /// See [`THINGS`].
    pub fn accesses(&self) -> [Access; THINGS] {
        use Access::None;
        if let Some(place) = self.place.filter(|place| *place != Place::World) {
            return place.accesses(self.name);
        }
        let [name, file, lock, life] = self.accesses_to_file();
        [name, file, lock, life, None, None]
    }

    /// Name, file, lock, life.
    fn accesses_to_file(&self) -> [Access; 4] {
        use Access::{None, Read, Write};
        match (self.subject, self.name) {
            (_, "open" | "openat") if self.creates() => [Write, Write, None, None],
            (_, "open" | "openat" | "readlink" | "readlinkat") => [Read, None, None, None],
            (_, "stat" | "lstat") => [Read, Read, None, None],
            (_, "fstatat" | "statx") if self.path.is_some() => [Read, Read, None, None],
            (_, "fstat" | "fstatat" | "statx" | "read" | "pread") => [None, Read, None, None],
            (_, "write" | "pwrite" | "ftruncate") => [None, Write, None, None],
            // Granted or not, it depends on who has the file open, and how it is locked.
            (Subject::Mark, _) if self.is_lease() => [Write; 4],
            (Subject::Set, _) if self.asks() => [None, None, Read, None],
            (Subject::Lock | Subject::Mark | Subject::Semaphore | Subject::Set, _)
            | (_, "close") => [None, None, Write, None],
            (Subject::World, _) => [None, None, None, Read],
            (Subject::Yield, _) => [None; 4],
            _ => [Write; 4],
        }
    }

    /// Whether a call about a set of semaphores changes nothing.
    fn asks(&self) -> bool {
        let is = |what: i32| self.arguments[2] == u64::from(what.unsigned_abs());
        match self.name {
            "semget" => is(0),
            _ => [libc::GETVAL, libc::GETPID, libc::GETZCNT].into_iter().any(is),
        }
    }

    fn flags(&self) -> u64 {
        self.arguments[if self.name == "open" { 1 } else { 2 }]
    }

    fn creates(&self) -> bool {
        self.flags() & u64::from(libc::O_CREAT.unsigned_abs()) != 0
    }
}

/// As a reader of strace(1) would have it, but for what does not matter here.
impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let flag = |bits: i32, at: usize| self.arguments[at] & u64::from(bits.unsigned_abs()) != 0;
        match (self.name, &self.path) {
            ("openat" | "open", Some(path)) => {
                let at = if self.name == "open" { 1 } else { 2 };
                let access = if flag(libc::O_RDWR | libc::O_WRONLY, at) { "write" } else { "read" };
                let create = if flag(libc::O_EXCL, at) {
                    ", create new"
                } else if flag(libc::O_CREAT, at) {
                    ", create"
                } else {
                    ""
                };
                write!(f, "open({path:?}, {access}{create})")
            }
            ("flock", _) => {
                let words = [
                    (libc::LOCK_EX, "exclusive"),
                    (libc::LOCK_SH, "shared"),
                    (libc::LOCK_UN, "unlock"),
                    (libc::LOCK_NB, "at once"),
                ];
                let words: Vec<_> =
                    words.iter().filter(|(bit, _)| flag(*bit, 1)).map(|(_, word)| *word).collect();
                write!(f, "flock({}, {})", self.arguments[0], words.join(", "))
            }
            (name, Some(path)) => write!(f, "{name}({path:?})"),
            ("sched_yield", _) => f.write_str("sched_yield()"),
            ("fcntl", _) => {
                let what = match self.returns_lease() {
                    true => "give the lease back",
                    false if self.is_lease() => "lease",
                    false if self.is_command(&[libc::F_OFD_GETLK]) => "is it marked?",
                    false if self.is_command(&[libc::F_SETLK, libc::F_SETLKW]) => "POSIX lock",
                    false => "lock or unlock bytes",
                };
                write!(f, "fcntl({}, {what})", self.arguments[0])
            }
            (name, None) => write!(f, "{name}({})", self.arguments[0]),
        }
    }
}
