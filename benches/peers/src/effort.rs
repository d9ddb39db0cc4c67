//! How much is measured: numbers that only trade time for steadiness.

use std::time::Duration;

#[derive(Clone, Copy, Debug)]
pub(crate) struct Effort {
    /// Rounds of what takes microseconds, and repetitions in each.
    pub(crate) rounds: usize,
    pub(crate) each: u32,
    /// Holders that are killed, of each peer.
    pub(crate) deaths: usize,
    /// How often there are new processes for hand-overs, and for how many each time.
    pub(crate) pairs: usize,
    pub(crate) handovers: usize,
    /// Rounds of contention, and for how long in each.
    pub(crate) contentions: usize,
    pub(crate) contention: Duration,
    /// Rounds of the crowd that waits.
    pub(crate) crowds: usize,
    /// Rounds of whole processes, and how many in each.
    pub(crate) spawns: usize,
    pub(crate) spawns_each: u32,
}

impl Effort {
    /// Some minutes.
    pub(crate) const FULL: Self = Self {
        rounds: 501,
        each: 20,
        deaths: 101,
        pairs: 20,
        handovers: 15,
        contentions: 9,
        contention: Duration::from_millis(250),
        crowds: 3,
        spawns: 9,
        spawns_each: 50,
    };

    /// Less than a minute: to see that everything works, not to be quoted.
    pub(crate) const QUICK: Self = Self {
        rounds: 51,
        each: 20,
        deaths: 15,
        pairs: 4,
        handovers: 5,
        contentions: 1,
        contention: Duration::from_millis(80),
        crowds: 1,
        spawns: 3,
        spawns_each: 20,
    };
}
