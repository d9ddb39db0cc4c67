//! The command line of `tenure run`.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub(crate) use self::unix::{Lost, Run};
#[cfg(windows)]
pub(crate) use self::windows::Run;
