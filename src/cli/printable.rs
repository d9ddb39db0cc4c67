//! Text from outside, as a terminal may be given it: what it would obey is escaped.
//!
//! Names of files can hold any character, and so can errors, which name files. (What the library
//! says of a holder is escaped there.)

use std::fmt::{self, Write};
use std::path::Path;

/// `text`, with what terminals obey as `\u{1b}`: one line that they print and do nothing else with.
pub(crate) fn text(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in text.chars() {
        if is_obeyed(char) {
            escaped.extend(char.escape_unicode());
        } else {
            escaped.push(char);
        }
    }
    escaped
}

/// The same of a path, whose bytes that are no text come as `\xff`.
pub(crate) fn path(path: &Path) -> String {
    let mut escaped = String::new();
    for chunk in path.as_os_str().as_encoded_bytes().utf8_chunks() {
        escaped.push_str(&text(chunk.valid()));
        for byte in chunk.invalid() {
            push(&mut escaped, format_args!("\\x{byte:02x}"));
        }
    }
    escaped
}

/// The same of JSON, which means the same afterwards: outside of its strings there is nothing of
/// the kind, and inside it has escapes of its own.
pub(crate) fn json(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for char in json.chars() {
        if is_obeyed(char) {
            push(&mut escaped, format_args!("\\u{:04x}", u32::from(char)));
        } else {
            escaped.push(char);
        }
    }
    escaped
}

/// Whether a terminal does more with `char` than to print it. Not only the control characters, those
/// of Latin 1 among them: others turn the direction of text; and some readers end a line at U+2028
/// and U+2029. All of them have four digits.
fn is_obeyed(char: char) -> bool {
    char.is_control()
        || matches!(u32::from(char), 0x061C | 0x200E | 0x200F | 0x2028..=0x202E | 0x2066..=0x2069)
}

fn push(text: &mut String, more: fmt::Arguments<'_>) {
    // Writing to a string does not fail.
    let _ = text.write_fmt(more);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_obeys_is_escaped_and_nothing_else() {
        assert_eq!(text("\u{1b}[31m\n\u{9b}2J\u{202e}"), r"\u{1b}[31m\u{a}\u{9b}2J\u{202e}");
        for plain in ["/run/a b.pid", r"C:\'quoted'", "e\u{301}té", "日本"] {
            assert_eq!(text(plain), plain);
        }
    }

    #[cfg(unix)]
    #[test]
    fn bytes_that_are_no_text_are_shown_as_such() {
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt;

        assert_eq!(
            path(Path::new(OsStr::from_bytes(b"/run/\xff\x1b\xc3"))),
            r"/run/\xff\u{1b}\xc3"
        );
    }

    #[test]
    fn json_means_the_same_afterwards() {
        let told = "\u{9b}2J\u{202e}é";
        let escaped = json(&serde_json::to_string(told).unwrap());
        assert_eq!(escaped, r#""\u009b2J\u202eé""#);
        assert_eq!(serde_json::from_str::<String>(&escaped).unwrap(), told);
    }
}
