//! Semaphore sets, as ipcs(1) and ipcrm(1) see them.

use std::fs;

use nix::errno::Errno;
use nix::libc;

/// In an IPC namespace of their own, tests can count sets, and nobody else's are in danger.
pub(crate) const ALONE: &str = "unshare -i";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Set {
    pub(crate) key: i32,
    pub(crate) id: i32,
}

/// All that there are in this IPC namespace.
pub(crate) fn sets() -> Vec<Set> {
    let table = fs::read_to_string("/proc/sysvipc/sem").expect("this kernel has semaphores");
    let set = |line: &str| {
        let mut numbers = line.split_whitespace().map(|word| word.parse().expect("a number"));
        Set { key: numbers.next().expect("a key"), id: numbers.next().expect("an id") }
    };
    table.lines().skip(1).map(set).collect()
}

/// The only one.
pub(crate) fn only_set() -> Set {
    match *sets() {
        [set] => set,
        ref sets => panic!("{sets:?}"),
    }
}

impl Set {
    /// As another program would make it.
    #[expect(unsafe_code, reason = "nix has no semaphores")]
    pub(crate) fn make(key: i32, values: &[i32]) -> Self {
        let (size, flags) = (values.len(), libc::IPC_CREAT | libc::IPC_EXCL | 0o600);
        // SAFETY: takes integers only.
        let id = unsafe { libc::semget(key, i32::try_from(size).expect("few"), flags) };
        let set = Self { key, id: Errno::result(id).expect("there is none") };
        for (semaphore, value) in values.iter().enumerate() {
            set.set(semaphore, *value);
        }
        set
    }

    #[expect(unsafe_code, reason = "nix has no semaphores")]
    pub(crate) fn set(self, semaphore: usize, value: i32) {
        let semaphore = i32::try_from(semaphore).expect("few");
        // SAFETY: takes integers only.
        let done = unsafe { libc::semctl(self.id, semaphore, libc::SETVAL, value) };
        Errno::result(done).expect("it is ours");
    }

    pub(crate) fn values(self, count: i32) -> Vec<i32> {
        (0..count).map(|semaphore| self.value(semaphore)).collect()
    }

    #[expect(unsafe_code, reason = "nix has no semaphores")]
    fn value(self, semaphore: i32) -> i32 {
        // SAFETY: takes integers only.
        let value = unsafe { libc::semctl(self.id, semaphore, libc::GETVAL) };
        Errno::result(value).expect("it is there")
    }

    /// `ipcrm -s`.
    #[expect(unsafe_code, reason = "nix has no semaphores")]
    pub(crate) fn remove(self) {
        // SAFETY: takes integers only.
        Errno::result(unsafe { libc::semctl(self.id, 0, libc::IPC_RMID) }).expect("it is ours");
    }
}
