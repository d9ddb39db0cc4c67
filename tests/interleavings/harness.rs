//! What libtest would do, if its threads and a fork went together: each case is a process.

#![expect(clippy::print_stdout, reason = "it reports")]

use std::process::{Command, ExitCode};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction};
use nix::unistd::Pid;

use super::CASE;

/// Which of the processors is for the case, so that two do not share one while another is idle.
const PROCESSOR: &str = "TENURE_EXPLORER_PROCESSOR";

/// Says how it went, to whoever started this process.
pub fn finish(result: Result<String, String>) -> ExitCode {
    match result {
        Ok(text) => {
            println!("{text}");
            ExitCode::SUCCESS
        }
        Err(text) => {
            println!("{text}");
            ExitCode::FAILURE
        }
    }
}

/// One step of a schedule that is replayed.
pub fn tell(line: &str) {
    println!("{line}");
}

/// Runs the cases that the arguments ask for, as libtest reads them.
pub fn run_all(cases: &[&str]) -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let has = |flag: &str| arguments.iter().any(|argument| argument == flag);
    let filters: Vec<&str> =
        arguments.iter().map(String::as_str).filter(|word| !word.starts_with('-')).collect();
    let wanted = |case: &str| {
        let matches =
            |filter: &&str| if has("--exact") { case == *filter } else { case.contains(*filter) };
        filters.is_empty() || filters.iter().any(matches)
    };
    let ignored = has("--ignored");
    let wanted: Vec<&str> = cases.iter().copied().filter(|case| wanted(case) && !ignored).collect();
    if has("--list") {
        for case in &wanted {
            println!("{case}: test");
        }
        return ExitCode::SUCCESS;
    }
    println!("\nrunning {} tests", wanted.len());
    let began = Instant::now();
    let failures = run(&wanted);
    for (case, text) in &failures {
        println!("\n---- {case} ----\n{text}");
    }
    let (failed, passed) = (failures.len(), wanted.len() - failures.len());
    let verdict = if failed == 0 { "ok" } else { "FAILED" };
    let filtered = cases.len() - wanted.len();
    println!(
        "\ntest result: {verdict}. {passed} passed; {failed} failed; 0 ignored; 0 measured; \
         {filtered} filtered out; finished in {:.2}s\n",
        began.elapsed().as_secs_f64()
    );
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::from(101) }
}

/// Runs as many at once as there are processors; returns those that failed, and what they said.
fn run<'a>(cases: &[&'a str]) -> Vec<(&'a str, String)> {
    let (next, failures) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for worker in 0..workers {
            let (next, failures) = (&next, &failures);
            scope.spawn(move || {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    match run_one(case, worker) {
                        Ok(text) => println!("test {case} ... ok <{text}>"),
                        Err(text) => {
                            println!("test {case} ... FAILED");
                            failures.lock().expect("nobody panics").push((*case, text));
                        }
                    }
                }
            });
        }
    });
    failures.into_inner().expect("nobody panics")
}

fn run_one(case: &str, worker: usize) -> Result<String, String> {
    let program = std::env::current_exe().map_err(|err| err.to_string())?;
    let output = Command::new(program)
        .env(CASE, case)
        .env(PROCESSOR, worker.to_string())
        .output()
        .map_err(|err| err.to_string())?;
    let text = String::from_utf8_lossy(&output.stdout).trim_end().to_owned();
    if output.status.success() {
        return Ok(text);
    }
    Err(format!("{text}\n{}{}", String::from_utf8_lossy(&output.stderr), output.status))
}

/// Makes this process fit for exploring: it stays on one processor, with all processes that it
/// forks, because only one of them runs at a time; and a wait ends when alarm(2) says so.
#[expect(unsafe_code, reason = "nix marks it so, because a handler could be anything")]
pub fn become_explorer() {
    let this = Pid::from_raw(0);
    let allowed = sched_getaffinity(this).expect("it can be asked");
    let processors: Vec<usize> =
        (0..CpuSet::count()).filter(|cpu| allowed.is_set(*cpu).unwrap_or(false)).collect();
    let turn: usize = std::env::var(PROCESSOR).ok().and_then(|text| text.parse().ok()).unwrap_or(0);
    let mut one = CpuSet::new();
    one.set(processors[turn % processors.len()]).expect("it is a processor");
    sched_setaffinity(this, &one).expect("it is allowed");

    let handler = SigHandler::Handler(interrupt);
    let action = SigAction::new(handler, SaFlags::empty(), SigSet::empty());
    // SAFETY: the handler does nothing.
    unsafe { sigaction(Signal::SIGALRM, &action) }.expect("it can be handled");
}

/// That it runs is enough: the system call that waits returns.
extern "C" fn interrupt(_: i32) {}
