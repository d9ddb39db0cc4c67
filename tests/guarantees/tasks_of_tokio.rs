//! Waiting in a task of tokio, which goes on with others meanwhile.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Waker};

use tokio::runtime::Builder;

use crate::ground::Kind;

/// One thread, which serves whoever waits and whoever is waited for.
fn a_task_waits(kind: Kind) {
    let ground = kind.ground();
    let (mut holder, mut waiter) = (ground.lockfile(), ground.lockfile());
    Builder::new_current_thread().enable_io().build().unwrap().block_on(async {
        holder.lock_async().await.unwrap();
        {
            let mut waiting = pin!(waiter.lock_async());
            let first = waiting.as_mut().poll(&mut Context::from_waker(Waker::noop()));
            assert!(first.is_pending());
            holder.unlock().unwrap();
            waiting.await.unwrap();
        }
        waiter.verify().unwrap();
        waiter.unlock().unwrap();
    });
    assert!(!ground.path().exists());
}

#[test]
fn flock_is_waited_for_by_a_task() {
    a_task_waits(Kind::Flock);
}

#[test]
fn semaphore_is_waited_for_by_a_task() {
    a_task_waits(Kind::Semaphore);
}

#[test]
fn posix_semaphore_is_waited_for_by_a_task() {
    a_task_waits(Kind::PosixSemaphore);
}

#[test]
fn hardlink_is_waited_for_by_a_task() {
    a_task_waits(Kind::Hardlink);
}

#[test]
fn memory_is_waited_for_by_a_task() {
    a_task_waits(Kind::Memory);
}

#[test]
fn callback_is_waited_for_by_a_task() {
    a_task_waits(Kind::Callback);
}
