//! A holder: the record that it wrote, and the verdict on it.

use std::borrow::Cow;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::diagnosis::Process;
use crate::identity::Identity;
use crate::phase::Phase;
use crate::record::{Content, Record};
use crate::sys;
use crate::verdict::{INITIAL_PID_NAMESPACE, Verdict, Why};

/// How many PIDs of one lockfile a message names.
const SHOWN_PIDS: usize = 8;

/// Who wrote the record of a lockfile, and whether it still holds the lock.
///
/// Its [`Display`](fmt::Display) is what error messages say: one line, control characters and
/// other traps for terminals escaped.
///
/// # Examples
///
/// ```
/// use tenure::{Lockfile, Verdict};
///
/// # let dir = tempfile::tempdir().unwrap();
/// # let path = dir.path().join("backupd.pid");
/// let mut lock = Lockfile::new(&path).message("nightly backup");
/// lock.try_lock()?;
///
/// let holder = Lockfile::new(&path).holder()?.expect("it is held");
/// assert_eq!(holder.pid(), std::process::id());
/// assert_eq!(holder.message(), Some("nightly backup"));
/// assert_eq!(holder.verdict(), Verdict::Live);
/// println!("{holder}");   // pid 4242 (backupd) on web-1, acquired 3m 20s ago: "nightly backup"
/// # Ok::<(), tenure::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    record: Record,
    verdict: Verdict,
    /// Whether somebody has the kernel lock, who need not be the one in the record.
    locked: bool,
    claim: Option<PathBuf>,
}

impl Holder {
    /// Whoever wrote `record`, judged: for a lock of your own, whose [`Status`](crate::Status) and
    /// errors are to name its holder.
    #[must_use]
    pub fn new(record: Record, verdict: Verdict) -> Self {
        Self { record, verdict, locked: false, claim: None }
    }

    /// The same, where the record is not in the lockfile, but in the claim at `path`.
    pub(crate) fn claiming(self, path: PathBuf) -> Self {
        Self { claim: Some(path), ..self }
    }

    /// Who `content` says it is. Nobody, where somebody has the lock and the last holder has
    /// released: the new one has not written its record yet, or is a program that writes none.
    pub(crate) fn of(content: Content, verdict: Verdict, locked: bool) -> Option<Self> {
        match content {
            Content::Record(record) if locked && record.released_at.is_some() => None,
            Content::Record(record) => Some(Self { locked, ..Self::new(*record, verdict) }),
            _ => None,
        }
    }

    /// The claim that it made, where it does not hold the lock, but is about to remove the lockfile of
    /// another: the file `PATH.claim.NONCE` of [`Hardlink`](crate::Hardlink). While the claim is there,
    /// its author alone may do that. `None` for one that the lockfile itself names.
    #[must_use]
    pub fn claim(&self) -> Option<&Path> {
        self.claim.as_deref()
    }

    /// Its process id, in its own PID namespace; the first, if the lockfile of another program names
    /// [several](Record::more_pids).
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.record.pid
    }

    /// The host that it runs on.
    #[must_use]
    pub fn host(&self) -> Option<&str> {
        self.record.host.as_deref()
    }

    /// What it says it is doing. Untrusted: escape it before showing it.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.record.message.as_deref()
    }

    /// How far it has come, by its own word; `None` if it does not say.
    #[must_use]
    pub fn phase(&self) -> Option<Phase> {
        self.record.phase
    }

    /// The file name of its program, by its own word.
    #[must_use]
    pub fn program(&self) -> Option<&str> {
        self.record.program.as_deref()
    }

    /// When it acquired the lock, by its own wall clock.
    #[must_use]
    pub fn acquired_at(&self) -> Option<SystemTime> {
        self.record.acquired_at
    }

    /// How long it has held the lock, as far as two wall clocks can tell. Zero if it acquired the
    /// lock in what is the future here.
    #[must_use]
    pub fn age(&self) -> Option<Duration> {
        let acquired_at = self.record.acquired_at?;
        Some(sys::wall_clock().duration_since(acquired_at).unwrap_or_default())
    }

    /// Whether it still holds the lock.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        self.verdict
    }

    /// Whether it has its PID in another PID namespace of this machine, as in a container. Here, its
    /// process has another PID, or none.
    #[must_use]
    pub fn is_in_another_namespace(&self) -> bool {
        let here = &Identity::current().here;
        let namespaces = (self.record.pid_namespace, here.pid_namespace);
        let is_here = self.record.boot_id.is_some() && self.record.boot_id == here.boot_id
            || self.record.host.is_some() && self.record.host == here.host;
        is_here && matches!(namespaces, (Some(then), Some(now)) if then != now)
    }

    /// Whether somebody has the kernel lock, who need not be the one in the record.
    pub(crate) fn is_locked(&self) -> bool {
        self.locked
    }

    /// All that it wrote.
    #[must_use]
    pub fn record(&self) -> &Record {
        &self.record
    }

    /// What the system says of its process: program, user, how long it runs. `None` unless the
    /// holder is live and its PID means something here. Slow (it lists users): for diagnosis.
    #[must_use]
    pub fn process(&self) -> Option<Process> {
        (self.verdict == Verdict::Live).then(|| Process::of(&self.record)).flatten()
    }

    /// What to do about a holder that is in the way.
    pub(crate) fn advice(&self) -> Cow<'static, str> {
        if self.claim.is_some() {
            return self.advice_on_claim();
        }
        let advice = match self.verdict {
            Verdict::Live if self.record.is_legacy() && self.locked => {
                "a process has a kernel lock on the file, perhaps another than the one that the file \
                 names: `tenure status` shows which"
            }
            Verdict::Live if !self.record.more_pids.is_empty() => {
                "a process with one of those PIDs is alive: wait for it, or, if none of them wrote the \
                 file, remove the file"
            }
            Verdict::Live if self.record.is_legacy() => {
                "a process with that PID is alive: wait for it, or, if it is not the one that wrote \
                 the file, remove the file"
            }
            Verdict::Live => "it is alive: wait for it, or stop it",
            Verdict::Stale(_) => "it is gone, and somebody is taking the lock over: try again",
            Verdict::Unproven(Why::ForeignHost) => {
                "whether it is alive cannot be told from here: look on its host, and break the \
                 lock if it is gone"
            }
            Verdict::Unproven(Why::OtherNamespace) => {
                "whether it is alive cannot be told from another PID namespace: look in its \
                 container, and break the lock if it is gone"
            }
            Verdict::Unproven(Why::OtherMount) => {
                "whether it is alive cannot be told through another mount than its own: look where it \
                 ran, and break the lock if it is gone"
            }
            Verdict::Unproven(Why::Outlived) => {
                "its process has ended, but the kernel lock is still taken, by a child that \
                 inherited it or by a newcomer: try again, and if it stays, find out with fuser(1)"
            }
            Verdict::Unproven(Why::OlderThanProcess) => {
                "a process with that PID is alive, but the file is older than the process that has \
                 that PID now: see what it is, and break the lock if it is not the one that wrote the \
                 file"
            }
            Verdict::Unproven(_) => {
                "whether it is alive cannot be told: break the lock if it is gone"
            }
        };
        advice.into()
    }

    fn advice_on_claim(&self) -> Cow<'static, str> {
        if !matches!(self.verdict, Verdict::Unproven(_)) {
            return "it is about to remove the lockfile: try again".into();
        }
        let nonce = self.record.incarnation();
        let nonce = nonce.escape_debug();
        format!("{}: look where it runs, and if it is gone, break its claim, {nonce}", self.verdict)
            .into()
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_pids(f, &self.record)?;
        if let Some(program) = self.program() {
            write!(f, " ({})", program.escape_debug())?;
        }
        if self.is_in_another_namespace() {
            f.write_str(match self.record.pid_namespace {
                Some(INITIAL_PID_NAMESPACE) => " outside of this container",
                _ => " in another container",
            })?;
        }
        if let Some(host) = self.host() {
            write!(f, " on {}", host.escape_debug())?;
        }
        let verb = if self.claim.is_some() { "claimed" } else { "acquired" };
        if let Some(age) = self.age() {
            write!(f, ", {verb} {} ago", humantime::format_duration(coarse(age)))?;
        }
        if let Some(claim) = &self.claim {
            write!(f, ", by the claim {}", claim.display())?;
        }
        if let Some(message) = self.message() {
            write!(f, ": {message:?}")?;
        }
        Ok(())
    }
}

/// `pid 42`, or `pids 42, 43`, of which no more than [`SHOWN_PIDS`].
fn write_pids(f: &mut fmt::Formatter<'_>, record: &Record) -> fmt::Result {
    let more = &record.more_pids;
    write!(f, "{} {}", if more.is_empty() { "pid" } else { "pids" }, record.pid)?;
    for pid in more.iter().take(SHOWN_PIDS - 1) {
        write!(f, ", {pid}")?;
    }
    match more.len().saturating_sub(SHOWN_PIDS - 1) {
        0 => Ok(()),
        hidden => write!(f, " and {hidden} more"),
    }
}

/// Milliseconds below a second, seconds above: nobody reads more.
fn coarse(age: Duration) -> Duration {
    if age < Duration::from_secs(1) {
        Duration::from_millis(u64::try_from(age.as_millis()).unwrap_or(0))
    } else {
        Duration::from_secs(age.as_secs())
    }
}
