//! Whom the lock is waited for, as the end of a sentence.

use std::fmt;

use tenure::{Holder, Verdict};

/// A holder; or nobody, where it is not known.
///
/// Its [`Display`](fmt::Display) is one line that does nothing to a terminal, whatever the lockfile
/// says.
#[derive(Clone, Debug)]
pub(super) struct Whom {
    holder: Option<Holder>,
    /// What is said where there is none.
    nobody: &'static str,
}

impl Whom {
    pub(super) fn new(holder: Option<&Holder>, nobody: &'static str) -> Self {
        Self { holder: holder.cloned(), nobody }
    }
}

impl fmt::Display for Whom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(holder) = &self.holder else { return f.write_str(self.nobody) };
        match holder.verdict() {
            Verdict::Live if holder.record().is_legacy() => {
                write!(f, "{holder}; a process with that PID is alive")
            }
            Verdict::Live => write!(f, "{holder}; it is alive"),
            verdict => write!(f, "{holder}; {verdict}"),
        }
    }
}
