//! A run: rounds of torture, each ended by the questions whether the lock was had and can be had.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crate::crew::Crew;
use crate::oracle::{Phase, Shared};
use crate::random::{Random, fresh_seed};
use crate::support::elsewhere::tell;
use crate::worker::Subject;

/// The runs of this program, which share the time.
const RUNS: u32 = 26;

/// After this long without a step forward, nobody will ever take one.
const STUCK: Duration = Duration::from_secs(60);

/// How often something is done to the crew in a round.
const STEPS: usize = 100;

/// What became of a run.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) acquired: u64,
    pub(crate) kills: u64,
    pub(crate) killed_inside: u64,
    pub(crate) doubles: u64,
    /// What ended it before its time.
    pub(crate) failure: Option<String>,
}

/// Tortures `subject` in a directory that is empty or has a stale lockfile in it. `directories` are all
/// paths that lead to it.
pub(crate) fn torture(
    name: &str,
    directories: &[&Path],
    subject: Subject,
    deleting: bool,
    until: Until,
) -> Report {
    let seed = number("TENURE_TORTURE_SEED").unwrap_or_else(fresh_seed);
    let shared = Shared::map();
    let paths: Vec<_> = directories.iter().map(|directory| directory.join("test.lock")).collect();
    let crew = Crew::new(shared, subject, paths.clone());
    let random = Random::from_seed(seed);
    let mut run = Run { shared, subject, paths, crew, random, round: 0, deletions: 0 };
    let failure = run.rounds(deleting, until).err();
    let report = Report {
        acquired: shared.acquired(),
        kills: run.crew.kills,
        killed_inside: run.crew.killed_inside,
        doubles: shared.doubles.load(Ordering::SeqCst),
        failure,
    };
    tell(&format!(
        "torture of {subject:?} on {name} (TENURE_TORTURE_SEED={seed}): {} rounds, {} acquisitions, \
         {} kills ({} inside), {} stops, {} deletions, {} double holdings{}",
        run.round,
        report.acquired,
        report.kills,
        report.killed_inside,
        run.crew.stops,
        run.deletions,
        report.doubles,
        report.failure.as_ref().map_or(String::new(), |failure| format!(": {failure}")),
    ));
    report
}

/// When a run ends that does not fail.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Until {
    /// After its share of `TENURE_TORTURE_SECONDS`.
    TimeIsUp,
    /// Not before somebody is caught.
    Caught,
}

fn number(variable: &str) -> Option<u64> {
    let number = env::var(variable).ok()?;
    Some(number.parse().unwrap_or_else(|_| panic!("{variable}={number} is no number")))
}

struct Run {
    shared: &'static Shared,
    subject: Subject,
    paths: Vec<PathBuf>,
    crew: Crew,
    random: Random,
    round: u64,
    deletions: u64,
}

impl Run {
    fn rounds(&mut self, deleting: bool, until: Until) -> Result<(), String> {
        let time = Duration::from_secs(number("TENURE_TORTURE_SECONDS").unwrap_or(40)) / RUNS;
        let limit = match until {
            Until::TimeIsUp => time,
            Until::Caught => STUCK,
        };
        let began = Instant::now();
        // Two at least, on the slowest machine: one ends in order and one in a massacre.
        while self.round < 4 || began.elapsed() < limit {
            self.round += 1;
            let lawless = deleting && self.round % 2 == 1;
            self.contend(if lawless { Phase::Lawless } else { Phase::Contend })?;
            if self.round % 4 < 2 {
                self.settle()?;
            } else {
                self.crew.kill_all(&mut self.random)?;
            }
            self.anybody_gets_it_at_once()?;
        }
        Ok(())
    }

    fn contend(&mut self, phase: Phase) -> Result<(), String> {
        let before = self.shared.acquired();
        self.shared.begin(self.round, phase);
        self.crew.hire_all(&mut self.random);
        for _ in 0..STEPS {
            pause(self.random.below(1000));
            let victim = self.victim();
            match self.random.below(8) {
                0..3 => self.crew.replace(victim, &mut self.random)?,
                3..6 => self.crew.stop_or_continue(victim),
                _ => self.crew.continue_all(),
            }
            if phase == Phase::Lawless && self.random.once_in(2) {
                self.delete();
            }
            self.look()?;
        }
        self.crew.continue_all();
        self.wait_until("nobody acquires the lock", |run| run.shared.acquired() > before)
    }

    /// Anybody; often whoever is inside.
    fn victim(&mut self) -> usize {
        let inside = self.shared.inside().filter(|_| self.random.once_in(2));
        let worker = inside.and_then(|life| self.crew.position(life));
        worker.unwrap_or_else(|| self.random.index(self.crew.len()))
    }

    /// What the rest of the world may do at any time.
    #[expect(clippy::disallowed_methods, reason = "a rogue deletion is what is tested")]
    fn delete(&mut self) {
        self.deletions += u64::from(fs::remove_file(&self.paths[0]).is_ok());
    }

    /// Lets everybody finish what it has begun.
    fn settle(&mut self) -> Result<(), String> {
        let resting = self.shared.begin(self.round, Phase::Settle);
        self.wait_until("somebody does not finish", |run| {
            run.shared.slots.iter().all(|slot| slot.rests.load(Ordering::SeqCst) == resting)
        })
    }

    /// While nobody else contends: the lock is free, and no file remains that is not wanted.
    fn anybody_gets_it_at_once(&self) -> Result<(), String> {
        let path = &self.paths[0];
        let Some(mut lock) = self.subject.lockfile(path) else { return Ok(()) };
        let had = lock.try_lock().and_then(|()| lock.verify()).and_then(|()| lock.unlock());
        had.map_err(|err| format!("a newcomer is refused: {err:?}\n{}", self.crew.describe()))?;
        let directory = path.parent().expect("it is in a directory");
        let entries = fs::read_dir(directory).expect("it is there");
        let names: Vec<_> = entries.map(|entry| entry.expect("to read").file_name()).collect();
        let keeps = matches!(self.subject, Subject::Tenure { keep_file: true, .. });
        // What others have made stays. Where there are two paths, so does every file.
        let may_keep = matches!(self.subject, Subject::Beside { .. }) || self.paths.len() > 1;
        let well = match &*names {
            [] => !keeps,
            [name] => name == "test.lock" && (keeps || may_keep || is_found(path)),
            _ => false,
        };
        if well { Ok(()) } else { Err(format!("litter: {names:?}")) }
    }

    fn wait_until(&mut self, what: &str, done: impl Fn(&Self) -> bool) -> Result<(), String> {
        let began = Instant::now();
        while !done(self) {
            self.look()?;
            if began.elapsed() > STUCK {
                return Err(format!("stuck: {what}\n{}", self.crew.describe()));
            }
            pause(100);
        }
        Ok(())
    }

    /// Whether all is well so far.
    fn look(&self) -> Result<(), String> {
        if self.shared.failed.load(Ordering::SeqCst) {
            return Err("a worker found what must not be".to_owned());
        }
        self.crew.check()
    }
}

#[expect(clippy::disallowed_methods, reason = "torture at random moments: nothing is waited for")]
fn pause(microseconds: u64) {
    std::thread::sleep(Duration::from_micros(microseconds));
}

/// Whether the file may be anybody's, and so stays: a contender that was killed before it had written its
/// record left it, or one that writes nothing but its PID.
fn is_found(path: &Path) -> bool {
    let text = fs::read(path).unwrap_or_default();
    let says_so = String::from_utf8_lossy(&text).contains(r#""found":true"#);
    says_so || text.ends_with(b"\r")
}
