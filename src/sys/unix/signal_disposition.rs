//! sigaction(2) - what is done about a signal.

use std::mem::MaybeUninit;
use std::ptr;

use nix::libc;

/// Whether this process ignores the signal of that number.
#[expect(unsafe_code, reason = "nix cannot ask without setting")]
pub(crate) fn is_ignored(signal: i32) -> bool {
    let mut action = MaybeUninit::<libc::sigaction>::zeroed();
    // SAFETY: nothing is set, and the kernel writes one such structure to where there is room for it.
    if unsafe { libc::sigaction(signal, ptr::null(), action.as_mut_ptr()) } != 0 {
        return false;
    }
    // SAFETY: the call has succeeded, and zeroes would be valid, too.
    unsafe { action.assume_init() }.sa_sigaction == libc::SIG_IGN
}
