//! The memory that a measurement and its processes share.

use std::fs::{File, OpenOptions};
use std::io;
use std::ops::Deref;
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU32, AtomicU64};

use memmap2::MmapRaw;
use nix::sys::memfd::{MFdFlags, memfd_create};

/// The most processes in one measurement.
pub(crate) const SEATS: usize = 128;

/// All times are of [`now`](crate::sys::now).
#[derive(Debug)]
#[repr(C)]
pub(crate) struct Board {
    /// When the last holder was about to release.
    pub(crate) released_at: AtomicU64,
    /// When contention ends, once that is known.
    pub(crate) stop_at: AtomicU64,
    /// The seat of who held last; written only by who holds.
    pub(crate) last: AtomicU32,
    /// How many hold just now.
    pub(crate) inside: AtomicU32,
    pub(crate) seats: [Seat; SEATS],
}

/// What one process has to tell. On cache lines of its own, so that telling disturbs nobody.
#[derive(Debug)]
#[repr(C, align(128))]
pub(crate) struct Seat {
    /// Set before waiting, cleared after having released.
    pub(crate) waiting: AtomicU32,
    /// When it was inside.
    pub(crate) inside_at: AtomicU64,
    /// How often it had gone to sleep when it was inside.
    pub(crate) sleeps: AtomicU64,
    pub(crate) acquisitions: AtomicU64,
    /// How many of its acquisitions came after somebody else's.
    pub(crate) handovers: AtomicU64,
    /// And how many more when the time was over, until nobody waited any more.
    pub(crate) late_handovers: AtomicU64,
    /// How often somebody else was inside as well.
    pub(crate) doubles: AtomicU64,
    pub(crate) longest_wait: AtomicU64,
    pub(crate) cpu_nanos: AtomicU64,
    pub(crate) switches: AtomicU64,
}

/// A [`Board`] that other processes find by its path.
pub(crate) struct Shared {
    map: MmapRaw,
    file: File,
}

impl Shared {
    /// A board with zeros all over it.
    pub(crate) fn create() -> io::Result<Self> {
        let file = File::from(memfd_create("board", MFdFlags::MFD_CLOEXEC)?);
        file.set_len(size_of::<Board>() as u64)?;
        Self::map(file)
    }

    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        Self::map(OpenOptions::new().read(true).write(true).open(path)?)
    }

    fn map(file: File) -> io::Result<Self> {
        let map = MmapRaw::map_raw(&file)?;
        assert!(map.len() >= size_of::<Board>(), "a board is never smaller than itself");
        Ok(Self { map, file })
    }

    /// Leads to this board for as long as this process has it.
    pub(crate) fn path(&self) -> PathBuf {
        format!("/proc/{}/fd/{}", process::id(), self.file.as_raw_fd()).into()
    }
}

impl Deref for Shared {
    type Target = Board;

    #[expect(unsafe_code, reason = "memory that is shared between processes has no safe interface")]
    #[expect(clippy::cast_ptr_alignment, reason = "a page is better aligned than anything")]
    fn deref(&self) -> &Board {
        // SAFETY: the mapping begins at a page, was seen to be long enough, and lasts as long as
        // `self`. A board is made of atomics, for which any bytes are valid, whoever changes them.
        unsafe { &*self.map.as_ptr().cast::<Board>() }
    }
}
