//! `flock`: as flock(1) of util-linux, and together with the lockfiles of this crate.

#[path = "flock/comparison.rs"]
mod comparison;
#[path = "flock/lockfiles.rs"]
mod lockfiles;
#[path = "flock/replaced.rs"]
mod replaced;
#[path = "flock/table.rs"]
mod table;
#[path = "flock/words.rs"]
mod words;
