//! How a lock excludes others.

/// How a lock excludes others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Excludes everybody.
    Exclusive,
    /// Excludes the exclusive.
    Shared,
}
