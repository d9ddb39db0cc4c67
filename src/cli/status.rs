//! `tenure status`: who holds a lockfile.

use std::fmt::Write as _;
use std::io;
use std::time::SystemTime;

use tenure::{Holder, Lockfile, Process, State};

use crate::args;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::headline;
use crate::kernel_holders::Owners;
use crate::output::tell;
use crate::report::{self, Report};
use crate::{printable, style};

pub(crate) fn status(args: &args::Status) -> Result<Exit, Failure> {
    let status = Lockfile::new(&args.lock).status().map_err(|err| Failure::reading(&err))?;
    if args.json {
        tell(io::stdout().lock(), &report::line(&Report::of(&status)))?;
    } else {
        tell(style::stdout(), &text(&status))?;
    }
    Ok(match status.state() {
        State::Held => Exit::Held,
        State::Stale => Exit::Stale,
        // A contender for the lock has it.
        State::Free | State::Empty => Exit::Free,
        _ => Exit::Unknown,
    })
}

/// The state in one line, and what is known of the holder in lines of their own.
fn text(status: &tenure::Status) -> String {
    let owners = Owners::of(status);
    let mut text = headline::detailed(status, &owners) + "\n";
    let mut line = |name: &str, value: String| {
        // Writing to a string does not fail.
        let _ = writeln!(text, "  {name:9} {value}");
    };
    if let Some(verdict) = status.verdict() {
        line("verdict", verdict.to_string());
    }
    for owner in owners.lines() {
        line("lock", owner);
    }
    if let Some(claimant) = status.claimant() {
        line("claim", claimant.claim().map(printable::path).unwrap_or_default());
        line("claimant", format!("{}; {}", who(claimant), claimant.verdict()));
        line("to break", format!("tenure break --nonce {}", nonce(claimant)));
    }
    let Some(holder) = status.holder() else { return text };
    if let Some(process) = holder.process() {
        line("process", describe(&process));
    }
    if let Some(phase) = holder.phase() {
        line("phase", phase.to_string());
    }
    if let Some(time) = holder.acquired_at() {
        line("acquired", rfc3339(time));
    }
    if let Some(time) = holder.record().released_at {
        line("released", rfc3339(time));
    }
    line("nonce", nonce(holder));
    text
}

/// The author of a claim, without the claim.
fn who(claimant: &Holder) -> String {
    Holder::new(claimant.record().clone(), claimant.verdict()).to_string()
}

fn nonce(holder: &Holder) -> String {
    holder.record().incarnation().escape_debug().to_string()
}

fn describe(process: &Process) -> String {
    let program = process.program.escape_debug();
    let user = process.user.as_deref().unwrap_or("unknown").escape_debug();
    let uptime = humantime::format_duration(process.uptime);
    format!("{program}, of user {user}, running for {uptime}")
}

fn rfc3339(time: SystemTime) -> String {
    humantime::format_rfc3339_seconds(time).to_string()
}
