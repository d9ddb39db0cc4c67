//! The ways of locking that wait.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::backend::is_held_by_own_kind;
use crate::cancel::Cancel;
use crate::error::{Error, Op, Result, failed};
use crate::identity::Identity;
use crate::lockfile::{Lockfile, READERS_STEP, moment};
use crate::outcome::{Approach, Busy, Obstacle, Patience};
use crate::sys::{self, Generation, Mark, Mode, say};
use crate::wait::{End, Vigil};
use crate::{file, threads, trace};

impl Lockfile {
    /// Acquires the lock, waiting for as long as it takes.
    ///
    /// Waits in the kernel's queue, without using the processor, and those who wait are served in
    /// the order of their coming; a signal handler may run meanwhile, and the waiting goes on. (A
    /// contender who comes in the very moment of a release can be first.) On a local file system
    /// under Linux, a release leaves the lockfile to those who wait, and the last of them removes
    /// it, unless it is killed first; elsewhere, unless it is [kept](Self::keep_file), they queue
    /// anew for each holder. That somebody removes or moves the lockfile is not noticed before its
    /// holder is done.
    ///
    /// A holder that takes no kernel lock (a PID file of another program), and a wait that is
    /// [told of](Self::on_wait), is waited for as in [`lock_timeout`](Self::lock_timeout).
    ///
    /// # Errors
    ///
    /// Those of [`try_lock`](Self::try_lock), but for `Busy`; and [`Error::Deadlock`] if this
    /// thread acquired the lock through another value: it would wait for itself. (A value that was
    /// acquired here and then moved to another thread counts as this thread's.)
    pub fn lock(&mut self) -> Result<()> {
        self.wait(Mode::Exclusive, None, None)
    }

    /// Acquires the lock, waiting for at most `limit`. With a limit of zero it looks once.
    ///
    /// Is woken by the release, or the holder's death, and sleeps meanwhile. Those of one user who
    /// wait so are woken in the order of their coming, one at a time. Those who wait in
    /// [`lock`](Self::lock) come before them, because the kernel's queue does; and so can anybody
    /// who looks in the moment of a release, as each who waits does about once a second, in case
    /// that the first of them was stopped.
    ///
    /// # Errors
    ///
    /// Those of [`lock`](Self::lock), and [`Error::Timeout`] when the time is over.
    ///
    /// # Platform-specific behavior
    ///
    /// Linux: inotify(7) and pidfds tell. A look a second is for what they do not tell of: a holder
    /// that unlocks a file and keeps it open, a directory that is replaced, a mount. A value that has
    /// waited keeps a descriptor for its next wait; to close it, when the value is dropped, takes up
    /// to 20 ms. Limits do not count the time that the machine is suspended. On network and FUSE file systems, and on other
    /// systems, it is twenty looks a second. Sandboxes without Unix sockets have no order of
    /// coming, nor have processes in different network namespaces.
    pub fn lock_timeout(&mut self, limit: Duration) -> Result<()> {
        self.wait(Mode::Exclusive, Some(limit), None)
    }

    /// Acquires the lock, waiting until it is called off.
    ///
    /// Waits as [`lock_timeout`](Self::lock_timeout) does. If `cancel` has fired before, it looks
    /// once.
    ///
    /// # Errors
    ///
    /// Those of [`lock`](Self::lock), and [`Error::Cancelled`] if `cancel` fires before the lock is
    /// free.
    ///
    /// # Examples
    ///
    /// See [`Cancel`].
    pub fn lock_until(&mut self, cancel: &Cancel) -> Result<()> {
        self.wait(Mode::Exclusive, None, Some(cancel))
    }

    pub(super) fn wait(
        &mut self,
        mode: Mode,
        limit: Option<Duration>,
        cancel: Option<&Cancel>,
    ) -> Result<()> {
        let mut contest = Contest::begin(self, mode, limit, cancel)?;
        contest.queue_at_once();
        loop {
            match contest.look(Thread::MayBlock)? {
                Look::Acquired => return Ok(()),
                Look::Again => {}
                Look::Sleep => contest.sleep()?,
            }
        }
    }
}

/// The thread of whoever waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Thread {
    /// It has nothing else to do.
    MayBlock,
    /// It has others to serve.
    #[cfg(feature = "tokio")]
    GoesOn,
}

/// What came of a look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    Acquired,
    /// It is to be looked at again at once.
    Again,
    /// It is to be looked at again after a sleep.
    Sleep,
}

/// A wait of a lockfile. Dropping it ends the wait, and leaves nothing but what the lockfile keeps
/// for the next.
pub(super) struct Contest<'a> {
    lock: &'a mut Lockfile,
    limit: Option<Duration>,
    vigil: Vigil<'a>,
    approach: Approach,
    open: Option<File>,
    /// Absolute, so that a `chdir` meanwhile does not make it another lock.
    path: PathBuf,
    /// Who waits. A forked child that goes on with the wait is another.
    process: Generation,
    /// Since when nobody but readers has been in the way of the end.
    readers: Option<Instant>,
    /// Whether the wait was told of in the log.
    traced: bool,
}

impl<'a> Contest<'a> {
    pub(super) fn begin(
        lock: &'a mut Lockfile,
        mode: Mode,
        limit: Option<Duration>,
        cancel: Option<&'a Cancel>,
    ) -> Result<Self> {
        lock.prepare()?;
        let path = file::absolute(&lock.settings.path)?.into_owned();
        // Now, and not when the lock is ours and others wait for us: learning it takes a while.
        drop(Identity::current());
        let (told, spare) = (lock.settings.on_wait.clone(), lock.spare.take());
        let vigil = Vigil::new(limit, cancel, told, spare);
        let approach = Approach { patience: Patience::None, mode };
        let process = Generation::current();
        let (open, readers, traced) = (None, None, false);
        Ok(Self { lock, limit, vigil, approach, open, path, process, readers, traced })
    }

    /// Begins in the backend's queue, without asking first who is in the way, if it cannot be this
    /// thread itself.
    fn queue_at_once(&mut self) {
        // Who is told of the wait is to be told whom it is for.
        if !threads::has_any() && !trace::wants_waits() {
            self.approach.patience = self.vigil.patience(self.lock.protocol.queue());
        }
    }

    /// Tries once.
    pub(super) fn look(&mut self, thread: Thread) -> Result<Look> {
        self.be_oneself();
        let open = self.open.take();
        let queued = self.approach.patience == Patience::Queue(None);
        let Err(mut busy) = self.lock.attempt(&self.path, self.approach, open)? else {
            return Ok(Look::Acquired);
        };
        let may_block = thread == Thread::MayBlock;
        if may_block && matches!(busy.obstacle, Obstacle::Lock(id) if threads::is_own(id)) {
            return Err(Error::Deadlock { path: self.path().to_owned() });
        }
        if let Some(end) = self.vigil.end(busy.holder.as_deref()) {
            if self.is_reader_in_the_way(&busy) {
                sys::poll(&[], Some(Instant::now() + READERS_STEP))
                    .map_err(failed(Op::Wait, &self.path))?;
                return Ok(Look::Again);
            }
            return Err(self.ended(end, busy));
        }
        if !std::mem::replace(&mut self.traced, true) {
            trace::waits(&self.path, busy.holder.as_deref());
        }
        // Who was told may have forked: then what was open for this look is the parent's as well.
        if self.be_oneself() {
            busy.file = None;
        }
        // A queue that was left without the lock is none here.
        let in_vain = queued && matches!(busy.obstacle, Obstacle::Lock(_));
        self.approach.patience = if may_block && is_of_the_lock(&busy) && !in_vain {
            self.vigil.patience(self.lock.protocol.queue())
        } else {
            Patience::None
        };
        if self.approach.patience != Patience::None {
            // Whoever is in the queue does not watch.
            self.vigil.pause();
        }
        let look = if self.approach.patience != Patience::None || self.vigil.arm(&self.path, &busy)
        {
            Look::Again
        } else {
            Look::Sleep
        };
        if let Some(file) = busy.file.as_ref().filter(|_| look == Look::Sleep) {
            // The file is left to those who wait, as in the kernel's queue. One that others have open
            // gets no lock for a mark: they may wait for all of its bytes. But each who waits says that
            // its own descriptor means nothing, or all would wait for each other.
            let heeded = busy.obstacle != Obstacle::Opened && is_held_by_own_kind(file);
            say(file, if heeded { Mark::Waits } else { Mark::Opens });
        }
        self.open = busy.file;
        Ok(look)
    }

    /// The lock is a task's, and not this thread's.
    #[cfg(feature = "tokio")]
    pub(super) fn forget_thread(&mut self) {
        if let Some(held) = &mut self.lock.held {
            held.forget_thread();
        }
    }

    /// A forked child begins anew: with the open file of its parent it would have the lock of its
    /// parent, and let go of it. Returns whether this is one.
    fn be_oneself(&mut self) -> bool {
        let process = Generation::current();
        let is_new = self.process != process;
        if is_new {
            self.process = process;
            self.open = None;
            self.vigil.restart();
        }
        is_new
    }

    /// Whether, at the end of the wait, nobody but a reader is in the way, who is done in a moment.
    fn is_reader_in_the_way(&mut self, busy: &Busy) -> bool {
        let now = Instant::now();
        // One that has waited has looked before, and has no time left.
        !self.traced
            && busy.obstacle.is_brief()
            && now - *self.readers.get_or_insert(now) < moment(Some(busy))
    }

    fn ended(&self, end: End, busy: Busy) -> Error {
        let Busy { holder, file, .. } = busy;
        let obstacle = self.lock.protocol.obstacle(&self.path, file.as_ref());
        trace::busy(&self.path, holder.as_deref());
        let path = self.path().to_owned();
        match end {
            End::Late => {
                Error::Timeout { path, limit: self.limit.unwrap_or_default(), holder, obstacle }
            }
            End::Cancelled => Error::Cancelled { path, holder, obstacle },
        }
    }

    fn sleep(&mut self) -> Result<()> {
        self.vigil.sleep(&self.path)
    }

    /// The same, while the thread serves other tasks.
    #[cfg(feature = "tokio")]
    pub(super) async fn doze(&mut self) -> Result<()> {
        self.vigil.doze(&self.path).await
    }

    fn path(&self) -> &Path {
        &self.lock.settings.path
    }
}

impl Drop for Contest<'_> {
    fn drop(&mut self) {
        if self.process == Generation::current() {
            self.lock.spare = self.vigil.leave();
        }
    }
}

/// Whether it is the lock that is in the way, for which the backend may have a queue.
fn is_of_the_lock(busy: &Busy) -> bool {
    matches!(busy.obstacle, Obstacle::Lock(_) | Obstacle::Reader)
}
