//! Every row of the table both ways: what gives the verdict, and its twin that differs in the one
//! decisive fact and gives another. Then all rows at once, against what no verdict may do.

#[path = "tests/grid.rs"]
mod grid;
#[path = "tests/lock.rs"]
mod lock;
#[path = "tests/origin.rs"]
mod origin;
#[path = "tests/others.rs"]
mod others;
#[path = "tests/process.rs"]
mod process;

use std::time::SystemTime;

use super::Verdict::{Live, Stale, Unproven};
use super::*;

/// The inode of the initial PID namespace, as Linux shows it, and those of two containers.
const INITIAL: u64 = 4_026_531_836;
const CONTAINER: u64 = 4_026_532_301;
const ANOTHER: u64 = 4_026_532_302;

/// The inodes of two time namespaces.
const CLOCK: u64 = 4_026_531_834;
const OTHER_CLOCK: u64 = 4_026_532_834;

const HOLDER: u32 = 4242;
const JUDGE: u32 = 77;

const TICKS: Option<u64> = Some(128_877);
const OTHER_TICKS: Option<u64> = Some(128_878);
const INODE: Option<u64> = Some(14_261);
const OTHER_INODE: Option<u64> = Some(14_262);

/// The file system that the lockfile lies on, and another.
const DEVICE: Option<u64> = Some(2_049);
const OTHER_DEVICE: Option<u64> = Some(53);

/// The kind of it, and another.
const EXT4: Option<u64> = Some(0xEF53);
const OVERLAY: Option<u64> = Some(0x794C_7630);

const PLACES: [Place; 3] = [Place::Local, Place::Shared, Place::Unknown];

/// A time to be released at.
const ONCE: Option<SystemTime> = Some(SystemTime::UNIX_EPOCH);

/// A record and what is seen of it.
#[derive(Debug)]
struct Case {
    content: Content,
    here: Standpoint,
    backend: Option<&'static str>,
    freed_at_death: bool,
    reach: Reach,
    namespaces: bool,
    kernel_lock: KernelLock,
    process: Process,
    place: Place,
    device: Option<u64>,
    file_system: Option<u64>,
    older_than_process: bool,
}

impl Case {
    fn record(&mut self) -> &mut Record {
        match &mut self.content {
            Content::Record(record) => record,
            other => panic!("{other:?} is no record"),
        }
    }

    fn judge(&self) -> Verdict {
        let &Self {
            ref content,
            ref here,
            backend,
            freed_at_death,
            reach,
            namespaces,
            kernel_lock,
            process,
            place,
            device,
            file_system,
            older_than_process,
        } = self;
        let evidence = Evidence {
            here,
            backend,
            freed_at_death,
            reach,
            namespaces,
            kernel_lock,
            process,
            place,
            device,
            file_system,
            older_than_process,
        };
        judge(content, &evidence)
    }
}

/// The verdict on a holder of this kernel that runs, after a change to what is seen of it.
fn verdict(change: impl FnOnce(&mut Case)) -> Verdict {
    let mut case = Case {
        content: Content::Record(Box::new(record())),
        here: here(),
        backend: None,
        freed_at_death: true,
        reach: Reach::Kernel,
        namespaces: true,
        kernel_lock: KernelLock::Free,
        process: running(TICKS, INODE),
        place: Place::Local,
        device: DEVICE,
        file_system: EXT4,
        older_than_process: false,
    };
    change(&mut case);
    case.judge()
}

/// The same for a file that another program left, with nothing in it but a PID.
fn verdict_on_bare_pid(change: impl FnOnce(&mut Case)) -> Verdict {
    verdict(|case| {
        *case.record() = Record::bare(HOLDER);
        change(case);
    })
}

/// What a holder on this kernel wrote, complete.
fn record() -> Record {
    Record {
        version: 1,
        host: known("web-1"),
        message: known("nightly backup"),
        program: known("backupd"),
        uid: Some(0),
        boot_id: known("this boot"),
        machine: known("this machine"),
        pid_namespace: Some(INITIAL),
        time_namespace: Some(CLOCK),
        start_ticks: TICKS,
        pidfd_inode: INODE,
        device: DEVICE,
        file_system: EXT4,
        acquired_at: Some(SystemTime::UNIX_EPOCH),
        nonce: known("0123456789abcdef"),
        ..Record::bare(HOLDER)
    }
}

fn here() -> Standpoint {
    Standpoint {
        host: known("web-1"),
        boot_id: known("this boot"),
        machine: known("this machine"),
        pid_namespace: Some(INITIAL),
        time_namespace: Some(CLOCK),
        pid: JUDGE,
    }
}

#[expect(clippy::unnecessary_wraps, reason = "it is for fields that may be unknown")]
fn known(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn running(start_ticks: Option<u64>, pidfd_inode: Option<u64>) -> Process {
    Process::Running { start_ticks, pidfd_inode }
}

#[test]
fn a_verdict_says_why() {
    assert_eq!(Live.to_string(), "live");
    let reused = Stale(Why::PidReused);
    assert_eq!(reused.to_string(), "stale: its PID now belongs to another process");
    let foreign = Unproven(Why::ForeignHost);
    assert_eq!(foreign.to_string(), "unproven: it may run on another host");
    let outlived = Unproven(Why::Outlived);
    assert!(outlived.to_string().contains("its process has ended"), "{outlived}");
    let (proven, unproven) = (Stale(Why::OtherNamespace), Unproven(Why::OtherNamespace));
    assert!(proven.to_string().contains("no longer has the kernel lock"), "{proven}");
    assert!(!unproven.to_string().contains("kernel lock"), "{unproven}");
}

#[test]
fn of_several_holders_one_that_may_live_is_enough() {
    let (dead, reused) = (Stale(Why::Dead), Stale(Why::PidReused));
    let (foreign, unseen) = (Unproven(Why::ForeignHost), Unproven(Why::Unseen));
    assert_eq!(dead.and(reused), dead);
    for other in [Live, dead, reused, foreign, unseen] {
        assert_eq!(Live.and(other), Live);
        assert_eq!(other.and(Live), Live);
    }
    assert_eq!(dead.and(foreign), foreign);
    assert_eq!(foreign.and(dead), foreign);
    assert_eq!(foreign.and(unseen), foreign);
}

#[test]
fn a_verdict_is_told_to_programs_in_words_that_stay() {
    let json = |verdict| serde_json::to_value(verdict).unwrap();
    assert_eq!(json(Live), serde_json::json!({"verdict": "live"}));
    let reused = serde_json::json!({"verdict": "stale", "why": "pid-reused"});
    assert_eq!(json(Stale(Why::PidReused)), reused);
}
