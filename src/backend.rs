//! What lies underneath a lockfile: the primitive that admits one contender.

mod callback;
mod content;
mod contract;
mod endings;
mod flock;
mod hardlink;
mod lasting;
mod memory;
mod passing;
mod posix_semaphore;
mod primitive;
mod semaphore;
mod sharing;

pub use callback::Callback;
pub use contract::{Admission, Backend, Queue, Scope};
pub(crate) use endings::ends_with_holder;
pub use flock::Flock;
pub(crate) use flock::{is_held_by_own_kind, is_locked};
pub use hardlink::Hardlink;
pub use lasting::Lasting;
pub use memory::Memory;
pub use passing::Passing;
pub use posix_semaphore::PosixSemaphore;
pub(crate) use posix_semaphore::semaphore_of;
pub(crate) use primitive::Primitive;
pub use semaphore::Semaphore;
pub use sharing::Sharing;
