//! The colours of the program, and where it uses them.
//!
//! On a terminal, unless `NO_COLOR` or `CLICOLOR=0` is set, or `TERM` is `dumb`; elsewhere if
//! `CLICOLOR_FORCE` is. They say again what words say.

use std::env;
use std::fmt;
use std::io::{self, IsTerminal, StdoutLock};

use anstream::AutoStream;
use anstyle::{AnsiColor, Style};
use tenure::State;

/// What is not to be looked at first.
pub(crate) const FAINT: Style = Style::new().dimmed();
/// The heads of columns.
#[cfg(unix)]
pub(crate) const HEAD: Style = Style::new().bold();

pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
pub(crate) const DOUBTFUL: Style = AnsiColor::Yellow.on_default();
#[cfg(unix)]
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();
pub(crate) const UNKNOWN: Style = AnsiColor::Magenta.on_default();

/// Standard output, which takes colours where they are wanted, and leaves them out elsewhere.
pub(crate) fn stdout() -> AutoStream<StdoutLock<'static>> {
    let stdout = io::stdout();
    // Where `CI` is set, colours would be chosen for this one as well.
    let is_dumb = stdout.is_terminal() && env::var_os("TERM").is_some_and(|term| term == "dumb");
    if is_dumb { AutoStream::never(stdout) } else { AutoStream::auto(stdout) }.lock()
}

/// That of a state.
pub(crate) fn of(state: State) -> Style {
    match state {
        State::Held => GOOD,
        State::Stale => DOUBTFUL,
        State::Free => FAINT,
        _ => UNKNOWN,
    }
}

/// `text` in `style`.
pub(crate) fn paint(style: Style, text: impl fmt::Display) -> String {
    format!("{style}{text}{style:#}")
}
