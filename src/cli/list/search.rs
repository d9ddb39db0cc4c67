//! Going through directories for what looks like a lockfile.

use std::collections::HashSet;
use std::fs::{self, DirEntry};
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::list::candidate::is_candidate;
use crate::list::locked::Locked;
use crate::list::places::{Depth, Place};
use crate::printable;

/// What looks like a lockfile, and what could not be looked at.
pub(super) type Found = Result<(PathBuf, Listed), String>;

/// When a file is to be listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Listed {
    Always,
    /// Only its number is that of a locked file: neither its name nor its content is a lockfile's.
    IfHeld,
}

/// What is found in `places`, each file once.
///
/// Links are not followed, and other file systems not entered: one that is mounted below may be that
/// of a server that does not answer.
pub(super) fn search(places: Vec<Place>) -> Vec<Found> {
    let mut search = Search { locked: Locked::now(), ..Search::default() };
    for Place { dir, depth, expected } in places {
        match fs::metadata(&dir) {
            Ok(found) if expected && !found.is_dir() => {
                let path = printable::path(&dir);
                let hint = format!("for a single lockfile, use `tenure status {path}`");
                search.found.push(Err(format!("{path} is not a directory: {hint}")));
            }
            Ok(found) => search.enter(&dir, depth, found.dev()),
            Err(err) if expected => search.found.push(Err(complaint("read", &dir, &err))),
            Err(err) => search.tell("read", &dir, &err),
        }
    }
    search.found
}

#[derive(Default)]
struct Search {
    found: Vec<Found>,
    locked: Locked,
    /// The directories that were looked in, by device and inode: `/run/lock` is one of the places,
    /// and below another.
    entered: HashSet<(u64, u64)>,
}

impl Search {
    fn enter(&mut self, dir: &Path, depth: Depth, device: u64) {
        let entries = match fs::read_dir(dir) {
            Ok(entries) => entries,
            Err(err) => return self.tell("read", dir, &err),
        };
        // A directory that was looked in is looked in again only to go deeper.
        let again =
            fs::metadata(dir).is_ok_and(|found| !self.entered.insert((found.dev(), found.ino())));
        for entry in entries {
            match entry {
                Ok(entry) => self.look(&entry, depth, device, again),
                Err(err) => return self.tell("read", dir, &err),
            }
        }
    }

    fn look(&mut self, entry: &DirEntry, depth: Depth, device: u64, again: bool) {
        let path = entry.path();
        // Of the entry itself, and not of what a link leads to.
        let metadata = match entry.metadata() {
            Ok(metadata) => metadata,
            Err(err) => return self.tell("inspect", &path, &err),
        };
        if metadata.is_dir() {
            let below = match depth {
                Depth::Here => return,
                Depth::Below => Depth::Here,
                Depth::Everywhere => Depth::Everywhere,
            };
            if metadata.dev() == device {
                self.enter(&path, below, device);
            }
        } else if !again {
            let is_locked = metadata.is_file() && self.locked.may_have(metadata.ino());
            match is_candidate(&path, &metadata) {
                Ok(true) => self.found.push(Ok((path, Listed::Always))),
                Ok(false) if is_locked => self.found.push(Ok((path, Listed::IfHeld))),
                Ok(false) => {}
                Err(err) => self.tell("read", &path, &err),
            }
        }
    }

    /// Between listing and looking it may go: nobody misses it.
    fn tell(&mut self, what: &str, path: &Path, err: &io::Error) {
        if err.kind() != ErrorKind::NotFound {
            self.found.push(Err(complaint(what, path, err)));
        }
    }
}

fn complaint(what: &str, path: &Path, err: &io::Error) -> String {
    format!("cannot {what} {}: {err}", printable::path(path))
}
