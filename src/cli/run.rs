//! `tenure run`: a command that runs while a lockfile is held.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub(crate) use self::unix::run;
#[cfg(windows)]
pub(crate) use self::windows::run;
