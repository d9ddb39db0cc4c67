//! How the face reaches this protocol.

use std::fs::File;
#[cfg(unix)]
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::Arc;

use crate::backend::{Backend, Primitive, Queue};
use crate::engine::Engine;
use crate::error::Result;
use crate::file::handover::inherit;
#[cfg(unix)]
use crate::file::handover::send;
use crate::file::kernel::by_kernel::ByKernel;
use crate::file::kernel::{acquire, read, remove};
use crate::outcome::{Approach, Attempt, Busy, Found, Known, Removal};
use crate::possession::Possession;
use crate::protocol::Protocol;
use crate::settings::Settings;

impl<B: Backend + 'static> From<B> for Engine {
    fn from(backend: B) -> Self {
        Self::new(ByKernel { backend: Arc::new(backend) })
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
        acquire::attempt(self, settings, path, approach, known)
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
