//! PID lockfiles that recover themselves.
//!
//! A daemon starts and must be the only one. It creates a lockfile, writes into it who it is, and
//! finds out, when the file is there already, whether its holder is alive, dead, or out of sight. A
//! dead holder's lockfile is recovered, without ever letting two in.
//!
//! ```
//! use tenure::{Error, Lockfile};
//!
//! # let dir = tempfile::tempdir().unwrap();
//! # let path = dir.path().join("backupd.pid");
//! let mut lock = Lockfile::new(&path).message("nightly backup");
//! match lock.try_lock() {
//!     Ok(()) => {}
//!     // backupd.pid is locked by pid 4242 (backupd) on web-1, acquired 3m 20s ago: "nightly
//!     // backup"; it is alive: wait for it, or stop it
//!     Err(err @ Error::Busy { .. }) => return Err(err),
//!     Err(err) => return Err(err),
//! }
//! if let Some(dead) = lock.recovered_from() {
//!     eprintln!("the last one crashed: {dead} ({})", dead.verdict());
//! }
//! // … serve …
//! lock.unlock()?;
//! # Ok::<(), Error>(())
//! ```
//!
//! # Hazards
//!
//! What no lockfile can prevent, and what this one does about it. Read this first.
//!
//! - **Deletion.** Whoever may write to the directory can remove the lockfile while it is held, and
//!   then the next contender creates another: two holders. Keep lockfiles in a directory that only
//!   their users may write to. [`Lockfile::verify`] tells for the price of one `lstat`, and
//!   [`Lockfile::unlock`] reports it as [`Error::RogueDeletion`]; dropping ignores it. A cleaner of
//!   temporary files is such a deleter: systemd-tmpfiles leaves files alone that are locked with
//!   flock(2) from systemd 254 on (tmpfiles.d(5), under Age; before, nothing but locked directories),
//!   tmpreaper and tmpwatch go by age. And systemd itself removes what `PIDFile=` names when its
//!   service has ended (systemd.service(5)): nobody but that service may use that file.
//! - **Leaks.** `mem::forget` and `process::exit` run no destructor. The lock ends with the process
//!   all the same; the file stays, is stale, and is recovered by the next contender.
//! - **Early drop.** `let _ = Lockfile::acquire(path)` drops the lock at once. Bind it to a name.
//! - **Forks.** A forked child has copies of all descriptors. It does not hold the lock (its value
//!   is inert), but if the holder dies without releasing, the lock stays taken until that child has
//!   ended, executed another program or dropped the value. [`Error::Busy`] says so then. Commands
//!   started by [`std::process::Command`] inherit nothing.
//! - **Closing everything.** A daemon that closes "all descriptors from 3 on" closes the lock. Its
//!   record still speaks for it as long as it lives ([`Verdict::Live`]), but acquire after
//!   daemonizing: the record also has the PID of the process that acquired. The next call on the value
//!   says [`Error::DescriptorClosed`], and touches no file that has the number of the descriptor by
//!   then.
//! - **POSIX record locks of your own.** A process that has such a lock (fcntl(2), lockf(3)) on a file
//!   loses it when it closes *any* descriptor of that file (close(2)). If this crate meets such a lock
//!   while it looks at a lockfile, it keeps its descriptor open until you have given up the lock. A lock
//!   that another thread takes between our open and our close is lost. Use one kind of lock on a file.
//! - **flock(1) on the same file.** flock(1) opens a file, waits for its lock, and goes on once it has
//!   the lock, also if the file was removed meanwhile. So a release keeps the file while another program
//!   has it open. A flock(1) that opens the file in the microseconds between that question and the
//!   removal works beside the next holder. Where you mix both, use [`Lockfile::keep_file`], or create the
//!   file yourself: a file that this crate did not create is never removed when it is released.
//! - **Network and FUSE file systems.** flock(2) is as good as the file system makes it: on NFS it
//!   excludes other clients unless the mount says `nolock` or `local_lock` (nfs(5)), on FUSE
//!   perhaps only this mount. A record from elsewhere is never judged by its PID; it is
//!   [`Verdict::Unproven`], and busy. There, no lockfile is removed: a client can answer from a cache
//!   what a name leads to, find the removed file, lock it, and be a second holder. A release marks the
//!   record instead. `docs/filesystems.md` says what was measured on which file system.
//! - **One file, several mounts.** An overlay and its upper directory, a FUSE mount and the store
//!   beneath, two FUSE mounts of one store: each has locks of its own for the same file. So a free lock
//!   proves the end of a holder only on the file system that its record names (device and kind);
//!   through another it is [unproven](Why::OtherMount). Two contenders that come through different
//!   mounts in the same instant can both get in. The same is unproven after an overlay was mounted anew
//!   (a container that was restarted): keep a container's lockfiles on a tmpfs or a volume.
//! - **Files that this host serves to others.** An ext4 that is exported over NFS, 9p or virtiofs is
//!   local here. Records of its clients are told apart by their machine ids; a client without one
//!   that has another boot id is taken for an earlier boot of this machine. Every backend whose lock
//!   does not reach exactly this kernel doubts it: [`Hardlink`], which is for such files,
//!   [`Semaphore`], [`Memory`] and [`Callback`].
//! - **PID files of other programs.** They take no kernel lock and have no identity but a PID.
//!   While any process has that PID they are busy, and a PID of another container looks dead.
//! - **Readers can lock, too.** Whoever may open the lockfile for reading can flock(2) it, and keep
//!   others out. [`Lockfile::mode`] 0o600 keeps strangers from that, and from reading the record.
//!
//! # How a holder is judged
//!
//! The kernel's lock decides who holds. What it cannot tell (a holder that takes none, a record
//! on another host) is decided by the record's identity: boot id, PID namespace, PID, start time and
//! the inode of the process's pidfd, compared for equality only. Wall-clock times inform and never
//! decide. The rule above all: *doubt never frees a lock*. In order:
//!
//! | what is seen | verdict |
//! | --- | --- |
//! | somebody has a kernel lock of any kind on it (flock, POSIX, open file description; exclusive or shared) | live; [unproven](Why::Outlived) if the record's process has ended |
//! | released in good order | stale |
//! | empty, torn or all NUL; one name, and nobody has it open | a contender takes it over; to all others it is [empty](State::Empty), and stays |
//! | same boot and PID namespace: no such process, or its last thread has exited | stale: [dead](Why::Dead) |
//! | same boot and PID namespace: another start time or pidfd inode | stale: [PID reused](Why::PidReused) |
//! | same boot and PID namespace: the same, or nothing to compare | live |
//! | the record names this very process, which does not hold the lock | stale: [leftover](Why::OwnLeftover) |
//! | same boot, other PID namespace | stale if its kernel lock is free, on the same file and the same file system; else unproven |
//! | same boot, no telling which PID namespace | as by its process, if its kernel lock is free; else unproven |
//! | other boot, local file system, machine id not another | stale: [rebooted](Why::Rebooted) |
//! | the same, with a backend whose lock does not reach exactly this kernel | stale only with the same machine id and host; if it reaches less than this kernel, also only in the same PID namespace |
//! | other boot, shared file system, same machine id and host, both outside of containers | stale: rebooted |
//! | the record or the reader does not know its boot; the kernel lock on the very file is free, and the file system is local | as on the same boot |
//! | the same, without that lock | unproven if the hosts or machine ids differ, or only the record knows its boot; else as on the same boot, and a record of this crate is stale on a local file system only |
//! | another program's file: its host or machine id is another, on the same boot | unproven |
//! | another program's file: several PIDs | live if one of them is; stale only if all of them are |
//! | another program's file: it is older than the process that has its PID now | [unproven](Why::OlderThanProcess) |
//! | anything else | unproven: busy, unless the caller [breaks](Foreign::Break) it |
//!
//! [`Why`] has the reasons. That table is a pure function, tested row by row, both ways.
//!
//! # Backends
//!
//! What lies underneath a lockfile, chosen with [`Lockfile::backend`], and by all who contend for one
//! lockfile alike. [`Flock`] is the best wherever it works; [`Backend`] is for one of your own. A dead
//! holder's lockfile is recovered by its own backend alone, unless its lock is known to have ended with
//! it: after [`PosixSemaphore`], [`Hardlink`] or one of your own, to another backend it is
//! [`Error::ProcessDead`], which names the one to use.
//!
//! | | [`Flock`] (default) | [`Semaphore`] | [`PosixSemaphore`] | [`Hardlink`] | [`Memory`], [`Callback`] |
//! | --- | --- | --- | --- | --- | --- |
//! | primitive | flock(2) | System V, `SEM_UNDO` | flock(2), and a POSIX semaphore against programs that know only that | link(2) | a map; your closures |
//! | freed at death | by the kernel | by the kernel | by the kernel; the semaphore is inherited by way of the record, whenever its holder was killed | by the record | by the record, once the map or your lock is free |
//! | reused PIDs | told apart | told apart | told apart | told apart | told apart |
//! | another container | excluded; recovered | excluded by the record; unproven | excluded; busy until the semaphore is given back | excluded; unproven | excluded by the record; unproven |
//! | other hosts | as the file system's locks are, and by the record | excluded by the record | as `Flock` | excluded; unproven | excluded by the record |
//! | waits with a limit | woken | in the kernel's queue | woken | woken, on this host | woken |
//! | order of those who wait | the kernel's queue | the kernel's queue | as they come, on this host | as they come, on this host | any |
//! | shared | yes | no | no | no | no |
//! | tasks of tokio | yes | yes | yes | yes | yes |
//!
//! What is left taken at a death, after [`PosixSemaphore`]: the semaphore, if the record does not prove
//! that its holder is dead (it lived in another container, its format keeps no whole record, or
//! somebody removed its lockfile while it was held), and that of another program that died. The error
//! names the file to be removed then.
//!
//! *Another container* is one of this host, with PID and IPC namespaces of its own, whose holder
//! first lives and then dies. *Excluded by the record* is: once it is written; two who come in the
//! same instant can both get in. *Unproven* is busy, unless the caller [breaks](Foreign::Break) it.
//!
//! # What can be done about a holder
//!
//! - Wait for it: in the queue of those who want the lock, or [without](Lockfile::wait_until_free)
//!   wanting it.
//! - Stop it: [`Lockfile::holder_process`] holds its process fast, and signals no other. A lockfile is
//!   a file, and whoever may write to it would choose who is killed in the holder's place, so it is
//!   proven first that this is the process that wrote the record, and that nobody could have written
//!   it who could not signal that process himself.
//! - If it is dead, nothing: the next contender recovers its lockfile.
//!   [`Lockfile::release_stale`] removes it before.
//! - If it is known to be dead, and that cannot be proven from here, an operator
//!   [breaks](Lockfile::break_unproven) the lock, naming the [incarnation](Record::incarnation)
//!   that is meant. To remove the file by hand can be to remove that of the next holder.
//!
//! # The lockfile
//!
//! One line of JSON, padded with blanks to a fixed size so that the next record overwrites it in
//! place; [`Format`] has the layouts that other programs read. Only `pid` is required when reading,
//! unknown fields are ignored. The lockfiles of other programs are read, too:
//!
//! - a bare PID, also in binary, with a NUL, or as `pid=4242`; and several PIDs, a line each;
//! - a PID with its host: git's `gc.pid`, `GnuPG`, filelock and `zc.lockfile` of Python, Qt's
//!   `QLockFile`, `File::NFSLock` of Perl, Jane Street's `Nfs_lock`, `host:pid` (Mercurial, rTorrent);
//! - a PID with its start time, and lines of the UUCP family;
//! - `postmaster.pid`, simplelock, and JSON with the usual names;
//! - the symbolic links of Emacs, Chromium, Firefox and u-root, which are never followed or replaced.
//!
//! `docs/formats.md` of the repository has a row for each, with what decides whether its holder lives.
//! A dead one's link is [`Error::ProcessDead`], to be removed by hand: a link cannot be locked, and so
//! nothing would keep its program from making another between a look at the dead one and its removal.
//! What is not recognised is [`Error::InvalidPid`] and is left as it is. Symbolic links, FIFOs,
//! devices and the like are refused without being opened.
//!
//! # Platforms
//!
//! Linux 5.3 or newer for pidfds, 6.9 for their inodes; older kernels and sandboxes without them
//! fall back to start times and then to kill(2): [Where less is known](#where-less-is-known). With
//! glibc or musl, with 32 bits or 64, in either order of bytes: of each, tests are run. Other Unixes:
//! flock(2), and process start times to the second by `sysinfo`. macOS and FreeBSD: to the
//! microsecond, and kqueue(2); type-checked by this crate's checks, and never run.
//!
//! Windows 10: `LockFileEx` on one byte far beyond the record, and start times in units of 100 ns.
//! [`Lockfile::mode`] does nothing there, whoever waits with a limit looks twenty times a second,
//! nobody holds a lock through a fork, and no lock goes over to another process or program:
//! [`pass_to`](Lockfile::pass_to) and [`exec`](Lockfile::exec) are errors, and `send_to` and
//! `receive_from` are not there. Tested under Wine, which is not Windows.
//!
//! Everything else, such as WASI: type-checked; every call answers that it cannot.
//!
//! # Where less is known
//!
//! What is missing makes a verdict more cautious or a wait slower, and says so; it does not let two
//! in. The one call that nothing replaces is flock(2): where that is refused, [`Error::Unsupported`].
//!
//! | what is missing | where | consequence |
//! | --- | --- | --- |
//! | `pidfd_open(2)` (ENOSYS, EPERM) | Linux before 5.3; Docker's filter of 2020 (moby #41664); gVisor for long (gvisor #5839); WSL 1 (darlingserver #4) | start times and kill(2) judge; the death of a holder without a kernel lock is looked for once a second; to signal leaves microseconds in which the PID can become another's; the guard of `tenure run` looks for the end of the command |
//! | inodes of pidfds | Linux before 6.9; no `fstatfs` | start times judge, to a hundredth of a second |
//! | `pidfd_send_signal(2)` | as above | kill(2), after the pidfd has said that the process lives |
//! | `/proc` | containers, chroots | no start times and no namespaces: a record is stale if its process is gone *and* its kernel lock is free; a holder that is dead and not reaped is busy unless there are pidfds; [`holder_process`](Lockfile::holder_process) refuses |
//! | the processes of others in `/proc` | `hidepid=2`; Android | their start times are not compared |
//! | the kernel's boot id | no `/proc/sys`; systemd-nspawn(1), whose containers show a boot id each of their own, which does not count | the same numbers may be of another kernel: stale on a local file system only |
//! | users that are mapped | user namespaces | all others look the same: [`holder_process`](Lockfile::holder_process) refuses if the lockfile belongs to one |
//! | a machine id | containers; Android | on a shared file system, nothing is stale for a reboot |
//! | fstatfs(2) | sandboxes | every file system counts as shared: a reboot is no proof, nor is the death of a bare PID; no lockfile is removed when it is released |
//! | `F_SETLEASE` | sandboxes | a release cannot ask whether another program has the file open, and removes it; an empty file is taken over although a process has it open |
//! | inotify(7) | sandboxes; more than `fs.inotify.max_user_instances` | whoever waits looks twenty times a second; [`changes`](Lockfile::changes) and [`on_lost`](Lockfile::on_lost) once a second |
//! | `F_OFD_SETLK` | Linux before 3.15; 32 bits with glibc, whose structure for it is not the kernel's; WSL 1, with EINVAL (libmdbx #97) | a release removes the file although others wait, and they begin again; those who [share](Lockfile::try_lock_shared) it are not named, and are judged by the record alone |
//! | abstract sockets, or `SCM_RIGHTS` | sandboxes | no turnstile: all who wait with a limit watch, in no order |
//! | Unix sockets | sandboxes | also no [`Cancel`] and no `on_lost`: an error says so |
//! | `MADV_WIPEONFORK` | Linux before 4.14; QEMU's user mode, which did nothing and said yes (wasmtime #3770) | a forked child is told by its PID alone; a child with the same PID, in a new PID namespace, would pass for its parent |
//! | flock(2) between sandboxes | volumes that gVisor's sandboxes share: each has locks and a boot id of its own, and shows 9p | excluded by the record; unproven. [`Hardlink`] is for such volumes |
//! | system calls, by being killed | Android's filter for apps, up to version 11, kills who calls `pidfd_open` (SIGSYS; go #69065) | it cannot be survived: not for apps on those |
//!
//! WSL 2 is a Linux kernel, whose distributions are containers of each other: nothing is missing. The
//! drives of Windows are network file systems there, whose changes by programs of Windows are not
//! told (WSL #4739). On WSL 1, POSIX record locks do not exclude (WSL #1927), and this crate uses
//! flock(2).
//!
//! Every row but the last two is imitated in `tests/degraded.rs` and `tests/identity`, by seccomp(2)
//! and by mounts, on one kernel. gVisor, WSL, Android and old kernels themselves were not tried:
//! what is said of them is what the threads say that are named (`moby #41664` is
//! <https://github.com/moby/moby/issues/41664>, and so on, also of `golang/go`,
//! `google/gvisor`, `bytecodealliance/wasmtime`, `darlinghq/darlingserver`, `Mithril-mine/libmdbx` and
//! `microsoft/WSL`), and gVisor's source.
//!
//! # Features
//!
//! - `cli`: the program `tenure`.
//! - `conformance`: the module of that name, with checks for those who implement a [`Backend`].
//! - `kernel-mutex`: `KernelMutex`, a named mutex of the Windows kernel. It needs no file.
//! - `robust-mutex`: `RobustMutex`, a lock in memory that the processes of one user share (Linux). It
//!   takes no system call when nobody else wants it.
//! - `signals`: [`Lockfile::release_on_signals`](Lockfile#method.release_on_signals).
//! - `systemd`: [`Lockfile::notify_systemd`](Lockfile#method.notify_systemd), which tells the service
//!   manager of the holder's [`Phase`].
//! - `tokio`: [`Lockfile::lock_async`](Lockfile#method.lock_async), on Linux.
//! - `tracing`: events of that crate, target `tenure`, for each lockfile that is acquired and released
//!   (`DEBUG`), busy (`DEBUG`) or waited for (`INFO`), with its holder; recovered from a dead holder,
//!   with the reason, or put back (`WARN`); removed, replaced or overwritten while it is held
//!   (`ERROR`). What a lockfile says is escaped in them.
//!
//! The library needs none of them.
//!
//! # Watching
//!
//! [`Lockfile::changes`] is an endless iterator over who holds a lockfile, for monitors and the
//! curious. It is woken by what happens, and makes nobody busy.
//!
//! # Phases
//!
//! That the lock is held does not mean that its holder serves yet. [`Lockfile::set_phase`] says in the
//! record how far it has come, [`Holder::phase`] reads it, and [`Lockfile::wait_until_ready`] waits for a
//! holder that is ready, also from before there is one. A phase informs; nothing is decided by it.
//!
//! # Waiting
//!
//! [`Lockfile::lock`] sleeps in the kernel's queue; whoever waits with a
//! [limit](Lockfile::lock_timeout), until it is [called off](Lockfile::lock_until) or in a task,
//! sleeps until something happens: inotify(7) and pidfds tell. Nobody who waits so opens or closes
//! the lockfile at each look, because that would wake the others; of all of one user, one watches,
//! and the others wait behind it at a turnstile, so that a hand-over wakes two or three and not all
//! of them. Nothing is missed between a look and the sleep after it, because what tells is armed
//! before the look. A release that finds others waiting leaves them the file.

mod backend;
mod cancel;
mod changes;
#[cfg(feature = "conformance")]
pub mod conformance;
mod diagnosis;
mod digest;
mod engine;
mod error;
mod exit;
mod file;
mod holder;
mod identity;
#[doc(hidden)]
pub mod internals;
mod kernel_holder;
#[cfg(feature = "kernel-mutex")]
mod kernel_mutex;
mod lock;
mod lockfile;
mod lookout;
mod loss;
mod memory_lock;
mod named;
mod nonce;
mod outcome;
mod phase;
mod possession;
mod probe;
mod protocol;
mod record;
#[cfg(feature = "robust-mutex")]
mod robust_mutex;
mod room;
mod sabotage;
mod service;
mod settings;
#[cfg(feature = "signals")]
mod signals;
mod slots;
mod status;
mod sys;
mod threads;
mod trace;
mod verdict;
mod wait;

pub use backend::{
    Admission, Backend, Callback, Flock, Hardlink, Lasting, Memory, Passing, PosixSemaphore, Queue,
    Scope, Semaphore, Sharing,
};
pub use cancel::Cancel;
pub use changes::Changes;
pub use diagnosis::Process;
pub use engine::Engine;
pub use error::{Error, Op, Result};
pub use holder::Holder;
pub use kernel_holder::KernelHolder;
#[cfg(feature = "kernel-mutex")]
pub use kernel_mutex::KernelMutex;
pub use lock::{Lock, default_lock, lock_until_finished};
pub use lockfile::{HolderProcess, Lockfile, Lost};
pub use loss::Loss;
pub use memory_lock::MemoryLock;
pub use phase::Phase;
pub use record::{Content, Format, MESSAGE_LIMIT, READ_LIMIT, Record};
#[cfg(feature = "robust-mutex")]
pub use robust_mutex::RobustMutex;
pub use settings::Foreign;
pub use slots::Slots;
pub use status::{State, Status};
pub use verdict::{Verdict, Why};

/// What the README shows compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

/// And so does what the documents behind it show.
#[cfg(doctest)]
#[doc = include_str!("../docs/library.md")]
struct Library;
