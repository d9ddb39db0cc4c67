//! What a contending process does: acquire in one of all ways, be inside for a moment, release.

use std::hint::spin_loop;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::thread::yield_now;
use std::time::Duration;

use tenure::{Error, Format, Hardlink, Lockfile, PosixSemaphore, Semaphore};

use crate::naive::Naive;
use crate::oracle::{Life, Phase, Shared};
use crate::random::Random;
use crate::support::elsewhere::tell;

/// What is tortured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    /// This crate.
    Tenure { keep_file: bool, format: Format, underneath: Underneath },
    /// The broken twin, which the oracle has to catch.
    Naive,
}

/// The lock underneath.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Underneath {
    Flock,
    Semaphore,
    PosixSemaphore,
    Hardlink,
}

impl Subject {
    /// The file removed at each release, or kept, with flock(2) underneath.
    pub(crate) const fn tenure(keep_file: bool, format: Format) -> Self {
        Self::Tenure { keep_file, format, underneath: Underneath::Flock }
    }

    /// A lockfile of this crate, to be held; `None`: it is the broken twin that is tortured.
    pub(crate) fn lockfile(self, path: &Path) -> Option<Lockfile> {
        let Self::Tenure { keep_file, format, underneath } = self else { return None };
        let lock = Lockfile::new(path).keep_file(keep_file).format(format);
        Some(match underneath {
            Underneath::Flock => lock,
            Underneath::Semaphore => lock.backend(Semaphore),
            Underneath::PosixSemaphore => {
                lock.backend(PosixSemaphore::new("/tenure-torture").expect("a name"))
            }
            Underneath::Hardlink => lock.backend(Hardlink),
        })
    }
}

/// Works until it is killed, or has found what must not be.
pub(crate) fn work(shared: &Shared, life: Life, subject: Subject, path: &Path, mut random: Random) {
    let mut lock = match subject.lockfile(path) {
        Some(lock) => Contender::Tenure(lock),
        None => Contender::Naive(Naive::new(path)),
    };
    loop {
        let phase = shared.pass(life.slot);
        let finding = match lock.acquire(&mut random) {
            Ok(false) => Ok(()),
            Ok(true) => {
                shared.slots[life.slot].acquired.fetch_add(1, Ordering::SeqCst);
                inside(shared, life, phase, &lock, &mut random)
                    .and_then(|()| lock.release(phase, &mut random))
            }
            Err(err) => Err(err),
        };
        if let Err(finding) = finding {
            if subject != Subject::Naive {
                tell(&format!("life {} at {} found: {finding}", life.number, life.slot));
            }
            shared.failed.store(true, Ordering::SeqCst);
            return;
        }
    }
}

/// The critical section.
fn inside(
    shared: &Shared,
    life: Life,
    phase: Phase,
    lock: &Contender,
    random: &mut Random,
) -> Result<(), String> {
    let alone = phase == Phase::Contend;
    let double = |other: Life| {
        shared.doubles.fetch_add(1, Ordering::SeqCst);
        format!("life {} at {} is inside as well", other.number, other.slot)
    };
    if alone {
        shared.enter(life).map_err(double)?;
    }
    for _ in 0..random.below(2000) {
        spin_loop();
    }
    if random.once_in(8) {
        yield_now();
    }
    if random.once_in(8) {
        lock.verify(phase)?;
    }
    if alone {
        shared.leave(life).map_err(double)?;
    }
    Ok(())
}

enum Contender {
    Tenure(Lockfile),
    Naive(Naive),
}

impl Contender {
    /// Whether it has the lock now.
    fn acquire(&mut self, random: &mut Random) -> Result<bool, String> {
        let lock = match self {
            Self::Tenure(lock) => lock,
            Self::Naive(lock) => {
                lock.lock();
                return Ok(true);
            }
        };
        let result = match random.below(16) {
            0..7 => lock.try_lock(),
            7..12 => lock.lock(),
            12..14 => lock.lock_timeout(Duration::from_micros(random.below(3000))),
            14 => match lock.status() {
                Ok(_) => return Ok(false),
                Err(err) => Err(err),
            },
            _ => match lock.release_stale() {
                Ok(_) => return Ok(false),
                Err(err) => Err(err),
            },
        };
        match result {
            Ok(()) => Ok(true),
            Err(err) if err.is_busy() => Ok(false),
            Err(err) => Err(format!("{err:?}")),
        }
    }

    fn verify(&self, phase: Phase) -> Result<(), String> {
        match self {
            Self::Tenure(lock) => judge(lock.verify(), phase),
            Self::Naive(_) => Ok(()),
        }
    }

    fn release(&mut self, phase: Phase, random: &mut Random) -> Result<(), String> {
        match self {
            Self::Tenure(lock) if random.once_in(4) => {
                // The copy holds nothing, and what held is dropped.
                *lock = lock.clone();
                Ok(())
            }
            Self::Tenure(lock) => judge(lock.unlock(), phase),
            Self::Naive(lock) => {
                lock.unlock();
                Ok(())
            }
        }
    }
}

/// A holder has nothing to complain of, but that somebody deleted its file.
fn judge(result: tenure::Result<()>, phase: Phase) -> Result<(), String> {
    match result {
        Err(Error::RogueDeletion { .. }) if phase == Phase::Lawless => Ok(()),
        result => result.map_err(|err| format!("{err:?}")),
    }
}
