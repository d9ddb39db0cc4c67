//! A lock without any kernel lock: the name itself, made by link(2).

/// The name itself is the lock, made by link(2): for file systems that many hosts share, and whose
/// locks cannot be relied on (NFS with `nolock` or `local_lock`, FUSE without flock(2)).
///
/// The record is written whole into a file of its own and then linked to the path, which succeeds
/// for one contender: no crash, of the process or of the machine, leaves an empty or a torn
/// lockfile. A dead holder's lockfile is removed by one contender at a time, which has claimed this
/// very record by another link before, and has looked at it again since: a slow contender never
/// removes a fresh lockfile, wherever it is stopped, and however often others come and go. (These
/// are the two bugs that `Nfs_lock` of Jane Street's `Core_unix` documents.)
///
/// # When not to use it
///
/// Where flock(2) works, [`Flock`](super::Flock) is better: the kernel frees the lock at death,
/// which proves what no record can, and queues those who wait. Here a holder is judged by its
/// record alone. In the same boot and PID namespace, that is exact. A holder on another host, or in
/// another container of this one, is [unproven](crate::Verdict::Unproven), and so busy, dead or not:
/// a container that is replaced after a crash waits for an operator, who sees to it that the holder
/// is gone and removes the lockfile, or says [`Foreign::Break`](crate::Foreign::Break).
///
/// The same is true of a contender that dies there while it takes over from a dead holder. It leaves a
/// claim, `PATH.claim.…`, that keeps all others from taking over. `Foreign::Break` is not for claims.
/// [`Status::claimant`](crate::Status::claimant) and the error name the claim and its author, and
/// [`break_unproven`](crate::Lockfile::break_unproven) removes it by the incarnation of its author.
///
/// Machines that were copied while they ran (a snapshot that was resumed twice) have one boot id, and
/// take each other's holders for dead: start copies anew before they share a file system.
///
/// # What is different
///
/// - The lock ends with the process and not with a descriptor. `execve` does not end it: a program
///   that replaces itself without releasing is in its own way until it ends. A child that outlives
///   the holder does not hold anything.
/// - Beside `PATH`, names appear for a moment: `PATH.draft.…`, `PATH.claim.…` and `PATH.stale.…`,
///   each with 16 hexadecimal digits, so that the name of the lockfile has 23 bytes less than the
///   file system allows. What dead contenders leave of them is swept up by the next
///   holder, for which the directory has to be readable. It lists the directory: better one with
///   few files in it.
/// - Everybody who contends has to be able to write to the directory. Nobody writes to the files of
///   others, so they need not. In a directory with the sticky bit, what another user left dead is
///   [`Error::ProcessDead`](crate::Error::ProcessDead).
/// - Acquiring and [`set_message`](crate::Lockfile::set_message) flush the record to the disk,
///   which takes milliseconds on some; `set_message` writes to the directory, too, and so fails in
///   a process that has given up the right to.
/// - What has no nonce is never removed, because nothing tells one such file from the next: a dead
///   PID file of another program is `ProcessDead`; an empty file and other content is
///   [`Error::InvalidPid`](crate::Error::InvalidPid), and
///   [`replace_invalid`](crate::Lockfile::replace_invalid) has no effect. Remove it by hand.
/// - [`Format::Pid`](crate::Format::Pid) and `PidBare` keep no nonce:
///   [`Error::Unsupported`](crate::Error::Unsupported).
/// - A [kept](crate::Lockfile::keep_file) lockfile is removed by the next holder like a dead
///   one's, and a new one is linked: keeping it is no faster here.
/// - Those who wait are woken by what happens on this host, and look twenty times a second for the
///   rest.
///
/// # Platform-specific behavior
///
/// File systems without hard links (FAT, exFAT, some of FUSE): [`Error::Unsupported`](crate::Error::Unsupported), and nothing
/// is left behind. FUSE: errors differ from one file system to another, so the names are looked at
/// before an error is believed; tested with bindfs, mergerfs, sshfs, gocryptfs, encfs and securefs, each
/// mounted twice. NFS: version 4.1 or newer is advised, because its server never carries out a
/// request twice; with older ones a removal that is repeated after the server was restarted can hit a
/// newer lockfile, which [`verify`](crate::Lockfile::verify) tells. Linux keeps a file that is
/// removed while somebody has it open as `.nfs…` until it is closed.
///
/// # Examples
///
/// ```
/// use tenure::{Hardlink, Lockfile};
///
/// # let dir = tempfile::tempdir().unwrap();
/// # let path = dir.path().join("leader.lock");
/// let mut lock = Lockfile::new(&path).backend(Hardlink);
/// lock.try_lock()?;
/// assert!(lock.clone().try_lock().unwrap_err().is_busy());
/// lock.unlock()?;
/// # Ok::<(), tenure::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Hardlink;

impl Hardlink {
    /// The name that records give to it.
    pub const NAME: &'static str = "hardlink";
}
