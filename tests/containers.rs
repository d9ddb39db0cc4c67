//! Containers of systemd-nspawn(1) that share a directory with the host and with each other.
//!
//! Each container has a PID namespace, an IPC namespace and a boot id of its own. No contender takes
//! the lock of a live holder, whatever the containers are called. After a death, the lock on the file
//! is proof. Without such a lock, the holder is unproven.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "whoever cannot go on has failed")]

#[path = "containers/nspawn.rs"]
mod nspawn;
mod support;

use std::fs;
use std::path::Path;

use nspawn::{Member, Naming};
use support::elsewhere::{elsewhere, run};
use support::{Peer, place};

/// A scene has mounts, semaphores and a `/run` of its own, which end with it.
const SCENE: &str = "unshare -mi";
const NEEDS: [&str; 1] = ["systemd-nspawn"];

#[derive(Clone, Copy, Debug)]
enum Home {
    Host,
    Container,
}

/// Where the holder is, and where the contender is.
const PAIRS: [(Home, Home); 3] = [
    (Home::Container, Home::Host),
    (Home::Host, Home::Container),
    (Home::Container, Home::Container),
];

/// A peer at `home`, with the backend that `options` name.
fn member(home: Home, naming: Naming, path: &Path, options: &str) -> Member {
    match home {
        Home::Host => Member::on_host(Peer::with(path, options)),
        Home::Container => Member::contained(naming, path, options),
    }
}

/// What becomes of the lock of a holder that has died.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Dead {
    Recovered,
    /// It is busy, because nothing proves the death.
    Unproven,
}

/// Plays every pair twice: with different host names, and with equal ones.
fn play(options: &str, dead: Dead) {
    run("mount", ["-t", "tmpfs", "none", "/dev/shm"]);
    run("mount", ["-t", "tmpfs", "none", "/run"]);
    run("mount", ["-t", "tmpfs", "none", "/etc"]);
    fs::write("/etc/machine-id", nspawn::MACHINE_ID).unwrap();
    for (holding, contending) in PAIRS {
        for naming in [Naming::Different, Naming::Same] {
            let about = format!("{options}: {holding:?}, {contending:?}, {naming:?}");
            let place = place();
            // A dead holder leaves its POSIX semaphore taken: so each scene has another.
            let number = place.dir().file_name().unwrap().to_str().unwrap();
            let options = &*options.replace("NUMBER", number);
            let mut holder = member(holding, naming, &place.path, options);
            assert_eq!(holder.peer.ask("try_lock"), "ok", "{about}");
            let mut contender = member(contending, naming, &place.path, options);
            for command in ["try_lock", "release_stale", "lock_timeout 0"] {
                let answer = contender.peer.ask(command);
                let refused = answer.starts_with("Busy: ") || answer.starts_with("Timeout: ");
                assert!(refused, "{about}: {command}: {answer}");
            }
            let status = contender.peer.ask("status");
            assert!(["held", "unproven"].contains(&&*status), "{about}: {status}");
            assert_eq!(holder.peer.ask("verify"), "ok", "{about}");
            holder.crash();
            let answer = contender.peer.ask("try_lock");
            if dead == Dead::Recovered {
                assert_eq!(answer, "ok", "{about}");
                assert_eq!(contender.peer.ask("why"), "Stale(OtherNamespace)", "{about}");
                assert_eq!(contender.peer.ask("unlock"), "ok", "{about}");
            } else {
                assert!(answer.starts_with("Busy: "), "{about}: {answer}");
                assert_eq!(contender.peer.ask("status"), "unproven", "{about}");
            }
            contender.end();
        }
    }
}

#[test]
fn flock_excludes_live_containers_and_recovers_dead_ones() {
    elsewhere(SCENE, &NEEDS, || play("", Dead::Recovered));
}

/// Its lock on the file is the proof. Each container has POSIX semaphores of its own.
#[test]
fn posix_semaphore_excludes_live_containers_and_recovers_dead_ones() {
    elsewhere(SCENE, &NEEDS, || {
        play("posix-semaphore=/tenure-testNUMBER", Dead::Recovered);
    });
}

#[test]
fn semaphore_excludes_live_containers_and_cannot_prove_a_death() {
    elsewhere(SCENE, &NEEDS, || play("semaphore", Dead::Unproven));
}

#[test]
fn hardlink_excludes_live_containers_and_cannot_prove_a_death() {
    elsewhere(SCENE, &NEEDS, || play("hardlink", Dead::Unproven));
}

#[test]
fn a_container_recovers_the_lock_of_its_own_dead_process() {
    elsewhere(SCENE, &NEEDS, || {
        run("mount", ["-t", "tmpfs", "none", "/run"]);
        let place = place();
        for options in ["", "semaphore", "hardlink"] {
            let mut container = Member::contained(Naming::Different, &place.path, options);
            // The child ends without releasing the lock.
            assert_eq!(container.peer.ask("fork try_lock"), "ok", "{options}");
            assert_eq!(container.peer.ask("try_lock"), "ok", "{options}");
            assert_eq!(container.peer.ask("why"), "Stale(Dead)", "{options}");
            assert_eq!(container.peer.ask("unlock"), "ok", "{options}");
            container.end();
        }
        // The semaphore stays taken. Only a process that knows its boot inherits it.
        let options = "posix-semaphore=/tenure-test";
        let mut container = Member::contained(Naming::Different, &place.path, options);
        assert_eq!(container.peer.ask("fork try_lock"), "ok");
        let answer = container.peer.ask("try_lock");
        assert!(answer.starts_with("Busy: "), "{answer}");
        container.end();
    });
}
