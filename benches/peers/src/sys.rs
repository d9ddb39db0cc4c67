//! The system calls of the raw twin, and the clocks and counters that are read.

use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::Path;
use std::sync::Once;
use std::time::Duration;

use nix::errno::Errno;
use nix::fcntl::{self, OFlag};
use nix::libc;
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal};
use nix::sys::stat::Mode;
use nix::sys::time::{TimeVal, TimeValLike};
use nix::time::{ClockId, clock_gettime};

/// open(2) - a file to lock, created where there is none.
pub(crate) fn open(path: &Path) -> io::Result<OwnedFd> {
    let flags = OFlag::O_RDWR | OFlag::O_CREAT | OFlag::O_CLOEXEC;
    Ok(fcntl::open(path, flags, Mode::from_bits_truncate(0o644))?)
}

/// flock(2), once: a signal ends it.
#[expect(unsafe_code, reason = "the baseline is the bare system call")]
pub(crate) fn flock(fd: &OwnedFd, operation: i32) -> io::Result<()> {
    // SAFETY: flock touches no memory; the descriptor is open.
    Errno::result(unsafe { libc::flock(fd.as_raw_fd(), operation) })?;
    Ok(())
}

/// setitimer(2) - has SIGALRM interrupt this process after `limit`.
pub(crate) fn alarm(limit: Duration) -> io::Result<()> {
    static HANDLER: Once = Once::new();
    HANDLER.call_once(interrupt_by_alarm);
    timer(i64::try_from(limit.as_micros()).unwrap_or(i64::MAX))
}

/// Takes back the alarm.
pub(crate) fn no_alarm() -> io::Result<()> {
    timer(0)
}

#[expect(unsafe_code, reason = "the baseline is the bare system call")]
fn timer(micros: i64) -> io::Result<()> {
    let never = *TimeVal::microseconds(0).as_ref();
    let timer =
        libc::itimerval { it_interval: never, it_value: *TimeVal::microseconds(micros).as_ref() };
    // SAFETY: setitimer reads the one structure, and is not asked for the old one.
    Errno::result(unsafe {
        libc::setitimer(libc::ITIMER_REAL, &raw const timer, std::ptr::null_mut())
    })?;
    Ok(())
}

/// Without `SA_RESTART`, so that the waiting ends.
#[expect(unsafe_code, reason = "signal handlers have no safe interface")]
fn interrupt_by_alarm() {
    extern "C" fn nothing(_: i32) {}
    let action = SigAction::new(SigHandler::Handler(nothing), SaFlags::empty(), SigSet::empty());
    // SAFETY: a handler that does nothing is safe in a signal, and nobody else here handles this one.
    unsafe { nix::sys::signal::sigaction(Signal::SIGALRM, &action) }.expect("a valid signal");
}

/// `CLOCK_MONOTONIC` in nanoseconds: the same clock for all processes.
pub(crate) fn now() -> u64 {
    let time = clock_gettime(ClockId::CLOCK_MONOTONIC).expect("it always exists");
    Duration::from(time).as_nanos().try_into().expect("not 500 years since the boot")
}

/// What this process, with all of its threads, has used up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Usage {
    pub(crate) cpu_nanos: u64,
    /// How often it has gone to sleep.
    pub(crate) voluntary: u64,
    /// How often the processor was taken from it.
    pub(crate) involuntary: u64,
}

/// getrusage(2) of this process.
pub(crate) fn usage() -> Usage {
    let usage = getrusage(UsageWho::RUSAGE_SELF).expect("it always exists");
    let cpu = usage.user_time() + usage.system_time();
    Usage {
        cpu_nanos: cpu.num_nanoseconds().unsigned_abs(),
        voluntary: usage.voluntary_context_switches().unsigned_abs(),
        involuntary: usage.involuntary_context_switches().unsigned_abs(),
    }
}
