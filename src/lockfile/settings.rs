//! The settings of a lockfile, by value, as on [`std::process::Command`].

use std::sync::Arc;
use std::time::Duration;

use super::Lockfile;
use crate::engine::Engine;
use crate::holder::Holder;
use crate::phase::Phase;
#[cfg(feature = "conformance")]
use crate::protocol::Protocol;
use crate::record::Format;
use crate::settings::Foreign;

impl Lockfile {
    /// What the holder is doing, for those who read the record: at most
    /// [`MESSAGE_LIMIT`](crate::MESSAGE_LIMIT) bytes. A longer one is an error when locking.
    #[must_use]
    pub fn message(mut self, message: impl Into<String>) -> Self {
        self.settings.message = Some(message.into());
        self
    }

    /// How far the holder has come when it has just acquired the lock; nothing is said of that unless
    /// set. [`set_phase`](Self::set_phase) says more later.
    #[must_use]
    pub fn phase(mut self, phase: Phase) -> Self {
        self.settings.phase = Some(phase);
        self
    }

    /// The lock underneath; [`Flock`](crate::Flock) unless set. What the others are for is in the
    /// crate's docs, under [Backends](crate#backends).
    ///
    /// All processes that use one lockfile have to use one backend. A record of another backend is
    /// judged by its process alone.
    #[must_use]
    pub fn backend(mut self, backend: impl Into<Engine>) -> Self {
        self.protocol = backend.into().protocol;
        self
    }

    /// How it is locked.
    #[cfg(feature = "conformance")]
    pub(crate) fn protocol(&self) -> &dyn Protocol {
        &*self.protocol
    }

    /// How the record is written; [`Format::Json`] unless set. Reading knows every format.
    #[must_use]
    pub fn format(mut self, format: Format) -> Self {
        self.settings.format = format;
        self
    }

    /// The permissions of a lockfile that is created, less the process's umask; 0o644 unless set.
    ///
    /// Whoever may read the file may also lock it with flock(2), and so keep others out.
    #[must_use]
    pub fn mode(mut self, mode: u32) -> Self {
        self.settings.mode = mode & 0o7777;
        self
    }

    /// Whether the lockfile stays when it is released, with the time of its release in it.
    ///
    /// Faster than creating it anew each time, and it tells who held the lock last. `false` unless set.
    ///
    /// These stay in any case: a file that this process is not allowed to remove, a file that was there
    /// without a record of this crate, a file that another program has open, and every file on a network
    /// or FUSE file system.
    #[must_use]
    pub fn keep_file(mut self, keep: bool) -> Self {
        self.settings.keep_file = keep;
        self
    }

    /// What to do about a holder that may be dead, but on another host; [`Foreign::Busy`] unless
    /// set.
    #[must_use]
    pub fn foreign(mut self, policy: Foreign) -> Self {
        self.settings.foreign = policy;
        self
    }

    /// Whether a file that is not recognisably a lockfile may be overwritten. `false` unless set:
    /// such a file is [`Error::InvalidPid`](crate::Error::InvalidPid), and is left as it is.
    #[must_use]
    pub fn replace_invalid(mut self, replace: bool) -> Self {
        self.settings.replace_invalid = replace;
        self
    }

    /// Whether [`release_stale`](Self::release_stale) and [`break_unproven`](Self::break_unproven)
    /// remove a file that names nobody and that nobody has a kernel lock on. `false` unless set: it is
    /// [`Error::Empty`](crate::Error::Empty), and is left as it is.
    #[must_use]
    pub fn remove_empty(mut self, remove: bool) -> Self {
        self.settings.remove_empty = remove;
        self
    }

    /// Whether the service manager is told of the holder's phase and message, as soon as the record
    /// says them: `READY=1`, `STOPPING=1` and `STATUS=` of `sd_notify(3)`, for a systemd unit with
    /// `Type=notify`. `false` unless set; nothing is told where `$NOTIFY_SOCKET` is not set. The
    /// variable is left as it is, and children inherit it.
    ///
    /// A lock that is acquired without the service manager's being told is released again, with
    /// [`Op::Notify`](crate::Op::Notify).
    ///
    /// # Platform-specific behavior
    ///
    /// Sockets in the file system, as systemd has them; not the abstract ones of Linux. On systems
    /// other than Unix there is nobody to tell, and nothing is told.
    ///
    /// # Examples
    ///
    /// ```
    /// use tenure::{Lockfile, Phase};
    ///
    /// # let dir = tempfile::tempdir().unwrap();
    /// # let path = dir.path().join("backupd.pid");
    /// let mut lock = Lockfile::new(&path).phase(Phase::Starting).notify_systemd(true);
    /// lock.try_lock()?;
    /// // … listen, load, …
    /// lock.set_phase(Phase::Ready)?;
    /// # Ok::<(), tenure::Error>(())
    /// ```
    #[cfg(feature = "systemd")]
    #[must_use]
    pub fn notify_systemd(mut self, notify: bool) -> Self {
        self.settings.notify_systemd = notify;
        self
    }

    /// Is called by the methods that wait, once waiting has lasted a second and again when the
    /// holder changes, with the holder (if it is known) and the time waited.
    #[must_use]
    pub fn on_wait(
        mut self,
        call: impl Fn(Option<&Holder>, Duration) + Send + Sync + 'static,
    ) -> Self {
        self.settings.on_wait = Some(Arc::new(call));
        self
    }
}
