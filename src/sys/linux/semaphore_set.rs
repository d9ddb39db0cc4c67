//! semget(2), semop(2), semctl(2) - System V semaphores, in sets that have a key.
//!
//! What a process changes with [`Step::undone`] the kernel takes back when the process ends, with
//! all its threads (semop(2), `SEM_UNDO`; clone(2), `CLONE_SYSVSEM`).
#![expect(unsafe_code, reason = "neither std nor nix has semaphores")]

use std::fs;
use std::io;
use std::path::Path;
use std::time::Instant;

use nix::errno::Errno;
use nix::libc;
use nix::sys::time::TimeSpec;

/// A set of semaphores, which may have been removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SemaphoreSet(i32);

/// What has a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keyed {
    Nothing,
    /// A set with too few semaphores.
    Smaller,
    /// A set with enough of them.
    Set(SemaphoreSet),
}

/// A change of one semaphore, or, where it is none, the condition that it is zero.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step {
    semaphore: u16,
    change: i16,
    undone: bool,
}

/// What came of some [`Step`]s, which are taken all at once or not at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Taken,
    /// They would have had to wait, or to wait longer.
    Late,
    /// The set has been removed.
    Gone,
}

impl Step {
    /// The semaphore is zero.
    pub(crate) const fn zero(semaphore: u16) -> Self {
        Self { semaphore, change: 0, undone: false }
    }

    /// Adds to the semaphore, for good.
    pub(crate) const fn add(semaphore: u16, change: i16) -> Self {
        Self { semaphore, change, undone: false }
    }

    /// Adds to the semaphore until this process ends.
    pub(crate) const fn undone(semaphore: u16, change: i16) -> Self {
        Self { semaphore, change, undone: true }
    }

    #[expect(clippy::cast_possible_truncation, reason = "the flags have 13 bits")]
    fn operation(self, flags: i32) -> libc::sembuf {
        let undo = if self.undone { libc::SEM_UNDO } else { 0 };
        let sem_flg = (flags | undo) as i16;
        libc::sembuf { sem_num: self.semaphore, sem_op: self.change, sem_flg }
    }
}

impl SemaphoreSet {
    /// Looks for the set that has `key`, which must not be 0, and at least `size` semaphores.
    pub(crate) fn find(key: i32, size: u16) -> io::Result<Keyed> {
        match get(key, size, 0) {
            Ok(set) => Ok(Keyed::Set(set)),
            Err(Errno::ENOENT) => Ok(Keyed::Nothing),
            Err(Errno::EINVAL) => Ok(Keyed::Smaller),
            Err(err) => Err(explain(err)),
        }
    }

    /// The sets in the `table` of the system (`/proc/sysvipc/sem`, see `proc_sysvipc(5)`) that have a
    /// key and `size` semaphores. Each may have been removed since.
    pub(crate) fn listed_in(table: &Path, size: u16) -> io::Result<Vec<Self>> {
        let table = fs::read_to_string(table)?;
        // Key, number, bits, size, and more.
        let set = |line: &str| {
            let numbers: Vec<i32> =
                line.split_whitespace().map_while(|it| it.parse().ok()).collect();
            match numbers[..] {
                [key, number, _, has, ..] if key != 0 && has == i32::from(size) => {
                    Some(Self(number))
                }
                _ => None,
            }
        };
        Ok(table.lines().filter_map(set).collect())
    }

    /// Makes a set for `key`, which must not be 0, with `size` semaphores that are all zero;
    /// `None` if there is one with that key.
    pub(crate) fn create(key: i32, size: u16, mode: u32) -> io::Result<Option<Self>> {
        let mode = i32::try_from(mode & 0o666).unwrap_or_default();
        match get(key, size, libc::IPC_CREAT | libc::IPC_EXCL | mode) {
            Ok(set) => Ok(Some(set)),
            Err(Errno::EEXIST) => Ok(None),
            Err(err) => Err(explain(err)),
        }
    }

    /// Its number, which no other set has, and none of the next 65 thousand that are made.
    pub(crate) fn id(self) -> u32 {
        self.0.unsigned_abs()
    }

    /// The set of a number that [`id`](Self::id) has given.
    pub(crate) fn of(id: u32) -> Option<Self> {
        i32::try_from(id).ok().map(Self)
    }

    /// Makes the user and the group its owners. Whoever has created it stays one, too.
    pub(crate) fn give(self, uid: u32, gid: u32) -> io::Result<()> {
        /// Begins as `struct semid_ds` does, whose rest differs from platform to platform, and is
        /// longer than all of them.
        #[repr(C)]
        struct Data {
            owner: libc::ipc_perm,
            rest: [u64; 32],
        }

        // SAFETY: zeroes are valid for a struct of integers.
        let mut data: Data = unsafe { std::mem::zeroed() };
        // SAFETY: the kernel writes a `struct semid_ds`, which `data` has room for.
        Errno::result(unsafe { libc::semctl(self.0, 0, libc::IPC_STAT, &raw mut data) })?;
        (data.owner.uid, data.owner.gid) = (uid, gid);
        // SAFETY: the kernel reads what it has written before.
        Errno::result(unsafe { libc::semctl(self.0, 0, libc::IPC_SET, &raw const data) })?;
        Ok(())
    }

    /// The value of a semaphore; `None` if the set has been removed, or has fewer.
    pub(crate) fn value(self, semaphore: u16) -> io::Result<Option<i32>> {
        self.ask(semaphore, libc::GETVAL)
    }

    /// The process that was the last to take a [`Step`] on the semaphore; 0 if it is not of this
    /// PID namespace. `None` if the set has been removed.
    pub(crate) fn last_process(self, semaphore: u16) -> io::Result<Option<u32>> {
        Ok(self.ask(semaphore, libc::GETPID)?.map(i32::unsigned_abs))
    }

    /// Whether anybody waits for the semaphore to be zero.
    pub(crate) fn is_awaited(self, semaphore: u16) -> io::Result<bool> {
        Ok(self.ask(semaphore, libc::GETZCNT)?.is_some_and(|waiting| waiting > 0))
    }

    fn ask(self, semaphore: u16, what: i32) -> io::Result<Option<i32>> {
        // SAFETY: takes integers only.
        match Errno::result(unsafe { libc::semctl(self.0, semaphore.into(), what) }) {
            Ok(answer) => Ok(Some(answer)),
            Err(err) if is_gone(err) => Ok(None),
            Err(err) => Err(explain(err)),
        }
    }

    /// Takes the steps if that takes no waiting.
    pub(crate) fn try_take(self, steps: &[Step]) -> io::Result<Outcome> {
        self.operate(steps, libc::IPC_NOWAIT, None)
    }

    /// Takes the steps, waiting until `until`, or for as long as it takes, behind those who came
    /// before. A signal handler may run meanwhile; the waiting goes on, behind those who came since.
    pub(crate) fn take(self, steps: &[Step], until: Option<Instant>) -> io::Result<Outcome> {
        self.operate(steps, 0, until)
    }

    fn operate(self, steps: &[Step], flags: i32, until: Option<Instant>) -> io::Result<Outcome> {
        let mut operations: Vec<_> = steps.iter().map(|step| step.operation(flags)).collect();
        loop {
            let left = until.map(|until| until.saturating_duration_since(Instant::now()));
            let left = left.map(|left| *TimeSpec::from_duration(left).as_ref());
            let limit = left.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
            let (start, count) = (operations.as_mut_ptr(), operations.len());
            // SAFETY: `start` leads to `count` operations; `limit` is null, or leads to `left`.
            // The kernel writes to neither, and both outlive the call.
            match Errno::result(unsafe { semtimedop(self.0, start, count, limit) }) {
                Ok(_) => return Ok(Outcome::Taken),
                Err(Errno::EINTR) => {}
                Err(Errno::EAGAIN) => return Ok(Outcome::Late),
                Err(err) if is_gone(err) => return Ok(Outcome::Gone),
                Err(Errno::EACCES) => return Err(self.forbidden()),
                Err(err) => return Err(explain(err)),
            }
        }
    }

    fn forbidden(self) -> io::Error {
        let why = format!(
            "this user may not alter the semaphore set {id}: once nobody holds the lock, its owner \
             can remove it (`ipcrm -s {id}`)",
            id = self.0
        );
        io::Error::new(io::ErrorKind::PermissionDenied, why)
    }

    /// Removes the set: whoever waits is told that it has gone. `false` if this user may not; a set
    /// that has gone is removed.
    pub(crate) fn remove(self) -> io::Result<bool> {
        // SAFETY: takes integers only.
        match Errno::result(unsafe { libc::semctl(self.0, 0, libc::IPC_RMID) }) {
            Ok(_) => Ok(true),
            Err(Errno::EPERM) => Ok(false),
            Err(err) if is_gone(err) => Ok(true),
            Err(err) => Err(explain(err)),
        }
    }
}

fn get(key: i32, size: u16, flags: i32) -> nix::Result<SemaphoreSet> {
    // SAFETY: takes integers only.
    Errno::result(unsafe { libc::semget(key, size.into(), flags) }).map(SemaphoreSet)
}

/// EIDRM is said to those who are in the middle of a call, EINVAL to those who come later.
fn is_gone(err: Errno) -> bool {
    matches!(err, Errno::EIDRM | Errno::EINVAL)
}

fn explain(err: Errno) -> io::Error {
    match err {
        Errno::ENOSPC => io::Error::new(
            io::ErrorKind::StorageFull,
            "there are as many semaphore sets or semaphores as the system allows (SEMMNI and \
             SEMMNS, the last number in /proc/sys/kernel/sem and the second): `ipcs -s` lists the \
             sets, `ipcrm -s` removes one that is left over",
        ),
        err => err.into(),
    }
}

unsafe extern "C" {
    /// Of every C library for Linux; the crate `libc` has forgotten it.
    fn semtimedop(
        set: libc::c_int,
        operations: *mut libc::sembuf,
        count: libc::size_t,
        limit: *const libc::timespec,
    ) -> libc::c_int;
}
