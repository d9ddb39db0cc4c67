//! What tells one acquisition from another.

use std::borrow::Cow;

use super::json;
use super::types::Record;
use crate::digest::digest;

impl Record {
    /// A name for this one acquisition: the nonce; in a record without one, `legacy-` and a digest of
    /// what the record says, which is the same for two holders of one PID on one host.
    ///
    /// # Examples
    ///
    /// ```
    /// use tenure::Content;
    ///
    /// let named = |bytes: &[u8]| match Content::parse(bytes) {
    ///     Content::Record(record) => record.incarnation().into_owned(),
    ///     other => panic!("{other:?}"),
    /// };
    /// assert_eq!(named(br#"{"pid":7,"nonce":"0123456789abcdef"}"#), "0123456789abcdef");
    /// assert!(named(b"7").starts_with("legacy-"));
    /// assert_ne!(named(b"7"), named(b"8"));
    /// ```
    #[must_use]
    pub fn incarnation(&self) -> Cow<'_, str> {
        match &self.nonce {
            Some(nonce) => Cow::Borrowed(nonce),
            None => Cow::Owned(format!("legacy-{:016x}", digest(&json::bytes(self)))),
        }
    }
}
