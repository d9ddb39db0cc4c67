//! What tells this machine from others.
#![expect(unsafe_code, reason = "std does not read the registry")]

use std::io;
use std::ptr::null_mut;

use windows_sys::Win32::Foundation::ERROR_SUCCESS;
use windows_sys::Win32::System::Registry::{
    HKEY_LOCAL_MACHINE, RRF_RT_REG_SZ, RRF_SUBKEY_WOW6464KEY, RegGetValueW,
};
use windows_sys::core::w;

/// Not used here.
///
/// Nothing that Windows tells of a boot is known to be the same for all of it: the time of the boot
/// moves when the clock is set, and the count of boots is not documented. Taken for another boot's, a
/// holder would be taken for dead. It is not needed, either: a process's start is a time of the
/// calendar here, and so that of an earlier boot is the start of no process now.
#[expect(clippy::unnecessary_wraps, reason = "other platforms can run out of descriptors")]
pub(crate) fn boot_id() -> io::Result<Option<String>> {
    Ok(None)
}

/// `MachineGuid`, made when Windows was installed.
#[expect(clippy::unnecessary_wraps, reason = "other platforms can run out of descriptors")]
pub(crate) fn machine_id() -> io::Result<Option<String>> {
    Ok(machine_guid())
}

fn machine_guid() -> Option<String> {
    /// A GUID has 36 characters, and a NUL.
    const ROOM: usize = 64;
    let mut text = [0_u16; ROOM];
    let mut bytes = u32::try_from(size_of_val(&text)).ok()?;
    let (key, value) = (w!("SOFTWARE\\Microsoft\\Cryptography"), w!("MachineGuid"));
    let flags = RRF_RT_REG_SZ | RRF_SUBKEY_WOW6464KEY;
    let (start, length) = (text.as_mut_ptr(), &raw mut bytes);
    // SAFETY: the names end with NUL, and no more is written than there is room for.
    let answer = unsafe {
        RegGetValueW(HKEY_LOCAL_MACHINE, key, value, flags, null_mut(), start.cast(), length)
    };
    let text = text.split(|unit| *unit == 0).next()?;
    (answer == ERROR_SUCCESS && !text.is_empty()).then(|| String::from_utf16_lossy(text))
}
