//! statx(2) - what chattr(1) has made of a directory.

use std::path::Path;

/// Attributes that nobody's rights overrule, not even those of root.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Attributes {
    /// Names can be added, and none removed (`chattr +a`).
    pub(crate) append_only: bool,
    /// No name can be added or removed (`chattr +i`).
    pub(crate) immutable: bool,
}

/// Those of the directory `dir`; none where its file system, or the kernel, does not tell.
#[cfg(any(target_os = "linux", target_os = "android"))]
#[expect(unsafe_code, reason = "neither std nor nix has statx")]
pub(crate) fn attributes(dir: &Path) -> Attributes {
    use std::ffi::CString;
    use std::mem::MaybeUninit;
    use std::os::unix::ffi::OsStrExt;

    use nix::libc;

    /// Of linux/stat.h.
    const STATX_ATTR_IMMUTABLE: u64 = 0x10;
    const STATX_ATTR_APPEND: u64 = 0x20;

    let Ok(path) = CString::new(dir.as_os_str().as_bytes()) else { return Attributes::default() };
    let mut found = MaybeUninit::<libc::statx>::zeroed();
    // SAFETY: the path ends with a NUL, and statx writes one `statx`; both outlive the call.
    let result = unsafe { libc::statx(libc::AT_FDCWD, path.as_ptr(), 0, 0, found.as_mut_ptr()) };
    if result != 0 {
        return Attributes::default();
    }
    // SAFETY: it consists of integers, so that zeros are a value of it as well.
    let found = unsafe { found.assume_init() };
    Attributes {
        append_only: found.stx_attributes & STATX_ATTR_APPEND != 0,
        immutable: found.stx_attributes & STATX_ATTR_IMMUTABLE != 0,
    }
}

/// Elsewhere, they are not asked for.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(crate) fn attributes(_dir: &Path) -> Attributes {
    Attributes::default()
}
