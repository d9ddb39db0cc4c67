//! [`Changes`]: a lockfile, watched.
//!
//! Arm, look, wait: what tells of a change is set up before the look that is believed, so that no
//! change is missed between a look and the sleep after it.

mod pace;
mod senses;

use std::borrow::Cow;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use crate::cancel::Cancel;
use crate::changes::pace::Pace;
use crate::changes::senses::Senses;
use crate::error::{Op, Result, failed};
use crate::file::absolute;
use crate::protocol::Protocol;
use crate::settings::Settings;
use crate::status::Status;
use crate::sys::{self, AsFd, Generation};
use crate::verdict::{Verdict, Why};

/// The states of a lockfile, from now on: [`Lockfile::changes`](crate::Lockfile::changes).
///
/// The first is the present state. Each that follows differs from the one before it, in the state,
/// the verdict, the holder, its phase or its message. The iterator waits for it, in the kernel, and ends when
/// it is [called off](Self::until), or never. The end of a holder is not missed, be it a release, a
/// death or the removal of the file. What is over within a millisecond is not seen: two holders in a
/// row may be told of as one change, from the first to the second.
///
/// Nobody becomes busy by being watched: contenders do not mind those who look.
///
/// An error is told like a state, and watching goes on: what is no lockfile may be replaced by one.
///
/// # Platform-specific behavior
///
/// On Linux, inotify(7) and pidfds tell of every change of a lockfile of this crate on a local file
/// system, and there are no looks without a reason. Elsewhere there is one in a second: on other
/// Unixes; on network and FUSE file systems, where a change on another host is not told here; for a
/// holder that no event speaks for, because it wrote no record of this crate (it may take and leave
/// its kernel lock without anything else happening), or holds without a kernel lock in another PID
/// namespace; where this process may not watch the file, or has no more inotify instances
/// (`fs.inotify.max_user_instances`). A mount over the path is not noticed, nor that a directory
/// above that of the lockfile is renamed.
///
/// # Examples
///
/// ```
/// use tenure::{Lockfile, State};
///
/// # let dir = tempfile::tempdir().unwrap();
/// # let path = dir.path().join("backupd.pid");
/// let mut changes = Lockfile::new(&path).changes();
/// assert_eq!(changes.next().unwrap()?.state(), State::Free);
///
/// let held = Lockfile::acquire(&path)?;
/// assert_eq!(changes.next().unwrap()?.state(), State::Held);
/// # Ok::<(), tenure::Error>(())
/// ```
#[derive(Debug)]
#[must_use = "it is lazy: to watch is to ask it for the next"]
pub struct Changes {
    protocol: Arc<dyn Protocol>,
    settings: Settings,
    cancel: Option<Cancel>,
    /// Kept open, so that to look is not to open and to close, which would wake us.
    file: Option<File>,
    senses: Senses,
    pace: Pace,
    told: Option<Told>,
    /// How many looks in a row have shown what cannot stay.
    doubts: u32,
    /// A forked child has copies of what its parent watches with, and begins anew.
    process: Generation,
}

/// What the caller was told of last.
type Told = std::result::Result<Status, String>;

impl Changes {
    pub(crate) fn of(protocol: Arc<dyn Protocol>, settings: Settings) -> Self {
        Self {
            protocol,
            settings,
            cancel: None,
            file: None,
            senses: Senses::default(),
            pace: Pace::default(),
            told: None,
            doubts: 0,
            process: Generation::current(),
        }
    }

    /// Ends the iterator once `cancel` has fired.
    pub fn until(self, cancel: &Cancel) -> Self {
        Self { cancel: Some(cancel.clone()), ..self }
    }

    /// Waits for the next change, until `deadline` if there is one, and looks once in any case; `None` if
    /// that passes, or it is called off.
    pub(crate) fn change(&mut self, deadline: Option<Instant>) -> Result<Option<Status>> {
        if self.process != Generation::current() {
            (self.senses, self.file) = (Senses::default(), None);
            self.process = Generation::current();
        }
        // The caller may have taken its time, and what was seen last is told.
        self.pace.quicken();
        loop {
            if self.cancel.as_ref().is_some_and(Cancel::is_fired) {
                return Ok(None);
            }
            let path = &self.settings.path;
            let path = absolute(path).map_or_else(|_| path.clone(), Cow::into_owned);
            // There, each look opens and closes the file, and that would wake us.
            let reopens = self.protocol.reopens() || !senses::is_local(self.file.as_ref(), &path);
            let closes = !reopens;
            // Before the look: between that and the arming, the file may change.
            self.senses.arm_file(&path, closes);
            let seen = Status::of_kept(&*self.protocol, &self.settings, &mut self.file);
            // Between the look and this, the process may end: look again before a sleep.
            if self.senses.arm_process(seen.as_ref().ok()) {
                continue;
            }
            self.doubts = if is_settled(&seen) { 0 } else { self.doubts + 1 };
            let will_stay = self.doubts == 0 || self.doubts > Pace::LOOKS;
            if will_stay && self.is_news(&seen) {
                self.told = Some(seen.as_ref().map(Clone::clone).map_err(ToString::to_string));
                return seen.map(Some);
            }
            if deadline.is_some_and(|deadline| deadline <= Instant::now()) {
                return Ok(None);
            }
            self.sleep(seen.as_ref().ok(), &path, deadline)?;
        }
    }

    fn is_news(&self, seen: &Result<Status>) -> bool {
        match (&self.told, seen) {
            (Some(Ok(told)), Ok(seen)) => told != seen,
            (Some(Err(told)), Err(seen)) => *told != seen.to_string(),
            _ => true,
        }
    }

    /// Sleeps until there is reason to look.
    fn sleep(
        &mut self,
        seen: Option<&Status>,
        path: &Path,
        deadline: Option<Instant>,
    ) -> Result<()> {
        let speaks = self.senses.tell_all(seen, self.file.as_ref(), path);
        let next = self.pace.next(speaks).map(|step| Instant::now() + step);
        let until = next.into_iter().chain(deadline).min();
        loop {
            let cancel = self.cancel.as_ref();
            let fds: Vec<_> = self.senses.fds().chain(cancel.map(AsFd::as_fd)).collect();
            sys::poll(&fds, until).map_err(failed(Op::Wait, path))?;
            if self.senses.take() {
                self.pace.quicken();
                // What belongs together happens together: to create, to lock and to write.
                let fds: Vec<_> = cancel.map(AsFd::as_fd).into_iter().collect();
                let soon = Some(Instant::now() + Pace::MOMENT);
                let soon = soon.into_iter().chain(deadline).min();
                return sys::poll(&fds, soon).map_err(failed(Op::Wait, path));
            }
            let is_late = until.is_some_and(|until| until <= Instant::now());
            if is_late || cancel.is_some_and(Cancel::is_fired) {
                return Ok(());
            }
        }
    }
}

impl Iterator for Changes {
    type Item = Result<Status>;

    fn next(&mut self) -> Option<Self::Item> {
        self.change(None).transpose()
    }
}

/// Whether it can stay as it was seen. A file without a record, or with that of a process that has
/// ended, while somebody has the lock, is what a contender makes on its way in.
fn is_settled(seen: &Result<Status>) -> bool {
    let Ok(seen) = seen else { return true };
    match seen.verdict() {
        Some(Verdict::Unproven(Why::Outlived)) => false,
        Some(_) => seen.holder().is_some(),
        None => true,
    }
}
