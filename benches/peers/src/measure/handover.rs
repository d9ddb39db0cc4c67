//! From a release to the one who waited for it.

use std::io;
use std::sync::atomic::Ordering::Relaxed;
use std::thread;
use std::time::Duration;

use super::{Contestant, all, all_with, panel, table};
use crate::board::{Seat, Shared};
use crate::effort::Effort;
use crate::job::{Job, LONG, Role};
use crate::lock::Patience;
use crate::place::Place;
use crate::report::{Cell, Nanos, Report, progress};
use crate::statistics::{float64, interleaved, percentile};
use crate::worker::Worker;

const ABOUT: &str = "\
Ratio to raw flock of the same percentile: from just before one process releases to another being \
inside, which has waited for 1 to 30 ms. *With a limit* is `lock_timeout` (of ten minutes); raw \
flock does what flock(1) does for `-w`, and has an alarm interrupt it. The baseline is raw flock \
without. Peers without a number have no call that waits like that.";

/// One process that holds and one that waits, for the same lock.
struct Pair<'a> {
    holder: Worker,
    waiter: Worker,
    board: &'a Shared,
    seat: usize,
    round: u64,
}

impl<'a> Pair<'a> {
    fn start(
        Contestant { peer, patience }: Contestant,
        place: &Place,
        board: &'a Shared,
        seat: usize,
        round: u64,
    ) -> io::Result<Self> {
        let path = place.path(&format!("handover {seat}"));
        let job =
            |role| Job { role, peer, patience, path: path.clone(), board: board.path(), seat };
        let holder = Worker::start(&job(Role::Hold))?;
        let waiter = Worker::start(&job(Role::Wait))?;
        Ok(Self { holder, waiter, board, seat, round })
    }

    fn seat(&self) -> &'a Seat {
        &self.board.seats[self.seat]
    }

    /// Nanoseconds from the release to being inside.
    fn hand_over(&mut self) -> io::Result<f64> {
        let seat = self.seat();
        self.holder.tell()?;
        self.holder.hear()?;
        self.waiter.tell()?;
        self.waiter.until_asleep(|| seat.waiting.load(Relaxed) == 1)?;
        self.keep_waiting();
        self.holder.tell()?;
        self.waiter.hear()?;
        self.holder.hear()?;
        let inside_at = seat.inside_at.load(Relaxed);
        Ok(float64(inside_at.saturating_sub(self.board.released_at.load(Relaxed))))
    }

    /// Whoever looks again and again, and each time later, does well with who is released at once.
    #[expect(clippy::disallowed_methods, reason = "not for an event: the length of the wait")]
    fn keep_waiting(&mut self) {
        // 7 and 30 have no common divisor: each length has its turn.
        self.round += 7;
        thread::sleep(Duration::from_millis(1 + self.round % 30));
    }
}

/// All that can wait, in one way and in the other.
fn contestants() -> Vec<Contestant> {
    let all = [Patience::Forever, LONG].into_iter().flat_map(all_with);
    all.filter(|contestant| contestant.peer.waits(contestant.patience)).collect()
}

pub(super) fn measure(places: &[Place], effort: &Effort) -> io::Result<Report> {
    let contestants = contestants();
    let (mut tables, mut medians, mut notes) = (Vec::new(), Vec::new(), Vec::new());
    for place in places {
        progress(format_args!("handover on {}", place.name));
        let samples = samples(&contestants, place, effort)?;
        let column = |percent| -> Vec<Cell> {
            let at = |samples: &Vec<f64>| percentile(samples.clone(), percent);
            let base = at(&samples[0]);
            samples.iter().map(|s| at(s).zip(base).map(|(time, base)| time / base).into()).collect()
        };
        let (p50, p99) = (column(50), column(99));
        let columns = [Patience::Forever, LONG]
            .into_iter()
            .flat_map(|patience| [(patience, &p50), (patience, &p99)])
            .map(|(patience, column)| spread(patience, &contestants, column))
            .collect::<Vec<_>>();
        tables
            .push((format!("On {}:", place.name), table(&all(), &HEAD.map(Into::into), &columns)));
        medians.push(p50);
        let at = |percent| Nanos(percentile(samples[0].clone(), percent).unwrap_or_default());
        notes.push(format!("Raw flock on {}: p50 {}, p99 {}.", place.name, at(50), at(99)));
    }
    Ok(Report {
        title: "Hand-over",
        about: ABOUT.to_owned(),
        tables,
        notes,
        panels: vec![panel("Hand-over to a waiter, median", &contestants, &medians)],
    })
}

const HEAD: [&str; 4] = ["p50", "p99", "with a limit, p50", "with a limit, p99"];

/// The hand-overs of each contestant. Where the kernel puts a process when it starts, it often
/// stays: so that luck is not all on one side, there are new ones now and then.
fn samples(
    contestants: &[Contestant],
    place: &Place,
    effort: &Effort,
) -> io::Result<Vec<Vec<f64>>> {
    let board = Shared::create()?;
    let mut samples: Vec<Vec<f64>> = contestants.iter().map(|_| Vec::new()).collect();
    for round in (0..).take(effort.pairs) {
        let pairs = contestants.iter().enumerate();
        let pairs =
            pairs.map(|(seat, contestant)| Pair::start(*contestant, place, &board, seat, round));
        let mut pairs = pairs.collect::<io::Result<Vec<_>>>()?;
        let more = interleaved(effort.handovers, &mut pairs, Pair::hand_over)?;
        samples.iter_mut().zip(more).for_each(|(samples, more)| samples.extend(more));
    }
    Ok(samples)
}

/// A column for all peers, from one for the contestants: of those who wait like that.
fn spread(patience: Patience, contestants: &[Contestant], column: &[Cell]) -> Vec<Cell> {
    let place = |row| contestants.iter().position(|contestant| *contestant == row);
    let cell = |row| place(row).map_or(Cell::Blank, |number| column[number]);
    all_with(patience).into_iter().map(cell).collect()
}
