//! Measuring one thing beside another, in the same run.

use std::env;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use criterion::Criterion;

/// The directories to measure in, with the names of their file systems.
pub(crate) fn places() -> Vec<(String, PathBuf)> {
    let dirs = match env::var_os("TENURE_BENCH_DIRS") {
        Some(dirs) => env::split_paths(&dirs).collect(),
        None => vec!["/dev/shm".into(), env!("CARGO_TARGET_TMPDIR").into()],
    };
    dirs.into_iter().map(|dir: PathBuf| (file_system(&dir), dir)).collect()
}

/// The type of the file system, by df(1).
fn file_system(dir: &Path) -> String {
    let df = Command::new("df").arg("--output=fstype").arg(dir).stderr(Stdio::null()).output();
    let out = df.map(|out| String::from_utf8_lossy(&out.stdout).into_owned()).unwrap_or_default();
    out.lines().nth(1).unwrap_or("unknown").to_owned()
}

/// One measurement beside its baseline.
pub(crate) fn compare(
    criterion: &mut Criterion,
    table: &mut Table,
    name: &str,
    mut baseline: impl FnMut() -> Duration,
    contestants: &mut [(&str, &mut dyn FnMut() -> Duration)],
) {
    let mut group = criterion.benchmark_group(name);
    let repeat = |run: &mut dyn FnMut() -> Duration, times: u64| (0..times).map(|_| run()).sum();
    group.bench_function("baseline", |b| b.iter_custom(|n| repeat(&mut baseline, n)));
    for (contestant, run) in contestants.iter_mut() {
        group.bench_function(*contestant, |b| b.iter_custom(|n| repeat(run, n)));
        table.add(format!("{name}: {contestant}"), ratio(&mut baseline, run));
    }
    group.finish();
}

/// The median over rounds of the time of `run` to that of `baseline`, both measured in turn, so
/// that what else the machine does meets both.
fn ratio(baseline: &mut dyn FnMut() -> Duration, run: &mut dyn FnMut() -> Duration) -> f64 {
    const ROUNDS: usize = 201;
    const EACH: u32 = 200;
    /// What takes long, as a flush to the disk does, is not repeated as often.
    const LONG: Duration = Duration::from_micros(200);
    let (rounds, each) = if run() > LONG { (51, 4) } else { (ROUNDS, EACH) };
    let mut ratios: Vec<f64> = (0..rounds)
        .map(|_| {
            let base: Duration = (0..each).map(|_| baseline()).sum();
            let ours: Duration = (0..each).map(|_| run()).sum();
            ours.as_secs_f64() / base.as_secs_f64()
        })
        .collect();
    ratios.sort_by(f64::total_cmp);
    ratios[rounds / 2]
}

pub(crate) fn timed<T>(work: impl FnOnce() -> T) -> Duration {
    let start = Instant::now();
    black_box(work());
    start.elapsed()
}

/// The ratios, printed last.
#[derive(Default)]
pub(crate) struct Table(Vec<(String, f64)>);

impl Table {
    fn add(&mut self, name: String, ratio: f64) {
        self.0.push((name, ratio));
    }

    #[expect(clippy::print_stdout, reason = "the result of the program")]
    pub(crate) fn print(&self, baseline: &str) {
        println!(
            "\n| measured, as a ratio to {baseline} in the same run | ratio |\n| --- | ---: |"
        );
        for (name, ratio) in &self.0 {
            println!("| {name} | {ratio:.2} |");
        }
    }
}
