//! What a lock costs, against the same system calls made by hand in the same run.
//!
//! `cargo bench --bench cycle` measures on tmpfs (`/dev/shm`) and in `CARGO_TARGET_TMPDIR` (ext4,
//! where that is the disk's file system), and ends with a table of ratios. Other directories:
//! `TENURE_BENCH_DIRS=/a:/b`.

mod measure;

use std::fs::{self, File, OpenOptions};
use std::hint::black_box;
use std::io::{Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;
use std::time::Duration;

use criterion::Criterion;
use measure::{Table, compare, places, timed};
use nix::libc;
use nix::sys::stat::{fstat, lstat};
use tenure::{Lockfile, Record};

fn main() {
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(3))
        .configure_from_args();
    let mut table = Table::default();
    for (name, dir) in places() {
        let dir = tempfile::tempdir_in(dir).expect("the directory is writable");
        let path = dir.path().join("bench.lock");
        uncontended(&mut criterion, &mut table, &name, &path);
        busy(&mut criterion, &mut table, &name, &path);
        stale(&mut criterion, &mut table, &name, &path);
    }
    criterion.final_summary();
    table.print("its baseline");
}

/// What a program writes by hand: the same number of bytes as the record.
const BYTES: [u8; 1024] = [b' '; 1024];

fn create(path: &Path) -> File {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true).mode(0o644).open(path).expect("created")
}

fn open(path: &Path) -> File {
    OpenOptions::new().read(true).write(true).open(path).expect("opened")
}

#[expect(unsafe_code, reason = "the baseline is the bare system call")]
fn flock(file: &File) -> bool {
    // SAFETY: flock touches no memory; the descriptor is open.
    unsafe { libc::flock(file.as_raw_fd(), libc::LOCK_EX | libc::LOCK_NB) == 0 }
}

#[expect(clippy::disallowed_methods, reason = "the baseline has no lock to hold")]
fn remove(path: &Path) {
    fs::remove_file(path).expect("removed");
}

#[expect(unsafe_code, reason = "the baseline is the bare system call")]
fn unlock(file: &File) {
    // SAFETY: flock touches no memory; the descriptor is open.
    unsafe { libc::flock(file.as_raw_fd(), libc::LOCK_UN) };
}

/// What a holder compares: the file behind its descriptor, and the one that the path names.
fn compare_inodes(file: &File, path: &Path) {
    assert_eq!(fstat(file).expect("stat").st_ino, lstat(path).expect("stat").st_ino);
}

/// The protocol in system calls, with the file removed: what it costs whoever writes it by hand.
fn by_hand_removed(path: &Path) {
    let file = create(path);
    assert!(flock(&file), "free");
    compare_inodes(&file, path);
    file.write_all_at(&BYTES, 0).expect("written");
    black_box(lstat(path).expect("stat"));
    remove(path);
    unlock(&file);
}

/// The same with the file kept: read, to be judged, and written as held and as released.
fn by_hand_kept(path: &Path) {
    let file = open(path);
    assert!(flock(&file), "free");
    compare_inodes(&file, path);
    let mut bytes = [0; BYTES.len()];
    file.read_exact_at(&mut bytes, 0).expect("read");
    file.write_all_at(&BYTES, 0).expect("written");
    black_box(lstat(path).expect("stat"));
    file.write_all_at(&BYTES, 0).expect("written");
    unlock(&file);
}

/// Baseline: open `O_EXCL`, write, close, unlink.
fn uncontended(criterion: &mut Criterion, table: &mut Table, place: &str, path: &Path) {
    let baseline = || {
        timed(|| {
            let mut file = create(path);
            file.write_all(&BYTES).expect("written");
            drop(file);
            remove(path);
        })
    };
    let (kept_path, hand_path) = (path.with_extension("kept"), path.with_extension("hand"));
    create(&hand_path).write_all(&BYTES).expect("written");
    let mut fresh = Lockfile::new(path).message("nightly backup");
    let mut kept = Lockfile::new(kept_path).message("nightly backup").keep_file(true);
    let cycle = |lock: &mut Lockfile| {
        timed(|| {
            lock.try_lock().expect("free");
            lock.unlock().expect("held");
        })
    };
    compare(
        criterion,
        table,
        &format!("uncontended on {place}"),
        baseline,
        &mut [
            ("removed, by hand", &mut || timed(|| by_hand_removed(path))),
            ("removed", &mut || cycle(&mut fresh)),
            ("kept, by hand", &mut || timed(|| by_hand_kept(&hand_path))),
            ("kept", &mut || cycle(&mut kept)),
        ],
    );
    remove(&hand_path);
}

/// Baseline: open, flock (refused), read, close.
fn busy(criterion: &mut Criterion, table: &mut Table, place: &str, path: &Path) {
    let mut held = Lockfile::new(path).message("nightly backup");
    held.try_lock().expect("free");
    let baseline = || {
        timed(|| {
            let mut file = open(path);
            assert!(!flock(&file), "held");
            let mut bytes = [0; 1024];
            black_box(file.read(&mut bytes).expect("read"));
        })
    };
    let mut contender = Lockfile::new(path);
    let mut check = || timed(|| contender.try_lock().expect_err("held"));
    let name = format!("busy check on {place}");
    compare(criterion, table, &name, baseline, &mut [("try_lock", &mut check)]);
}

/// Baseline: open, flock, read, kill(pid, 0), write, unlink, close.
fn stale(criterion: &mut Criterion, table: &mut Table, place: &str, path: &Path) {
    let mut held = Lockfile::new(path).message("nightly backup");
    held.try_lock().expect("free");
    let record = fs::read(path).expect("its record");
    held.unlock().expect("held");
    let dead = dead_record(&record);
    let leave = || {
        let file = create(path);
        file.write_all_at(&dead, 0).expect("written");
    };
    let baseline = || {
        leave();
        timed(|| {
            let mut file = open(path);
            assert!(flock(&file), "stale");
            let mut bytes = [0; 1024];
            black_box(file.read(&mut bytes).expect("read"));
            #[expect(unsafe_code, reason = "the baseline is the bare system call")]
            // SAFETY: signal 0 to a process that does not exist does nothing.
            let gone = unsafe { libc::kill(i32::MAX, 0) } != 0;
            assert!(gone, "no such process");
            file.write_all_at(&BYTES, 0).expect("written");
            remove(path);
        })
    };
    let mut contender = Lockfile::new(path);
    let mut takeover = || {
        leave();
        timed(|| {
            contender.try_lock().expect("stale");
            contender.unlock().expect("held");
        })
    };
    let name = format!("stale takeover on {place}");
    compare(criterion, table, &name, baseline, &mut [("try_lock, unlock", &mut takeover)]);
}

/// The record of this process, turned into that of one that does not exist: PIDs end before 2^22.
fn dead_record(bytes: &[u8]) -> Vec<u8> {
    let mut record: Record = serde_json::from_slice(bytes).expect("JSON");
    record.pid = 4_194_304;
    let mut bytes = serde_json::to_vec(&record).expect("JSON");
    bytes.resize(BYTES.len() - 1, b' ');
    bytes.push(b'\n');
    bytes
}
