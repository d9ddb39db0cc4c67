//! `GetFileInformationByHandleEx`, `SetFileInformationByHandle` - what a file is, and is to be.
#![expect(unsafe_code, reason = "std tells and changes less")]

use std::fs::File;
use std::io;
use std::os::windows::io::AsRawHandle;

use windows_sys::Win32::Storage::FileSystem::{
    FILE_ATTRIBUTE_TAG_INFO, FILE_DISPOSITION_INFO, FILE_DISPOSITION_INFO_EX, FILE_ID_INFO,
    FILE_INFO_BY_HANDLE_CLASS, FILE_STANDARD_INFO, FileAttributeTagInfo, FileDispositionInfo,
    FileDispositionInfoEx, FileIdInfo, FileStandardInfo, GetFileInformationByHandleEx,
    SetFileInformationByHandle,
};

use super::error::check;

/// Which class of information a structure is for.
///
/// # Safety
///
/// The class has to be that of the structure, and the structure be valid with whatever bytes the
/// kernel writes into it.
unsafe trait Information: Default {
    const CLASS: FILE_INFO_BY_HANDLE_CLASS;
}

// SAFETY: it is the class of this structure, of integers.
unsafe impl Information for FILE_ID_INFO {
    const CLASS: FILE_INFO_BY_HANDLE_CLASS = FileIdInfo;
}

// SAFETY: it is the class of this structure, of integers and booleans, which the kernel writes.
unsafe impl Information for FILE_STANDARD_INFO {
    const CLASS: FILE_INFO_BY_HANDLE_CLASS = FileStandardInfo;
}

// SAFETY: it is the class of this structure, of integers.
unsafe impl Information for FILE_ATTRIBUTE_TAG_INFO {
    const CLASS: FILE_INFO_BY_HANDLE_CLASS = FileAttributeTagInfo;
}

// SAFETY: it is the class of this structure, of one boolean, which is read by the kernel.
unsafe impl Information for FILE_DISPOSITION_INFO {
    const CLASS: FILE_INFO_BY_HANDLE_CLASS = FileDispositionInfo;
}

// SAFETY: it is the class of this structure, of one integer.
unsafe impl Information for FILE_DISPOSITION_INFO_EX {
    const CLASS: FILE_INFO_BY_HANDLE_CLASS = FileDispositionInfoEx;
}

#[expect(clippy::cast_possible_truncation, reason = "the structures are small")]
const fn length<I>() -> u32 {
    size_of::<I>() as u32
}

fn get<I: Information>(file: &File) -> io::Result<I> {
    let mut information = I::default();
    let (handle, start) = (file.as_raw_handle(), &raw mut information);
    // SAFETY: the handle is open, and the kernel writes no more than `length` bytes.
    check(unsafe { GetFileInformationByHandleEx(handle, I::CLASS, start.cast(), length::<I>()) })?;
    Ok(information)
}

fn set<I: Information>(file: &File, information: &I) -> io::Result<()> {
    let (handle, start) = (file.as_raw_handle(), std::ptr::from_ref(information));
    // SAFETY: the handle is open, and the kernel reads no more than `length` bytes.
    check(unsafe { SetFileInformationByHandle(handle, I::CLASS, start.cast(), length::<I>()) })
}

/// The file's number, and that of its volume.
pub(super) fn id(file: &File) -> io::Result<(u64, u128)> {
    let id: FILE_ID_INFO = get(file)?;
    Ok((id.VolumeSerialNumber, u128::from_le_bytes(id.FileId.Identifier)))
}

/// The length, the number of names, and whether it is a directory.
pub(super) fn standard(file: &File) -> io::Result<FILE_STANDARD_INFO> {
    get(file)
}

/// What a reparse point is for; `None` if it is none.
pub(super) fn reparse_tag(file: &File) -> io::Result<Option<u32>> {
    use windows_sys::Win32::Storage::FileSystem::FILE_ATTRIBUTE_REPARSE_POINT;
    let found: FILE_ATTRIBUTE_TAG_INFO = get(file)?;
    let is_one = found.FileAttributes & FILE_ATTRIBUTE_REPARSE_POINT != 0;
    Ok(is_one.then_some(found.ReparseTag))
}

/// Removes the file with its last handle, or as `flags` say.
pub(super) fn dispose(file: &File, flags: Option<u32>) -> io::Result<()> {
    match flags {
        Some(flags) => set(file, &FILE_DISPOSITION_INFO_EX { Flags: flags }),
        None => set(file, &FILE_DISPOSITION_INFO { DeleteFile: true }),
    }
}
