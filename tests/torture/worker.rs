//! What a contending process does: acquire in one of all ways, be inside for a moment, release.

use std::hint::spin_loop;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::thread::yield_now;
use std::time::Duration;

use tenure::{Error, Format, Hardlink, Lockfile, PosixSemaphore, Semaphore};

use crate::naive::Naive;
use crate::oracle::{Gate, Life, Lock, Phase, Shared};
use crate::random::Random;
use crate::stranger::Stranger;
use crate::support::elsewhere::tell;

/// What is tortured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    /// This crate.
    Tenure { keep_file: bool, format: Format, underneath: Underneath },
    /// This crate, where a third of the processes use flock(2), and a third fcntl(2), and not this crate.
    Beside { keep_file: bool },
    /// The broken twin, which the oracle has to catch.
    Naive,
    /// Another: users of flock(2) and of fcntl(2), who take each other to be excluded.
    Strangers,
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

    /// A lockfile of this crate, to be held; `None`: it is a broken twin that is tortured.
    pub(crate) fn lockfile(self, path: &Path) -> Option<Lockfile> {
        let (keep_file, format, underneath) = match self {
            Self::Tenure { keep_file, format, underneath } => (keep_file, format, underneath),
            Self::Beside { keep_file } => (keep_file, Format::Json, Underneath::Flock),
            Self::Naive | Self::Strangers => return None,
        };
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
pub(crate) fn work(
    shared: &Shared,
    life: Life,
    subject: Subject,
    paths: &[PathBuf],
    mut random: Random,
) {
    let path = &*paths[life.slot % paths.len()];
    // A program that keeps the file removes nothing, and needs no gate.
    let gated = subject == Subject::Beside { keep_file: false };
    let gate = Gates { shared, life, gated };
    let mut lock = match (subject, subject.lockfile(path)) {
        (Subject::Strangers, _) => {
            let lock = if life.slot % 2 == 0 { Lock::Flock } else { Lock::Fcntl };
            Contender::Stranger(Stranger::new(path, lock, &[Lock::Flock]))
        }
        (_, None) => Contender::Naive(Naive::new(path)),
        (Subject::Beside { .. }, _) if life.slot % 3 == 0 => {
            Contender::Stranger(Stranger::new(path, Lock::Flock, &[Lock::Flock]))
        }
        (Subject::Beside { .. }, _) if life.slot % 3 == 1 => {
            Contender::Stranger(Stranger::new(path, Lock::Fcntl, &[Lock::Fcntl]))
        }
        // The daemon of a FUSE file system has a few threads, and each that waits in the kernel's queue
        // takes one of them.
        (_, Some(lock)) => Contender::Tenure { lock, queues: paths.len() == 1 },
    };
    loop {
        let phase = shared.pass(life.slot);
        let finding = match lock.acquire(gate, &mut random) {
            Ok(false) => Ok(()),
            Ok(true) => {
                shared.slots[life.slot].acquired.fetch_add(1, Ordering::SeqCst);
                inside(shared, life, phase, &lock, &mut random)
                    .and_then(|()| lock.release(gate, phase, &mut random))
            }
            Err(err) => Err(err),
        };
        if let Err(finding) = finding {
            if !matches!(subject, Subject::Naive | Subject::Strangers) {
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
        shared.enter(life, lock.locks()).map_err(double)?;
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
        shared.leave(life, lock.locks()).map_err(double)?;
    }
    Ok(())
}

/// See [`Gate`].
#[derive(Clone, Copy)]
struct Gates<'a> {
    shared: &'a Shared,
    life: Life,
    gated: bool,
}

impl Gates<'_> {
    fn at<T>(self, gate: Gate, act: impl FnOnce() -> T) -> T {
        if self.gated { self.shared.at(gate, self.life, act) } else { act() }
    }
}

enum Contender {
    Tenure { lock: Lockfile, queues: bool },
    Stranger(Stranger),
    Naive(Naive),
}

impl Contender {
    /// What keeps others out while it is inside.
    fn locks(&self) -> &'static [Lock] {
        match self {
            Self::Tenure { .. } => &[Lock::Flock, Lock::Fcntl],
            Self::Stranger(stranger) => stranger.excludes,
            Self::Naive(_) => &[Lock::Flock],
        }
    }

    /// Whether it has the lock now.
    fn acquire(&mut self, gate: Gates<'_>, random: &mut Random) -> Result<bool, String> {
        let (lock, queues) = match self {
            Self::Tenure { lock, queues } => (lock, *queues),
            Self::Stranger(stranger) => {
                gate.at(Gate::Opens, || stranger.open());
                return Ok(stranger.acquire(random));
            }
            Self::Naive(lock) => {
                lock.lock();
                return Ok(true);
            }
        };
        let result = match random.below(16) {
            0..7 => lock.try_lock(),
            7..12 if queues => lock.lock(),
            7..14 => lock.lock_timeout(Duration::from_micros(random.below(3000))),
            14 => match lock.status() {
                Ok(_) => return Ok(false),
                Err(err) => Err(err),
            },
            _ => match gate.at(Gate::Releases, || lock.release_stale()) {
                // Another program has left an empty file.
                Ok(_) | Err(Error::Empty { .. }) => return Ok(false),
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
            Self::Tenure { lock, .. } => judge(lock.verify(), phase),
            Self::Stranger(_) | Self::Naive(_) => Ok(()),
        }
    }

    fn release(
        &mut self,
        gate: Gates<'_>,
        phase: Phase,
        random: &mut Random,
    ) -> Result<(), String> {
        match self {
            Self::Tenure { lock, .. } if random.once_in(4) => {
                // The copy holds nothing, and what held is dropped.
                gate.at(Gate::Releases, || *lock = lock.clone());
                Ok(())
            }
            Self::Tenure { lock, .. } => judge(gate.at(Gate::Releases, || lock.unlock()), phase),
            Self::Stranger(stranger) => {
                stranger.release();
                Ok(())
            }
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
