//! The command line.

use std::path::PathBuf;

use lexopt::prelude::*;

use crate::effort::Effort;
use crate::measure::{self, Measurement};

pub(crate) const HELP: &str = "\
Measures tenure beside its peers, and prints Markdown.

  --quick      all of it in less than a minute, roughly
  --only NAME  one of cycle, busy, takeover, handover, contention, wakeups, program
  --svg PATH   where to draw the chart; benches/peers/peers.svg if everything is measured in full,
               else nowhere

TENURE_BENCH_DIRS=/a:/b are the directories to measure in, TENURE_BIN the program to measure.
";

pub(crate) struct Options {
    pub(crate) effort: Effort,
    pub(crate) measurements: Vec<Measurement>,
    pub(crate) svg: Option<PathBuf>,
}

/// `None` if only the help was asked for.
pub(crate) fn parse() -> Result<Option<Options>, lexopt::Error> {
    let (mut quick, mut only, mut svg) = (false, None, None);
    let mut parser = lexopt::Parser::from_env();
    while let Some(arg) = parser.next()? {
        match arg {
            Long("quick") => quick = true,
            Long("only") => only = Some(parser.value()?.parse_with(named)?),
            Long("svg") => svg = Some(parser.value()?.into()),
            Short('h') | Long("help") => return Ok(None),
            _ => return Err(arg.unexpected()),
        }
    }
    // The chart beside the manifest is committed: half a run is not to replace it.
    let whole = !quick && only.is_none();
    let default = || concat!(env!("CARGO_MANIFEST_DIR"), "/peers.svg").into();
    Ok(Some(Options {
        effort: if quick { Effort::QUICK } else { Effort::FULL },
        measurements: only.map_or_else(|| measure::ALL.to_vec(), |only| vec![only]),
        svg: svg.or_else(|| whole.then(default)),
    }))
}

fn named(name: &str) -> Result<Measurement, &'static str> {
    let found = measure::ALL.into_iter().find(|measurement| measurement.name == name);
    found.ok_or("no such measurement")
}
