//! System V semaphores, where this crate does not know how to use them.

use std::io;
use std::path::Path;
use std::time::Instant;

/// There are none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SemaphoreSet {}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(dead_code, reason = "other platforms have more")]
pub(crate) enum Keyed {
    Nothing,
    Smaller,
    Set(SemaphoreSet),
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Step;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(dead_code, reason = "other platforms have more")]
pub(crate) enum Outcome {
    Taken,
    Late,
    Gone,
}

impl Step {
    pub(crate) const fn zero(_semaphore: u16) -> Self {
        Self
    }

    pub(crate) const fn add(_semaphore: u16, _change: i16) -> Self {
        Self
    }

    pub(crate) const fn undone(_semaphore: u16, _change: i16) -> Self {
        Self
    }
}

impl SemaphoreSet {
    pub(crate) fn find(_key: i32, _size: u16) -> io::Result<Keyed> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(crate) fn listed_in(_table: &Path, _size: u16) -> io::Result<Vec<Self>> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(crate) fn create(_key: i32, _size: u16, _mode: u32) -> io::Result<Option<Self>> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(crate) fn id(self) -> u32 {
        match self {}
    }

    pub(crate) fn of(_id: u32) -> Option<Self> {
        None
    }

    pub(crate) fn give(self, _uid: u32, _gid: u32) -> io::Result<()> {
        match self {}
    }

    pub(crate) fn value(self, _semaphore: u16) -> io::Result<Option<i32>> {
        match self {}
    }

    pub(crate) fn last_process(self, _semaphore: u16) -> io::Result<Option<u32>> {
        match self {}
    }

    pub(crate) fn is_awaited(self, _semaphore: u16) -> io::Result<bool> {
        match self {}
    }

    pub(crate) fn try_take(self, _steps: &[Step]) -> io::Result<Outcome> {
        match self {}
    }

    pub(crate) fn take(self, _steps: &[Step], _until: Option<Instant>) -> io::Result<Outcome> {
        match self {}
    }

    pub(crate) fn remove(self) -> io::Result<bool> {
        match self {}
    }
}
