//! How the outside waits for what has a [`Signal`](super::Signal).

/// Lets the owner of a [`Signal`] be waited for as the platform does it: by a descriptor, for poll(2)
/// and its like.
#[cfg(not(windows))]
macro_rules! waited_for_by {
    ($owner:ty, $signal:expr) => {
        impl std::os::fd::AsFd for $owner {
            /// A descriptor that is readable once it has fired, for poll(2) and its like.
            fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
                let signal: fn(&$owner) -> &$crate::sys::Signal = $signal;
                std::os::fd::AsFd::as_fd(signal(self))
            }
        }
    };
}

/// Lets the owner of a [`Signal`] be waited for as the platform does it: by a handle, for
/// `WaitForSingleObject` and its like.
#[cfg(windows)]
macro_rules! waited_for_by {
    ($owner:ty, $signal:expr) => {
        impl std::os::windows::io::AsHandle for $owner {
            /// A handle that is signalled once it has fired, for `WaitForSingleObject` and its like.
            fn as_handle(&self) -> std::os::windows::io::BorrowedHandle<'_> {
                let signal: fn(&$owner) -> &$crate::sys::Signal = $signal;
                std::os::windows::io::AsHandle::as_handle(signal(self))
            }
        }
    };
}

pub(crate) use waited_for_by;
