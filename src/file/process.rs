//! The process of the holder: held fast, and proven to be the one that the lockfile means.
//!
//! A lockfile is a file, and whoever may write to it chooses the process that is stopped in the
//! holder's place: a daemon that serves as an unprivileged user, and may write to its own PID file,
//! has an init script kill any process (CVE-2017-11747 is one of many). So neither the record nor
//! its writer is believed without proof.

use std::io;

use crate::error::{Error, Op, Result, failed};
use crate::file::absolute;
use crate::file::turns::Turns;
use crate::holder::Holder;
use crate::identity::Identity;
use crate::outcome::Found;
use crate::probe;
use crate::protocol::Protocol;
use crate::record::Record;
use crate::sabotage::{self, Guard};
use crate::settings::Settings;
use crate::sys::{self, FileId, ProcessHandle, Stat};
use crate::verdict::{Boot, INITIAL_PID_NAMESPACE, Standpoint, Verdict, Why};

/// Why a process is not to be signalled, with what to do.
type Obstacle = &'static str;

/// Any of these bits lets others than the owner of a file write to it. (Where a file has an ACL, the
/// second is its mask: acl(5).)
const WRITABLE_BY_OTHERS: u32 = 0o022;

/// Finds the process that holds the lock; `None` if nobody does.
///
/// # Errors
///
/// [`Error::NotSignalled`]: somebody does, or may, and it is not proven which process that is.
pub(crate) fn holder_process(
    protocol: &dyn Protocol,
    settings: &Settings,
) -> Result<Option<(Holder, ProcessHandle)>> {
    let path = &*absolute(&settings.path)?;
    let mut turns = Turns::new(path);
    loop {
        turns.take()?;
        let Some((found, file)) = held(protocol, settings)? else { return Ok(None) };
        let verdict = found.verdict;
        let holder = Holder::of(found.content, verdict, found.locked);
        let refused = |holder: &Option<Holder>, obstacle| Error::NotSignalled {
            path: path.to_owned(),
            holder: holder.clone().map(Box::new),
            obstacle,
        };
        let process = match &holder {
            None => Err("its holder has written no record: find out with fuser(1)"),
            Some(holder) => prove(holder, file).map_err(failed(Op::Inspect, path))?,
        };
        let process = match process {
            Ok(Some(process)) => process,
            // It has just ended: who is the holder now?
            Ok(None) if !names_still(protocol, settings, holder.as_ref())? => continue,
            Ok(None) => return Err(refused(&holder, OUTLIVED)),
            Err(obstacle) => return Err(refused(&holder, obstacle)),
        };
        // Between the reading of the record and the opening of its process, the holder may have
        // released the lock, and another have taken it: the process that we have is not in the way
        // of anybody then.
        if sabotage::without(Guard::SecondReading)
            || names_still(protocol, settings, holder.as_ref())?
        {
            return Ok(holder.map(|holder| (holder, process)));
        }
    }
}

/// What the lockfile says, and what it is; `None` if it says that nobody holds the lock.
fn held(protocol: &dyn Protocol, settings: &Settings) -> Result<Option<(Found, Option<Stat>)>> {
    let Some(found) = protocol.read(settings, None)? else { return Ok(None) };
    let found = found.lockfile(&settings.path)?;
    let vacant = !found.locked && matches!(found.verdict, Verdict::Stale(_));
    let file = found.file.as_ref().map(sys::stat).transpose();
    let file = file.map_err(failed(Op::Inspect, &settings.path))?;
    Ok((!vacant).then_some((found, file)))
}

fn names_still(
    protocol: &dyn Protocol,
    settings: &Settings,
    holder: Option<&Holder>,
) -> Result<bool> {
    let now = held(protocol, settings)?;
    let now = now.and_then(|(found, _)| Holder::of(found.content, found.verdict, found.locked));
    Ok(now.as_ref().map(Holder::record) == holder.map(Holder::record))
}

/// The process of `holder`, if that is proven to be it; `Ok(Ok(None))` if it has ended.
fn prove(
    holder: &Holder,
    file: Option<Stat>,
) -> io::Result<Result<Option<ProcessHandle>, Obstacle>> {
    let Some(file) = file else {
        return Ok(Err("it is a symbolic link, of which anybody can make one: stop it by hand"));
    };
    let (record, identity) = (holder.record(), Identity::current());
    if let Err(obstacle) = is_written_by_one(file).and(is_here(holder, &identity.here)) {
        return Ok(Err(obstacle));
    }
    let Some(process) = ProcessHandle::open(record.pid)? else { return Ok(Ok(None)) };
    // The process is held fast from here on: what is found of it now stays true.
    let proof = is_author(record, &identity.here, &process, file.id);
    Ok(proof.and_then(|()| may_be_named_by(file, &process)).map(|()| Some(process)))
}

const OUTLIVED: Obstacle = "its process has ended, and the lock is still taken, by a child that \
    inherited it or by a newcomer: find out with fuser(1)";

fn is_written_by_one(file: Stat) -> Result<(), Obstacle> {
    if file.mode & WRITABLE_BY_OTHERS != 0 && !sabotage::without(Guard::FileMode) {
        return Err("others than its owner may write to the file, and could have it name any \
            process: see with ps(1) what it is, and use kill(1)");
    }
    Ok(())
}

/// Whether the PID means here what it meant to the holder.
fn is_here(holder: &Holder, here: &Standpoint) -> Result<(), Obstacle> {
    let record = holder.record();
    match holder.verdict() {
        Verdict::Unproven(Why::Outlived) => return Err(OUTLIVED),
        Verdict::Unproven(_) => return Err("whether it is alive cannot be told from here"),
        Verdict::Live | Verdict::Stale(_) => {}
    }
    let foreign = Boot::of(record, here) == Boot::Unknown
        && record.host.is_some()
        && record.host != here.host;
    if foreign || probe::pid_here(record).is_none() {
        return Err("its PID is that of another host or container: stop it there");
    }
    if record.pid == 1 && matches!(here.pid_namespace, None | Some(INITIAL_PID_NAMESPACE)) {
        return Err("PID 1 is the init process of this machine");
    }
    if record.pid == here.pid {
        return Err("it is this very process");
    }
    Ok(())
}

/// Whether `process` wrote `record`, or else has the lock that it claims to have.
fn is_author(
    record: &Record,
    here: &Standpoint,
    process: &ProcessHandle,
    file: FileId,
) -> Result<(), Obstacle> {
    let one_frame = record.boot_id == here.boot_id && record.pid_namespace == here.pid_namespace;
    let same_clock = record.time_namespace == here.time_namespace;
    let marks = process.marks();
    let by_inode = marks.pidfd_inode.zip(record.pidfd_inode).filter(|_| here.boot_id.is_some());
    let by_start = marks.start_ticks.zip(record.start_ticks).filter(|_| same_clock);
    match by_inode.or(by_start).filter(|_| one_frame) {
        Some((now, then)) if now == then || sabotage::without(Guard::Marks) => Ok(()),
        Some(_) => Err("its PID belongs to another process by now, and the lock is taken by a \
            child that inherited it, or by a newcomer: find out with fuser(1)"),
        None if process.has_locked(file) => Ok(()),
        None => Err("the file has nothing but a PID, which may be another process's by now, and \
            that process is not seen to have the lock: see with ps(1) what it is, and use kill(1)"),
    }
}

/// Whether the owner of the file is somebody who could signal `process` himself: root, or its user.
fn may_be_named_by(file: Stat, process: &ProcessHandle) -> Result<(), Obstacle> {
    if sabotage::without(Guard::FileOwner) {
        return Ok(());
    }
    // All users that are not mapped have one number, as owners of files and of processes.
    if sys::may_be_unmapped(file.owner) {
        return Err(
            "the file belongs to a user that this user namespace does not map, who may be \
            another than the user of that process: stop it from outside of the namespace",
        );
    }
    if file.owner == 0 {
        return Ok(());
    }
    match process.users() {
        Some(users) if users.contains(&file.owner) => Ok(()),
        _ => {
            Err("the file belongs to neither root nor the user of that process, and so its owner \
            could have it name any process: see with ps(1) what it is, and use kill(1)")
        }
    }
}
