//! What this process was started with, and what of that the runtime of Rust changes before `main`:
//! it ignores SIGPIPE, and opens /dev/null in the place of a standard stream that is closed.

use std::os::fd::RawFd;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

use nix::libc;
use nix::sys::signal::{SigHandler, Signal};

static WAS_CLOSED: [AtomicBool; 3] = [const { AtomicBool::new(false) }; 3];
static SIGPIPE_WAS_IGNORED: AtomicBool = AtomicBool::new(false);

/// Has the C library call [`look`] before the runtime begins.
#[cfg(target_os = "linux")]
#[used]
#[expect(unsafe_code, reason = "there is no other way to be early enough")]
// SAFETY: the section holds pointers to functions like this one, which are called once each; it
// needs nothing that the C library has not set up by then.
#[unsafe(link_section = ".init_array")]
static LOOK: extern "C" fn() = look;

#[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "only Linux calls it"))]
extern "C" fn look() {
    for (descriptor, was_closed) in (0..).zip(&WAS_CLOSED) {
        was_closed.store(!is_open(descriptor), Ordering::Relaxed);
    }
    SIGPIPE_WAS_IGNORED.store(is_sigpipe_ignored(), Ordering::Relaxed);
}

#[expect(unsafe_code, reason = "nix's safe one wants to know that the descriptor is open")]
fn is_open(descriptor: RawFd) -> bool {
    // SAFETY: it takes a number, and says so where that is no descriptor.
    unsafe { libc::fcntl(descriptor, libc::F_GETFD) != -1 }
}

#[expect(unsafe_code, reason = "nix cannot ask without changing")]
fn is_sigpipe_ignored() -> bool {
    let mut action = std::mem::MaybeUninit::<libc::sigaction>::zeroed();
    // SAFETY: it writes one structure, and there is the place for it.
    let result = unsafe { libc::sigaction(libc::SIGPIPE, std::ptr::null(), action.as_mut_ptr()) };
    // SAFETY: zeroes are a valid one, and so is what was written.
    let action = unsafe { action.assume_init() };
    result == 0 && action.sa_sigaction == libc::SIG_IGN
}

/// Whether whoever started us had left out the standard stream `descriptor`. What is open under its
/// number now is nothing that anybody has named.
pub(crate) fn was_closed(descriptor: RawFd) -> bool {
    let stream = usize::try_from(descriptor).ok().and_then(|index| WAS_CLOSED.get(index));
    stream.is_some_and(|it| it.load(Ordering::Relaxed))
}

/// Lets `command` begin as if it had been started in our place, by fork(2) and execvp(3): SIGPIPE
/// does what it did, and a script without `#!` is for the shell. (Of its own accord, std resets the
/// one, and prefers `posix_spawnp(3)`, which refuses the other.)
pub(crate) fn in_our_place(command: &mut Command) {
    super::prepare(command, || {
        if SIGPIPE_WAS_IGNORED.load(Ordering::Relaxed) {
            super::set_action(Signal::SIGPIPE, SigHandler::SigIgn)?;
        }
        Ok(())
    });
}
