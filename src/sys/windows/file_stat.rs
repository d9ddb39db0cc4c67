//! What a file is.

use std::fs::{self, File};
use std::io;
use std::os::windows::io::AsRawHandle;
use std::path::Path;

use windows_sys::Win32::Storage::FileSystem::{FILE_TYPE_DISK, FILE_TYPE_PIPE, GetFileType};
use windows_sys::Win32::System::SystemServices::{IO_REPARSE_TAG_AF_UNIX, IO_REPARSE_TAG_SYMLINK};

use super::create_file::open_to_look;
use super::error::is_being_removed;
use super::file_id::FileId;
use super::file_information;
use crate::sys::stat::{Kind, Stat};

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
    match open_to_look(path) {
        Ok(file) => stat(&file).map(Some),
        Err(err) if err.kind() == io::ErrorKind::NotFound || is_being_removed(&err) => Ok(None),
        Err(err) => Err(err),
    }
}

/// Which directory `path` leads to.
pub(crate) fn directory(path: &Path) -> io::Result<FileId> {
    Ok(stat(&open_to_look(&fs::canonicalize(path)?)?)?.id)
}

#[expect(unsafe_code, reason = "std does not ask")]
fn file_type(file: &File) -> u32 {
    // SAFETY: the handle is open.
    unsafe { GetFileType(file.as_raw_handle()) }
}

pub(super) fn is_on_disk(file: &File) -> bool {
    file_type(file) == FILE_TYPE_DISK
}

fn kind_beside_disks(file: &File) -> Kind {
    if file_type(file) == FILE_TYPE_PIPE { Kind::Fifo } else { Kind::Device }
}

/// What it is, if it stands for something else: a symbolic link, a junction, a socket.
///
/// Other reparse points (compression, deduplication, files kept in a cloud) are what they look like.
pub(super) fn link_kind(file: &File) -> io::Result<Option<Kind>> {
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
