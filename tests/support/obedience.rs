//! What a peer does when it is told to.

use std::env;
use std::fs::{self, File};
use std::io::{self, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex};
use std::time::Duration;

use nix::fcntl::{Flock, FlockArg};
use nix::sched::{CloneFlags, unshare};
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction};
use nix::unistd::{ForkResult, fork, pipe, setuid};
use tenure::{Cancel, Error, Lockfile, Loss};

use super::{PEER, daemons, forking};

pub(super) fn obey(lock: &mut Lockfile, command: &str) -> String {
    let (word, argument) = command.split_once(' ').unwrap_or((command, ""));
    let result = match word {
        "try_lock" => lock.try_lock(),
        // With what the system said.
        "try_lock_why" => {
            let err = lock.try_lock().unwrap_err();
            return format!("{err}: {}", std::error::Error::source(&err).unwrap());
        }
        "lock" => lock.lock(),
        "lock_timeout" => lock.lock_timeout(Duration::from_millis(argument.parse().unwrap())),
        "try_lock_shared" => lock.try_lock_shared(),
        "lock_shared" => lock.lock_shared(),
        "unlock" => lock.unlock(),
        "verify" => lock.verify(),
        "set_message" => lock.set_message(argument),
        "set_message_of_two_lines" => lock.set_message("one\nREADY=1 “two”"),
        "set_phase" => lock.set_phase(super::phase(argument)),
        "restore" => lock.restore(),
        #[cfg(feature = "signals")]
        "release_on_signals" => lock.release_on_signals(),
        "ignore_hangup" => {
            handle(Signal::SIGHUP, SigHandler::SigIgn);
            Ok(())
        }
        "terminate" => daemons::terminate(),
        "exit" => std::process::exit(0),
        "return_with_it" => {
            drop(std::mem::replace(lock, Lockfile::new("")));
            Ok(())
        }
        "panic_with_it" => {
            let lock = std::mem::replace(lock, Lockfile::new(""));
            let unwound = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                let _lock = lock;
                panic!("it unwinds");
            }));
            assert!(unwound.is_err());
            Ok(())
        }
        "send_to" => lock.send_to(&UnixStream::connect(argument).unwrap()),
        "receive_from" => lock.receive_from(&UnixStream::connect(argument).unwrap()),
        "inherit" => {
            return lock.inherit().map_or_else(|err| text(&err), |inherited| inherited.to_string());
        }
        // The answer is the successor's "ready".
        "pass_on" => daemons::pass_on(lock, argument),
        "rebind" => lock.rebind(),
        "fork_and_rebind_late" => {
            daemons::fork_and_rebind_late(lock);
            Ok(())
        }
        "late" => return daemons::late(),
        "daemonize" => return daemons::daemonize(lock, argument),
        "on_lost" => lock.on_lost(|loss| {
            *LOSS.0.lock().unwrap() = Some(loss);
            LOSS.1.notify_all();
        }),
        "loss" => return loss(),
        "lose_in_a_child" => return in_child(|| lose(Path::new(argument))),
        "break_unproven" => lock.break_unproven(argument).map(|_| ()),
        "release_stale" => lock.release_stale().map(|_| ()),
        "drop" => {
            *lock = lock.clone();
            Ok(())
        }
        "chdir" => {
            env::set_current_dir(argument).unwrap();
            Ok(())
        }
        "become" => {
            setuid(argument.parse::<u32>().unwrap().into()).unwrap();
            Ok(())
        }
        "status" => return lock.status().map_or_else(|err| text(&err), |s| s.state().to_string()),
        "holder" => {
            return lock.holder().map_or_else(
                |err| text(&err),
                |h| h.map_or("none".into(), |h| h.pid().to_string()),
            );
        }
        "verdict" => {
            return lock.status().map_or_else(|err| text(&err), |s| format!("{:?}", s.verdict()));
        }
        "why" => {
            return lock.recovered_from().map_or("no".into(), |h| format!("{:?}", h.verdict()));
        }
        "signal_holder" => {
            let found = lock.holder_process();
            let found = found
                .and_then(|found| found.map(|it| it.signal(argument.parse().unwrap())).transpose());
            return found.map_or_else(|err| text(&err), |sent| format!("{sent:?}"));
        }
        "pid" => return std::process::id().to_string(),
        "is_held" => return lock.is_held().to_string(),
        // The answer is the new program's "ready".
        "exec" => panic!("{}", Command::new(env::current_exe().unwrap()).args(PEER).exec()),
        "unshare_pids" => {
            unshare(CloneFlags::CLONE_NEWPID).unwrap();
            Ok(())
        }
        // All the descriptors that it may have, so that it takes a while to die.
        "open_many" => {
            while let Ok(file) = File::open("/dev/null") {
                std::mem::forget(file);
            }
            Ok(())
        }
        "unshare_ipc" => {
            unshare(CloneFlags::CLONE_NEWIPC).unwrap();
            Ok(())
        }
        "lock_in_signals" => {
            count_signals();
            lock.lock()
        }
        "refuse_sockets" => {
            super::sandbox::refuse(nix::libc::SYS_socket, nix::errno::Errno::EACCES);
            Ok(())
        }
        "lock_until_told" => lock_until_told(lock),
        "lock_until_a_child_fires" => {
            let cancel = Cancel::new().unwrap();
            let fired = in_child(|| {
                cancel.fire();
                cancel.is_fired().to_string()
            });
            assert_eq!(fired, "true");
            lock.lock_until(&cancel)
        }
        "lock_and_chdir_meanwhile" => {
            let elsewhere = argument.to_owned();
            let (mut waiting, moved) = (lock.clone(), AtomicUsize::new(0));
            waiting = waiting.on_wait(move |_, _| {
                moved.store(1, Ordering::Relaxed);
                env::set_current_dir(&elsewhere).unwrap();
            });
            let result = waiting.lock_timeout(Duration::from_secs(1_000_000));
            *lock = waiting;
            result
        }
        "lock_and_fork_meanwhile" => return lock_and_fork_meanwhile(lock),
        "lock_while_a_child_looks" => return forking::lock_while_a_child_looks(lock),
        "signals" => {
            return if SIGNALS.load(Ordering::Relaxed) > 0 { "some" } else { "none" }.to_owned();
        }
        "take_turns" => {
            for _ in 0..200 {
                lock.lock().unwrap();
                // Fails if anybody else is inside.
                let inside = Lockless::enter(Path::new(argument));
                drop(inside);
                lock.unlock().unwrap();
            }
            Ok(())
        }
        "fork_and_stay" => {
            fork_and_stay();
            Ok(())
        }
        // Until the standard input ends, which the child has in common with this process.
        "fork_and_outlive" => {
            fork_until_end_of(io::stdin().as_fd());
            Ok(())
        }
        "recovered" => return lock.recovered_from().map_or("no".into(), |h| h.pid().to_string()),
        // In a forked child, whose copy of the value is its parent's possession.
        "fork" => return in_child(|| obey(lock, argument)),
        // A command of this process, that is still there when this process is not.
        "spawn" => {
            let child = Command::new("sleep").arg("infinity").spawn().unwrap();
            let pid = child.id();
            std::mem::forget(child);
            return pid.to_string();
        }
        _ => panic!("{command:?} is no command"),
    };
    result.map_or_else(|err| text(&err), |()| "ok".to_owned())
}

/// What the lookout has told of, and a call when it does.
static LOSS: (Mutex<Option<Loss>>, Condvar) = (Mutex::new(None), Condvar::new());

/// The loss that was told of, or will be.
fn loss() -> String {
    let told = LOSS.1.wait_while(LOSS.0.lock().unwrap(), |loss| loss.is_none()).unwrap();
    format!("{:?}", told.unwrap())
}

/// What the holder of a lockfile is told when it is removed.
#[expect(clippy::disallowed_methods, reason = "a rogue")]
fn lose(path: &Path) -> String {
    let mut lock = Lockfile::acquire(path).unwrap();
    let (tell, told) = std::sync::mpsc::channel();
    lock.on_lost(move |loss| tell.send(loss).unwrap()).unwrap();
    fs::remove_file(path).unwrap();
    format!("{:?}", told.recv().unwrap())
}

/// `Variant: what it says`.
pub(super) fn text(err: &Error) -> String {
    let debug = format!("{err:?}");
    let variant = debug.split(|c: char| !c.is_alphanumeric()).next().unwrap();
    format!("{variant}: {err}")
}

static SIGNALS: AtomicUsize = AtomicUsize::new(0);

extern "C" fn count(_: i32) {
    SIGNALS.fetch_add(1, Ordering::Relaxed);
}

/// From here on, `signal` does this.
#[expect(unsafe_code, reason = "nix marks it so, because a handler could be anything")]
pub(super) fn handle(signal: Signal, handler: SigHandler) {
    let action = SigAction::new(handler, SaFlags::empty(), SigSet::empty());
    // SAFETY: the only function that is ever a handler here adds to an atomic.
    unsafe { sigaction(signal, &action) }.unwrap();
}

/// Handles SIGUSR1, in a way that interrupts system calls (no `SA_RESTART`).
fn count_signals() {
    handle(Signal::SIGUSR1, SigHandler::Handler(count));
    // The thread that waits is the one to be interrupted: the main thread must not take it.
    SigSet::from(Signal::SIGUSR1).thread_unblock().unwrap();
}

/// Waits until SIGUSR2 comes.
fn lock_until_told(lock: &mut Lockfile) -> tenure::Result<()> {
    let signals = SigSet::from(Signal::SIGUSR2);
    // Threads inherit it, but the harness's main thread has it open: see `interrupt`.
    let cancel = Cancel::new().unwrap();
    let fire = cancel.clone();
    let told = signal_as_descriptor(signals);
    std::thread::spawn(move || {
        let mut byte = [0; 128];
        nix::unistd::read(&told, &mut byte).unwrap();
        fire.fire();
    });
    lock.lock_until(&cancel)
}

static TOLD: std::sync::OnceLock<std::os::fd::OwnedFd> = std::sync::OnceLock::new();

extern "C" fn tell(_: i32) {
    if let Some(writer) = TOLD.get() {
        let _ = nix::unistd::write(writer, b"!");
    }
}

/// Readable once one of `signals` has come.
#[expect(unsafe_code, reason = "nix marks it so, because a handler could be anything")]
fn signal_as_descriptor(signals: SigSet) -> std::os::fd::OwnedFd {
    let (reader, writer) = pipe().unwrap();
    TOLD.set(writer).unwrap();
    let action = SigAction::new(SigHandler::Handler(tell), SaFlags::SA_RESTART, SigSet::empty());
    for signal in &signals {
        // SAFETY: the handler only writes to a pipe.
        unsafe { sigaction(signal, &action) }.unwrap();
    }
    reader
}

/// Forks when it is told that it waits; parent and child both go on.
#[expect(unsafe_code, reason = "fork is what is tested")]
fn lock_and_fork_meanwhile(lock: &mut Lockfile) -> String {
    static FORKED: AtomicUsize = AtomicUsize::new(0);
    let mut waiting = lock.clone().on_wait(|_, _| {
        if FORKED.compare_exchange(0, 1, Ordering::Relaxed, Ordering::Relaxed).is_ok() {
            // SAFETY: the child goes on with this thread's work, which takes no lock of another's.
            if let ForkResult::Child = unsafe { fork() }.expect("forked") {
                FORKED.store(2, Ordering::Relaxed);
            } else {
                println!("{}forked", super::MARK);
            }
        }
    });
    waiting.lock_timeout(Duration::from_secs(1_000_000)).unwrap();
    // It is not only believed: the kernel refuses everybody else.
    let file = File::open(lock.path()).unwrap();
    let refused = Flock::lock(file, FlockArg::LockExclusiveNonblock).is_err();
    waiting.unlock().unwrap();
    if FORKED.load(Ordering::Relaxed) == 2 {
        // SAFETY: ends this process at once, without running what the parent has at exit.
        unsafe { nix::libc::_exit(i32::from(!refused)) }
    }
    let status = nix::sys::wait::wait().unwrap();
    let child = matches!(status, nix::sys::wait::WaitStatus::Exited(_, 0));
    if refused && child {
        "both, one after the other".to_owned()
    } else {
        format!("{refused} {status:?}")
    }
}

/// Exclusion without this crate: a directory that only one can make.
pub(super) struct Lockless<'a>(&'a Path);

impl<'a> Lockless<'a> {
    pub(super) fn enter(path: &'a Path) -> Self {
        fs::create_dir(path).expect("somebody else is inside");
        Self(path)
    }
}

impl Drop for Lockless<'_> {
    fn drop(&mut self) {
        fs::remove_dir(self.0).unwrap();
    }
}

/// Forks a child that has all descriptors and does nothing until this process ends.
#[expect(unsafe_code, reason = "fork is what is tested")]
fn fork_and_stay() {
    let (reader, writer) = pipe().unwrap();
    // SAFETY: the child only reads and exits.
    if let ForkResult::Child = unsafe { fork() }.expect("forked") {
        drop(writer);
        while nix::unistd::read(&reader, &mut [0]).is_ok_and(|n| n > 0) {}
        // SAFETY: ends this process at once, without running what the parent has at exit.
        unsafe { nix::libc::_exit(0) }
    }
    std::mem::forget(writer);
}

/// Forks a child that has all descriptors and does nothing until it reads the end of one.
#[expect(unsafe_code, reason = "fork is what is tested")]
fn fork_until_end_of(input: BorrowedFd<'_>) {
    // SAFETY: the child only reads and exits.
    if let ForkResult::Child = unsafe { fork() }.expect("forked") {
        while nix::unistd::read(input, &mut [0]).is_ok_and(|n| n > 0) {}
        // SAFETY: ends this process at once, without running what the parent has at exit.
        unsafe { nix::libc::_exit(0) }
    }
}

/// Runs `work` in a forked child; returns what it returned.
#[expect(unsafe_code, reason = "fork is what is tested")]
pub fn in_child(work: impl FnOnce() -> String) -> String {
    let (reader, writer) = pipe().unwrap();
    let (mut reader, mut writer) = (File::from(reader), File::from(writer));
    // SAFETY: the harness's other thread waits in this program, and `work` takes no lock of it.
    match unsafe { fork() }.unwrap() {
        ForkResult::Child => {
            writer.write_all(work().as_bytes()).unwrap();
            drop(writer);
            // SAFETY: ends this process at once, without running what the parent has at exit.
            unsafe { nix::libc::_exit(0) }
        }
        ForkResult::Parent { child } => {
            drop(writer);
            let mut answer = String::new();
            io::Read::read_to_string(&mut reader, &mut answer).unwrap();
            nix::sys::wait::waitpid(child, None).unwrap();
            answer
        }
    }
}
