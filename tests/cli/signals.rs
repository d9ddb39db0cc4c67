//! `run`: which signals reach the command.

use nix::sys::signal::Signal;

use crate::support::{Running, Scene, continues, is_stopped, until};

#[test]
fn signals_reach_the_whole_process_group_of_the_command() {
    use Signal::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
    for signal in [SIGTERM, SIGINT, SIGHUP, SIGQUIT] {
        let scene = Scene::new();
        let name = signal.as_str().trim_start_matches("SIG");
        // The shells act when `cat` has ended, which the signal does as well.
        let inner = format!("trap 'echo inner; exit 1' {name}; cat; exit 9");
        let outer =
            format!("ulimit -c 0; trap 'echo outer; exit 42' {name}; sh -c \"{inner}\"; exit 9");
        let mut running = Running::start(scene.run_script(&outer));
        running.shakes_hands();
        running.signal(signal);
        assert_eq!((running.line().as_str(), running.line().as_str()), ("inner", "outer"));
        let ended = running.end();
        assert_eq!(ended.code, Some(42), "the status is that of the command, after {signal}");
        assert!(!scene.lock().exists());
    }
}

#[test]
fn a_command_that_a_signal_to_the_wrapper_ends_is_128_and_that_signal() {
    use Signal::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
    for signal in [SIGTERM, SIGINT, SIGHUP, SIGQUIT] {
        let scene = Scene::new();
        let mut running = Running::start(scene.run_script("ulimit -c 0; exec cat"));
        running.shakes_hands();
        running.signal(signal);
        // Its standard input is open still: nothing but the signal ends it.
        assert_eq!(running.rest(), "");
        assert_eq!(running.end().code, Some(128 + signal as i32));
        assert!(!scene.lock().exists());
    }
}

#[test]
fn the_lock_is_held_until_a_command_that_does_not_obey_has_ended() {
    let scene = Scene::new();
    let script = "trap 'echo no' TERM; while ! cat; do :; done; exit 7";
    let mut running = Running::start(scene.run_script(script));
    for _ in 0..2 {
        running.shakes_hands();
        running.signal(Signal::SIGTERM);
        assert_eq!(running.line(), "no");
        assert_eq!(scene.status(&[]).code, Some(0), "the lock is held");
    }
    running.shakes_hands();
    assert_eq!(running.end().code, Some(7));
}

#[test]
fn a_signal_that_the_command_ignores_changes_nothing() {
    let scene = Scene::new();
    let script = "trap '' TERM; trap 'echo it came second' HUP; cat; cat; exit 7";
    let mut running = Running::start(scene.run_script(script));
    running.shakes_hands();
    running.signal(Signal::SIGTERM);
    running.shakes_hands();
    // This ends the first `cat`.
    running.signal(Signal::SIGHUP);
    assert_eq!(running.line(), "it came second");
    running.shakes_hands();
    assert_eq!(running.end().code, Some(7));
}

#[test]
fn without_a_terminal_a_stopped_command_is_the_affair_of_whoever_stopped_it() {
    let scene = Scene::new();
    let script = "echo $$; kill -STOP $$; echo continued; exec cat";
    let mut running = Running::start(scene.run_script(script));
    let command = running.line().parse().unwrap();
    until(|| is_stopped(command));
    continues(command);
    assert_eq!(running.line(), "continued");
    running.shakes_hands();
    running.signal(Signal::SIGTERM);
    assert_eq!(running.rest(), "");
    assert_eq!(running.end().code, Some(143), "the wrapper goes on passing signals");
}
