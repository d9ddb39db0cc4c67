//! Where a record was written: on which boot of which machine, and in which PID namespace.

use super::*;

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
fn a_record_of_another_boot_is_stale_on_a_local_file_system() {
    let place = |place| {
        verdict(|case| {
            case.record().boot_id = known("another boot");
            case.record().machine = None;
            case.place = place;
        })
    };
    assert_eq!(place(Place::Local), Stale(Why::Rebooted));
    assert_eq!(place(Place::Shared), Unproven(Why::ForeignHost));
    assert_eq!(place(Place::Unknown), Unproven(Why::ForeignHost));
}

#[test]
fn a_local_file_system_may_be_served_to_another_machine() {
    let machines = |then, now| {
        verdict(|case| {
            case.record().boot_id = known("another boot");
            // What else could make it the same machine does not.
            case.record().pid_namespace = Some(CONTAINER);
            case.record().machine = then;
            case.here.machine = now;
        })
    };
    let this = || known("this machine");
    assert_eq!(machines(known("a virtual machine"), this()), Unproven(Why::ForeignHost));
    assert_eq!(machines(this(), this()), Stale(Why::Rebooted));
    assert_eq!(machines(None, this()), Stale(Why::Rebooted));
    assert_eq!(machines(this(), None), Stale(Why::Rebooted));
    assert_eq!(machines(None, None), Stale(Why::Rebooted));
}

/// Its clients can have no machine id, or the one of the image that they were made from.
#[test]
fn where_a_lock_is_for_other_hosts_only_machine_and_host_make_an_earlier_boot() {
    let names = |machines: [Option<String>; 2], hosts: [Option<String>; 2], reach| {
        verdict(|case| {
            case.record().boot_id = known("another boot");
            case.record().pid_namespace = Some(CONTAINER);
            case.here.pid_namespace = Some(CONTAINER);
            let ([then, now], [host_then, host_now]) = (machines, hosts);
            (case.record().machine, case.here.machine) = (then, now);
            (case.record().host, case.here.host) = (host_then, host_now);
            case.reach = reach;
        })
    };
    let same = || [known("one"), known("one")];
    let other = || [known("one"), known("other")];
    for reach in [Reach::Part, Reach::Hosts] {
        assert_eq!(names(same(), same(), reach), Stale(Why::Rebooted), "{reach:?}");
        for unknown in [[None, None], [None, known("one")], [known("one"), None]] {
            assert_eq!(names(unknown.clone(), same(), reach), Unproven(Why::ForeignHost));
            assert_eq!(names(same(), unknown.clone(), reach), Unproven(Why::ForeignHost));
            assert_eq!(names(unknown, same(), Reach::Kernel), Stale(Why::Rebooted));
        }
        assert_eq!(names(same(), other(), reach), Unproven(Why::ForeignHost));
    }
    assert_eq!(names(same(), other(), Reach::Kernel), Stale(Why::Rebooted));
}

/// A lock that a container has for itself is free in every other.
#[test]
fn a_lock_of_a_part_of_the_kernel_tells_nothing_of_another_pid_namespace() {
    let cases = || {
        let boots = [None, known("this boot"), known("another boot")];
        let hosts = [known("web-1"), known("web-2"), None];
        boots.into_iter().flat_map(move |boot| {
            let hosts = hosts.clone();
            hosts.into_iter().map(move |host| (boot.clone(), host))
        })
    };
    let namespace = |reach, namespace, boot: &Option<String>, host: &Option<String>, place| {
        verdict(|case| {
            case.record().pid_namespace = namespace;
            case.record().boot_id.clone_from(boot);
            case.record().host.clone_from(host);
            case.process = Process::Gone;
            case.place = place;
            case.reach = reach;
            case.freed_at_death = reach == Reach::Kernel;
        })
    };
    for (boot, host) in cases() {
        for place in PLACES {
            for other in [Some(CONTAINER), None] {
                let found = namespace(Reach::Part, other, &boot, &host, place);
                assert!(matches!(found, Unproven(_)), "{boot:?} {host:?} {place:?}: {found}");
            }
        }
        // The same with a lock that all of the kernel has, on a file that no other can have.
        let found = namespace(Reach::Kernel, Some(CONTAINER), &boot, &host, Place::Local);
        assert!(matches!(found, Stale(_)), "{boot:?} {host:?}: {found}");
    }
    let rebooted = known("another boot");
    let same = namespace(Reach::Part, Some(INITIAL), &rebooted, &known("web-1"), Place::Local);
    assert_eq!(same, Stale(Why::Rebooted));
}

/// As systemd-nspawn(1) gives each container a host name, and a boot id that is not the kernel's.
#[test]
fn a_container_of_another_name_is_recovered_by_the_lock_on_the_very_file() {
    let found = |boots: (Option<String>, Option<String>), change: &dyn Fn(&mut Case)| {
        verdict(|case| {
            case.record().boot_id = boots.0;
            case.here.boot_id = boots.1;
            case.record().host = known("container");
            case.record().machine = known("a machine of its own");
            case.record().pid_namespace = Some(CONTAINER);
            change(case);
        })
    };
    let boots = || [(None, known("this boot")), (known("this boot"), None), (None, None)];
    let foreign = Unproven(Why::ForeignHost);
    for boots in boots() {
        let found = |change: &dyn Fn(&mut Case)| found(boots.clone(), change);
        assert_eq!(found(&|_| {}), Stale(Why::OtherNamespace), "{boots:?}");
        // A file system that is shared with other kernels may have come by another way.
        assert_eq!(found(&|case| case.device = OTHER_DEVICE), foreign, "{boots:?}");
        assert_eq!(found(&|case| case.record().device = None), foreign, "{boots:?}");
        assert_eq!(found(&|case| case.place = Place::Shared), foreign, "{boots:?}");
        assert_eq!(found(&|case| case.freed_at_death = false), foreign, "{boots:?}");
        assert_eq!(found(&|case| case.backend = Some("semaphore")), foreign, "{boots:?}");
    }
}

#[test]
fn a_record_from_another_file_system_may_be_of_another_kernel() {
    let device = |then| {
        verdict(|case| {
            case.record().boot_id = None;
            case.record().device = then;
            case.process = Process::Gone;
        })
    };
    assert_eq!(device(OTHER_DEVICE), Unproven(Why::Unseen));
    assert_eq!(device(DEVICE), Stale(Why::Dead));
    assert_eq!(device(None), Stale(Why::Dead));
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
    for place in [Place::Shared, Place::Unknown] {
        let same = verdict_on_another_boot(|case| case.place = place);
        assert_eq!(same, Stale(Why::Rebooted), "{place:?}");
        let other = verdict_on_another_boot(|case| {
            case.record().machine = known("another machine");
            case.place = place;
        });
        assert_eq!(other, Unproven(Why::ForeignHost), "{place:?}");
    }
}

#[test]
fn machines_of_one_image_are_told_by_the_name_of_the_host() {
    let hosts = |then, now| {
        verdict_on_another_boot(|case| {
            case.record().host = then;
            case.here.host = now;
        })
    };
    assert_eq!(hosts(known("web-2"), known("web-1")), Unproven(Why::ForeignHost));
    assert_eq!(hosts(None, known("web-1")), Unproven(Why::ForeignHost));
    assert_eq!(hosts(known("web-1"), None), Unproven(Why::ForeignHost));
    assert_eq!(hosts(known("web-1"), known("web-1")), Stale(Why::Rebooted));
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
fn where_this_boot_is_unknown_another_host_is_foreign() {
    let host = |host, freed_at_death| {
        verdict(|case| {
            case.record().boot_id = None;
            case.here.boot_id = None;
            case.record().host = host;
            case.freed_at_death = freed_at_death;
            case.process = Process::Gone;
        })
    };
    assert_eq!(host(known("web-2"), false), Unproven(Why::ForeignHost));
    assert_eq!(host(known("web-2"), true), Stale(Why::Dead), "the lock on the file proves it");
    assert_eq!(host(known("web-1"), false), Stale(Why::Dead));
    assert_eq!(host(None, false), Stale(Why::Dead));
}

/// As of two machines that hide `/proc/sys/kernel/random`, and are both called `localhost`.
#[test]
fn where_both_boots_are_unknown_another_kernel_may_have_the_same_namespaces() {
    let place = |place, process| {
        verdict(|case| {
            case.record().boot_id = None;
            case.here.boot_id = None;
            case.place = place;
            case.process = process;
        })
    };
    for process in [Process::Gone, running(OTHER_TICKS, OTHER_INODE)] {
        assert!(matches!(place(Place::Local, process), Stale(_)), "{process:?}");
        for unsure in [Place::Shared, Place::Unknown] {
            assert_eq!(place(unsure, process), Unproven(Why::Unseen), "{unsure:?} {process:?}");
        }
    }
    assert_eq!(place(Place::Shared, running(TICKS, INODE)), Live);
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
fn a_bare_pid_that_is_gone_is_unproven_where_other_hosts_write() {
    let host = |place, host| {
        verdict_on_bare_pid(|case| {
            case.record().host = host;
            case.place = place;
            case.process = Process::Gone;
        })
    };
    assert_eq!(host(Place::Shared, None), Unproven(Why::ForeignHost));
    assert_eq!(host(Place::Shared, known("web-1")), Stale(Why::Dead));
    assert_eq!(host(Place::Local, None), Stale(Why::Dead));
    assert_eq!(host(Place::Unknown, None), Stale(Why::Dead));
}

#[test]
fn a_record_that_names_its_boot_needs_no_host_where_other_hosts_write() {
    let boot = |boot: Option<String>, process| {
        verdict(|case| {
            case.record().host = None;
            case.record().nonce = None;
            case.record().boot_id.clone_from(&boot);
            case.place = Place::Shared;
            case.process = process;
        })
    };
    assert_eq!(boot(here().boot_id, Process::Gone), Stale(Why::Dead));
    assert_eq!(boot(None, Process::Gone), Unproven(Why::ForeignHost));
    assert_eq!(boot(here().boot_id, running(OTHER_TICKS, None)), Stale(Why::PidReused));
    assert_eq!(boot(None, running(OTHER_TICKS, None)), Live, "here: there it is another");
}

#[test]
fn a_bare_pid_that_is_ours_may_be_that_of_another_host() {
    let place = |place| {
        verdict(|case| {
            case.content = Content::Record(Box::new(Record::bare(case.here.pid)));
            case.place = place;
        })
    };
    assert_eq!(place(Place::Local), Stale(Why::OwnLeftover));
    assert_eq!(place(Place::Shared), Live);
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
fn where_there_are_no_pid_namespaces_the_process_is_judged() {
    let process = |process| {
        verdict(|case| {
            case.record().pid_namespace = None;
            case.here.pid_namespace = None;
            case.namespaces = false;
            // Not even a lock that proves something is needed.
            case.backend = Some("semaphore");
            case.process = process;
        })
    };
    assert_eq!(process(Process::Gone), Stale(Why::Dead));
    assert_eq!(process(running(TICKS, INODE)), Live);
}

/// As without `/proc`: it may be two containers that know nothing of each other.
#[test]
fn where_both_pid_namespaces_are_unknown_the_lock_has_to_prove_it() {
    let process = |process, freed_at_death| {
        verdict(|case| {
            case.record().pid_namespace = None;
            case.here.pid_namespace = None;
            case.freed_at_death = freed_at_death;
            case.process = process;
        })
    };
    for seen in [Process::Gone, running(TICKS, INODE), running(OTHER_TICKS, OTHER_INODE)] {
        assert_eq!(process(seen, false), Unproven(Why::Unseen), "{seen:?}");
    }
    assert_eq!(process(Process::Gone, true), Stale(Why::Dead));
    assert_eq!(process(running(TICKS, INODE), true), Live);
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
fn another_boot_that_wrote_through_another_kind_of_file_system_is_another_kernels() {
    let kinds = |then, now| {
        verdict(|case| {
            case.record().boot_id = known("another boot");
            case.record().file_system = then;
            case.file_system = now;
        })
    };
    assert_eq!(kinds(Some(0x6573_5546), EXT4), Unproven(Why::ForeignHost));
    assert_eq!(kinds(EXT4, EXT4), Stale(Why::Rebooted));
    assert_eq!(kinds(None, EXT4), Stale(Why::Rebooted), "an older record");
}
