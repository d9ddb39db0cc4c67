//! Acquiring, reading and removing by links.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::file::absolute;
use crate::file::draft::{Draft, Link};
use crate::file::held::Held;
use crate::file::link::chain;
use crate::file::link::claim::{Aside, Cleared, break_claim, clear};
use crate::file::link::look::{Incarnation, look, observe};
use crate::file::link::primitive::PRIMITIVE;
use crate::file::succession::check_succession;
use crate::file::turns::Turns;
use crate::outcome::{Attempt, Busy, Found, Known, Removal, check_incarnation};
use crate::record::Content;
use crate::settings::Settings;
use crate::verdict::{Verdict, Why};

/// Tries to acquire the lockfile at the absolute `path`.
pub(in crate::file) fn attempt(settings: &Settings, path: &Path, known: Known) -> Result<Attempt> {
    check(settings, path)?;
    let mut open = match known {
        Known::Open(file) => Some(file),
        Known::Nothing | Known::Exists => None,
    };
    let mut draft = None;
    let mut turns = Turns::new(path);
    loop {
        turns.take()?;
        if let Some(seen) = look(path, open.take())? {
            if !seen.is_vacant(settings.foreign) {
                return Ok(Attempt::Busy(seen.in_the_way()));
            }
            check_succession(PRIMITIVE.name, path, Some(seen.holder()))?;
            let own = Draft::take_or_write(&mut draft, PRIMITIVE, settings, path);
            let own = own.map_err(|err| seen.or_dead(path, err))?;
            match clear(settings, path, &seen, &own, Aside::Keep)? {
                Cleared::Ours => draft = Some(own),
                Cleared::Otherwise => {
                    draft = Some(own);
                    continue;
                }
                Cleared::Swept => continue,
                Cleared::Busy(busy) => return Ok(Attempt::Busy(*busy)),
            }
        }
        // Between our finding or leaving nothing and now, another may come first: then that is the
        // one whom a file tells of the dead one before, and not our memory us.
        let own = Draft::take_or_write(&mut draft, PRIMITIVE, settings, path)?;
        match own.link(path)? {
            Link::Made(id) => {
                own.complete_late();
                let held = Held::linked(settings, path, own.settle(path), id);
                return Ok(Attempt::Acquired(Box::new(held)));
            }
            Link::Taken => draft = Some(own),
            Link::Swept => {}
        }
    }
}

/// As [`Protocol::remove`](crate::protocol::Protocol::remove).
pub(in crate::file) fn remove(
    settings: &Settings,
    only: Option<&str>,
) -> Result<Result<Removal, Busy>> {
    let path = &*absolute(&settings.path)?;
    let mut draft = None;
    let mut turns = Turns::new(path);
    loop {
        turns.take()?;
        let Some(seen) = look(path, None)? else {
            return Ok(Ok(Removal::Nothing));
        };
        if let Some((name, claim)) = named_claim(path, &seen, only)? {
            if claim.verdict() == Verdict::Live {
                return Ok(Err(claim.claims(&name)));
            }
            let own = Draft::take_or_write(&mut draft, PRIMITIVE, settings, path);
            let own = own.map_err(|err| claim.or_dead(&name, err))?;
            match break_claim(path, &name, &claim, &own)? {
                Cleared::Ours => return Ok(Ok(Removal::Of(Some(Box::new(claim.claimant(&name)))))),
                Cleared::Otherwise => draft = Some(own),
                Cleared::Swept => {}
                Cleared::Busy(busy) => return Ok(Err(*busy)),
            }
            continue;
        }
        if seen.verdict() == Verdict::Stale(Why::Released) {
            return Ok(Ok(Removal::Nothing));
        }
        if !seen.is_vacant(settings.foreign) {
            return Ok(Err(seen.in_the_way()));
        }
        // I5. What is removed below is what bears this nonce, and nothing else (H3).
        check_incarnation(path, Some(seen.holder()), only)?;
        check_succession(PRIMITIVE.name, path, Some(seen.holder()))?;
        let own = Draft::take_or_write(&mut draft, PRIMITIVE, settings, path);
        let own = own.map_err(|err| seen.or_dead(path, err))?;
        match clear(settings, path, &seen, &own, Aside::Drop)? {
            Cleared::Ours => return Ok(Ok(Removal::Of(Some(Box::new(seen.holder().clone()))))),
            Cleared::Otherwise => draft = Some(own),
            Cleared::Swept => {}
            Cleared::Busy(busy) => return Ok(Err(*busy)),
        }
    }
}

/// The claim that `only` names, unless it names what was `seen` at `path`.
fn named_claim(
    path: &Path,
    seen: &Incarnation,
    only: Option<&str>,
) -> Result<Option<(PathBuf, Incarnation)>> {
    match only {
        Some(only) if seen.record().incarnation() != only => chain::find(path, seen.record(), only),
        _ => Ok(None),
    }
}

/// As [`Protocol::read`](crate::protocol::Protocol::read).
pub(in crate::file) fn read(settings: &Settings, open: Option<File>) -> Result<Option<Found>> {
    let path = &*absolute(&settings.path)?;
    let seen = match observe(path, open) {
        // Another program has a kernel lock on a file that names nobody.
        Err(Error::Busy { .. }) => {
            let (content, verdict) = (Content::Blank, Verdict::Live);
            return Ok(Some(Found { content, verdict, locked: true, file: None }));
        }
        seen => seen?,
    };
    Ok(seen.map(|seen| {
        let (record, verdict) = (seen.record().clone(), seen.verdict());
        let content = Content::Record(Box::new(record));
        let locked = verdict == Verdict::Unproven(Why::Outlived);
        Found { content, verdict, locked, file: seen.into_file() }
    }))
}

/// Refuses what the protocol cannot do without.
fn check(settings: &Settings, path: &Path) -> Result<()> {
    if settings.format.keeps_json() {
        return Ok(());
    }
    Err(Error::Unsupported {
        path: path.to_owned(),
        backend: PRIMITIVE.name.unwrap_or_default().to_owned(),
        remedy: "it needs a record with a nonce; use a format that keeps the JSON",
        source: io::ErrorKind::Unsupported.into(),
    })
}
