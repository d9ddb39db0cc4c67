//! What variables say where the command line says nothing.
//!
//! One that is set to nothing is not set. One that the line speaks against gives way. One that makes
//! no sense is named: whoever reads of it has not typed it.

use std::env;
use std::ffi::{OsStr, OsString};

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command, Parser};

/// Reads `line`, and the variables that `T` names.
///
/// # Errors
///
/// Help was asked for; or the line is wrong, whatever the variables say; or a variable is.
pub(super) fn parse<T: Parser>(line: &[OsString]) -> Result<T, clap::Error> {
    // Help shows also those that are not set.
    match parse_heeding(line, |name| !is_empty(name)) {
        Err(err) if err.use_stderr() => {}
        read => return read,
    }
    // What is wrong with the line is no variable's fault.
    parse_heeding::<T>(line, |_| false)?;
    let mut heeded = Vec::new();
    for name in variables(&T::command()).into_iter().filter(|name| !is_empty(name)) {
        match parse_heeding::<T>(line, |it| it == name) {
            Ok(_) => heeded.push(name),
            Err(err) if err.kind() == ErrorKind::ArgumentConflict => {}
            Err(err) => return Err(naming(err, &name)),
        }
    }
    parse_heeding(line, |it| heeded.iter().any(|name| name == it))
}

fn is_empty(name: &OsStr) -> bool {
    env::var_os(name).is_some_and(|value| value.is_empty())
}

/// Those of all verbs, each once.
fn variables(command: &Command) -> Vec<OsString> {
    let arguments = command.get_subcommands().flat_map(Command::get_arguments);
    let mut names: Vec<_> = arguments.filter_map(Arg::get_env).map(OsString::from).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// Reads `line`, and no other variables than those that `heeds` says.
fn parse_heeding<T: Parser>(
    line: &[OsString],
    heeds: impl Fn(&OsStr) -> bool,
) -> Result<T, clap::Error> {
    let leave = |arg: Arg| match arg.get_env() {
        Some(name) if !heeds(name) => arg.env(None),
        _ => arg,
    };
    let mut command = T::command().mut_subcommands(|verb| verb.mut_args(leave));
    let mut matches = command.try_get_matches_from_mut(line)?;
    T::from_arg_matches_mut(&mut matches).map_err(|err| err.format(&mut command))
}

fn naming(mut err: clap::Error, variable: &OsStr) -> clap::Error {
    let hint = format!("this is what the variable {} says", variable.to_string_lossy());
    err.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![hint.into()]));
    err
}
