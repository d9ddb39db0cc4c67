//! A held lockfile, as the face knows it.

use std::io;
#[cfg(unix)]
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::Command;

use crate::error::Result;
use crate::file::held::{Exclusion, Held};
use crate::holder::Holder;
use crate::lookout::Listener;
use crate::possession::Possession;
use crate::record::Record;

impl<E: Exclusion> Possession for Held<E> {
    fn path(&self) -> &Path {
        self.path()
    }

    fn is_own(&self) -> bool {
        self.is_own()
    }

    fn record(&self) -> Option<&Record> {
        self.record()
    }

    fn recovered_from(&self) -> Option<&Holder> {
        self.before.left_by.as_deref()
    }

    fn was_abandoned(&self) -> bool {
        self.before.abandoned
    }

    fn verify(&self) -> Result<()> {
        self.verify()
    }

    fn rewrite(&mut self, change: &mut dyn FnMut(&mut Record)) -> Result<()> {
        self.rewrite(change)
    }

    fn release(&mut self) -> Result<()> {
        self.release()
    }

    fn watch(&mut self, listener: Listener) -> Result<()> {
        self.watch(listener)
    }

    fn restore(&mut self, mode: u32) -> Result<()> {
        self.restore(mode)
    }

    #[cfg(feature = "tokio")]
    fn forget_thread(&mut self) {
        self.acquired = None;
    }

    fn rebind(&mut self) -> Result<()> {
        self.rebind()
    }

    fn pass_to(&mut self, command: &mut Command) -> Result<()> {
        self.pass_to(command)
    }

    #[cfg(unix)]
    fn send_to(&mut self, stream: &UnixStream) -> Result<()> {
        self.send_to(stream)
    }

    fn bequeath(&mut self, program: String, command: &mut Command) -> Result<io::Error> {
        self.bequeath(program, command)
    }

    #[cfg(feature = "signals")]
    fn release_on_signals(&mut self) -> Result<()> {
        self.release_on_signals()
    }
}
