//! A kill at every system call, with [`tenure::PosixSemaphore`]: nothing frees that semaphore but the
//! protocol.
//!
//! A process is killed on entry to the first system call that an operation makes, so that it does not
//! happen; another one on its exit, when it has happened; and so on, until an operation comes to its
//! end. After each kill a program that knows the
//! semaphore alone (the *other*) and a contender come, in both orders: the contender must get
//! the lock, and must not get it while the other has the semaphore. In a second pass the other takes the
//! semaphore at that moment, if it is free, and the process goes on to the next such
//! moment.

use std::ffi::CStr;
use std::fs;
use std::time::Duration;

use nix::errno::Errno;
use nix::libc;
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use nix::sys::ptrace::{self, Options};
use nix::sys::signal::{Signal, kill, raise};
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{ForkResult, Pid, alarm, fork};
use tenure::{Lockfile, PosixSemaphore};

use super::program::Site;

const NAME: &CStr = c"/moments";
const FILE: &str = "/dev/shm/sem.moments";
/// As for a schedule.
const LIMIT: u32 = 30;
/// More moments than any operation has.
const MOST: usize = 2000;

/// What is there before the operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Before {
    /// Neither a lockfile nor a semaphore.
    Nothing,
    /// A semaphore that is free.
    Free,
    /// What a holder leaves that is killed.
    Stale,
    /// A lockfile that says that it was released, and stays.
    Kept,
    /// The process holds the lock itself.
    Held,
    /// The same, and the lockfile stays.
    HeldKept,
    /// The other has the semaphore, and gives it back when the process begins to wait.
    OtherHas,
}

use Before::{Free, Held, HeldKept, Kept, Nothing, OtherHas, Stale};

/// The operation; whether the process holds the lock after it.
type Operation = fn(&mut Lockfile) -> bool;

struct Moments {
    name: &'static str,
    operation: Operation,
    befores: &'static [Before],
}

const CASES: &[Moments] = &[
    Moments {
        name: "a_kill_in_try_lock_strands_no_semaphore",
        operation: |lock| lock.try_lock().is_ok(),
        befores: &[Nothing, Free, Stale, Kept],
    },
    Moments {
        name: "a_kill_in_lock_strands_no_semaphore",
        operation: |lock| lock.lock().is_ok(),
        befores: &[Free, Stale, OtherHas],
    },
    Moments {
        name: "a_kill_in_lock_timeout_strands_no_semaphore",
        operation: |lock| lock.lock_timeout(Duration::from_secs(1_000_000)).is_ok(),
        befores: &[Free, Stale, OtherHas],
    },
    Moments {
        name: "a_kill_in_unlock_strands_no_semaphore",
        operation: |lock| lock.unlock().is_err(),
        befores: &[Held, HeldKept],
    },
    Moments {
        name: "a_kill_in_release_stale_strands_no_semaphore",
        operation: |lock| lock.release_stale().is_err(),
        befores: &[Free, Stale, Kept],
    },
];

/// What the other does about the semaphore.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Other {
    /// It comes after the contender.
    Later,
    /// It comes after the kill, before the contender.
    First,
    /// It comes at the moment, and the process is killed at the next.
    AtTheMoment,
    /// It comes at the moment, and the process is not killed before its operation is over.
    AndNoKill,
}

pub fn names() -> impl Iterator<Item = &'static str> {
    CASES.iter().map(|case| case.name)
}

/// Runs the case of that name, if there is one.
pub fn run(name: &str) -> Option<Result<String, String>> {
    let case = CASES.iter().find(|case| case.name == name)?;
    Some(case.run())
}

impl Moments {
    fn run(&self) -> Result<String, String> {
        if let Err(obstacle) = move_out() {
            // As in tests/support/elsewhere.rs.
            let everything = std::env::var_os("TENURE_TEST_EVERYTHING").is_some();
            return if everything { Err(obstacle) } else { Ok(format!("NOT RUN: {obstacle}")) };
        }
        let site = Site::new();
        let (mut kills, mut told) = (0, Vec::new());
        for before in self.befores {
            for other in [Other::Later, Other::First, Other::AtTheMoment, Other::AndNoKill] {
                // One who waits would wait for the other.
                let waits = !self.name.contains("_in_try_lock_");
                let acquires = !matches!(before, Held | HeldKept);
                let at_the_moment = matches!(other, Other::AtTheMoment | Other::AndNoKill);
                if at_the_moment && ((waits && acquires) || *before == Nothing) {
                    continue;
                }
                let scene = Scene { site: &site, before: *before, operation: self.operation };
                let moments = scene.sweep(other)?;
                kills += moments;
                if other == Other::Later {
                    told.push(format!("{moments} if {before:?}"));
                }
            }
        }
        Ok(format!("{kills} kills, at moments: {}", told.join(", ")))
    }
}

/// A mount namespace with a `/dev/shm` of its own, where all that is left can be seen.
fn move_out() -> Result<(), String> {
    let none = None::<&str>;
    let private = MsFlags::MS_REC | MsFlags::MS_PRIVATE;
    unshare(CloneFlags::CLONE_NEWNS)
        .and_then(|()| mount(none, "/", none, private, none))
        .and_then(|()| mount(Some("tmpfs"), "/dev/shm", Some("tmpfs"), MsFlags::empty(), none))
        .map_err(|err| format!("a /dev/shm of its own: {err}"))
}

struct Scene<'a> {
    site: &'a Site,
    before: Before,
    operation: Operation,
}

impl Scene<'_> {
    fn lockfile(&self) -> Lockfile {
        let semaphore = PosixSemaphore::new("/moments").expect("a name");
        let keep = matches!(self.before, Kept | HeldKept);
        Lockfile::new(&self.site.path).backend(semaphore).keep_file(keep)
    }

    /// Kills at every moment in turn; how many there are.
    fn sweep(&self, other: Other) -> Result<usize, String> {
        for moment in 0..MOST {
            let tell = |what| format!("{what} (moment {moment}, {:?}, {other:?})", self.before);
            if !self.kill_at(moment, other).map_err(tell)? {
                return Ok(moment);
            }
        }
        Err("the operation does not end".to_owned())
    }

    /// Whether the operation comes to the moment.
    fn kill_at(&self, moment: usize, other: Other) -> Result<bool, String> {
        alarm::set(LIMIT);
        self.site.clear();
        remove_semaphore();
        self.prepare()?;
        let mut process = Process::begin(|| self.live())?;
        let mut wake = (self.before == OtherHas).then_some(|| self.let_in());
        let mut reached = process.run(moment + 1, &mut wake)?;
        let came = reached == Reached::Moment;
        let mut has_it = false;
        if came && matches!(other, Other::AtTheMoment | Other::AndNoKill) {
            has_it = Semaphore::open().take();
            let moments = if other == Other::AtTheMoment { 1 } else { MOST };
            reached = process.run(moments, &mut wake)?;
            let acquires = !matches!(self.before, Held | HeldKept);
            if has_it && acquires && reached == Reached::End(true) {
                return Err("two inside: the other took the semaphore, and so did it".to_owned());
            }
        }
        process.end()?;
        let has_it = has_it || wake.is_some();
        if has_it || (other == Other::First && Semaphore::open().take()) {
            self.assert_refused()?;
            Semaphore::open().give_back();
        }
        self.contend()?;
        Ok(came)
    }

    fn prepare(&self) -> Result<(), String> {
        match self.before {
            Nothing | Held | HeldKept => {}
            Free => drop(Semaphore::open()),
            Kept => self.lockfile().with(|| ()).map_err(|err| format!("nobody is there: {err}"))?,
            Stale => {
                let mut holder = Process::begin(|| {
                    let mut lock = self.lockfile();
                    lock.try_lock().expect("nobody else is there");
                    raise(Signal::SIGKILL).expect("a process can kill itself");
                })?;
                holder.run(MOST, &mut None::<fn()>)?;
            }
            OtherHas => assert!(Semaphore::open().take(), "it has just been made"),
        }
        Ok(())
    }

    /// The life of the process.
    fn live(&self) {
        let mut lock = self.lockfile();
        if matches!(self.before, Held | HeldKept) {
            lock.try_lock().expect("nobody else is there");
        }
        raise(Signal::SIGSTOP).expect("a process can stop itself");
        let code = if (self.operation)(&mut lock) { HOLDS } else { HOLDS_NOT };
        exit_at_once(code);
    }

    /// The other gives the semaphore back. The process looks once a second for that, and at once when
    /// something happens to the lockfile.
    fn let_in(&self) {
        Semaphore::open().give_back();
        drop(fs::OpenOptions::new().append(true).open(&self.site.path));
    }

    /// The other has the semaphore.
    fn assert_refused(&self) -> Result<(), String> {
        match self.lockfile().try_lock() {
            Err(err) if err.is_busy() && err.to_string().contains(FILE) => Ok(()),
            Err(err) => Err(format!("it is busy, with a word about {FILE}: {err}")),
            Ok(()) => Err("two inside: the other, and a contender".to_owned()),
        }
    }

    /// A contender gets the lock at once, keeps the other out, and leaves nothing behind.
    fn contend(&self) -> Result<(), String> {
        let mut lock = self.lockfile();
        lock.try_lock().map_err(|err| format!("stuck: {err}"))?;
        if Semaphore::open().take() {
            return Err("two inside: a contender, and the other".to_owned());
        }
        lock.unlock().map_err(|err| format!("a contender's release: {err}"))?;
        let semaphore = Semaphore::open();
        if !semaphore.take() || semaphore.take() {
            return Err("a contender has not given the semaphore back once".to_owned());
        }
        // A contender that is killed before it has written leaves a file that may be anybody's.
        let record = fs::read_to_string(&self.site.path).unwrap_or_default();
        let stays = matches!(self.before, Kept | HeldKept) || record.contains(r#""found":true"#);
        let kept: &[&str] = if stays { &["lock"] } else { &[] };
        if self.site.names() != kept {
            return Err(format!("left behind: {:?}", self.site.names()));
        }
        let names =
            fs::read_dir("/dev/shm").expect("it is there").flatten().map(|it| it.file_name());
        let names = names.map(|name| name.to_string_lossy().into_owned());
        let left: Vec<_> = names.filter(|it| !it.starts_with("tenure-")).collect();
        if left != ["sem.moments"] {
            return Err(format!("left behind in /dev/shm: {left:?}"));
        }
        Ok(())
    }
}

/// How a process ends that is not killed.
const HOLDS: i32 = 1;
const HOLDS_NOT: i32 = 0;

#[expect(unsafe_code, reason = "std runs what it was told to run at the end")]
fn exit_at_once(code: i32) {
    // SAFETY: takes an integer, and does not return.
    unsafe { libc::_exit(code) }
}

/// How far a process has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reached {
    /// It is about to make a call, or has just made it.
    Moment,
    /// It has ended, and held the lock then, or not; or was killed.
    End(bool),
}

struct Process {
    pid: Pid,
    ended: Option<Reached>,
}

impl Process {
    /// Forks a process, up to the moment that it stops itself.
    #[expect(unsafe_code, reason = "a fork is much faster than a program")]
    fn begin(life: impl FnOnce()) -> Result<Self, String> {
        // SAFETY: the explorer has one thread.
        let pid = match unsafe { fork() }.expect("a process can be forked") {
            ForkResult::Parent { child } => child,
            ForkResult::Child => {
                ptrace::traceme().expect("a child can be traced");
                life();
                exit_at_once(HOLDS_NOT);
                unreachable!("it has ended")
            }
        };
        let mut process = Self { pid, ended: None };
        match process.wait()? {
            WaitStatus::Stopped(_, Signal::SIGSTOP) => {
                let options = Options::PTRACE_O_TRACESYSGOOD | Options::PTRACE_O_EXITKILL;
                ptrace::setoptions(pid, options).expect("options can be set");
            }
            status => process.ended = Some(ending(status)?),
        }
        Ok(process)
    }

    /// Lets the process run to the last of so many moments. `wake` is called when it is about to wait.
    fn run(&mut self, moments: usize, wake: &mut Option<impl FnOnce()>) -> Result<Reached, String> {
        let mut left = moments;
        loop {
            if let Some(reached) = self.ended {
                return Ok(reached);
            }
            ptrace::syscall(self.pid, None).expect("a stopped process goes on");
            match self.wait()? {
                WaitStatus::PtraceSyscall(_) => {}
                WaitStatus::Stopped(_, signal) => return Err(format!("it was sent {signal}")),
                status => self.ended = Some(ending(status)?),
            }
            if self.ended.is_some() {
                continue;
            }
            left -= 1;
            if left == 0 {
                return Ok(Reached::Moment);
            }
            if self.entered() == Some(u64::try_from(libc::SYS_ppoll).expect("a number")) {
                if let Some(wake) = wake.take() {
                    wake();
                }
            }
        }
    }

    /// The call that the process is about to make, unless it has just made it.
    #[expect(unsafe_code, reason = "the kernel's answer is a union")]
    fn entered(&self) -> Option<u64> {
        let info = ptrace::syscall_info(self.pid).expect("Linux 5.3 or newer");
        if info.op != libc::PTRACE_SYSCALL_INFO_ENTRY {
            return None;
        }
        // SAFETY: `op` says which variant it is.
        Some(unsafe { info.u.entry }.nr)
    }

    /// SIGKILL; the call that the process is about to make does not happen.
    fn end(&mut self) -> Result<(), String> {
        while self.ended.is_none() {
            let _ = kill(self.pid, Signal::SIGKILL);
            if let status @ (WaitStatus::Exited(..) | WaitStatus::Signaled(..)) = self.wait()? {
                self.ended = Some(ending(status)?);
            }
        }
        Ok(())
    }

    fn wait(&self) -> Result<WaitStatus, String> {
        match waitpid(self.pid, None) {
            Ok(status) => Ok(status),
            Err(Errno::EINTR) => Err("hung: it waits for ever".to_owned()),
            Err(err) => panic!("waitpid: {err}"),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.end();
    }
}

fn ending(status: WaitStatus) -> Result<Reached, String> {
    match status {
        WaitStatus::Exited(_, code) if code <= HOLDS => Ok(Reached::End(code == HOLDS)),
        WaitStatus::Signaled(_, Signal::SIGKILL, _) => Ok(Reached::End(false)),
        status => Err(format!("{status:?} is no good end")),
    }
}

/// The semaphore, as a program has it that knows nothing else.
struct Semaphore(*mut libc::sem_t);

#[expect(unsafe_code, reason = "nix has no semaphores")]
impl Semaphore {
    fn open() -> Self {
        let (mode, once): (libc::c_uint, libc::c_uint) = (0o600, 1);
        // SAFETY: the name ends with a NUL, and the rest is what O_CREAT asks for.
        let semaphore = unsafe { libc::sem_open(NAME.as_ptr(), libc::O_CREAT, mode, once) };
        assert_ne!(semaphore, libc::SEM_FAILED);
        Self(semaphore)
    }

    fn take(&self) -> bool {
        // SAFETY: it is open.
        unsafe { libc::sem_trywait(self.0) == 0 }
    }

    fn give_back(&self) {
        // SAFETY: it is open.
        assert_eq!(unsafe { libc::sem_post(self.0) }, 0);
    }
}

#[expect(unsafe_code, reason = "nix has no semaphores")]
impl Drop for Semaphore {
    fn drop(&mut self) {
        // SAFETY: it is open, and not used any more.
        unsafe { libc::sem_close(self.0) };
    }
}

#[expect(unsafe_code, reason = "nix has no semaphores")]
fn remove_semaphore() {
    // SAFETY: the name ends with a NUL. There may be none.
    unsafe { libc::sem_unlink(NAME.as_ptr()) };
}
