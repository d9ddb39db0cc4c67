//! A program can close the descriptor of the lockfile and open another file under its number.

use std::fs::{self, File};
use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use tenure::{Error, Flock, Hardlink, Lockfile, Result, Semaphore};

use crate::scene::inode;
use crate::support::elsewhere::elsewhere;
use crate::support::place;

const PRECIOUS: &str = "precious\n";

/// The descriptor of this process that leads to the file.
fn descriptor(path: &Path) -> RawFd {
    let entries = fs::read_dir("/proc/self/fd").unwrap().map(|entry| entry.unwrap().path());
    // The name that it was opened by can be another: the hardlink backend creates the file beside.
    let inode = inode(path);
    let leads_there = |entry: &PathBuf| fs::metadata(entry).is_ok_and(|file| file.ino() == inode);
    let found: Vec<_> = entries.filter(leads_there).collect();
    assert_eq!(found.len(), 1, "one descriptor leads to the lockfile: {found:?}");
    found[0].file_name().unwrap().to_str().unwrap().parse().unwrap()
}

/// Opens the file, so that it gets the number.
fn open_as(path: &Path, number: RawFd) -> File {
    let mut others = Vec::new();
    loop {
        let file = File::options().read(true).write(true).open(path).unwrap();
        if file.as_raw_fd() == number {
            return file;
        }
        others.push(file);
    }
}

type Act = fn(Lockfile) -> Option<Result<()>>;

/// Each act returns the result, or `None` where there is none to return. The value is dropped.
const ACTS: [(&str, Act); 6] = [
    ("set_message", |mut lock| Some(lock.set_message("another message"))),
    ("verify", |lock| Some(lock.verify())),
    ("unlock", |mut lock| Some(lock.unlock())),
    ("unlock twice", |mut lock| {
        let first = lock.unlock();
        assert!(matches!(lock.unlock(), Err(Error::NotHeld { .. })));
        Some(first)
    }),
    ("restore", |mut lock| Some(lock.restore())),
    ("drop", |_| None),
];

/// A lockfile by each backend that has it open.
fn backends(path: &Path) -> [(&'static str, Lockfile); 4] {
    let lock = || Lockfile::new(path);
    [
        ("flock", lock().backend(Flock)),
        ("kept", lock().backend(Flock).keep_file(true)),
        ("semaphore", lock().backend(Semaphore)),
        ("hardlink", lock().backend(Hardlink)),
    ]
}

fn assert_closed(result: Option<&Result<()>>, case: &str) {
    let closed = |result: &Result<()>| matches!(result, Err(Error::DescriptorClosed { .. }));
    assert!(result.is_none_or(closed), "{case}: {result:?}");
}

#[test]
fn another_file_that_got_the_number_of_the_descriptor_is_left_alone() {
    elsewhere("env", &[], || {
        for (act, run) in ACTS {
            for index in 0..4 {
                let place = place();
                let (backend, mut lock) = backends(&place.path).into_iter().nth(index).unwrap();
                let case = format!("{backend}, {act}");
                let other = place.dir().join("other");
                fs::write(&other, PRECIOUS).unwrap();
                lock.try_lock().unwrap();
                let number = descriptor(&place.path);
                nix::unistd::close(number).unwrap();
                let file = open_as(&other, number);
                assert_closed(run(lock).as_ref(), &case);
                assert_eq!(fs::read_to_string(&other).unwrap(), PRECIOUS, "{case}");
                let open = fs::read_link(format!("/proc/self/fd/{number}"));
                assert_eq!(open.ok().as_deref(), Some(&*other), "{case}");
                drop(file);
            }
        }
    });
}

#[test]
fn a_descriptor_that_is_closed_is_reported() {
    elsewhere("env", &[], || {
        for (act, run) in ACTS {
            for index in 0..4 {
                let place = place();
                let (backend, mut lock) = backends(&place.path).into_iter().nth(index).unwrap();
                lock.try_lock().unwrap();
                let number = descriptor(&place.path);
                nix::unistd::close(number).unwrap();
                assert_closed(run(lock).as_ref(), &format!("{backend}, {act}"));
            }
        }
    });
}

/// The numbers of pipes and devices are told apart from those of files.
#[test]
fn a_pipe_or_a_device_that_got_the_number_is_left_alone() {
    elsewhere("env", &[], || {
        for (act, run) in ACTS {
            let place = place();
            let mut lock = Lockfile::new(&place.path);
            lock.try_lock().unwrap();
            let number = descriptor(&place.path);
            nix::unistd::close(number).unwrap();
            let file = open_as(Path::new("/dev/null"), number);
            assert_closed(run(lock).as_ref(), act);
            let open = fs::read_link(format!("/proc/self/fd/{number}"));
            assert_eq!(open.ok().as_deref(), Some(Path::new("/dev/null")), "{act}");
            drop(file);
        }
    });
}
