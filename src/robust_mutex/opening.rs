//! Opening the file of a [`RobustMutex`](super::RobustMutex), and making what is in it.
//!
//! # The file
//!
//! ```text
//! 0      the mark, and the frame in which the mutex was made; text, padded with NUL
//! 512    the mutex
//! 1024   the board: who has it
//! 4096   the end
//! ```
//!
//! A *frame* is the boot, the PID namespace and the C library: a mutex holds the number of the
//! thread that has it, which means nothing in another. A file with the mark alone is *unfinished*.
//!
//! # Invariants
//!
//! - **M1** Whoever has the file mapped to use it has a share in its flock(2), and the frame in the
//!   file is its own.
//! - **M2** Only whoever has the flock alone makes the mutex: by M1, nobody uses it. It does so
//!   whatever is there, since a holder that nobody else saw die may be one that the kernel did not
//!   find, or one of before a power failure, or of the file that this one is a copy of.
//! - **M3** The frame is written when the mutex has been made, and taken out before it is made
//!   again: who dies meanwhile leaves an unfinished file, which nobody uses.
//!
//! A share is had for as long as the value lives: closing all descriptors does not end it, because
//! the mapping has the open file description as well. So the flock's part in the dealings is over
//! when the file is open. Nobody waits for it but for who is making the mutex.

use std::fs::File;
use std::io;
use std::path::Path;

use crate::error::{Error, Op, Result, failed};
use crate::file::not_a_lockfile;
use crate::robust_mutex::frame::Frame;
use crate::robust_mutex::frame::Seen;
use crate::sys::{self, Kind, MUTEX_FILE, MUTEX_HEADER, MappedMutex, Mode};

/// The file at `path`, with a share in its flock, and the mutex that is in it.
pub(super) fn open(path: &Path, frame: &Frame) -> Result<(File, MappedMutex)> {
    loop {
        let Some(file) = open_or_create(path)? else { continue };
        admit(&file, path)?;
        // Before locking as well: some other program may have locked its own file for ever.
        refuse_foreign(look(&file, path, frame)?, path)?;
        if sys::try_lock(&file, Mode::Exclusive).map_err(failed(Op::Lock, path))? {
            // Since it was looked at, somebody else may have filled it.
            refuse_foreign(look(&file, path, frame)?, path)?;
            make(&file, frame).map_err(failed(Op::Write, path))?;
        }
        // Between letting go of the one lock and having the other, somebody else may have the file
        // alone, and make the mutex for another frame: so it is looked at once more.
        let _locked = sys::block(&file, Mode::Shared).map_err(failed(Op::Lock, path))?;
        // Between opening and locking, somebody may have removed it, and others made a new one.
        if !is_at(&file, path)? {
            continue;
        }
        match look(&file, path, frame)? {
            Seen::Ours => {
                let mutex = MappedMutex::map(&file).map_err(failed(Op::Open, path))?;
                return Ok((file, mutex));
            }
            // Who was making it has died.
            Seen::Unfinished => {}
            Seen::Elsewhere => return Err(Frame::refusal(path)),
            seen @ Seen::Foreign => refuse_foreign(seen, path)?,
        }
    }
}

/// `None` if what was there has changed while it was looked at.
fn open_or_create(path: &Path) -> Result<Option<File>> {
    let named = sys::path_stat(path).map_err(failed(Op::Inspect, path))?;
    let (op, opened) = match named.map(|stat| stat.kind) {
        None => (Op::Create, sys::create_new(path, 0o600)),
        Some(Kind::Regular) => (Op::Open, sys::open_to_write(path)),
        Some(kind) => return Err(not_a_lockfile(path, kind)),
    };
    match opened {
        Ok(file) => Ok(Some(file)),
        Err(err) if op == Op::Create && err.kind() == io::ErrorKind::AlreadyExists => Ok(None),
        Err(err) if op == Op::Open && err.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(err) if sys::is_symlink_refusal(&err) => Ok(None),
        Err(err) => Err(failed(op, path)(err)),
    }
}

/// Whether to use the file at all. Whoever may write to it writes to the memory of all who use it,
/// and could make them do whatever it likes.
fn admit(file: &File, path: &Path) -> Result<()> {
    let rights = sys::rights(file).map_err(failed(Op::Inspect, path))?;
    let kind = sys::stat(file).map_err(failed(Op::Inspect, path))?.kind;
    if kind != Kind::Regular {
        return Err(not_a_lockfile(path, kind));
    }
    if Some(rights.uid) != sys::effective_uid() || rights.mode & 0o022 != 0 {
        return Err(unusable(path, "users other than this one may write to it"));
    }
    // Kernels do not see what others have in memory.
    match sys::is_local(file).map_err(failed(Op::Inspect, path))? {
        Some(true) => Ok(()),
        _ => Err(Frame::unsupported(
            path,
            "its file system is shared with other systems, or may be; choose a path on a local \
             one, such as /run or /dev/shm",
        )),
    }
}

fn refuse_foreign(seen: Seen, path: &Path) -> Result<()> {
    if seen == Seen::Foreign {
        return Err(unusable(path, "it holds something other than a mutex of this crate"));
    }
    Ok(())
}

fn unusable(path: &Path, reason: &str) -> Error {
    Error::InvalidPid { path: path.to_owned(), reason: reason.to_owned() }
}

fn look(file: &File, path: &Path, frame: &Frame) -> Result<Seen> {
    Ok(frame.judge(&content(file).map_err(failed(Op::Read, path))?))
}

/// What is in the file; of one that is too long, enough to see that.
fn content(file: &File) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; MUTEX_FILE + 1];
    let length = sys::read_from_start(file, &mut bytes)?;
    bytes.truncate(length);
    Ok(bytes)
}

fn is_at(file: &File, path: &Path) -> Result<bool> {
    let id = sys::stat(file).map_err(failed(Op::Inspect, path))?.id;
    let named = sys::path_stat(path).map_err(failed(Op::Inspect, path))?;
    Ok(named.is_some_and(|named| named.id == id))
}

/// Makes the mutex, for whoever has the file alone (M2), in the order of M3.
///
/// The board stays: what a holder that did not release has left there is for the next one.
fn make(file: &File, frame: &Frame) -> io::Result<()> {
    let mut unfinished = Frame::unfinished();
    if file.metadata()?.len() < MUTEX_FILE as u64 {
        // Written and not only made longer: a page that the file system has no room for would be
        // SIGBUS when it is used.
        unfinished.resize(MUTEX_FILE, 0);
    }
    sys::write_over_start(file, &unfinished, |_| {})?;
    MappedMutex::map(file)?.make()?;
    let mut header = frame.text().as_bytes().to_vec();
    header.resize(MUTEX_HEADER, 0);
    sys::write_over_start(file, &header, |_| {})
}
