//! mmap(2), `MAP_SHARED` - words that a process has in common with all that it forks.

use std::num::NonZeroUsize;
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicPtr, AtomicU64, Ordering};

use nix::sys::mman::{MapFlags, ProtFlags, mmap_anonymous, munmap};

use super::generation::Generation;

/// What is mapped. Memory is only taken for what is used of it.
#[repr(C)]
struct Table {
    /// Whose it is.
    process: AtomicU64,
    words: [AtomicU64; WORDS],
}

const WORDS: usize = (1 << 20) / size_of::<u64>() - 1;

/// That of this process, or of the one that it was forked from.
static CURRENT: AtomicPtr<Table> = AtomicPtr::new(ptr::null_mut());

/// The words of this process: zero at first, and seen by every process that it forks, which have
/// words of their own besides. `None` if there is no memory for them.
///
/// No lock is taken, which a fork could copy while another thread has it.
pub(crate) fn shared_words() -> Option<&'static [AtomicU64]> {
    let process = Generation::current().number();
    let known = CURRENT.load(Ordering::Acquire);
    if let Some(table) = NonNull::new(known).map(refer) {
        if table.process.load(Ordering::Relaxed) == process {
            return Some(&table.words);
        }
    }
    let mapped = map()?;
    let table = refer(mapped);
    table.process.store(process, Ordering::Relaxed);
    let (expect, ours) = (known, mapped.as_ptr());
    match CURRENT.compare_exchange(expect, ours, Ordering::AcqRel, Ordering::Acquire) {
        Ok(_) => Some(&table.words),
        // Another thread of this process was first.
        Err(theirs) => {
            unmap(mapped);
            NonNull::new(theirs).map(|theirs| &refer(theirs).words[..])
        }
    }
}

#[expect(unsafe_code, reason = "what is mapped is known by its address")]
fn refer(table: NonNull<Table>) -> &'static Table {
    // SAFETY: it was mapped by `map`, whole, zeroed (which every table may be) and aligned to a page;
    // it is unmapped only by `shared_words`, and only if nobody else has come to know of it.
    unsafe { table.as_ref() }
}

#[expect(unsafe_code, reason = "memory that is shared across fork has to be mapped by hand")]
fn map() -> Option<NonNull<Table>> {
    let length = NonZeroUsize::new(size_of::<Table>())?;
    let protection = ProtFlags::PROT_READ | ProtFlags::PROT_WRITE;
    // SAFETY: a new anonymous mapping overlaps nothing.
    let mapped = unsafe { mmap_anonymous(None, length, protection, MapFlags::MAP_SHARED) };
    mapped.ok().map(NonNull::cast)
}

#[expect(unsafe_code, reason = "what is mapped by hand is unmapped by hand")]
fn unmap(table: NonNull<Table>) {
    // SAFETY: it was mapped with this length by `map`, and nobody refers to it any more.
    let _ = unsafe { munmap(table.cast(), size_of::<Table>()) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_threads_of_a_process_have_the_same_words() {
        let ours = shared_words().unwrap().as_ptr() as usize;
        let theirs = std::thread::spawn(|| shared_words().unwrap().as_ptr() as usize);
        assert_eq!(ours, theirs.join().unwrap());
    }
}
