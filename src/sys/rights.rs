//! Who owns a file, and who may use it.

/// The owner of a file, and its permissions; all zero where files have neither.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rights {
    pub(crate) uid: u32,
    pub(crate) gid: u32,
    /// The permissions alone: `0o7777`.
    pub(crate) mode: u32,
}
