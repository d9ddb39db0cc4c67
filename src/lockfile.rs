//! [`Lockfile`], the face of the crate.

#[cfg(feature = "tokio")]
mod asynchronous;
#[cfg(feature = "signals")]
mod ending;
mod exec;
mod losing;
mod observing;
mod passing;
mod process;
mod readiness;
mod removal;
mod sections;
#[cfg(unix)]
mod sending;
mod settings;
mod sharing;
mod waiting;

use std::fmt;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

pub use self::losing::Lost;
pub use self::process::HolderProcess;
use crate::backend::Flock;
use crate::changes::Changes;
use crate::engine::Engine;
use crate::error::{Error, Op, Result, failed};
use crate::file::{self, Lease};
use crate::holder::Holder;
use crate::named;
use crate::outcome::{Approach, Attempt, Busy, Known, Obstacle, Patience};
use crate::possession::Possession;
use crate::protocol::Protocol;
use crate::record::Record;
use crate::settings::Settings;
use crate::status::Status;
use crate::sys::{self, FileEvents, Mode};
use crate::trace;

/// For how long a look is repeated when only a reader, or the creator of an empty file, is in the way.
/// Both take microseconds; the rest is for one that loses the processor meanwhile.
const READERS_MOMENT: Duration = Duration::from_secs(1);

/// The same, where it may be another program that shares the lock: no reader can say that it is one.
const ANYBODYS_MOMENT: Duration = Duration::from_millis(250);

const READERS_STEP: Duration = Duration::from_micros(50);

/// A lockfile, to be held or held.
///
/// Like a [`std::fs::File`] with `lock`, `try_lock` and `unlock`: the value *is* the lock, and
/// dropping it releases. There is no guard to forget, and an `unlock` that fails can be tried
/// again.
///
/// While it is held, no other value acquires the same lockfile: not in another process, not in
/// another thread, not in this one. It ends with the process that acquired it, however that dies,
/// and the next contender [recovers](Self::recovered_from) it.
///
/// A child that this process forks has a copy of the value that does nothing: it neither unlocks
/// nor removes. But it has a copy of the descriptor, too, until it executes another program or
/// drops the value: if the holder *dies*, the lock stays taken for as long as such a child lives.
///
/// # Examples
///
/// ```
/// use tenure::{Error, Lockfile};
///
/// # let dir = tempfile::tempdir().unwrap();
/// # let path = dir.path().join("backupd.pid");
/// let mut lock = Lockfile::new(&path).message("nightly backup");
/// match lock.try_lock() {
///     Ok(()) => { /* we are the only one: serve */ }
///     Err(err @ Error::Busy { .. }) => eprintln!("{err}"),
///     Err(err) => return Err(err),
/// }
/// lock.unlock()?;
/// # Ok::<(), Error>(())
/// ```
pub struct Lockfile {
    settings: Settings,
    protocol: Arc<dyn Protocol>,
    held: Option<Box<dyn Possession>>,
    /// Whether there was a lockfile when this value last looked.
    met_file: bool,
    /// What a wait has kept for the next one.
    spare: Option<FileEvents>,
}

impl Lockfile {
    /// A lockfile at `path`. Nothing is done to the file system, and no error is possible, until
    /// it is locked. A relative path is taken from the working directory at that moment.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        let (settings, protocol) = (Settings::new(path.into()), Engine::from(Flock).protocol);
        Self { settings, protocol, held: None, met_file: false, spare: None }
    }

    /// [`new`](Self::new) and [`try_lock`](Self::try_lock) in one.
    ///
    /// # Errors
    ///
    /// Those of [`try_lock`](Self::try_lock).
    pub fn acquire(path: impl Into<PathBuf>) -> Result<Self> {
        let mut lock = Self::new(path);
        lock.try_lock()?;
        Ok(lock)
    }

    /// The lockfile of the application `name`, in the place for such files: `NAME.lock` in
    /// `$XDG_RUNTIME_DIR`; without that variable in `/run` for root; else in the directory
    /// `tenure-UID` of the system's temporary directory, made for this user alone.
    ///
    /// There is no second choice: a place that cannot be used is an error, because another process
    /// might be able to use it. For the same reason, processes of one user that differ in the
    /// variable (a session has it, cron has not) look in different places: give those a path.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidName`] for an empty name, one with `/`, `\` or NUL, and one too long for a
    /// file. [`Error::Io`] for a place that does not exist, or is not this user's.
    ///
    /// # Examples
    ///
    /// ```
    /// use tenure::{Error, Lockfile};
    ///
    /// assert!(matches!(Lockfile::named("../etc"), Err(Error::InvalidName { .. })));
    /// ```
    pub fn named(name: &str) -> Result<Self> {
        Ok(Self::new(named::path(name)?))
    }

    /// The path, as it was given.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.settings.path
    }

    /// Acquires the lock if it is free or stale; does not wait.
    ///
    /// When this returns `Ok`, this value is the only holder, the lockfile names it, and whatever
    /// a dead holder left has been [recovered](Self::recovered_from).
    ///
    /// # Errors
    ///
    /// - [`Error::Busy`]: somebody holds it, or it cannot be proven that nobody does.
    /// - [`Error::AlreadyHeld`]: this value does.
    /// - [`Error::InvalidPid`], [`Error::NotALockfile`]: what is at the path is no lockfile. It was
    ///   not changed.
    /// - [`Error::ProcessDead`]: stale, but this process may not write to it; or its lock is of another
    ///   backend, and may have outlived its holder.
    /// - [`Error::MessageTooLong`], [`Error::Unsupported`], [`Error::Io`].
    ///
    /// After any of them but `AlreadyHeld` this value holds nothing, and no half-written lockfile
    /// is left.
    pub fn try_lock(&mut self) -> Result<()> {
        self.prepare()?;
        self.attempt_at_once(Mode::Exclusive)
    }

    fn attempt_at_once(&mut self, mode: Mode) -> Result<()> {
        let approach = Approach { patience: Patience::None, mode };
        let path = file::absolute(&self.settings.path)?.into_owned();
        past_readers(&path, || self.attempt(&path, approach, None))?.map_err(|busy| {
            trace::busy(&path, busy.holder.as_deref());
            self.busy(busy)
        })
    }

    /// Tries once; `Ok(Ok(()))` when the lock is held now.
    pub(crate) fn attempt(
        &mut self,
        path: &Path,
        approach: Approach,
        open: Option<File>,
    ) -> Result<Result<(), Busy>> {
        let known = match open {
            Some(file) => Known::Open(file),
            None if self.met_file => Known::Exists,
            None => Known::Nothing,
        };
        match self.protocol.attempt(&self.settings, path, approach, known)? {
            Attempt::Acquired(held) => {
                self.met_file = self.settings.keep_file;
                trace::acquired(path, held.recovered_from(), held.was_abandoned());
                self.held = Some(held);
                let Settings { phase, message, .. } = &self.settings;
                // Whoever is not told does not believe that the service runs, and may end it.
                self.notify(*phase, message.as_deref()).inspect_err(|_| self.held = None)?;
                Ok(Ok(()))
            }
            Attempt::Busy(busy) => {
                self.met_file = true;
                Ok(Err(busy))
            }
        }
    }

    /// What every way of locking begins with.
    fn prepare(&mut self) -> Result<()> {
        if self.is_held() {
            return Err(Error::AlreadyHeld { path: self.settings.path.clone() });
        }
        // In a forked child, its parent's possession: the copy of the descriptor is closed.
        self.held = None;
        self.settings.check_message(self.settings.message.as_deref())
    }

    /// Releases the lock, reporting what dropping would ignore.
    ///
    /// The lockfile is removed, or marked as released if it is [kept](Self::keep_file) or this
    /// process may not remove it. Children that inherited the descriptor do not prolong the lock.
    ///
    /// # Errors
    ///
    /// - [`Error::RogueDeletion`] if somebody else removed or replaced the lockfile; the lock is no
    ///   longer held, and what is at the path now was not touched.
    /// - [`Error::NotHeld`] if it was not held: in a forked child, too.
    /// - On [`Error::Io`] it is still held, and `unlock` can be called again.
    pub fn unlock(&mut self) -> Result<()> {
        let result = self.own()?.release();
        if !matches!(result, Err(Error::Io { .. })) {
            self.held = None;
        }
        result
    }

    /// Whether this value holds the lock, in this process. A fork of it does not.
    ///
    /// Asks nobody: see [`verify`](Self::verify) for whether the lockfile is still there.
    #[must_use]
    pub fn is_held(&self) -> bool {
        self.held.as_ref().is_some_and(|held| held.is_own())
    }

    /// Checks that the path still names the lockfile that this value holds; costs one `lstat`. (By
    /// [`Hardlink`](crate::Hardlink), where others may reach the file system, it is read as well.)
    ///
    /// # Errors
    ///
    /// [`Error::RogueDeletion`] if not: another process may have been admitted. The lock is still
    /// held, on a file that nobody else can find. [`Error::NotHeld`]; [`Error::Io`] if it could
    /// not be told.
    pub fn verify(&self) -> Result<()> {
        match &self.held {
            Some(held) if held.is_own() => held.verify(),
            _ => Err(self.not_held()),
        }
    }

    /// Replaces the message in the record, now if the lock is held, and for the acquisitions to
    /// come.
    ///
    /// # Errors
    ///
    /// [`Error::MessageTooLong`], [`Error::Io`]: the message is what it was (but for [`Op::Notify`]: the
    /// record says it, and the service manager was not told). [`Error::NotHeld`] in
    /// a value that does not hold the lock: [`message`](Self::message) sets it beforehand.
    pub fn set_message(&mut self, message: impl Into<String>) -> Result<()> {
        let message = message.into();
        self.settings.check_message(Some(&message))?;
        let message = Some(message).filter(|message| !message.is_empty());
        self.own()?.rewrite(&mut |record| record.message.clone_from(&message))?;
        self.settings.message = message;
        self.notify(None, self.settings.message.as_deref().or(Some("")))
    }

    /// Reads who holds the lock, if anybody does, without disturbing anyone.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidPid`], [`Error::NotALockfile`]: what is at the path is no lockfile.
    /// [`Error::Io`]: it could not be read.
    pub fn status(&self) -> Result<Status> {
        Status::of(&*self.protocol, &self.settings)
    }

    /// Watches who holds the lock, without disturbing anyone: an endless iterator, over its state now
    /// and then over each change.
    pub fn changes(&self) -> Changes {
        Changes::of(Arc::clone(&self.protocol), self.settings.clone())
    }

    /// The holder: `None` if the lock is free or stale. One whose life is
    /// [unproven](crate::Verdict::Unproven) counts.
    ///
    /// # Errors
    ///
    /// Those of [`status`](Self::status).
    pub fn holder(&self) -> Result<Option<Holder>> {
        Ok(self.status()?.into_holder())
    }

    /// Whom this acquisition recovered the lock from: the record of a holder that died without
    /// releasing it, and the [verdict](Holder::verdict) why that was safe. `None` if the last
    /// holder released it, or died before it had written its record, and while nothing is held.
    #[must_use]
    pub fn recovered_from(&self) -> Option<&Holder> {
        self.held.as_ref()?.recovered_from()
    }

    /// Whether this acquisition took the lock from a holder that did not release it: what the lock
    /// protects may be half done. Also where nothing but a torn record tells of that holder, so that
    /// [`recovered_from`](Self::recovered_from) is `None`. `false` while nothing is held.
    #[must_use]
    pub fn was_abandoned(&self) -> bool {
        self.held.as_ref().is_some_and(|held| held.was_abandoned())
    }

    /// The record that this value wrote, while it is held. `None` also for one that shares the lock
    /// with another, whom the lockfile names.
    #[must_use]
    pub fn record(&self) -> Option<&Record> {
        self.held.as_ref().filter(|held| held.is_own())?.record()
    }

    fn own(&mut self) -> Result<&mut dyn Possession> {
        if !self.is_held() {
            return Err(self.not_held());
        }
        match &mut self.held {
            Some(held) => Ok(&mut **held),
            None => unreachable!("it is held"),
        }
    }

    fn busy(&self, busy: Busy) -> Error {
        let path = self.path();
        let obstacle = self.protocol.obstacle(path, busy.file.as_ref());
        Error::Busy { path: path.to_owned(), holder: busy.holder, obstacle }
    }

    fn not_held(&self) -> Error {
        let path = self.held.as_ref().map_or(self.path(), |held| held.path());
        Error::NotHeld { path: path.to_owned() }
    }
}

/// Tries again while nobody is in the way but those who are done in a moment: a reader, the creator of
/// the file, a lease. One that was stopped is not waited for.
fn past_readers<T>(
    path: &Path,
    mut attempt: impl FnMut() -> Result<Result<T, Busy>>,
) -> Result<Result<T, Busy>> {
    let (mut began, mut lease) = (None, Lease::default());
    loop {
        let result = attempt()?;
        match &result {
            Err(busy) if busy.obstacle.is_brief() => {}
            Err(Busy { obstacle: Obstacle::Lease, .. }) if lease.goes_on(path)? => continue,
            _ => return Ok(result),
        }
        let now = Instant::now();
        let limit = moment(result.as_ref().err());
        if now - *began.get_or_insert(now) >= limit {
            return Ok(result);
        }
        sys::poll(&[], Some(now + READERS_STEP)).map_err(failed(Op::Wait, path))?;
    }
}

/// For how long a brief obstacle is looked past.
fn moment(busy: Option<&Busy>) -> Duration {
    match busy {
        // A file that is kept for another look lies where readers say what they are.
        Some(Busy { obstacle: Obstacle::Reader, file: Some(_), .. }) => READERS_MOMENT,
        _ => ANYBODYS_MOMENT,
    }
}

/// Copies the settings, not the possession: a clone contends like anybody else.
impl Clone for Lockfile {
    fn clone(&self) -> Self {
        let (settings, protocol) = (self.settings.clone(), Arc::clone(&self.protocol));
        Self { settings, protocol, held: None, met_file: self.met_file, spare: None }
    }
}

impl fmt::Debug for Lockfile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lockfile")
            .field("settings", &self.settings)
            .field("backend", &self.protocol.name())
            .field("is_held", &self.is_held())
            .finish_non_exhaustive()
    }
}
