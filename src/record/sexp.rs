//! The S-expression that Jane Street's `Nfs_lock` writes:
//! `((host H)(pid N)(message M)(start_time T))`.

use super::pid;
use super::types::{Content, Record};

/// Reads the S-expression; `start_time` is a wall-clock time and is passed over.
pub(super) fn parse(text: &str) -> Content {
    match fields(text) {
        Some(fields) => record(&fields)
            .map_or_else(Content::Invalid, |record| Content::Record(Box::new(record))),
        None => Content::Invalid("its S-expression is not a list of fields".to_owned()),
    }
}

fn record(fields: &[(String, String)]) -> Result<Record, String> {
    let value = |name| fields.iter().find(|field| field.0 == name).map(|field| &field.1);
    let digits = value("pid").ok_or("its S-expression has no pid")?;
    Ok(Record {
        host: value("host").cloned(),
        message: value("message").filter(|message| !message.is_empty()).cloned(),
        ..Record::bare(pid::from_digits(digits)?)
    })
}

/// The pairs of `((name value)(name value)…)`; `None` where the text is anything else.
fn fields(text: &str) -> Option<Vec<(String, String)>> {
    let mut rest = text.strip_prefix('(')?.trim_start();
    let mut fields = Vec::new();
    while let Some(inner) = rest.strip_prefix('(') {
        let (name, after) = atom(inner)?;
        let (value, after) = atom(after)?;
        rest = after.trim_start().strip_prefix(')')?.trim_start();
        fields.push((name, value));
    }
    (rest == ")").then_some(fields)
}

/// One atom, bare or quoted, and what follows it.
fn atom(text: &str) -> Option<(String, &str)> {
    let text = text.trim_start();
    if let Some(quoted) = text.strip_prefix('"') {
        return quoted_atom(quoted);
    }
    let end = text.find(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | '"'))?;
    (end > 0).then(|| (text[..end].to_owned(), &text[end..]))
}

/// The rest of a quoted atom, with OCaml's escapes: `\n`, `\t`, `\r`, `\b`, `\ddd` in decimal,
/// and any other character for itself.
fn quoted_atom(text: &str) -> Option<(String, &str)> {
    let mut bytes = Vec::new();
    let mut rest = text;
    loop {
        let at = rest.find(['"', '\\'])?;
        bytes.extend_from_slice(&rest.as_bytes()[..at]);
        let escaped = rest.as_bytes()[at] == b'\\';
        rest = &rest[at + 1..];
        if !escaped {
            // Decimal escapes are bytes, so that only the whole is UTF-8, or not quite.
            return Some((String::from_utf8_lossy(&bytes).into_owned(), rest));
        }
        if let Some(byte) = rest.get(..3).and_then(|digits| digits.parse::<u8>().ok()) {
            bytes.push(byte);
            rest = &rest[3..];
            continue;
        }
        let char = rest.chars().next()?;
        rest = &rest[char.len_utf8()..];
        let char = match char {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            'b' => '\u{8}',
            other => other,
        };
        bytes.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
    }
}
