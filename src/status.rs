//! The state of a lockfile, for whoever reads it.

use std::fmt;
use std::fs::File;
use std::path::{Path, PathBuf};

use crate::error::Result;
use crate::file;
use crate::holder::Holder;
use crate::kernel_holder::{self, KernelHolder};
use crate::outcome::Found;
use crate::phase::Phase;
use crate::protocol::Protocol;
use crate::record::Content;
use crate::settings::Settings;
use crate::sys::{self, Mark};
use crate::verdict::{Verdict, Why};

/// Whether a lock can be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum State {
    /// Somebody holds it.
    Held,
    /// A holder left its lockfile behind and is proven gone: the next contender recovers it.
    Stale,
    /// There is no lockfile, or its last holder released it.
    Free,
    /// The file names nobody, and nobody has a kernel lock on it. That proves nothing: a program that
    /// takes no lock may have made it. A contender for the lock takes it over; it is not removed.
    Empty,
    /// There is a record, and whether its holder lives cannot be told from here; or its holder is gone,
    /// but there is a [claim](Status::claimant) on it whose author may live. Busy for every contender.
    Unproven,
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Held => "held",
            Self::Stale => "stale",
            Self::Free => "free",
            Self::Empty => "empty",
            Self::Unproven => "unproven",
        })
    }
}

/// What a look at a lockfile showed, at one moment that is over when it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    path: PathBuf,
    state: State,
    verdict: Option<Verdict>,
    holder: Option<Holder>,
    claimant: Option<Holder>,
}

impl Status {
    pub(crate) fn of(protocol: &dyn Protocol, settings: &Settings) -> Result<Self> {
        Self::found(protocol, settings, protocol.read(settings, None)?)
    }

    /// The same for one who looks again and again, and keeps the file open meanwhile.
    pub(crate) fn of_kept(
        protocol: &dyn Protocol,
        settings: &Settings,
        kept: &mut Option<File>,
    ) -> Result<Self> {
        let mut found = protocol.read(settings, kept.take())?;
        *kept = found.as_mut().and_then(|found| found.file.take()).and_then(file::for_another_look);
        if let Some(file) = kept {
            sys::say(file, Mark::Opens);
        }
        Self::found(protocol, settings, found)
    }

    /// Of what a look showed.
    pub(crate) fn found(
        protocol: &dyn Protocol,
        settings: &Settings,
        found: Option<Found>,
    ) -> Result<Self> {
        let path = settings.path.clone();
        let Some(found) = found else {
            return Ok(Self::new(path, State::Free, None));
        };
        let Found { content, verdict, locked, .. } = found.lockfile(&path)?;
        let claimant = match &content {
            Content::Record(record) => {
                file::claimant(protocol.primitive(), &path, record, verdict)?
            }
            _ => None,
        };
        let is_claimed =
            claimant.as_ref().is_some_and(|it| matches!(it.verdict(), Verdict::Unproven(_)));
        let state = match verdict {
            _ if locked => State::Held,
            Verdict::Live => State::Held,
            // As busy for contenders as an unproven holder.
            _ if is_claimed => State::Unproven,
            Verdict::Stale(Why::Released) => State::Free,
            Verdict::Stale(_) => State::Stale,
            Verdict::Unproven(Why::Blank | Why::Torn) => State::Empty,
            Verdict::Unproven(_) => State::Unproven,
        };
        let holder = Holder::of(content, verdict, locked);
        Ok(Self { path, state, verdict: Some(verdict), holder, claimant })
    }

    /// Of a lock without a file.
    pub(crate) fn of_memory(name: PathBuf, holder: Option<Holder>) -> Self {
        let state = if holder.is_some() { State::Held } else { State::Free };
        Self::new(name, state, holder)
    }

    /// The status of a lock of your own, for your [`Lock`](crate::Lock): whether it can be had, and
    /// who holds it or did so last, if that is known.
    ///
    /// # Examples
    ///
    /// ```
    /// use tenure::{State, Status};
    ///
    /// let status = Status::new("ledger", State::Free, None);
    /// assert_eq!(status.to_string(), "free");
    /// ```
    pub fn new(path: impl Into<PathBuf>, state: State, holder: Option<Holder>) -> Self {
        let verdict = holder.as_ref().map(Holder::verdict);
        Self { path: path.into(), state, verdict, holder, claimant: None }
    }

    /// The lockfile.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the lock can be had.
    #[must_use]
    pub fn state(&self) -> State {
        self.state
    }

    /// What that was concluded from; `None` where there is no lockfile.
    #[must_use]
    pub fn verdict(&self) -> Option<Verdict> {
        self.verdict
    }

    /// Who wrote the record: the holder of a held lock, the last holder of any other. `None` where
    /// there is no record (yet).
    #[must_use]
    pub fn holder(&self) -> Option<&Holder> {
        self.holder.as_ref()
    }

    /// The author of a [claim](Holder::claim) on the lockfile that others do not clear away: it lives, or
    /// it is unproven. By [`Hardlink`](crate::Hardlink), a claim comes before the removal of a dead
    /// holder's lockfile. If its author died as well, where that cannot be seen from here, it stays
    /// until it is [broken](crate::Lockfile::break_unproven) by the incarnation of its author's record.
    #[must_use]
    pub fn claimant(&self) -> Option<&Holder> {
        self.claimant.as_ref()
    }

    /// The other processes that have the kernel's lock on the lockfile now, whatever its record says:
    /// the holder, and all that have a copy of its descriptor. This process knows what it has, and is
    /// left out.
    ///
    /// Best effort. You see the processes that this process may look at: its own user's, or for root
    /// those of its PID namespace. A process that locks or unlocks meanwhile may be there or not. This is
    /// slow, because it looks at every descriptor of every process: use it for diagnosis.
    ///
    /// # Platform-specific behavior
    ///
    /// Linux; elsewhere it is empty.
    ///
    /// # Examples
    ///
    /// ```
    /// # let dir = tempfile::tempdir().unwrap();
    /// # let path = dir.path().join("backupd.pid");
    /// for holder in tenure::Lockfile::new(&path).status()?.kernel_holders() {
    ///     println!("pid {} has the lock", holder.process().pid);
    /// }
    /// # Ok::<(), tenure::Error>(())
    /// ```
    #[must_use]
    pub fn kernel_holders(&self) -> Vec<KernelHolder> {
        let Ok(Some(stat)) = sys::path_stat(&self.path) else { return Vec::new() };
        KernelHolder::of(stat.id, self.holder.as_ref().map(Holder::record))
    }

    /// Whether the process that the record names has the kernel's lock itself. If not, another process
    /// has it, and [`kernel_holders`](Self::kernel_holders) tells which. `None` where this process cannot
    /// tell: nobody has a kernel lock on the file, there is no record, or the process is another user's
    /// or in another PID namespace.
    ///
    /// # Platform-specific behavior
    ///
    /// Linux; elsewhere it is `None`.
    ///
    /// # Examples
    ///
    /// ```
    /// # let dir = tempfile::tempdir().unwrap();
    /// # let path = dir.path().join("backupd.pid");
    /// let status = tenure::Lockfile::new(&path).status()?;
    /// if status.holder_has_lock() == Some(false) {
    ///     println!("the lockfile names a process that does not have the lock");
    /// }
    /// # Ok::<(), tenure::Error>(())
    /// ```
    #[must_use]
    pub fn holder_has_lock(&self) -> Option<bool> {
        let holder = self.holder.as_ref().filter(|holder| holder.is_locked())?;
        let stat = sys::path_stat(&self.path).ok().flatten()?;
        kernel_holder::has_lock(holder.record(), stat.id)
    }

    /// Whether there is a live holder that says that it is [ready](Phase::Ready).
    ///
    /// Where its process cannot be seen from here (another container or host), the record of a holder
    /// that has died speaks for the next one, from when that has the kernel lock until it has written
    /// its own record.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        let is_ready = |holder: &Holder| holder.phase() == Some(Phase::Ready);
        // A verdict other than live: between taking the lock and writing its record, a contender is
        // told of by the record of the holder that has died.
        self.state == State::Held
            && self.verdict == Some(Verdict::Live)
            && self.holder.as_ref().is_some_and(is_ready)
    }

    pub(crate) fn into_holder(self) -> Option<Holder> {
        match (self.state, self.verdict) {
            (State::Unproven, Some(Verdict::Stale(_))) => self.claimant,
            (State::Held | State::Unproven, _) => self.holder,
            _ => None,
        }
    }
}

/// One line: `held by pid 4242 (backupd) on web-1, acquired 3m 20s ago: "nightly backup"`.
impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.state, &self.holder) {
            (State::Held, Some(holder)) => {
                write!(f, "held by {holder}")?;
                holder.phase().map_or(Ok(()), |phase| write!(f, " ({phase})"))
            }
            (State::Held, None) => f.write_str("held, by a process that has written no record"),
            (State::Stale, Some(holder)) => write!(f, "stale, left by {holder}"),
            (State::Stale, None) => f.write_str("stale, without a record"),
            (State::Free, Some(holder)) => write!(f, "free, last held by {holder}"),
            (State::Free, None) => f.write_str("free"),
            (State::Empty, _) => {
                f.write_str("empty: nobody has a kernel lock on it, and it names nobody")
            }
            (State::Unproven, None) if self.verdict == Some(Verdict::Unproven(Why::Opened)) => {
                f.write_str("unproven: it names nobody, and a process has it open")
            }
            (State::Unproven, Some(holder)) if matches!(self.verdict, Some(Verdict::Stale(_))) => {
                write!(f, "unproven, left by {holder}")
            }
            (State::Unproven, Some(holder)) => write!(f, "unproven, perhaps held by {holder}"),
            (State::Unproven, None) => f.write_str("unproven"),
        }?;
        match &self.claimant {
            Some(claimant) => write!(f, "; to be removed by {claimant}"),
            None => Ok(()),
        }
    }
}
