//! `CreateMutexW` - mutexes that have a name, and know of a thread that died with one.
#![expect(unsafe_code, reason = "std has no such mutexes")]

use std::io;
use std::os::windows::ffi::OsStrExt;
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
use std::path::Path;
use std::ptr::null;
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::thread::{Builder, JoinHandle};
use std::time::Instant;

use windows_sys::Win32::Foundation::{
    HANDLE, NTSTATUS, STATUS_SUCCESS, WAIT_ABANDONED, WAIT_OBJECT_0, WAIT_TIMEOUT,
};
use windows_sys::Win32::System::Threading::{
    CreateMutexW, INFINITE, ReleaseMutex, WaitForSingleObject,
};

use super::error::check;
use super::poll::milliseconds;

/// An open mutex.
#[derive(Debug)]
pub(crate) struct NamedMutex(Arc<OwnedHandle>);

/// That a thread of this process, made for nothing else, has it.
#[derive(Debug)]
pub(crate) struct Possession {
    abandoned: bool,
    /// Its end is what the thread waits for.
    until: Sender<()>,
    thread: JoinHandle<io::Result<()>>,
}

/// What there is to see from the outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MutexState {
    Free,
    Held,
    /// Free, and whoever had it has died.
    Abandoned,
}

impl NamedMutex {
    pub(crate) fn open(name: &Path) -> io::Result<Self> {
        let name: Vec<u16> = name.as_os_str().encode_wide().chain([0]).collect();
        // SAFETY: there are no attributes, and the name ends with a NUL and outlives the call.
        let mutex = unsafe { CreateMutexW(null(), 0, name.as_ptr()) };
        if mutex.is_null() {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the handle was just made for us, and nothing else knows of it.
        Ok(Self(Arc::new(unsafe { OwnedHandle::from_raw_handle(mutex) })))
    }

    /// Locks it, waiting until `until`, or for as long as it takes; `None` if that was too short.
    pub(crate) fn lock(&self, until: Option<Instant>) -> io::Result<Option<Possession>> {
        let mutex = Arc::clone(&self.0);
        let (tell, told) = channel();
        let (end, ended) = channel::<()>();
        let thread = Builder::new().name("tenure-mutex".to_owned()).spawn(move || {
            let answer = wait(&mutex, until);
            let locked = matches!(answer, Ok(Some(_)));
            let _ = tell.send(answer);
            if !locked {
                return Ok(());
            }
            // Nothing is ever sent: it ends with the possession.
            let _ = ended.recv();
            // SAFETY: the handle is open, and this is the thread that has it.
            check(unsafe { ReleaseMutex(mutex.as_raw_handle()) })
        })?;
        let answer = told.recv().map_err(io::Error::other)??;
        Ok(answer.map(|abandoned| Possession { abandoned, until: end, thread }))
    }

    /// `NtQueryMutant` - without asking for it, which would take from the next that it was abandoned.
    pub(crate) fn state(&self) -> io::Result<MutexState> {
        let mut found = MutantBasicInformation::default();
        let length = u32::try_from(size_of_val(&found)).map_err(io::Error::other)?;
        let (mutex, start) = (self.0.as_raw_handle(), &raw mut found);
        // SAFETY: the handle is that of a mutex, and no more than `length` bytes are written.
        let status = unsafe { NtQueryMutant(mutex, 0, start, length, std::ptr::null_mut()) };
        if status != STATUS_SUCCESS {
            return Err(io::Error::other(format!("the kernel does not tell: {status:#x}")));
        }
        Ok(match (found.count, found.abandoned) {
            (1.., 0) => MutexState::Free,
            (1.., _) => MutexState::Abandoned,
            _ => MutexState::Held,
        })
    }
}

impl Possession {
    pub(crate) fn was_abandoned(&self) -> bool {
        self.abandoned
    }

    /// Gives it back.
    pub(crate) fn end(self) -> io::Result<()> {
        drop(self.until);
        match self.thread.join() {
            Ok(result) => result,
            Err(_) => unreachable!("the thread does nothing that panics"),
        }
    }
}

/// Waits for it in this thread, whose it is then; whether it was abandoned.
fn wait(mutex: &OwnedHandle, until: Option<Instant>) -> io::Result<Option<bool>> {
    loop {
        let left = until.map(|until| until.saturating_duration_since(Instant::now()));
        let limit = left.map_or(INFINITE, milliseconds);
        // SAFETY: the handle is open.
        match unsafe { WaitForSingleObject(mutex.as_raw_handle(), limit) } {
            WAIT_OBJECT_0 => return Ok(Some(false)),
            WAIT_ABANDONED => return Ok(Some(true)),
            WAIT_TIMEOUT if until.is_some_and(|until| until <= Instant::now()) => return Ok(None),
            WAIT_TIMEOUT => {}
            _ => return Err(io::Error::last_os_error()),
        }
    }
}

/// `MUTANT_BASIC_INFORMATION`.
#[repr(C)]
#[derive(Debug, Default)]
struct MutantBasicInformation {
    /// 1 if nobody has it, and less the oftener somebody does.
    count: i32,
    owned_by_caller: u8,
    abandoned: u8,
}

#[link(name = "ntdll")]
unsafe extern "system" {
    fn NtQueryMutant(
        mutex: HANDLE,
        class: u32,
        information: *mut MutantBasicInformation,
        length: u32,
        written: *mut u32,
    ) -> NTSTATUS;
}
