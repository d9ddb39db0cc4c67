//! `pthread_mutex_clocklock(3)` - waiting for a mutex by a clock that nobody sets.
#![expect(unsafe_code, reason = "not every C library has the function, so it is looked up")]

use std::ffi::c_void;
use std::io;
use std::mem::{MaybeUninit, transmute};
use std::sync::OnceLock;
use std::time::Duration;

use nix::errno::Errno;
use nix::libc::{self, c_int, clockid_t, pthread_mutex_t, timespec};
use nix::sys::time::TimeSpec;

/// The function: a mutex that was made, a clock, and until when to wait by that.
pub(super) type ClockLock =
    unsafe extern "C" fn(*mut pthread_mutex_t, clockid_t, *const timespec) -> c_int;

/// The function, where there is one: glibc since 2.30.
///
/// Looked up and not linked to, because programs that use this crate without it shall start with an
/// older glibc, and with musl.
pub(super) fn clock_lock() -> Option<ClockLock> {
    static FOUND: OnceLock<Option<ClockLock>> = OnceLock::new();
    *FOUND.get_or_init(|| {
        // On 32 bits there are two, for two sizes of `timespec`.
        if cfg!(not(target_pointer_width = "64")) {
            return None;
        }
        let name = c"pthread_mutex_clocklock";
        // SAFETY: the name ends with a NUL and outlives the call.
        let found = unsafe { libc::dlsym(libc::RTLD_DEFAULT, name.as_ptr()) };
        // SAFETY: null becomes `None`, and whatever has this name is of this type (POSIX 2024).
        unsafe { transmute::<*mut c_void, Option<ClockLock>>(found) }
    })
}

/// What tells the time to wait until.
#[derive(Clone, Copy, Debug)]
pub(super) enum Clock {
    /// `CLOCK_MONOTONIC`.
    Monotonic,
    /// `CLOCK_REALTIME`, which can be set meanwhile.
    Wall,
}

impl Clock {
    pub(super) fn id(self) -> clockid_t {
        match self {
            Self::Monotonic => libc::CLOCK_MONOTONIC,
            Self::Wall => libc::CLOCK_REALTIME,
        }
    }

    #[allow(deprecated, reason = "the crate libc is to widen it for musl, and nothing here cares")]
    /// The time that it will be after `limit`; `None` where that is more than it can say.
    pub(super) fn after(self, limit: Duration) -> io::Result<Option<timespec>> {
        let mut now = MaybeUninit::uninit();
        // SAFETY: `now` is ours to write to.
        Errno::result(unsafe { libc::clock_gettime(self.id(), now.as_mut_ptr()) })?;
        // SAFETY: the call before has written it.
        let now = TimeSpec::from_timespec(unsafe { now.assume_init() });
        let until = Duration::from(now).checked_add(limit);
        let until = until.filter(|until| libc::time_t::try_from(until.as_secs()).is_ok());
        Ok(until.map(|until| *TimeSpec::from_duration(until).as_ref()))
    }
}
