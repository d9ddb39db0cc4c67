//! One schedule, from the start of its processes to their end and the checks after it.

use std::hash::{DefaultHasher, Hash, Hasher};

use nix::sys::signal::Signal;
use nix::unistd::alarm;

use super::call::Call;
use super::calls::Subject;
use super::cast::Cast;
use super::history::History;
use super::schedule::{Choice, name};
use super::tracee::{Ending, Hung, State};

/// For how many seconds a schedule may take no step. A schedule takes milliseconds.
const LIMIT: u32 = 30;
/// More steps than any schedule takes: who goes beyond runs in circles.
const MOST_STEPS: usize = 2000;

/// How often the scheduler may do what the processes did not ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Interrupt a process that could go on, in favour of another.
    pub preemptions: u8,
    /// The same, in a schedule with a kill.
    pub preemptions_and_kill: u8,
    /// Kill a process.
    pub kills: u8,
}

impl Bounds {
    /// Whether all that these allow, `other` allows as well.
    pub fn within(self, other: Self) -> bool {
        self.preemptions <= other.preemptions
            && self.preemptions_and_kill <= other.preemptions_and_kill
            && self.kills <= other.kills
    }
}

/// Whether this crate has not made the lockfile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Found(bool);

pub struct Execution<'a, 'p> {
    cast: &'a mut Cast<'p>,
    /// Who gave way, and has not been overtaken since.
    yielded: Vec<bool>,
    last: Option<usize>,
    bounds: Bounds,
    left: Bounds,
    pub taken: Vec<Choice>,
    killed: bool,
    history: History,
}

impl<'a, 'p> Execution<'a, 'p> {
    pub fn start(cast: &'a mut Cast<'p>, bounds: Bounds) -> Result<Self, String> {
        alarm::set(LIMIT);
        cast.take_places().map_err(hung)?;
        let yielded = vec![false; cast.processes.len()];
        let mut execution = Self {
            cast,
            yielded,
            last: None,
            bounds,
            left: bounds,
            taken: Vec::new(),
            killed: false,
            history: History::default(),
        };
        execution.check()?;
        Ok(execution)
    }

    /// What can happen next, the least surprising first; nothing, when all have ended.
    pub fn choices(&self) -> Result<Vec<Choice>, String> {
        let ready: Vec<usize> = (0..self.cast.processes.len())
            .filter(|process| self.is_ready(*process) && !self.would_open_what_goes(*process))
            .collect();
        let blocked: Vec<usize> = self.numbers(|state| matches!(state, State::Blocked(_)));
        if ready.is_empty() && !blocked.is_empty() {
            return Err("deadlock: everybody waits".to_owned());
        }
        // Fair: who gives way waits for a step of somebody else, if there is one to take it.
        let eager = ready.iter().copied().filter(|process| !self.yielded[*process]);
        let mut ready: Vec<usize> = match eager.collect::<Vec<_>>() {
            eager if eager.is_empty() => ready,
            eager => eager,
        };
        let current = self.last.filter(|last| ready.contains(last));
        ready.sort_by_key(|process| Some(*process) != current);
        let free = |process: usize| current.is_none() || current == Some(process);
        let mut choices = Vec::new();
        for &process in &ready {
            if free(process) || self.left.preemptions > 0 {
                choices.push(Choice::Step(process));
            }
        }
        if self.left.kills > 0 {
            for &process in ready.iter().chain(&blocked) {
                if ready.is_empty() {
                    break;
                }
                let may_die = self.cast.processes[process].may_die && !self.leaves_lease(process);
                if may_die && (free(process) || self.left.preemptions_and_kill > 0) {
                    choices.push(Choice::Kill(process));
                }
            }
        }
        Ok(choices)
    }

    fn numbers(&self, is: impl Fn(&State) -> bool) -> Vec<usize> {
        (0..self.cast.processes.len())
            .filter(|number| is(&self.cast.processes[*number].state))
            .collect()
    }

    /// Whether a lease outlives `process`, because others have copies of its descriptor. They open the
    /// file again only when the kernel takes the lease away (`/proc/sys/fs/lease-break-time`, 45 s), and
    /// so this death is not explored.
    fn leaves_lease(&self, process: usize) -> bool {
        let has_kin = (0..self.cast.processes.len())
            .any(|number| self.cast.board.announced(number).is_some());
        let has_lease = matches!(&self.cast.processes[process].state, State::Ready(call) if call.returns_lease());
        has_kin && has_lease
    }

    fn is_ready(&self, process: usize) -> bool {
        matches!(self.cast.processes[process].state, State::Ready(_))
    }

    /// The one race that cannot be closed, and that is not explored: a program that knows only the
    /// kernel's lock opens the lockfile after the releaser has asked whether anybody has it open, and
    /// before the releaser removes it. Such a program does not open the file in between. It can do so
    /// before the question and after the removal, and everything else at any time.
    ///
    /// The question ends when the lease is given back that was its answer. (A contender also asks for a
    /// lease, of a file that names nobody, and does not remove that one: there, others may open it.)
    fn would_open_what_goes(&self, process: usize) -> bool {
        let is_about = |process: usize, is: &dyn Fn(&Call) -> bool| matches!(&self.cast.processes[process].state, State::Ready(call) if is(call));
        let removes = |process: usize| {
            is_about(process, &Call::removes_name)
                || is_about(process, &Call::returns_lease) && !self.names_nobody()
        };
        is_about(process, &Call::opens_as_others_do)
            && (0..self.cast.processes.len()).any(|other| other != process && removes(other))
    }

    /// Whether the lockfile is there and empty.
    fn names_nobody(&self) -> bool {
        std::fs::symlink_metadata(&self.cast.site.path).is_ok_and(|file| file.len() == 0)
    }

    /// Does it, and checks what has to be true at every moment.
    pub fn take(&mut self, choice: Choice) -> Result<(), String> {
        self.taken.push(choice);
        if self.taken.len() > MOST_STEPS {
            return Err(format!("no end after {MOST_STEPS} steps"));
        }
        let process = choice.process();
        (self.left, self.yielded) = (self.left_after(choice), self.yielded_after(choice));
        self.history = self.history_after(choice);
        let before = self.cast.processes[process].state.clone();
        let was_inside = self.cast.board.is_inside(process);
        match choice {
            Choice::Step(_) => self.cast.processes[process].step().map_err(hung)?,
            Choice::Kill(_) => {
                self.killed = true;
                self.cast.processes[process].kill().map_err(hung)?;
            }
        }
        // What it believes is changed without a call.
        self.cast.processes[process].may_die |= was_inside != self.cast.board.is_inside(process);
        self.last = Some(process);
        self.yielded[process] = self.gives_way(process);
        if let (State::Ended(_), Choice::Step(_)) = (&self.cast.processes[process].state, choice) {
            self.history = self.history.then(process, None);
        }
        self.awaken().map_err(hung)?;
        if self.cast.narrate {
            self.tell(choice, &before);
        }
        self.check()
    }

    /// Whoever slept and was woken goes on to its next stop.
    fn awaken(&mut self) -> Result<(), Hung> {
        for (number, process) in self.cast.processes.iter_mut().enumerate() {
            let State::Blocked(call) = process.state.clone() else { continue };
            process.awaken()?;
            if !matches!(process.state, State::Blocked(_)) {
                self.history = self.history.then(number, Some(&call));
            }
        }
        Ok(())
    }

    /// What a choice leads to: where two are equal, so is everything that can come after them, but
    /// for what is left of the bounds.
    pub fn outcome(&self, choice: Choice) -> (u64, Bounds) {
        let mut hasher = DefaultHasher::new();
        self.history_after(choice).hash(&mut hasher);
        (choice.process(), self.yielded_after(choice)).hash(&mut hasher);
        (hasher.finish(), self.left_after(choice))
    }

    fn history_after(&self, choice: Choice) -> History {
        let process = choice.process();
        match (choice, &self.cast.processes[process].state) {
            (Choice::Step(_), State::Ready(call)) => self.history.then(process, Some(call)),
            _ => self.history.then(process, None),
        }
    }

    fn left_after(&self, choice: Choice) -> Bounds {
        let mut left = self.left;
        let can_go_on = |last: usize| {
            self.is_ready(last) && !self.yielded[last] && !self.would_open_what_goes(last)
        };
        if self.last.is_some_and(|last| last != choice.process() && can_go_on(last)) {
            left.preemptions = left.preemptions.saturating_sub(1);
            left.preemptions_and_kill = left.preemptions_and_kill.saturating_sub(1);
        }
        if let Choice::Kill(_) = choice {
            left.kills -= 1;
            left.preemptions = left.preemptions_and_kill;
        }
        left
    }

    /// Who gave way is overtaken by the step of another.
    fn yielded_after(&self, choice: Choice) -> Vec<bool> {
        let still = |(number, yielded): (usize, &bool)| *yielded && number == choice.process();
        self.yielded.iter().enumerate().map(still).collect()
    }

    fn gives_way(&self, process: usize) -> bool {
        matches!(&self.cast.processes[process].state, State::Ready(call) if call.subject == Subject::Yield)
    }

    /// What has to be true at every moment.
    fn check(&mut self) -> Result<(), String> {
        for (number, process) in self.cast.processes.iter().enumerate() {
            match process.state {
                State::Ready(_) | State::Blocked(_) => {}
                State::Idle => self.cast.board.leave(number),
                State::Ended(Ending::Killed(Signal::SIGKILL)) => {
                    self.killed = true;
                    self.cast.board.leave(number);
                }
                State::Ended(ending) => {
                    let complaint = self.cast.board.complaint(number).unwrap_or_default();
                    return Err(format!("{} failed ({ending:?}): {complaint}", name(number)));
                }
            }
        }
        let inside: Vec<usize> = (0..self.cast.processes.len())
            .filter(|number| self.cast.board.is_inside(*number))
            .collect();
        match *inside {
            [_] if self.cast.program.rules.held_outside => Err("it was held already".to_owned()),
            [holder] if self.cast.program.rules.names_holder => self.check_record(holder),
            [] | [_] => Ok(()),
            _ => {
                let names: String = inside.iter().map(|number| name(*number)).collect();
                Err(format!("two inside: {names}"))
            }
        }
    }

    fn check_record(&self, holder: usize) -> Result<(), String> {
        let pid = self.cast.processes[holder].pid.as_raw().unsigned_abs();
        let bytes = std::fs::read(&self.cast.site.path)
            .map_err(|err| format!("{} is inside, and the lockfile: {err}", name(holder)))?;
        match tenure::Content::parse(&bytes) {
            tenure::Content::Record(record) if record.pid == pid => Ok(()),
            content => Err(format!("{} ({pid}) is inside, but it says {content:?}", name(holder))),
        }
    }

    /// Goes on without a surprise until all have ended.
    pub fn go_to_end(&mut self) -> Result<(), String> {
        while let Some(choice) = self.choices()?.first() {
            self.take(*choice)?;
        }
        Ok(())
    }

    /// What has to be true in the end.
    pub fn finish(self) -> Result<(), String> {
        alarm::cancel();
        let rules = self.cast.program.rules;
        let nobody =
            (0..self.cast.processes.len()).all(|number| self.cast.board.entered(number) == 0);
        if rules.somebody_enters && nobody && !self.killed {
            return Err("everybody was turned away".to_owned());
        }
        let names = self.cast.site.names();
        // A process that was interrupted may have had the file open while another released it.
        let interrupted = self.left.preemptions < self.bounds.preemptions;
        let may_stay = interrupted && self.released().is_some();
        if rules.leaves_nothing && !self.killed && !names.is_empty() && !may_stay {
            return Err(format!("left behind: {names:?}"));
        }
        if names.iter().any(|name| *name != "lock") && rules.tidy {
            return Err(format!("left beside the lockfile: {names:?}"));
        }
        (rules.contend)(&self.cast.site.path).map_err(|err| format!("afterwards, {err}"))?;
        match self.cast.site.names() {
            names if names.is_empty() || rules.held_outside || !rules.tidy => Ok(()),
            // A process that dies between creating the file and writing its record leaves one that
            // could be another program's.
            _ if (rules.finds || self.killed) && self.released() == Some(Found(true)) => Ok(()),
            names => Err(format!("left behind in the end: {names:?}")),
        }
    }

    /// Whether the lockfile was found, if it says that it is released.
    fn released(&self) -> Option<Found> {
        let bytes = std::fs::read(&self.cast.site.path).ok()?;
        match tenure::Content::parse(&bytes) {
            tenure::Content::Record(record) => record.released_at.map(|_| Found(record.found)),
            _ => None,
        }
    }

    fn tell(&self, choice: Choice, before: &State) {
        let process = choice.process();
        let letter = name(process);
        let pid = self.cast.processes[process].pid;
        let call = match before {
            State::Ready(call) => call.to_string(),
            State::Blocked(call) => format!("{call}, asleep"),
            State::Idle | State::Ended(_) => String::new(),
        };
        let now = &self.cast.processes[process];
        let result = match (choice, &now.state, now.result) {
            (Choice::Kill(_), ..) => "killed".to_owned(),
            (_, State::Blocked(_), _) => "sleeps".to_owned(),
            (_, _, Some(result)) if result < 0 => {
                let err = i32::try_from(-result).unwrap_or_default();
                std::io::Error::from_raw_os_error(err).to_string()
            }
            (_, _, Some(result)) => result.to_string(),
            (..) => "?".to_owned(),
        };
        let inside = if self.cast.board.is_inside(process) { "   [inside]" } else { "" };
        let ended = match now.state {
            State::Idle => "   [done]".to_owned(),
            State::Ended(ending) => format!("   [{ending:?}]"),
            _ => String::new(),
        };
        super::harness::tell(&format!(
            "{:4}  {letter} {pid}  {call} = {result}{inside}{ended}",
            self.taken.len()
        ));
    }
}

fn hung(_: Hung) -> String {
    format!("hung: no step in {LIMIT} seconds")
}
