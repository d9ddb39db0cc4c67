//! A PID as the four bytes that this machine has for it: some programs of the UUCP family, and
//! `shlock -u`.

use super::pid;
use super::types::{Content, Record};

/// Reads four bytes that hold a PID in binary; `None` if they do not, or may be text.
///
/// Up to three digits and a NUL are the text of one PID and the bytes of another. Then both count.
pub(super) fn parse(bytes: &[u8]) -> Option<Content> {
    let number = pid::in_range(u64::from(u32::from_ne_bytes(bytes.try_into().ok()?))).ok()?;
    let text = std::str::from_utf8(bytes).unwrap_or_default().trim_end_matches('\0');
    let record = match pid::from_digits(text.trim()) {
        Ok(written) => Record { more_pids: vec![number], ..Record::bare(written) },
        // Three letters and a NUL are more likely text than one of the rare large PIDs.
        Err(_) if text.len() > 2 && text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) => {
            return None;
        }
        Err(_) => Record::bare(number),
    };
    Some(Content::Record(Box::new(record)))
}
