//! All rows at once, against what no verdict may do.

use super::*;

/// Two facts that are compared: what the record says, and what is so here.
type Pair<T> = (Option<T>, Option<T>);

/// One combination out of all: a number whose digits, in mixed bases, are the choices.
///
/// Where only the comparison of two facts matters, they are picked as a pair: each outcome once.
struct Grid(usize);

impl Grid {
    fn pick<T: Copy>(&mut self, options: &[T]) -> T {
        let option = options[self.0 % options.len()];
        self.0 /= options.len();
        option
    }

    /// The case of this number, or `None` beyond the last.
    fn case(mut self) -> Option<Case> {
        let pid = self.pick(&[HOLDER, JUDGE]);
        let boots: Pair<&str> = self.pick(&[
            (Some("this boot"), Some("this boot")),
            (Some("another boot"), Some("this boot")),
            (None, Some("this boot")),
            (Some("this boot"), None),
        ]);
        let namespaces: Pair<u64> = self.pick(&[
            (Some(INITIAL), Some(INITIAL)),
            (Some(CONTAINER), Some(CONTAINER)),
            (Some(CONTAINER), Some(INITIAL)),
            (None, Some(INITIAL)),
            (Some(INITIAL), None),
            (None, None),
        ]);
        let machines: Pair<&str> = self.pick(&[
            (Some("this machine"), Some("this machine")),
            (Some("another machine"), Some("this machine")),
            (None, None),
        ]);
        let devices = self.pick(&[(DEVICE, DEVICE), (DEVICE, OTHER_DEVICE), (None, None)]);
        let (backend, freed_at_death, reach) = self.pick(&[
            (None, true, Reach::Kernel),
            (None, false, Reach::Kernel),
            (None, false, Reach::Part),
            (Some("semaphore"), true, Reach::Kernel),
            (Some("hardlink"), false, Reach::Hosts),
        ]);
        let host = self.pick(&[Some("web-1"), Some("web-2"), None]);
        let process = self.pick(&[
            Process::Gone,
            Process::Unseen,
            running(TICKS, INODE),
            running(OTHER_TICKS, INODE),
            running(OTHER_TICKS, None),
            running(TICKS, OTHER_INODE),
            running(None, None),
        ]);
        let record = Record {
            host: host.map(str::to_owned),
            boot_id: boots.0.map(str::to_owned),
            machine: machines.0.map(str::to_owned),
            pid_namespace: namespaces.0,
            time_namespace: self.pick(&[Some(CLOCK), Some(OTHER_CLOCK)]),
            start_ticks: TICKS,
            pidfd_inode: INODE,
            device: devices.0,
            nonce: self.pick(&[Some("0123456789abcdef"), None]).map(str::to_owned),
            ..Record::bare(pid)
        };
        let case = Case {
            content: Content::Record(Box::new(record)),
            here: Standpoint {
                boot_id: boots.1.map(str::to_owned),
                machine: machines.1.map(str::to_owned),
                pid_namespace: namespaces.1,
                ..here()
            },
            backend,
            freed_at_death,
            reach,
            namespaces: true,
            kernel_lock: self.pick(&[KernelLock::Free, KernelLock::Held]),
            process,
            place: self.pick(&PLACES),
            device: devices.1,
            file_system: None,
            older_than_process: false,
        };
        (self.0 == 0).then_some(case)
    }
}

/// Whether both are known and equal.
fn equal<T: Copy + PartialEq>(then: Option<T>, now: Option<T>) -> bool {
    then.is_some() && then == now
}

/// Whether both are known and not equal.
fn unequal<T: Copy + PartialEq>(then: Option<T>, now: Option<T>) -> bool {
    then.is_some() && now.is_some() && then != now
}

/// Whether the PID of the record is known to mean the same here.
fn one_frame(record: &Record, here: &Standpoint) -> bool {
    equal(record.boot_id.as_ref(), here.boot_id.as_ref())
        && equal(record.pid_namespace, here.pid_namespace)
}

fn one_namespace(record: &Record, here: &Standpoint) -> bool {
    equal(record.pid_namespace, here.pid_namespace)
}

/// Whether the PID of the record is known to mean something else here.
fn other_frame(record: &Record, here: &Standpoint) -> bool {
    unequal(record.boot_id.as_ref(), here.boot_id.as_ref())
        || unequal(record.pid_namespace, here.pid_namespace)
}

/// Whether nobody can tell what the PID means here, and nothing but the record speaks.
fn no_frame(record: &Record, case: &Case) -> bool {
    !equal(record.pid_namespace, case.here.pid_namespace)
        && record.nonce.is_some()
        && !is_proof(record, case)
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
    no_mark_differs && one_frame(record, &case.here) && record.pid != case.here.pid
}

/// Whether the writer, were it alive, would have the very lock that was found free.
fn is_proof(record: &Record, case: &Case) -> bool {
    let same_lock = match case.place {
        Place::Local => true,
        Place::Shared | Place::Unknown => {
            equal(record.boot_id.as_ref(), case.here.boot_id.as_ref())
                && equal(record.device, case.device)
        }
    };
    case.freed_at_death
        && !unequal(record.device, case.device)
        && record.nonce.is_some()
        && record.backend.as_deref() == case.backend
        && same_lock
}

/// Whether the record may be that of any host that shares the file system.
fn any_host(record: &Record, case: &Case) -> bool {
    case.place == Place::Shared
        && !equal(record.boot_id.as_ref(), case.here.boot_id.as_ref())
        && !equal(record.host.as_ref(), case.here.host.as_ref())
}

/// Whether the facts that `why` cannot do without are there.
fn is_founded(why: Why, record: &Record, case: &Case) -> bool {
    let here = &case.here;
    match why {
        Why::Dead | Why::PidReused | Why::OwnLeftover
            if any_host(record, case) || no_frame(record, case) =>
        {
            false
        }
        Why::Dead => case.process == Process::Gone && !other_frame(record, here),
        Why::PidReused => match case.process {
            Process::Running { start_ticks, pidfd_inode } => {
                !other_frame(record, here)
                    && (start_ticks != record.start_ticks || pidfd_inode != record.pidfd_inode)
            }
            _ => false,
        },
        Why::OwnLeftover => {
            record.pid == here.pid
                && !other_frame(record, here)
                && (record.nonce.is_none() || is_proof(record, case))
        }
        Why::OtherNamespace => {
            unequal(record.pid_namespace, here.pid_namespace) && is_proof(record, case)
        }
        // A container shows other programs a boot id of its own, and has its own name.
        Why::Rebooted
            if record.nonce.is_none() && unequal(record.host.as_ref(), here.host.as_ref()) =>
        {
            false
        }
        Why::Rebooted => {
            let machines = (record.machine.as_ref(), here.machine.as_ref());
            let same_names =
                equal(machines.0, machines.1) && equal(record.host.as_ref(), here.host.as_ref());
            let ours = match case.place {
                Place::Local if case.reach != Reach::Kernel => same_names,
                Place::Local => !unequal(machines.0, machines.1),
                Place::Shared | Place::Unknown => {
                    same_names && [record.pid_namespace, here.pid_namespace] == [Some(INITIAL); 2]
                }
            };
            let may_tell = case.reach != Reach::Part || one_namespace(record, here);
            unequal(record.boot_id.as_ref(), here.boot_id.as_ref()) && ours && may_tell
        }
        // The first three are not in the grid, no record is judged to be the fourth, which is the
        // kernel's word on a robust mutex, and the others never free a lock.
        Why::Released
        | Why::Blank
        | Why::Torn
        | Why::Opened
        | Why::OtherMount
        | Why::Abandoned
        | Why::Outlived
        | Why::ForeignHost
        | Why::Unseen
        | Why::OlderThanProcess => false,
    }
}

#[test]
fn doubt_never_frees_a_lock() {
    let (mut held, mut outlived, mut ran, mut freed) = (0, 0, 0, 0);
    for case in (0..).map_while(|number| Grid(number).case()) {
        let Content::Record(record) = &case.content else { unreachable!("it has a record") };
        let verdict = case.judge();
        if case.kernel_lock == KernelLock::Held {
            if case.process == Process::Gone && one_frame(record, &case.here) {
                outlived += 1;
                assert_eq!(verdict, Unproven(Why::Outlived), "{case:#?}");
            } else {
                held += 1;
                assert_eq!(verdict, Live, "{case:#?}");
            }
        } else if writer_runs(record, &case) {
            ran += 1;
            assert!(!matches!(verdict, Stale(_)), "{verdict}: {case:#?}");
        } else if let Stale(why) = verdict {
            freed += 1;
            assert!(is_founded(why, record, &case), "{verdict}: {case:#?}");
        }
    }
    let kinds = [held, outlived, ran, freed];
    assert!(!kinds.contains(&0), "the grid has all kinds: {kinds:?}");
}
