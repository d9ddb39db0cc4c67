//! The programs that use the library with the name as the lock.

use std::fs;
use std::path::Path;

use tenure::{Content, Error, Hardlink, Lockfile};

use super::library::{
    RULES, crash, crash_inside, finish_turn, forgetful_release, glance, kept_release,
    kept_timed_wait, kept_turn, lock, release, release_stale, released, robbed_release,
    robbed_turn, rogue, set_message, stale, status, timed_wait, turn, two_turns, vacant,
};
use super::program::{Actor, NO_PROCESS, Program, Rules, Script, Site};

/// While somebody contends, there are names beside the lockfile, and a kill leaves them for the next
/// holder.
const LINKED: Rules = Rules { tidy: false, contend, ..RULES };

const KEPT: Rules = Rules { leaves_nothing: false, ..LINKED };

/// Whoever removes a stale file turns others away, and a killed one leaves its claim.
const CLEANED: Rules = Rules { somebody_enters: false, ..LINKED };

/// What a deletion by somebody who does not keep to the protocol leaves of the promises.
const ROGUE: Rules = Rules { names_holder: false, ..CLEANED };

/// Who left the stale record.
const NOBODY: u32 = NO_PROCESS.unsigned_abs();

/// No two inside, whatever else.
const GLANCE: Rules = Rules { leaves_nothing: false, contend: |_| Ok(()), ..ROGUE };

/// A fresh contender gets the lock at once, knows of a dead holder, and leaves nothing at all.
fn contend(path: &Path) -> Result<(), String> {
    let is_left = names(path).iter().any(|name| name.starts_with("lock.stale.")) || is_held(path);
    let mut lock = Lockfile::new(path).backend(Hardlink);
    lock.try_lock().map_err(|err| format!("a contender: {err}"))?;
    if lock.was_abandoned() != is_left || lock.recovered_from().is_some() != is_left {
        return Err(format!("a contender: recovered from {:?}", lock.recovered_from()));
    }
    lock.unlock().map_err(|err| format!("a contender's release: {err}"))?;
    match names(path) {
        names if names.is_empty() => Ok(()),
        names => Err(format!("a contender leaves behind: {names:?}")),
    }
}

fn names(path: &Path) -> Vec<String> {
    let entries = fs::read_dir(path.parent().expect("it has one")).expect("it is there");
    let name = |entry: fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
    entries.map(|entry| name(entry.expect("an entry"))).collect()
}

/// Whether the lockfile names a holder that did not release it.
fn is_held(path: &Path) -> bool {
    match fs::read(path).map(|bytes| Content::parse(&bytes)) {
        Ok(Content::Record(record)) => record.released_at.is_none(),
        _ => false,
    }
}

#[rustfmt::skip]
pub const PROGRAMS: &[Program] = &[
    program("two_link_and_release", vacant, &[turn, turn], LINKED),
    program("one_links_and_crashes_while_one_links", vacant, &[crash, turn], LINKED),
    program("one_releases_a_link_while_one_links", vacant, &[release, turn], LINKED),
    program("two_recover_a_stale_link", stale, &[heir, heir], LINKED),
    program("one_recovers_a_link_while_one_recovers_and_crashes", stale, &[turn, crash], LINKED),
    Program { slow: true, ..program("two_recover_after_a_claimant_has_died", claimed, &[heir, heir], LINKED) },
    program("one_cleans_a_stale_link_while_one_recovers", stale, &[release_stale, turn], CLEANED),
    program("one_cleans_while_one_releases_a_link", vacant, &[release_stale, release], LINKED),
    program("one_asks_for_the_status_while_one_recovers_a_link", stale, &[status, heir], LINKED),
    program("one_changes_its_message_while_one_contends", vacant, &[set_message, turn], LINKED),
    program("two_keep_the_link", released, &[kept_turn, kept_turn], KEPT),
    program("one_releases_a_kept_link_while_one_links", vacant, &[kept_release, kept_turn], KEPT),
    timed("one_releases_a_link_while_one_waits", vacant, &[release, timed_wait], LINKED),
    timed("one_releases_a_kept_link_while_one_waits", vacant, &[kept_release, kept_timed_wait], KEPT),
    timed("one_crashes_with_a_link_while_one_waits", vacant, &[crash_inside, timed_wait], LINKED),
    program("a_rogue_deletes_the_link_while_one_takes_a_turn", vacant, &[robbed_turn, rogue], ROGUE),
    program("a_newcomer_after_a_rogue_deletion_of_the_link", vacant, &[robbed_release, turn], CLEANED),
    program("two_glance_inside_after_a_stale_link", stale, &[glance, glance], GLANCE),
    Program { slow: true, ..program("two_glance_inside_after_a_claimant_has_died", claimed, &[glance, glance], GLANCE) },
    Program { slow: true, ..program("one_cleans_while_one_recovers_after_a_claimant_has_died", claimed, &[release_stale, turn], CLEANED) },
    program("two_newcomers_after_a_rogue_deletion_of_the_link", vacant, &[forgetful_release, glance, glance], ROGUE),
    program("one_takes_two_turns_while_one_links", vacant, &[two_turns, turn], LINKED),
    program("three_link_and_release", vacant, &[turn, turn, turn], LINKED),
    program("three_recover_a_stale_link", stale, &[heir, heir, heir], LINKED),
    program("three_recover_after_a_claimant_has_died", claimed, &[heir, heir, heir], LINKED),
    program("two_recover_a_stale_link_while_one_cleans", stale, &[turn, release_stale, turn], CLEANED),
];

const fn program(
    name: &'static str,
    before: fn(&Site),
    scripts: &'static [Script],
    rules: Rules,
) -> Program {
    Program { name, before, scripts, rules, linked: true, slow: false }
}

/// One that waits for events.
const fn timed(
    name: &'static str,
    before: fn(&Site),
    scripts: &'static [Script],
    rules: Rules,
) -> Program {
    let rules = Rules { names_holder: false, ..rules };
    Program { name, before, scripts, rules, linked: true, slow: true }
}

/// What a contender that died with a claim on a dead holder's record leaves.
fn claimed(site: &Site) {
    stale(site);
    let record = String::from_utf8(site.stale.clone()).expect("JSON");
    let (_, nonce) = record.split_once("\"nonce\":\"").expect("it has a nonce");
    let nonce = &nonce[..16];
    let claim = site.dir().join(format!("lock.claim.{nonce}"));
    fs::write(claim, record.replace(nonce, "00000000deadbeef")).expect("it can be written");
}

/// A turn in which the first that gets inside has to know of the dead one before, and nobody else.
fn heir<'a>(actor: &'a Actor<'a>) -> Box<dyn FnOnce() + 'a> {
    let mut lock = lock(actor);
    Box::new(move || match lock.try_lock() {
        Ok(()) => {
            let is_first = (0..super::board::MOST).all(|number| actor.board.entered(number) == 0);
            let left_by = lock.recovered_from();
            assert!(lock.was_abandoned() || !is_first, "nobody is told");
            assert!(is_first || left_by.is_none_or(|holder| holder.pid() != NOBODY), "told twice");
            finish_turn(actor, &mut lock);
        }
        Err(Error::Busy { .. }) => {}
        Err(err) => panic!("{err}"),
    })
}
