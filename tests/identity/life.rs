//! Life and death of one process in one namespace, seen with pidfds and without.

use std::fs;
use std::path::Path;

use nix::libc;
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::waitpid;
use nix::unistd::{ForkResult, Pid, fork};
use tenure::{Lockfile, State, Verdict, Why};

use crate::support::elsewhere::elsewhere;
use crate::support::{Peer, place};
use crate::vocabulary::{
    assert_busy, assert_recovered, copy_record, wait_for_state, without_pidfds,
};

#[test]
fn a_holder_that_has_no_kernel_lock_lives_as_long_as_its_process() {
    elsewhere("env", &[], || {
        for pidfds in [true, false] {
            if !pidfds {
                without_pidfds();
            }
            let place = place();
            let copy = place.dir().join("copy");
            let holder = Peer::holding(&place.path);
            copy_record(&place.path, &copy, |_| {});
            assert_busy(&copy, Verdict::Live);
            holder.crash();
            assert_recovered(&copy, Why::Dead);
        }
    });
}

#[test]
fn a_zombie_is_dead() {
    elsewhere("env", &[], || {
        for pidfds in [true, false] {
            if !pidfds {
                without_pidfds();
            }
            let place = place();
            let bare = place.dir().join("bare");
            let mut holder = Peer::holding(&place.path);
            fs::write(&bare, holder.pid().to_string()).unwrap();
            holder.crash_unreaped();
            assert_recovered(&place.path, Why::Dead);
            assert_recovered(&bare, Why::Dead);
        }
    });
}

#[test]
fn a_stopped_process_is_alive() {
    elsewhere("env", &[], || {
        let place = place();
        let bare = place.dir().join("bare");
        let holder = Peer::holding(&place.path);
        fs::write(&bare, holder.pid().to_string()).unwrap();
        holder.signal(Signal::SIGSTOP);
        wait_for_state(holder.pid(), 'T');
        for pidfds in [true, false] {
            if !pidfds {
                without_pidfds();
            }
            assert_busy(&place.path, Verdict::Live);
            assert_busy(&bare, Verdict::Live);
        }
        holder.signal(Signal::SIGCONT);
    });
}

#[test]
fn a_process_whose_main_thread_has_ended_is_alive() {
    elsewhere("env", &[], || {
        let place = place();
        let (bare, copy) = (place.dir().join("bare"), place.dir().join("copy"));
        let holder = holder_without_main_thread(&place.path);
        fs::write(&bare, holder.to_string()).unwrap();
        copy_record(&place.path, &copy, |_| {});
        for pidfds in [true, false] {
            if !pidfds {
                without_pidfds();
            }
            assert_busy(&place.path, Verdict::Live);
            assert_busy(&bare, Verdict::Live);
            assert_busy(&copy, Verdict::Live);
        }
        kill(holder, Signal::SIGKILL).unwrap();
        waitpid(holder, None).unwrap();
        assert_recovered(&bare, Why::Dead);
        assert_recovered(&copy, Why::Dead);
    });
}

/// A process that holds the lock, and shows state `Z`.
#[expect(unsafe_code, reason = "std cannot end the main thread alone")]
fn holder_without_main_thread(path: &Path) -> Pid {
    // SAFETY: no other thread of this program has a lock that the child needs: the one that there
    // may be waits for this one.
    let child = match unsafe { fork() }.expect("fork") {
        ForkResult::Parent { child } => child,
        ForkResult::Child => {
            nix::sys::prctl::set_pdeathsig(Signal::SIGKILL).expect("prctl");
            let lock = Lockfile::acquire(path).expect("it is free");
            std::thread::spawn(|| {
                loop {
                    std::thread::park();
                }
            });
            std::mem::forget(lock);
            // SAFETY: ends this thread, whose stack nobody else uses: the lock lives on the heap,
            // and is forgotten.
            unsafe { libc::syscall(libc::SYS_exit, 0) };
            unreachable!("the thread has ended");
        }
    };
    wait_for_state(child.as_raw().unsigned_abs(), 'Z');
    child
}

#[test]
fn the_number_of_a_thread_is_no_process() {
    elsewhere("env", &[], || {
        let peer = Peer::start(Path::new("/nowhere"));
        let mut threads = fs::read_dir(format!("/proc/{}/task", peer.pid())).unwrap();
        let thread = threads
            .find_map(|thread| {
                let name = thread.unwrap().file_name().into_string().unwrap();
                (name != peer.pid().to_string()).then_some(name)
            })
            .expect("the harness has a thread for the peer");
        for pidfds in [true, false] {
            if !pidfds {
                without_pidfds();
            }
            let place = place();
            fs::write(&place.path, &thread).unwrap();
            assert_recovered(&place.path, Why::Dead);
        }
    });
}

#[test]
fn a_child_that_outlives_the_holder_keeps_the_lock() {
    let place = place();
    let mut holder = Peer::holding(&place.path);
    assert_eq!(holder.ask("fork_and_outlive"), "ok");
    let dead = holder.kill();
    assert_busy(&place.path, Verdict::Unproven(Why::Outlived));
    let mut lock = Lockfile::new(&place.path);
    let status = lock.status().unwrap();
    assert_eq!(status.state(), State::Held);
    assert_eq!(status.holder().unwrap().pid(), dead);
    // The child ends with its standard input.
    drop(holder);
    lock.lock().unwrap();
    let left_by = lock.recovered_from().unwrap();
    assert_eq!((left_by.pid(), left_by.verdict()), (dead, Verdict::Stale(Why::Dead)));
}
