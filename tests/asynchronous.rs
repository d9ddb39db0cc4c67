//! Waiting in tasks of tokio: in order, by events, and dropped without a trace.
#![cfg(all(feature = "tokio", any(target_os = "linux", target_os = "android")))]
#![allow(clippy::unwrap_used, reason = "whoever cannot go on has failed")]

mod support;

use std::fs;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use support::{Peer, place};
use tenure::{Error, Lockfile};
use tokio::runtime::{Builder, Runtime};
use tokio::task::yield_now;

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_io().build().unwrap()
}

/// Polls `future` once, which has to wait.
fn assert_waits(future: std::pin::Pin<&mut impl Future>) {
    assert!(future.poll(&mut Context::from_waker(Waker::noop())).is_pending());
}

#[test]
fn a_task_waits_for_another_process() {
    let place = place();
    let mut holder = Peer::holding(&place.path);
    runtime().block_on(async {
        let mut lock = Lockfile::new(&place.path);
        {
            let mut waiting = pin!(lock.lock_async());
            assert_waits(waiting.as_mut());
            assert_eq!(holder.ask("unlock"), "ok");
            waiting.await.unwrap();
        }
        lock.unlock().unwrap();
    });
    assert!(place.names().is_empty());
}

#[test]
fn a_task_waits_for_the_death_of_another_process() {
    let place = place();
    let holder = Peer::holding(&place.path);
    let dead = holder.pid();
    runtime().block_on(async {
        let mut lock = Lockfile::new(&place.path);
        {
            let mut waiting = pin!(lock.lock_async());
            assert_waits(waiting.as_mut());
            holder.crash();
            waiting.await.unwrap();
        }
        assert_eq!(lock.recovered_from().unwrap().pid(), dead);
    });
}

/// Two tasks of one thread: to wait is no deadlock here.
#[test]
fn tasks_of_one_thread_are_served_in_the_order_of_their_coming() {
    let place = place();
    let order = Arc::new(Mutex::new(Vec::new()));
    runtime().block_on(async {
        let mut held = Lockfile::new(&place.path);
        held.lock_async().await.unwrap();
        let mut tasks = Vec::new();
        for number in 0..10 {
            let (path, order) = (place.path.clone(), Arc::clone(&order));
            tasks.push(tokio::spawn(async move {
                let mut lock = Lockfile::new(path);
                lock.lock_async().await.unwrap();
                order.lock().unwrap().push(number);
                yield_now().await;
                lock.unlock().unwrap();
            }));
            // It is polled, and waits.
            yield_now().await;
        }
        held.unlock().unwrap();
        for task in tasks {
            task.await.unwrap();
        }
    });
    assert_eq!(*order.lock().unwrap(), (0..10).collect::<Vec<_>>());
}

#[test]
fn a_task_can_wait_on_every_thread() {
    fn assert_send<T: Send>(future: T) -> T {
        future
    }
    let place = place();
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_io().build().unwrap();
    let inside = Arc::new(Mutex::new(()));
    runtime.block_on(async {
        let tasks: Vec<_> = (0..8)
            .map(|_| {
                let (path, inside) = (place.path.clone(), Arc::clone(&inside));
                tokio::spawn(assert_send(async move {
                    let mut lock = Lockfile::new(path);
                    for _ in 0..50 {
                        lock.lock_async().await.unwrap();
                        drop(inside.try_lock().expect("nobody else is inside"));
                        lock.unlock().unwrap();
                    }
                }))
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
    });
    assert!(place.names().is_empty());
}

/// What this process has open, and how many threads it has.
fn traces() -> (Vec<PathBuf>, usize) {
    let fds = fs::read_dir("/proc/self/fd").unwrap();
    let mut open: Vec<PathBuf> =
        fds.filter_map(|fd| fs::read_link(fd.unwrap().path()).ok()).collect();
    open.retain(|target| !target.starts_with("/proc"));
    open.sort();
    (open, fs::read_dir("/proc/self/task").unwrap().count())
}

/// In a process of its own: what others open meanwhile would be counted as well.
fn alone(test: &str) -> bool {
    const ALONE: &str = "TENURE_TEST_ALONE";
    if std::env::var_os(ALONE).is_some() {
        return true;
    }
    let program = std::env::current_exe().unwrap();
    let output = std::process::Command::new(program)
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env(ALONE, "1")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    false
}

#[test]
fn a_future_that_is_dropped_leaves_no_trace() {
    if !alone("a_future_that_is_dropped_leaves_no_trace") {
        return;
    }
    let place = place();
    let mut holder = Peer::holding(&place.path);
    runtime().block_on(async {
        let before = traces();
        let mut lock = Lockfile::new(&place.path);
        {
            let mut waiting = pin!(lock.lock_async());
            assert_waits(waiting.as_mut());
            assert_ne!(traces(), before);
        }
        assert!(!lock.is_held());
        drop(lock);
        assert_eq!(traces(), before);
        // Nobody behind it waits for its turn.
        let mut behind = Peer::start(&place.path);
        behind.tell("lock_timeout 1000000");
        behind.wait_until_in(nix::libc::SYS_ppoll);
        assert_eq!(holder.ask("unlock"), "ok");
        assert_eq!(behind.answer(), "ok");
    });
}

#[test]
fn whoever_drops_a_future_in_front_lets_the_next_watch() {
    let place = place();
    let mut holder = Peer::holding(&place.path);
    runtime().block_on(async {
        let (mut first, mut second) = (Lockfile::new(&place.path), Lockfile::new(&place.path));
        {
            let mut first = Box::pin(first.lock_async());
            assert_waits(first.as_mut());
            let mut second = pin!(second.lock_async());
            assert_waits(second.as_mut());
            drop(first);
            assert_eq!(holder.ask("unlock"), "ok");
            second.await.unwrap();
        }
        second.unlock().unwrap();
    });
}

#[test]
fn it_fails_as_try_lock_does() {
    runtime().block_on(async {
        let mut lock = Lockfile::new(Path::new("/"));
        let err = lock.lock_async().await.unwrap_err();
        assert!(matches!(err, Error::NotALockfile { .. }), "{err:?}");
        let place = place();
        let mut lock = Lockfile::acquire(&place.path).unwrap();
        let err = lock.lock_async().await.unwrap_err();
        assert!(matches!(err, Error::AlreadyHeld { .. }), "{err:?}");
    });
}

/// Polled without a waker, a future says whether it is done.
#[test]
fn a_free_lock_is_acquired_without_waiting() {
    let place = place();
    let mut lock = Lockfile::new(&place.path);
    let mut acquiring = pin!(lock.lock_async());
    let done = acquiring.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    assert!(matches!(done, Poll::Ready(Ok(()))), "outside of any runtime, too");
}
