//! Which lockfiles a thread has acquired, so that it does not wait for itself.
//!
//! Every thread keeps its own list: there is no lock for a forked child to find taken for ever.

use std::cell::RefCell;
use std::sync::{Arc, Weak};

use crate::sys::{FileId, Generation};

thread_local! {
    static ACQUIRED: RefCell<Vec<Entry>> = const { RefCell::new(Vec::new()) };
}

struct Entry {
    id: FileId,
    process: Generation,
    held: Weak<()>,
}

/// Lives for as long as the lockfile is held, in whatever thread it is released.
#[derive(Debug)]
pub(crate) struct Token(#[expect(dead_code, reason = "its life is what counts")] Arc<()>);

/// This thread has acquired the lockfile `id`.
pub(crate) fn note(id: FileId, process: Generation) -> Token {
    let token = Arc::new(());
    ACQUIRED.with_borrow_mut(|acquired| {
        acquired.retain(|entry| entry.held.strong_count() > 0);
        acquired.push(Entry { id, process, held: Arc::downgrade(&token) });
    });
    Token(token)
}

/// Whether this thread has acquired any lockfile that may still be held.
pub(crate) fn has_any() -> bool {
    ACQUIRED.with_borrow(|acquired| acquired.iter().any(|entry| entry.held.strong_count() > 0))
}

/// Whether it was this thread, of this process, that acquired the lockfile `id`, which is held.
pub(crate) fn is_own(id: FileId) -> bool {
    let process = Generation::current();
    ACQUIRED.with_borrow(|acquired| {
        acquired.iter().any(|entry| {
            entry.id == id && entry.process == process && entry.held.strong_count() > 0
        })
    })
}
