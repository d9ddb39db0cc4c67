//! What the kernel lock says: taken, it is somebody's; free, it may prove that nobody has it.

use super::*;

fn held(case: &mut Case) -> &mut Case {
    case.kernel_lock = KernelLock::Held;
    case
}

#[test]
fn whoever_holds_the_kernel_lock_is_live() {
    let poem = Content::Invalid("a poem".to_owned());
    for content in [Content::Blank, Content::Released, Content::Torn, poem] {
        assert_eq!(verdict(|case| held(case).content = content), Live);
    }
    assert_eq!(verdict(|case| held(case).record().released_at = ONCE), Live);
    assert_eq!(verdict(|case| held(case).record().pid = JUDGE), Live);
    for process in [Process::Unseen, running(OTHER_TICKS, None), running(TICKS, OTHER_INODE)] {
        assert_eq!(verdict(|case| held(case).process = process), Live, "{process:?}");
    }
}

/// The verdict on a record whose process is gone, while somebody has the kernel lock.
fn verdict_on_outlived(change: impl FnOnce(&mut Case)) -> Verdict {
    verdict(|case| {
        held(case).process = Process::Gone;
        change(case);
    })
}

#[test]
fn a_taken_lock_has_outlived_a_holder_that_is_gone() {
    assert_eq!(verdict_on_outlived(|_| {}), Unproven(Why::Outlived));
    assert_eq!(verdict_on_outlived(|case| case.process = running(TICKS, INODE)), Live);
    let free = verdict_on_outlived(|case| case.kernel_lock = KernelLock::Free);
    assert_eq!(free, Stale(Why::Dead));
    let released = verdict_on_outlived(|case| case.record().released_at = ONCE);
    assert_eq!(released, Unproven(Why::Outlived));
}

#[test]
fn no_taken_lock_has_outlived_a_holder_of_another_boot() {
    let boots = |then, now| {
        verdict_on_outlived(|case| {
            case.record().boot_id = then;
            case.here.boot_id = now;
        })
    };
    assert_eq!(boots(known("another boot"), known("this boot")), Live);
    assert_eq!(boots(None, known("this boot")), Live);
    assert_eq!(boots(known("this boot"), None), Live);
    assert_eq!(boots(None, None), Live);
    assert_eq!(boots(known("this boot"), known("this boot")), Unproven(Why::Outlived));
}

#[test]
fn no_taken_lock_has_outlived_a_holder_of_another_pid_namespace() {
    let namespaces = |then, now| {
        verdict_on_outlived(|case| {
            case.record().pid_namespace = then;
            case.here.pid_namespace = now;
        })
    };
    assert_eq!(namespaces(Some(CONTAINER), Some(INITIAL)), Live);
    assert_eq!(namespaces(Some(CONTAINER), Some(ANOTHER)), Live);
    assert_eq!(namespaces(None, Some(INITIAL)), Live);
    assert_eq!(namespaces(Some(INITIAL), None), Live);
    assert_eq!(namespaces(None, None), Live);
    assert_eq!(namespaces(Some(CONTAINER), Some(CONTAINER)), Unproven(Why::Outlived));
}

#[test]
fn of_files_that_name_nobody_only_a_released_one_proves_anything() {
    let verdicts = [
        (Content::Blank, Unproven(Why::Blank)),
        (Content::Released, Stale(Why::Released)),
        (Content::Torn, Unproven(Why::Torn)),
    ];
    for (content, expected) in verdicts {
        let free = verdict(|case| case.content = content.clone());
        assert_eq!(free, expected);
        let held = verdict(|case| held(case).content = content);
        assert_eq!(held, Live);
    }
}

/// The verdict on a holder of another PID namespace, of whom only its lock can tell.
fn verdict_by_lock(change: impl FnOnce(&mut Case)) -> Verdict {
    verdict(|case| {
        case.record().pid_namespace = Some(CONTAINER);
        change(case);
    })
}

#[test]
fn a_holder_of_another_pid_namespace_is_stale_when_its_kernel_lock_is_free() {
    for place in PLACES {
        let free = verdict_by_lock(|case| case.place = place);
        assert_eq!(free, Stale(Why::OtherNamespace), "{place:?}");
        assert_eq!(verdict(|case| case.place = place), Live, "{place:?}");
    }
}

#[test]
fn a_free_lock_that_survives_its_holder_proves_nothing() {
    let freed = |freed| verdict_by_lock(|case| case.freed_at_death = freed);
    assert_eq!(freed(false), Unproven(Why::OtherNamespace));
    assert_eq!(freed(true), Stale(Why::OtherNamespace));
}

#[test]
fn a_free_lock_of_another_backend_proves_nothing() {
    let backends = |then, now| {
        verdict_by_lock(|case| {
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
    let nonce = |nonce| verdict_by_lock(|case| case.record().nonce = nonce);
    assert_eq!(nonce(None), Unproven(Why::OtherNamespace));
    assert_eq!(nonce(known("0123456789abcdef")), Stale(Why::OtherNamespace));
}

#[test]
fn a_free_lock_on_another_mount_proves_nothing() {
    let devices = |place, then, now| {
        verdict_by_lock(|case| {
            case.place = place;
            case.record().device = then;
            case.device = now;
        })
    };
    for place in PLACES {
        let other = devices(place, DEVICE, OTHER_DEVICE);
        assert_eq!(other, Unproven(Why::OtherMount), "{place:?}");
    }
    for (then, now) in [(None, DEVICE), (DEVICE, None), (None, None)] {
        let local = devices(Place::Local, then, now);
        assert_eq!(local, Stale(Why::OtherNamespace), "it has one lock a file: {then:?} {now:?}");
        for place in [Place::Shared, Place::Unknown] {
            let elsewhere = devices(place, then, now);
            assert_eq!(elsewhere, Unproven(Why::OtherNamespace), "{place:?} {then:?} {now:?}");
        }
    }
    for place in PLACES {
        assert_eq!(devices(place, DEVICE, DEVICE), Stale(Why::OtherNamespace), "{place:?}");
    }
}

#[test]
fn a_free_lock_on_another_file_system_of_the_same_number_proves_nothing() {
    let kinds = |then, now| {
        verdict_by_lock(|case| {
            case.record().file_system = then;
            case.file_system = now;
        })
    };
    assert_eq!(kinds(EXT4, OVERLAY), Unproven(Why::OtherMount));
    assert_eq!(kinds(EXT4, EXT4), Stale(Why::OtherNamespace));
    assert_eq!(kinds(None, OVERLAY), Stale(Why::OtherNamespace), "an older record");
}

#[test]
fn an_equal_device_number_of_an_unknown_boot_proves_nothing() {
    let boot = |place, boot| {
        verdict_by_lock(|case| {
            case.record().boot_id = boot;
            case.place = place;
        })
    };
    for place in [Place::Shared, Place::Unknown] {
        assert_eq!(boot(place, None), Unproven(Why::OtherNamespace), "{place:?}");
        assert_eq!(boot(place, known("this boot")), Stale(Why::OtherNamespace), "{place:?}");
    }
    assert_eq!(boot(Place::Local, None), Stale(Why::OtherNamespace));
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
    assert_eq!(seen(Place::Unknown, None), Unproven(Why::Unseen));
    assert_eq!(seen(Place::Local, Some("semaphore")), Unproven(Why::Unseen));
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
