//! One check of one candidate, in a process of its own, and the other processes of a check.

use std::env;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use super::actor::Actor;
use super::candidate::Candidate;
use super::check::Check;
use super::checks::CHECKS;
use super::spawn::{CANDIDATE, CHECK, CONTENDER, PATH, PATIENCE, again, directory};
use super::stage::Stage;
use crate::sys;

/// The exit status of a check that does not apply.
const NOT_APPLICABLE: u8 = 77;

/// What came of a check.
#[derive(Debug)]
pub(super) enum Outcome {
    Passed,
    /// It does not apply, for this reason.
    Ignored(String),
    /// What was said.
    Failed(String),
}

/// What this process is for.
#[derive(Debug)]
pub(super) struct Role {
    candidate: String,
    check: String,
    path: PathBuf,
}

/// That of this process; `None` if it was not started by [`run`] or as a contender.
pub(super) fn role() -> Option<Role> {
    let (candidate, check) = (env::var(CANDIDATE).ok()?, env::var(CHECK).ok()?);
    Some(Role { candidate, check, path: env::var_os(PATH)?.into() })
}

impl Role {
    #[expect(clippy::print_stdout, reason = "it tells the process that has started this one")]
    pub(super) fn play(&self, candidates: &[Candidate]) -> ExitCode {
        sys::end_in(PATIENCE);
        let candidate = candidates.iter().find(|candidate| candidate.name == self.candidate);
        let candidate = candidate.expect("the program has the same candidates each time");
        let lock = (candidate.lockfile)(&self.path);
        if self.check == CONTENDER {
            let line = sys::own_line().expect("whoever has started it is there");
            return match Actor::new(lock).serve(line) {
                Ok(()) => ExitCode::SUCCESS,
                Err(_) => ExitCode::FAILURE,
            };
        }
        let check = CHECKS.iter().find(|check| check.name == self.check);
        let check = check.expect("the program has the same checks each time");
        if let Some(reason) = check.obstacle(lock.protocol()) {
            println!("{reason}");
            return ExitCode::from(NOT_APPLICABLE);
        }
        (check.run)(Stage::new(lock, &self.candidate));
        ExitCode::SUCCESS
    }
}

/// Runs `check` in a process of its own, with a directory of its own.
pub(super) fn run(candidate: &Candidate, check: &Check) -> Outcome {
    let failed = |err: io::Error| Outcome::Failed(format!("it could not be run: {err}"));
    let directory = match directory() {
        Ok(directory) => directory,
        Err(err) => return failed(err),
    };
    let output = again(&candidate.name, check.name, &directory.join("conformance.lock"))
        .and_then(|mut command| command.output());
    let removed = std::fs::remove_dir_all(&directory);
    let output = match (output, removed) {
        (Ok(output), Ok(())) => output,
        (Err(err), _) | (_, Err(err)) => return failed(err),
    };
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end().to_owned();
    match output.status.code() {
        Some(0) => return Outcome::Passed,
        Some(code) if code == i32::from(NOT_APPLICABLE) => {
            let said = text(&output.stdout);
            return Outcome::Ignored(said.lines().last().unwrap_or_default().to_owned());
        }
        _ => {}
    }
    let end = if sys::is_late(output.status) {
        format!("it did not end within {PATIENCE} s; the last line says what it waited for")
    } else {
        output.status.to_string()
    };
    Outcome::Failed(format!("{end}\n{}\n{}", text(&output.stdout), text(&output.stderr)))
}
