//! What the service manager is told, and when (feature `systemd`).
#![cfg(all(feature = "systemd", any(target_os = "linux", target_os = "android")))]
#![allow(clippy::unwrap_used, reason = "whoever cannot go on has failed")]

mod support;

use std::io;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::Command;

use nix::libc;
use support::{Peer, Place, place};
use tenure::{Lockfile, Phase, State};

/// A service manager, which is told by the processes that it starts.
struct Manager {
    place: Place,
    socket: UnixDatagram,
}

impl Manager {
    fn new() -> Self {
        let place = place();
        let socket = UnixDatagram::bind(place.dir().join("notify")).unwrap();
        Self { place, socket }
    }

    fn path(&self) -> &Path {
        &self.place.path
    }

    /// A peer of the socket called `name`, with `options`.
    fn start(&self, name: &str, options: &str) -> Peer {
        let mut env = Command::new("env");
        env.arg(format!("NOTIFY_SOCKET={}", self.place.dir().join(name).display()));
        Peer::through(env, self.path(), options)
    }

    /// The next that is told, line by line.
    fn told(&self) -> Vec<String> {
        let mut bytes = [0; 4096];
        let length = self.socket.recv(&mut bytes).unwrap();
        std::str::from_utf8(&bytes[..length]).unwrap().lines().map(str::to_owned).collect()
    }

    /// Fills the queue, by those who are returned: each has room for a part of it.
    fn filled(&self) -> Vec<UnixDatagram> {
        let filler = || {
            let filler = UnixDatagram::unbound().unwrap();
            filler.connect(self.place.dir().join("notify")).unwrap();
            filler.set_nonblocking(true).unwrap();
            filler.send(b"FILLER=1").is_ok().then_some(filler)
        };
        let fill = |filler: &UnixDatagram| while filler.send(b"FILLER=1").is_ok() {};
        std::iter::from_fn(filler).inspect(fill).collect()
    }

    fn is_told_nothing(&self) -> bool {
        self.socket.set_nonblocking(true).unwrap();
        let result = self.socket.recv(&mut [0; 1]);
        self.socket.set_nonblocking(false).unwrap();
        result.is_err_and(|err| err.kind() == io::ErrorKind::WouldBlock)
    }
}

#[test]
fn the_phases_and_messages_of_a_service_are_told() {
    let manager = Manager::new();
    let mut service = manager.start("notify", "notify phase=starting message=loading");
    assert_eq!(service.ask("try_lock"), "ok");
    assert_eq!(manager.told(), ["STATUS=loading"]);
    assert_eq!(service.ask("set_phase ready"), "ok");
    assert_eq!(manager.told(), ["READY=1", "STATUS=loading"]);
    assert_eq!(service.ask("set_message serving"), "ok");
    assert_eq!(manager.told(), ["STATUS=serving"]);
    assert_eq!(service.ask("set_message "), "ok");
    assert_eq!(manager.told(), ["STATUS="]);
    assert_eq!(service.ask("set_phase stopping"), "ok");
    assert_eq!(manager.told(), ["STOPPING=1"]);
    assert_eq!(service.ask("unlock"), "ok");
    assert!(manager.is_told_nothing());
}

#[test]
fn a_service_that_is_ready_with_the_lock_tells_so() {
    let manager = Manager::new();
    for options in ["notify phase=ready", "notify phase=ready hardlink"] {
        let mut service = manager.start("notify", options);
        for lock in ["try_lock", "lock", "lock_timeout 1000"] {
            assert_eq!(service.ask(lock), "ok");
            assert_eq!(manager.told(), ["READY=1"]);
            assert_eq!(service.ask("unlock"), "ok");
        }
    }
}

#[test]
fn whoever_did_not_ask_for_it_tells_nothing() {
    let manager = Manager::new();
    let mut service = manager.start("notify", "phase=ready message=x");
    assert_eq!(service.ask("try_lock"), "ok");
    assert_eq!(service.ask("set_phase stopping"), "ok");
    assert_eq!(service.ask("set_message y"), "ok");
    assert!(manager.is_told_nothing());
}

#[test]
fn where_there_is_no_service_manager_nobody_is_told() {
    let place = place();
    let mut env = Command::new("env");
    env.args(["-u", "NOTIFY_SOCKET"]);
    let mut service = Peer::through(env, &place.path, "notify phase=starting");
    assert_eq!(service.ask("try_lock"), "ok");
    assert_eq!(service.ask("set_phase ready"), "ok");
}

#[test]
fn one_that_is_busy_tells_nothing() {
    let manager = Manager::new();
    let _holder = Peer::holding(manager.path());
    let mut service = manager.start("notify", "notify phase=ready");
    assert!(service.ask("try_lock").starts_with("Busy: "));
    assert!(service.ask("set_phase ready").starts_with("NotHeld: "));
    assert!(manager.is_told_nothing());
}

#[test]
fn a_message_tells_nothing_but_itself() {
    let manager = Manager::new();
    let mut service = manager.start("notify", "notify");
    assert_eq!(service.ask("try_lock"), "ok");
    assert_eq!(service.ask("set_message_of_two_lines"), "ok");
    assert_eq!(manager.told(), [r"STATUS=one\nREADY=1 “two”"]);
}

/// While the service manager's queue is full, whoever tells it is held up: then the record says it
/// already.
#[test]
fn the_record_says_it_before_the_service_manager_is_told() {
    let manager = Manager::new();
    let mut service = manager.start("notify", "notify phase=starting");
    assert_eq!(service.ask("try_lock"), "ok");
    let _fillers = manager.filled();
    service.tell("set_phase ready");
    service.wait_until_in(libc::SYS_write);
    let status = Lockfile::new(manager.path()).status().unwrap();
    assert_eq!(status.holder().unwrap().phase(), Some(Phase::Ready));
    while manager.told() != ["READY=1"] {}
    assert_eq!(service.answer(), "ok");
}

#[test]
fn a_service_manager_that_is_not_there_is_an_error_and_the_lock_is_held() {
    let manager = Manager::new();
    let mut service = manager.start("nobody", "notify");
    assert_eq!(service.ask("try_lock"), "ok", "there is nothing to tell yet");
    for change in ["set_phase ready", "set_message x"] {
        let answer = service.ask(change);
        assert!(answer.starts_with("Io: cannot tell the service manager of /"), "{answer}");
    }
    let status = Lockfile::new(manager.path()).status().unwrap();
    assert_eq!((status.state(), status.is_ready()), (State::Held, true));
    assert_eq!(status.holder().unwrap().message(), Some("x"));
    assert_eq!(service.ask("unlock"), "ok");
}

#[test]
fn a_lock_whose_acquisition_cannot_be_told_is_not_held() {
    let manager = Manager::new();
    let mut service = manager.start("nobody", "notify phase=ready");
    for lock in ["try_lock", "lock_timeout 1000"] {
        let answer = service.ask(lock);
        assert!(answer.starts_with("Io: cannot tell the service manager of /"), "{answer}");
        assert_eq!(service.ask("is_held"), "false");
        assert_eq!(manager.place.names(), ["notify"]);
    }
}
