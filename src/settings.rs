//! What a lockfile is to be like: everything but the possession.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::error::{Error, Result};
use crate::holder::Holder;
use crate::phase::Phase;
use crate::record::{Format, MESSAGE_LIMIT};

/// What to do with a lockfile whose holder is [unproven](crate::Verdict::Unproven): it may be dead,
/// but this host cannot tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Foreign {
    /// It is busy: doubt never frees a lock.
    #[default]
    Busy,
    /// Break the lock. Only for callers who know by other means that the holder is dead: if it
    /// lives, there are two.
    Break,
}

/// Called while waiting, with the holder (if it is known) and for how long the wait has lasted.
pub(crate) type OnWait = dyn Fn(Option<&Holder>, Duration) + Send + Sync;

#[derive(Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a setting of its own")]
pub(crate) struct Settings {
    pub(crate) path: PathBuf,
    pub(crate) message: Option<String>,
    pub(crate) phase: Option<Phase>,
    pub(crate) format: Format,
    pub(crate) mode: u32,
    pub(crate) keep_file: bool,
    pub(crate) foreign: Foreign,
    pub(crate) replace_invalid: bool,
    /// Whether an operator has named the holder that is to be broken.
    pub(crate) named: bool,
    /// Whether a file that names nobody is removed by who removes stale ones.
    pub(crate) remove_empty: bool,
    pub(crate) on_wait: Option<Arc<OnWait>>,
    /// Whether the service manager is told of the phase.
    pub(crate) notify_systemd: bool,
}

impl Settings {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self {
            path,
            message: None,
            phase: None,
            format: Format::default(),
            mode: 0o644,
            keep_file: false,
            foreign: Foreign::default(),
            replace_invalid: false,
            named: false,
            remove_empty: false,
            on_wait: None,
            notify_systemd: false,
        }
    }

    /// Refuses a message that would have to be cut.
    pub(crate) fn check_message(&self, message: Option<&str>) -> Result<()> {
        match message.map_or(0, str::len) {
            length if length > MESSAGE_LIMIT => {
                Err(Error::MessageTooLong { path: self.path.clone(), length })
            }
            _ => Ok(()),
        }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("path", &self.path)
            .field("message", &self.message)
            .field("phase", &self.phase)
            .field("format", &self.format)
            .field("mode", &format_args!("{:#o}", self.mode))
            .field("keep_file", &self.keep_file)
            .field("foreign", &self.foreign)
            .field("replace_invalid", &self.replace_invalid)
            .field("remove_empty", &self.remove_empty)
            .field("notify_systemd", &self.notify_systemd)
            .finish_non_exhaustive()
    }
}
