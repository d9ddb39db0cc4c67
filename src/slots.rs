//! [`Slots`]: at most so many holders at a time.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::error::{Error, Op, Result, failed};
use crate::file;
use crate::holder::Holder;
use crate::lock::Lock;
use crate::lockfile::Lockfile;
use crate::outcome::Approach;
use crate::status::{State, Status};
use crate::sys::{self, AsFd, FileEvents, Interest};
use crate::wait::Pace;

/// At most so many holders at a time: a counting semaphore over lockfiles.
///
/// Each slot is a lockfile of its own, with the record of its holder, and is recovered by itself
/// when that has died. A value holds at most one slot; dropping it releases that. Those who wait
/// are served in the order of their coming.
///
/// All processes have to agree on the number: who names fewer uses the first of them.
///
/// # Examples
///
/// ```
/// use tenure::{Lock, Slots};
///
/// # let dir = tempfile::tempdir().unwrap();
/// # let path = dir.path().join("encoders");
/// let (mut one, mut other) = (Slots::new(&path, 2), Slots::new(&path, 2));
/// one.try_lock()?;
/// other.try_lock()?;
/// assert!(Slots::new(&path, 2).try_lock().unwrap_err().is_busy());
/// assert_eq!(one.holders()?.len(), 2);
/// # Ok::<(), tenure::Error>(())
/// ```
#[derive(Debug)]
pub struct Slots {
    path: PathBuf,
    lockfiles: Vec<Lockfile>,
    /// Held by the one of those who wait whose turn is next.
    gate: Lockfile,
    held: Option<usize>,
}

/// What came of a look at all slots.
enum Look {
    Acquired,
    /// All are held; one of the holders, if any is known.
    Busy(Option<Box<Holder>>),
}

impl Slots {
    /// `count` slots: `PATH.0`, `PATH.1` and so on, beside whatever is at `path`. Those who wait use
    /// `PATH.gate` as well.
    ///
    /// # Panics
    ///
    /// If `count` is zero.
    pub fn new(path: impl Into<PathBuf>, count: usize) -> Self {
        let path = path.into();
        // A slash at the end is no part of the name: `PATH/.0` would be another slot.
        let prefix: PathBuf = path.components().collect();
        Self::named(path, &prefix, count)
    }

    /// `count` slots in the directory `dir`, which has to exist: `slot.0`, `slot.1` and so on. Those
    /// who wait use `slot.gate` as well. They are others than those of [`new`](Self::new), and all who
    /// contend have to agree on the one or the other.
    ///
    /// # Panics
    ///
    /// If `count` is zero.
    ///
    /// # Examples
    ///
    /// ```
    /// use tenure::{Lock, Slots};
    ///
    /// # let dir = tempfile::tempdir().unwrap();
    /// let mut slots = Slots::within(dir.path(), 2);
    /// slots.try_lock()?;
    /// assert_eq!(slots.slot().unwrap().path(), dir.path().join("slot.0"));
    /// # Ok::<(), tenure::Error>(())
    /// ```
    pub fn within(dir: impl Into<PathBuf>, count: usize) -> Self {
        let dir = dir.into();
        let prefix = dir.join("slot");
        Self::named(dir, &prefix, count)
    }

    /// The names do not depend on what is there: that may change while a slot is held.
    fn named(path: PathBuf, prefix: &Path, count: usize) -> Self {
        assert!(count > 0, "there has to be a slot");
        let file = |suffix: &str| {
            let mut file = prefix.as_os_str().to_owned();
            file.push(".");
            file.push(suffix);
            Lockfile::new(file)
        };
        let lockfiles = (0..count).map(|number| file(&number.to_string())).collect();
        Self { path, lockfiles, gate: file("gate"), held: None }
    }

    /// The same with other settings: `change` is applied to each of the slots.
    ///
    /// # Examples
    ///
    /// ```
    /// use tenure::Slots;
    ///
    /// let slots = Slots::new("/run/encoders", 4).with_settings(|slot| slot.message("encode"));
    /// # drop(slots);
    /// ```
    #[must_use]
    pub fn with_settings(mut self, change: impl Fn(Lockfile) -> Lockfile) -> Self {
        self.lockfiles = self.lockfiles.into_iter().map(change).collect();
        self
    }

    /// The path, or directory, that it was made with.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The slot that this value holds.
    #[must_use]
    pub fn slot(&self) -> Option<&Lockfile> {
        self.lockfiles.get(self.held?).filter(|slot| slot.is_held())
    }

    /// Who holds the slots, in the order of the slots. One whose life is unproven counts.
    ///
    /// # Errors
    ///
    /// Those of [`Lockfile::holder`], of the first slot that cannot be read.
    pub fn holders(&self) -> Result<Vec<Holder>> {
        self.lockfiles.iter().filter_map(|slot| slot.holder().transpose()).collect()
    }

    fn prepare(&self) -> Result<()> {
        if self.is_held() {
            return Err(Error::AlreadyHeld { path: self.path.clone() });
        }
        Ok(())
    }

    /// Tries each slot in turn.
    fn try_each(
        &mut self,
        mut attempt: impl FnMut(usize, &mut Lockfile) -> Result<Option<Box<Holder>>>,
    ) -> Result<Look> {
        let mut holder = None;
        for (number, slot) in self.lockfiles.iter_mut().enumerate() {
            let busy = attempt(number, slot)?;
            if slot.is_held() {
                self.held = Some(number);
                return Ok(Look::Acquired);
            }
            holder = holder.or(busy);
        }
        Ok(Look::Busy(holder))
    }

    fn look(&mut self) -> Result<Look> {
        self.try_each(|_, slot| match slot.try_lock() {
            Err(Error::Busy { holder, .. }) => Ok(holder),
            result => result.map(|()| None),
        })
    }

    /// The same, with files that are kept open from one look to the next: to open and close them
    /// would wake all who watch them, this value among them.
    fn look_again(&mut self, open: &mut [Option<File>]) -> Result<Look> {
        self.try_each(|number, slot| {
            let path = file::absolute(slot.path())?.into_owned();
            match slot.attempt(&path, Approach::AT_ONCE, open[number].take())? {
                Ok(()) => Ok(None),
                Err(busy) => {
                    open[number] = busy.file;
                    Ok(busy.holder)
                }
            }
        })
    }

    fn wait(&mut self, limit: Option<Duration>) -> Result<()> {
        self.prepare()?;
        let deadline = limit.and_then(|limit| Instant::now().checked_add(limit));
        // Those who wait already come first.
        let passed = match deadline {
            None => self.gate.lock(),
            Some(deadline) => {
                self.gate.lock_timeout(deadline.saturating_duration_since(Instant::now()))
            }
        };
        match passed {
            // One last look, as at every deadline.
            Err(Error::Timeout { .. }) => match self.look()? {
                Look::Acquired => Ok(()),
                Look::Busy(holder) => Err(self.late(limit, holder)),
            },
            Err(err) => Err(err),
            Ok(()) => {
                let result = self.wait_for_any(deadline).and_then(|look| match look {
                    Look::Acquired => Ok(()),
                    Look::Busy(holder) => Err(self.late(limit, holder)),
                });
                // The slot is held, or the wait is over: a gate that somebody has removed does not
                // matter any more.
                let _ = self.gate.unlock();
                result
            }
        }
    }

    fn late(&self, limit: Option<Duration>, holder: Option<Box<Holder>>) -> Error {
        Error::Timeout {
            path: self.path.clone(),
            limit: limit.unwrap_or_default(),
            holder,
            obstacle: None,
        }
    }

    /// Sleeps until one of the slots is free. Arm, look, wait: see the module `wait`.
    fn wait_for_any(&mut self, deadline: Option<Instant>) -> Result<Look> {
        let mut open: Vec<Option<File>> = self.lockfiles.iter().map(|_| None).collect();
        let mut events = FileEvents::new().ok();
        let mut pace = Pace::new();
        loop {
            let look = self.look_again(&mut open)?;
            let now = Instant::now();
            if matches!(look, Look::Acquired) || deadline.is_some_and(|deadline| deadline <= now) {
                return Ok(look);
            }
            // As for one lockfile: without a file that is kept open, each look closes one.
            let are_open = open.iter().all(Option::is_some);
            let interest = if are_open { Interest::Closing } else { Interest::Writing };
            let paths = self.lockfiles.iter().map(|lockfile| (lockfile.path(), interest));
            let armed = events.as_mut().map(|events| events.watch(paths));
            if matches!(armed, Some(Ok(true))) {
                continue;
            }
            pace.rely_on_events(matches!(armed, Some(Ok(false))) && are_local(&open));
            let until = [now.checked_add(pace.next()), deadline].into_iter().flatten().min();
            let fds: Vec<_> = events.iter().map(AsFd::as_fd).collect();
            sys::poll(&fds, until).map_err(failed(Op::Wait, &self.path))?;
            if events.as_ref().is_some_and(FileEvents::take) {
                pace.quicken();
            }
        }
    }

    fn own(&mut self) -> Result<&mut Lockfile> {
        let path = &self.path;
        let slot = self.held.and_then(|number| self.lockfiles.get_mut(number));
        slot.filter(|slot| slot.is_held()).ok_or_else(|| Error::NotHeld { path: path.clone() })
    }
}

/// Whether nothing happens to the files but what this kernel knows of.
fn are_local(files: &[Option<File>]) -> bool {
    files.iter().all(|file| file.as_ref().is_some_and(sys::is_surely_local))
}

impl Lock for Slots {
    fn try_lock(&mut self) -> Result<()> {
        self.prepare()?;
        match self.look()? {
            Look::Acquired => Ok(()),
            Look::Busy(holder) => Err(Error::busy(&self.path, holder)),
        }
    }

    fn lock(&mut self) -> Result<()> {
        self.wait(None)
    }

    fn lock_timeout(&mut self, limit: Duration) -> Result<()> {
        self.wait(Some(limit))
    }

    fn unlock(&mut self) -> Result<()> {
        self.own()?.unlock()
    }

    fn is_held(&self) -> bool {
        self.slot().is_some()
    }

    fn was_abandoned(&self) -> bool {
        self.slot().is_some_and(Lockfile::was_abandoned)
    }

    /// That of the first slot that can be had; held, if none can.
    fn status(&self) -> Result<Status> {
        let mut first = None;
        for slot in &self.lockfiles {
            let status = slot.status()?;
            if matches!(status.state(), State::Free | State::Stale | State::Empty) {
                return Ok(status);
            }
            first = first.or(Some(status));
        }
        match first {
            Some(status) => Ok(status),
            None => unreachable!("there is a slot"),
        }
    }
}
