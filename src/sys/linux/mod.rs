//! Linux: identity from `/proc` and pidfds, exact and in a few microseconds.

mod host;
mod pidfd;
mod place;
mod process;
mod stat;

pub(crate) use host::{boot_id, machine_id, pid_namespace, time_namespace};
pub(crate) use place::is_local;
pub(crate) use process::{own_process, process};
