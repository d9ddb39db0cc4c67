//! The verdict: whether whoever wrote a record still holds the lock.
//!
//! A pure function of the record and of what was seen. It has one rule above all others: doubt
//! never frees a lock. [`Verdict::Stale`] means *proven* gone; whatever is not proven is
//! [`Verdict::Live`] or [`Verdict::Unproven`], and both are busy.

mod host;
mod standpoint;

use std::fmt;

use serde::Serialize;

pub(crate) use self::host::Host;
pub(crate) use self::standpoint::Standpoint;

use crate::record::{Content, Record};

/// What is known of a holder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "verdict", content = "why")]
#[non_exhaustive]
pub enum Verdict {
    /// It has the lock, or nothing speaks against it.
    Live,
    /// It is proven gone: the lock may be recovered.
    Stale(Why),
    /// Whether it is gone cannot be told from here. Busy, unless an operator breaks the lock.
    Unproven(Why),
}

/// The reason for a [`Verdict`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Why {
    /// The holder wrote into the file that it released the lock, in the record or in its place.
    Released,
    /// The file is empty, or holds nothing but blanks or NUL, and nobody has a kernel lock on it. It
    /// names nobody, so it proves nothing.
    Blank,
    /// The record was cut short, and nobody has a kernel lock on it. It names nobody either.
    Torn,
    /// The file names nobody, and some process has it open, which may be about to write.
    Opened,
    /// No process has the PID, or the one that has it has exited and waits to be reaped.
    Dead,
    /// A process has the PID, but another one than wrote the record.
    PidReused,
    /// The record names the very process that asks, which does not hold the lock: an earlier
    /// program of this process wrote it before `execve`, or an earlier process of this PID did.
    OwnLeftover,
    /// The PID belongs to another PID namespace of this kernel. Stale, when the kernel lock that
    /// the holder had to have is free; unproven otherwise.
    OtherNamespace,
    /// The PID belongs to another PID namespace, and the lockfile was locked through another mount or
    /// file system than this one: a free lock here proves nothing.
    OtherMount,
    /// Its process has ended, and yet somebody has the kernel lock: a child that inherited the
    /// descriptor, or a newcomer that has not written its own record yet.
    Outlived,
    /// The thread that held a `RobustMutex` (feature `robust-mutex`) ended, or its program was
    /// replaced by another, before it was released.
    Abandoned,
    /// The machine was started anew since the record was written.
    Rebooted,
    /// The record was written on another host, or possibly was.
    ForeignHost,
    /// The system does not let this process see whether the holder lives.
    Unseen,
    /// The file says no more than a PID, and it is older than the process that has that PID now. That
    /// process may be another than the one that wrote it. Clocks can be set, so this proves nothing.
    OlderThanProcess,
}

/// Who holds the kernel lock (or whatever the backend locks) on the lockfile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KernelLock {
    /// Nobody, or the one who asks.
    Free,
    /// Nobody alone: the one who asks shares it, and others may.
    Shared,
    /// Somebody else.
    Held,
}

/// Who can reach the file system that the lockfile lies on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// This kernel alone, unless it serves the files to others.
    Local,
    /// Other kernels as well, or possibly.
    Shared,
    /// The platform does not tell.
    Unknown,
}

/// How far the lock of a backend reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Less than all of this kernel: it proves nothing about a holder in another container.
    Part,
    /// All of this kernel. It is not meant for other hosts.
    Kernel,
    /// Other hosts, too.
    Hosts,
}

/// What the system said about the PID of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Process {
    /// There is none, or it has exited.
    Gone,
    /// It runs; what is `None` could not be learned.
    Running { start_ticks: Option<u64>, pidfd_inode: Option<u64> },
    /// The system would not say.
    Unseen,
}

/// All that a verdict is reached from, besides the record.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Evidence<'a> {
    pub(crate) here: &'a Standpoint,
    /// The name that records give to the backend that was asked for the kernel lock.
    pub(crate) backend: Option<&'a str>,
    /// Whether that backend's lock is freed when its holder dies, wherever on this kernel it was.
    pub(crate) freed_at_death: bool,
    pub(crate) reach: Reach,
    /// Whether this system has PID namespaces: then one that is not known may be another.
    pub(crate) namespaces: bool,
    pub(crate) kernel_lock: KernelLock,
    pub(crate) process: Process,
    pub(crate) place: Place,
    /// The file system that the lockfile lies on, as this kernel numbers them.
    pub(crate) device: Option<u64>,
    /// The kind of that file system.
    pub(crate) file_system: Option<u64>,
    /// Whether the file was written before the process started that has the PID now, by the clocks.
    pub(crate) older_than_process: bool,
}

/// The inode of the initial PID namespace, a constant of Linux (`PROC_PID_INIT_INO`).
pub(crate) const INITIAL_PID_NAMESPACE: u64 = 0xEFFF_FFFC;

/// How the boot of a record compares with this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Boot {
    Same,
    Other,
    /// One of the two is not known.
    Unknown,
}

impl Boot {
    pub(crate) fn of(record: &Record, here: &Standpoint) -> Self {
        match (&record.boot_id, &here.boot_id) {
            (Some(then), Some(now)) if then == now => Self::Same,
            (Some(_), Some(_)) => Self::Other,
            _ => Self::Unknown,
        }
    }
}

/// Judges what a lockfile says. The caller has ruled out [`Content::Invalid`], which no verdict
/// is reached on: a file that is not recognisably a lockfile is nobody's to judge.
pub(crate) fn judge(content: &Content, evidence: &Evidence<'_>) -> Verdict {
    match content {
        Content::Record(record) if evidence.kernel_lock == KernelLock::Held => {
            judge_taken(record, evidence)
        }
        _ if evidence.kernel_lock == KernelLock::Held => Verdict::Live,
        // A process that takes no lock may have created it, and may be about to write.
        Content::Blank => Verdict::Unproven(Why::Blank),
        Content::Released => Verdict::Stale(Why::Released),
        Content::Torn => Verdict::Unproven(Why::Torn),
        Content::Record(record) => judge_record(record, evidence),
        Content::Invalid(_) => Verdict::Unproven(Why::Unseen),
    }
}

/// Somebody has the lock. Whoever has it wrote the record, unless the writer is proven gone.
fn judge_taken(record: &Record, evidence: &Evidence<'_>) -> Verdict {
    let here = evidence.here;
    let one_frame = Boot::of(record, here) == Boot::Same
        && record.pid_namespace.is_some()
        && record.pid_namespace == here.pid_namespace;
    if one_frame && evidence.process == Process::Gone {
        Verdict::Unproven(Why::Outlived)
    } else {
        Verdict::Live
    }
}

fn judge_record(record: &Record, evidence: &Evidence<'_>) -> Verdict {
    if record.released_at.is_some() {
        return Verdict::Stale(Why::Released);
    }
    let here = evidence.here;
    match Boot::of(record, here) {
        Boot::Other => judge_other_boot(record, evidence),
        // The record was written into this very file, and no other kernel can mount its file
        // system. So the holder ran on this kernel, whatever its container calls the host, and the
        // free lock proves that it is gone.
        Boot::Unknown if lock_is_proof(record, evidence) && is_same_local(record, evidence) => {
            judge_namespace(record, evidence)
        }
        Boot::Unknown if is_foreign(record, here) => Verdict::Unproven(Why::ForeignHost),
        // Another program in a container of this kernel. Its PIDs are others, and nothing says which.
        Boot::Same
            if record.is_legacy() && record.pid_namespace.is_none() && is_foreign(record, here) =>
        {
            Verdict::Unproven(Why::ForeignHost)
        }
        // The record knows its boot and we do not know ours: it may be from another kernel.
        Boot::Unknown if record.boot_id.is_some() && !lock_is_proof(record, evidence) => {
            Verdict::Unproven(Why::Unseen)
        }
        Boot::Same | Boot::Unknown => judge_namespace(record, evidence),
    }
}

/// Whether the names of the host or the ids of the machine are others than here.
fn is_foreign(record: &Record, here: &Standpoint) -> bool {
    Host::of(record, here) == Host::Other || differ(record.machine.as_ref(), here.machine.as_ref())
}

/// The kernel that the holder ran on is not the one running now, or not this one.
fn judge_other_boot(record: &Record, evidence: &Evidence<'_>) -> Verdict {
    let here = evidence.here;
    // Images bake one machine id into many containers and virtual machines. Outside of every
    // container, and with the same name, the same id means the same machine.
    let initial = Some(INITIAL_PID_NAMESPACE);
    let same_names = equal(record.machine.as_ref(), here.machine.as_ref())
        && Host::of(record, here) == Host::Same;
    let same_machine =
        same_names && record.pid_namespace == initial && here.pid_namespace == initial;
    // No other kernel can mount a local file system: an earlier boot of this machine wrote it. But
    // this one may serve its files to other machines (NFS, 9p, virtiofs), whose records name them:
    // if they have a machine id, and one of their own. A lock that is for such files counts on
    // neither. A lock that reaches only a part of this kernel counts on neither, too, and proves
    // nothing about a holder in another PID namespace.
    let unlike = differ(record.machine.as_ref(), here.machine.as_ref());
    let is_local = evidence.place == Place::Local;
    let proven = match evidence.reach {
        Reach::Part => {
            (is_local && same_names || same_machine)
                && equal(record.pid_namespace.as_ref(), here.pid_namespace.as_ref())
        }
        Reach::Kernel => is_local && (same_names || !unlike) || same_machine,
        Reach::Hosts => is_local && same_names || same_machine,
    };
    // Through the file system of another kind, the holder reached the file from elsewhere: a virtual
    // machine, say, that this one serves its directories to.
    let proven = proven && !differ(record.file_system.as_ref(), evidence.file_system.as_ref());
    // Another program writes down whatever boot id it is shown. A container can show one of its own,
    // and has a name of its own then.
    let proven = proven && !(record.is_legacy() && is_foreign(record, here));
    if proven { Verdict::Stale(Why::Rebooted) } else { Verdict::Unproven(Why::ForeignHost) }
}

/// The holder ran on this kernel, as far as anybody can tell.
fn judge_namespace(record: &Record, evidence: &Evidence<'_>) -> Verdict {
    match (record.pid_namespace, evidence.here.pid_namespace) {
        // The number means another process there, or none: only the kernel lock can tell.
        (Some(then), Some(now)) if then != now => {
            if lock_is_proof(record, evidence) {
                Verdict::Stale(Why::OtherNamespace)
            } else if is_elsewhere(record, evidence) {
                Verdict::Unproven(Why::OtherMount)
            } else {
                Verdict::Unproven(Why::OtherNamespace)
            }
        }
        (Some(_), Some(_)) => match judge_process(record, evidence) {
            // Equal numbers, and no boot that they belong to: every kernel gives its first namespace
            // the same. So it is the same one if the record was written by this kernel.
            Verdict::Stale(_) if !is_of_this_kernel(record, evidence) => {
                Verdict::Unproven(Why::Unseen)
            }
            verdict => verdict,
        },
        (None, None) if !evidence.namespaces => judge_process(record, evidence),
        // A program that knows nothing of namespaces has nothing but its PID to be judged by.
        (None, _) if record.is_legacy() => judge_process(record, evidence),
        _ if lock_is_proof(record, evidence) => judge_process(record, evidence),
        _ => Verdict::Unproven(Why::Unseen),
    }
}

/// Whether the record names this boot, or cannot be of another kernel, or of a program that names
/// none: that has nothing but its PID to be judged by.
fn is_of_this_kernel(record: &Record, evidence: &Evidence<'_>) -> bool {
    let same_boot = Boot::of(record, evidence.here) == Boot::Same;
    // A record that names another file system was written through another mount, perhaps by another
    // kernel over a network.
    let local =
        evidence.place == Place::Local && !differ(record.device.as_ref(), evidence.device.as_ref());
    same_boot || local || record.is_legacy()
}

/// Whether the record was written where it lies, on a file system that no other kernel can mount.
fn is_same_local(record: &Record, evidence: &Evidence<'_>) -> bool {
    evidence.place == Place::Local && equal(record.device.as_ref(), evidence.device.as_ref())
}

/// Whether the holder would still have the kernel lock that we found free, were it alive.
///
/// It has to be the same lock: that of the same backend, and on the same file. A local file system
/// has one lock a file; of others (FUSE, NFS with local locks) each mount has its own. And one file can
/// be reached through several file systems, each with locks of its own: an overlay and its upper
/// directory, a FUSE mount and the store beneath. So the record names the file system.
fn lock_is_proof(record: &Record, evidence: &Evidence<'_>) -> bool {
    let one_mount = Boot::of(record, evidence.here) == Boot::Same
        && record.device.is_some()
        && record.device == evidence.device;
    // Who shares a lock does not keep out others who do.
    let excludes = evidence.kernel_lock == KernelLock::Free || !record.shared;
    evidence.freed_at_death
        && excludes
        && !record.is_legacy()
        && record.backend.as_deref() == evidence.backend
        && !is_elsewhere(record, evidence)
        && (evidence.place == Place::Local || one_mount)
}

/// Whether the holder reached the lockfile through another file system than the one it lies on here.
fn is_elsewhere(record: &Record, evidence: &Evidence<'_>) -> bool {
    differ(record.device.as_ref(), evidence.device.as_ref())
        || differ(record.file_system.as_ref(), evidence.file_system.as_ref())
}

/// The PID means here what it meant to the writer.
fn judge_process(record: &Record, evidence: &Evidence<'_>) -> Verdict {
    let here = evidence.here;
    // A bare PID may be that of any host that shares the file system.
    let any_host = evidence.place == Place::Shared
        && Boot::of(record, here) != Boot::Same
        && Host::of(record, here) != Host::Same;
    match evidence.process {
        Process::Running { .. } if any_host => Verdict::Live,
        Process::Gone if any_host => Verdict::Unproven(Why::ForeignHost),
        Process::Gone => Verdict::Stale(Why::Dead),
        Process::Unseen => Verdict::Unproven(Why::Unseen),
        Process::Running { start_ticks, pidfd_inode } => {
            // Ticks count from the boot as the reader's time namespace shifts it. Other programs do not
            // write down which that was. If the process shares ours, it would have written what we see.
            let same_clock = record.time_namespace == here.time_namespace
                || record.is_legacy() && record.time_namespace.is_none();
            let same = same(record.pidfd_inode, pidfd_inode)
                .or_else(|| same(record.start_ticks, start_ticks).filter(|_| same_clock));
            match same {
                Some(false) => Verdict::Stale(Why::PidReused),
                // Whoever judges found the lock free, so this process has it not. (A lock that it
                // took by another backend is not the one that was found free.)
                _ if record.pid == here.pid
                    && (record.is_legacy() || lock_is_proof(record, evidence)) =>
                {
                    Verdict::Stale(Why::OwnLeftover)
                }
                None if record.is_legacy() && evidence.older_than_process => {
                    Verdict::Unproven(Why::OlderThanProcess)
                }
                _ => Verdict::Live,
            }
        }
    }
}

/// Whether both are known and equal; `None` where one is not known.
fn same(then: Option<u64>, now: Option<u64>) -> Option<bool> {
    Some(then? == now?)
}

/// Whether both are known and equal.
fn equal<T: PartialEq>(then: Option<&T>, now: Option<&T>) -> bool {
    then.is_some() && then == now
}

/// Whether both are known and not equal.
fn differ<T: PartialEq>(then: Option<&T>, now: Option<&T>) -> bool {
    matches!((then, now), (Some(then), Some(now)) if then != now)
}

impl Why {
    /// The reason as half a sentence about the holder, for people.
    fn phrase(self) -> &'static str {
        match self {
            Self::Released => "it released the lock",
            Self::Blank => "nobody has a kernel lock on it, and it names nobody",
            Self::Torn => {
                "nobody has a kernel lock on it, and its record is cut short before it names anybody"
            }
            Self::Opened => "it names nobody, and a process has it open",
            Self::Dead => "its process no longer exists",
            Self::PidReused => "its PID now belongs to another process",
            Self::OwnLeftover => "the record names this very process, which does not hold the lock",
            Self::OtherNamespace => "its PID belongs to another PID namespace",
            Self::OtherMount => {
                "its PID belongs to another PID namespace, and it locked the file through another \
                 mount, so that a free lock here proves nothing"
            }
            Self::Outlived => {
                "its process has ended, but the kernel lock is still taken, by a child that \
                 inherited it or by a newcomer"
            }
            Self::Abandoned => "its thread ended without releasing the lock",
            Self::Rebooted => "the machine has been restarted since",
            Self::ForeignHost => "it may run on another host",
            Self::Unseen => "this process may not see whether it runs",
            Self::OlderThanProcess => "the file is older than the process that has that PID now",
        }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.phrase())
    }
}

impl Verdict {
    /// The verdict on a file that names several holders: live if one of them is, and stale only if all
    /// of them are.
    pub(crate) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Live, _) | (_, Self::Live) => Self::Live,
            (Self::Stale(_), Self::Unproven(_)) => other,
            _ => self,
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Live => f.write_str("live"),
            Self::Stale(Why::OtherNamespace) => f.write_str(
                "stale: it lived in another PID namespace and no longer has the kernel lock",
            ),
            Self::Stale(why) => write!(f, "stale: {why}"),
            Self::Unproven(why) => write!(f, "unproven: {why}"),
        }
    }
}

#[cfg(test)]
#[path = "verdict/tests.rs"]
mod tests;
