//! Which process this is: the only one that it knows.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Generation;

impl Generation {
    pub(crate) const NONE: Self = Self;

    pub(crate) fn current() -> Self {
        Self
    }
}
