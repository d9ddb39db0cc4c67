//! What the PID of a record leads to, where it means the same as to the writer.

use super::*;

#[test]
fn a_holder_that_runs_is_live() {
    assert_eq!(verdict(|_| {}), Live);
}

#[test]
fn a_released_record_is_stale() {
    assert_eq!(verdict(|case| case.record().released_at = ONCE), Stale(Why::Released));
    assert_eq!(verdict(|case| case.record().released_at = None), Live);
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
fn a_lock_that_we_may_share_with_ourselves_is_no_leftover() {
    let found = |kernel_lock, shared| {
        verdict(|case| {
            case.record().pid = JUDGE;
            case.record().shared = shared;
            case.kernel_lock = kernel_lock;
        })
    };
    assert_eq!(found(KernelLock::Shared, true), Live);
    assert_eq!(found(KernelLock::Shared, false), Stale(Why::OwnLeftover));
    assert_eq!(found(KernelLock::Free, true), Stale(Why::OwnLeftover));
}

#[test]
fn a_lock_that_we_may_hold_on_another_mount_is_no_leftover() {
    let device = |device| {
        verdict(|case| {
            case.record().pid = JUDGE;
            case.place = Place::Shared;
            case.device = device;
        })
    };
    assert_eq!(device(OTHER_DEVICE), Live);
    assert_eq!(device(DEVICE), Stale(Why::OwnLeftover));
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
