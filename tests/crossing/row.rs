//! A row of the table: a program, the ways to use tenure beside it, and what comes of that.

use std::fmt;
use std::fs;
use std::thread::scope;

use crate::other::Other;
use crate::outcome::Outcomes;
use crate::trials::Trials;
use crate::way::Way;

/// In a PID namespace, so that no process outlives the scene, and PIDs can be chosen.
pub(crate) const SCENE: &str = "unshare -mpf --mount-proc --kill-child";

/// The next processes have PIDs of five digits. Without its last digit, each is a dead process's.
const LAST_PID: &str = "20000";

#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    /// The name of the test that tries it.
    pub(crate) test: &'static str,
    pub(crate) other: Other,
    /// With each, the outcomes are the same.
    pub(crate) ways: &'static [Way],
    pub(crate) outcomes: Outcomes,
    pub(crate) why: &'static str,
}

impl Row {
    /// Tries all crossings in all ways.
    pub(crate) fn stands(&self) {
        fs::write("/proc/sys/kernel/ns_last_pid", LAST_PID).unwrap();
        let wrong: String = scope(|scope| {
            let found = self.ways.iter().map(|way| (way, scope.spawn(|| self.found(*way))));
            // All are started before one is waited for.
            let found: Vec<_> = found.collect();
            let found = found.into_iter().map(|(way, found)| (way, found.join().unwrap()));
            found.filter_map(|(way, found)| self.differs(*way, found)).collect()
        });
        assert!(wrong.is_empty(), "{wrong}");
    }

    fn found(&self, way: Way) -> Outcomes {
        Trials::new(&self.other, way).outcomes()
    }

    fn differs(&self, way: Way, found: Outcomes) -> Option<String> {
        let Self { other: Other { name, .. }, outcomes, .. } = self;
        let text = format!("\n{name} and {way}\n  found: {found}\n  table: {outcomes}");
        (found != *outcomes).then_some(text)
    }
}

/// As docs/crossing.md has it.
impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { test, other: Other { name, version, .. }, ways, outcomes, why } = self;
        let ways: Vec<_> = ways.iter().map(Way::to_string).collect();
        let safe = if outcomes.are_safe() { "yes" } else { "**no**" };
        write!(
            f,
            "| {name} | {version} | {} | {safe} | {outcomes} | {why} | `{test}` |",
            ways.join(", ")
        )
    }
}

/// Makes a test of each row, which has its name, and of all rows the list `ROWS`.
macro_rules! rows {
    ($($test:ident: Row { $($fields:tt)* })*) => {
        pub(crate) const ROWS: &[$crate::row::Row] =
            &[$($crate::row::Row { test: stringify!($test), $($fields)* }),*];
        $(
            #[test]
            fn $test() {
                const ROW: $crate::row::Row =
                    $crate::row::Row { test: stringify!($test), $($fields)* };
                $crate::support::elsewhere::elsewhere(
                    $crate::row::SCENE,
                    ROW.other.needs,
                    || ROW.stands(),
                );
            }
        )*
    };
}
pub(crate) use rows;
