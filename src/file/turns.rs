//! An end to going round in circles.

use std::io;
use std::path::Path;

use crate::error::{Op, Result, failed};

/// Every time round a loop of the protocol, somebody else has made progress, so that a contender
/// could go round often, but not for ever. Where nobody does, the file system contradicts itself
/// (it says that a name exists, and that it does not): then there is no way on.
#[derive(Debug)]
pub(in crate::file) struct Turns<'a> {
    path: &'a Path,
    taken: u32,
}

/// More than contention ever takes, and still over within seconds.
const MOST: u32 = 1_000_000;

impl<'a> Turns<'a> {
    pub(in crate::file) fn new(path: &'a Path) -> Self {
        Self { path, taken: 0 }
    }

    /// Begins another turn.
    pub(in crate::file) fn take(&mut self) -> Result<()> {
        self.taken += 1;
        if self.taken > MOST {
            let why = "its file system says that it exists, and that it does not";
            return Err(failed(Op::Open, self.path)(io::Error::other(why)));
        }
        if self.taken > 1 {
            std::thread::yield_now();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_ends_after_a_million() {
        let mut turns = Turns::new(Path::new("/run/backupd.pid"));
        assert!((0..MOST).all(|_| turns.take().is_ok()));
        let err = turns.take().unwrap_err().to_string();
        assert!(err.contains("/run/backupd.pid"), "{err}");
    }
}
