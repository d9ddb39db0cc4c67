//! Processes, of which there are no others.

use std::io;
use std::time::Instant;

use super::refuse;
use crate::sys::FileId;
use crate::sys::process_marks::Marks;

#[derive(Debug)]
pub(crate) enum ProcessHandle {}

impl ProcessHandle {
    pub(crate) fn open(_pid: u32) -> io::Result<Option<Self>> {
        refuse()
    }

    pub(crate) fn marks(&self) -> Marks {
        match *self {}
    }

    pub(crate) fn users(&self) -> Option<[u32; 2]> {
        match *self {}
    }

    pub(crate) fn has_locked(&self, _file: FileId) -> bool {
        match *self {}
    }

    pub(crate) fn signal(&self, _signal: i32) -> io::Result<bool> {
        match *self {}
    }

    pub(crate) fn wait(&self, _until: Option<Instant>) -> io::Result<bool> {
        match *self {}
    }
}
