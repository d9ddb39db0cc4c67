//! The claims that stand on a record: the one on it, the one on that, and so on.

use std::path::{Path, PathBuf};

use crate::error::Result;
use crate::file::beside::{Beside, nonce};
use crate::file::link::claim::{DEEPEST, endless};
use crate::file::link::look::{Incarnation, look};
use crate::holder::Holder;
use crate::record::Record;
use crate::settings::Foreign;
use crate::verdict::Verdict;

/// The claims that stand on the record with `nonce`, from the first on.
struct Chain<'a> {
    lock: &'a Path,
    nonce: Option<String>,
    depth: u32,
}

impl<'a> Chain<'a> {
    fn on(lock: &'a Path, record: &Record) -> Self {
        Self { lock, nonce: nonce(record).map(str::to_owned), depth: DEEPEST }
    }

    fn claim(&mut self) -> Result<Option<(PathBuf, Incarnation)>> {
        let Some(on) = self.nonce.take() else { return Ok(None) };
        let name = Beside::Claim.of(self.lock, &on);
        let Some(claim) = look(&name, None)? else { return Ok(None) };
        let Some(depth) = self.depth.checked_sub(1) else { return Err(endless(name)) };
        self.depth = depth;
        self.nonce = claim.nonce().map(str::to_owned);
        Ok(Some((name, claim)))
    }
}

impl Iterator for Chain<'_> {
    type Item = Result<(PathBuf, Incarnation)>;

    fn next(&mut self) -> Option<Self::Item> {
        self.claim().transpose()
    }
}

/// The author of the claim that keeps others from removing what `record` is in, at `lock`. A contender
/// clears away what comes before it.
///
/// # Errors
///
/// Those of [`look`]: what is in the way is no claim.
pub(in crate::file) fn in_the_way(lock: &Path, record: &Record) -> Result<Option<Holder>> {
    for claim in Chain::on(lock, record) {
        let (name, claim) = claim?;
        if !claim.is_vacant(Foreign::Busy) {
            return Ok(Some(claim.claimant(&name)));
        }
    }
    Ok(None)
}

/// Of the claims that stand on `record`, the one that is the incarnation `only`.
pub(in crate::file) fn find(
    lock: &Path,
    record: &Record,
    only: &str,
) -> Result<Option<(PathBuf, Incarnation)>> {
    for claim in Chain::on(lock, record) {
        let (name, claim) = claim?;
        if claim.record().incarnation() == only {
            return Ok(Some((name, claim)));
        }
    }
    Ok(None)
}

/// Whether a claim by `claimant` is worth telling of, on the record of an author with `verdict`. One
/// that lives claims its own record, to change it, and others look at it under a claim.
pub(in crate::file) fn matters(claimant: &Holder, verdict: Verdict) -> bool {
    verdict != Verdict::Live || claimant.verdict() != Verdict::Live
}
