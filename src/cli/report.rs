//! What `--json` prints of a lockfile: the same object by every verb.

use std::borrow::Cow;
use std::path::Path;
use std::time::Duration;

use serde::Serialize;
use tenure::{Holder, Record, State, Status, Verdict, Why};

use crate::kernel_holders::{Owner, Owners};
use crate::{headline, printable};

/// What a look at a lockfile showed.
#[derive(Serialize)]
pub(crate) struct Report<'a> {
    path: String,
    state: String,
    verdict: Option<&'static str>,
    why: Option<Why>,
    explanation: String,
    holder: Option<HolderReport<'a>>,
    /// Whose claim keeps others from removing a dead holder's lockfile.
    claim: Option<ClaimReport<'a>>,
    /// Whether the process that the record names has the kernel's lock itself, where that is known.
    holder_has_lock: Option<bool>,
    kernel_holders: Vec<Owner>,
}

#[derive(Serialize)]
struct HolderReport<'a> {
    #[serde(flatten)]
    record: &'a Record,
    /// The nonce, or what stands for it.
    incarnation: Cow<'a, str>,
    held_seconds: Option<f64>,
    process: Option<ProcessReport>,
}

#[derive(Serialize)]
struct ClaimReport<'a> {
    path: String,
    verdict: Option<&'static str>,
    #[serde(flatten)]
    claimant: HolderReport<'a>,
}

#[derive(Serialize)]
struct ProcessReport {
    program: String,
    user: Option<String>,
    uptime_seconds: u64,
}

impl<'a> Report<'a> {
    pub(crate) fn of(status: &'a Status) -> Self {
        let owners = Owners::of(status);
        let (verdict, why) = status.verdict().map_or((None, None), |it| (word(it), why(it)));
        Self {
            path: status.path().to_string_lossy().into_owned(),
            state: status.state().to_string(),
            verdict,
            why,
            explanation: headline::sentence(status, &owners),
            holder: status.holder().map(|holder| HolderReport::of(holder, status.state())),
            claim: status.claimant().map(ClaimReport::of),
            holder_has_lock: owners.holder_has_lock,
            kernel_holders: owners.json(),
        }
    }
}

fn word(verdict: Verdict) -> Option<&'static str> {
    match verdict {
        Verdict::Live => Some("live"),
        Verdict::Stale(_) => Some("stale"),
        Verdict::Unproven(_) => Some("unproven"),
        _ => None,
    }
}

fn why(verdict: Verdict) -> Option<Why> {
    match verdict {
        Verdict::Stale(why) | Verdict::Unproven(why) => Some(why),
        _ => None,
    }
}

impl<'a> ClaimReport<'a> {
    fn of(claimant: &'a Holder) -> Self {
        Self {
            path: claimant.claim().unwrap_or(Path::new("")).to_string_lossy().into_owned(),
            verdict: word(claimant.verdict()),
            claimant: HolderReport::of(claimant, State::Unproven),
        }
    }
}

impl<'a> HolderReport<'a> {
    fn of(holder: &'a Holder, state: State) -> Self {
        let process = holder.process().map(|process| ProcessReport {
            program: process.program,
            user: process.user,
            uptime_seconds: process.uptime.as_secs(),
        });
        let age = holder.age().filter(|_| state == State::Held);
        Self {
            record: holder.record(),
            incarnation: holder.record().incarnation(),
            held_seconds: age.as_ref().map(Duration::as_secs_f64),
            process,
        }
    }
}

/// One line of JSON, which does nothing to a terminal.
pub(crate) fn line(value: &impl Serialize) -> String {
    let json = serde_json::to_string(value).expect("its keys are strings, and so it is JSON");
    printable::json(&json) + "\n"
}
