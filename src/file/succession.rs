//! Whether a dead holder can be followed by way of another backend than its own.
//!
//! Its lock may have outlived it. A POSIX semaphore stays taken, and the record is all that the next
//! contender for it can inherit it by. A lease runs on. Whoever has claimed what a dead holder has
//! linked removes it, and would not see that it has been written over meanwhile. So the record is left
//! to the contenders of its own backend, unless that is known to be one whose locks end with their
//! holders.

use std::path::Path;

use crate::backend::ends_with_holder;
use crate::error::{Error, Result};
use crate::holder::Holder;

/// Checks that a lock of the kind that records call `ours` may follow on that of `holder`, who left `path` behind.
///
/// # Errors
///
/// [`Error::ProcessDead`], which names the backend that may.
pub(in crate::file) fn check_succession(
    ours: Option<&str>,
    path: &Path,
    holder: Option<&Holder>,
) -> Result<()> {
    let Some(holder) = holder else { return Ok(()) };
    let record = holder.record();
    let is_over = record.is_legacy() || record.released_at.is_some();
    let Some(theirs) = record.backend.as_deref().filter(|_| !is_over) else { return Ok(()) };
    if ours == Some(theirs) || ends_with_holder(theirs) {
        return Ok(());
    }
    let obstacle = format!(
        "its lock is of the backend {}, and may have outlived it; use that backend, and do not remove \
         the file before: it may be all that the lock can be recovered by",
        theirs.escape_debug()
    );
    let (path, holder) = (path.to_owned(), Box::new(holder.clone()));
    Err(Error::ProcessDead { path, holder, obstacle: obstacle.into() })
}
