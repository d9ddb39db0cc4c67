//! Which process this is, in a way that fork cannot copy.
//!
//! A PID does not tell: PID 1 of a container may make a new PID namespace and fork, and its child
//! is PID 1 as well, with a copy of all that its parent knew.

use std::process;

/// What this process has and no process that it was forked from, or forks, has.
///
/// Both, because each fails where the other does not: some systems say that they will empty a page in
/// a child and do not (QEMU's user mode, which has long ignored madvise(2)), and a PID can be the
/// same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Generation {
    count: Option<u64>,
    pid: u32,
}

impl Generation {
    /// That of no process.
    pub(crate) const NONE: Self = Self { count: None, pid: 0 };

    /// That of this process.
    pub(crate) fn current() -> Self {
        Self { count: wiped::count(), pid: process::id() }
    }

    /// In one word; never zero.
    pub(super) fn number(self) -> u64 {
        (self.count.unwrap_or_default() << u32::BITS) | u64::from(self.pid)
    }
}

/// A page that the kernel empties in a forked child: `madvise(2)`, `MADV_WIPEONFORK`, Linux 4.14.
/// A handler of `pthread_atfork(3)` would miss children made by bare `clone(2)`.
#[cfg(any(target_os = "linux", target_os = "android"))]
mod wiped {
    use std::num::NonZeroUsize;
    use std::ptr::NonNull;
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU64, Ordering};

    use nix::sys::mman::{MapFlags, MmapAdvise, ProtFlags, madvise, mmap_anonymous};

    /// How many processes there have been, from the first that asked down to this one.
    static GENERATIONS: AtomicU64 = AtomicU64::new(0);

    /// The count of this process; `None` on a kernel that says that it does not wipe.
    pub(super) fn count() -> Option<u64> {
        static PAGE: OnceLock<Option<&'static AtomicU64>> = OnceLock::new();
        let page = (*PAGE.get_or_init(page))?;
        match page.load(Ordering::Relaxed) {
            0 => {
                let next = GENERATIONS.fetch_add(1, Ordering::Relaxed) + 1;
                // Another thread of this process may have been first: its number is as good.
                Some(match page.compare_exchange(0, next, Ordering::Relaxed, Ordering::Relaxed) {
                    Ok(_) => next,
                    Err(theirs) => theirs,
                })
            }
            count => Some(count),
        }
    }

    #[expect(unsafe_code, reason = "memory that a fork wipes has to be mapped by hand")]
    fn page() -> Option<&'static AtomicU64> {
        let length = NonZeroUsize::new(size_of::<AtomicU64>())?;
        let (protection, flags) =
            (ProtFlags::PROT_READ | ProtFlags::PROT_WRITE, MapFlags::MAP_PRIVATE);
        // SAFETY: a new anonymous mapping overlaps nothing.
        let page = unsafe { mmap_anonymous(None, length, protection, flags) }.ok()?;
        // SAFETY: the mapping is ours alone, and nothing refers to it yet.
        unsafe { madvise(page, length.get(), MmapAdvise::MADV_WIPEONFORK) }.ok()?;
        let page: NonNull<AtomicU64> = page.cast();
        // SAFETY: the page is mapped for ever, readable, writable, zeroed (which is a valid
        // AtomicU64) and aligned to more than 8 bytes. Only the kernel changes it otherwise, in a
        // child, before that runs.
        Some(unsafe { page.as_ref() })
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
mod wiped {
    /// Not to be had here: the PID has to do.
    pub(super) fn count() -> Option<u64> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_has_one_generation_in_all_its_threads() {
        let ours = Generation::current();
        let theirs = std::thread::spawn(Generation::current).join().unwrap();
        assert_eq!(ours, theirs);
    }
}
