//! Those that are compared.

mod create_new;
mod fd_lock;
mod fslock;
mod named_lock;
mod pidlock;
mod raw;
mod simplelock;
mod std_file;
mod tenure;

use std::io;
use std::path::Path;

use crate::lock::{Lock, Patience};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Peer {
    /// Bare system calls on a file that stays: the baseline, and what a C program would make.
    Raw,
    TenureKept,
    TenureRemoved,
    Std,
    Fslock,
    FdLock,
    NamedLock,
    Simplelock,
    Pidlock,
    /// The struct around `OpenOptions::create_new` that everybody writes once.
    CreateNew,
}

impl Peer {
    /// The baseline first.
    pub(crate) const ALL: [Self; 10] = [
        Self::Raw,
        Self::TenureKept,
        Self::TenureRemoved,
        Self::Std,
        Self::Fslock,
        Self::FdLock,
        Self::NamedLock,
        Self::Simplelock,
        Self::Pidlock,
        Self::CreateNew,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Raw => "raw flock",
            Self::TenureKept => "tenure, file kept",
            Self::TenureRemoved => "tenure, file removed",
            Self::Std => "std File::lock",
            Self::Fslock => "fslock",
            Self::FdLock => "fd-lock",
            Self::NamedLock => "named-lock",
            Self::Simplelock => "simplelock",
            Self::Pidlock => "pidlock",
            Self::CreateNew => "create_new by hand",
        }
    }

    /// What the rows of tenure are told by in the chart.
    pub(crate) fn is_tenure(self) -> bool {
        matches!(self, Self::TenureKept | Self::TenureRemoved)
    }

    /// Opens the lock at `path`: for some that opens the file, for others nothing happens yet.
    pub(crate) fn open(self, path: &Path) -> io::Result<Box<dyn Lock>> {
        Ok(match self {
            Self::Raw => Box::new(raw::Raw::open(path)?),
            Self::TenureKept => Box::new(tenure::Tenure::open(path, true)),
            Self::TenureRemoved => Box::new(tenure::Tenure::open(path, false)),
            Self::Std => Box::new(std_file::Std::open(path)?),
            Self::Fslock => Box::new(fslock::Fslock::open(path)?),
            Self::FdLock => Box::new(fd_lock::FdLock::open(path)?),
            Self::NamedLock => Box::new(named_lock::Named::open(path)?),
            Self::Simplelock => Box::new(simplelock::Simple::open(path)),
            Self::Pidlock => Box::new(pidlock::Pid::open(path)),
            Self::CreateNew => Box::new(create_new::CreateNew::open(path)),
        })
    }

    /// Whether a value can hold again after it has released, sparing the opening.
    pub(crate) fn is_reusable(self) -> bool {
        !matches!(self, Self::Simplelock | Self::Pidlock | Self::CreateNew)
    }

    /// Whether it has a call that waits like that.
    pub(crate) fn waits(self, patience: Patience) -> bool {
        match patience {
            Patience::Once => true,
            Patience::Forever => !matches!(self, Self::Pidlock | Self::CreateNew),
            Patience::AtMost(_) => matches!(self, Self::Raw) || self.is_tenure(),
        }
    }
}
