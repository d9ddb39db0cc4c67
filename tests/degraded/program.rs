//! `tenure run` without pidfds: the guard has nothing that tells it of the end of the command.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use nix::errno::Errno;

use crate::places::no_pidfds;
use crate::support::elsewhere::elsewhere;
use crate::support::place;

/// It takes a while to end: the memory that it has is to be given back.
const LARGE: &str = "x=$(head -c 30000000 /dev/zero | tr '\\0' x); echo $$; read y";

/// Whether a process of that PID is there, and not a zombie.
fn is_alive(pid: &str) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with(['Z', 'X']))
}

fn run(path: &Path, script: &str) -> Child {
    let mut tenure = Command::new(env!("CARGO_BIN_EXE_tenure"));
    tenure.arg("run").arg(path).args(["--", "sh", "-c", script]);
    tenure.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap()
}

/// What the command says, line by line.
fn line(child: &mut Child) -> String {
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    line.trim_end().to_owned()
}

#[test]
fn a_command_runs_and_its_wrapper_goes_without_a_trace() {
    elsewhere("unshare -m", &[], || {
        no_pidfds(Errno::EPERM);
        let place = place();
        let mut tenure = run(&place.path, "read y; exit 7");
        drop(tenure.stdin.take());
        assert_eq!(tenure.wait().unwrap().code(), Some(7));
        assert!(place.names().is_empty());
    });
}

#[test]
fn the_lock_of_a_killed_wrapper_is_held_until_its_command_has_ended() {
    elsewhere("unshare -mpf --mount-proc --kill-child", &[], || {
        no_pidfds(Errno::ENOSYS);
        let place = place();
        for _ in 0..5 {
            let mut killed = run(&place.path, LARGE);
            let command = line(&mut killed);
            killed.kill().unwrap();
            killed.wait().unwrap();
            // Busy, until it is recovered: then the command has ended.
            let mut next = tenure::Lockfile::new(&place.path);
            while let Err(err) = next.try_lock() {
                assert!(err.is_busy(), "{err}");
            }
            assert!(!is_alive(&command), "it ran when the next was let in");
            next.unlock().unwrap();
        }
    });
}
