//! The record as JSON, on one line.

use super::foreign_json;
use super::types::{Content, Record};

/// How every JSON record of this crate begins. A file that begins so and goes no further, or goes
/// on in a way that is not JSON, is one of ours that was torn.
pub(crate) const SIGNATURE: &str = "{\"version\":1,\"pid\":";

/// Reads one JSON object, which may be followed by blanks.
pub(super) fn parse(text: &str) -> Content {
    let read = match serde_json::from_str::<Record>(text) {
        Ok(record) if record.nonce.is_some() => Ok(record),
        Ok(record) => foreign_json::complete(record, text),
        Err(err) if is_torn(text, &err) => return Content::Torn,
        Err(err) if text.starts_with(SIGNATURE) => Err(err.to_string()),
        // What it has under this crate's names, it may mean otherwise.
        Err(err) => foreign_json::parse(text).map_err(|why| format!("{err}; {why}")),
    };
    match read {
        Ok(record) => Content::Record(Box::new(record)),
        Err(why) => Content::Invalid(format!("its JSON is not a record: {why}")),
    }
}

/// `record` as JSON, and nothing else.
pub(super) fn bytes(record: &Record) -> Vec<u8> {
    // Text and numbers, with text for keys, are JSON.
    serde_json::to_vec(record).unwrap_or_default()
}

/// Whether `text`, which is not a whole record, is what is left of one.
///
/// Well-formed JSON with a value that cannot be (a PID of zero) was written so: it is not torn.
fn is_torn(text: &str, err: &serde_json::Error) -> bool {
    let text = text.trim_end_matches('\0');
    SIGNATURE.starts_with(text) || (text.starts_with(SIGNATURE) && !err.is_data())
}
