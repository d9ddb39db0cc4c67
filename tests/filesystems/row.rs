//! A row of the table in docs/filesystems.md, and the trials that every row has to pass.

use std::collections::BTreeMap;
use std::env;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Barrier;
use std::thread::{scope, yield_now};
use std::time::{Duration, Instant};

use nix::fcntl::{Flock, FlockArg};

use crate::program::{BUSY, Ended, ORACLE, Patience, Program, Running, Where};
use crate::support::elsewhere::tell;

const RACES: u32 = 200;

/// How many contend, in equal parts on both sides.
const CONTENDERS: usize = 4;

/// A file that is still there after this time is there to stay.
const STUCK: Duration = Duration::from_secs(30);

/// Takes a lock that does not lie on the file system under test, and stays for a moment. If another
/// has that lock, says so: the exit status may become that of a lost lock.
const WORK: &str = "flock --nonblock --conflict-exit-code 99 \"$ORACLE\" \
    sh -c 'i=0; while [ $i -lt 500 ]; do i=$((i+1)); done'; status=$?; \
    [ $status != 99 ] || echo '@overlap' >&2; exit $status";
const OVERLAP: &str = "@overlap";

/// What a release does with the lockfile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Release {
    Removes,
    /// Keeps it, marked as released.
    Keeps,
}

/// A set-up of a file system.
#[derive(Debug)]
pub(crate) struct Row<'a> {
    pub(crate) name: &'a str,
    /// Two directories that lead to the same files.
    pub(crate) sides: [&'a Path; 2],
    pub(crate) program: Program,
    pub(crate) release: Release,
    /// The exit statuses of a contender that does not get in.
    pub(crate) refusals: &'a [i32],
    /// A file on another file system.
    pub(crate) oracle: PathBuf,
}

/// The figures of a trial that passed, or of one that failed.
type Outcome = Result<String, String>;

impl Row<'_> {
    /// Goes through all trials, reports their figures, and panics if one has failed.
    pub(crate) fn stands(&self) {
        let failures = self.failures();
        assert!(failures.is_empty(), "{}:\n{}", self.name, failures.join("\n"));
    }

    /// Goes through all trials, and returns the failures.
    pub(crate) fn failures(&self) -> Vec<String> {
        let mut trials = vec![
            ("flock(2)", self.flock_excludes_where_it_is_relied_on()),
            ("races", self.one_wins_each_race()),
            ("contention", self.holders_do_not_overlap()),
        ];
        for side in self.distinct_sides() {
            trials.push(("a dead holder", self.a_dead_holder_is_recovered(side)));
            trials.push(("a release", self.a_release_leaves_what_it_should(side)));
        }
        self.report(trials)
    }

    /// Tries a holder in a container with a contender on the host, and the other way round. Returns the
    /// failures. The container uses the first side.
    pub(crate) fn container_failures(&self) -> Vec<String> {
        let [mounted, store] = self.sides;
        let (contained, here) = ((mounted, Where::Contained), (store, Where::Here));
        self.report([
            ("a holder in a container", self.a_holder_is_not_robbed(contained, here)),
            ("a holder on the host", self.a_holder_is_not_robbed(here, contained)),
        ])
    }

    fn report<'a>(&self, trials: impl IntoIterator<Item = (&'a str, Outcome)>) -> Vec<String> {
        let mut text = format!("file system {}, {:?}", self.name, self.program);
        let mut failures = Vec::new();
        for (trial, outcome) in trials {
            let (is_well, words) = match outcome {
                Ok(figures) => (true, figures),
                Err(failure) => (false, failure),
            };
            let line = format!("{trial}: {}{words}", if is_well { "" } else { "FAILED: " });
            write!(text, "\n  {line}").unwrap();
            if !is_well {
                failures.push(line);
            }
        }
        tell(&text);
        failures
    }

    fn distinct_sides(&self) -> &[&Path] {
        if self.sides[0] == self.sides[1] { &self.sides[..1] } else { &self.sides }
    }

    /// Each trial has a lockfile of its own, so that none suffers from what another has left.
    fn lock(&self, contender: usize, trial: &str) -> PathBuf {
        self.sides[contender % 2].join(trial)
    }

    /// A row where flock(2) does not exclude is for the backend that does not need it.
    fn flock_excludes_where_it_is_relied_on(&self) -> Outcome {
        let [one, other] = self.sides.map(|side| side.join("probe"));
        let open = |path| File::options().write(true).create(true).truncate(false).open(path);
        let (held, contender) = (open(&one).unwrap(), open(&other).unwrap());
        let held = Flock::lock(held, FlockArg::LockExclusiveNonblock).unwrap();
        let excludes = Flock::lock(contender, FlockArg::LockExclusiveNonblock).is_err();
        drop(held);
        remove(&one);
        if (self.program == Program::Linked) == excludes {
            return Err(format!("excludes: {excludes}, and the row relies on the contrary"));
        }
        Ok(format!("excludes: {excludes}"))
    }

    fn one_wins_each_race(&self) -> Outcome {
        let mut ends = Ends::default();
        let mut winners = BTreeMap::<usize, u32>::new();
        for _ in 0..RACES {
            let barrier = Barrier::new(CONTENDERS);
            let start = |contender| {
                barrier.wait();
                self.program.stay(Where::Here, &self.lock(contender, "race.lock"))
            };
            let start = &start;
            let mut racers: Vec<Running> = scope(|scope| {
                let started =
                    (0..CONTENDERS).map(|contender| scope.spawn(move || start(contender)));
                // All are started before one is waited for.
                let started: Vec<_> = started.collect();
                started.into_iter().map(|started| started.join().unwrap()).collect()
            });
            // Each says that it is inside, or ends.
            let inside: Vec<_> = racers.iter_mut().map(|racer| racer.inside().is_some()).collect();
            *winners.entry(inside.iter().filter(|inside| **inside).count()).or_default() += 1;
            for (mut racer, inside) in racers.into_iter().zip(inside) {
                racer.leave();
                ends.count(&racer.end(), if inside { &[0] } else { self.refusals });
            }
        }
        let inside = winners.iter().map(|(number, races)| format!("{number} inside in {races}"));
        let figures = format!(
            "{RACES} races of {CONTENDERS}: {}; {ends}",
            inside.collect::<Vec<_>>().join(", ")
        );
        let one_won = winners.keys().all(|number| *number == 1);
        if one_won && ends.are_well() { Ok(figures) } else { Err(figures) }
    }

    fn holders_do_not_overlap(&self) -> Outcome {
        let time = seconds();
        let began = Instant::now();
        let expected = [&[0], self.refusals].concat();
        let work = |contender| {
            let mut ends = Ends::default();
            while began.elapsed() < time {
                let lock = self.lock(contender, "contention.lock");
                let mut command = self.program.command(Where::Here, Patience::Some, &lock, WORK);
                ends.count(&Ended::of(command.env(ORACLE, &self.oracle)), &expected);
            }
            ends
        };
        let work = &work;
        let each: Vec<Ends> = scope(|scope| {
            let workers = (0..CONTENDERS).map(|contender| scope.spawn(move || work(contender)));
            let workers: Vec<_> = workers.collect();
            workers.into_iter().map(|worker| worker.join().unwrap()).collect()
        });
        let mut ends = Ends::default();
        let shares: Vec<_> = each.iter().map(|ends| ends.of(Some(0)).to_string()).collect();
        for each in each {
            ends.add(each);
        }
        let figures = format!(
            "{} overlaps, {} acquisitions ({}) in {} s; {ends}",
            ends.overlaps,
            ends.of(Some(0)),
            shares.join(" + "),
            time.as_secs(),
        );
        // Where each side can, each has to get the lock, or it is not contention that was tried.
        let both = self.refusals != [BUSY] || shares.iter().all(|share| share != "0");
        if both && ends.of(Some(0)) > 0 && ends.are_well() { Ok(figures) } else { Err(figures) }
    }

    fn a_dead_holder_is_recovered(&self, side: &Path) -> Outcome {
        let lock = side.join("death.lock");
        let mut holder = self.program.stay(Where::Here, &lock);
        let Some(command) = holder.inside() else {
            return Err(format!("the lock cannot be acquired: {}", holder.end()));
        };
        holder.crash(command);
        let next = self.program.command(Where::Here, Patience::Some, &lock, "exit 0");
        let next = Ended::of(&mut { next });
        if next.code() == Some(0) && next.said.contains("recovered") {
            return Ok("recovered".to_owned());
        }
        Err(format!("not recovered: {next}"))
    }

    fn a_release_leaves_what_it_should(&self, side: &Path) -> Outcome {
        let lock = side.join("release.lock");
        let ended =
            Ended::of(&mut self.program.command(Where::Here, Patience::None, &lock, "exit 0"));
        if ended.code() != Some(0) {
            return Err(format!("the lock cannot be acquired: {ended}"));
        }
        let expected: &[&str] = match self.release {
            Release::Removes => &[],
            Release::Keeps => &["release.lock"],
        };
        // A file that was removed while it was open has another name for a moment on FUSE.
        let began = Instant::now();
        let mut names = names(side);
        while names != expected {
            let more_may_go = expected.iter().all(|name| names.iter().any(|found| found == name));
            if !more_may_go || began.elapsed() > STUCK {
                return Err(format!("there is {names:?} in place of {expected:?}"));
            }
            yield_now();
            names = self::names(side);
        }
        match tenure::Lockfile::new(&lock).status().map(|status| status.state()) {
            Ok(tenure::State::Free) => Ok(format!("leaves {expected:?}, and the lock is free")),
            state => Err(format!("the lock is not free: {state:?}")),
        }
    }

    fn a_holder_is_not_robbed(
        &self,
        (hold_at, hold_in): (&Path, Where),
        (try_at, try_in): (&Path, Where),
    ) -> Outcome {
        let name = format!("{:?}-{hold_in:?}.lock", self.program);
        let mut holder = self.program.stay(hold_in, &hold_at.join(&name));
        if holder.inside().is_none() {
            return Err(format!("the lock cannot be acquired: {}", holder.end()));
        }
        let lock = try_at.join(&name);
        let mut contender = self.program.command(try_in, Patience::None, &lock, "exit 0");
        let contender = Ended::of(&mut contender);
        holder.leave();
        let holder = holder.end();
        let words = format!("the contender: {contender}; the holder: {holder}");
        let refused = contender.code() == Some(BUSY)
            && !["recovered", "safe"].iter().any(|word| contender.said.contains(word));
        if refused && holder.code() == Some(0) { Ok(words) } else { Err(words) }
    }
}

/// How often each exit status occurred, and the first message with each unexpected one.
#[derive(Debug, Default)]
struct Ends {
    overlaps: u32,
    codes: BTreeMap<Option<i32>, u32>,
    strange: BTreeMap<Option<i32>, (u32, String)>,
}

impl Ends {
    fn count(&mut self, ended: &Ended, expected: &[i32]) {
        *self.codes.entry(ended.code()).or_default() += 1;
        self.overlaps += u32::from(ended.said.contains(OVERLAP));
        if ended.code().is_none_or(|code| !expected.contains(&code)) {
            let said = || (0, ended.to_string());
            self.strange.entry(ended.code()).or_insert_with(said).0 += 1;
        }
    }

    fn add(&mut self, other: Self) {
        self.overlaps += other.overlaps;
        for (code, times) in other.codes {
            *self.codes.entry(code).or_default() += times;
        }
        for (code, (times, said)) in other.strange {
            self.strange.entry(code).or_insert((0, said)).0 += times;
        }
    }

    fn of(&self, code: Option<i32>) -> u32 {
        self.codes.get(&code).copied().unwrap_or_default()
    }

    fn are_well(&self) -> bool {
        self.overlaps == 0 && self.strange.is_empty()
    }
}

impl std::fmt::Display for Ends {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("exit statuses")?;
        for (code, times) in &self.codes {
            match code {
                Some(code) => write!(f, " {code}: {times},")?,
                None => write!(f, " by a signal: {times},")?,
            }
        }
        for (times, said) in self.strange.values() {
            write!(f, "\n    unexpected, {times} times, first: {said}")?;
        }
        Ok(())
    }
}

/// How long one row contends.
fn seconds() -> Duration {
    const VARIABLE: &str = "TENURE_FILESYSTEM_SECONDS";
    let seconds = env::var(VARIABLE).map_or(2, |seconds| {
        seconds.parse().unwrap_or_else(|_| panic!("{VARIABLE}={seconds} is no number"))
    });
    Duration::from_secs(seconds)
}

/// The names that a release has left in a directory.
fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.starts_with("release.lock") || name.starts_with(".fuse")).collect()
}

#[expect(clippy::disallowed_methods, reason = "it is no lockfile")]
fn remove(path: &Path) {
    fs::remove_file(path).unwrap();
}
