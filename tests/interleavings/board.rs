//! What the processes tell the explorer without a system call: a page that all of them share.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU8, AtomicUsize, Ordering};

use nix::sys::mman::{MapFlags, ProtFlags, mmap_anonymous};

/// The most processes in a program.
pub const MOST: usize = 3;

/// What one process has to say.
struct Slot {
    /// It believes that it holds the lock.
    inside: AtomicBool,
    /// How often it has believed so.
    entered: AtomicUsize,
    /// The process that plays, if another process has forked it.
    born: AtomicI32,
    length: AtomicUsize,
    text: [AtomicU8; 1000],
}

/// One slot for each process.
#[derive(Clone, Copy)]
pub struct Board(&'static [Slot; MOST]);

impl Board {
    #[expect(unsafe_code, reason = "memory shared across fork has to be mapped by hand")]
    pub fn new() -> Self {
        let length = NonZeroUsize::new(size_of::<[Slot; MOST]>()).expect("slots have a size");
        let protection = ProtFlags::PROT_READ | ProtFlags::PROT_WRITE;
        // SAFETY: a new anonymous mapping overlaps nothing.
        let page = unsafe { mmap_anonymous(None, length, protection, MapFlags::MAP_SHARED) };
        let page = page.expect("a page can be mapped").cast();
        // SAFETY: mapped for ever, long enough, page-aligned, and zeroed, which all slots may be.
        Self(unsafe { page.as_ref() })
    }

    pub fn clear(self) {
        for (process, slot) in self.0.iter().enumerate() {
            self.leave(process);
            slot.entered.store(0, Ordering::SeqCst);
            slot.born.store(0, Ordering::SeqCst);
            slot.length.store(0, Ordering::SeqCst);
        }
    }

    pub fn enter(self, process: usize) {
        self.0[process].inside.store(true, Ordering::SeqCst);
        self.0[process].entered.fetch_add(1, Ordering::SeqCst);
    }

    pub fn leave(self, process: usize) {
        self.0[process].inside.store(false, Ordering::SeqCst);
    }

    pub fn is_inside(self, process: usize) -> bool {
        self.0[process].inside.load(Ordering::SeqCst)
    }

    pub fn entered(self, process: usize) -> usize {
        self.0[process].entered.load(Ordering::SeqCst)
    }

    /// `pid` plays as `process`.
    pub fn announce(self, process: usize, pid: i32) {
        self.0[process].born.store(pid, Ordering::SeqCst);
    }

    pub fn announced(self, process: usize) -> Option<i32> {
        Some(self.0[process].born.load(Ordering::SeqCst)).filter(|pid| *pid != 0)
    }

    /// Leaves a word for the explorer: why this process could not go on.
    pub fn complain(self, process: usize, text: &str) {
        let slot = &self.0[process];
        let length = text.len().min(slot.text.len());
        for (cell, byte) in slot.text.iter().zip(text.bytes()) {
            cell.store(byte, Ordering::SeqCst);
        }
        slot.length.store(length, Ordering::SeqCst);
    }

    pub fn complaint(self, process: usize) -> Option<String> {
        let slot = &self.0[process];
        let length = slot.length.load(Ordering::SeqCst);
        let bytes: Vec<u8> =
            slot.text[..length].iter().map(|cell| cell.load(Ordering::SeqCst)).collect();
        (length > 0).then(|| String::from_utf8_lossy(&bytes).into_owned())
    }
}
