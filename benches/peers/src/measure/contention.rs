//! Many processes that want the same lock all the time.

use std::io;
use std::sync::atomic::Ordering::Relaxed;
use std::thread;
use std::time::Duration;

use super::{Contestant, panel, table};
use crate::board::{Seat, Shared};
use crate::effort::Effort;
use crate::job::{Job, LONG, Role};
use crate::lock::Patience;
use crate::peer::Peer;
use crate::place::Place;
use crate::report::{Cell, Nanos, Report, progress};
use crate::statistics::{fairness, float64, interleaved, median, ratio};
use crate::sys::now;
use crate::worker::Worker;

const ABOUT: &str = "\
Ratios to raw flock that keeps its file open. Each process acquires, is inside for 300 ns, releases, \
and begins again; those that can keep their file open do. A *hand-over* is an acquisition after \
another process's: whoever comes back before anybody else wakes up acquires often and hands over \
little. *Fairness* is no ratio but Jain's index of the acquisitions: 1 if all have the same, 1/n if \
one has everything. *CPU* is what all processes used, in the same time. *Switches* are context \
switches in a hand-over.";

/// How many processes.
const CROWDS: [usize; 4] = [2, 8, 32, 128];

/// The one that is drawn.
const DRAWN: usize = 8;

const CONTESTANTS: [Contestant; 8] = [
    Contestant { peer: Peer::Raw, patience: Patience::Forever },
    Contestant { peer: Peer::TenureKept, patience: Patience::Forever },
    Contestant { peer: Peer::TenureRemoved, patience: Patience::Forever },
    Contestant { peer: Peer::TenureKept, patience: LONG },
    Contestant { peer: Peer::TenureRemoved, patience: LONG },
    Contestant { peer: Peer::Std, patience: Patience::Forever },
    Contestant { peer: Peer::Fslock, patience: Patience::Forever },
    Contestant { peer: Peer::FdLock, patience: Patience::Forever },
];

/// What came of one round.
struct Outcome {
    acquisitions: f64,
    handovers: f64,
    fairness: f64,
    longest_wait: f64,
    cpu: f64,
    switches: f64,
    /// How often two were inside.
    doubles: u64,
}

impl Outcome {
    fn read(seats: &[Seat], seconds: f64) -> Self {
        type Field = fn(&Seat) -> u64;
        let each = |field: Field| seats.iter().map(field);
        let sum = |field: Field| float64(each(field).sum());
        let handovers = sum(|seat| seat.handovers.load(Relaxed));
        let all_handovers = handovers + sum(|seat| seat.late_handovers.load(Relaxed));
        let shares: Vec<f64> = each(|seat| seat.acquisitions.load(Relaxed)).map(float64).collect();
        Self {
            acquisitions: shares.iter().sum::<f64>() / seconds,
            handovers: handovers / seconds,
            fairness: fairness(&shares),
            longest_wait: each(|seat| seat.longest_wait.load(Relaxed)).max().map_or(0.0, float64),
            cpu: sum(|seat| seat.cpu_nanos.load(Relaxed)) / seconds,
            switches: sum(|seat| seat.switches.load(Relaxed)) / all_handovers,
            doubles: each(|seat| seat.doubles.load(Relaxed)).sum(),
        }
    }
}

fn contend(
    Contestant { peer, patience }: Contestant,
    place: &Place,
    processes: usize,
    time: Duration,
) -> io::Result<Outcome> {
    let board = Shared::create()?;
    let path = place.path("contention");
    let (gate, gatekeeper) = io::pipe()?;
    let start = |seat| {
        let (path, board) = (path.clone(), board.path());
        Worker::start_behind(&Job { role: Role::Contend, peer, patience, path, board, seat }, &gate)
    };
    let mut workers = (0..processes).map(start).collect::<io::Result<Vec<_>>>()?;
    workers.iter_mut().try_for_each(Worker::hear)?;
    let began = now();
    drop(gatekeeper);
    sleep(time);
    let ended = now();
    board.stop_at.store(ended, Relaxed);
    workers.iter_mut().try_for_each(Worker::hear)?;
    Ok(Outcome::read(&board.seats[..processes], float64(ended - began) / 1e9))
}

#[expect(clippy::disallowed_methods, reason = "not for an event: the time of the measurement")]
fn sleep(time: Duration) {
    thread::sleep(time);
}

pub(super) fn measure(places: &[Place], effort: &Effort) -> io::Result<Report> {
    let (mut tables, mut notes) = (Vec::new(), Vec::new());
    let mut drawn = Vec::new();
    for place in places {
        for processes in CROWDS {
            progress(format_args!("contention of {processes} on {}", place.name));
            let samples =
                interleaved(effort.contentions, &mut CONTESTANTS.clone(), |contestant| {
                    contend(*contestant, place, processes, effort.contention)
                })?;
            let caption = format!("{processes} processes on {}:", place.name);
            tables.push((caption, table(&CONTESTANTS, &HEAD.map(Into::into), &columns(&samples))));
            notes.extend(remarks(place, processes, &samples));
            if processes == DRAWN {
                drawn.push(column(&samples, |outcome| 1.0 / outcome.acquisitions));
            }
        }
    }
    let title = format!("{DRAWN} processes contend: time per acquisition");
    Ok(Report {
        title: "Contention",
        about: ABOUT.to_owned(),
        tables,
        notes,
        panels: vec![panel(&title, &CONTESTANTS, &drawn)],
    })
}

const HEAD: [&str; 6] =
    ["acquisitions/s", "hand-overs/s", "fairness", "longest wait", "CPU", "switches"];

/// As [`HEAD`] has them.
fn columns(samples: &[Vec<Outcome>]) -> Vec<Vec<Cell>> {
    let fairness = |outcomes: &Vec<Outcome>| median(outcomes.iter().map(|o| o.fairness).collect());
    vec![
        column(samples, |outcome| outcome.acquisitions),
        column(samples, |outcome| outcome.handovers),
        samples.iter().map(|outcomes| fairness(outcomes).into()).collect(),
        column(samples, |outcome| outcome.longest_wait),
        column(samples, |outcome| outcome.cpu),
        column(samples, |outcome| outcome.switches),
    ]
}

fn column(samples: &[Vec<Outcome>], metric: impl Fn(&Outcome) -> f64) -> Vec<Cell> {
    samples.iter().map(|outcomes| ratio(outcomes, &samples[0], &metric).into()).collect()
}

/// The baseline in numbers, and whoever let two in.
fn remarks(place: &Place, processes: usize, samples: &[Vec<Outcome>]) -> Vec<String> {
    let of = |metric: fn(&Outcome) -> f64| {
        median(samples[0].iter().map(metric).collect()).unwrap_or_default()
    };
    let baseline = format!(
        "Raw flock, {processes} processes on {}: {:.0} acquisitions/s, {:.0} hand-overs/s, longest \
         wait {}, {:.2} CPU s/s, {:.1} switches in a hand-over.",
        place.name,
        of(|outcome| outcome.acquisitions),
        of(|outcome| outcome.handovers),
        Nanos(of(|outcome| outcome.longest_wait)),
        of(|outcome| outcome.cpu) / 1e9,
        of(|outcome| outcome.switches),
    );
    let doubles = CONTESTANTS.iter().zip(samples).filter_map(|(contestant, outcomes)| {
        let doubles: u64 = outcomes.iter().map(|outcome| outcome.doubles).sum();
        let name = contestant.name();
        (doubles > 0).then(|| format!("**{name} let two in, {doubles} times.**"))
    });
    [baseline].into_iter().chain(doubles).collect()
}
