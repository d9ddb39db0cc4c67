//! A record, and what else the bytes of a lockfile can mean.

use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use super::fields;
use crate::phase::Phase;

/// The most bytes of a lockfile that are ever read, and the largest a record can be.
pub const READ_LIMIT: usize = 8192;

/// The longest message a record carries, in bytes of UTF-8.
pub const MESSAGE_LIMIT: usize = 1024;

/// What the holder wrote about itself.
///
/// Only [`pid`](Self::pid) is certain: a record read from a lockfile of another program has
/// little else. Times are the wall clock of the writer. They inform; nothing is decided by them.
/// Text in a record is whatever its writer put there: escape it before showing it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Record {
    /// The version of the format, 1; 0 in a record of another program.
    #[serde(default)]
    pub version: u32,
    /// The process that wrote the record, as its own PID namespace numbers it: 1 to 4,194,304, the
    /// most that a system numbers.
    #[serde(deserialize_with = "fields::pid")]
    pub pid: u32,
    /// The other PIDs that the lockfile of another program names. It is stale only if all of them are
    /// dead.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "fields::pids")]
    pub more_pids: Vec<u32>,
    /// The host name at that time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// What the holder says it is doing; at most [`MESSAGE_LIMIT`] bytes when written by this crate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// How far the holder has come with it.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "fields::phase")]
    pub phase: Option<Phase>,
    /// The file name of the program.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub program: Option<String>,
    /// The effective user id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uid: Option<u32>,
    /// The boot of the kernel that the holder ran on (Linux: `/proc/sys/kernel/random/boot_id`).
    /// `None` in a container that shows a boot id of its own, as those of systemd-nspawn(1) do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boot_id: Option<String>,
    /// A digest of the machine id, which stays the same from boot to boot (Linux: `/etc/machine-id`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub machine: Option<String>,
    /// The inode of the PID namespace that numbers `pid` (Linux).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pid_namespace: Option<u64>,
    /// The inode of the time namespace that `start_ticks` counts in (Linux 5.6 and newer).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_namespace: Option<u64>,
    /// When the process started: clock ticks after boot on Linux (`/proc/PID/stat`, field 22), units
    /// of 100 ns since 1601 on Windows, microseconds since 1970 on macOS and since the boot on FreeBSD,
    /// seconds since 1970 elsewhere. Compared for equality only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_ticks: Option<u64>,
    /// The inode of the process's pidfd, which no other process of the same boot ever has
    /// (Linux 6.9 and newer).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pidfd_inode: Option<u64>,
    /// The number of the file system that the lockfile lies on (`st_dev`), in the same boot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<u64>,
    /// The kind of that file system (Linux: `f_type` of statfs(2)).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_system: Option<u64>,
    /// Whether the lockfile was there before its holder, without a record of this crate: then it is
    /// somebody else's, and stays when the lock is released.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub found: bool,
    /// The name of the backend that admitted the holder, when it is not `flock`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backend: Option<String>,
    /// Whether the holder shares the lock with others, of whom it is one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub shared: bool,
    /// When the lock was acquired.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "fields::time")]
    pub acquired_at: Option<SystemTime>,
    /// When the lock was released, in a lockfile that is kept.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "fields::time")]
    pub released_at: Option<SystemTime>,
    /// A name for this one acquisition: 16 hexadecimal digits, another for each.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
}

impl Record {
    /// A record that says nothing but the PID.
    pub(crate) fn bare(pid: u32) -> Self {
        Self {
            version: 0,
            pid,
            more_pids: Vec::new(),
            host: None,
            message: None,
            phase: None,
            program: None,
            uid: None,
            boot_id: None,
            machine: None,
            pid_namespace: None,
            time_namespace: None,
            start_ticks: None,
            pidfd_inode: None,
            device: None,
            file_system: None,
            found: false,
            backend: None,
            shared: false,
            acquired_at: None,
            released_at: None,
            nonce: None,
        }
    }

    /// All the PIDs that the lockfile names, of which most name one: [`pid`](Self::pid) and
    /// [`more_pids`](Self::more_pids).
    pub fn pids(&self) -> impl Iterator<Item = u32> + '_ {
        std::iter::once(self.pid).chain(self.more_pids.iter().copied())
    }

    /// Whether a program other than this crate wrote the record, one that may take no kernel lock.
    #[must_use]
    pub fn is_legacy(&self) -> bool {
        self.nonce.is_none()
    }
}

/// What the bytes of a lockfile mean.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Content {
    /// Nothing: no byte, or only white space and NUL, and not only newlines. What a crash between creating the file and
    /// writing it leaves, and what a power failure makes of a file that had not reached the disk.
    Blank,
    /// Nothing but newlines: what the formats that keep no JSON write over the PID when the lock is
    /// released. No crash leaves that, neither between creating and writing nor of a file that had not
    /// reached the disk.
    Released,
    /// The beginning of a record of this crate, and not its end.
    Torn,
    /// A record, of this crate or of another program.
    Record(Box<Record>),
    /// Not recognisable as a lockfile, and why.
    Invalid(String),
}
