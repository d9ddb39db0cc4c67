//! Files, which are not touched.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::file_id::FileId;
use super::refuse;
use crate::sys::stat::Stat;

pub(crate) fn create_new(_path: &Path, _mode: u32) -> io::Result<File> {
    refuse()
}

pub(crate) fn open_to_write(_path: &Path) -> io::Result<File> {
    refuse()
}

pub(crate) fn open_to_read(_path: &Path) -> io::Result<File> {
    refuse()
}

/// A program is not replaced by another here.
pub(crate) fn execute(_command: &mut Command) -> io::Error {
    io::ErrorKind::Unsupported.into()
}

pub(crate) fn stat(_file: &File) -> io::Result<Stat> {
    refuse()
}

pub(crate) fn path_stat(_path: &Path) -> io::Result<Option<Stat>> {
    refuse()
}

pub(crate) fn directory(_path: &Path) -> io::Result<FileId> {
    refuse()
}

pub(crate) fn link_target(_path: &Path) -> io::Result<Option<OsString>> {
    refuse()
}

pub(crate) fn unlink(_path: &Path) -> io::Result<()> {
    refuse()
}

pub(crate) fn link(_path: &Path, _name: &Path) -> io::Result<()> {
    refuse()
}

pub(crate) fn is_linkless(_err: &io::Error) -> bool {
    true
}

pub(crate) fn rename(_path: &Path, _name: &Path) -> io::Result<()> {
    refuse()
}

pub(crate) fn names_in(_dir: &Path) -> io::Result<Vec<OsString>> {
    refuse()
}

pub(crate) fn is_symlink_refusal(_err: &io::Error) -> bool {
    false
}

pub(crate) fn is_gone(err: &io::Error) -> bool {
    err.kind() == io::ErrorKind::NotFound
}

pub(crate) fn is_closed(_err: &io::Error) -> bool {
    false
}

pub(crate) fn is_leased(_err: &io::Error) -> bool {
    false
}

pub(crate) fn lease_break_time() -> Duration {
    Duration::ZERO
}
