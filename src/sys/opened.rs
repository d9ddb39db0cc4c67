//! Whether somebody else has a file open.

/// Whether somebody else has a file open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    not(any(target_os = "linux", target_os = "android")),
    expect(dead_code, reason = "no other platform says more")
)]
pub(crate) enum Opened {
    /// Nobody, but for users of this crate.
    Nowhere,
    Elsewhere,
    /// The system could tell, but not this process.
    Unknown,
    /// The system does not tell anybody.
    Untold,
}
