//! PID lockfiles that recover themselves.
mod backend;
mod diagnosis;
mod error;
mod holder;
mod identity;
mod lockfile;
mod named;
mod nonce;
mod pidfile;
mod probe;
mod record;
mod settings;
mod status;
mod sys;
mod threads;
mod verdict;
mod wait;

pub use backend::{Admission, Backend, Flock};
pub use diagnosis::Process;
pub use error::{Error, Op, Result};
pub use holder::Holder;
pub use lockfile::Lockfile;
pub use record::{Content, Format, MESSAGE_LIMIT, Record};
pub use settings::Foreign;
pub use status::{State, Status};
pub use verdict::{Verdict, Why};
