//! [`Cancel`], which ends a wait.

use std::io;
use std::net::Shutdown;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::sys::Generation;

/// Ends every wait that was given it: [`Lockfile::lock_until`](crate::Lockfile::lock_until).
///
/// A handle: clones fire together, and any thread may fire. Once fired it stays so, and a wait that
/// begins later looks at the lock once. In a forked child it is another one, which the waits of the
/// parent do not heed.
///
/// # Examples
///
/// ```
/// use tenure::{Cancel, Error, Lockfile};
///
/// # let dir = tempfile::tempdir().unwrap();
/// # let path = dir.path().join("ledger.lock");
/// let _held = Lockfile::acquire(&path)?;
///
/// let cancel = Cancel::new().unwrap();
/// let fire = cancel.clone();
/// let waiter = std::thread::spawn(move || Lockfile::new(path).lock_until(&cancel));
/// fire.fire();
/// assert!(matches!(waiter.join().unwrap(), Err(Error::Cancelled { .. })));
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Cancel(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    fired: AtomicBool,
    process: Generation,
    /// Readable for ever, and for all who wait, once the other end is shut down.
    signal: UnixStream,
    other_end: UnixStream,
}

impl Cancel {
    /// One that has not fired.
    ///
    /// # Errors
    ///
    /// It takes two descriptors, of Unix sockets, and they are not to be had.
    pub fn new() -> io::Result<Self> {
        let (signal, other_end) = UnixStream::pair()?;
        let (fired, process) = (AtomicBool::new(false), Generation::current());
        Ok(Self(Arc::new(Inner { fired, process, signal, other_end })))
    }

    /// Ends the waits, now and from now on.
    pub fn fire(&self) {
        // First: whoever is woken by the next line asks for it.
        self.0.fired.store(true, Ordering::Release);
        // A forked child has the socket in common with its parent, whose waits are none of its own.
        if self.0.process == Generation::current() {
            // It fails only if it was shut down already.
            let _ = self.0.other_end.shutdown(Shutdown::Both);
        }
    }

    /// Whether it has fired.
    #[must_use]
    pub fn is_fired(&self) -> bool {
        self.0.fired.load(Ordering::Acquire)
    }
}

impl AsFd for Cancel {
    /// A descriptor that is readable once it has fired, for poll(2) and its like.
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.signal.as_fd()
    }
}
