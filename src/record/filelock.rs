//! What the package `filelock` for Python writes: `SoftFileLock`, and the leases of its protocol 2.
//!
//! The host can have the PID namespace behind it, and a number tells when the process started: on Linux
//! the boot id in the upper 128 of its 192 bits, and the clock ticks below; on Windows and macOS what
//! this crate's records have, too.

use super::types::Record;
use super::{ids, pid};

/// What stands between the host and the inode of the PID namespace, in hexadecimal.
const NAMESPACE: &str = "?pidns-";

/// The first line of protocol 2.
pub(super) const PROTOCOL: &str = "filelock/2";

/// Adds what `text` says to the record: `HOST`, or `HOST?pidns-INODE`.
pub(super) fn with_host(record: Record, text: &str) -> Option<Record> {
    let (host, namespace) = match text.split_once(NAMESPACE) {
        Some((host, inode)) => (host, Some(u64::from_str_radix(inode, 16).ok()?)),
        None => (text, None),
    };
    let name = unescaped(host)?;
    // An empty name is escaped as well.
    let host = if host == "?" { None } else { Some(ids::host(&name)?.to_owned()) };
    Some(Record { host, pid_namespace: namespace, ..record })
}

/// Adds the start of the process, from the decimal number that filelock writes.
pub(super) fn with_start(record: Record, digits: &str) -> Option<Record> {
    let (boot, ticks) = start(digits)?;
    Some(Record { boot_id: ids::boot_of_number(boot), start_ticks: Some(ticks), ..record })
}

/// The boot and the ticks of a number of up to 192 bits.
fn start(digits: &str) -> Option<(u128, u64)> {
    if !pid::is_digits(digits) {
        return None;
    }
    let mut words = [0_u64; 3];
    for digit in digits.bytes().map(|byte| u64::from(byte - b'0')) {
        let mut carry = digit;
        for word in &mut words {
            let bytes = (u128::from(*word) * 10 + u128::from(carry)).to_le_bytes();
            let half = |at: usize| std::array::from_fn(|byte| bytes[at + byte]);
            (*word, carry) = (u64::from_le_bytes(half(0)), u64::from_le_bytes(half(8)));
        }
        if carry != 0 {
            return None;
        }
    }
    let [ticks, low, high] = words;
    Some((u128::from(high) << 64 | u128::from(low), ticks))
}

/// The name without the escapes of filelock: a question mark and two hexadecimal digits are a byte.
fn unescaped(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((plain, after)) = rest.split_once('?') {
        bytes.extend_from_slice(plain.as_bytes());
        if after.is_empty() && text == "?" {
            return Some(String::new());
        }
        bytes.push(u8::from_str_radix(after.get(..2)?, 16).ok()?);
        rest = &after[2..];
    }
    bytes.extend_from_slice(rest.as_bytes());
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_holds_the_boot_above_the_ticks() {
        assert_eq!(start("128877"), Some((0, 128_877)));
        assert_eq!(start("18446744073709551616"), Some((1, 0)), "2^64");
        // 2^192 - 1, and one more.
        let largest = "6277101735386680763835789423207666416102355444464034512895";
        assert_eq!(start(largest), Some((u128::MAX, u64::MAX)));
        assert_eq!(start("6277101735386680763835789423207666416102355444464034512896"), None);
        assert_eq!(start(&"9".repeat(8000)), None);
        for text in ["", "-1", "1.5", "x", "1 2"] {
            assert_eq!(start(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_host_is_unescaped() {
        assert_eq!(unescaped("web-1").as_deref(), Some("web-1"));
        assert_eq!(unescaped("a?20b").as_deref(), Some("a b"));
        assert_eq!(unescaped("caf?c3?a9").as_deref(), Some("café"));
        for text in ["a?", "a?2", "a?zz", "??", "a?é"] {
            assert_eq!(unescaped(text), None, "{text:?}");
        }
    }
}
