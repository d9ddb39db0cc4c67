//! `NtQuerySystemInformation` - the list of all processes, which tells of those as well that may not
//! be opened.
#![expect(unsafe_code, reason = "std knows only children")]

use std::mem::offset_of;

use windows_sys::Wdk::System::SystemInformation::{
    NtQuerySystemInformation, SystemProcessInformation,
};
use windows_sys::Win32::Foundation::{STATUS_INFO_LENGTH_MISMATCH, STATUS_SUCCESS, UNICODE_STRING};

/// The beginning of `SYSTEM_PROCESS_INFORMATION`: as winternl.h has it, where that names what it
/// has, and the `CreateTime` is reserved. It has been where it is since Windows NT.
#[repr(C)]
struct Entry {
    /// From this entry to the next; 0 in the last.
    next: u32,
    threads: u32,
    cycles: [u64; 3],
    start: u64,
    times: [u64; 2],
    name: UNICODE_STRING,
    priority: i32,
    pid: usize,
}

/// How often a list is asked for that has outgrown its room.
const TRIES: u32 = 8;

/// When the process `pid` began, in the units of `GetProcessTimes`; `None` if that cannot be told.
pub(super) fn start(pid: u32) -> Option<u64> {
    let list = list()?;
    let mut entry = &*list;
    loop {
        if usize::from_ne_bytes(field(entry, offset_of!(Entry, pid))?)
            == usize::try_from(pid).ok()?
        {
            return Some(u64::from_ne_bytes(field(entry, offset_of!(Entry, start))?));
        }
        match u32::from_ne_bytes(field(entry, offset_of!(Entry, next))?) {
            0 => return None,
            next => entry = entry.get(usize::try_from(next).ok()?..)?,
        }
    }
}

fn field<const SIZE: usize>(entry: &[u8], offset: usize) -> Option<[u8; SIZE]> {
    entry.get(offset..)?.first_chunk().copied()
}

fn list() -> Option<Vec<u8>> {
    let mut list = vec![0_u8; 1 << 18];
    for _ in 0..TRIES {
        let (room, mut length) = (u32::try_from(list.len()).ok()?, 0);
        let start = list.as_mut_ptr().cast();
        // SAFETY: no more is written than there is room for, and `length`.
        let status = unsafe {
            NtQuerySystemInformation(SystemProcessInformation, start, room, &raw mut length)
        };
        match status {
            STATUS_SUCCESS => return Some(list),
            // Between this and the next time, there may be more of them.
            STATUS_INFO_LENGTH_MISMATCH => {
                list.resize(usize::try_from(length.max(room)).ok()? * 2, 0)
            }
            _ => return None,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_process_has_an_odd_pid() {
        assert_eq!(start(1), None);
    }
}
