//! How long `run` and `exec` wait, however it is written.
//!
//! Their `--wait` needs no value, and so clap takes one only after `=`. People who know flock(1) write
//! `-w 5` and `-w5`: so the next word is the value if it is a time, and no lockfile.

use std::ffi::{OsStr, OsString};

use clap::Parser;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::environment;
use super::limit::limit;

/// Reads `line`, and the environment.
///
/// # Errors
///
/// Those of [`environment::parse`].
pub(crate) fn parse<T: Parser>(line: &[OsString]) -> Result<T, clap::Error> {
    let (line, taken) = joined(line);
    environment::parse(&line).map_err(|mut err| {
        // Then it was meant as one, perhaps.
        if let (Some(word), ErrorKind::MissingRequiredArgument) = (taken, err.kind()) {
            let hint =
                format!("'{word}' is how long to wait; a lockfile of that name is './{word}'");
            err.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![hint.into()]));
        }
        err
    })
}

/// The line with each value joined to its option; and the last word that was taken for one.
fn joined(line: &[OsString]) -> (Vec<OsString>, Option<String>) {
    if !line.get(1).is_some_and(|verb| verb == "run" || verb == "exec") {
        return (line.to_vec(), None);
    }
    let end = line.iter().position(|word| word == "--").unwrap_or(line.len());
    let (options, command) = line.split_at(end);
    let (mut joined, mut taken) = (Vec::new(), None);
    let mut words = options.iter().peekable();
    while let Some(word) = words.next() {
        let is_bare = word == "-w" || word == "--wait";
        if let Some(value) = words.next_if(|next| is_bare && is_time(next)) {
            let value = value.to_string_lossy().into_owned();
            joined.push(format!("--wait={value}").into());
            taken = Some(value);
        } else if let Some(value) = attached(word) {
            joined.push(format!("--wait={value}").into());
        } else {
            joined.push(word.clone());
        }
    }
    joined.extend_from_slice(command);
    (joined, taken)
}

fn is_time(word: &OsStr) -> bool {
    word.to_str().is_some_and(|word| limit(word).is_ok())
}

/// What `-w5` says. No option is a digit, and none a dash.
fn attached(word: &OsStr) -> Option<&str> {
    let value = word.to_str()?.strip_prefix("-w")?;
    let is_number = value.starts_with(|it: char| it.is_ascii_digit() || ".-".contains(it));
    (is_number || limit(value).is_ok()).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> String {
        let words: Vec<_> = line.split(' ').map(OsString::from).collect();
        joined(&words).0.join(OsStr::new(" ")).into_string().unwrap()
    }

    #[test]
    fn a_time_is_joined_to_the_option_before_it() {
        for (line, expected) in [
            ("tenure run -w 5 l -- c", "tenure run --wait=5 l -- c"),
            ("tenure exec -n --wait 1h30m l -- c", "tenure exec -n --wait=1h30m l -- c"),
            ("tenure run l -w forever -- c", "tenure run l --wait=forever -- c"),
            ("tenure run -w.5 l -- c", "tenure run --wait=.5 l -- c"),
            ("tenure run -w5x l -- c", "tenure run --wait=5x l -- c"),
        ] {
            assert_eq!(read(line), expected);
        }
    }

    #[test]
    fn nothing_else_is_changed() {
        for line in [
            "tenure run -w l -- c",
            "tenure run --wait ./5 -- c",
            "tenure run -w=5 5 -- c",
            "tenure run --wait -n 5 -- c",
            "tenure run -wn 5 -- c",
            "tenure run l -- c -w 5 -w5",
            "tenure wait -w 5 l",
            "tenure flock -w 5 l -- c",
            "tenure",
        ] {
            assert_eq!(read(line), line);
        }
    }
}
