//! `tenure status`: who holds a lockfile.

use std::borrow::Cow;
use std::fmt::Write;
use std::io::{self, Write as _};
use std::time::{Duration, SystemTime};

use serde::Serialize;
use tenure::{Holder, Lockfile, Process, Record, State, Verdict, Why};

use crate::args;
use crate::exit::Exit;
use crate::failure::Failure;

pub(crate) fn status(args: &args::Status) -> Result<Exit, Failure> {
    let status = Lockfile::new(&args.lock).status().map_err(|err| Failure::reading(&err))?;
    let told = if args.json { json(&status)? + "\n" } else { text(&status) };
    let mut stdout = io::stdout().lock();
    stdout
        .write_all(told.as_bytes())
        .and_then(|()| stdout.flush())
        .map_err(|err| Failure::telling(&err))?;
    Ok(match status.state() {
        State::Held => Exit::Held,
        State::Stale => Exit::Stale,
        State::Free => Exit::Free,
        _ => Exit::Unknown,
    })
}

/// The state in one line, and what is known of the holder in lines of their own.
fn text(status: &tenure::Status) -> String {
    let mut text = format!("{}: {status}\n", status.path().display());
    let mut line = |name: &str, value: String| {
        // Writing to a string does not fail.
        let _ = writeln!(text, "  {name:9} {value}");
    };
    if let Some(verdict) = status.verdict() {
        line("verdict", verdict.to_string());
    }
    let Some(holder) = status.holder() else { return text };
    if let Some(process) = holder.process() {
        line("process", describe(&process));
    }
    if let Some(time) = holder.acquired_at() {
        line("acquired", rfc3339(time));
    }
    if let Some(time) = holder.record().released_at {
        line("released", rfc3339(time));
    }
    line("nonce", holder.record().incarnation().escape_debug().to_string());
    text
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

/// What `--json` prints.
#[derive(Serialize)]
struct Report<'a> {
    path: String,
    state: String,
    verdict: Option<&'static str>,
    why: Option<Why>,
    explanation: String,
    holder: Option<HolderReport<'a>>,
}

#[derive(Serialize)]
struct HolderReport<'a> {
    #[serde(flatten)]
    record: &'a Record,
    /// The nonce, or what stands for it.
    incarnation: Cow<'a, str>,
    held_seconds: Option<f64>,
    process: Option<ProcessReport>,
}

#[derive(Serialize)]
struct ProcessReport {
    program: String,
    user: Option<String>,
    uptime_seconds: u64,
}

fn json(status: &tenure::Status) -> Result<String, Failure> {
    let (verdict, why) = match status.verdict() {
        Some(Verdict::Live) => (Some("live"), None),
        Some(Verdict::Stale(why)) => (Some("stale"), Some(why)),
        Some(Verdict::Unproven(why)) => (Some("unproven"), Some(why)),
        _ => (None, None),
    };
    let report = Report {
        path: status.path().to_string_lossy().into_owned(),
        state: status.state().to_string(),
        verdict,
        why,
        explanation: status.to_string(),
        holder: status.holder().map(|holder| holder_report(holder, status.state())),
    };
    let json = serde_json::to_string(&report).map_err(|err| Failure::system("write JSON", err))?;
    Ok(escape(&json))
}

fn holder_report(holder: &Holder, state: State) -> HolderReport<'_> {
    let process = holder.process().map(|process| ProcessReport {
        program: process.program,
        user: process.user,
        uptime_seconds: process.uptime.as_secs(),
    });
    let age = holder.age().filter(|_| state == State::Held);
    HolderReport {
        record: holder.record(),
        incarnation: holder.record().incarnation(),
        held_seconds: age.as_ref().map(Duration::as_secs_f64),
        process,
    }
}

/// JSON escapes the control characters of ASCII. Terminals obey others, too: those of Latin 1, and
/// those that turn the direction of text; and some readers end a line at U+2028 and U+2029. Outside
/// of strings JSON has none of them.
fn escape(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for char in json.chars() {
        let code = u32::from(char);
        if char.is_control()
            || matches!(code, 0x061C | 0x200E | 0x200F | 0x2028..=0x202E | 0x2066..=0x2069)
        {
            let _ = write!(escaped, "\\u{code:04x}");
        } else {
            escaped.push(char);
        }
    }
    escaped
}
