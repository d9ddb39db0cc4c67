//! What a crowd that waits costs: how often it is woken.

use std::io;
use std::sync::atomic::Ordering::Relaxed;

use super::{Contestant, free, panel, table};
use crate::board::Shared;
use crate::effort::Effort;
use crate::job::{Job, LONG, Role};
use crate::lock::Patience;
use crate::peer::Peer;
use crate::place::Place;
use crate::report::{Cell, Report, progress};
use crate::statistics::{float, float64, interleaved, median, ratio};
use crate::worker::Worker;

const ABOUT: &str = "\
Wake-ups per hand-over, as a ratio to raw flock, whose queue wakes one waiter at a time. All wait; \
then the lock is released, and each acquires once and stays for 2 ms, in which whoever was woken in \
vain goes back to sleep. Wake-ups that grow with the number of those who wait are work that grows \
with its square. Counted are the times that the waiters' threads have gone to sleep between all \
waiting and each being inside, and the one wake-up that each has needed.";

/// How many wait.
const CROWDS: [usize; 3] = [32, 64, 128];

const CONTESTANTS: [Contestant; 7] = [
    Contestant { peer: Peer::Raw, patience: Patience::Forever },
    Contestant { peer: Peer::TenureKept, patience: Patience::Forever },
    Contestant { peer: Peer::TenureRemoved, patience: Patience::Forever },
    Contestant { peer: Peer::Fslock, patience: Patience::Forever },
    Contestant { peer: Peer::Raw, patience: LONG },
    Contestant { peer: Peer::TenureKept, patience: LONG },
    Contestant { peer: Peer::TenureRemoved, patience: LONG },
];

/// Wake-ups per hand-over.
fn wake_ups(
    Contestant { peer, patience }: Contestant,
    place: &Place,
    processes: usize,
) -> io::Result<f64> {
    let board = Shared::create()?;
    let path = place.path("crowd");
    let start = |seat| {
        let (path, board) = (path.clone(), board.path());
        Worker::start(&Job { role: Role::Stay, peer, patience, path, board, seat })
    };
    let mut workers = (0..processes).map(start).collect::<io::Result<Vec<_>>>()?;
    // The one that all wait for is here.
    let mut before = Ok(0);
    free(peer.open(&path)?.hold(Patience::Once, &mut || before = gather(&mut workers, &board))?)?;
    let before = before?;
    workers.iter_mut().try_for_each(Worker::hear)?;
    let seats = &board.seats[..processes];
    let after: u64 = seats.iter().map(|seat| seat.sleeps.load(Relaxed)).sum();
    Ok(1.0 + float64(after.saturating_sub(before)) / float(processes))
}

/// Returns once all wait; how often they have gone to sleep until then.
fn gather(workers: &mut [Worker], board: &Shared) -> io::Result<u64> {
    workers.iter_mut().try_for_each(Worker::tell)?;
    for (worker, seat) in workers.iter().zip(&board.seats) {
        worker.until_asleep(|| seat.waiting.load(Relaxed) == 1)?;
    }
    workers.iter().map(Worker::sleeps).sum()
}

pub(super) fn measure(places: &[Place], effort: &Effort) -> io::Result<Report> {
    let (mut head, mut columns, mut notes) = (Vec::new(), Vec::new(), Vec::new());
    let mut most = Vec::new();
    for place in places {
        for processes in CROWDS {
            progress(format_args!("wakeups of {processes} on {}", place.name));
            let samples = interleaved(effort.crowds, &mut CONTESTANTS.clone(), |contestant| {
                wake_ups(*contestant, place, processes)
            })?;
            let cells = samples.iter().map(|s| ratio(s, &samples[0], |count| *count).into());
            let column: Vec<Cell> = cells.collect();
            head.push(format!("{} {processes}", place.name));
            if Some(&processes) == CROWDS.last() {
                most.push(column.clone());
            }
            columns.push(column);
            let raw = median(samples[0].clone()).unwrap_or_default();
            let name = &place.name;
            notes.push(format!(
                "Raw flock, {processes} on {name}: {raw:.2} wake-ups per hand-over."
            ));
        }
    }
    Ok(Report {
        title: "Wake-ups of a crowd",
        about: ABOUT.to_owned(),
        tables: vec![(String::new(), table(&CONTESTANTS, &head, &columns))],
        notes,
        panels: vec![panel("128 processes wait: wake-ups per hand-over", &CONTESTANTS, &most)],
    })
}
