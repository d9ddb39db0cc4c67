//! The program, as whoever calls it meets it: its output, its exit status, and what its command
//! gets to see. Everything here is real: processes, signals, pipes and terminals.
//!
//! On Linux, where `/proc` shows who waits and who is stopped.
#![cfg(all(feature = "cli", target_os = "linux"))]
#![expect(clippy::unwrap_used, reason = "a test fails where it cannot go on")]

#[path = "cli/break_.rs"]
mod break_;
#[path = "cli/busy.rs"]
mod busy;
#[path = "cli/colours.rs"]
mod colours;
#[path = "cli/command.rs"]
mod command;
#[path = "cli/disks.rs"]
mod disks;
#[path = "cli/doctor.rs"]
mod doctor;
#[allow(dead_code, unreachable_pub, reason = "other tests need more of it, and from farther away")]
#[path = "support/elsewhere.rs"]
mod elsewhere;
#[path = "cli/environment.rs"]
mod environment;
#[path = "cli/errors.rs"]
mod errors;
#[path = "cli/examples.rs"]
mod examples;
#[path = "cli/exec.rs"]
mod exec;
#[path = "cli/flock.rs"]
mod flock;
#[path = "cli/foreign_content.rs"]
mod foreign_content;
#[path = "cli/generate.rs"]
mod generate;
#[path = "cli/hostile.rs"]
mod hostile;
#[path = "cli/list.rs"]
mod list;
#[path = "cli/lost.rs"]
mod lost;
#[path = "cli/orphans.rs"]
mod orphans;
#[path = "cli/output.rs"]
mod output;
#[path = "cli/owners.rs"]
mod owners;
#[path = "cli/record.rs"]
mod record;
#[path = "cli/replace.rs"]
mod replace;
#[path = "cli/screen.rs"]
mod screen;
#[allow(unreachable_pub, reason = "other tests need it from farther away")]
#[path = "support/semaphore_name.rs"]
mod semaphore_name;
#[path = "cli/semaphores.rs"]
mod semaphores;
#[path = "cli/signal.rs"]
mod signal;
#[path = "cli/signals.rs"]
mod signals;
#[path = "cli/spelling.rs"]
mod spelling;
#[path = "cli/status.rs"]
mod status;
#[path = "cli/stop.rs"]
mod stop;
#[path = "cli/support.rs"]
mod support;
#[path = "cli/target.rs"]
mod target;
#[path = "cli/terminal.rs"]
mod terminal;
#[path = "cli/tracing.rs"]
mod tracing;
#[path = "cli/unlock.rs"]
mod unlock;
#[path = "cli/usage.rs"]
mod usage;
#[path = "cli/wait.rs"]
mod wait;
#[path = "cli/waiting.rs"]
mod waiting;
#[path = "cli/watch.rs"]
mod watch;
