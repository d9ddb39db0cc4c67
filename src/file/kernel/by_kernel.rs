//! The lock of a backend, as a possession and a contender use it.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;

use crate::backend::{self, Admission, Backend, Passing, Primitive};
use crate::error::{Op, Result, failed};
use crate::file::draft::{Draft, Settled};
use crate::file::held::{Exclusion, Held, Part};
use crate::file::stage::Left;
use crate::outcome::{Approach, Patience};
use crate::sabotage::{self, Guard};
use crate::sys::Mode;

/// Others are excluded by the lock of a backend on the file.
#[derive(Clone, Debug)]
pub(in crate::file) struct ByKernel {
    pub(in crate::file) backend: Arc<dyn Backend>,
}

impl ByKernel {
    pub(in crate::file) fn primitive(&self) -> Primitive<'_> {
        Primitive::of(&*self.backend)
    }

    /// Asks the backend for the lock.
    pub(in crate::file) fn admission(
        &self,
        file: &File,
        path: &Path,
        approach: Approach,
    ) -> io::Result<Admission> {
        let backend = &self.backend;
        let yes_or_no = |locked| if locked { Admission::Locked } else { Admission::Refused };
        let sharing = || backend.sharing().ok_or(io::ErrorKind::Unsupported);
        match (approach.mode, approach.patience) {
            (Mode::Exclusive, Patience::None) => backend.try_lock(file, path),
            (Mode::Exclusive, Patience::Queue(until)) => {
                backend.wait(file, path, until).map(yes_or_no)
            }
            (Mode::Shared, Patience::None) => sharing()?.try_share(file, path).map(yes_or_no),
            (Mode::Shared, Patience::Queue(_)) => {
                sharing()?.wait_to_share(file, path).map(yes_or_no)
            }
        }
    }

    /// Lets go of what was asked for with `mode`.
    pub(in crate::file) fn unlock(&self, mode: Mode, file: &File, path: &Path) -> io::Result<()> {
        match (mode, self.backend.sharing()) {
            (Mode::Shared, Some(sharing)) => sharing.let_go(file, path),
            _ => self.backend.release(file, path),
        }
    }

    /// Whether anybody has a lock of the kernel's on `file`, where the backend locks something else.
    pub(in crate::file) fn is_locked_besides(&self, file: &File, path: &Path) -> Result<bool> {
        let asks = !self.backend.sees_kernel_locks() && !sabotage::without(Guard::Bytes);
        Ok(asks && backend::is_locked(file).map_err(failed(Op::Lock, path))?)
    }
}

impl Exclusion for ByKernel {
    const IS_THE_NAME: bool = false;

    type Change = ();

    fn name(&self) -> &str {
        self.backend.name()
    }

    fn passing(&self) -> Option<&dyn Passing> {
        self.backend.passing()
    }

    fn goes_with_descriptor(&self) -> bool {
        self.backend.goes_with_descriptor()
    }

    fn before_change(_held: &Held<Self>) -> Result<()> {
        Ok(())
    }

    fn vacate(held: &mut Held<Self>, names: u64) -> Result<Left> {
        held.remove_or_mark(names)
    }

    fn unlock(held: &Held<Self>) -> io::Result<()> {
        let mode = if held.part == Part::Whole { Mode::Exclusive } else { Mode::Shared };
        held.exclusion.unlock(mode, &held.file, &held.path)
    }

    /// Of flock(2), what is left goes with the descriptor.
    fn outlasts_the_name(&self) -> bool {
        self.primitive().name.is_some()
    }

    /// I2. The new file is locked before anybody can find it: there is no moment when another finds it
    /// free. Who has taken the path meanwhile keeps it (H2).
    fn put_back(
        held: &Held<Self>,
        to: &File,
        path: &Path,
        put: &mut dyn FnMut() -> bool,
    ) -> io::Result<()> {
        held.backend().follow(&held.file, to, path, put)
    }

    fn settle(draft: Draft, _path: &Path) -> Settled {
        draft.settle_locked()
    }
}
