//! What libtest would do, if its threads and a fork went together.

#![expect(clippy::print_stdout, reason = "it reports")]

use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use super::candidate::Candidate;
use super::case::{self, Outcome};
use super::check::Check;
use super::checks::CHECKS;

/// What libtest exits with when a test has failed.
const FAILED: u8 = 101;
/// The arguments of libtest that are followed by a value, which is no filter.
const WITH_VALUE: [&str; 5] = ["--color", "--format", "--logfile", "--test-threads", "-Z"];

/// A check of a candidate.
struct Case<'a>(&'a Candidate, &'a Check);

impl Case<'_> {
    fn name(&self) -> String {
        format!("{}: {}", self.0.name, self.1.name)
    }
}

/// What of all cases is asked for.
#[derive(Debug, Default)]
struct Choice {
    filters: Vec<String>,
    skipped: Vec<String>,
    exact: bool,
    list: bool,
    ignored: bool,
}

impl Choice {
    fn of(mut arguments: impl Iterator<Item = String>) -> Self {
        let mut choice = Self::default();
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--exact" => choice.exact = true,
                "--list" => choice.list = true,
                "--ignored" => choice.ignored = true,
                "--skip" => choice.skipped.extend(arguments.next()),
                flag if WITH_VALUE.contains(&flag) => drop(arguments.next()),
                flag if flag.starts_with('-') => {}
                _ => choice.filters.push(argument),
            }
        }
        choice
    }

    fn includes(&self, name: &str) -> bool {
        let fits = |filter: &String| {
            if self.exact { name == filter } else { name.contains(filter.as_str()) }
        };
        let asked = self.filters.is_empty() || self.filters.iter().any(fits);
        asked && !self.skipped.iter().any(fits) && !self.ignored
    }
}

/// Runs what the arguments of this program ask for.
pub(super) fn run_all(candidates: &[Candidate]) -> ExitCode {
    let choice = Choice::of(std::env::args().skip(1));
    let all = || candidates.iter().flat_map(|it| CHECKS.iter().map(move |check| Case(it, check)));
    let cases: Vec<Case<'_>> = all().filter(|case| choice.includes(&case.name())).collect();
    if choice.list {
        for case in &cases {
            println!("{}: test", case.name());
        }
        return ExitCode::SUCCESS;
    }
    println!("\nrunning {} tests", cases.len());
    let began = Instant::now();
    let (ignored, failures) = run(&cases);
    for (name, text) in &failures {
        println!("\n---- {name} ----\n{text}");
    }
    let (failed, filtered) = (failures.len(), all().count() - cases.len());
    let passed = cases.len() - failed - ignored;
    println!(
        "\ntest result: {}. {passed} passed; {failed} failed; {ignored} ignored; 0 measured; \
         {filtered} filtered out; finished in {:.2}s\n",
        if failed == 0 { "ok" } else { "FAILED" },
        began.elapsed().as_secs_f64()
    );
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::from(FAILED) }
}

/// Runs as many at once as there are processors; how many did not apply, and those that failed,
/// with what they said.
fn run(cases: &[Case<'_>]) -> (usize, Vec<(String, String)>) {
    let (next, ignored) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let failures = Mutex::new(Vec::new());
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let name = case.name();
                    match case::run(case.0, case.1) {
                        Outcome::Passed => println!("test {name} ... ok"),
                        Outcome::Ignored(reason) => {
                            ignored.fetch_add(1, Ordering::Relaxed);
                            println!("test {name} ... ignored, {reason}");
                        }
                        Outcome::Failed(text) => {
                            println!("test {name} ... FAILED");
                            failures.lock().expect("nobody panics").push((name, text));
                        }
                    }
                }
            });
        }
    });
    (ignored.into_inner(), failures.into_inner().expect("nobody panics"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choice(arguments: &str) -> Choice {
        Choice::of(arguments.split(' ').map(str::to_owned))
    }

    #[test]
    fn arguments_choose_as_those_of_libtest() {
        assert!(Choice::of(std::iter::empty()).includes("flock: any"));
        assert!(choice("--nocapture --test-threads 1").includes("flock: any"));
        assert!(choice("lock any").includes("flock: any"));
        assert!(!choice("memory").includes("flock: any"));
        assert!(!choice("flock --exact").includes("flock: any"));
        assert!(!choice("flock --skip any").includes("flock: any"));
        assert!(!choice("--ignored").includes("flock: any"));
    }
}
