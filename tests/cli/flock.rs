//! `flock`: as flock(1) of util-linux.

#[path = "flock/comparison.rs"]
mod comparison;
#[path = "flock/table.rs"]
mod table;
#[path = "flock/words.rs"]
mod words;
