//! How the outside waits for what has a [`Signal`](crate::sys::Signal).

/// Lets the owner of a [`Signal`] be waited for as the platform does it: by a handle, for
/// `WaitForSingleObject` and its like.
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
