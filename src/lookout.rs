//! One thread that watches the lockfiles which this process holds, for those who asked to be told.
//!
//! Arm, look, wait: inotify(7) of the file tells that it is removed, moved or written to, and of its
//! directory that that is moved away. Looks that come without an event back this up: for what makes
//! none (another mount on top, a directory further up that is moved), and everywhere else than on a
//! local file system under Linux.

mod post;

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

pub(crate) use self::post::{Listener, Post};
use crate::sys::{self, AsFd, Bell, FileEvents, Generation, Interest};

/// How often is looked without an event where events tell of nearly everything, and where not.
const SELDOM: Duration = Duration::from_secs(30);
const OFTEN: Duration = Duration::from_secs(1);

/// That of this process. It is locked for a moment at a time, and a child that another thread forks
/// in that very moment never gets past it, if it holds a lockfile and asks to be told of its loss.
static CURRENT: Mutex<Option<Arc<Lookout>>> = Mutex::new(None);

#[derive(Debug)]
pub(crate) struct Lookout {
    process: Generation,
    /// Rung when there is one post more, or one less.
    bell: Arc<Bell>,
    posts: Mutex<Posts>,
}

#[derive(Debug, Default)]
struct Posts {
    manned: Vec<Arc<Post>>,
    /// Whether there is a thread.
    watched: bool,
}

impl Lookout {
    /// That of this process; in a forked child a new one, because the thread is its parent's.
    pub(crate) fn current() -> io::Result<Arc<Self>> {
        let process = Generation::current();
        let mut current = CURRENT.lock().unwrap_or_else(PoisonError::into_inner);
        match &*current {
            Some(lookout) if lookout.process == process => Ok(Arc::clone(lookout)),
            _ => {
                let (bell, posts) = (Arc::new(Bell::new()?), Mutex::default());
                Ok(Arc::clone(current.insert(Arc::new(Self { process, bell, posts }))))
            }
        }
    }

    /// Watches from `post`, too, until that is given up.
    pub(crate) fn man(self: &Arc<Self>, post: Arc<Post>) -> io::Result<()> {
        let mut posts = self.posts();
        if !posts.watched {
            let lookout = Arc::clone(self);
            sys::spawn_quietly("tenure-lookout", move || lookout.watch())?;
            posts.watched = true;
        }
        posts.manned.push(post);
        drop(posts);
        self.bell.ring();
        Ok(())
    }

    /// What has every post looked at.
    pub(crate) fn bell(&self) -> Arc<Bell> {
        Arc::clone(&self.bell)
    }

    /// Until there is no post any more.
    fn watch(&self) {
        let mut events = FileEvents::new().ok();
        loop {
            self.bell.answer();
            if let Some(events) = &events {
                events.take();
            }
            let Some(posts) = self.manned() else { return };
            // Arm before looking: what happens between the look and the wait is an event then.
            let reliable = arm(&mut events, &posts);
            for post in &posts {
                post.look();
            }
            let pause = if reliable { SELDOM } else { OFTEN };
            let fds: Vec<_> = events.iter().map(AsFd::as_fd).chain([self.bell.as_fd()]).collect();
            if sys::poll(&fds, Some(Instant::now() + pause)).is_err() {
                // Out of memory, at worst: not a reason to keep a processor busy.
                std::thread::park_timeout(OFTEN);
            }
        }
    }

    /// Those that are not given up; `None` if that is all of them, and then the thread ends.
    fn manned(&self) -> Option<Vec<Arc<Post>>> {
        let mut posts = self.posts();
        let all = std::mem::take(&mut posts.manned);
        let (manned, given_up): (Vec<_>, Vec<_>) = all.into_iter().partition(|it| it.is_manned());
        // Between this and the thread's end somebody may man a post: under the same lock, so that it
        // starts another thread.
        posts.watched = !manned.is_empty();
        posts.manned.clone_from(&manned);
        drop(posts);
        // Not under the lock: what the listeners own goes with them, and may do anything when it is
        // dropped, also man a post.
        for post in given_up {
            post.dismiss();
        }
        (!manned.is_empty()).then_some(manned)
    }

    fn posts(&self) -> MutexGuard<'_, Posts> {
        self.posts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Watches the places of `posts`; whether events tell of nearly everything that happens there.
fn arm(events: &mut Option<FileEvents>, posts: &[Arc<Post>]) -> bool {
    let paths: Vec<_> = posts.iter().map(|post| post.path()).collect();
    let places = paths.iter().flat_map(|path| {
        let dir = path.parent().unwrap_or(Path::new("/"));
        [(path.as_path(), Interest::Writing), (dir, Interest::Place)]
    });
    let armed = events.as_mut().is_some_and(|events| events.watch(places).is_ok());
    armed && posts.iter().all(|post| post.is_local())
}
