//! `CreateEventW` - what all who wait can be woken by, once and for ever.
#![expect(unsafe_code, reason = "std has no events")]

use std::io;
use std::os::windows::io::{AsHandle, AsRawHandle, BorrowedHandle, FromRawHandle, OwnedHandle};
use std::ptr::null;

use windows_sys::Win32::System::Threading::{CreateEventW, ResetEvent, SetEvent};

/// Signalled for ever, and for all who wait, once it was given.
#[derive(Debug)]
pub(crate) struct Signal(OwnedHandle);

impl Signal {
    pub(crate) fn new() -> io::Result<Self> {
        // SAFETY: there are no attributes and no name. It is reset by hand only.
        let event = unsafe { CreateEventW(null(), 1, 0, null()) };
        if event.is_null() {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the handle was just made for us, and nothing else knows of it.
        Ok(Self(unsafe { OwnedHandle::from_raw_handle(event) }))
    }

    pub(crate) fn give(&self) {
        // It cannot fail: the handle is that of an event.
        // SAFETY: the handle is open.
        let _ = unsafe { SetEvent(self.0.as_raw_handle()) };
    }
}

impl Signal {
    /// As if it had not been given.
    pub(super) fn take_back(&self) {
        // SAFETY: the handle is open.
        let _ = unsafe { ResetEvent(self.0.as_raw_handle()) };
    }
}

impl AsHandle for Signal {
    fn as_handle(&self) -> BorrowedHandle<'_> {
        self.0.as_handle()
    }
}
