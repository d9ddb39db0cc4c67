//! A change of a lockfile, as a line.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::Serialize;
use tenure::{Result, Status};

use crate::headline::headline;
use crate::report::{self, Report};
use crate::sentence::sentence;
use crate::{printable, style};

/// What was seen at a path, and when.
pub(super) struct Change {
    at: SystemTime,
    path: PathBuf,
    seen: std::result::Result<Status, String>,
}

impl Change {
    /// It has just been seen.
    #[expect(clippy::disallowed_methods, reason = "for whoever reads it")]
    pub(super) fn of(path: &Path, seen: Result<Status>) -> Self {
        let seen = seen.map_err(|err| sentence(&err));
        Self { at: SystemTime::now(), path: path.to_owned(), seen }
    }

    /// One line for people.
    pub(super) fn text(&self) -> String {
        let at = style::paint(style::FAINT, humantime::format_rfc3339_seconds(self.at));
        match &self.seen {
            Ok(status) => format!("{at} {}\n", headline(status)),
            Err(why) => {
                let path = printable::path(&self.path);
                let unknown = style::paint(style::UNKNOWN, "unknown");
                format!("{at} {path}: {unknown}: {}\n", printable::text(why))
            }
        }
    }

    /// One line for programs.
    pub(super) fn json(&self) -> String {
        let at = humantime::format_rfc3339_millis(self.at).to_string();
        match &self.seen {
            Ok(status) => report::line(&Timed { at, report: Report::of(status) }),
            Err(why) => {
                let path = self.path.to_string_lossy().into_owned();
                report::line(&Unknown { at, path, state: "unknown", explanation: why })
            }
        }
    }
}

#[derive(Serialize)]
struct Timed<'a> {
    at: String,
    #[serde(flatten)]
    report: Report<'a>,
}

/// What takes the place of a state that could not be read.
#[derive(Serialize)]
struct Unknown<'a> {
    at: String,
    path: String,
    state: &'static str,
    explanation: &'a str,
}
