//! Waiting: in the order of coming, woken by what happens, and nothing left behind.
#![cfg(any(target_os = "linux", target_os = "android"))]
#![allow(clippy::unwrap_used, reason = "whoever cannot go on has failed")]

mod support;

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use nix::libc;
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::signal::Signal;
use nix::unistd::gettid;
use support::elsewhere::elsewhere;
use support::{Peer, place, sleeps_in, wait_until};
use tenure::{Cancel, Error, Lockfile, State};

const LONG: &str = "lock_timeout 1000000";

/// Peers that wait for the lockfile, one after the other: each tells `command`, and waits.
fn queue<const N: usize>(path: &Path, options: &str, command: &str) -> [Peer; N] {
    std::array::from_fn(|_| {
        let mut peer = Peer::with(path, options);
        peer.tell(command);
        match command {
            "lock" => peer.wait_until_queued(),
            _ => peer.wait_until_in(libc::SYS_ppoll),
        }
        peer
    })
}

/// Each is served in turn, and nobody before its turn.
fn assert_served_in_order(mut queue: impl Iterator<Item = Peer>) {
    let Some(mut first) = queue.next() else { return };
    let mut rest: Vec<Peer> = queue.collect();
    assert_eq!(first.answer(), "ok");
    assert!(rest.iter().all(|peer| !peer.has_answered()), "one at a time");
    // Whoever is served next is served by this.
    assert_eq!(first.ask("unlock"), "ok");
    assert_served_in_order(rest.drain(..));
}

#[test]
fn those_who_wait_are_served_in_the_order_of_their_coming() {
    for options in ["", "keep"] {
        for command in ["lock", LONG] {
            let place = place();
            let mut holder = Peer::with(&place.path, options);
            assert_eq!(holder.ask("try_lock"), "ok");
            let queue = queue::<4>(&place.path, options, command);
            assert_eq!(holder.ask("unlock"), "ok");
            assert_served_in_order(queue.into_iter());
        }
    }
}

#[test]
fn a_release_leaves_the_file_to_those_who_wait_and_the_last_removes_it() {
    let place = place();
    let mut holder = Peer::holding(&place.path);
    let inode = || fs::metadata(&place.path).unwrap().ino();
    let left = inode();
    let [mut second, mut third] = queue(&place.path, "", "lock");
    assert_eq!(holder.ask("unlock"), "ok");
    assert_eq!(second.answer(), "ok");
    assert_eq!(inode(), left);
    assert_eq!(second.ask("recovered"), "no", "it was released in good order");
    assert_eq!(second.ask("unlock"), "ok");
    assert_eq!(third.answer(), "ok");
    assert_eq!(inode(), left);
    assert_eq!(third.ask("unlock"), "ok");
    assert!(place.names().is_empty());
}

#[test]
fn a_child_of_one_who_has_waited_does_not_pass_for_one_who_waits() {
    let place = place();
    let mut holder = Peer::holding(&place.path);
    let [mut second, mut third] = queue(&place.path, "", "lock");
    assert_eq!(holder.ask("unlock"), "ok");
    assert_eq!(second.answer(), "ok");
    assert_eq!(second.ask("fork_and_stay"), "ok");
    assert_eq!(second.ask("unlock"), "ok");
    assert_eq!(third.answer(), "ok");
    assert_eq!(third.ask("unlock"), "ok");
    let status = Lockfile::new(&place.path).status().unwrap();
    assert_eq!(status.state(), State::Free, "the child has the file open, and it stays");
}

#[test]
fn a_holders_death_wakes_exactly_one() {
    let place = place();
    let mut holder = Peer::holding(&place.path);
    // It closes all of them after the lockfile, and is still alive meanwhile.
    assert_eq!(holder.ask("open_many"), "ok");
    let [mut first, second, third] = queue(&place.path, "", "lock");
    let dead = holder.crash();
    assert_eq!(first.answer(), "ok");
    assert_eq!(first.ask("recovered"), dead.to_string());
    for peer in [&second, &third] {
        peer.wait_until_queued();
        assert!(!peer.has_answered());
    }
    assert_eq!(first.ask("unlock"), "ok");
    assert_served_in_order([second, third].into_iter());
}

#[test]
fn a_wait_with_a_limit_ends_with_the_holders_death() {
    for options in ["", "keep"] {
        let place = place();
        let mut holder = Peer::with(&place.path, options);
        assert_eq!(holder.ask("try_lock"), "ok");
        let [mut waiter] = queue(&place.path, options, LONG);
        let dead = holder.crash();
        assert_eq!(waiter.answer(), "ok");
        assert_eq!(waiter.ask("recovered"), dead.to_string());
    }
}

#[test]
fn whoever_leaves_the_front_of_the_turnstile_lets_the_next_watch() {
    let place = place();
    let mut holder = Peer::holding(&place.path);
    let [mut first] = queue(&place.path, "", "lock_until_told");
    let [dies, second, third] = queue(&place.path, "", LONG);
    first.signal(Signal::SIGUSR2);
    let answer = first.answer();
    assert!(answer.starts_with("Cancelled: "), "{answer}");
    // It is at the front now.
    dies.crash();
    for peer in [&second, &third] {
        peer.wait_until_in(libc::SYS_ppoll);
        assert!(!peer.has_answered());
    }
    assert_eq!(holder.ask("unlock"), "ok");
    // They began again when it died, and nobody knows which of them was first.
    let (mut early, mut late) = first_to_answer(second, third);
    assert_eq!(early.ask("unlock"), "ok");
    assert_eq!(late.answer(), "ok");
}

/// Whoever answers first, and the other.
fn first_to_answer(mut one: Peer, mut other: Peer) -> (Peer, Peer) {
    wait_until(|| one.has_answered() || other.has_answered());
    if !one.has_answered() {
        (one, other) = (other, one);
    }
    assert_eq!(one.answer(), "ok");
    assert!(!other.has_answered());
    (one, other)
}

#[test]
fn a_wait_goes_on_when_the_file_is_moved_away_or_replaced() {
    let robberies: [fn(&Path); 2] = [
        |path| fs::rename(path, path.with_extension("gone")).unwrap(),
        |path| {
            let new = path.with_extension("new");
            fs::write(&new, "").unwrap();
            fs::rename(new, path).unwrap();
        },
    ];
    for rob in robberies {
        let place = place();
        let mut robbed = Peer::holding(&place.path);
        let [mut waiter] = queue(&place.path, "", LONG);
        rob(&place.path);
        assert_eq!(waiter.answer(), "ok");
        assert_eq!(waiter.ask("verify"), "ok");
        assert!(robbed.ask("unlock").starts_with("RogueDeletion: "));
        assert_eq!(waiter.ask("verify"), "ok");
    }
}

#[test]
fn a_holder_without_a_kernel_lock_is_waited_for_by_its_file_and_its_life() {
    let ends: [fn(&Path, &mut std::process::Child); 3] = [
        |_, other| {
            other.kill().unwrap();
            other.wait().unwrap();
        },
        |path, _| fs::rename(path, path.with_extension("gone")).unwrap(),
        |path, _| fs::write(path, "").unwrap(),
    ];
    for end in ends {
        let place = place();
        let mut other = Command::new("cat").stdin(Stdio::piped()).spawn().unwrap();
        fs::write(&place.path, format!("{}\n", other.id())).unwrap();
        let [mut waiter] = queue(&place.path, "", LONG);
        end(&place.path, &mut other);
        assert_eq!(waiter.answer(), "ok");
        let _ = other.kill();
        other.wait().unwrap();
    }
}

#[test]
fn a_wait_that_is_called_off_leaves_nothing() {
    let place = place();
    let mut holder = Peer::holding(&place.path);
    let (tell, told) = mpsc::channel();
    let cancel = Cancel::new().unwrap();
    let fire = cancel.clone();
    let path = place.path.clone();
    let waiter = std::thread::spawn(move || {
        let before = descriptors_of_this_thread(&path);
        tell.send(gettid()).unwrap();
        let mut lock = Lockfile::new(&path);
        let result = lock.lock_until(&cancel);
        assert!(!lock.is_held());
        assert_eq!(descriptors_of_this_thread(&path), before);
        result
    });
    let thread = told.recv().unwrap();
    wait_until(|| sleeps_in(std::process::id(), Some(thread), libc::SYS_ppoll));
    fire.fire();
    match waiter.join().unwrap() {
        Err(err @ Error::Cancelled { .. }) => {
            assert_eq!(err.holder().map(tenure::Holder::pid), Some(holder.pid()));
            assert!(err.is_busy());
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(holder.ask("unlock"), "ok");
}

/// What this process has open that a wait could have left: sockets and watches belong to no
/// other test of this program at this moment, but files of the directory do.
fn descriptors_of_this_thread(path: &Path) -> usize {
    let open = fs::read_dir("/proc/self/fd").unwrap();
    open.filter(|fd| {
        let target = fs::read_link(fd.as_ref().unwrap().path()).unwrap_or_default();
        target.starts_with(path.parent().unwrap())
    })
    .count()
}

#[test]
fn one_that_fires_in_a_forked_child_leaves_the_parents_wait_alone() {
    let place = place();
    let mut holder = Peer::holding(&place.path);
    let mut waiter = Peer::start(&place.path);
    waiter.tell("lock_until_a_child_fires");
    waiter.wait_until_in(libc::SYS_ppoll);
    assert_eq!(holder.ask("unlock"), "ok");
    assert_eq!(waiter.answer(), "ok");
}

/// Parent and child go on with one wait: each with a lock of its own, or none.
#[test]
fn a_child_forked_during_a_wait_waits_for_itself() {
    let place = place();
    let mut holder = Peer::holding(&place.path);
    let mut waiter = Peer::start(&place.path);
    waiter.tell("lock_and_fork_meanwhile");
    assert_eq!(waiter.answer(), "forked");
    assert_eq!(holder.ask("unlock"), "ok");
    // Whoever is first sees that nobody else is admitted, and then lets the other.
    assert_eq!(waiter.answer(), "both, one after the other");
    assert!(place.names().is_empty());
}

/// The child has a copy of the descriptor that its parent locks, and so the parent's lock.
#[test]
fn a_child_forked_during_a_wait_does_not_let_go_of_its_parents_lock() {
    let place = place();
    // Kept, it is the file that they have open already.
    let mut holder = Peer::with(&place.path, "keep");
    let mut waiter = Peer::with(&place.path, "keep");
    assert_eq!(holder.ask("try_lock"), "ok");
    waiter.tell("lock_while_a_child_looks");
    assert_eq!(waiter.answer(), "forked");
    assert_eq!(holder.ask("unlock"), "ok");
    assert_eq!(waiter.answer(), "the parent alone");
}

#[test]
fn a_wait_is_for_the_lock_that_it_began_with_wherever_the_process_goes() {
    let place = place();
    let elsewhere = support::place();
    let name = place.path.file_name().unwrap().to_str().unwrap();
    let mut holder = Peer::holding(&place.path);
    let mut waiter = Peer::start(Path::new(name));
    assert_eq!(waiter.ask(&format!("chdir {}", place.dir().display())), "ok");
    waiter.tell(&format!("lock_and_chdir_meanwhile {}", elsewhere.dir().display()));
    waiter.wait_until_in(libc::SYS_ppoll);
    assert_eq!(holder.ask("unlock"), "ok");
    assert_eq!(waiter.answer(), "ok");
    assert!(elsewhere.names().is_empty());
    assert_eq!(place.names(), [name]);
}

#[test]
fn a_reader_does_not_end_a_wait() {
    let place = place();
    let kept = Lockfile::new(&place.path).keep_file(true);
    kept.clone().with(|| ()).unwrap();
    let done = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !done.load(std::sync::atomic::Ordering::Relaxed) {
                    kept.status().unwrap();
                }
            });
        }
        let mut lock = kept.clone();
        for _ in 0..500 {
            let result = lock.lock_timeout(Duration::ZERO).and_then(|()| lock.unlock());
            if result.is_err() {
                done.store(true, std::sync::atomic::Ordering::Relaxed);
            }
            result.unwrap();
        }
        done.store(true, std::sync::atomic::Ordering::Relaxed);
    });
}

#[test]
fn one_that_has_fired_allows_one_look() {
    let place = place();
    let cancel = Cancel::new().unwrap();
    cancel.fire();
    let mut lock = Lockfile::new(&place.path);
    lock.lock_until(&cancel).unwrap();
    let mut other = lock.clone();
    assert!(matches!(
        std::thread::scope(|scope| { scope.spawn(|| other.lock_until(&cancel)).join().unwrap() }),
        Err(Error::Cancelled { .. })
    ));
}

#[test]
fn without_inotify_a_wait_looks_again_and_again() {
    elsewhere("unshare -U -r", &["/proc/sys/user/max_inotify_instances"], || {
        fs::write("/proc/sys/user/max_inotify_instances", "0").unwrap();
        let place = place();
        let mut holder = Peer::holding(&place.path);
        let [first, second] = queue(&place.path, "", LONG);
        assert_eq!(holder.ask("unlock"), "ok");
        let (mut early, mut late) = first_to_answer(first, second);
        assert_eq!(early.ask("unlock"), "ok");
        assert_eq!(late.answer(), "ok");
    });
}

#[test]
fn without_unix_sockets_everybody_watches() {
    let place = place();
    let mut holder = Peer::holding(&place.path);
    let mut peers: [Peer; 3] = std::array::from_fn(|_| Peer::start(&place.path));
    for peer in &mut peers {
        assert_eq!(peer.ask("refuse_sockets"), "ok");
        peer.tell(LONG);
        peer.wait_until_in(libc::SYS_ppoll);
    }
    assert_eq!(holder.ask("unlock"), "ok");
    let mut waiting: Vec<Peer> = peers.into();
    while !waiting.is_empty() {
        wait_until(|| waiting.iter().any(Peer::has_answered));
        let next = waiting.iter().position(Peer::has_answered).unwrap();
        let mut inside = waiting.swap_remove(next);
        assert_eq!(inside.answer(), "ok");
        assert!(!waiting.iter().any(Peer::has_answered), "one at a time");
        assert_eq!(inside.ask("unlock"), "ok");
    }
}

#[test]
fn a_hand_over_wakes_few_however_many_wait() {
    const MANY: u32 = 128;
    let place = place();
    let mut holder = Lockfile::new(&place.path);
    holder.try_lock().unwrap();
    let (tell, told) = mpsc::channel();
    let waiters: Vec<_> = (0..MANY)
        .map(|_| {
            let (path, tell) = (place.path.clone(), tell.clone());
            std::thread::spawn(move || {
                tell.send(gettid()).unwrap();
                let mut lock = Lockfile::new(path);
                lock.lock_timeout(Duration::from_secs(1000)).unwrap();
                lock.unlock().unwrap();
                getrusage(UsageWho::RUSAGE_THREAD).unwrap().voluntary_context_switches()
            })
        })
        .collect();
    for thread in told.iter().take(waiters.len()) {
        wait_until(|| sleeps_in(std::process::id(), Some(thread), libc::SYS_ppoll));
    }
    holder.unlock().unwrap();
    let wake_ups: i64 = waiters.into_iter().map(|waiter| waiter.join().unwrap()).sum();
    // Two or so for each. If each hand-over woke all who wait, 64.
    assert!(wake_ups < i64::from(MANY) * 16, "{wake_ups} for {MANY} hand-overs");
}
