//! Claims: who may remove, or change, what bears a nonce.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use crate::error::{Error, Op, Result, failed};
use crate::file::beside::Beside;
use crate::file::draft::{Draft, Link, Name};
use crate::file::link::look::{Incarnation, look};
use crate::file::link::primitive::PRIMITIVE;
use crate::file::turns::Turns;
use crate::nonce::fresh;
use crate::outcome::Busy;
use crate::record::{Format, Record};
use crate::sabotage::{self, Guard};
use crate::settings::{Foreign, Settings};
use crate::sys;
use crate::verdict::{Verdict, Why};

/// What becomes of the record of a dead holder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::file) enum Aside {
    /// It is kept for the next holder, who need not be the one that removed it.
    Keep,
    Drop,
}

/// What came of removing an incarnation.
#[derive(Debug)]
pub(in crate::file) enum Cleared {
    /// We have removed it.
    Ours,
    /// It is not there any more, by whomever's hand.
    Otherwise,
    /// Our draft was swept up.
    Swept,
    /// Somebody else is about to.
    Busy(Box<Busy>),
}

/// The claim on one nonce: what bears it is ours to remove, until this is dropped.
#[derive(Debug)]
pub(in crate::file) struct Claim(#[expect(dead_code, reason = "its end is what counts")] Name);

/// What came of claiming.
enum Claiming {
    Ours(Claim),
    Swept,
    Busy(Box<Busy>),
}

/// More claims on claims than a series of crashes leaves.
pub(in crate::file) const DEEPEST: u32 = 100;

pub(in crate::file) fn endless(path: PathBuf) -> Error {
    let reason = "it claims itself, or too many claims stand on it".to_owned();
    Error::InvalidPid { path, reason }
}

/// Where claims are made.
#[derive(Clone, Copy)]
struct Ground<'a> {
    /// The lockfile.
    lock: &'a Path,
    draft: &'a Draft,
}

/// H3: removes the lockfile at `path`, `seen` there and found vacant.
///
/// # Errors
///
/// [`Error::ProcessDead`] if it may not be, or cannot be claimed.
pub(in crate::file) fn clear(
    settings: &Settings,
    path: &Path,
    seen: &Incarnation,
    draft: &Draft,
    aside: Aside,
) -> Result<Cleared> {
    let ground = Ground { lock: path, draft };
    let Some(nonce) = seen.nonce() else { return Err(seen.nameless(path)) };
    let stale = Beside::Stale.of(path, nonce);
    let keep = aside == Aside::Keep && seen.verdict() != Verdict::Stale(Why::Released);
    ground.remove(path, seen, settings.foreign, DEEPEST, || {
        if keep { sys::rename(path, &stale) } else { sys::unlink(path) }
    })
}

/// H3: removes the claim `name`, `seen` there, whose author the caller declares dead.
pub(in crate::file) fn break_claim(
    path: &Path,
    name: &Path,
    seen: &Incarnation,
    draft: &Draft,
) -> Result<Cleared> {
    let ground = Ground { lock: path, draft };
    ground.remove(name, seen, Foreign::Break, DEEPEST, || sys::unlink(name))
}

/// Claims what this process itself has written into the lockfile at `path`, open as `file`: to
/// change it in place (H6).
///
/// # Errors
///
/// [`Error::Io`], also if a contender has the claim, to find out that we are alive.
pub(in crate::file) fn claim_own(path: &Path, file: &File, record: &Record) -> Result<Claim> {
    let nonce = record.nonce.as_deref().unwrap_or_default();
    let mode = sys::rights(file).map_err(failed(Op::Inspect, path))?.mode;
    let own = |_| Record {
        nonce: Some(fresh(record.pid, sys::wall_clock())),
        released_at: None,
        ..record.clone()
    };
    let draft = Draft::create(path, PRIMITIVE.name.unwrap_or_default(), mode, Format::Json, own)?;
    let ground = Ground { lock: path, draft: &draft };
    match ground.claim(nonce, DEEPEST)? {
        Claiming::Ours(claim) => Ok(claim),
        Claiming::Swept | Claiming::Busy(_) => {
            let why = "a contender has claimed it, to see who holds the lock: try again";
            Err(failed(Op::Write, path)(io::Error::new(io::ErrorKind::WouldBlock, why)))
        }
    }
}

impl Ground<'_> {
    /// Removes `seen` from `name` by `removal`, under the claim on it.
    fn remove(
        self,
        name: &Path,
        seen: &Incarnation,
        foreign: Foreign,
        depth: u32,
        removal: impl FnOnce() -> io::Result<()>,
    ) -> Result<Cleared> {
        let Some(nonce) = seen.nonce() else { return Err(seen.nameless(name)) };
        let _claim = match self.claim_unless_sabotaged(nonce, depth)? {
            Some(Claiming::Swept) => return Ok(Cleared::Swept),
            Some(Claiming::Busy(busy)) => return Ok(Cleared::Busy(busy)),
            Some(Claiming::Ours(claim)) => Some(claim),
            None => None,
        };
        // Between the judgement and the claim, another may have had the claim, have removed what was
        // there and dropped the claim again; and a third may hold the lock by now. From here on it
        // can only go by our hand.
        if !sabotage::without(Guard::ClaimRecheck) {
            let now = look(name, None)?;
            let still = |now: &Incarnation| now.nonce() == Some(nonce) && now.is_vacant(foreign);
            if !now.as_ref().is_some_and(still) {
                return Ok(Cleared::Otherwise);
            }
        }
        match removal() {
            Ok(()) => Ok(Cleared::Ours),
            // Over NFS, perhaps because it was done, and the answer got lost.
            Err(err) if err.kind() == io::ErrorKind::NotFound => Ok(Cleared::Otherwise),
            Err(err) if err.kind() == io::ErrorKind::PermissionDenied => {
                let obstacle = "it may not remove the file; give it the right to, or remove it";
                Err(seen.dead(name, obstacle))
            }
            Err(err) => Err(failed(Op::Remove, name)(err)),
        }
    }

    /// Claims `nonce`, if need be by removing the claim of a dead claimant, under a claim on that.
    fn claim(self, nonce: &str, depth: u32) -> Result<Claiming> {
        let name = Beside::Claim.of(self.lock, nonce);
        let mut turns = Turns::new(&name);
        loop {
            turns.take()?;
            match self.draft.link(&name)? {
                Link::Made(_) => return Ok(Claiming::Ours(Claim(Name(name)))),
                Link::Swept => return Ok(Claiming::Swept),
                Link::Taken => {}
            }
            let Some(claimant) = look(&name, None)? else { continue };
            // Doubt never frees a claim.
            if !claimant.is_vacant(Foreign::Busy) {
                return Ok(Claiming::Busy(Box::new(claimant.claims(&name))));
            }
            let Some(depth) = depth.checked_sub(1) else { return Err(endless(name)) };
            let removal = || sys::unlink(&name);
            match self.remove_claim(&name, &claimant, depth, removal)? {
                // That was no circle.
                Cleared::Ours => turns = Turns::new(&name),
                Cleared::Otherwise => {}
                Cleared::Swept => return Ok(Claiming::Swept),
                Cleared::Busy(busy) => return Ok(Claiming::Busy(busy)),
            }
        }
    }

    fn remove_claim(
        self,
        name: &Path,
        claimant: &Incarnation,
        depth: u32,
        removal: impl FnOnce() -> io::Result<()>,
    ) -> Result<Cleared> {
        if sabotage::without(Guard::ClaimOfClaim) {
            let _ = removal();
            return Ok(Cleared::Ours);
        }
        self.remove(name, claimant, Foreign::Busy, depth, removal)
    }

    /// `None` without [`Guard::Claim`].
    fn claim_unless_sabotaged(self, nonce: &str, depth: u32) -> Result<Option<Claiming>> {
        if sabotage::without(Guard::Claim) {
            return Ok(None);
        }
        self.claim(nonce, depth).map(Some)
    }
}
