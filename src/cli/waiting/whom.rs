//! Whom the lock is waited for, as the end of a sentence.

use std::fmt;

use tenure::{Holder, Verdict};

/// A holder; or nobody, where it is not known.
///
/// Its [`Display`](fmt::Display) is one line that does nothing to a terminal, whatever the lockfile
/// says.
#[derive(Clone, Debug)]
pub(super) struct Whom(Option<Holder>);

impl Whom {
    pub(super) fn new(holder: Option<&Holder>) -> Self {
        Self(holder.cloned())
    }
}

impl fmt::Display for Whom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(holder) = &self.0 else {
            return f.write_str("a process that has written no record, at least not yet");
        };
        match holder.verdict() {
            Verdict::Live if holder.record().is_legacy() => {
                write!(f, "{holder}; a process with that PID is alive")
            }
            Verdict::Live => write!(f, "{holder}; it is alive"),
            verdict => write!(f, "{holder}; {verdict}"),
        }
    }
}
