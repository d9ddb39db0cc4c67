//! `tenure`: PID lockfiles that recover themselves, for the shell, cron and the operator.
//!
//! Most verbs need what Unix alone has: the program of another system has fewer.

#[cfg(unix)]
include!("unix.rs");

#[cfg(windows)]
include!("windows.rs");
