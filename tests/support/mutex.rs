//! What a peer does when it is told to, with a `RobustMutex`.

use std::env;
use std::fs;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use nix::sched::{CloneFlags, unshare};
use tenure::{Lock, Result, RobustMutex};

use super::PEER;
use super::obedience::{Lockless, in_child, text};

pub(super) fn obey(lock: &mut Option<RobustMutex>, path: &Path, command: &str) -> String {
    let (word, argument) = command.split_once(' ').unwrap_or((command, ""));
    let result = match word {
        "open" => open(lock, path),
        "open_at" => open(lock, Path::new(argument)),
        "close" => {
            *lock = None;
            Ok(())
        }
        "fork" => return in_child(|| obey(lock, path, argument)),
        // The answer is the new program's "ready".
        "exec" => panic!("{}", Command::new(env::current_exe().unwrap()).args(PEER).exec()),
        // As daemons do that close all descriptors.
        "close_the_file" => {
            let descriptors = fs::read_dir("/proc/self/fd").unwrap().map(|entry| entry.unwrap());
            let file = descriptors
                .into_iter()
                .find(|fd| fs::read_link(fd.path()).is_ok_and(|target| target == path));
            let file: i32 = file.unwrap().file_name().to_str().unwrap().parse().unwrap();
            nix::unistd::close(file).unwrap();
            Ok(())
        }
        "unshare_pids" => {
            unshare(CloneFlags::CLONE_NEWPID).unwrap();
            Ok(())
        }
        _ => return obey_open(lock.as_mut().unwrap(), word, argument),
    };
    answer(result)
}

fn obey_open(lock: &mut RobustMutex, word: &str, argument: &str) -> String {
    answer(match word {
        "try_lock" => lock.try_lock(),
        "lock" => lock.lock(),
        "lock_timeout" => lock.lock_timeout(Duration::from_millis(argument.parse().unwrap())),
        "unlock" => lock.unlock(),
        "is_held" => return lock.is_held().to_string(),
        "was_abandoned" => return lock.was_abandoned().to_string(),
        "holder" => return lock.status().unwrap().holder().unwrap().pid().to_string(),
        "take_turns" => {
            for _ in 0..200 {
                lock.lock().unwrap();
                // Fails if anybody else is inside.
                drop(Lockless::enter(Path::new(argument)));
                lock.unlock().unwrap();
            }
            Ok(())
        }
        _ => panic!("{word:?} is no command"),
    })
}

fn open(lock: &mut Option<RobustMutex>, path: &Path) -> Result<()> {
    // The old one is closed first.
    *lock = None;
    *lock = Some(RobustMutex::open(path)?);
    Ok(())
}

fn answer(result: Result<()>) -> String {
    result.map_or_else(|err| text(&err), |()| "ok".to_owned())
}
