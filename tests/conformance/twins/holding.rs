//! Broken: when the lock ends.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use tenure::{Admission, Backend, Flock, Scope};

/// The rest of a backend, which is as it should be.
macro_rules! backend {
    ($name:ident, $scope:ident, look) => {
        backend!($name, $scope);

        fn look(&self, file: &File, path: &Path, look: &mut dyn FnMut()) -> io::Result<bool> {
            Flock.look(file, path, look)
        }
    };
    ($name:ident, $scope:ident) => {
        fn name(&self) -> &'static str {
            stringify!($name)
        }

        fn freed_at_death(&self) -> bool {
            true
        }

        fn scope(&self) -> Scope {
            Scope::$scope
        }
    };
}

/// Frees nothing, ever.
#[derive(Debug, Default)]
pub(super) struct Keeper(Mutex<HashSet<PathBuf>>);

impl Backend for Keeper {
    backend!(keeper, Process);

    fn try_lock(&self, _: &File, path: &Path) -> io::Result<Admission> {
        let locked = self.0.lock().unwrap().insert(path.to_owned());
        Ok(if locked { Admission::Locked } else { Admission::Refused })
    }

    fn look(&self, _: &File, path: &Path, look: &mut dyn FnMut()) -> io::Result<bool> {
        let free = !self.0.lock().unwrap().contains(path);
        if free {
            look();
        }
        Ok(free)
    }

    fn release(&self, _: &File, _: &Path) -> io::Result<()> {
        Ok(())
    }
}

/// Leaves it to the closing of the file, of which a forked child has a copy.
#[derive(Debug)]
pub(super) struct Closer;

impl Backend for Closer {
    backend!(closer, Kernel, look);

    fn try_lock(&self, file: &File, path: &Path) -> io::Result<Admission> {
        Flock.try_lock(file, path)
    }

    fn release(&self, _: &File, _: &Path) -> io::Result<()> {
        Ok(())
    }
}

/// Frees when it is dropped, whoever drops it.
#[derive(Debug, Default)]
pub(super) struct Dropper(Mutex<Option<File>>);

impl Backend for Dropper {
    backend!(dropper, Kernel, look);

    fn try_lock(&self, file: &File, path: &Path) -> io::Result<Admission> {
        let admission = Flock.try_lock(file, path)?;
        if admission == Admission::Locked {
            *self.0.lock().unwrap() = Some(file.try_clone()?);
        }
        Ok(admission)
    }

    fn release(&self, file: &File, path: &Path) -> io::Result<()> {
        *self.0.lock().unwrap() = None;
        Flock.release(file, path)
    }
}

impl Drop for Dropper {
    fn drop(&mut self) {
        if let Some(file) = self.0.get_mut().unwrap() {
            let _ = Flock.release(file, Path::new(""));
        }
    }
}

/// A file that stays when its maker dies.
#[derive(Debug)]
pub(super) struct Survivor;

impl Backend for Survivor {
    backend!(survivor, Kernel);

    fn try_lock(&self, _: &File, path: &Path) -> io::Result<Admission> {
        match fs::create_dir(path.with_extension("taken")) {
            Ok(()) => Ok(Admission::Locked),
            Err(err) if err.kind() == io::ErrorKind::AlreadyExists => Ok(Admission::Refused),
            Err(err) => Err(err),
        }
    }

    fn look(&self, _: &File, path: &Path, look: &mut dyn FnMut()) -> io::Result<bool> {
        let free = !path.with_extension("taken").exists();
        if free {
            look();
        }
        Ok(free)
    }

    fn release(&self, _: &File, path: &Path) -> io::Result<()> {
        fs::remove_dir(path.with_extension("taken"))
    }
}
