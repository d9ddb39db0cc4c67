//! A file created exclusively, with the PID in it for people to read; removed by the holder.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process;

use crate::lock::{Lock, Patience, impatient};

pub(super) struct CreateNew(PathBuf);

impl CreateNew {
    pub(super) fn open(path: &Path) -> Self {
        Self(path.to_owned())
    }
}

impl Lock for CreateNew {
    #[expect(clippy::disallowed_methods, reason = "that is how this one releases")]
    fn hold(&mut self, patience: Patience, inside: &mut dyn FnMut()) -> io::Result<bool> {
        if patience != Patience::Once {
            return Err(impatient());
        }
        let mut file = match OpenOptions::new().write(true).create_new(true).open(&self.0) {
            Err(err) if err.kind() == io::ErrorKind::AlreadyExists => return Ok(false),
            file => file?,
        };
        write!(file, "{}", process::id())?;
        drop(file);
        inside();
        fs::remove_file(&self.0)?;
        Ok(true)
    }
}
