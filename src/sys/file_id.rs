//! Which file it is, as the platform tells files apart.

#[cfg(unix)]
pub(crate) use super::unix::file_id::FileId;
#[cfg(windows)]
pub(crate) use super::windows::file_id::FileId;

/// Of no file.
#[cfg(not(any(unix, windows)))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct FileId;

#[cfg(not(any(unix, windows)))]
impl FileId {
    pub(crate) fn device(self) -> u64 {
        0
    }

    pub(crate) fn may_be(self, other: Self) -> bool {
        self == other
    }
}

#[cfg(not(any(unix, windows)))]
impl std::fmt::Display for FileId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("none")
    }
}
