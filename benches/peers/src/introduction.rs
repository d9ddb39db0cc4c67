//! On what was measured, and what.

use std::fs;
use std::process::Command;
use std::thread;

/// The peers whose versions matter.
const PACKAGES: [&str; 5] = ["fslock", "fd-lock", "named-lock", "simplelock", "pidlock"];

pub(crate) fn introduction() -> String {
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let processors = thread::available_parallelism().map_or(0, usize::from);
    let versions = PACKAGES.map(|name| format!("{name} {}", version(name)));
    format!(
        "Linux {}, {processors} processors. {}, {}. Ratios to a baseline of the same run; \
         `?` where something else slowed down the baseline meanwhile.\n",
        kernel.trim(),
        versions.join(", "),
        flock_version(),
    )
}

/// The version that was built.
fn version(name: &str) -> &'static str {
    let lock = include_str!("../Cargo.lock");
    let package =
        lock.split("[[package]]").find(|text| text.contains(&format!("\nname = \"{name}\"\n")));
    let version = package.and_then(|text| text.split("version = \"").nth(1));
    version.and_then(|text| text.split('"').next()).unwrap_or("?")
}

/// As flock(1) has it: `flock from util-linux 2.38.1`.
fn flock_version() -> String {
    let output = Command::new("flock").arg("--version").output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    text.ok().filter(|text| !text.is_empty()).unwrap_or_else(|| "no flock(1)".to_owned())
}
