//! How long command lines take: by hyperfine, or by starting them here where there is none.

use std::fs;
use std::io;
use std::process::{Command, Stdio};
use std::time::Instant;

use serde_json::Value;

use super::Line;
use crate::place::Place;
use crate::statistics::median;

/// The median of `each` runs of each line, in seconds.
pub(super) fn seconds(lines: &[Line], place: &Place, each: u32) -> io::Result<Vec<f64>> {
    if has_hyperfine() {
        by_hyperfine(lines, place, each)
    } else {
        lines.iter().map(|line| by_hand(line, each)).collect()
    }
}

fn has_hyperfine() -> bool {
    let mut command = Command::new("hyperfine");
    command.arg("--version").stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

fn by_hyperfine(lines: &[Line], place: &Place, each: u32) -> io::Result<Vec<f64>> {
    let json = place.path("hyperfine.json");
    let quoted = |line: &Line| {
        let args = line.args.iter().map(|arg| format!("'{}'", arg.replace('\'', r"'\''")));
        args.collect::<Vec<_>>().join(" ")
    };
    // Those that are refused fail.
    let status = Command::new("hyperfine")
        .args(["-N", "--style", "none", "--warmup", "3", "--ignore-failure", "--runs"])
        .arg(each.to_string())
        .arg("--export-json")
        .arg(&json)
        .args(lines.iter().map(quoted))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()?;
    if !status.success() {
        return Err(io::Error::other("hyperfine has failed"));
    }
    let found: Value = serde_json::from_slice(&fs::read(json)?)?;
    let median = |number: usize| found["results"][number]["median"].as_f64();
    let medians = (0..lines.len()).map(median).collect::<Option<_>>();
    medians.ok_or_else(|| io::Error::other("hyperfine has said nothing of a command"))
}

fn by_hand(line: &Line, each: u32) -> io::Result<f64> {
    let mut command = Command::new(&line.args[0]);
    command.args(&line.args[1..]).stdout(Stdio::null()).stderr(Stdio::null());
    let mut run = || {
        let start = Instant::now();
        command.status().map(|_| start.elapsed().as_secs_f64())
    };
    let times = (0..each).map(|_| run()).collect::<io::Result<Vec<_>>>();
    let named = |err: io::Error| io::Error::new(err.kind(), format!("{}: {err}", line.args[0]));
    Ok(median(times.map_err(named)?).unwrap_or_default())
}
