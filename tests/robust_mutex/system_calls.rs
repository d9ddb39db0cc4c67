//! What it costs: no system call, where nobody is in the way.

use std::fs;

use nix::errno::Errno;
use nix::libc;
use nix::sys::prctl::set_no_new_privs;
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{ForkResult, fork};
use tenure::{Lock, RobustMutex, State};

use crate::support::elsewhere::tell;
use crate::support::place;

/// The clocks that are read without asking the kernel.
const CLOCKS: [&str; 4] = ["tsc", "kvm-clock", "hyperv_clocksource_tsc_page", "arch_sys_counter"];

#[test]
#[expect(unsafe_code, reason = "fork and _exit are needed for it")]
fn nobody_in_the_way_means_no_system_call() {
    let clock = "/sys/devices/system/clocksource/clocksource0/current_clocksource";
    if !CLOCKS.contains(&fs::read_to_string(clock).unwrap_or_default().trim()) {
        tell("NOT RUN: nobody_in_the_way_means_no_system_call: the time itself takes one here");
        return;
    }
    let place = place();
    let mut lock = RobustMutex::open(&place.path).unwrap();
    // SAFETY: the child takes no lock that another thread can have had.
    match unsafe { fork() }.unwrap() {
        ForkResult::Child => {
            // What is done but once.
            cycle(&mut lock);
            allow_nothing_but(libc::SYS_exit_group);
            cycle(&mut lock);
            // SAFETY: ends this process at once.
            unsafe { libc::_exit(0) }
        }
        ForkResult::Parent { child } => {
            assert_eq!(waitpid(child, None).unwrap(), WaitStatus::Exited(child, 0));
        }
    }
}

fn cycle(lock: &mut RobustMutex) {
    lock.lock().unwrap();
    assert!(lock.is_held() && lock.status().unwrap().state() == State::Held);
    lock.unlock().unwrap();
    lock.try_lock().unwrap();
    lock.unlock().unwrap();
}

/// From now on, every system call but this one kills the process.
#[expect(unsafe_code, reason = "neither std nor nix has seccomp")]
fn allow_nothing_but(number: libc::c_long) {
    let statement = |code: u32, k: u32| libc::sock_filter {
        code: u16::try_from(code).unwrap(),
        jt: 0,
        jf: 0,
        k,
    };
    let number = u32::try_from(number).unwrap();
    let mut filter = [
        // The first field of what is filtered is the number of the system call.
        statement(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0),
        libc::sock_filter {
            jf: 1,
            ..statement(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, number)
        },
        statement(libc::BPF_RET | libc::BPF_K, libc::SECCOMP_RET_ALLOW),
        statement(libc::BPF_RET | libc::BPF_K, libc::SECCOMP_RET_KILL_PROCESS),
    ];
    let program = libc::sock_fprog { len: 4, filter: filter.as_mut_ptr() };
    set_no_new_privs().unwrap();
    let mode = libc::SECCOMP_MODE_FILTER;
    // SAFETY: the program and its filter live until the call returns; the kernel copies them.
    let result = unsafe { libc::prctl(libc::PR_SET_SECCOMP, mode, &raw const program) };
    Errno::result(result).unwrap();
}
