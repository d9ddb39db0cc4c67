//! How to stop a process, as start-stop-daemon(8) has it: signals, and how long to wait after each.

use std::str::FromStr;
use std::time::Duration;

use super::limit::{Limit, limit};
use super::signal_name::SignalNumber;

/// One step of a schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Send(SignalNumber),
    Wait(Duration),
}

/// Signals and waits in their order; the steps from `repeated` on are repeated until the process
/// has ended, if there are any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Schedule {
    steps: Vec<Step>,
    repeated: usize,
}

/// What is usually granted after a signal.
pub(crate) const GRACE: Duration = Duration::from_secs(10);

impl Schedule {
    /// TERM, and if the process has not ended after `grace`, KILL.
    pub(crate) fn after(grace: Duration) -> Self {
        // What was killed may have to write to a disk before it ends.
        let steps = [(SignalNumber::TERM, grace), (SignalNumber::KILL, grace.max(GRACE))];
        let steps: Vec<_> =
            steps.into_iter().flat_map(|(it, wait)| [Step::Send(it), Step::Wait(wait)]).collect();
        Self { repeated: steps.len(), steps }
    }

    /// The steps, without end if they are repeated.
    pub(crate) fn steps(&self) -> impl Iterator<Item = Step> + '_ {
        let (once, repeated) = self.steps.split_at(self.repeated);
        once.iter().chain(repeated.iter().cycle()).copied()
    }
}

impl Default for Schedule {
    fn default() -> Self {
        Self::after(GRACE)
    }
}

/// Reads "TERM/30/KILL/5", "INT/1m 30s/forever/KILL/1", and "30", which is "TERM/30/KILL/30".
impl FromStr for Schedule {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(Limit::AtMost(wait)) = limit(text) {
            let signals = [SignalNumber::TERM, SignalNumber::KILL];
            let steps = signals.into_iter().flat_map(|it| [Step::Send(it), Step::Wait(wait)]);
            return Ok(Self { steps: steps.collect(), repeated: 4 });
        }
        let (mut steps, mut repeated) = (Vec::new(), None);
        for item in text.split('/') {
            match item {
                "forever" if repeated.is_none() => repeated = Some(steps.len()),
                "forever" => return Err("what is repeated for ever has no end".to_owned()),
                item => steps.push(step(item)?),
            }
        }
        if !steps.iter().any(|step| matches!(step, Step::Send(_))) {
            return Err("it sends no signal".to_owned());
        }
        // Without one it would go round as fast as it can, and with none at the end nobody would
        // see what came of the last signal.
        let waits = |step: Option<&Step>| matches!(step, Some(Step::Wait(wait)) if repeated.is_none() || !wait.is_zero());
        if !waits(steps.last()) || repeated == Some(steps.len()) {
            return Err("it has to end with a time to wait".to_owned());
        }
        Ok(Self { repeated: repeated.unwrap_or(steps.len()), steps })
    }
}

/// A bare number is a time, as it is for start-stop-daemon(8); signals by number have a dash.
fn step(item: &str) -> Result<Step, String> {
    let wrong = || format!("{item:?} is neither a signal nor a time to wait");
    match (item.strip_prefix('-'), limit(item)) {
        (Some(signal), _) => signal.parse().map(Step::Send).map_err(|_| wrong()),
        (None, Ok(Limit::AtMost(wait))) => Ok(Step::Wait(wait)),
        (None, _) => item.parse().map(Step::Send).map_err(|_| wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TERM: Step = Step::Send(SignalNumber::TERM);
    const KILL: Step = Step::Send(SignalNumber::KILL);

    fn wait(seconds: u64) -> Step {
        Step::Wait(Duration::from_secs(seconds))
    }

    fn steps(text: &str) -> Vec<Step> {
        text.parse::<Schedule>().unwrap().steps().take(7).collect()
    }

    #[test]
    fn a_schedule_is_signals_and_waits() {
        assert_eq!(steps("TERM/30/KILL/5"), [TERM, wait(30), KILL, wait(5)]);
        assert_eq!(steps("-TERM/1m 30s/-9/5"), [TERM, wait(90), KILL, wait(5)]);
        assert_eq!(steps("TERM/5"), [TERM, wait(5)]);
        assert_eq!(steps("30"), [TERM, wait(30), KILL, wait(30)]);
    }

    #[test]
    fn what_follows_forever_is_repeated() {
        let expected = [TERM, wait(5), KILL, wait(1), KILL, wait(1), KILL];
        assert_eq!(steps("TERM/5/forever/KILL/1"), expected);
    }

    #[test]
    fn a_schedule_that_stops_nothing_or_does_not_wait_is_refused() {
        for wrong in [
            "",
            "/",
            "TERM",
            "TERM/",
            "5/5",
            "TERM/5/KILL",
            "TERM/5/forever",
            "forever/TERM/0",
            "forever/TERM/forever/1",
            "TERM/soon",
            "TERM/-5/-",
            "forever",
        ] {
            assert!(wrong.parse::<Schedule>().is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn no_grace_is_a_kill_at_once_and_its_end_is_waited_for() {
        let steps: Vec<_> = Schedule::after(Duration::ZERO).steps().collect();
        assert_eq!(steps, [TERM, wait(0), KILL, wait(10)]);
    }
}
