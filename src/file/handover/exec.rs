//! Leaving the lock to the program that this process becomes.

use std::io;
use std::process::Command;

use crate::error::{Error, Op, Result, failed};
use crate::file::held::{Exclusion, Held, Part};
use crate::sys;

impl<E: Exclusion> Held<E> {
    /// Executes `command`, and returns if that failed; meanwhile the record names `program`, and its
    /// descriptor is inherited.
    ///
    /// The process stays what it was: PID, start time and pidfd are those of the record. So is the
    /// lock, which belongs to the open file and not to the program that opened it.
    ///
    /// # Errors
    ///
    /// Nothing was executed, and nothing has changed.
    pub(in crate::file) fn bequeath(
        &mut self,
        program: String,
        command: &mut Command,
    ) -> Result<io::Error> {
        if !self.exclusion.goes_with_descriptor() {
            return Err(Error::Unsupported {
                path: self.path.clone(),
                backend: self.exclusion.name().to_owned(),
                remedy: "its lock does not go with a descriptor; use another backend, or start the \
                    program and wait for it",
                source: io::ErrorKind::Unsupported.into(),
            });
        }
        let former = self.record.program.clone();
        self.rename(Some(program)).or_else(|err| self.rename(former.clone()).and(Err(err)))?;
        let (inherited, number) =
            sys::inheritable(&self.file).map_err(failed(Op::Lock, &self.path))?;
        // For a program that knows of it, and for those whom it starts.
        self.announce(number, command);
        let err = sys::execute(command);
        // What is started from here on has nothing to do with the lock.
        drop(inherited);
        self.rename(former)?;
        Ok(err)
    }

    /// Has the record name another program of this process.
    fn rename(&mut self, program: Option<String>) -> Result<()> {
        self.record.program = program;
        if self.part == Part::Sharer {
            return Ok(());
        }
        self.write().map_err(Error::while_held)
    }
}
