//! [`Cancel`], which ends a wait.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::sys::{Generation, Signal, waited_for_by};

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
    signal: Signal,
}

impl Cancel {
    /// One that has not fired.
    ///
    /// # Errors
    ///
    /// It takes two descriptors, of Unix sockets (on Windows, a handle), and they are not to be had.
    pub fn new() -> io::Result<Self> {
        let signal = Signal::new()?;
        let (fired, process) = (AtomicBool::new(false), Generation::current());
        Ok(Self(Arc::new(Inner { fired, process, signal })))
    }

    /// Ends the waits, now and from now on.
    pub fn fire(&self) {
        // First: whoever is woken by the next line asks for it.
        self.0.fired.store(true, Ordering::Release);
        // A forked child has the socket in common with its parent, whose waits are none of its own.
        if self.0.process == Generation::current() {
            self.0.signal.give();
        }
    }

    /// Whether it has fired.
    #[must_use]
    pub fn is_fired(&self) -> bool {
        self.0.fired.load(Ordering::Acquire)
    }
}

waited_for_by!(Cancel, |cancel| &cancel.0.signal);
