//! Who is inside, known without the lock that is tested: a mark in memory that all processes share.
//!
//! A process is known by its *life*, a number that no other process of the run ever has.
//!
//! A process that is killed inside leaves its mark, and the kernel lets the next one in before the
//! supervisor has reaped the dead one. So the supervisor says whom it is going to kill
//! ([`Slot::doomed`]), and, once it has reaped it, that it is dead ([`Slot::buried`]); only then it
//! clears the mark. Whoever finds the mark of a doomed process waits for its burial. If the mark
//! goes without one, the doomed process was alive inside, and has left: two were inside.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::yield_now;

use nix::sys::mman::{MapFlags, ProtFlags, mmap_anonymous};

/// How many processes there can be at once.
pub(crate) const SLOTS: usize = 20;

/// What the processes shall do, with the number of the round above the lowest two bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Rest: begin nothing.
    Settle,
    /// Contend, and be alone inside.
    Contend,
    /// Contend, while somebody deletes the lockfile: being alone is not to be had.
    Lawless,
}

/// The memory that all processes share.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct Shared {
    phase: AtomicU64,
    /// For each [`Lock`], slot and life of the process inside, or 0.
    inside: [AtomicU64; 2],
    /// How often two were inside.
    pub(crate) doubles: AtomicU64,
    /// Whether a process found what must not be; it has said what.
    pub(crate) failed: AtomicBool,
    pub(crate) slots: [Slot; SLOTS],
}

/// The place of one process, and after its death of the next.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct Slot {
    pub(crate) doomed: AtomicU64,
    pub(crate) buried: AtomicU64,
    /// At which [`Gate`] the process is, or 0.
    gate: AtomicU64,
    /// The phase, with its number, that the process rests in.
    pub(crate) rests: AtomicU64,
    /// How often the lock was acquired here.
    pub(crate) acquired: AtomicU64,
}

/// A lock of the kernel's. On a local file system, the users of the one do not exclude those of the
/// other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lock {
    Flock,
    Fcntl,
}

/// What may not happen while another process does the other, because that is the one race that cannot
/// be closed: see `Held::is_opened_by_strangers`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gate {
    /// A program that knows only the kernel's lock opens the file.
    Opens = 1,
    /// This crate asks whether anybody has the file open, and removes it.
    Releases = 2,
}

/// One process at one place, as a mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Life {
    pub(crate) slot: usize,
    pub(crate) number: u64,
}

impl Life {
    fn mark(self) -> u64 {
        self.number * SLOTS as u64 + self.slot as u64
    }

    fn of(mark: u64) -> Self {
        let slot = usize::try_from(mark % SLOTS as u64).expect("it is below SLOTS");
        Self { slot, number: mark / SLOTS as u64 }
    }
}

impl Shared {
    #[expect(unsafe_code, reason = "memory that processes share has to be mapped by hand")]
    pub(crate) fn map() -> &'static Self {
        let length = NonZeroUsize::new(size_of::<Self>()).expect("it has fields");
        let (protection, flags) =
            (ProtFlags::PROT_READ | ProtFlags::PROT_WRITE, MapFlags::MAP_SHARED);
        // SAFETY: a new anonymous mapping overlaps nothing.
        let memory = unsafe { mmap_anonymous(None, length, protection, flags) }.expect("mmap");
        // SAFETY: mapped for ever, large enough, zeroed (every field is an atomic, for which zero
        // is a value), and aligned to a page.
        unsafe { memory.cast::<Self>().as_ref() }
    }

    pub(crate) fn begin(&self, round: u64, phase: Phase) -> u64 {
        let numbered = round << 2 | phase as u64;
        self.phase.store(numbered, Ordering::SeqCst);
        numbered
    }

    /// The phase to begin something in: returns when it is not the time to rest.
    pub(crate) fn pass(&self, slot: usize) -> Phase {
        loop {
            let phase = self.phase.load(Ordering::SeqCst);
            match phase & 3 {
                0 => self.slots[slot].rests.store(phase, Ordering::SeqCst),
                1 => return Phase::Contend,
                _ => return Phase::Lawless,
            }
            yield_now();
        }
    }

    /// Runs `act` while no process is at the other gate.
    pub(crate) fn at<T>(&self, gate: Gate, life: Life, act: impl FnOnce() -> T) -> T {
        let own = &self.slots[life.slot].gate;
        let is_other = |slot: &Slot| ![0, gate as u64].contains(&slot.gate.load(Ordering::SeqCst));
        loop {
            own.store(gate as u64, Ordering::SeqCst);
            if !self.slots.iter().any(is_other) {
                break;
            }
            own.store(0, Ordering::SeqCst);
            yield_now();
        }
        let value = act();
        own.store(0, Ordering::SeqCst);
        value
    }

    /// Marks that `life` is inside, unless another user of one of these locks is.
    pub(crate) fn enter(&self, life: Life, locks: &[Lock]) -> Result<(), Life> {
        locks.iter().try_for_each(|lock| self.enter_one(life, *lock))
    }

    fn enter_one(&self, life: Life, lock: Lock) -> Result<(), Life> {
        let inside = &self.inside[lock as usize];
        let mut doomed = None;
        loop {
            let found = inside.compare_exchange(0, life.mark(), Ordering::SeqCst, Ordering::SeqCst);
            let inside = match (found, doomed) {
                (Ok(_), None) => return Ok(()),
                (Ok(_), Some(dead)) if self.is(dead, |slot| &slot.buried) => return Ok(()),
                // The doomed one has left by itself, while we were inside.
                (Ok(_), Some(alive)) => return Err(alive),
                (Err(mark), _) => Life::of(mark),
            };
            if !self.is(inside, |slot| &slot.doomed) || doomed.is_some_and(|seen| seen != inside) {
                return Err(inside);
            }
            doomed = Some(inside);
            yield_now();
        }
    }

    /// Clears the marks; whose one is now, if it is not that of `life`.
    pub(crate) fn leave(&self, life: Life, locks: &[Lock]) -> Result<(), Life> {
        locks.iter().try_for_each(|lock| self.leave_one(life, *lock))
    }

    fn leave_one(&self, life: Life, lock: Lock) -> Result<(), Life> {
        match self.inside[lock as usize].compare_exchange(
            life.mark(),
            0,
            Ordering::SeqCst,
            Ordering::SeqCst,
        ) {
            Ok(_) => Ok(()),
            Err(mark) => Err(Life::of(mark)),
        }
    }

    /// Who is inside at this moment, which is over.
    pub(crate) fn inside(&self) -> Option<Life> {
        let marks = self.inside.iter().map(|inside| inside.load(Ordering::SeqCst));
        marks.filter(|mark| *mark != 0).map(Life::of).next()
    }

    fn is(&self, life: Life, what: impl Fn(&Slot) -> &AtomicU64) -> bool {
        // At least: the place may have seen another process since.
        what(&self.slots[life.slot]).load(Ordering::SeqCst) >= life.number
    }

    /// Before it is killed.
    pub(crate) fn doom(&self, life: Life) {
        self.slots[life.slot].doomed.store(life.number, Ordering::SeqCst);
    }

    /// After it was reaped; returns whether it died inside.
    pub(crate) fn bury(&self, life: Life) -> bool {
        self.slots[life.slot].buried.store(life.number, Ordering::SeqCst);
        self.slots[life.slot].gate.store(0, Ordering::SeqCst);
        let was_inside = [Lock::Flock, Lock::Fcntl].map(|lock| self.leave_one(life, lock).is_ok());
        was_inside.contains(&true)
    }

    /// How often the lock was acquired, by whomever.
    pub(crate) fn acquired(&self) -> u64 {
        self.slots.iter().map(|slot| slot.acquired.load(Ordering::SeqCst)).sum()
    }
}
