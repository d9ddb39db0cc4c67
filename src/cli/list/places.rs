//! Where lockfiles are looked for.

use std::collections::HashSet;
use std::env;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

use nix::unistd::geteuid;

/// How far below a place is looked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Depth {
    /// In the directory itself.
    Here,
    /// And in the directories in it.
    Below,
    /// And in those in them, and so on.
    Everywhere,
}

/// A directory to look in.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) dir: PathBuf,
    pub(super) depth: Depth,
    /// Whether it is an error that it is not there.
    pub(super) expected: bool,
}

/// Those that were asked for.
pub(super) fn named(dirs: &[PathBuf], recursive: bool) -> Vec<Place> {
    let depth = if recursive { Depth::Everywhere } else { Depth::Here };
    dirs.iter().map(|dir| Place { dir: dir.clone(), depth, expected: true }).collect()
}

/// Those where lockfiles usually lie; each once, whatever link leads to it.
///
/// In `/run` many a daemon has a directory of its own, and its PID file in there.
pub(super) fn usual(recursive: bool) -> Vec<Place> {
    let runtime = env::var_os("XDG_RUNTIME_DIR").filter(|dir| !dir.is_empty()).map(PathBuf::from);
    let own = env::temp_dir().join(format!("tenure-{}", geteuid()));
    let dirs = [
        (runtime, Depth::Here),
        (Some("/run".into()), Depth::Below),
        (Some("/run/lock".into()), Depth::Here),
        (Some("/var/lock".into()), Depth::Here),
        (Some(own), Depth::Here),
    ];
    let mut seen = HashSet::new();
    let mut is_new = |dir: &PathBuf| {
        // What is not there, or cannot be looked at, is told of where it is looked in.
        fs::metadata(dir).map_or(true, |dir| seen.insert((dir.dev(), dir.ino())))
    };
    dirs.into_iter()
        .filter_map(|(dir, depth)| Some((dir?, depth)))
        .filter(|(dir, _)| is_new(dir))
        .map(|(dir, depth)| Place {
            dir,
            depth: if recursive { Depth::Everywhere } else { depth },
            expected: false,
        })
        .collect()
}
