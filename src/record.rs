//! The record: what the holder writes into its lockfile, and what a reader makes of a file's bytes.
//!
//! Everything here is pure: bytes in, values out. Nothing in this module opens a file or asks the
//! system a question, so that the same bytes always mean the same.

mod binary;
mod fields;
mod filelock;
mod foreign_json;
mod format;
mod ids;
mod incarnation;
mod json;
mod legacy;
mod lines;
mod pairs;
mod parse;
mod pid;
mod qt;
mod sexp;
mod target;
mod types;
mod words;

pub(crate) use format::FOUND;
pub use format::Format;
pub(crate) use pid::LIMIT as PID_LIMIT;
pub(crate) use target::parse as parse_target;
pub use types::{Content, MESSAGE_LIMIT, READ_LIMIT, Record};
