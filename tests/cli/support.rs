//! The words that these tests are written in.

#[path = "support/running.rs"]
mod running;

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::os::fd::AsFd;
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use nix::fcntl::{Flock, FlockArg, OFlag};
use nix::libc;
use nix::pty::{grantpt, posix_openpt, ptsname_r, unlockpt};
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, kill, sigaction};
use nix::unistd::Pid;
use serde_json::Value;
use tempfile::TempDir;

pub(crate) use self::running::Running;

/// When a test gives up. It measures nothing: what comes, comes as an event.
pub(crate) const GUARD: Duration = Duration::from_secs(30);

/// A directory of its own for each test, and the path of a lockfile in it.
pub(crate) struct Scene {
    dir: TempDir,
}

impl Scene {
    pub(crate) fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn lock(&self) -> PathBuf {
        self.path("the.lock")
    }

    pub(crate) fn write(&self, name: &str, content: &str) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, content).unwrap();
        path
    }

    pub(crate) fn record(&self) -> Value {
        serde_json::from_str(&fs::read_to_string(self.lock()).unwrap()).unwrap()
    }

    /// `tenure run` with `options`, the lockfile, and `command`.
    pub(crate) fn run(&self, options: &[&str], command: &[&str]) -> Command {
        self.run_by(Path::new(TENURE), options, command)
    }

    /// The same, where the program goes by another name.
    pub(crate) fn run_by(&self, program: &Path, options: &[&str], command: &[&str]) -> Command {
        let mut tenure = fresh(program);
        tenure.arg("run").args(options).arg(self.lock()).arg("--").args(command);
        // For the scripts, which find the lockfile there.
        tenure.env("LOCK", self.lock()).env("TENURE", TENURE).current_dir(self.dir.path());
        tenure
    }

    /// `tenure run` whose command is a shell script.
    pub(crate) fn run_script(&self, script: &str) -> Command {
        self.run(&[], &["sh", "-c", script])
    }

    /// A shell script that calls `"$TENURE"` and `"$LOCK"` itself.
    pub(crate) fn script(&self, script: &str) -> Command {
        let mut shell = fresh("sh");
        shell.args(["-c", script]).env("LOCK", self.lock()).env("TENURE", TENURE);
        shell.current_dir(self.dir.path());
        shell
    }

    pub(crate) fn status(&self, options: &[&str]) -> Ended {
        tenure().arg("status").args(options).arg(self.lock()).ended()
    }

    /// Somebody who holds the lock until its standard input is closed.
    pub(crate) fn holder(&self, options: &[&str]) -> Running {
        let mut holder = Running::start(self.run(options, &["cat"]));
        holder.shakes_hands();
        holder
    }

    /// The lock, held by this process with `record` in the lockfile.
    pub(crate) fn held_with(&self, record: &Value) -> Flock<File> {
        let path = self.write("the.lock", &record.to_string());
        let file = File::options().read(true).write(true).open(path).unwrap();
        Flock::lock(file, FlockArg::LockExclusiveNonblock).map_err(|(_, err)| err).unwrap()
    }

    /// A lockfile of a holder that was killed, and the PID of that one.
    pub(crate) fn left_behind(&self) -> u32 {
        let mut holder = self.holder(&["--message", "ill-fated"]);
        let pid = holder.pid();
        holder.signal(Signal::SIGKILL);
        assert_eq!(holder.end().signal, Some(9));
        // Its guard keeps the lock until the command has ended.
        let file = File::open(self.lock()).unwrap();
        drop(Flock::lock(file, FlockArg::LockShared).map_err(|(_, err)| err).unwrap());
        pid
    }
}

pub(crate) const TENURE: &str = env!("CARGO_BIN_EXE_tenure");

pub(crate) fn tenure() -> Command {
    fresh(TENURE)
}

/// A command that ignores no signal, even where whoever started the tests had some ignored, and that
/// nobody told about colours.
fn fresh(program: impl AsRef<OsStr>) -> Command {
    use Signal::{SIGCHLD, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGTTIN, SIGTTOU};
    let mut command = Command::new(program);
    for signal in [SIGCHLD, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGTTIN, SIGTTOU] {
        inherits(&mut command, signal, SigHandler::SigDfl);
    }
    for variable in ["CI", "CLICOLOR", "CLICOLOR_FORCE", "NO_COLOR"] {
        command.env_remove(variable);
    }
    command
}

/// Lets `command` begin with `signal` ignored, or not.
pub(crate) fn inherits(command: &mut Command, signal: Signal, handler: SigHandler) {
    prepare(command, move || set_action(signal, handler));
}

#[expect(unsafe_code, reason = "nix marks it so, because a handler could be a function")]
fn set_action(signal: Signal, handler: SigHandler) -> io::Result<()> {
    let action = SigAction::new(handler, SaFlags::empty(), SigSet::empty());
    // SAFETY: the callers ignore signals or do not; there is no function that could run.
    unsafe { sigaction(signal, &action) }?;
    Ok(())
}

#[expect(unsafe_code, reason = "std offers no safe way")]
pub(crate) fn prepare(
    command: &mut Command,
    step: impl FnMut() -> io::Result<()> + Send + Sync + 'static,
) {
    // SAFETY: the callers only make system calls: sigaction, setsid, ioctl, ptrace.
    unsafe { command.pre_exec(step) };
}

/// Makes `command` the leader of a session whose terminal is its standard input.
fn lead_session(command: &mut Command) {
    #[expect(unsafe_code, reason = "nix has no function for this ioctl")]
    fn take_standard_input() -> i32 {
        // SAFETY: TIOCSCTTY takes an integer.
        unsafe { libc::ioctl(0, libc::TIOCSCTTY, 0) }
    }
    prepare(command, || {
        nix::unistd::setsid()?;
        nix::errno::Errno::result(take_standard_input())?;
        Ok(())
    });
}

/// How a process ended, and what it had to say.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) signal: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

pub(crate) trait CommandExtension {
    /// Runs to its end, with nothing on standard input.
    fn ended(&mut self) -> Ended;
}

impl CommandExtension for Command {
    fn ended(&mut self) -> Ended {
        let child = self.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = child.spawn().unwrap();
        let pid = child.id();
        let output = within_guard(pid, move || child.wait_with_output().unwrap());
        Ended {
            code: output.status.code(),
            signal: output.status.signal(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// Both ends of a new terminal. (Those of openpty(3) would be inherited by the processes that other
/// tests start at this moment.)
fn terminal() -> (File, File) {
    let flags = OFlag::O_RDWR | OFlag::O_NOCTTY | OFlag::O_CLOEXEC;
    let master = posix_openpt(flags).unwrap();
    grantpt(&master).unwrap();
    unlockpt(&master).unwrap();
    let slave = ptsname_r(&master).unwrap();
    let slave = File::options().read(true).write(true).custom_flags(libc::O_NOCTTY).open(slave);
    (master.as_fd().try_clone_to_owned().unwrap().into(), slave.unwrap())
}

/// Starts `command` as the leader of a session on the terminal `slave`.
fn spawn_at(slave: File, mut command: Command) -> Child {
    command.stdin(slave.try_clone().unwrap()).stdout(slave.try_clone().unwrap()).stderr(slave);
    lead_session(&mut command);
    // With the command goes what is open of the slave here.
    command.spawn().unwrap()
}

/// Starts `command` on a terminal of its own, which echoes what is typed, and returns the other
/// end of that.
pub(crate) fn spawn_on_terminal(command: Command) -> (Child, File) {
    let (master, slave) = terminal();
    (spawn_at(slave, command), master)
}

/// What `wait` returns, unless that takes so long that the process `pid` has to be given up.
pub(crate) fn within_guard<T: Send + 'static>(
    pid: u32,
    wait: impl FnOnce() -> T + Send + 'static,
) -> T {
    let (tell, told) = channel();
    let waiting = thread::spawn(move || tell.send(wait()).unwrap());
    let Ok(value) = told.recv_timeout(GUARD) else {
        let _ = kill(as_pid(pid), Signal::SIGKILL);
        panic!("process {pid} has not ended");
    };
    waiting.join().unwrap();
    value
}

fn as_pid(pid: u32) -> Pid {
    Pid::from_raw(i32::try_from(pid).unwrap())
}

/// Returns once `is_so` holds, for what the kernel shows but announces to nobody.
pub(crate) fn until(is_so: impl Fn() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < GUARD, "it has not come to that");
        thread::yield_now();
    }
}

/// A field of `/proc/PID/stat`, numbered as in `proc_pid_stat(5)`; none before the fourth.
pub(crate) fn stat_field(stat: &str, number: usize) -> String {
    let (_, rest) = stat.rsplit_once(')').unwrap();
    rest.split_whitespace().nth(number - 3).unwrap().to_owned()
}

/// Whether `pid` is stopped.
pub(crate) fn is_stopped(pid: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    stat_field(&stat, 3) == "T"
}

pub(crate) fn continues(pid: u32) {
    kill(as_pid(pid), Signal::SIGCONT).unwrap();
}
