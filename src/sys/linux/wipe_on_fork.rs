//! `madvise(2)`, `MADV_WIPEONFORK` - a page that the kernel empties in a forked child (Linux 4.14).
//!
//! A handler of `pthread_atfork(3)` empties it as well. Alone, it would miss children made by bare
//! `clone(2)`; but some systems say that they will wipe, and do not (QEMU's user mode, which has long
//! ignored madvise(2)). To ask for the PID each time would be a system call each time.

use std::num::NonZeroUsize;
use std::ptr::NonNull;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use nix::libc;
use nix::sys::mman::{MapFlags, MmapAdvise, ProtFlags, madvise, mmap_anonymous};

/// How many processes there have been, from the first that asked down to this one.
static GENERATIONS: AtomicU64 = AtomicU64::new(0);

static PAGE: OnceLock<Option<&'static AtomicU64>> = OnceLock::new();

/// The number of this process, which is never zero; `None` on a kernel that does not wipe.
pub(crate) fn count() -> Option<u64> {
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

/// Runs in a forked child, before anything else does.
extern "C" fn empty() {
    if let Some(Some(page)) = PAGE.get() {
        page.store(0, Ordering::Relaxed);
    }
}

#[expect(unsafe_code, reason = "memory that a fork wipes has to be mapped by hand")]
fn page() -> Option<&'static AtomicU64> {
    let length = NonZeroUsize::new(size_of::<AtomicU64>())?;
    let (protection, flags) = (ProtFlags::PROT_READ | ProtFlags::PROT_WRITE, MapFlags::MAP_PRIVATE);
    // SAFETY: a new anonymous mapping overlaps nothing.
    let page = unsafe { mmap_anonymous(None, length, protection, flags) }.ok()?;
    // SAFETY: the mapping is ours alone, and nothing refers to it yet.
    unsafe { madvise(page, length.get(), MmapAdvise::MADV_WIPEONFORK) }.ok()?;
    // SAFETY: the handler loads and stores atomics, which may be done after a fork. Where it is not
    // taken, the kernel's wiping has to do.
    unsafe { libc::pthread_atfork(None, None, Some(empty)) };
    let page: NonNull<AtomicU64> = page.cast();
    // SAFETY: the page is mapped for ever, readable, writable, zeroed (which is a valid
    // AtomicU64) and aligned to more than 8 bytes. Only the kernel changes it otherwise, in a
    // child, before that runs; or `empty`.
    Some(unsafe { page.as_ref() })
}
