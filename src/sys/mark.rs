//! What those who use a lockfile tell each other by marks on it.

/// What is said with a mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// "I wait for the lock."
    Waits,
    /// "I share the lock."
    Shares,
    /// "Of those who share the lock, I am the one whom the record names." Only one can say so.
    Writes,
    /// "Of those who share the open file description that has the lock, I am about to change who
    /// holds it." Set by way of another description, because it is for telling them apart.
    Hands,
    /// "I have the file open to look at it, and take a shared lock for an instant."
    Looks,
    /// "I have the file open and wait for a change; that it is open means nothing."
    Opens,
    /// "I have created the file, and somebody else was first to lock it."
    Creates,
}
