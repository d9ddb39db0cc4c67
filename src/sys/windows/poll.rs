//! `WaitForMultipleObjects` - waiting until something happens, or it is late enough.
#![expect(unsafe_code, reason = "std waits for nothing but threads")]

use std::io;
use std::os::windows::io::AsRawHandle;
use std::time::{Duration, Instant};

use windows_sys::Win32::Foundation::{WAIT_FAILED, WAIT_TIMEOUT};
use windows_sys::Win32::System::Threading::{INFINITE, WaitForMultipleObjects};

use super::as_fd::BorrowedFd;

/// `MAXIMUM_WAIT_OBJECTS`, of winnt.h.
const MOST: usize = 64;

/// Waits until one of `handles` is signalled, or until `until`. Never returns before `until` without
/// a reason, and not after it but for what the scheduler adds.
pub(crate) fn poll(handles: &[BorrowedFd<'_>], until: Option<Instant>) -> io::Result<()> {
    let handles: Vec<_> = handles.iter().take(MOST).map(AsRawHandle::as_raw_handle).collect();
    loop {
        let left = until.map(|until| until.saturating_duration_since(Instant::now()));
        if handles.is_empty() {
            sleep(left);
            return Ok(());
        }
        let count = u32::try_from(handles.len()).map_err(io::Error::other)?;
        let limit = left.map_or(INFINITE, milliseconds);
        // SAFETY: there are `count` handles at that place, which the caller has borrowed.
        match unsafe { WaitForMultipleObjects(count, handles.as_ptr(), 0, limit) } {
            WAIT_FAILED => return Err(io::Error::last_os_error()),
            WAIT_TIMEOUT if until.is_none_or(|until| Instant::now() < until) => {}
            _ => return Ok(()),
        }
    }
}

/// Rounded up, and less than for ever.
pub(super) fn milliseconds(left: Duration) -> u32 {
    let rounded_up = left.saturating_add(Duration::from_nanos(999_999)).as_millis();
    u32::try_from(rounded_up).unwrap_or(INFINITE).min(INFINITE - 1)
}

/// Nothing tells of an end but the clock.
#[expect(clippy::disallowed_methods, reason = "it is what waits for the time")]
fn sleep(left: Option<Duration>) {
    std::thread::sleep(left.unwrap_or(Duration::MAX));
}
