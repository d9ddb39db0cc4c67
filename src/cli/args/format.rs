//! The formats that the command line knows.

use clap::ValueEnum;
use tenure::Format;

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(crate) enum FormatName {
    /// One line of JSON: all that is known of the holder
    #[default]
    Json,
    /// The PID on the first line, the JSON on the second
    PidLine,
    /// The PID and a newline; no identity is kept
    Pid,
    /// The PID without a newline; no identity is kept
    PidBare,
}

impl From<FormatName> for Format {
    fn from(name: FormatName) -> Self {
        match name {
            FormatName::Json => Self::Json,
            FormatName::PidLine => Self::PidLine,
            FormatName::Pid => Self::Pid,
            FormatName::PidBare => Self::PidBare,
        }
    }
}
