//! The system calls at which a process stops: those that touch a lockfile, its directory, a lock,
//! or the question whether a process lives.
//!
//! A seccomp filter picks them, so that all others run at full speed, and numbers them by their
//! place in [`CALLS`]. No registers are read: `PTRACE_GET_SYSCALL_INFO` is the same on every
//! architecture, and only the numbers below differ.

use std::sync::LazyLock;

use nix::libc;

/// What a call acts on, by the places of its arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A path.
    Path(usize),
    /// A path relative to a descriptor; the descriptor itself, where the path is empty.
    PathAt(usize),
    /// A descriptor.
    File,
    /// The lock on a descriptor: may wait.
    Lock,
    /// The life of a process.
    World,
    /// Semaphores of a set: may wait.
    Semaphore,
    /// A set of semaphores.
    Set,
    /// Locks on bytes, among them the marks that processes put on a descriptor for each other; and
    /// leases. May wait.
    Mark,
    /// Whatever can happen to the descriptors in it: may wait. With none: the caller gives way.
    Events,
    /// A socket between those who wait.
    Socket,
    /// Nothing: the caller gives way.
    Yield,
}

use Subject::{Events, File, Lock, Mark, Path, PathAt, Semaphore, Set, Socket, World, Yield};

/// Number, name, subject.
#[rustfmt::skip]
pub const CALLS: &[(libc::c_long, &str, Subject)] = &[
    #[cfg(target_arch = "x86_64")] (libc::SYS_open, "open", Path(0)),
    #[cfg(target_arch = "x86_64")] (libc::SYS_stat, "stat", Path(0)),
    #[cfg(target_arch = "x86_64")] (libc::SYS_lstat, "lstat", Path(0)),
    #[cfg(target_arch = "x86_64")] (libc::SYS_unlink, "unlink", Path(0)),
    #[cfg(target_arch = "x86_64")] (libc::SYS_link, "link", Path(0)),
    #[cfg(target_arch = "x86_64")] (libc::SYS_rename, "rename", Path(0)),
    #[cfg(target_arch = "x86_64")] (libc::SYS_readlink, "readlink", Path(0)),
    #[cfg(target_arch = "x86_64")] (libc::SYS_poll, "poll", World),
    (libc::SYS_openat, "openat", PathAt(0)),
    (libc::SYS_newfstatat, "fstatat", PathAt(0)),
    (libc::SYS_statx, "statx", PathAt(0)),
    (libc::SYS_unlinkat, "unlinkat", PathAt(0)),
    // The name that is made.
    (libc::SYS_linkat, "linkat", PathAt(2)),
    (libc::SYS_renameat, "renameat", PathAt(0)),
    (libc::SYS_renameat2, "renameat2", PathAt(0)),
    (libc::SYS_readlinkat, "readlinkat", PathAt(0)),
    (libc::SYS_fstat, "fstat", File),
    (libc::SYS_read, "read", File),
    (libc::SYS_write, "write", File),
    (libc::SYS_pread64, "pread", File),
    (libc::SYS_pwrite64, "pwrite", File),
    (libc::SYS_ftruncate, "ftruncate", File),
    (libc::SYS_close, "close", File),
    (libc::SYS_getdents64, "getdents", File),
    (libc::SYS_flock, "flock", Lock),
    (libc::SYS_semop, "semop", Semaphore),
    (libc::SYS_semtimedop, "semtimedop", Semaphore),
    (libc::SYS_semget, "semget", Set),
    (libc::SYS_semctl, "semctl", Set),
    (libc::SYS_kill, "kill", World),
    (libc::SYS_pidfd_open, "pidfd_open", World),
    (libc::SYS_ppoll, "ppoll", Events),
    (libc::SYS_fcntl, "fcntl", Mark),
    (libc::SYS_inotify_add_watch, "inotify_add_watch", Path(1)),
    (libc::SYS_bind, "bind", Socket),
    (libc::SYS_listen, "listen", Socket),
    (libc::SYS_connect, "connect", Socket),
    (libc::SYS_accept4, "accept", Socket),
    (libc::SYS_sendmsg, "sendmsg", Socket),
    (libc::SYS_recvmsg, "recvmsg", Socket),
    (libc::SYS_shutdown, "shutdown", Socket),
    (libc::SYS_sched_yield, "sched_yield", Yield),
    (libc::SYS_clock_nanosleep, "clock_nanosleep", Yield),
];

/// The filter. The kernel tries it with every call there is when it is installed, once for each
/// process that is explored: so it decides like a tree, not like a list.
static FILTER: LazyLock<Vec<libc::sock_filter>> = LazyLock::new(|| {
    let number = |(number, ..): &(libc::c_long, _, _)| u32::try_from(*number).expect("small");
    let mut calls: Vec<(u32, u32)> = CALLS.iter().map(number).zip(0..).collect();
    calls.sort_unstable();
    // The number of the call is the first field of `struct seccomp_data`.
    let mut filter = vec![instruction(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, (0, 0), 0)];
    filter.extend(decide(&calls));
    filter
});

/// Decides between some of the calls, by number and place in [`CALLS`].
fn decide(calls: &[(u32, u32)]) -> Vec<libc::sock_filter> {
    let give = |action| instruction(libc::BPF_RET | libc::BPF_K, (0, 0), action);
    let jump = libc::BPF_JMP | libc::BPF_K;
    if let &[(number, place)] = calls {
        let equal = instruction(jump | libc::BPF_JEQ, (0, 1), number);
        return vec![equal, give(libc::SECCOMP_RET_TRACE | place), give(libc::SECCOMP_RET_ALLOW)];
    }
    let (below, above) = calls.split_at(calls.len() / 2);
    let first = decide(below);
    let skip = u8::try_from(first.len()).expect("jumps are short");
    let at_least = instruction(jump | libc::BPF_JGE, (skip, 0), above[0].0);
    [vec![at_least], first, decide(above)].concat()
}

/// One instruction, with how many to skip where a comparison is true, and where it is not.
fn instruction(code: u32, skip: (u8, u8), k: u32) -> libc::sock_filter {
    let code = u16::try_from(code).expect("codes have 16 bits");
    libc::sock_filter { code, jt: skip.0, jf: skip.1, k }
}

/// Makes this process stop at every one of [`CALLS`], for good.
#[expect(unsafe_code, reason = "nix has no seccomp")]
pub fn stop_at_them() {
    let program = libc::sock_fprog {
        len: u16::try_from(FILTER.len()).expect("the filter is short"),
        filter: FILTER.as_ptr().cast_mut(),
    };
    // SAFETY: takes numbers only.
    let done = unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) };
    assert_eq!(done, 0, "PR_SET_NO_NEW_PRIVS");
    // SAFETY: the kernel copies the program, which outlives the call, and does not write to it.
    let done = unsafe { libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_FILTER, &program) };
    assert_eq!(done, 0, "PR_SET_SECCOMP");
}

/// Builds the filter now, once, for all processes to be forked.
pub fn prepare() {
    LazyLock::force(&FILTER);
}
