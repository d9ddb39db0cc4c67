//! What is measured, one idea a file.

mod busy;
mod contention;
mod crowd;
mod cycle;
mod handover;
mod program;
mod takeover;

use std::io;

use crate::effort::Effort;
use crate::lock::Patience;
use crate::peer::Peer;
use crate::place::Place;
use crate::report::{Bar, Cell, Panel, Report, Table};

/// The measurements, in the order of the report.
pub(crate) const ALL: [Measurement; 7] = [
    Measurement { name: "cycle", run: cycle::measure },
    Measurement { name: "busy", run: busy::measure },
    Measurement { name: "takeover", run: takeover::measure },
    Measurement { name: "handover", run: handover::measure },
    Measurement { name: "contention", run: contention::measure },
    Measurement { name: "wakeups", run: crowd::measure },
    Measurement { name: "program", run: program::measure },
];

#[derive(Clone, Copy)]
pub(crate) struct Measurement {
    /// For `--only`.
    pub(crate) name: &'static str,
    pub(crate) run: fn(&[Place], &Effort) -> io::Result<Report>,
}

/// Does what can fail before anything takes minutes.
pub(crate) fn prepare(measurements: &[Measurement]) -> io::Result<()> {
    if measurements.iter().any(|measurement| measurement.name == "program") {
        program::tenure_binary()?;
    }
    Ok(())
}

/// A peer, and how it is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Contestant {
    peer: Peer,
    patience: Patience,
}

impl Contestant {
    fn name(self) -> String {
        let peer = self.peer.name();
        match (self.peer, self.patience) {
            (_, Patience::Once | Patience::Forever) => peer.to_owned(),
            (Peer::Raw, Patience::AtMost(_)) => format!("{peer}, with an alarm"),
            (_, Patience::AtMost(_)) => format!("{peer}, with a limit"),
        }
    }
}

/// All peers, none of which waits.
fn all() -> Vec<Contestant> {
    all_with(Patience::Once)
}

/// All peers, whether they can wait like that or not.
fn all_with(patience: Patience) -> Vec<Contestant> {
    Peer::ALL.map(|peer| Contestant { peer, patience }).into()
}

/// A table with one row for each contestant, from columns that have a cell for each.
fn table(contestants: &[Contestant], head: &[String], columns: &[Vec<Cell>]) -> Table {
    let mut table = Table::new([""].into_iter().chain(head.iter().map(String::as_str)));
    for (number, contestant) in contestants.iter().enumerate() {
        table.row(contestant.name(), columns.iter().map(|column| column[number]));
    }
    table
}

/// The same for the chart, with a column for each place. Without the baseline, which is where bars
/// begin.
fn panel(title: &str, contestants: &[Contestant], columns: &[Vec<Cell>]) -> Panel {
    let bars = contestants.iter().enumerate().skip(1).map(|(number, contestant)| Bar {
        name: contestant.name(),
        is_tenure: contestant.peer.is_tenure(),
        cells: columns.iter().map(|column| column[number]).collect(),
    });
    Panel { title: title.to_owned(), bars: bars.collect() }
}

/// The names of the places, as the head of a table.
fn names(places: &[Place]) -> Vec<String> {
    places.iter().map(|place| place.name.clone()).collect()
}

/// `Err` if a lock could not be had that nobody has.
fn free(held: bool) -> io::Result<()> {
    if held { Ok(()) } else { Err(io::Error::other("a lock is not free that nobody holds")) }
}

/// `Err` if a lock could be had that somebody has.
fn refused(held: bool) -> io::Result<()> {
    if held { Err(io::Error::other("two hold the same lock")) } else { Ok(()) }
}
