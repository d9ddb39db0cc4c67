//! The protocol of a backend's lock on the file: see the docs of the module above.

use std::fs::File;
use std::io;
#[cfg(unix)]
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::Arc;

use crate::backend::{Backend, Passing, Primitive, Queue};
use crate::engine::Engine;
use crate::error::Result;
use crate::file::draft::{Draft, Settled};
use crate::file::exclusion::Exclusion;
use crate::file::handover::inherit;
#[cfg(unix)]
use crate::file::handover::send;
use crate::file::held::{Held, Part};
use crate::file::kernel::locked::unlock;
use crate::file::kernel::{attempt, read, remove};
use crate::file::release::Left;
use crate::outcome::{Approach, Attempt, Busy, Found, Known, Removal};
use crate::protocol::{Possession, Protocol};
use crate::settings::Settings;
use crate::sys::Mode;

/// Others are excluded by the lock of a backend on the file.
#[derive(Clone, Debug)]
pub(in crate::file) struct ByKernel {
    pub(in crate::file) backend: Arc<dyn Backend>,
}

impl<B: Backend + 'static> From<B> for Engine {
    fn from(backend: B) -> Self {
        Self::new(ByKernel { backend: Arc::new(backend) })
    }
}

impl ByKernel {
    pub(in crate::file) fn primitive(&self) -> Primitive<'_> {
        Primitive::of(&*self.backend)
    }
}

impl Protocol for ByKernel {
    fn name(&self) -> &str {
        self.backend.name()
    }

    fn primitive(&self) -> Primitive<'_> {
        self.primitive()
    }

    fn queue(&self) -> Queue {
        self.backend.queue()
    }

    fn can_share(&self) -> bool {
        self.backend.sharing().is_some()
    }

    fn obstacle(&self, path: &Path, file: Option<&File>) -> Option<String> {
        self.backend.lasting()?.obstacle(file?, path)
    }

    fn backend(&self) -> Option<&dyn Backend> {
        Some(&*self.backend)
    }

    fn attempt(
        &self,
        settings: &Settings,
        path: &Path,
        approach: Approach,
        known: Known,
    ) -> Result<Attempt> {
        attempt(self, settings, path, approach, known)
    }

    fn read(&self, settings: &Settings, open: Option<File>) -> Result<Option<Found>> {
        read::read(self, settings, open)
    }

    fn remove(&self, settings: &Settings, only: Option<&str>) -> Result<Result<Removal, Busy>> {
        remove::remove(self, settings, only)
    }

    fn inherit(&self, settings: &Settings) -> Result<Option<Box<dyn Possession>>> {
        inherit::inherit(self.clone(), settings)
    }

    #[cfg(unix)]
    fn receive_from(
        &self,
        settings: &Settings,
        stream: &UnixStream,
    ) -> Result<Box<dyn Possession>> {
        send::receive_from(self.clone(), settings, stream)
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
        unlock(held.backend(), mode, &held.file, &held.path)
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
