//! The cases, and what it is to run one.

mod board;
mod call;
mod calls;
mod cast;
mod execution;
mod guards;
mod harness;
mod history;
mod kin;
mod library;
mod linked;
mod moments;
mod naive;
mod place;
mod program;
mod restoring;
mod schedule;
mod search;
mod semaphores;
mod strangers;
mod tracee;

use std::process::ExitCode;

use execution::Bounds;
use program::Program;
use schedule::Schedule;
use search::{Violation, explore, replay};

/// Names the one case that a process of this program is for.
const CASE: &str = "TENURE_EXPLORER_CASE";

/// The case that is not a program.
const GUARDS: &str = "every_guard_of_the_protocol_is_missed";

pub fn main() -> ExitCode {
    guards::wrap_compiler();
    if let Ok(text) = std::env::var("TENURE_SCHEDULE") {
        return harness::finish(tell(&text));
    }
    if let Ok(case) = std::env::var(CASE) {
        return harness::finish(run(&case));
    }
    let naive = naive::TWINS.iter().map(|(program, _)| program.name);
    let library = library_programs().map(|program| program.name);
    // The longest come first.
    let programs = library.rev().chain(naive);
    let cases: Vec<&str> = [GUARDS].into_iter().chain(programs).chain(moments::names()).collect();
    harness::run_all(&cases)
}

/// Runs one case; returns what to say of it.
fn run(case: &str) -> Result<String, String> {
    if case == GUARDS {
        return guards::find_what_is_missing();
    }
    harness::become_explorer();
    if let Some(result) = moments::run(case) {
        return result;
    }
    if let Some((program, symptom)) = naive::TWINS.iter().find(|(twin, _)| twin.name == case) {
        return find(program, symptom);
    }
    let program = program(case)?;
    if let Err(obstacle) = semaphores::move_out(program) {
        // As in tests/support/elsewhere.rs.
        let everything = std::env::var_os("TENURE_TEST_EVERYTHING").is_some();
        return if everything { Err(obstacle) } else { Ok(format!("NOT RUN: {obstacle}")) };
    }
    let (bounds, limit) = bounds(program);
    let explored = explore(program, bounds, limit).map_err(|found| describe(&found))?;
    let (count, time) = (explored.schedules, explored.time.as_secs_f64());
    let cut = if explored.cut { ", a sample" } else { "" };
    Ok(format!(
        "{count} schedules, {} steps, {:.2} s a thousand{cut}",
        explored.steps,
        time * 1000.0 / f64::from(u32::try_from(count).unwrap_or(u32::MAX))
    ))
}

/// A protocol with a bug: finds it, and finds it again.
fn find(program: &Program, symptom: &str) -> Result<String, String> {
    let (bounds, _) = bounds(program);
    let Err(found) = explore(program, bounds, None) else {
        return Err(format!("the explorer has not found that {symptom}"));
    };
    let again = replay(program, &found.schedule, false);
    if !found.what.contains(symptom) || again.as_ref() != Err(&found.what) {
        return Err(format!("{}, and when replayed: {again:?}", describe(&found)));
    }
    Ok(describe(&found))
}

fn describe(found: &Violation) -> String {
    let Violation { what, schedule, after } = found;
    format!("{what} (after {after} schedules) TENURE_SCHEDULE={schedule}")
}

/// Runs one schedule and tells its steps.
fn tell(text: &str) -> Result<String, String> {
    let schedule: Schedule = text.parse()?;
    harness::become_explorer();
    let program = program(&schedule.program)?;
    semaphores::move_out(program)?;
    replay(program, &schedule, true).map(|()| "nothing is wrong".to_owned())
}

fn program(name: &str) -> Result<&'static Program, String> {
    let naive = naive::TWINS.iter().map(|(program, _)| program);
    let mut programs = library_programs().chain(naive);
    programs.find(|program| program.name == name).ok_or_else(|| format!("no program is {name}"))
}

fn library_programs() -> impl DoubleEndedIterator<Item = &'static Program> {
    library::PROGRAMS
        .iter()
        .chain(linked::PROGRAMS)
        .chain(semaphores::PROGRAMS)
        .chain(restoring::PROGRAMS)
        .chain(kin::PROGRAMS)
        .chain(strangers::PROGRAMS)
}

/// The bounds for a program, and of how many schedules a sample is enough: with three processes, or
/// slow ones, all of them take minutes.
fn bounds(program: &Program) -> (Bounds, Option<usize>) {
    let how = std::env::var("TENURE_EXPLORE").unwrap_or_default();
    if how == "alive" {
        return (Bounds { preemptions: 3, preemptions_and_kill: 0, kills: 0 }, None);
    }
    if how == "sample" {
        let preemptions = if program.scripts.len() == 2 { 3 } else { 2 };
        let preemptions_and_kill = preemptions - 1;
        return (Bounds { preemptions, preemptions_and_kill, kills: 1 }, Some(6_000));
    }
    let full = how == "full";
    let (preemptions, preemptions_and_kill, limit) = match (program.scripts.len(), full) {
        (2, false) if program.slow => (3, 2, Some(300)),
        (2, false) => (3, 2, Some(2_000)),
        (_, false) if program.slow => (2, 1, Some(200)),
        (2, true) => (4, 3, None),
        (_, false) => (2, 1, Some(400)),
        (_, true) => (2, 2, None),
    };
    (Bounds { preemptions, preemptions_and_kill, kills: 1 }, limit)
}
