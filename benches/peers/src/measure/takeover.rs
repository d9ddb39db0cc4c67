//! Acquiring what a killed process held.

use std::io;
use std::time::{Duration, Instant};

use super::{all, names, panel, table};
use crate::effort::Effort;
use crate::lock::Patience;
use crate::peer::Peer;
use crate::place::Place;
use crate::report::{Cell, Nanos, Report, progress};
use crate::statistics::{Pair, compare, in_pairs, median};
use crate::sys::now;
use crate::worker::Worker;

const ABOUT: &str = "\
Ratio to raw flock: from the moment that the killed holder is reaped to being inside, with opening \
the file. *Stuck* is who was refused for as long as was tried, 20 ms each time.";

/// For how long is tried.
const LIMIT: Duration = Duration::from_millis(20);

struct Runner<'a> {
    peer: Peer,
    place: &'a Place,
    /// Each death has a file of its own: the last one may have left something.
    deaths: usize,
}

impl Runner<'_> {
    /// Nanoseconds from the death to being inside; `None` if that was not achieved.
    fn takeover(&mut self) -> io::Result<Option<f64>> {
        self.deaths += 1;
        let path = self.place.path(&format!("takeover {} {}", self.peer.name(), self.deaths));
        Worker::holding(self.peer, &path)?.crash()?;
        let (dead, dead_at) = (Instant::now(), now());
        let mut inside_at = 0;
        while inside_at == 0 && dead.elapsed() < LIMIT {
            self.peer.open(&path)?.hold(Patience::Once, &mut || inside_at = now())?;
        }
        let took = Duration::from_nanos(inside_at.saturating_sub(dead_at));
        Ok((inside_at != 0).then_some(took.as_secs_f64() * 1e9))
    }
}

pub(super) fn measure(places: &[Place], effort: &Effort) -> io::Result<Report> {
    let (mut columns, mut notes) = (Vec::new(), Vec::new());
    for place in places {
        progress(format_args!("takeover on {}", place.name));
        let runner = |peer| Runner { peer, place, deaths: 0 };
        let mut runners = Peer::ALL.map(runner);
        let pairs = in_pairs(effort.deaths, &mut runners, Runner::takeover)?;
        columns.push(column(&pairs));
        let baseline = Nanos(median(inside(&pairs[0].samples)).unwrap_or_default());
        notes.push(format!("Raw flock on {}: {baseline}.", place.name));
        for (peer, Pair { samples, .. }) in Peer::ALL.iter().zip(&pairs) {
            let stuck = samples.len() - inside(samples).len();
            if stuck > 0 {
                let (name, of) = (peer.name(), samples.len());
                notes.push(format!("Stuck on {}: {name}, {stuck} times of {of}.", place.name));
            }
        }
    }
    Ok(Report {
        title: "Taking over from a killed holder",
        about: ABOUT.to_owned(),
        tables: vec![(String::new(), table(&all(), &names(places), &columns))],
        notes,
        panels: vec![panel("Taking over from a killed holder", &all(), &columns)],
    })
}

fn inside(samples: &[Option<f64>]) -> Vec<f64> {
    samples.iter().copied().flatten().collect()
}

/// One that was stuck once is stuck: that once is what gets somebody out of bed.
fn column(pairs: &[Pair<Option<f64>>]) -> Vec<Cell> {
    let cells = compare(pairs, |time| time.unwrap_or(f64::NAN));
    let cell = |(pair, cell): (&Pair<_>, Cell)| {
        if pair.samples.contains(&None) { Cell::Stuck } else { cell }
    };
    pairs.iter().zip(cells).map(cell).collect()
}
