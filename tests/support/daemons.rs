//! Peers that fork, and whose children go on with the lock.

use std::env;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::sync::Mutex;

use nix::sys::signal::{Signal, kill, raise};
use nix::unistd::{ForkResult, Pid, fork, pipe};
use tenure::Lockfile;

use super::obedience::{obey, text};
use super::{MARK, PEER};

/// Forks a child that becomes the holder and goes on as this peer, while the parent obeys `last` and
/// exits; the answer is the child's PID, and what each of them has to say.
#[expect(unsafe_code, reason = "fork is what is tested")]
pub(super) fn daemonize(lock: &mut Lockfile, last: &str) -> String {
    let (rebound, tell) = pipe().unwrap();
    let (ended, end) = pipe().unwrap();
    // SAFETY: as in `in_child`.
    match unsafe { fork() }.unwrap() {
        ForkResult::Child => {
            drop((rebound, end));
            let result = lock.rebind().map_or_else(|err| text(&err), |()| "ok".to_owned());
            drop(tell);
            let mut said = String::new();
            File::from(ended).read_to_string(&mut said).unwrap();
            println!("{MARK}{} {result} {said}", std::process::id());
            serve(lock);
            // SAFETY: as in `in_child`.
            unsafe { nix::libc::_exit(0) }
        }
        ForkResult::Parent { .. } => {
            drop((tell, ended));
            assert_eq!(nix::unistd::read(&rebound, &mut [0]), Ok(0));
            let said = obey(lock, last);
            *lock = lock.clone();
            File::from(end).write_all(said.as_bytes()).unwrap();
            // SAFETY: as in `in_child`.
            unsafe { nix::libc::_exit(0) }
        }
    }
}

/// SIGTERM to this process, which ends it.
pub(super) fn terminate() -> ! {
    kill(Pid::this(), Signal::SIGTERM).unwrap();
    loop {
        std::thread::park();
    }
}

/// Starts a successor that goes on as this peer, and ends.
#[expect(unsafe_code, reason = "std has no exit without destructors")]
pub(super) fn pass_on(lock: &mut Lockfile, end: &str) -> ! {
    let mut program = Command::new(env::current_exe().unwrap());
    lock.pass_to(program.args(PEER)).unwrap();
    assert!(end != "exec", "{}", program.exec());
    std::mem::forget(program.spawn().unwrap());
    drop(program);
    match end {
        "drop" => *lock = lock.clone(),
        "exit" => std::process::exit(0),
        "terminate" => terminate(),
        "kill" => raise(Signal::SIGKILL).unwrap(),
        _ => {}
    }
    // SAFETY: as in `in_child`.
    unsafe { nix::libc::_exit(0) }
}

/// What tells the child of [`fork_and_rebind_late`] to begin, and what it says then.
static LATE: Mutex<Option<(File, File)>> = Mutex::new(None);

/// Forks a child that rebinds when it is told to, or this process has died; in that case it answers.
#[expect(unsafe_code, reason = "fork is what is tested")]
pub(super) fn fork_and_rebind_late(lock: &mut Lockfile) {
    let (told, go) = pipe().unwrap();
    let (result, tell) = pipe().unwrap();
    // SAFETY: as in `in_child`.
    match unsafe { fork() }.unwrap() {
        ForkResult::Child => {
            drop((go, result));
            assert_eq!(nix::unistd::read(&told, &mut [0]), Ok(0));
            let text = lock.rebind().map_or_else(|err| text(&err), |()| "ok".to_owned());
            if nix::unistd::write(&tell, text.as_bytes()).is_err() {
                println!("{MARK}{text}");
            }
            drop(tell);
            serve(lock);
            // SAFETY: as in `in_child`.
            unsafe { nix::libc::_exit(0) }
        }
        ForkResult::Parent { .. } => {
            *LATE.lock().unwrap() = Some((File::from(go), File::from(result)));
        }
    }
}

/// Tells that child to begin, and returns what it says.
pub(super) fn late() -> String {
    let (go, mut result) = LATE.lock().unwrap().take().unwrap();
    drop(go);
    let mut text = String::new();
    result.read_to_string(&mut text).unwrap();
    text
}

/// Obeys what comes on the standard input, which another process has read up to here.
fn serve(lock: &mut Lockfile) {
    let (stdin, mut command) = (io::stdin(), Vec::new());
    let mut byte = [0];
    while nix::unistd::read(stdin.as_fd(), &mut byte).is_ok_and(|n| n > 0) {
        if byte == *b"\n" {
            println!("{MARK}{}", obey(lock, std::str::from_utf8(&command).unwrap()));
            command.clear();
        } else {
            command.extend(byte);
        }
    }
    *lock = lock.clone();
}
