//! `GetFileInformationByHandleEx`, `SetFileInformationByHandle` - what a file is, and is to be.
#![expect(unsafe_code, reason = "std tells and changes less")]

use std::fs::File;
use std::io;
use std::os::windows::io::AsRawHandle;

use windows_sys::Win32::Storage::FileSystem::{
    BY_HANDLE_FILE_INFORMATION, FILE_ATTRIBUTE_REPARSE_POINT, FILE_ATTRIBUTE_TAG_INFO,
    FILE_BASIC_INFO, FILE_DISPOSITION_INFO, FILE_DISPOSITION_INFO_EX, FILE_ID_INFO,
    FILE_INFO_BY_HANDLE_CLASS, FILE_STANDARD_INFO, FileAttributeTagInfo, FileBasicInfo,
    FileDispositionInfo, FileDispositionInfoEx, FileIdInfo, FileStandardInfo,
    GetFileInformationByHandle, GetFileInformationByHandleEx, SetFileInformationByHandle,
};

use super::error::{check, is_unknown};

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
unsafe impl Information for FILE_BASIC_INFO {
    const CLASS: FILE_INFO_BY_HANDLE_CLASS = FileBasicInfo;
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
///
/// # Errors
///
/// `Unsupported`: its file system does not tell files apart.
pub(super) fn id(file: &File) -> io::Result<(u64, u128)> {
    let (volume, number) = match get::<FILE_ID_INFO>(file) {
        Ok(id) => (id.VolumeSerialNumber, u128::from_le_bytes(id.FileId.Identifier)),
        // NTFS and ReFS have it; FAT, exFAT and some servers have numbers of 64 bits only.
        Err(err) if is_unknown(&err) => index(file)?,
        Err(err) => return Err(err),
    };
    if is_none(number) {
        let why = "its file system does not number its files";
        return Err(io::Error::new(io::ErrorKind::Unsupported, why));
    }
    Ok((volume, number))
}

/// Whether it is what a file system says that has no number for the file ([MS-FSCC] 2.1.9 and
/// 2.1.10). Taken for one, it would be that of every file.
fn is_none(number: u128) -> bool {
    [0, u64::MAX.into(), u128::MAX].contains(&number)
}

/// `GetFileInformationByHandle` - the same in fewer bits.
fn index(file: &File) -> io::Result<(u64, u128)> {
    let mut found = BY_HANDLE_FILE_INFORMATION::default();
    // SAFETY: the handle is open, and `found` is ours to write to.
    check(unsafe { GetFileInformationByHandle(file.as_raw_handle(), &raw mut found) })?;
    let number = u64::from(found.nFileIndexHigh) << 32 | u64::from(found.nFileIndexLow);
    Ok((found.dwVolumeSerialNumber.into(), number.into()))
}

/// The length, the number of names, and whether it is a directory.
pub(super) fn standard(file: &File) -> io::Result<FILE_STANDARD_INFO> {
    get(file)
}

/// What a reparse point is for; `None` if it is none.
pub(super) fn reparse_tag(file: &File) -> io::Result<Option<u32>> {
    // First, because a file system without reparse points (FAT, exFAT) refuses to tell of their tags.
    let basic: FILE_BASIC_INFO = get(file)?;
    if basic.FileAttributes & FILE_ATTRIBUTE_REPARSE_POINT == 0 {
        return Ok(None);
    }
    let found: FILE_ATTRIBUTE_TAG_INFO = get(file)?;
    Ok(Some(found.ReparseTag))
}

/// Removes the file with its last handle, or as `flags` say.
pub(super) fn dispose(file: &File, flags: Option<u32>) -> io::Result<()> {
    match flags {
        Some(flags) => set(file, &FILE_DISPOSITION_INFO_EX { Flags: flags }),
        None => set(file, &FILE_DISPOSITION_INFO { DeleteFile: true }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_one_number_whoever_is_asked_for_it() {
        let files = [tempfile::tempfile().unwrap(), tempfile::tempfile().unwrap()];
        let [one, other] =
            files.each_ref().map(|file| (id(file).unwrap().1, index(file).unwrap().1));
        assert_eq!(one.0, one.1);
        assert_eq!(other.0, other.1);
        assert_ne!(one, other);
    }

    #[test]
    fn a_number_that_is_none_is_no_number() {
        assert!([0, u128::from(u64::MAX), u128::MAX].into_iter().all(is_none));
        assert!(!is_none(1));
    }
}
