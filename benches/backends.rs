//! What each backend costs, against flock(2) as the backend in the same run.
//!
//! `cargo bench --bench backends`: the directories are as for `--bench cycle`. `Hardlink` flushes each
//! record to the disk, so that the ratio for it is mostly that of the disk.

mod measure;

use std::path::Path;
use std::time::Duration;

use criterion::Criterion;
use measure::{Table, compare, places, timed};
use tenure::{Hardlink, Lockfile, Memory, PosixSemaphore, Semaphore};

fn main() {
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_secs(1))
        .configure_from_args();
    let mut table = Table::default();
    for (place, dir) in places() {
        let dir = tempfile::tempdir_in(dir).expect("the directory is writable");
        let mut flock = lockfile(dir.path(), "flock");
        for (name, mut lock) in others(dir.path()) {
            let rest = format!("{name} on {place}");
            let cycles = format!("lock and unlock, {rest}");
            beside_flock(&mut criterion, &mut table, &cycles, cycle, [&mut flock, &mut lock]);
            let mut held = [flock.clone(), lock.clone()];
            for lock in &mut held {
                lock.try_lock().expect("free");
            }
            let busy = format!("finding out that it is busy, {rest}");
            beside_flock(&mut criterion, &mut table, &busy, refusal, [&mut flock, &mut lock]);
        }
    }
    remove_semaphore();
    criterion.final_summary();
    table.print("flock");
}

fn lockfile(dir: &Path, name: &str) -> Lockfile {
    Lockfile::new(dir.join(name)).message("nightly backup")
}

/// A lockfile with each backend but flock(2).
fn others(dir: &Path) -> Vec<(&'static str, Lockfile)> {
    let mut all = vec![
        ("hardlink", lockfile(dir, "hardlink").backend(Hardlink)),
        ("memory", lockfile(dir, "memory").backend(Memory::new())),
    ];
    if cfg!(target_os = "linux") {
        let named = PosixSemaphore::new(format!("/{}", semaphore())).expect("a name");
        all.push(("semaphore", lockfile(dir, "semaphore").backend(Semaphore)));
        all.push(("posix semaphore", lockfile(dir, "posix").backend(named)));
    }
    all
}

fn semaphore() -> String {
    format!("tenure-bench-{}", std::process::id())
}

#[expect(clippy::disallowed_methods, reason = "it is no lockfile")]
fn remove_semaphore() {
    // Where there is none, there was none to measure.
    let _ = std::fs::remove_file(format!("/dev/shm/sem.{}", semaphore()));
}

/// Lock and unlock, with the file removed.
fn cycle(lock: &mut Lockfile) -> Duration {
    timed(|| {
        lock.try_lock().expect("free");
        lock.unlock().expect("held");
    })
}

/// Finding out that it is busy, and who holds it.
fn refusal(lock: &mut Lockfile) -> Duration {
    timed(|| lock.try_lock().expect_err("held"))
}

fn beside_flock(
    criterion: &mut Criterion,
    table: &mut Table,
    name: &str,
    run: fn(&mut Lockfile) -> Duration,
    [flock, lock]: [&mut Lockfile; 2],
) {
    let baseline = || run(flock);
    compare(criterion, table, name, baseline, &mut [("backend", &mut || run(lock))]);
}
