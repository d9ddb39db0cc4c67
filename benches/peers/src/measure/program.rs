//! `tenure run` and flock(1), as whole processes.

mod clock;

use std::env;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::effort::Effort;
use crate::peer::Peer;
use crate::place::{self, Place};
use crate::report::{Bar, Cell, Nanos, Panel, Report, Table, progress};
use crate::statistics::{median, ratio};
use crate::worker::Worker;

const ABOUT: &str = "\
Ratio to flock(1) on the same file system, of whole processes from start to end: `flock FILE true` \
and `tenure run FILE -- true`. Those that are *refused*, because another process holds, have \
`flock -n FILE true` for a baseline. *No lock* is `true` alone.";

/// A command line, and what it is divided by.
struct Line {
    name: &'static str,
    baseline: usize,
    args: Vec<String>,
}

pub(super) fn measure(places: &[Place], effort: &Effort) -> io::Result<Report> {
    let tenure = tenure_binary()?;
    let (mut columns, mut notes) = (Vec::new(), Vec::new());
    let mut names = Vec::new();
    for place in places {
        progress(format_args!("program on {}", place.name));
        let (flocked, _flocks) = hold(Peer::Raw, place)?;
        let (tenured, _tenures) = hold(Peer::TenureRemoved, place)?;
        let lines = lines(&tenure, place, &flocked, &tenured);
        let samples = (0..effort.spawns).map(|_| clock::seconds(&lines, place, effort.spawns_each));
        let samples = samples.collect::<io::Result<Vec<_>>>()?;
        let of =
            |number: usize| -> Vec<f64> { samples.iter().map(|round| round[number]).collect() };
        let cell = |(number, line): (usize, &Line)| {
            ratio(&of(number), &of(line.baseline), |time| *time).into()
        };
        columns.push(lines.iter().enumerate().map(cell).collect::<Vec<Cell>>());
        names = lines.iter().map(|line| line.name).collect();
        let baseline = Nanos(median(of(0)).unwrap_or_default() * 1e9);
        notes.push(format!("flock FILE true on {}: {baseline}.", place.name));
    }
    let cells = |number: usize| columns.iter().map(move |column| column[number]);
    let mut table = Table::new([String::new()].into_iter().chain(super::names(places)));
    for (number, name) in names.iter().enumerate() {
        table.row(*name, cells(number));
    }
    let bar = |number: usize| Bar {
        name: names[number].to_owned(),
        is_tenure: names[number].contains("tenure"),
        cells: cells(number).collect(),
    };
    Ok(Report {
        title: "The programs",
        about: ABOUT.to_owned(),
        tables: vec![(String::new(), table)],
        notes,
        panels: vec![Panel {
            title: "Whole programs, to flock(1)".to_owned(),
            bars: (1..names.len()).filter(|number| *number != BUSY).map(bar).collect(),
        }],
    })
}

/// The number of the line that others are divided by that are refused.
const BUSY: usize = 4;

fn lines(tenure: &Path, place: &Place, flocked: &Path, tenured: &Path) -> Vec<Line> {
    let line = |name, baseline, args: &[&dyn AsRef<Path>]| Line {
        name,
        baseline,
        args: args.iter().map(|arg| arg.as_ref().display().to_string()).collect(),
    };
    let file = |name| place.path(name);
    vec![
        line("flock", 0, &[&"flock", &file("flock"), &"true"]),
        line("no lock", 0, &[&"true"]),
        line("tenure run", 0, &[&tenure, &"run", &file("run"), &"--", &"true"]),
        line(
            "tenure run --keep-file",
            0,
            &[&tenure, &"run", &"--keep-file", &file("kept"), &"--", &"true"],
        ),
        line("flock, refused", BUSY, &[&"flock", &"-n", &flocked, &"true"]),
        line("tenure run, refused", BUSY, &[&tenure, &"run", &tenured, &"--", &"true"]),
    ]
}

/// A path, and the process that holds there for as long as it is kept.
fn hold(peer: Peer, place: &Place) -> io::Result<(PathBuf, Worker)> {
    let path = place.path(&format!("busy {}", peer.name()));
    let holder = Worker::holding(peer, &path)?;
    Ok((path, holder))
}

/// `TENURE_BIN`, or the one that is built now, beside this program.
pub(super) fn tenure_binary() -> io::Result<PathBuf> {
    if let Some(binary) = env::var_os("TENURE_BIN") {
        return Ok(binary.into());
    }
    progress("building tenure");
    let target = place::target_dir()?;
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args(["build", "--quiet", "--release", "--features", "cli", "--bin", "tenure"])
        .args(["--manifest-path", concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.toml")])
        .arg("--target-dir")
        .arg(&target)
        .status()?;
    if !status.success() {
        return Err(io::Error::other("tenure could not be built"));
    }
    Ok(target.join("release/tenure"))
}
