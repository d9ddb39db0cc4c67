//! The search: every schedule within the bounds, one after the other, each from the beginning.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use super::cast::Cast;
use super::execution::{Bounds, Execution};
use super::program::Program;
use super::schedule::{Choice, Schedule};

/// What was explored.
#[derive(Clone, Copy, Debug)]
pub struct Explored {
    pub schedules: usize,
    pub steps: usize,
    pub time: Duration,
    /// Whether the search ended because of its limit.
    pub cut: bool,
}

/// A schedule that breaks a rule.
#[derive(Clone, Debug)]
pub struct Violation {
    pub schedule: Schedule,
    pub what: String,
    /// How many schedules did not.
    pub after: usize,
}

/// The beginning of a schedule that is still to be run, and what it leads to.
struct Branch {
    choices: Vec<Choice>,
    outcome: (u64, Bounds),
}

/// What was led to already, and with how much left of the bounds.
#[derive(Default)]
struct Seen(HashMap<u64, Bounds>);

impl Seen {
    fn contains(&self, (outcome, left): (u64, Bounds)) -> bool {
        self.0.get(&outcome).is_some_and(|seen| left.within(*seen))
    }

    /// Notes an outcome; whether it is new.
    fn insert(&mut self, outcome: (u64, Bounds)) -> bool {
        let new = !self.contains(outcome);
        if new {
            self.0.insert(outcome.0, outcome.1);
        }
        new
    }
}

/// Where the search goes on.
#[derive(Default)]
struct Frontier {
    branches: Vec<Branch>,
    /// Where only a part is explored, it is a sample, and the same each time; else depth first.
    sample: bool,
    random: u64,
}

impl Frontier {
    fn next(&mut self) -> Option<Branch> {
        if !self.sample || self.branches.is_empty() {
            return self.branches.pop();
        }
        // Knuth's linear congruential generator; its upper bits are the better ones.
        self.random = self.random.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(1);
        let index = (self.random >> 33) % self.branches.len() as u64;
        Some(self.branches.swap_remove(usize::try_from(index).expect("an index")))
    }
}

/// Runs every schedule of `program` within `bounds` that comes to something new; with a `limit`, a
/// sample of so many.
pub fn explore(
    program: &Program,
    bounds: Bounds,
    limit: Option<usize>,
) -> Result<Explored, Violation> {
    let (mut cast, began) = (Cast::new(program, false), Instant::now());
    let mut frontier = Frontier { sample: limit.is_some(), ..Frontier::default() };
    let mut seen = Seen::default();
    let (mut schedules, mut steps) = (0, 0);
    let mut beginning = Vec::new();
    loop {
        let (taken, result) = run(&mut cast, bounds, &beginning, &mut frontier, &mut seen);
        if let Err(what) = result {
            let schedule = Schedule { program: program.name.to_owned(), choices: taken };
            return Err(Violation { schedule, what, after: schedules });
        }
        schedules += 1;
        steps += taken.len();
        let cut = limit == Some(schedules);
        let next = std::iter::from_fn(|| frontier.next()).find(|next| seen.insert(next.outcome));
        match next {
            Some(branch) if !cut => beginning = branch.choices,
            next => {
                let cut = next.is_some();
                return Ok(Explored { schedules, steps, time: began.elapsed(), cut });
            }
        }
    }
}

/// Runs one schedule to its end; returns what was chosen, and what went wrong.
fn run(
    cast: &mut Cast<'_>,
    bounds: Bounds,
    beginning: &[Choice],
    frontier: &mut Frontier,
    seen: &mut Seen,
) -> (Vec<Choice>, Result<(), String>) {
    // Where the machine stands still for a second, a process may have given up waiting, and what
    // was possible is not. What is not possible twice is a fault of the explorer.
    let mut begun = begin(cast, bounds, beginning);
    if let Err((_, Fault::Impossible(_))) = begun {
        cast.processes.clear();
        begun = begin(cast, bounds, beginning);
    }
    let mut execution = match begun {
        Ok(execution) => execution,
        Err((taken, Fault::Impossible(what) | Fault::Broken(what))) => return (taken, Err(what)),
    };
    let result = go_on(&mut execution, frontier, seen).and_then(|()| execution.go_to_end());
    let taken = execution.taken.clone();
    (taken, result.and_then(|()| execution.finish()))
}

/// Why a schedule could not be run.
enum Fault {
    /// A choice in it was not possible.
    Impossible(String),
    /// A rule was broken.
    Broken(String),
}

fn begin<'a, 'p>(
    cast: &'a mut Cast<'p>,
    bounds: Bounds,
    choices: &[Choice],
) -> Result<Execution<'a, 'p>, (Vec<Choice>, Fault)> {
    let mut execution =
        Execution::start(cast, bounds).map_err(|what| (Vec::new(), Fault::Broken(what)))?;
    match repeat(&mut execution, choices) {
        Ok(()) => Ok(execution),
        Err(fault) => Err((execution.taken, fault)),
    }
}

fn repeat(execution: &mut Execution<'_, '_>, choices: &[Choice]) -> Result<(), Fault> {
    for choice in choices {
        let possible = execution.choices().map_err(Fault::Broken)?;
        if !possible.contains(choice) {
            return Err(Fault::Impossible(format!("{choice:?} is impossible, but {possible:?}")));
        }
        execution.take(*choice).map_err(Fault::Broken)?;
    }
    Ok(())
}

/// Takes the first choice that comes to something new, and leaves the others for later; until
/// nothing new comes of any.
fn go_on(
    execution: &mut Execution<'_, '_>,
    frontier: &mut Frontier,
    seen: &mut Seen,
) -> Result<(), String> {
    loop {
        let mut first = None;
        for choice in execution.choices()? {
            let outcome = execution.outcome(choice);
            if seen.contains(outcome) {
                continue;
            }
            if first.is_none() {
                first = Some(choice);
                seen.insert(outcome);
            } else {
                let choices = execution.taken.iter().copied().chain([choice]).collect();
                frontier.branches.push(Branch { choices, outcome });
            }
        }
        match first {
            Some(choice) => execution.take(choice)?,
            None => return Ok(()),
        }
    }
}

/// Runs one schedule, and tells its steps if wanted.
pub fn replay(program: &Program, schedule: &Schedule, narrate: bool) -> Result<(), String> {
    let mut cast = Cast::new(program, narrate);
    let bounds = Bounds { preemptions: u8::MAX, preemptions_and_kill: u8::MAX, kills: u8::MAX };
    let begun = begin(&mut cast, bounds, &schedule.choices);
    let mut execution = begun.map_err(|(_, Fault::Impossible(what) | Fault::Broken(what))| what)?;
    execution.go_to_end()?;
    execution.finish()
}
