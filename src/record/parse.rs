//! Which format the bytes of a lockfile have.

use super::json::SIGNATURE;
use super::types::{Content, READ_LIMIT};
use super::{binary, format, json, legacy, sexp};

impl Content {
    /// Reads the bytes of a lockfile in any format that this crate knows.
    ///
    /// Never panics. What is longer than [`READ_LIMIT`] is [`Content::Invalid`].
    ///
    /// # Examples
    ///
    /// ```
    /// use tenure::Content;
    ///
    /// let Content::Record(record) = Content::parse(b"4242\n") else { panic!() };
    /// assert_eq!(record.pid, 4242);
    /// assert_eq!(Content::parse(b""), Content::Blank);
    /// assert!(matches!(Content::parse(b"\x7fELF"), Content::Invalid(_)));
    /// ```
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Self {
        if bytes.len() > READ_LIMIT {
            return Self::Invalid(format!("it is larger than {READ_LIMIT} bytes"));
        }
        if is_released(bytes) {
            return Self::Released;
        }
        if let Some(content) = binary::parse(bytes) {
            return content;
        }
        let whole = bytes;
        let bytes = bytes.trim_ascii();
        if bytes.iter().all(|byte| *byte == 0 || byte.is_ascii_whitespace()) {
            return Self::Blank;
        }
        let Ok(text) = std::str::from_utf8(whole) else {
            // A record that a crash cut inside a character is torn, not foreign.
            return if begins_as_ours(bytes) {
                Self::Torn
            } else {
                Self::Invalid("it is not text".to_owned())
            };
        };
        match bytes[0] {
            b'{' => json::parse(text.trim_matches(is_blank)),
            b'(' => sexp::parse(text.trim_matches(is_blank)),
            _ => legacy::parse(text),
        }
    }
}

/// Whether `bytes` are newlines, of which the last can say that another program has made the file.
fn is_released(bytes: &[u8]) -> bool {
    let bytes = match bytes {
        [rest @ .., format::FOUND] => rest,
        bytes => bytes,
    };
    !bytes.is_empty() && bytes.iter().all(|byte| *byte == b'\n')
}

/// Whether `bytes` begin like a record with JSON of this crate, be it on the first line or below
/// the PID.
fn begins_as_ours(bytes: &[u8]) -> bool {
    let json = match bytes.iter().position(|byte| *byte == b'\n') {
        Some(end) if bytes[..end].iter().all(u8::is_ascii_digit) => &bytes[end + 1..],
        _ => bytes,
    };
    json.starts_with(SIGNATURE.as_bytes())
}

fn is_blank(char: char) -> bool {
    char.is_ascii_whitespace()
}
