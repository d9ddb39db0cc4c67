//! Robust mutexes, where there are none, or this crate does not know how to use them.

use std::fs::File;
use std::io;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use super::refuse;

pub(crate) const MUTEX_FILE: usize = 4096;
pub(crate) const MUTEX_HEADER: usize = 512;
pub(crate) const BOARD_WORDS: usize = (MUTEX_FILE - 2 * MUTEX_HEADER) / 8;

/// Nobody can use a robust mutex.
pub(crate) fn mutex_abi() -> Option<String> {
    None
}

/// Nobody asks.
pub(crate) fn mutex_boot() -> Option<String> {
    None
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Locked { abandoned: bool },
    Refused,
    Own,
    Ruined,
}

#[derive(Debug)]
pub(crate) enum MappedMutex {}

impl MappedMutex {
    pub(crate) fn map(_file: &File) -> io::Result<Self> {
        refuse()
    }

    pub(crate) fn board(&self) -> &[AtomicU64; BOARD_WORDS] {
        match *self {}
    }

    pub(crate) fn make(&self) -> io::Result<()> {
        match *self {}
    }

    pub(crate) fn owner(&self) -> Option<u32> {
        match *self {}
    }

    pub(crate) fn try_lock(&self) -> io::Result<Answer> {
        match *self {}
    }

    pub(crate) fn lock(&self) -> io::Result<Answer> {
        match *self {}
    }

    pub(crate) fn lock_within(&self, _limit: Duration) -> io::Result<Answer> {
        match *self {}
    }

    pub(crate) fn unlock(&self) -> io::Result<()> {
        match *self {}
    }
}
