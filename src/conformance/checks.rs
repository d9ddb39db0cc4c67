//! All checks, and what each needs.

mod admission;
mod death;
mod deletion;
mod fork;
mod handover;
mod reading;
mod sharing;

use super::check::{Check, Need};

/// Each check is named after its function.
macro_rules! checks {
    ($($file:ident::$name:ident [$($need:ident),*];)*) => {
        &[$(Check { name: stringify!($name), needs: &[$(Need::$need),*], run: $file::$name }),*]
    };
}

pub(super) const CHECKS: &[Check] = checks! {
    admission::threads_exclude_each_other [];
    admission::processes_exclude_each_other [Processes];
    admission::one_is_admitted_to_a_file [Lock];
    admission::one_process_is_admitted_to_a_file [Lock, Processes];
    admission::whoever_is_refused_is_told_who_holds [];
    admission::another_thread_may_release [];
    handover::whoever_waits_is_next [];
    handover::whoever_waits_with_a_limit_is_next [];
    handover::a_limit_ends_a_wait [];
    handover::signals_end_no_wait [Signals];
    handover::signals_end_no_wait_with_a_limit [Signals];
    death::a_dead_holder_is_recovered [];
    death::death_frees_the_lock_itself [Lock, Processes, FreedAtDeath];
    death::whoever_waits_is_next_after_a_death [];
    death::whoever_waits_with_a_limit_is_next_after_a_death [];
    fork::a_forked_copy_is_inert [Fork];
    fork::a_fork_does_not_prolong_the_lock [Fork];
    reading::readers_make_nobody_busy [];
    reading::a_look_refuses_nobody [Lock];
    deletion::a_deletion_is_reported [];
    deletion::what_replaces_a_lockfile_is_left_alone [];
    sharing::many_share [Sharing];
    sharing::one_alone_keeps_out_those_who_share [Sharing];
    sharing::sharing_ends_with_death [Sharing, Processes];
};
