//! The library without one of its guards: the explorer has to find what goes wrong.
//!
//! This test program is built once more, with a library that can leave its guards out, and run
//! with each of them missing. What was compiled for this run is used again, but for the library
//! and this program: cargo asks a wrapper to call the compiler for those, and the wrapper, which is
//! this program again, adds the `--cfg`.

use std::env;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A guard of `src/sabotage.rs`, a program in which its absence shows, and how.
pub const GUARDS: &[(&str, &str, &str)] = &[
    ("PathCheck", "one_releases_while_one_acquires", "is inside, and the lockfile"),
    ("Verdict", "two_find_a_holder_that_takes_no_kernel_lock", "it was held already"),
    ("UnlinkCheck", "two_newcomers_after_a_rogue_deletion", "two inside"),
    ("Strangers", "one_takes_two_turns_while_one_queues_for_flock", "two inside"),
    ("Judged", "one_acquires_while_one_removes_its_pid_file_and_ends", "RogueDeletion"),
    (
        "Judged",
        "one_acquires_and_one_cleans_while_one_removes_its_pid_file_and_ends",
        "RogueDeletion",
    ),
    ("Opened", "one_acquires_while_one_creates_and_removes", "RogueDeletion"),
    ("Bytes", "one_recovers_while_one_calls_fcntl", "two inside"),
    ("LockBeforeName", "one_puts_its_lockfile_back_while_one_calls_flock", "two inside"),
    ("Grip", "a_child_rebinds_while_its_parent_releases", "while it was held"),
    ("Hands", "a_child_rebinds_while_its_parent_releases", "while it was held"),
    ("TakeBack", "one_receives_what_another_sends", "a sender that fails has a lockfile"),
    ("Passed", "one_inherits_while_the_passer_drops_and_one_acquires", "nothing to inherit"),
    ("LookAgain", "one_releases_while_one_waits_with_a_limit", "deadlock"),
    ("Order", "one_releases_while_one_acquires", "Overwritten"),
    ("Complete", "one_links_and_crashes_while_one_links", "is not a lockfile: it is empty"),
    ("Claim", "two_glance_inside_after_a_stale_link", "two inside"),
    ("ClaimRecheck", "two_glance_inside_after_a_stale_link", "two inside"),
    ("ClaimOfClaim", "two_glance_inside_after_a_claimant_has_died", "two inside"),
    ("UnlinkCheck", "two_newcomers_after_a_rogue_deletion_of_the_link", "two inside"),
    ("RecordFirst", "a_kill_in_try_lock_strands_no_semaphore", "stuck"),
    ("GiveBackFirst", "a_kill_in_unlock_strands_no_semaphore", "stuck"),
    ("Stamp", "a_kill_in_try_lock_strands_no_semaphore", "two inside"),
];

const WRAPPER: &str = "TENURE_EXPLORER_WRAPS";

/// Where this program was called as the wrapper: the compiler, with the `--cfg`. Does not return.
pub fn wrap_compiler() {
    if env::var_os(WRAPPER).is_none() {
        return;
    }
    let mut arguments = env::args_os().skip(1);
    let compiler = arguments.next().expect("cargo names the compiler");
    let failed = Command::new(compiler).args(arguments).arg("--cfg=tenure_sabotage").exec();
    panic!("the compiler: {failed}");
}

/// Builds this test program with a library that can be sabotaged.
fn build() -> Result<PathBuf, String> {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("it is in the target");
    let output = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["test", "--no-run", "--offline", "--test", "interleavings"])
        .args(["--message-format", "json", "--target-dir"])
        .arg(target)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("RUSTC_WORKSPACE_WRAPPER", env::current_exe().expect("it runs"))
        .env(WRAPPER, "1")
        .output()
        .map_err(|err| format!("cargo: {err}"))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    let messages = String::from_utf8_lossy(&output.stdout).into_owned();
    let program = messages.lines().rev().find_map(|line| {
        let (_, rest) = line.split_once("\"executable\":\"")?;
        rest.split_once('"').map(|(path, _)| PathBuf::from(path))
    });
    program.ok_or_else(|| format!("cargo names no program: {messages}"))
}

/// Runs the program in which the absence of each guard shows; returns what was found.
pub fn find_what_is_missing() -> Result<String, String> {
    let explorer = build()?;
    let mut found = Vec::new();
    for (guard, program, symptom) in GUARDS {
        let explore = |how: &str| {
            let output = Command::new(&explorer)
                .env(super::CASE, program)
                .env("TENURE_SABOTAGE", guard)
                .env("TENURE_EXPLORE", how)
                .output()
                .map_err(|err| format!("{}: {err}", explorer.display()))?;
            let told = String::from_utf8_lossy(&output.stdout).into_owned();
            let missed = !output.status.success() && told.contains(symptom);
            Ok::<_, String>((missed, told))
        };
        // A sample, first: most show in it. Then without kills, because there are fewer schedules.
        let (mut missed, mut told) = explore("sample")?;
        for how in ["alive", "full"] {
            if !missed {
                (missed, told) = explore(how)?;
            }
        }
        if !missed {
            return Err(format!("{guard} is not missed in {program}: {told}"));
        }
        let trace = told.lines().last().unwrap_or_default();
        found.push(format!("\n    without {guard}: {trace}"));
    }
    Ok(found.concat())
}
