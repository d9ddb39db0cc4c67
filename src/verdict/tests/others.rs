//! Records of other programs: host, machine and boot come first, then the PID.

use super::*;

fn places() -> impl Iterator<Item = Place> {
    PLACES.into_iter()
}

#[test]
fn another_host_or_machine_is_unproven_whether_the_pid_lives_or_not() {
    for process in [Process::Gone, running(None, None)] {
        for boot in [None, known("this boot"), known("another boot")] {
            let verdict = |host: &str, machine: Option<String>| {
                verdict_on_bare_pid(|case| {
                    case.record().host = known(host);
                    case.record().machine = machine;
                    case.record().boot_id.clone_from(&boot);
                    case.process = process;
                })
            };
            assert_eq!(verdict("web-2", None), Unproven(Why::ForeignHost), "{boot:?}");
            let machine = known("another machine");
            assert_eq!(verdict("web-1", machine), Unproven(Why::ForeignHost), "{boot:?}");
        }
    }
}

#[test]
fn an_earlier_boot_of_this_host_is_stale_on_a_local_file_system() {
    for place in places() {
        for host in [known("web-1"), known("WEB-1"), None] {
            let verdict = verdict_on_bare_pid(|case| {
                case.record().host = host;
                case.record().boot_id = known("another boot");
                case.place = place;
            });
            let expected = match place {
                Place::Local => Stale(Why::Rebooted),
                Place::Shared | Place::Unknown => Unproven(Why::ForeignHost),
            };
            assert_eq!(verdict, expected, "{place:?}");
        }
    }
}

/// Every host is `localhost`, and two domains can have a host of one name each.
#[test]
fn a_name_that_may_be_another_host_s_proves_nothing_over_a_network() {
    let dead = |host: &str, place| {
        verdict_on_bare_pid(|case| {
            case.record().host = known(host);
            case.process = Process::Gone;
            case.place = place;
        })
    };
    for host in ["localhost", "127.0.1.1", "::1", "web-1.example.org"] {
        assert_eq!(dead(host, Place::Local), Stale(Why::Dead), "{host}");
        assert_eq!(dead(host, Place::Shared), Unproven(Why::ForeignHost), "{host}");
    }
    assert_eq!(dead("WEB-1", Place::Shared), Stale(Why::Dead));
    assert_eq!(dead("10.0.0.1", Place::Local), Unproven(Why::ForeignHost));
}

#[test]
fn a_pid_of_another_namespace_is_not_looked_up() {
    let namespace = |namespace| {
        verdict_on_bare_pid(|case| {
            case.record().host = known("web-1");
            case.record().pid_namespace = namespace;
            case.process = Process::Gone;
        })
    };
    assert_eq!(namespace(Some(CONTAINER)), Unproven(Why::OtherNamespace));
    assert_eq!(namespace(Some(INITIAL)), Stale(Why::Dead));
    assert_eq!(namespace(None), Stale(Why::Dead));
}

#[test]
fn start_ticks_tell_a_reused_pid() {
    let ticks = |ticks| {
        verdict_on_bare_pid(|case| {
            case.record().start_ticks = TICKS;
            case.process = running(ticks, INODE);
        })
    };
    assert_eq!(ticks(TICKS), Live);
    assert_eq!(ticks(OTHER_TICKS), Stale(Why::PidReused));
    assert_eq!(ticks(None), Live, "another clock");
}

#[test]
fn a_file_older_than_the_process_of_its_pid_is_unproven() {
    let older = |change: fn(&mut Case)| {
        verdict_on_bare_pid(|case| {
            case.older_than_process = true;
            change(case);
        })
    };
    assert_eq!(older(|_| {}), Unproven(Why::OlderThanProcess));
    assert_eq!(older(|case| case.process = Process::Gone), Stale(Why::Dead));
    assert_eq!(older(|case| case.process = Process::Unseen), Unproven(Why::Unseen));
    assert_eq!(older(|case| case.kernel_lock = KernelLock::Held), Live);
    assert_eq!(
        older(|case| case.record().start_ticks = TICKS),
        Live,
        "equal ticks outweigh clocks"
    );
    assert_eq!(verdict(|case| case.older_than_process = true), Live, "a record of ours");
}
