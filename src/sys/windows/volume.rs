//! Whether a file lies on a disk of this machine.
#![expect(unsafe_code, reason = "std does not tell")]

use std::fs::File;
use std::io;
use std::os::windows::io::AsRawHandle;
use std::ptr::null_mut;

use windows_sys::Wdk::Storage::FileSystem::{
    FileFsDeviceInformation, NtQueryVolumeInformationFile,
};
use windows_sys::Wdk::System::SystemServices::{
    FILE_CHARACTERISTIC_CSV, FILE_FS_DEVICE_INFORMATION, FILE_REMOTE_DEVICE,
};
use windows_sys::Win32::Foundation::STATUS_SUCCESS;
use windows_sys::Win32::Storage::FileSystem::{FILE_DEVICE_DISK, GetVolumeInformationByHandleW};
use windows_sys::Win32::System::IO::IO_STATUS_BLOCK;

use super::error::check;
use crate::sys::file_system::FileSystem;

/// The file systems that one machine alone mounts. One that is not known may be anything: a program
/// can offer a disk of its own, and have its files elsewhere.
const LOCAL: [&str; 5] = ["NTFS", "ReFS", "exFAT", "FAT32", "FAT"];

/// Of ntddk.h. Wine says so.
const FILE_DEVICE_DISK_FILE_SYSTEM: u32 = 8;

/// The file system of `file`.
pub(crate) fn file_system(file: &File) -> io::Result<FileSystem> {
    let local = is_local(file)?;
    Ok(FileSystem { local: Some(local), one_view: local, ..FileSystem::default() })
}

/// Whether no other machine reaches the file system of `file`, but through this one.
fn is_local(file: &File) -> io::Result<bool> {
    let device = device(file)?;
    let elsewhere = FILE_REMOTE_DEVICE | FILE_CHARACTERISTIC_CSV;
    let is_disk = [FILE_DEVICE_DISK, FILE_DEVICE_DISK_FILE_SYSTEM].contains(&device.DeviceType);
    if !is_disk || device.Characteristics & elsewhere != 0 {
        return Ok(false);
    }
    Ok(LOCAL.contains(&&*file_system_name(file)?))
}

fn device(file: &File) -> io::Result<FILE_FS_DEVICE_INFORMATION> {
    let mut device = FILE_FS_DEVICE_INFORMATION::default();
    let (mut done, handle) = (IO_STATUS_BLOCK::default(), file.as_raw_handle());
    let length = u32::try_from(size_of_val(&device)).map_err(io::Error::other)?;
    let start = &raw mut device;
    // SAFETY: the handle is open, and the kernel writes no more than `length` bytes.
    let status = unsafe {
        NtQueryVolumeInformationFile(
            handle,
            &raw mut done,
            start.cast(),
            length,
            FileFsDeviceInformation,
        )
    };
    if status != STATUS_SUCCESS {
        return Err(io::Error::other(format!("the volume does not tell: {status:#x}")));
    }
    Ok(device)
}

fn file_system_name(file: &File) -> io::Result<String> {
    let mut name = [0_u16; 64];
    let (handle, start, room) = (file.as_raw_handle(), name.as_mut_ptr(), 64);
    check(
        // SAFETY: the handle is open, what is null is not asked for, and no more than `room` is
        // written.
        unsafe {
            GetVolumeInformationByHandleW(
                handle,
                null_mut(),
                0,
                null_mut(),
                null_mut(),
                null_mut(),
                start,
                room,
            )
        },
    )?;
    let name = name.split(|unit| *unit == 0).next().unwrap_or_default();
    Ok(String::from_utf16_lossy(name))
}
