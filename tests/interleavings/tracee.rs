//! One process under ptrace, which moves from one system call that matters to the next.

use std::collections::BTreeSet;
use std::fs;
use std::io::IoSliceMut;
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::libc;
use nix::sys::ptrace::{self, Options};
use nix::sys::signal::{Signal, kill};
use nix::sys::uio::{RemoteIoVec, process_vm_readv};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::{ForkResult, Pid, fork};

use super::call::Call;
use super::calls::{CALLS, Subject};
use super::place::{Names, Place};

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    Exited(i32),
    Killed(Signal),
}

/// Where a process is.
#[derive(Clone, Debug)]
pub enum State {
    /// Stopped of its own accord, with nothing to do.
    Idle,
    /// Stopped on entry to a system call, which has not happened yet.
    Ready(Call),
    /// Asleep in a system call, waiting for somebody to release a lock.
    Blocked(Call),
    Ended(Ending),
}

#[derive(Debug)]
pub struct Tracee {
    pub pid: Pid,
    pub state: State,
    dir: PathBuf,
    /// Descriptors that are known to be of files in the directory.
    files: BTreeSet<u64>,
    /// Where the name is the lock: what matters, and to whom.
    names: Option<Names>,
    /// Whether to die now is something else than to have died a step before.
    pub may_die: bool,
    /// Whether the results of calls are wanted, at the price of another stop for each.
    narrate: bool,
    pub result: Option<i64>,
    /// Whether the last open(2) was refused because of a lease.
    leased: bool,
}

/// The kernel gave no answer within the time set by alarm(2): somebody waits for ever.
#[derive(Debug)]
pub struct Hung;

impl Tracee {
    /// Forks a process that runs `life`, up to the first time that it stops itself. `dir` is that
    /// of the lockfile.
    #[expect(unsafe_code, reason = "a fork is much faster than a program")]
    pub fn fork(
        dir: &Path,
        names: Option<Names>,
        narrate: bool,
        life: impl FnOnce(),
    ) -> Result<Self, Hung> {
        // SAFETY: the explorer has one thread.
        let pid = match unsafe { fork() }.expect("a process can be forked") {
            ForkResult::Parent { child } => child,
            ForkResult::Child => {
                ptrace::traceme().expect("a child can be traced");
                life();
                unreachable!("a process ends by being killed")
            }
        };
        Self::adopt(pid, dir, names, narrate)
    }

    /// A child of this process that has asked to be traced, up to the first time that it stops itself.
    pub fn adopt(pid: Pid, dir: &Path, names: Option<Names>, narrate: bool) -> Result<Self, Hung> {
        let (dir, files) = (dir.to_owned(), BTreeSet::new());
        let (state, may_die) = (State::Idle, true);
        let (result, leased) = (None, false);
        let mut tracee = Self { pid, state, dir, files, names, may_die, narrate, result, leased };
        match tracee.wait()? {
            WaitStatus::Stopped(_, Signal::SIGSTOP) => {
                let options = Options::PTRACE_O_TRACESECCOMP
                    | Options::PTRACE_O_TRACESYSGOOD
                    | Options::PTRACE_O_EXITKILL;
                ptrace::setoptions(pid, options).expect("options can be set");
            }
            status => tracee.state = State::Ended(ending_of(status)),
        }
        Ok(tracee)
    }

    /// Lets an idle process run until it stops itself, whatever it calls.
    pub fn prepare(&mut self) -> Result<(), Hung> {
        let mut signal = None;
        loop {
            ptrace::cont(self.pid, signal).expect("a stopped process goes on");
            signal = match self.wait()? {
                WaitStatus::PtraceEvent(..) => None,
                WaitStatus::Stopped(_, Signal::SIGSTOP) => return Ok(()),
                WaitStatus::Stopped(_, signal) => Some(signal),
                status => {
                    self.state = State::Ended(ending_of(status));
                    return Ok(());
                }
            };
        }
    }

    /// Lets an idle process run until it is about to make its first call that matters.
    pub fn begin(&mut self) -> Result<(), Hung> {
        self.files.clear();
        self.may_die = true;
        self.leased = false;
        ptrace::cont(self.pid, None).expect("a stopped process goes on");
        self.settle(None)
    }

    /// Lets the call happen that the process is about to make, and returns when it is about to
    /// make the next, or sleeps in this one.
    pub fn step(&mut self) -> Result<(), Hung> {
        let State::Ready(call) = self.state.clone() else { panic!("{:?} cannot step", self.state) };
        self.result = None;
        self.may_die = call.changes();
        if call.name == "close" {
            self.files.remove(&call.arguments[0]);
        }
        if matches!(call.subject, Subject::Events | Subject::Semaphore) {
            self.stop_the_clock(&call);
        }
        let go = if self.narrate || call.opens() { ptrace::syscall } else { ptrace::cont };
        go(self.pid, None).expect("a stopped process goes on");
        self.settle(Some(&call).filter(|call| call.may_wait()))
    }

    /// Makes the wait that the process is about to begin one without a limit: whatever it waits for
    /// has to happen. (The limit, a pointer, becomes none: the third argument, or of semtimedop(2)
    /// the fourth.)
    #[cfg(target_arch = "x86_64")]
    fn stop_the_clock(&self, call: &Call) {
        let mut registers = ptrace::getregs(self.pid).expect("a stopped process has registers");
        match call.subject {
            Subject::Events => registers.rdx = 0,
            _ => registers.r10 = 0,
        }
        ptrace::setregs(self.pid, registers).expect("they can be set");
    }

    /// Here the clock goes on, and wakes whoever was forgotten: less is found.
    #[cfg(not(target_arch = "x86_64"))]
    fn stop_the_clock(&self, _: &Call) {}

    /// Looks whether a process that was asleep has been woken, and if so, where it is now.
    pub fn awaken(&mut self) -> Result<(), Hung> {
        match self.state.clone() {
            State::Blocked(call) => self.settle(Some(&call)),
            _ => Ok(()),
        }
    }

    /// SIGKILL; the call that the process is about to make does not happen.
    pub fn kill(&mut self) -> Result<(), Hung> {
        kill(self.pid, Signal::SIGKILL).expect("a child can be killed");
        loop {
            if let status @ (WaitStatus::Exited(..) | WaitStatus::Signaled(..)) = self.wait()? {
                self.state = State::Ended(ending_of(status));
                return Ok(());
            }
        }
    }

    /// Waits until the process has stopped, has ended, or sleeps in the call `waits`.
    fn settle(&mut self, waits: Option<&Call>) -> Result<(), Hung> {
        loop {
            let status = match waits {
                None => Some(self.wait()?),
                Some(call) => self.stop_or_sleep(call)?,
            };
            let Some(status) = status else { return Ok(()) };
            let signal = match status {
                WaitStatus::PtraceEvent(_, _, libc::PTRACE_EVENT_SECCOMP) => {
                    if let Some(call) = self.call() {
                        self.state = State::Ready(call);
                        return Ok(());
                    }
                    None
                }
                WaitStatus::PtraceSyscall(_) => {
                    let result = exit_value(self.pid);
                    if matches!(&self.state, State::Ready(call) | State::Blocked(call) if call.opens())
                    {
                        self.leased = result == -i64::from(libc::EAGAIN);
                    }
                    self.result = Some(result);
                    None
                }
                WaitStatus::Stopped(_, Signal::SIGSTOP) => {
                    self.state = State::Idle;
                    return Ok(());
                }
                WaitStatus::Stopped(_, signal) => Some(signal),
                status => {
                    self.state = State::Ended(ending_of(status));
                    return Ok(());
                }
            };
            ptrace::cont(self.pid, signal).expect("a stopped process goes on");
        }
    }

    /// A stop or an end; `None` if the process sleeps in `call`, which its state then says.
    fn stop_or_sleep(&mut self, call: &Call) -> Result<Option<WaitStatus>, Hung> {
        loop {
            // The order matters. Who is seen to be in the call and off the processor has either
            // gone to sleep there, or stopped on entry or exit; and a stop can be collected as
            // soon as it can be seen. A sleeper is woken by the process that releases the lock,
            // before that comes to its own next stop: so no wake-up is on its way to it.
            let off_processor = self.is_off_processor_in(call);
            let flags = WaitPidFlag::__WALL | WaitPidFlag::WNOHANG;
            match waitpid(self.pid, Some(flags)) {
                Ok(WaitStatus::StillAlive) if off_processor => {
                    self.state = State::Blocked(call.clone());
                    return Ok(None);
                }
                Ok(WaitStatus::StillAlive) => std::thread::yield_now(),
                Ok(status) => return Ok(Some(status)),
                Err(Errno::EINTR) => return Err(Hung),
                Err(err) => panic!("waitpid: {err}"),
            }
        }
    }

    /// `/proc/PID/syscall` says `running`, or the number of the call in which a task is that does
    /// not run.
    fn is_off_processor_in(&self, call: &Call) -> bool {
        let text = fs::read_to_string(format!("/proc/{}/syscall", self.pid)).unwrap_or_default();
        text.split(' ').next() == Some(&call.number.to_string())
    }

    fn wait(&self) -> Result<WaitStatus, Hung> {
        match waitpid(self.pid, Some(WaitPidFlag::__WALL)) {
            Ok(status) => Ok(status),
            Err(Errno::EINTR) => Err(Hung),
            Err(err) => panic!("waitpid: {err}"),
        }
    }

    /// The call at whose entry the process has stopped, if it matters.
    fn call(&mut self) -> Option<Call> {
        let (index, number, arguments) = entered(self.pid);
        let (_, name, subject) = CALLS[index];
        if let Some(names) = &mut self.names {
            let dir = &self.dir;
            let text = |at: usize| read_text(self.pid, arguments[at]);
            let (place, path) = match subject {
                Subject::Path(at) => names.path(dir, &text(at), name)?,
                Subject::PathAt(at) => names.path(dir, &text(at + 1), name)?,
                Subject::File => names.file(dir, self.pid, arguments[0], name)?,
                Subject::Mark => return None,
                _ => (Place::World, String::new()),
            };
            let path = Some(path).filter(|_| place != Place::World);
            return Some(Call { name, subject, number, arguments, path, place: Some(place) });
        }
        let file = match subject {
            Subject::Path(at) => return self.at_path(index, number, arguments, at),
            Subject::PathAt(at) => {
                let call = self.at_path(index, number, arguments, at + 1);
                if call.is_some() || !matches!(name, "fstatat" | "statx") {
                    return call;
                }
                Some(arguments[at])
            }
            Subject::Mark if !is_lock_or_lease(arguments[1]) => return None,
            Subject::File | Subject::Lock | Subject::Mark => Some(arguments[0]),
            Subject::World
            | Subject::Semaphore
            | Subject::Set
            | Subject::Events
            | Subject::Socket
            | Subject::Yield => None,
        };
        let subject = match subject {
            Subject::Events if arguments[1] == 0 => Subject::Yield,
            // Nothing tells of the end of a lease. The library looks again after a moment, and so the
            // clock goes on.
            Subject::Events if self.leased => Subject::Yield,
            subject => subject,
        };
        let matters = file.is_none_or(|file| self.is_in_dir(file));
        matters.then_some(Call { name, subject, number, arguments, path: None, place: None })
    }

    fn at_path(&self, index: usize, number: u64, arguments: [u64; 6], at: usize) -> Option<Call> {
        let (_, name, subject) = CALLS[index];
        let path = read_text(self.pid, arguments[at]);
        let inner = Path::new(&path).strip_prefix(&self.dir).ok()?;
        let path = Some(inner.display().to_string());
        Some(Call { name, subject, number, arguments, path, place: None })
    }

    /// Whether a descriptor is of a file in the directory, or of one that was removed from it.
    fn is_in_dir(&mut self, file: u64) -> bool {
        if self.files.contains(&file) {
            return true;
        }
        let path = fs::read_link(format!("/proc/{}/fd/{file}", self.pid));
        let is_in_dir = path.is_ok_and(|path| path.starts_with(&self.dir));
        if is_in_dir {
            self.files.insert(file);
        }
        is_in_dir
    }
}

impl Drop for Tracee {
    fn drop(&mut self) {
        if !matches!(self.state, State::Ended(_)) {
            let _ = self.kill();
        }
    }
}

/// Whether a command of fcntl(2) is about a lock on bytes, or a lease.
fn is_lock_or_lease(command: u64) -> bool {
    use libc::{F_OFD_GETLK, F_OFD_SETLK, F_OFD_SETLKW, F_SETLEASE, F_SETLK, F_SETLKW};
    [F_OFD_SETLK, F_OFD_SETLKW, F_OFD_GETLK, F_SETLK, F_SETLKW, F_SETLEASE]
        .iter()
        .any(|it| u64::from(it.unsigned_abs()) == command)
}

fn ending_of(status: WaitStatus) -> Ending {
    match status {
        WaitStatus::Exited(_, code) => Ending::Exited(code),
        WaitStatus::Signaled(_, signal, _) => Ending::Killed(signal),
        status => panic!("{status:?} is no end"),
    }
}

/// Place in [`CALLS`], number and arguments of the call at whose entry `pid` has stopped.
#[expect(unsafe_code, reason = "the kernel's answer is a union")]
fn entered(pid: Pid) -> (usize, u64, [u64; 6]) {
    let info = ptrace::syscall_info(pid).expect("Linux 5.3 or newer");
    assert_eq!(info.op, libc::PTRACE_SYSCALL_INFO_SECCOMP);
    // SAFETY: `op` says that this is the variant.
    let call = unsafe { info.u.seccomp };
    (call.ret_data as usize, call.nr, call.args)
}

#[expect(unsafe_code, reason = "the kernel's answer is a union")]
fn exit_value(pid: Pid) -> i64 {
    let info = ptrace::syscall_info(pid).expect("Linux 5.3 or newer");
    assert_eq!(info.op, libc::PTRACE_SYSCALL_INFO_EXIT);
    // SAFETY: `op` says that this is the variant.
    unsafe { info.u.exit }.sval
}

/// The text at an address of the process, to its NUL.
fn read_text(pid: Pid, address: u64) -> String {
    let mut bytes = [0; 256];
    let base = usize::try_from(address).expect("an address");
    // It may end before a page that is not mapped: then the second of these is not read.
    let len = bytes.len().min(4096 - base % 4096);
    let remote =
        [RemoteIoVec { base, len }, RemoteIoVec { base: base + len, len: bytes.len() - len }];
    let length = process_vm_readv(pid, &mut [IoSliceMut::new(&mut bytes)], &remote);
    let bytes = &bytes[..length.unwrap_or(0)];
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    String::from_utf8_lossy(&bytes[..end]).into_owned()
}
