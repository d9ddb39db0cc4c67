//! A lock that goes over to another process by a socket.

use std::os::unix::net::UnixStream;

use super::Lockfile;
#[cfg(doc)]
use crate::error::Error;
use crate::error::Result;

impl Lockfile {
    /// Makes the process at the other end of `stream` the holder, which calls
    /// [`receive_from`](Self::receive_from) meanwhile.
    ///
    /// When this returns `Ok`, that process holds the lock, and this value is inert. After an error
    /// this value is still the holder. There is no moment in which nobody is, nor one with two: a
    /// receiver that dies on the way leaves the lock here, or, once it had received it, a record of
    /// the dead. If this process dies on the way, the receiver holds the lock, or it is recovered like
    /// that of any other that died.
    ///
    /// Waits for the other side, for as long as the stream says
    /// ([`set_read_timeout`](std::os::unix::net::UnixStream::set_read_timeout)). Whatever the other side
    /// sends, it can at worst write itself into the record: send a lock only to whom you trust with it.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] as for [`rebind`](Self::rebind), [`Error::NotHeld`]. [`Error::Io`] if the
    /// other side refuses, is gone, or says something else; after that, the stream is shut down.
    ///
    /// # Platform-specific behavior
    ///
    /// Unix alone has this method. Linux; elsewhere it is [`Error::Unsupported`].
    ///
    /// # Examples
    ///
    /// ```
    /// use std::os::unix::net::UnixStream;
    /// use tenure::Lockfile;
    ///
    /// # let dir = tempfile::tempdir().unwrap();
    /// # let path = dir.path().join("backupd.pid");
    /// let (here, there) = UnixStream::pair().unwrap();
    /// let mut lock = Lockfile::acquire(&path)?;
    /// let mut next = lock.clone();
    /// std::thread::scope(|scope| {
    ///     // In another process, as a rule.
    ///     let received = scope.spawn(|| next.receive_from(&there));
    ///     lock.send_to(&here)?;
    ///     received.join().unwrap()
    /// })?;
    /// assert!(next.is_held() && !lock.is_held());
    /// # Ok::<(), tenure::Error>(())
    /// ```
    pub fn send_to(&mut self, stream: &UnixStream) -> Result<()> {
        self.own()?.send_to(stream)?;
        self.held = None;
        Ok(())
    }

    /// Becomes the holder of the lock that the process at the other end of `stream`
    /// [sends](Self::send_to).
    ///
    /// When this returns `Ok`, the lockfile names this process, and this value is the only holder. The
    /// sender is not believed: it has to send one descriptor, of the file that this value's path
    /// names, which is granted the lock that everybody else is refused.
    ///
    /// # Errors
    ///
    /// [`Error::AlreadyHeld`], [`Error::Unsupported`]. [`Error::NotHeld`] if what was sent is not locked,
    /// [`Error::NotALockfile`], and [`Error::Io`] if it is another file, or none, or more than one, or
    /// the sender is gone. After any of them this value holds nothing, no descriptor is left open, and
    /// the stream is shut down.
    ///
    /// # Examples
    ///
    /// See [`send_to`](Self::send_to).
    pub fn receive_from(&mut self, stream: &UnixStream) -> Result<()> {
        self.prepare()?;
        self.held = Some(self.protocol.receive_from(&self.settings, stream)?);
        Ok(())
    }
}
