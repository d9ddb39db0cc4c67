//! Broken: who is let in.

use std::fs::File;
use std::io;
use std::path::Path;

use tenure::{Admission, Backend, Flock, Scope, Sharing};

/// Keeps out nobody.
#[derive(Debug)]
pub(super) struct Everybody;

impl Backend for Everybody {
    fn name(&self) -> &'static str {
        "everybody"
    }

    fn freed_at_death(&self) -> bool {
        true
    }

    fn scope(&self) -> Scope {
        Scope::Kernel
    }

    fn try_lock(&self, _: &File, _: &Path) -> io::Result<Admission> {
        Ok(Admission::Locked)
    }

    fn look(&self, _: &File, _: &Path, look: &mut dyn FnMut()) -> io::Result<bool> {
        look();
        Ok(true)
    }

    fn release(&self, _: &File, _: &Path) -> io::Result<()> {
        Ok(())
    }
}

/// Shares without a lock.
#[derive(Debug)]
pub(super) struct Sharer;

impl Backend for Sharer {
    fn name(&self) -> &'static str {
        "sharer"
    }

    fn freed_at_death(&self) -> bool {
        true
    }

    fn scope(&self) -> Scope {
        Scope::Kernel
    }

    fn try_lock(&self, file: &File, path: &Path) -> io::Result<Admission> {
        Flock.try_lock(file, path)
    }

    fn sharing(&self) -> Option<&dyn Sharing> {
        Some(self)
    }

    fn look(&self, file: &File, path: &Path, look: &mut dyn FnMut()) -> io::Result<bool> {
        Flock.look(file, path, look)
    }

    fn release(&self, file: &File, path: &Path) -> io::Result<()> {
        Flock.release(file, path)
    }
}

impl Sharing for Sharer {
    fn try_share(&self, _: &File, _: &Path) -> io::Result<bool> {
        Ok(true)
    }

    fn wait_to_share(&self, _: &File, _: &Path) -> io::Result<bool> {
        Ok(true)
    }

    fn may_write(&self, _: &File, _: &Path) -> bool {
        false
    }

    fn have_alone(&self, _: &File, _: &Path) -> io::Result<bool> {
        Ok(true)
    }

    fn let_go(&self, _: &File, _: &Path) -> io::Result<()> {
        Ok(())
    }
}
