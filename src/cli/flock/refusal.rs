//! What flock says and exits with when it cannot go on: the sentences and numbers of flock(1).

use std::error::Error as _;
use std::ffi::OsString;
use std::fmt::Display;
use std::io::{self, Write};

use clap::error::{ContextKind, ErrorKind};

use crate::exit::Exit;

/// A sentence for standard error, and an exit status.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) exit: Exit,
    text: String,
}

impl Refusal {
    pub(super) fn new(exit: Exit, text: impl Display) -> Self {
        Self { exit, text: text.to_string() }
    }

    pub(super) fn usage(text: impl Display) -> Self {
        Self::new(Exit::Usage, text)
    }

    /// `what` went wrong, because of `err`.
    pub(super) fn because(exit: Exit, what: impl Display, err: impl Into<io::Error>) -> Self {
        Self::new(exit, format_args!("{what}: {}", explain(&err.into())))
    }

    pub(super) fn say(&self) {
        say(&self.text);
    }
}

/// Tells people on standard error, whoever called the program by whatever name: those who read the
/// messages of flock(1) know that one.
pub(super) fn say(text: impl Display) {
    // In one write, as of any other line.
    let _ = io::stderr().write_all(format!("flock: {text}\n").as_bytes());
}

/// What perror(3) says.
fn explain(err: &io::Error) -> String {
    let text = err.to_string();
    text.rsplit_once(" (os error").map_or(text.clone(), |(text, _)| text.into())
}

/// Says what is wrong with the command line, of which `words` are flock's.
pub(crate) fn misread(err: &clap::Error, words: &[OsString]) -> Exit {
    let (text, try_help) = match err.kind() {
        _ if words.is_empty() => ("not enough arguments".into(), true),
        ErrorKind::MissingRequiredArgument => {
            ("requires file descriptor, file or directory".into(), false)
        }
        ErrorKind::ValueValidation => {
            (err.source().map(ToString::to_string).unwrap_or_default(), false)
        }
        _ => (about_option(err, words), true),
    };
    say(text);
    if try_help {
        let _ = writeln!(io::stderr(), "Try 'flock --help' for more information.");
    }
    Exit::Usage
}

/// As `getopt_long(3)` has it.
fn about_option(err: &clap::Error, words: &[OsString]) -> String {
    let context = |kind| err.get(kind).map(ToString::to_string).unwrap_or_default();
    let option = context(ContextKind::InvalidArg);
    let name = option.split([' ', '=']).next().unwrap_or_default();
    let letter = name.strip_prefix('-').filter(|it| !it.starts_with('-'));
    match (err.kind(), letter) {
        (ErrorKind::UnknownArgument, Some(letter)) => format!("invalid option -- '{letter}'"),
        (ErrorKind::UnknownArgument, None) => format!("unrecognized option '{name}'"),
        (ErrorKind::TooManyValues, _) => format!("option '{name}' doesn't allow an argument"),
        // It is clap's name for the option, and not the one that was used: that is the last word.
        (ErrorKind::InvalidValue, _) => {
            let last = words.last().map(|word| word.to_string_lossy()).unwrap_or_default();
            match last.chars().last() {
                Some(letter) if !last.starts_with("--") => {
                    format!("option requires an argument -- '{letter}'")
                }
                _ => format!("option '{last}' requires an argument"),
            }
        }
        (kind, _) => kind.to_string(),
    }
}
