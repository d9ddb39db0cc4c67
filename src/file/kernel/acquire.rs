//! Acquiring: opens, locks, compares, judges and writes.

use std::fs::File;
use std::io;
use std::path::Path;

use crate::error::{Error, Op, Result, failed};
use crate::file::before::Before;
use crate::file::held::Held;
use crate::file::kernel::busy::{self, observed};
use crate::file::kernel::by_kernel::ByKernel;
use crate::file::kernel::locked::{Locked, Taken};
use crate::file::kernel::open::{Existing, Expect};
use crate::file::kernel::vacancy::{Vacancy, vacate};
use crate::file::kernel::{lasting, locked, open};
use crate::file::turns::Turns;
use crate::file::{content, for_another_look, has_one_view, not_a_lockfile};
use crate::identity::Identity;
use crate::outcome::{Approach, Attempt, Busy, Known, Obstacle, Patience};
use crate::record::Content;
use crate::sabotage::{self, Guard};
use crate::settings::Settings;
use crate::sys::{self, Kind, Mark, Mode};

/// Tries to acquire the lockfile that `settings` describe, at the absolute `path`.
pub(in crate::file) fn attempt(
    kernel: &ByKernel,
    settings: &Settings,
    path: &Path,
    approach: Approach,
    known: Known,
) -> Result<Attempt> {
    // Now, and not once something is locked: learning it takes a while.
    drop(Identity::current());
    let exists = !matches!(known, Known::Nothing);
    let mut open_already = match known {
        Known::Open(file) => Some(file),
        Known::Nothing | Known::Exists => None,
    };
    let (mut turns, mut doubts) = (Turns::new(path), 0);
    loop {
        turns.take()?;
        match turn(kernel, settings, path, approach, exists, open_already.take()) {
            // Somebody has the lock, and the file names nobody. It may be a reader, met in the two
            // instants in which its mark is not seen, or a holder who is about to write.
            Ok(Turn::Came(Attempt::Busy(Busy {
                holder: None,
                obstacle: Obstacle::Lock(_),
                file: Some(file),
            }))) if doubts < DOUBTS => {
                doubts += 1;
                open_already = Some(file);
            }
            Ok(Turn::Came(attempt)) => return Ok(attempt),
            Ok(Turn::Replaced) => {}
            // I2. On FUSE and network file systems, any call on a file that another client has removed
            // may say that it is gone. (A directory that is gone fails the creation.)
            Err(Error::Io { op: Op::Inspect | Op::Lock | Op::Read | Op::Open, source, .. })
                if sys::is_gone(&source) => {}
            Err(err) => return Err(err),
        }
    }
}

/// How often a lock is asked for again whose holder is not named.
const DOUBTS: u32 = 3;

/// What came of one turn.
enum Turn {
    Came(Attempt),
    /// The file was removed or replaced meanwhile.
    Replaced,
}

/// Opens, locks, compares, judges and writes, once.
fn turn(
    kernel: &ByKernel,
    settings: &Settings,
    path: &Path,
    approach: Approach,
    exists: bool,
    open_already: Option<File>,
) -> Result<Turn> {
    let known = open_already.is_some();
    let busy = |busy| Ok(Turn::Came(Attempt::Busy(busy)));
    let acquired = |held| Ok(Turn::Came(Attempt::Acquired(Box::new(held))));
    let (file, created) = match open_already {
        Some(file) => (file, false),
        None => match open(kernel, settings, path, exists)? {
            Opened::File { file, created } => (file, created),
            Opened::Busy(it) => return busy(it),
        },
    };
    sabotage::write_early(&file); // I1
    let locked = match take(kernel, file, path, approach, created) {
        Ok(Taken::Locked(locked)) => locked,
        // Since it was opened, the holder may have removed it, or somebody else, whose file is
        // there now: that a file which nobody finds is locked does not matter.
        Ok(Taken::Refused(file) | Taken::Observed(file))
            if known && !locked::is_named(&file, path)? =>
        {
            return Ok(Turn::Replaced);
        }
        Ok(Taken::Refused(file)) => return busy(busy::busy(kernel, file, path)?),
        Ok(Taken::Observed(file)) => return busy(observed(file)),
        Err((err, file)) => {
            if created && is_lockless(&err) && is_blank(&file, path) {
                // Nobody can have the lock where there are none: it is our file still. (A client that
                // reaches it through another mount, which has locks, can be first between this look and
                // the removal.)
                let _ = sys::unlink(path);
            }
            return Err(err);
        }
    };
    // I2. Between opening and locking, the holder may have removed the file, and another
    // contender may have created a new one: then what we locked is nobody's any more. The
    // same is true when the wait for the lock ended because its holder removed the file.
    if !sabotage::without(Guard::PathCheck) && !locked.is_named()? {
        return Ok(Turn::Replaced);
    }
    let vacancy = vacate(settings, &locked, created)?;
    let released = matches!(vacancy, Vacancy::Released(_));
    let before = match vacancy {
        Vacancy::Vacant(before) | Vacancy::Released(before) => before,
        Vacancy::Taken(Some(holder)) if locked.mode == Mode::Shared && holder.record().shared => {
            let found = holder.record().found;
            return acquired(Held::join(settings, locked, found));
        }
        Vacancy::Taken(holder) => {
            let file = for_another_look(locked.let_go());
            return busy(Busy { holder, obstacle: Obstacle::Record, file });
        }
        // A program that shares the lock has it open, as it may.
        Vacancy::Opened if locked.mode == Mode::Shared => {
            return acquired(Held::join(settings, locked, true));
        }
        Vacancy::Opened => {
            let file = locked.let_go();
            // The process that has it open may wait for a lock on all bytes, our marks among them. We
            // wait for that process, and must not let it wait for us.
            sys::take_back(&file, &[Mark::Waits, Mark::Creates]);
            let file = for_another_look(file);
            return busy(Busy { holder: None, obstacle: Obstacle::Opened, file });
        }
    };
    // I2. A holder that takes no lock on this file may have removed it after we saw the path name it. If
    // it ended then, or closed the file, it was judged to be gone, and another may hold by now. (One that
    // says it released has left the file.)
    let guarded = !sabotage::without(Guard::Judged) && !sabotage::without(Guard::PathCheck);
    if !created && !released && guarded && !locked.is_named()? {
        return Ok(Turn::Replaced);
    }
    let held = match (locked.mode, kernel.backend.lasting()) {
        (Mode::Exclusive, Some(lasting)) => {
            match lasting::begin(settings, lasting, locked, before)? {
                Ok(held) => held,
                Err(file) => return busy(busy::busy(kernel, file, path)?),
            }
        }
        (Mode::Exclusive, None) => Held::begin(settings, locked, before)?,
        (Mode::Shared, _) => share(settings, locked, before)?,
    };
    // I2. Where a path can be answered from a cache, its number proves nothing: what it leads to is
    // opened anew, and has to hold what we have just written. Until here nobody was told that we hold.
    if !held.file_system().one_view
        && !sabotage::without(Guard::ProofByContent)
        && matches!(held.verify_name(), Err(Error::RogueDeletion { .. }))
    {
        drop(held);
        return Ok(Turn::Replaced);
    }
    acquired(held)
}

/// Locks a file that we have `created`, or found.
fn take<'a>(
    kernel: &'a ByKernel,
    file: File,
    path: &'a Path,
    approach: Approach,
    created: bool,
) -> std::result::Result<Taken<'a>, (Error, File)> {
    if !created {
        return Locked::take(kernel, file, path, approach);
    }
    // Others may share it with us before one of us has written. And where the system does not tell who has
    // a file open, another that locks it first has nothing but this to know the file by.
    if approach.mode == Mode::Shared || !sys::TELLS_OPENS {
        sys::say(&file, Mark::Creates);
    }
    let at_once = Approach { patience: Patience::None, ..approach };
    let file = match Locked::take(kernel, file, path, at_once)? {
        Taken::Refused(file) | Taken::Observed(file) => file,
        locked @ Taken::Locked(_) => return Ok(locked),
    };
    // Between our creating the file and locking it, another contender was first. It finds a file that
    // names nobody, and without a word from us it would take that for another program's.
    sys::say(&file, Mark::Creates);
    if approach.patience == Patience::None {
        for _ in 0..MOMENTS {
            if sys::stat(&file).map_or(true, |stat| stat.len > 0) {
                break;
            }
            std::thread::yield_now();
        }
    }
    let taken = Locked::take(kernel, file, path, approach);
    if let Ok(Taken::Locked(locked)) = &taken {
        // A child that is forked while we hold would keep the mark for as long as it lives.
        sys::take_back(locked.file(), &[Mark::Creates]);
    }
    taken
}

/// How often the creator of a file looks whether another has written its record.
const MOMENTS: u32 = 50;

/// Shares the lock on a file that names no holder, or one that has gone: of all who share it, one
/// writes its record.
fn share(settings: &Settings, locked: Locked<'_>, before: Before) -> Result<Held<ByKernel>> {
    let sharing = locked.kernel.backend.sharing();
    if !sharing.is_some_and(|it| it.may_write(locked.file(), locked.path)) {
        return Ok(Held::join(settings, locked, before.found));
    }
    // I3. Between the look that found it vacant and now, another who shares the lock may have been
    // the one who may write, and have written.
    match vacate(settings, &locked, false)? {
        Vacancy::Taken(_) | Vacancy::Opened => Ok(Held::join(settings, locked, before.found)),
        Vacancy::Vacant(_) | Vacancy::Released(_) => Held::begin(settings, locked, before),
    }
}

enum Opened {
    File { file: File, created: bool },
    Busy(Busy),
}

/// Creates the lockfile, or opens the one that is there.
fn open(kernel: &ByKernel, settings: &Settings, path: &Path, met_file: bool) -> Result<Opened> {
    let mut create = !met_file;
    let mut expect = if met_file { Expect::File } else { Expect::Anything };
    let mut turns = Turns::new(path);
    loop {
        turns.take()?;
        if create {
            match sys::create_new(path, settings.mode) {
                Ok(file) => return Ok(Opened::File { file, created: true }),
                Err(err) if err.kind() == io::ErrorKind::AlreadyExists => {}
                Err(err) if sys::is_leased(&err) => {}
                // Of a path with a slash at its end, the kernel does not say that it exists.
                Err(err) if err.kind() == io::ErrorKind::IsADirectory && is_directory(path) => {
                    return Err(not_a_lockfile(path, Kind::Directory));
                }
                Err(err) => return Err(failed(Op::Create, path)(err)),
            }
        }
        match open::open(kernel, path, expect)? {
            Existing::File(file) => return Ok(Opened::File { file, created: false }),
            Existing::Busy(busy) => return Ok(Opened::Busy(busy)),
            // Between our attempt to create it and now its holder has removed it.
            Existing::Gone => (create, expect) = (true, Expect::Anything),
        }
    }
}

/// Whether nobody has written into `file`, to whoever opens it anew at `path`.
fn is_blank(file: &File, path: &Path) -> bool {
    has_one_view(file) || matches!(content::opened(path), Ok(Some(Content::Blank)))
}

fn is_directory(path: &Path) -> bool {
    matches!(sys::path_stat(path), Ok(Some(stat)) if stat.kind == Kind::Directory)
}

/// Whether nobody at all can have the lock. Between being told of a shortage of locks and now,
/// another contender may have been given one, and hold the file that we have created.
fn is_lockless(err: &Error) -> bool {
    matches!(err, Error::Unsupported { source, .. } if !sys::is_shortage(source))
}
