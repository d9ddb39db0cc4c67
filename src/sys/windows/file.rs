//! Opening and comparing files, without following, waiting for or acting on what is not a file.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::os::windows::io::AsRawHandle;
use std::path::Path;

use windows_sys::Win32::Foundation::{
    ERROR_INVALID_FUNCTION, ERROR_INVALID_HANDLE, ERROR_NOT_A_REPARSE_POINT, ERROR_NOT_SUPPORTED,
    ERROR_STOPPED_ON_SYMLINK, ERROR_TOO_MANY_LINKS,
};
use windows_sys::Win32::Storage::FileSystem::{FILE_TYPE_DISK, FILE_TYPE_PIPE, GetFileType};
use windows_sys::Win32::System::SystemServices::{IO_REPARSE_TAG_AF_UNIX, IO_REPARSE_TAG_SYMLINK};

use super::error::{is, is_being_removed};
use super::file_id::FileId;
use super::{file_information, open};
use crate::sys::stat::{Kind, Stat};

/// Creates `path`, which must not exist, to read and write. Its rights are those that its directory
/// passes on.
pub(crate) fn create_new(path: &Path, _mode: u32) -> io::Result<File> {
    let file = open::create(open::options().read(true).write(true).create_new(true), path)?;
    if is_on_disk(&file) {
        return Ok(file);
    }
    // In every directory there are names of devices, such as NUL and COM1.
    Err(io::ErrorKind::AlreadyExists.into())
}

/// Opens the existing `path` to read and write.
pub(crate) fn open_to_write(path: &Path) -> io::Result<File> {
    refuse_link(open::open(open::options().read(true).write(true), path)?)
}

/// Opens the existing `path` to read.
pub(crate) fn open_to_read(path: &Path) -> io::Result<File> {
    refuse_link(open::open(open::options().read(true), path)?)
}

/// What was opened is the link itself.
fn refuse_link(file: File) -> io::Result<File> {
    match link_kind(&file)? {
        None => Ok(file),
        Some(_) => {
            Err(io::Error::from_raw_os_error(ERROR_STOPPED_ON_SYMLINK.try_into().unwrap_or(-1)))
        }
    }
}

/// `GetFileInformationByHandleEx` - what `file` is.
pub(crate) fn stat(file: &File) -> io::Result<Stat> {
    if !is_on_disk(file) {
        let id = FileId::of(0, 0);
        return Ok(Stat { id, kind: kind_beside_disks(file), len: 0, names: 1, owner: 0, mode: 0 });
    }
    let (standard, (volume, number)) =
        (file_information::standard(file)?, file_information::id(file)?);
    let kind = match link_kind(file)? {
        Some(kind) => kind,
        None if standard.Directory => Kind::Directory,
        None => Kind::Regular,
    };
    let names = if standard.DeletePending { 0 } else { u64::from(standard.NumberOfLinks) };
    let len = u64::try_from(standard.EndOfFile).unwrap_or_default();
    Ok(Stat { id: FileId::of(volume, number), kind, len, names, owner: 0, mode: 0 })
}

/// What `path` names, or `None` where it names nothing.
pub(crate) fn path_stat(path: &Path) -> io::Result<Option<Stat>> {
    match open::open_to_look(path) {
        Ok(file) => stat(&file).map(Some),
        Err(err) if err.kind() == io::ErrorKind::NotFound || is_being_removed(&err) => Ok(None),
        Err(err) => Err(err),
    }
}

/// Which directory `path` leads to.
pub(crate) fn directory(path: &Path) -> io::Result<FileId> {
    Ok(stat(&open::open_to_look(&fs::canonicalize(path)?)?)?.id)
}

#[expect(unsafe_code, reason = "std does not ask")]
fn file_type(file: &File) -> u32 {
    // SAFETY: the handle is open.
    unsafe { GetFileType(file.as_raw_handle()) }
}

fn is_on_disk(file: &File) -> bool {
    file_type(file) == FILE_TYPE_DISK
}

fn kind_beside_disks(file: &File) -> Kind {
    if file_type(file) == FILE_TYPE_PIPE { Kind::Fifo } else { Kind::Device }
}

/// What it is, if it stands for something else: a symbolic link, a junction, a socket.
///
/// Other reparse points (compression, deduplication, files kept in a cloud) are what they look like.
fn link_kind(file: &File) -> io::Result<Option<Kind>> {
    /// "Name surrogate", of ntifs.h.
    const SURROGATE: u32 = 0x2000_0000;
    Ok(match file_information::reparse_tag(file)? {
        Some(IO_REPARSE_TAG_AF_UNIX) => Some(Kind::Socket),
        Some(tag) if tag == IO_REPARSE_TAG_SYMLINK || tag & SURROGATE != 0 => {
            Some(Kind::SymbolicLink)
        }
        _ => None,
    })
}

/// The target of the symbolic link at `path`, or `None` where there is none any more.
pub(crate) fn link_target(path: &Path) -> io::Result<Option<OsString>> {
    match fs::read_link(path) {
        Ok(target) => Ok(Some(target.into())),
        Err(err)
            if err.kind() == io::ErrorKind::NotFound || is(&err, ERROR_NOT_A_REPARSE_POINT) =>
        {
            Ok(None)
        }
        Err(err) => Err(err),
    }
}

/// `CreateHardLinkW` - gives the file at `path` another `name`, which nothing has yet.
pub(crate) fn link(path: &Path, name: &Path) -> io::Result<()> {
    fs::hard_link(path, name)
}

/// Whether a link was refused because the file system makes none, or no more.
pub(crate) fn is_linkless(err: &io::Error) -> bool {
    [ERROR_INVALID_FUNCTION, ERROR_NOT_SUPPORTED, ERROR_TOO_MANY_LINKS]
        .iter()
        .any(|number| is(err, *number))
}

/// `MoveFileExW` - gives the file at `path` another `name` in place of that one. Nothing has it yet.
pub(crate) fn rename(path: &Path, name: &Path) -> io::Result<()> {
    open::patiently(|| fs::rename(path, name))
}

/// The names in the directory `dir`.
pub(crate) fn names_in(dir: &Path) -> io::Result<Vec<OsString>> {
    fs::read_dir(dir)?.map(|entry| entry.map(|entry| entry.file_name())).collect()
}

/// Whether an open was refused because the path names a symbolic link.
pub(crate) fn is_symlink_refusal(err: &io::Error) -> bool {
    is(err, ERROR_STOPPED_ON_SYMLINK)
}

/// Whether a call failed because the file is removed.
pub(crate) fn is_gone(err: &io::Error) -> bool {
    err.kind() == io::ErrorKind::NotFound
}

/// Whether a call failed because there is no such handle.
pub(crate) fn is_closed(err: &io::Error) -> bool {
    is(err, ERROR_INVALID_HANDLE)
}
