//! The name as the lock: how the face and a possession reach the protocol of links.

use std::fs::File;
use std::io;
#[cfg(unix)]
use std::os::unix::net::UnixStream;
use std::path::Path;

use crate::backend::{Hardlink, Primitive};
use crate::engine::Engine;
use crate::error::{Op, Result, failed};
use crate::file::draft::{Draft, Settled};
use crate::file::handover::inherit;
#[cfg(unix)]
use crate::file::handover::send;
use crate::file::held::{Exclusion, Held, Part, Start};
use crate::file::link::acquire::{attempt, read, remove};
use crate::file::link::claim::{Claim, claim_own};
use crate::file::link::primitive::PRIMITIVE;
use crate::file::link::sweep::sweep;
use crate::file::locked_file::LockedFile;
use crate::file::stage::{Left, is_forbidden};
use crate::outcome::{Approach, Attempt, Busy, Found, Known, Removal};
use crate::possession::Possession;
use crate::protocol::Protocol;
use crate::settings::Settings;
use crate::sys::{self, FileId};

/// Others are excluded by the name.
#[derive(Clone, Copy, Debug)]
pub(in crate::file) struct ByName;

impl From<Hardlink> for Engine {
    fn from(_: Hardlink) -> Self {
        Self::new(ByName)
    }
}

impl Protocol for ByName {
    fn name(&self) -> &str {
        PRIMITIVE.name.unwrap_or_default()
    }

    fn primitive(&self) -> Primitive<'_> {
        PRIMITIVE
    }

    fn reopens(&self) -> bool {
        true
    }

    fn attempt(
        &self,
        settings: &Settings,
        path: &Path,
        _approach: Approach,
        known: Known,
    ) -> Result<Attempt> {
        attempt(settings, path, known)
    }

    fn read(&self, settings: &Settings, open: Option<File>) -> Result<Option<Found>> {
        read(settings, open)
    }

    fn remove(&self, settings: &Settings, only: Option<&str>) -> Result<Result<Removal, Busy>> {
        remove(settings, only)
    }

    fn inherit(&self, settings: &Settings) -> Result<Option<Box<dyn Possession>>> {
        inherit::inherit(*self, settings)
    }

    #[cfg(unix)]
    fn receive_from(
        &self,
        settings: &Settings,
        stream: &UnixStream,
    ) -> Result<Box<dyn Possession>> {
        send::receive_from(*self, settings, stream)
    }
}

impl Held<ByName> {
    /// The holder of what was linked to `path`, where its number is `id`.
    pub(in crate::file) fn linked(
        settings: &Settings,
        path: &Path,
        linked: Settled,
        id: FileId,
    ) -> Self {
        let Settled { file, record, len } = linked;
        let before = sweep(path, &file, id, &record);
        let file = LockedFile::new(file, id, len as u64);
        let (path, part) = (path.to_owned(), Part::Whole);
        Self::new(settings, ByName, Start { file, path, record, part, before })
    }
}

impl Exclusion for ByName {
    const IS_THE_NAME: bool = true;

    type Change = Claim;

    fn name(&self) -> &str {
        Protocol::name(self)
    }

    /// H6. While it is written, a reader may find a part of the old record and a part of the new, which
    /// say of us whatever they say: nobody removes the file because of it.
    fn before_change(held: &Held<Self>) -> Result<Claim> {
        claim_own(&held.path, &held.file, &held.record)
    }

    /// The removal of the name is the release.
    fn vacate(held: &mut Held<Self>, _names: u64) -> Result<Left> {
        if held.keep_file {
            return held.write_released().map(|()| Left::Name);
        }
        // H3. Between seeing that the path names our file and now, nobody who keeps to the protocol can
        // have replaced it: that takes a proof that we are gone.
        match sys::unlink(&held.path) {
            Ok(()) => Ok(Left::Nothing),
            Err(err) if is_forbidden(&err) => held.write_released().map(|()| Left::Name),
            // Over NFS, the answer to a removal can get lost, and the repeated request be told so.
            Err(err) if err.kind() == io::ErrorKind::NotFound => Ok(Left::Nothing),
            Err(err) => Err(failed(Op::Remove, &held.path)(err)),
        }
    }

    /// There is no lock on the file to be released.
    fn unlock(_held: &Held<Self>) -> io::Result<()> {
        Ok(())
    }

    fn outlasts_the_name(&self) -> bool {
        false
    }

    fn put_back(
        _held: &Held<Self>,
        _to: &File,
        _path: &Path,
        put: &mut dyn FnMut() -> bool,
    ) -> io::Result<()> {
        put();
        Ok(())
    }

    fn settle(draft: Draft, path: &Path) -> Settled {
        draft.settle(path)
    }
}
