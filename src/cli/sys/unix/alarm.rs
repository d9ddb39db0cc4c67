//! setitimer(2) - an end to a system call that would wait for ever.

use std::ptr;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::libc;
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, SigmaskHow, Signal, sigaction};
use nix::sys::time::{TimeVal, TimeValLike};

/// While this lives and once its time is over, what this thread waits for in the kernel ends with
/// EINTR. The process is to have no other thread, and no other alarm.
#[derive(Debug)]
#[must_use]
pub(crate) struct Alarm {
    over: Instant,
    action: SigAction,
    mask: SigSet,
}

/// The time from one interruption to the next. Between the setting of the timer and the system call
/// that waits, the first may come and find nothing to interrupt: then another has to.
const AGAIN: TimeVal = TimeVal::new(0, 10_000);

/// So long that nobody will see its end (136 years), and still a time that clocks have.
const LONGEST: Duration = Duration::from_secs(u32::MAX as u64);

impl Alarm {
    /// `limit` is to be a microsecond at least.
    pub(crate) fn set(limit: Duration) -> nix::Result<Self> {
        let limit = limit.min(LONGEST);
        let over = Instant::now() + limit;
        let action = SigAction::new(SigHandler::Handler(wake), SaFlags::empty(), SigSet::empty());
        let action = set_action(&action)?;
        let only = SigSet::from(Signal::SIGALRM);
        let mask = only.thread_swap_mask(SigmaskHow::SIG_UNBLOCK)?;
        let alarm = Self { over, action, mask };
        set_timer(limit)?;
        Ok(alarm)
    }

    pub(crate) fn is_over(&self) -> bool {
        Instant::now() >= self.over
    }
}

impl Drop for Alarm {
    fn drop(&mut self) {
        // The timer first: what it may send yet must find the handler in place.
        let _ = set_timer(Duration::ZERO);
        let _ = self.mask.thread_set_mask();
        let _ = set_action(&self.action);
    }
}

/// To be handled, unlike to be ignored, interrupts.
extern "C" fn wake(_: i32) {}

#[expect(unsafe_code, reason = "nix marks it so, because a handler could be anything")]
fn set_action(action: &SigAction) -> nix::Result<SigAction> {
    // SAFETY: it is the one above, which does nothing, or that which was there before.
    unsafe { sigaction(Signal::SIGALRM, action) }
}

/// Zero is no timer.
#[expect(unsafe_code, reason = "nix has a safe one on some systems only")]
fn set_timer(limit: Duration) -> nix::Result<()> {
    let micros = i64::try_from(limit.as_micros()).map_err(|_| Errno::EINVAL)?;
    let first = TimeVal::microseconds(micros);
    let again = if limit.is_zero() { first } else { AGAIN };
    let timer = libc::itimerval { it_interval: *again.as_ref(), it_value: *first.as_ref() };
    // SAFETY: it reads `timer`, which outlives the call, and writes nothing where it gets no place.
    let result = unsafe { libc::setitimer(libc::ITIMER_REAL, &raw const timer, ptr::null_mut()) };
    Errno::result(result).map(drop)
}
