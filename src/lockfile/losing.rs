//! What is done about a lockfile that others meddle with while it is held.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use super::Lockfile;
use crate::error::Result;
use crate::lookout::Listener;
use crate::loss::Loss;

impl Lockfile {
    /// Has `tell` told when somebody removes, replaces or overwrites the lockfile, for as long as it
    /// is held.
    ///
    /// Once for each [`Loss`]: that this value itself unlocks the lockfile, or changes its
    /// message, is none. After a [`restore`](Self::restore), it is told of the next. When `unlock`
    /// returns, nobody will be told any more of what has happened since it was called.
    ///
    /// `tell` runs in a thread that takes no signals, one for all lockfiles of this process, and
    /// what it does not return from keeps all others from being told; it may use the lockfile. If it
    /// panics, it is not told again. What it owns is dropped once the lock is released: one that owns
    /// this value itself, behind an [`Arc`], keeps it held, where a [`Weak`](std::sync::Weak) would
    /// not. The thread ends when none of them is held any more.
    ///
    /// # Errors
    ///
    /// [`Error::NotHeld`](crate::Error::NotHeld). [`Error::Io`](crate::Error::Io) if there is no
    /// thread, or no descriptor, to be had.
    ///
    /// # Platform-specific behavior
    ///
    /// On a local file system under Linux, events tell at once (inotify(7) of the file and its
    /// directory), and a look each 30 seconds is for what makes no event: a directory further up
    /// that is moved, a mount on top. Elsewhere it is a look each second.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::mpsc::channel;
    /// use tenure::{Lockfile, Loss};
    ///
    /// # let dir = tempfile::tempdir().unwrap();
    /// # let path = dir.path().join("backupd.pid");
    /// let mut lock = Lockfile::acquire(&path)?;
    /// let (tell, told) = channel();
    /// lock.on_lost(move |loss| tell.send(loss).unwrap())?;
    ///
    /// std::fs::remove_file(&path).unwrap();
    /// assert_eq!(told.recv(), Ok(Loss::Removed));
    /// lock.restore()?;
    /// assert!(lock.verify().is_ok());
    /// # Ok::<(), tenure::Error>(())
    /// ```
    pub fn on_lost(&mut self, tell: impl FnMut(Loss) + Send + 'static) -> Result<()> {
        self.own()?.watch(Listener::new(tell))
    }

    /// A future of the next [`Loss`], for any executor; see [`on_lost`](Self::on_lost). It is `None`
    /// if the lock is released before that. To drop it costs nothing.
    ///
    /// # Errors
    ///
    /// Those of [`on_lost`](Self::on_lost).
    ///
    /// # Examples
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), tenure::Error> {
    /// # let dir = tempfile::tempdir().unwrap();
    /// # let mut lock = tenure::Lockfile::acquire(dir.path().join("backupd.pid"))?;
    /// # let serve = async {};
    /// let lost = lock.lost()?;
    /// tokio::select! {
    ///     () = serve => lock.unlock()?,
    ///     loss = lost => eprintln!("stopping: the lockfile was {}", loss.unwrap()),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn lost(&mut self) -> Result<Lost> {
        let lost = Lost::default();
        let end = End(Arc::clone(&lost.news));
        self.own()?
            .watch(Listener::for_the_life_of(&lost.life, move |loss| end.come(Some(loss))))?;
        Ok(lost)
    }

    /// Puts the lockfile back after somebody removed it, or this holder's record after somebody
    /// overwrote it, if nobody has taken its place.
    ///
    /// When this returns `Ok`, this value is the only holder again: the file that is put back is
    /// locked before anybody can find it, and it is never put in the place of another. But
    /// *between* the removal and now another process may have been admitted, have done its work, and
    /// have gone. Does nothing to a lockfile that is as it should be.
    ///
    /// A child that inherited the descriptor of the lockfile has that of the removed one.
    ///
    /// # Errors
    ///
    /// [`Error::RogueDeletion`](crate::Error::RogueDeletion) if something else is at the path: in
    /// most cases another holder. Also if it was removed while the lock is
    /// [shared](Self::try_lock_shared): then any of those who share it might be the one to put it
    /// back. [`Error::Unsupported`](crate::Error::Unsupported) on a file system without hard links.
    /// [`Error::NotHeld`](crate::Error::NotHeld); [`Error::Io`](crate::Error::Io). After any of them
    /// all is as it was.
    ///
    /// # Examples
    ///
    /// See [`on_lost`](Self::on_lost).
    pub fn restore(&mut self) -> Result<()> {
        let mode = self.settings.mode;
        self.own()?.restore(mode)
    }
}

/// A future of what happens to a lockfile: [`Lockfile::lost`].
#[derive(Debug, Default)]
#[must_use = "a future does nothing unless it is awaited"]
pub struct Lost {
    news: Arc<Mutex<News>>,
    /// Tells the listener whether anybody waits.
    life: Arc<()>,
}

#[derive(Debug, Default)]
enum News {
    #[default]
    Unasked,
    Awaited(Waker),
    /// `None` if the lock was released.
    Come(Option<Loss>),
}

/// The end where news come in. When it is dropped, none will come.
struct End(Arc<Mutex<News>>);

impl End {
    fn come(&self, loss: Option<Loss>) {
        let mut news = lock(&self.0);
        if matches!(*news, News::Come(_)) {
            return;
        }
        let before = std::mem::replace(&mut *news, News::Come(loss));
        drop(news);
        if let News::Awaited(waker) = before {
            waker.wake();
        }
    }
}

impl Drop for End {
    fn drop(&mut self) {
        self.come(None);
    }
}

impl Future for Lost {
    type Output = Option<Loss>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Loss>> {
        let mut news = lock(&self.news);
        if let News::Come(loss) = *news {
            return Poll::Ready(loss);
        }
        *news = News::Awaited(context.waker().clone());
        Poll::Pending
    }
}

/// Each change is whole before anything can panic.
fn lock(news: &Mutex<News>) -> MutexGuard<'_, News> {
    news.lock().unwrap_or_else(PoisonError::into_inner)
}
