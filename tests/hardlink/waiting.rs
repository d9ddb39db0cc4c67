//! Waiting without a queue of the kernel's.

use std::time::Duration;

use nix::sys::signal::Signal;
use tenure::{Cancel, Error};

use crate::scene::{holding, linked, peer};
use crate::support::{place, wait_until};

const LONG: Duration = Duration::from_secs(600);

#[test]
fn a_wait_ends_with_the_release_or_the_death_of_the_holder() {
    let place = place();
    for ending in ["unlock", "crash"] {
        let mut holder = holding(&place.path);
        let mut waiter = peer(&place.path);
        waiter.tell(&format!("lock_timeout {}", LONG.as_millis()));
        waiter.wait_until_in(nix::libc::SYS_ppoll);
        match ending {
            "unlock" => assert_eq!(holder.ask("unlock"), "ok"),
            _ => drop(holder.kill()),
        }
        assert_eq!(waiter.answer(), "ok", "{ending}");
        let recovered = if ending == "crash" { holder.pid().to_string() } else { "no".to_owned() };
        assert_eq!(waiter.ask("recovered"), recovered);
        assert_eq!(waiter.ask("unlock"), "ok");
        assert!(place.names().is_empty(), "{:?}", place.names());
    }
}

#[test]
fn a_wait_for_a_kept_lockfile_ends_with_its_release() {
    let place = place();
    let mut holder = crate::support::Peer::with(&place.path, "hardlink keep");
    assert_eq!(holder.ask("try_lock"), "ok");
    let mut waiter = peer(&place.path);
    waiter.tell("lock");
    waiter.wait_until_in(nix::libc::SYS_ppoll);
    assert_eq!(holder.ask("unlock"), "ok");
    assert_eq!(waiter.answer(), "ok");
    assert_eq!(waiter.ask("recovered"), "no");
}

#[test]
fn a_wait_ends_at_its_limit_and_when_it_is_called_off() {
    let place = place();
    let holder = holding(&place.path);
    let mut lock = linked(&place.path);
    match lock.lock_timeout(Duration::from_millis(1)) {
        Err(Error::Timeout { holder: Some(found), .. }) => assert_eq!(found.pid(), holder.pid()),
        other => panic!("{other:?}"),
    }
    let cancel = Cancel::new().unwrap();
    cancel.fire();
    assert!(matches!(lock.lock_until(&cancel), Err(Error::Cancelled { .. })));
    assert_eq!(place.names(), ["test.lock"]);
}

#[test]
fn a_wait_is_for_the_lock_that_it_began_with_wherever_the_process_goes() {
    let (here, elsewhere) = (place(), place());
    let name = here.path.file_name().unwrap();
    let mut holder = holding(&here.path);
    let mut waiter = peer(name.as_ref());
    assert_eq!(waiter.ask(&format!("chdir {}", here.dir().display())), "ok");
    waiter.tell(&format!("lock_and_chdir_meanwhile {}", elsewhere.dir().display()));
    waiter.wait_until_in(nix::libc::SYS_ppoll);
    wait_until(|| {
        std::fs::read_link(format!("/proc/{}/cwd", waiter.pid())).unwrap() == elsewhere.dir()
    });
    assert_eq!(holder.ask("unlock"), "ok");
    assert_eq!(waiter.answer(), "ok");
    assert_eq!(here.names(), ["test.lock"]);
    assert!(elsewhere.names().is_empty());
}

#[test]
fn a_stopped_holder_is_waited_for() {
    let place = place();
    let mut holder = holding(&place.path);
    holder.signal(Signal::SIGSTOP);
    let mut waiter = peer(&place.path);
    assert!(waiter.ask("lock_timeout 5").starts_with("Timeout: "));
    waiter.tell("lock");
    waiter.wait_until_in(nix::libc::SYS_ppoll);
    holder.signal(Signal::SIGCONT);
    assert_eq!(holder.ask("unlock"), "ok");
    assert_eq!(waiter.answer(), "ok");
}

#[cfg(feature = "tokio")]
#[tokio::test]
async fn a_task_waits_as_well() {
    let place = place();
    let mut holder = holding(&place.path);
    let mut lock = linked(&place.path);
    holder.tell("unlock");
    lock.lock_async().await.unwrap();
    assert_eq!(holder.answer(), "ok");
    lock.unlock().unwrap();
    assert!(place.names().is_empty());
}
