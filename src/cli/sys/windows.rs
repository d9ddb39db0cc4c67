//! Windows: jobs, and what takes the place of what it does not have.

mod job;
pub(crate) mod listener;
pub(crate) mod own;
mod shortage;

pub(crate) use self::job::{Job, leave_keys_to_command};
pub(crate) use self::shortage::is_shortage;
