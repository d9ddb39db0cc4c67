//! A mutex that has a name and no file: [`KernelMutex`]. The feature `kernel-mutex` has it.

use std::io;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::error::{Error, Op, Result, failed};
use crate::lock::Lock;
use crate::status::{State, Status};
use crate::sys::{MutexState, NamedMutex, Possession};

/// The name that errors give to this lock.
const NAME: &str = "kernel-mutex";
/// All sessions of the machine see such names: two users who are logged in, and services.
const SPACE: &str = "Global\\";
/// The longest name, in characters: `MAX_PATH` less the space and a NUL.
const LIMIT: usize = 260 - SPACE.len() - 1;

/// A named mutex of the Windows kernel (feature `kernel-mutex`): one holder in all sessions of the
/// machine.
///
/// For programs that keep out others which use such a mutex (`CreateMutex` of the name `Global\NAME`),
/// and where there is no place for a file. It needs none, is freed by the death of its holder, and
/// its waits end in the order that the kernel chooses. It does not say who holds it.
///
/// A Windows mutex belongs to a thread. While this value holds it, a thread of its own does, so that
/// the value may be moved, and unlocked by whatever thread; two values exclude each other, in one
/// thread, too: whoever waits for what the same thread holds waits for ever.
///
/// Nothing is done in the name space `Local\` when `Global\` is refused: of two programs, the one could
/// be let in by the one mutex, and the other by the other.
///
/// # Hazards
///
/// - **The last to close it** takes all that is known of it along: that a holder died is only told
///   ([`was_abandoned`](Lock::was_abandoned)) if some value, or another program, had it open
///   meanwhile. So open it, and keep the value, where that matters.
/// - **Other users** may not open a mutex that this one has made, unless they are administrators: for
///   them it is [`Error::Io`]. Whoever makes it first decides, and anybody can be first.
///
/// # Platform-specific behavior
///
/// Everywhere but on Windows, [`open`](Self::open) is [`Error::Unsupported`].
///
/// # Examples
///
/// ```
/// use tenure::{Error, KernelMutex, Lock};
///
/// match KernelMutex::open("example of tenure") {
///     Ok(mut mutex) => {
///         mutex.lock()?;
///         // … alone on this machine …
///         mutex.unlock()?;
///     }
///     Err(Error::Unsupported { .. }) => { /* not Windows: use a Lockfile */ }
///     Err(err) => return Err(err),
/// }
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug)]
pub struct KernelMutex {
    path: PathBuf,
    mutex: NamedMutex,
    held: Option<Possession>,
}

impl KernelMutex {
    /// Opens the mutex `Global\NAME`, or makes it. Nothing is locked.
    ///
    /// # Errors
    ///
    /// - [`Error::InvalidName`]: it is empty or too long, or has a backslash or a NUL.
    /// - [`Error::Unsupported`]: this is not Windows.
    /// - [`Error::Io`]: it is another user's, or the name is that of something else.
    pub fn open(name: &str) -> Result<Self> {
        let reason = match name {
            "" => Some("it is empty"),
            name if name.contains('\\') => Some("it has a backslash"),
            name if name.contains('\0') => Some("it has a NUL"),
            name if name.encode_utf16().count() > LIMIT => Some("it is too long for a mutex"),
            _ => None,
        };
        if let Some(reason) = reason {
            return Err(Error::InvalidName { name: name.to_owned(), reason });
        }
        let path = PathBuf::from(format!("{SPACE}{name}"));
        match NamedMutex::open(&path) {
            Ok(mutex) => Ok(Self { path, mutex, held: None }),
            Err(source) if source.kind() == io::ErrorKind::Unsupported => Err(Error::Unsupported {
                path,
                backend: NAME.to_owned(),
                remedy: "only Windows has such mutexes; use a lockfile",
                source,
            }),
            Err(err) => Err(failed(Op::Open, &path)(err)),
        }
    }

    /// Asks for the mutex, and waits until `until` or for as long as it takes; whether it is held
    /// now.
    fn acquire(&mut self, until: Option<Instant>) -> Result<bool> {
        if self.is_held() {
            return Err(Error::AlreadyHeld { path: self.path.clone() });
        }
        self.held = self.mutex.lock(until).map_err(failed(Op::Lock, &self.path))?;
        Ok(self.is_held())
    }
}

impl Lock for KernelMutex {
    fn try_lock(&mut self) -> Result<()> {
        if self.acquire(Some(Instant::now()))? {
            return Ok(());
        }
        Err(Error::busy(&self.path, None))
    }

    fn lock(&mut self) -> Result<()> {
        self.acquire(None).map(drop)
    }

    fn lock_timeout(&mut self, limit: Duration) -> Result<()> {
        if self.acquire(Instant::now().checked_add(limit))? {
            return Ok(());
        }
        Err(Error::Timeout { path: self.path.clone(), limit, holder: None, obstacle: None })
    }

    fn unlock(&mut self) -> Result<()> {
        match self.held.take() {
            Some(held) => held.end().map_err(failed(Op::Unlock, &self.path)),
            None => Err(Error::NotHeld { path: self.path.clone() }),
        }
    }

    fn is_held(&self) -> bool {
        self.held.is_some()
    }

    fn was_abandoned(&self) -> bool {
        self.held.as_ref().is_some_and(Possession::was_abandoned)
    }

    /// Does not get in anybody's way. The holder is not known.
    fn status(&self) -> Result<Status> {
        let state = match self.mutex.state().map_err(failed(Op::Inspect, &self.path))? {
            MutexState::Free => State::Free,
            MutexState::Held => State::Held,
            MutexState::Abandoned => State::Stale,
        };
        Ok(Status::new(self.path.clone(), state, None))
    }
}

impl Drop for KernelMutex {
    fn drop(&mut self) {
        let _ = self.unlock();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_none_is_refused() {
        for name in ["", "Local\\x", "a\0b", &"x".repeat(LIMIT + 1)] {
            assert!(matches!(KernelMutex::open(name), Err(Error::InvalidName { .. })), "{name:?}");
        }
    }

    #[cfg(not(windows))]
    #[test]
    fn elsewhere_there_are_none() {
        let err = KernelMutex::open("backupd").unwrap_err();
        assert!(matches!(err, Error::Unsupported { .. }), "{err}");
    }
}
