//! What a worker process does. It is told by bytes on its standard input, and tells by bytes on its
//! standard output; times and counts go on the board.

use std::io::{self, Read, Write};
use std::sync::atomic::Ordering::Relaxed;
use std::thread;
use std::time::Duration;

use crate::board::{Board, Seat, Shared};
use crate::job::{Job, Role};
use crate::lock::{Lock, Patience};
use crate::sys::{Usage, now, usage};

/// How long a contender stays inside.
const SECTION_NANOS: u64 = 300;

pub(crate) fn play(job: &Job) -> io::Result<()> {
    let board = Shared::open(&job.board)?;
    let mut lock = job.peer.open(&job.path)?;
    match job.role {
        Role::Hold => hold(&mut *lock, &board),
        Role::Wait => wait(&mut *lock, job.patience, &board.seats[job.seat], || {}),
        Role::Stay => wait(&mut *lock, job.patience, &board.seats[job.seat], stay),
        Role::Contend => contend(&mut *lock, job.patience, &board, job.seat),
    }
}

/// Tells whoever started this process that a step is done. Nobody to tell is found out by
/// [`listen`].
fn say() {
    let mut out = io::stdout();
    let _ = out.write_all(b".").and_then(|()| out.flush());
}

/// Waits to be told to go on; `false` when there is nobody left to tell.
fn listen() -> bool {
    io::stdin().read(&mut [0]).is_ok_and(|read| read == 1)
}

fn hold(lock: &mut dyn Lock, board: &Board) -> io::Result<()> {
    while listen() {
        let held = lock.hold(Patience::Once, &mut || {
            say();
            listen();
            board.released_at.store(now(), Relaxed);
        })?;
        if !held {
            return Err(io::Error::other("somebody else holds what nobody should"));
        }
        say();
    }
    Ok(())
}

fn wait(lock: &mut dyn Lock, patience: Patience, seat: &Seat, inside: fn()) -> io::Result<()> {
    while listen() {
        seat.waiting.store(1, Relaxed);
        let held = lock.hold(patience, &mut || {
            seat.inside_at.store(now(), Relaxed);
            seat.sleeps.store(usage().voluntary, Relaxed);
            inside();
        })?;
        if !held {
            return Err(gave_up());
        }
        seat.waiting.store(0, Relaxed);
        say();
    }
    Ok(())
}

fn gave_up() -> io::Error {
    io::Error::other("gave up waiting")
}

/// Long enough for everybody who was woken in vain to have gone back to sleep.
#[expect(clippy::disallowed_methods, reason = "not for an event: the time of what is done inside")]
fn stay() {
    thread::sleep(Duration::from_millis(2));
}

fn contend(
    lock: &mut dyn Lock,
    patience: Patience,
    board: &Board,
    number: usize,
) -> io::Result<()> {
    let seat = &board.seats[number];
    let number = u32::try_from(number).expect("there are not that many");
    say();
    // All contenders have the same pipe, which is closed: nothing starts them closer together.
    listen();
    let before = usage();
    let mut stop_at = 0;
    while stop_at == 0 {
        let asked_at = now();
        let mut inside_at = 0;
        let held = lock.hold(patience, &mut || {
            inside_at = now();
            section(board, seat, number);
        })?;
        if !held {
            return Err(gave_up());
        }
        stop_at = board.stop_at.load(Relaxed);
        let late = stop_at != 0 && inside_at > stop_at;
        let until = if late { stop_at } else { inside_at };
        seat.longest_wait.fetch_max(until.saturating_sub(asked_at), Relaxed);
        if !late {
            seat.acquisitions.fetch_add(1, Relaxed);
        }
    }
    let after = usage();
    seat.cpu_nanos.store(after.cpu_nanos - before.cpu_nanos, Relaxed);
    let switches = |usage: &Usage| usage.voluntary + usage.involuntary;
    seat.switches.store(switches(&after) - switches(&before), Relaxed);
    say();
    Ok(())
}

/// Some work, and a look at whether anybody else is here.
fn section(board: &Board, seat: &Seat, number: u32) {
    let leave_at = now() + SECTION_NANOS;
    if board.inside.fetch_add(1, Relaxed) != 0 {
        seat.doubles.fetch_add(1, Relaxed);
    }
    if board.last.swap(number, Relaxed) != number {
        let late = board.stop_at.load(Relaxed) != 0;
        let handovers = if late { &seat.late_handovers } else { &seat.handovers };
        handovers.fetch_add(1, Relaxed);
    }
    while now() < leave_at {}
    board.inside.fetch_sub(1, Relaxed);
}
