//! Locking and unlocking when nobody else is there.

use std::io;
use std::path::PathBuf;
use std::time::Instant;

use super::{all, free, panel, table};
use crate::effort::Effort;
use crate::lock::{Lock, Patience};
use crate::peer::Peer;
use crate::place::Place;
use crate::report::{Cell, Nanos, Report, progress};
use crate::statistics::{compare, in_pairs, median};

const ABOUT: &str = "\
Ratio to raw flock anew: open, flock, unlock, close. *Anew* makes a value each time, as a program \
does that locks once; *reused* locks one value again and again, where that is possible. Raw flock, \
std, fd-lock and named-lock write nothing into their files; the others say who holds.";

struct Runner {
    peer: Peer,
    path: PathBuf,
    /// The value that is reused, if that is what is measured.
    value: Option<Box<dyn Lock>>,
}

impl Runner {
    /// All peers anew, and then those that can reused.
    fn all(place: &Place) -> io::Result<Vec<Self>> {
        let path = |peer: Peer, how| place.path(&format!("cycle {how} {}", peer.name()));
        let mut runners = Vec::new();
        for peer in Peer::ALL {
            runners.push(Self { peer, path: path(peer, "anew"), value: None });
        }
        for peer in Peer::ALL.into_iter().filter(|peer| peer.is_reusable()) {
            let path = path(peer, "reused");
            runners.push(Self { peer, value: Some(peer.open(&path)?), path });
        }
        Ok(runners)
    }

    /// Nanoseconds of one cycle, from `each` of them.
    fn cycle(&mut self, each: u32) -> io::Result<f64> {
        let start = Instant::now();
        for _ in 0..each {
            free(match &mut self.value {
                Some(lock) => lock.hold(Patience::Once, &mut || {})?,
                None => self.peer.open(&self.path)?.hold(Patience::Once, &mut || {})?,
            })?;
        }
        Ok(start.elapsed().as_secs_f64() * 1e9 / f64::from(each))
    }
}

pub(super) fn measure(places: &[Place], effort: &Effort) -> io::Result<Report> {
    let (mut head, mut columns, mut anew) = (Vec::new(), Vec::new(), Vec::new());
    let mut notes = Vec::new();
    for place in places {
        progress(format_args!("cycle on {}", place.name));
        let mut runners = Runner::all(place)?;
        let pairs = in_pairs(effort.rounds, &mut runners, |runner| runner.cycle(effort.each))?;
        let cells = compare(&pairs, |time| *time);
        let column = |reused: bool| -> Vec<Cell> {
            let is =
                |runner: &Runner, peer| runner.peer == peer && runner.value.is_some() == reused;
            let place = |peer| runners.iter().position(|runner| is(runner, peer));
            let cell = |peer| place(peer).map_or(Cell::Blank, |number| cells[number]);
            Peer::ALL.into_iter().map(cell).collect()
        };
        head.extend([format!("{} anew", place.name), format!("{} reused", place.name)]);
        columns.extend([column(false), column(true)]);
        anew.push(column(false));
        let baseline = Nanos(median(pairs[0].samples.clone()).unwrap_or_default());
        notes.push(format!("Raw flock anew on {}: {baseline}.", place.name));
    }
    Ok(Report {
        title: "Lock and unlock, uncontended",
        about: ABOUT.to_owned(),
        tables: vec![(String::new(), table(&all(), &head, &columns))],
        notes,
        panels: vec![panel("Lock and unlock", &all(), &anew)],
    })
}
