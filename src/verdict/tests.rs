//! Every row of the table both ways: what gives the verdict, and its twin that differs in the one
//! decisive fact and gives another.

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

/// A time to be released at.
const ONCE: Option<SystemTime> = Some(SystemTime::UNIX_EPOCH);

/// A record and what is seen of it.
#[derive(Debug)]
struct Case {
    content: Content,
    here: Standpoint,
    backend: Option<&'static str>,
    kernel_lock: KernelLock,
    process: Process,
    place: Place,
}

impl Case {
    fn record(&mut self) -> &mut Record {
        match &mut self.content {
            Content::Record(record) => record,
            other => panic!("{other:?} is no record"),
        }
    }

    fn judge(&self) -> Verdict {
        let &Self { ref content, ref here, backend, kernel_lock, process, place } = self;
        judge(content, &Evidence { here, backend, kernel_lock, process, place })
    }
}

/// The verdict on a holder of this kernel that runs, after a change to what is seen of it.
fn verdict(change: impl FnOnce(&mut Case)) -> Verdict {
    let mut case = Case {
        content: Content::Record(Box::new(record())),
        here: here(),
        backend: None,
        kernel_lock: KernelLock::Free,
        process: running(TICKS, INODE),
        place: Place::Local,
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
fn a_holder_that_runs_is_live() {
    assert_eq!(verdict(|_| {}), Live);
}

#[test]
fn whoever_holds_the_kernel_lock_is_live() {
    for content in [Content::Blank, Content::Torn, Content::Invalid("a poem".to_owned())] {
        assert_eq!(verdict(|case| held(case).content = content), Live);
    }
    assert_eq!(verdict(|case| held(case).process = Process::Gone), Live);
    assert_eq!(verdict(|case| case.process = Process::Gone), Stale(Why::Dead));
    assert_eq!(verdict(|case| held(case).record().boot_id = known("another boot")), Live);
    assert_eq!(verdict(|case| held(case).record().released_at = ONCE), Live);
    assert_eq!(verdict(|case| held(case).record().pid = JUDGE), Live);
}

fn held(case: &mut Case) -> &mut Case {
    case.kernel_lock = KernelLock::Held;
    case
}

#[test]
fn a_released_record_is_stale() {
    assert_eq!(verdict(|case| case.record().released_at = ONCE), Stale(Why::Released));
    assert_eq!(verdict(|case| case.record().released_at = None), Live);
}

#[test]
fn a_released_record_is_stale_wherever_it_was_written() {
    let elsewhere = |case: &mut Case| {
        case.record().boot_id = known("another boot");
        case.record().machine = known("another machine");
        case.place = Place::Shared;
    };
    let released = verdict(|case| {
        elsewhere(case);
        case.record().released_at = ONCE;
    });
    assert_eq!(released, Stale(Why::Released));
    assert_eq!(verdict(elsewhere), Unproven(Why::ForeignHost));
}

#[test]
fn a_blank_or_torn_file_that_nobody_holds_is_stale() {
    for (content, why) in [(Content::Blank, Why::Blank), (Content::Torn, Why::Torn)] {
        let free = verdict(|case| case.content = content.clone());
        assert_eq!(free, Stale(why));
        let held = verdict(|case| held(case).content = content);
        assert_eq!(held, Live);
    }
}

#[test]
fn a_file_that_is_no_lockfile_is_never_stale() {
    let invalid = verdict(|case| case.content = Content::Invalid("a poem".to_owned()));
    assert_eq!(invalid, Unproven(Why::Unseen));
}

#[test]
fn a_dead_holder_is_stale() {
    assert_eq!(verdict(|case| case.process = Process::Gone), Stale(Why::Dead));
    assert_eq!(verdict_on_bare_pid(|case| case.process = Process::Gone), Stale(Why::Dead));
    assert_eq!(verdict_on_bare_pid(|_| {}), Live);
}

#[test]
fn a_holder_that_the_system_hides_is_unproven() {
    assert_eq!(verdict(|case| case.process = Process::Unseen), Unproven(Why::Unseen));
    assert_eq!(verdict_on_bare_pid(|case| case.process = Process::Unseen), Unproven(Why::Unseen));
}

#[test]
fn a_recycled_pid_is_stale() {
    assert_eq!(verdict(|case| case.process = running(OTHER_TICKS, None)), Stale(Why::PidReused));
    assert_eq!(verdict(|case| case.process = running(TICKS, None)), Live);
}

#[test]
fn a_pid_recycled_within_one_tick_is_told_by_the_pidfd_inode() {
    assert_eq!(verdict(|case| case.process = running(TICKS, OTHER_INODE)), Stale(Why::PidReused));
    assert_eq!(verdict(|case| case.process = running(None, OTHER_INODE)), Stale(Why::PidReused));
    assert_eq!(verdict(|case| case.process = running(None, INODE)), Live);
}

#[test]
fn an_equal_pidfd_inode_outweighs_other_ticks() {
    assert_eq!(verdict(|case| case.process = running(OTHER_TICKS, INODE)), Live);
    let unknown_inode = verdict(|case| {
        case.process = running(OTHER_TICKS, INODE);
        case.record().pidfd_inode = None;
    });
    assert_eq!(unknown_inode, Stale(Why::PidReused));
}

#[test]
fn ticks_of_another_time_namespace_are_not_compared() {
    let ticks = |then, now| {
        verdict(|case| {
            case.process = running(OTHER_TICKS, None);
            case.record().time_namespace = then;
            case.here.time_namespace = now;
        })
    };
    assert_eq!(ticks(Some(CLOCK), Some(OTHER_CLOCK)), Live);
    assert_eq!(ticks(Some(CLOCK), None), Live);
    assert_eq!(ticks(None, Some(CLOCK)), Live);
    assert_eq!(ticks(Some(CLOCK), Some(CLOCK)), Stale(Why::PidReused));
    assert_eq!(ticks(None, None), Stale(Why::PidReused), "a kernel without time namespaces");
}

#[test]
fn the_pidfd_inode_is_compared_across_time_namespaces() {
    let inode = |inode| {
        verdict(|case| {
            case.here.time_namespace = Some(OTHER_CLOCK);
            case.process = running(TICKS, inode);
        })
    };
    assert_eq!(inode(OTHER_INODE), Stale(Why::PidReused));
    assert_eq!(inode(INODE), Live);
}

#[test]
fn a_process_with_nothing_to_compare_is_live() {
    assert_eq!(verdict(|case| case.process = running(None, None)), Live);
    let unmarked = |process| {
        verdict(|case| {
            case.record().start_ticks = None;
            case.record().pidfd_inode = None;
            case.process = process;
        })
    };
    assert_eq!(unmarked(running(OTHER_TICKS, OTHER_INODE)), Live);
    assert_eq!(unmarked(Process::Gone), Stale(Why::Dead));
}

#[test]
fn a_holder_of_another_pid_namespace_is_stale_when_its_kernel_lock_is_free() {
    let namespace = |namespace, place| {
        verdict(|case| {
            case.record().pid_namespace = Some(namespace);
            case.place = place;
        })
    };
    for place in [Place::Local, Place::Shared] {
        assert_eq!(namespace(CONTAINER, place), Stale(Why::OtherNamespace));
        assert_eq!(namespace(INITIAL, place), Live);
    }
}

#[test]
fn a_holder_of_another_pid_namespace_is_never_judged_by_its_pid() {
    let process = |process| {
        verdict(|case| {
            case.record().pid_namespace = Some(CONTAINER);
            case.record().backend = known("semaphore");
            case.process = process;
        })
    };
    let seen = [Process::Gone, Process::Unseen, running(TICKS, INODE), running(OTHER_TICKS, None)];
    for seen in seen {
        assert_eq!(process(seen), Unproven(Why::OtherNamespace), "{seen:?}");
    }
}

#[test]
fn a_free_lock_of_another_backend_proves_nothing() {
    let backends = |then, now| {
        verdict(|case| {
            case.record().pid_namespace = Some(CONTAINER);
            case.record().backend = then;
            case.backend = now;
        })
    };
    assert_eq!(backends(known("semaphore"), None), Unproven(Why::OtherNamespace));
    assert_eq!(backends(None, Some("semaphore")), Unproven(Why::OtherNamespace));
    assert_eq!(backends(known("semaphore"), Some("hardlink")), Unproven(Why::OtherNamespace));
    assert_eq!(backends(known("semaphore"), Some("semaphore")), Stale(Why::OtherNamespace));
}

#[test]
fn a_free_lock_proves_nothing_of_another_program() {
    let nonce = |nonce| {
        verdict(|case| {
            case.record().pid_namespace = Some(CONTAINER);
            case.record().nonce = nonce;
        })
    };
    assert_eq!(nonce(None), Unproven(Why::OtherNamespace));
    assert_eq!(nonce(known("0123456789abcdef")), Stale(Why::OtherNamespace));
}

#[test]
fn where_there_are_no_pid_namespaces_the_process_is_judged() {
    let process = |process| {
        verdict(|case| {
            case.record().pid_namespace = None;
            case.here.pid_namespace = None;
            // Not even a lock that proves something is needed.
            case.backend = Some("semaphore");
            case.process = process;
        })
    };
    assert_eq!(process(Process::Gone), Stale(Why::Dead));
    assert_eq!(process(running(TICKS, INODE)), Live);
}

#[test]
fn where_one_pid_namespace_is_unknown_the_lock_must_prove_the_rest() {
    let backend = |then, now, backend| {
        verdict(|case| {
            case.record().pid_namespace = then;
            case.here.pid_namespace = now;
            case.backend = backend;
            case.process = Process::Gone;
        })
    };
    for (then, now) in [(None, Some(INITIAL)), (Some(INITIAL), None)] {
        assert_eq!(backend(then, now, None), Stale(Why::Dead));
        assert_eq!(backend(then, now, Some("semaphore")), Unproven(Why::Unseen));
    }
}

#[test]
fn a_legacy_record_is_judged_by_its_pid_unless_it_names_a_namespace() {
    let namespace = |then, now| {
        verdict_on_bare_pid(|case| {
            case.record().pid_namespace = then;
            case.here.pid_namespace = now;
            case.process = Process::Gone;
        })
    };
    assert_eq!(namespace(None, Some(CONTAINER)), Stale(Why::Dead));
    assert_eq!(namespace(Some(CONTAINER), Some(CONTAINER)), Stale(Why::Dead));
    assert_eq!(namespace(Some(ANOTHER), Some(CONTAINER)), Unproven(Why::OtherNamespace));
    assert_eq!(namespace(Some(CONTAINER), None), Unproven(Why::Unseen));
}

#[test]
fn a_record_of_another_boot_is_stale_on_a_local_file_system() {
    let place = |place| {
        verdict(|case| {
            case.record().boot_id = known("another boot");
            case.record().machine = known("another machine");
            case.place = place;
        })
    };
    assert_eq!(place(Place::Local), Stale(Why::Rebooted));
    assert_eq!(place(Place::Shared), Unproven(Why::ForeignHost));
}

#[test]
fn a_record_of_another_boot_is_never_judged_by_its_pid() {
    for process in [Process::Gone, running(OTHER_TICKS, OTHER_INODE)] {
        let other = verdict(|case| {
            case.record().boot_id = known("another boot");
            case.record().machine = known("another machine");
            case.place = Place::Shared;
            case.process = process;
        });
        assert_eq!(other, Unproven(Why::ForeignHost), "{process:?}");
    }
}

/// The verdict on a record of another boot on a shared file system.
fn verdict_on_another_boot(change: impl FnOnce(&mut Case)) -> Verdict {
    verdict(|case| {
        case.record().boot_id = known("another boot");
        case.place = Place::Shared;
        change(case);
    })
}

#[test]
fn an_earlier_boot_of_the_same_machine_is_stale_on_a_shared_file_system() {
    assert_eq!(verdict_on_another_boot(|_| {}), Stale(Why::Rebooted));
    let other_machine = verdict_on_another_boot(|case| case.record().machine = known("another"));
    assert_eq!(other_machine, Unproven(Why::ForeignHost));
}

#[test]
fn two_unknown_machines_are_not_the_same() {
    let unknown = verdict_on_another_boot(|case| {
        case.record().machine = None;
        case.here.machine = None;
    });
    assert_eq!(unknown, Unproven(Why::ForeignHost));
}

#[test]
fn containers_of_one_image_are_not_the_same_machine() {
    let namespaces = |then, now| {
        verdict_on_another_boot(|case| {
            case.record().pid_namespace = then;
            case.here.pid_namespace = now;
        })
    };
    let initial = Some(INITIAL);
    let unproven = [
        (Some(CONTAINER), Some(CONTAINER)),
        (Some(CONTAINER), initial),
        (initial, Some(CONTAINER)),
        (initial, None),
        (None, initial),
        (None, None),
    ];
    for (then, now) in unproven {
        assert_eq!(namespaces(then, now), Unproven(Why::ForeignHost), "{then:?} {now:?}");
    }
    assert_eq!(namespaces(initial, initial), Stale(Why::Rebooted));
}

#[test]
fn where_this_boot_is_unknown_only_a_local_lock_is_proof() {
    let seen = |place, backend| {
        verdict(|case| {
            case.here.boot_id = None;
            case.place = place;
            case.backend = backend;
            case.process = Process::Gone;
        })
    };
    assert_eq!(seen(Place::Local, None), Stale(Why::Dead));
    assert_eq!(seen(Place::Shared, None), Unproven(Why::Unseen));
    assert_eq!(seen(Place::Local, Some("semaphore")), Unproven(Why::Unseen));
}

#[test]
fn where_this_boot_is_unknown_another_host_is_foreign() {
    let host = |host| {
        verdict(|case| {
            case.here.boot_id = None;
            case.record().host = host;
            case.process = Process::Gone;
        })
    };
    assert_eq!(host(known("web-2")), Unproven(Why::ForeignHost));
    assert_eq!(host(known("web-1")), Stale(Why::Dead));
    assert_eq!(host(None), Stale(Why::Dead));
}

#[test]
fn on_the_same_boot_the_name_of_the_host_does_not_matter() {
    let renamed = |process| {
        verdict(|case| {
            case.record().host = known("before hostnamectl");
            case.process = process;
        })
    };
    assert_eq!(renamed(Process::Gone), Stale(Why::Dead));
    assert_eq!(renamed(running(TICKS, INODE)), Live);
}

#[test]
fn a_legacy_record_of_another_host_is_unproven() {
    let hosts = |then, now| {
        verdict_on_bare_pid(|case| {
            case.record().host = then;
            case.here.host = now;
            case.process = Process::Gone;
        })
    };
    assert_eq!(hosts(known("web-2"), known("web-1")), Unproven(Why::ForeignHost));
    assert_eq!(hosts(known("web-1"), known("web-1")), Stale(Why::Dead));
    assert_eq!(hosts(None, known("web-1")), Stale(Why::Dead));
    assert_eq!(hosts(known("web-2"), None), Stale(Why::Dead));
}

#[test]
fn a_record_that_lost_its_boot_needs_a_lock_that_proves_the_rest() {
    let place = |place| {
        verdict(|case| {
            case.record().boot_id = None;
            case.record().pid_namespace = Some(CONTAINER);
            case.place = place;
        })
    };
    assert_eq!(place(Place::Local), Stale(Why::OtherNamespace));
    assert_eq!(place(Place::Shared), Unproven(Why::OtherNamespace));
}

#[test]
fn a_record_that_names_ourselves_is_a_leftover() {
    assert_eq!(verdict(|case| case.record().pid = JUDGE), Stale(Why::OwnLeftover));
    assert_eq!(verdict(|case| case.record().pid = JUDGE + 1), Live);
}

#[test]
fn a_bare_pid_that_is_ours_is_a_leftover() {
    let pid = |pid| verdict_on_bare_pid(|case| case.record().pid = pid);
    assert_eq!(pid(JUDGE), Stale(Why::OwnLeftover), "the PID 1 of a container that restarts");
    assert_eq!(pid(JUDGE + 1), Live);
}

#[test]
fn a_lock_that_we_hold_by_another_backend_is_no_leftover() {
    let backend = |backend| {
        verdict(|case| {
            case.record().pid = JUDGE;
            case.record().backend = known("semaphore");
            case.backend = backend;
        })
    };
    assert_eq!(backend(None), Live);
    assert_eq!(backend(Some("semaphore")), Stale(Why::OwnLeftover));
}

#[test]
fn a_record_of_an_earlier_process_with_our_pid_is_not_ours() {
    let reused = verdict(|case| {
        case.record().pid = JUDGE;
        case.process = running(OTHER_TICKS, OTHER_INODE);
    });
    assert_eq!(reused, Stale(Why::PidReused));
}

#[test]
fn a_number_equal_to_our_pid_in_another_namespace_is_not_ours() {
    let ours = verdict(|case| {
        case.record().pid = JUDGE;
        case.record().pid_namespace = Some(CONTAINER);
        case.record().backend = known("semaphore");
    });
    assert_eq!(ours, Unproven(Why::OtherNamespace));
}

/// One combination out of all: a number whose digits, in mixed bases, are the choices.
struct Grid(usize);

impl Grid {
    fn pick<T: Clone>(&mut self, options: &[T]) -> T {
        let option = options[self.0 % options.len()].clone();
        self.0 /= options.len();
        option
    }

    /// The case of this number, or `None` beyond the last.
    fn case(mut self) -> Option<Case> {
        let marks = [(TICKS, INODE), (TICKS, None), (OTHER_TICKS, INODE), (TICKS, OTHER_INODE)];
        let mut processes = vec![Process::Gone, Process::Unseen, running(None, None)];
        processes.extend(marks.map(|(ticks, inode)| running(ticks, inode)));
        let record = Record {
            pid: self.pick(&[HOLDER, JUDGE]),
            host: self.pick(&[None, known("web-1"), known("web-2")]),
            boot_id: self.pick(&[None, known("this boot"), known("another boot")]),
            machine: self.pick(&[None, known("this machine"), known("another")]),
            pid_namespace: self.pick(&[None, Some(INITIAL), Some(CONTAINER)]),
            time_namespace: self.pick(&[None, Some(CLOCK)]),
            pidfd_inode: self.pick(&[None, INODE]),
            backend: self.pick(&[None, known("semaphore")]),
            released_at: self.pick(&[None, ONCE]),
            nonce: self.pick(&[None, known("0123456789abcdef")]),
            ..record()
        };
        let case = Case {
            content: Content::Record(Box::new(record)),
            here: Standpoint {
                boot_id: self.pick(&[None, known("this boot")]),
                pid_namespace: self.pick(&[None, Some(INITIAL), Some(CONTAINER)]),
                ..here()
            },
            backend: self.pick(&[None, Some("semaphore")]),
            kernel_lock: self.pick(&[KernelLock::Free, KernelLock::Held]),
            process: self.pick(&processes),
            place: self.pick(&[Place::Local, Place::Shared]),
        };
        (self.0 == 0).then_some(case)
    }
}

/// Whether it is plain to see that the writer of the record runs, and is not the one who asks.
fn writer_runs(record: &Record, case: &Case) -> bool {
    let Process::Running { start_ticks, pidfd_inode } = case.process else { return false };
    let no_mark_differs = match (record.pidfd_inode, pidfd_inode) {
        (Some(then), Some(now)) => then == now,
        _ => {
            start_ticks.is_none()
                || start_ticks == record.start_ticks
                || record.time_namespace != case.here.time_namespace
        }
    };
    no_mark_differs
        && record.boot_id.is_some()
        && record.boot_id == case.here.boot_id
        && record.pid_namespace.is_some()
        && record.pid_namespace == case.here.pid_namespace
        && record.pid != case.here.pid
}

/// Whether the fact that `why` cannot do without is there.
fn is_founded(why: Why, record: &Record, case: &Case) -> bool {
    let here = &case.here;
    let same_boot = record.boot_id.is_some() && record.boot_id == here.boot_id;
    let other_boot =
        record.boot_id.is_some() && here.boot_id.is_some() && record.boot_id != here.boot_id;
    let other_namespace = record.pid_namespace.is_some()
        && here.pid_namespace.is_some()
        && record.pid_namespace != here.pid_namespace;
    let initial = [record.pid_namespace, here.pid_namespace] == [Some(INITIAL); 2];
    let local = case.place == Place::Local;
    match why {
        Why::Released => record.released_at.is_some(),
        Why::Dead => case.process == Process::Gone,
        Why::PidReused => match case.process {
            Process::Running { start_ticks, pidfd_inode } => {
                start_ticks != record.start_ticks || pidfd_inode != record.pidfd_inode
            }
            _ => false,
        },
        Why::OwnLeftover => record.pid == here.pid && !other_namespace,
        Why::OtherNamespace => {
            other_namespace
                && !record.is_legacy()
                && record.backend.as_deref() == case.backend
                && (local || same_boot)
        }
        Why::Rebooted => other_boot && (local || initial && record.machine == here.machine),
        Why::Blank | Why::Torn | Why::ForeignHost | Why::Unseen => false,
    }
}

#[test]
fn doubt_never_frees_a_lock() {
    let (mut held, mut ran, mut freed) = (0, 0, 0);
    for case in (0..).map_while(|number| Grid(number).case()) {
        let Content::Record(record) = &case.content else { unreachable!("it has a record") };
        let verdict = case.judge();
        if case.kernel_lock == KernelLock::Held {
            held += 1;
            assert_eq!(verdict, Live, "{case:#?}");
        } else if record.released_at.is_none() && writer_runs(record, &case) {
            ran += 1;
            assert!(!matches!(verdict, Stale(_)), "{verdict}: {case:#?}");
        }
        if let Stale(why) = verdict {
            freed += 1;
            assert!(is_founded(why, record, &case), "{verdict}: {case:#?}");
        }
    }
    assert!(held > 0 && ran > 0 && freed > 0, "the grid has all kinds: {held}, {ran}, {freed}");
}

#[test]
fn a_verdict_says_why() {
    assert_eq!(Live.to_string(), "live");
    let reused = Stale(Why::PidReused);
    assert_eq!(reused.to_string(), "stale: its PID now belongs to another process");
    let foreign = Unproven(Why::ForeignHost);
    assert_eq!(foreign.to_string(), "unproven: it may run on another host");
    let (proven, unproven) = (Stale(Why::OtherNamespace), Unproven(Why::OtherNamespace));
    assert!(proven.to_string().contains("no longer has the kernel lock"), "{proven}");
    assert!(!unproven.to_string().contains("kernel lock"), "{unproven}");
}

#[test]
fn a_verdict_is_told_to_programs_in_words_that_stay() {
    let json = |verdict| serde_json::to_value(verdict).unwrap();
    assert_eq!(json(Live), serde_json::json!({"verdict": "live"}));
    let reused = serde_json::json!({"verdict": "stale", "why": "pid-reused"});
    assert_eq!(json(Stale(Why::PidReused)), reused);
}
