//! A held lockfile that goes over to another process, or to the program that this one becomes.

pub(in crate::file) mod exec;
pub(in crate::file) mod hands;
pub(in crate::file) mod inherit;
pub(in crate::file) mod rebind;
#[cfg(unix)]
pub(in crate::file) mod send;
#[cfg(feature = "signals")]
pub(in crate::file) mod signals;
pub(in crate::file) mod title;
