//! Finding out that another process holds the lock.

use std::io;
use std::path::PathBuf;
use std::time::Instant;

use super::{all, names, panel, refused, table};
use crate::effort::Effort;
use crate::lock::Patience;
use crate::peer::Peer;
use crate::place::Place;
use crate::report::{Nanos, Report, progress};
use crate::statistics::{compare, in_pairs, median};
use crate::worker::Worker;

const ABOUT: &str = "\
Ratio to raw flock: open, flock (refused), close. Another process holds. tenure's answer says who \
that is, since when, and whether it is alive; that of the others is yes or no.";

struct Runner {
    peer: Peer,
    path: PathBuf,
    /// Holds for as long as it lives.
    _holder: Worker,
}

impl Runner {
    fn start(peer: Peer, place: &Place) -> io::Result<Self> {
        let path = place.path(&format!("busy {}", peer.name()));
        let holder = Worker::holding(peer, &path)?;
        Ok(Self { peer, path, _holder: holder })
    }

    /// Nanoseconds of one look, from `each` of them.
    fn look(&self, each: u32) -> io::Result<f64> {
        let start = Instant::now();
        for _ in 0..each {
            refused(self.peer.open(&self.path)?.hold(Patience::Once, &mut || {})?)?;
        }
        Ok(start.elapsed().as_secs_f64() * 1e9 / f64::from(each))
    }
}

pub(super) fn measure(places: &[Place], effort: &Effort) -> io::Result<Report> {
    let (mut columns, mut notes) = (Vec::new(), Vec::new());
    for place in places {
        progress(format_args!("busy on {}", place.name));
        let runners = Peer::ALL.iter().map(|peer| Runner::start(*peer, place));
        let mut runners = runners.collect::<io::Result<Vec<_>>>()?;
        let pairs = in_pairs(effort.rounds, &mut runners, |runner| runner.look(effort.each))?;
        columns.push(compare(&pairs, |time| *time));
        let baseline = Nanos(median(pairs[0].samples.clone()).unwrap_or_default());
        notes.push(format!("Raw flock on {}: {baseline}.", place.name));
    }
    Ok(Report {
        title: "Finding out that it is busy",
        about: ABOUT.to_owned(),
        tables: vec![(String::new(), table(&all(), &names(places), &columns))],
        notes,
        panels: vec![panel("Finding out that it is busy", &all(), &columns)],
    })
}
