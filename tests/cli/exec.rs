//! `exec`: the command itself is the holder, and nobody stands in between.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use nix::sys::signal::{SigHandler, Signal};

use crate::support::{CommandExtension, Running, Scene, inherits, tenure};

fn exec(scene: &Scene, options: &[&str], command: &[&str]) -> Command {
    let mut tenure = tenure();
    tenure.arg("exec").args(options).arg(scene.lock()).arg("--").args(command);
    tenure.env("LOCK", scene.lock()).env("TENURE", crate::support::TENURE);
    tenure
}

fn holder(scene: &Scene, options: &[&str]) -> Running {
    let mut holder = Running::start(exec(scene, options, &["cat"]));
    holder.shakes_hands();
    holder
}

#[test]
fn the_command_is_the_process_that_the_record_names() {
    let scene = Scene::new();
    let mut holder = holder(&scene, &[]);
    let pid = holder.pid();
    let name = fs::read_to_string(format!("/proc/{pid}/comm")).unwrap();
    assert_eq!(name, "cat\n");
    let record = scene.record();
    assert_eq!((&record["pid"], &record["program"]), (&pid.into(), &"cat".into()));
    assert_eq!(record["message"], "cat");

    let status = scene.status(&[]);
    assert_eq!(status.code, Some(0));
    assert!(status.stdout.contains(&format!(": held by pid {pid} (cat) on ")), "{}", status.stdout);
    assert!(status.stdout.contains("\n  verdict   live\n  process   cat, "), "{}", status.stdout);
    let contender = exec(&scene, &[], &["true"]).ended();
    assert_eq!(contender.code, Some(75), "{}", contender.stderr);
    assert_eq!(scene.run(&[], &["true"]).ended().code, Some(75));
    assert_eq!(holder.end().code, Some(0));
}

#[test]
fn what_the_command_leaves_is_stale_and_recovered() {
    for signal in [None, Some(Signal::SIGTERM), Some(Signal::SIGKILL)] {
        let scene = Scene::new();
        let mut holder = holder(&scene, &["--message", "first"]);
        if let Some(signal) = signal {
            holder.signal(signal);
        }
        assert_eq!(holder.end().signal, signal.map(|signal| signal as i32));
        assert_eq!(scene.status(&[]).code, Some(1));
        let next = exec(&scene, &[], &["true"]).ended();
        assert_eq!(next.code, Some(0));
        let told = format!("recovered {} from pid {} (cat)", scene.lock().display(), holder.pid());
        assert!(next.stderr.contains(&told), "{}", next.stderr);
    }
}

#[test]
fn the_exit_status_is_that_of_the_command() {
    let scene = Scene::new();
    assert_eq!(exec(&scene, &[], &["sh", "-c", "exit 42"]).ended().code, Some(42));
}

#[test]
fn the_holder_is_stopped_and_signalled_as_any_other() {
    for format in ["json", "pid-line", "pid", "pid-bare"] {
        let scene = Scene::new();
        let mut holder = holder(&scene, &["--format", format]);
        let ended = tenure().arg("stop").arg(scene.lock()).ended();
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{format}");
        assert_eq!(holder.end().signal, Some(15));
    }
}

#[test]
fn it_waits_as_run_does_and_then_signals_reach_the_command() {
    let scene = Scene::new();
    let mut first = scene.holder(&[]);
    let mut second = Running::start(exec(&scene, &["--wait"], &["cat"]));
    second.waits();
    first.end();
    second.shakes_hands();
    let status = fs::read_to_string(format!("/proc/{}/status", second.pid())).unwrap();
    for set in ["SigBlk:", "SigIgn:"] {
        let set = status.lines().find_map(|line| line.strip_prefix(set)).unwrap();
        let set = u64::from_str_radix(set.trim(), 16).unwrap();
        assert_eq!(set & 0x7FFF_FFFF, 0, "but for real-time signals, which nobody touches");
    }
    second.signal(Signal::SIGINT);
    assert_eq!(second.end().signal, Some(2));
}

#[test]
fn what_was_ignored_before_is_ignored_by_the_command() {
    let scene = Scene::new();
    let mut command = exec(&scene, &[], &["cat"]);
    inherits(&mut command, Signal::SIGHUP, SigHandler::SigIgn);
    let mut holder = Running::start(command);
    holder.shakes_hands();
    holder.signal(Signal::SIGHUP);
    holder.shakes_hands();
}

#[test]
fn a_command_that_cannot_be_executed_leaves_the_lock_free() {
    let scene = Scene::new();
    let text = scene.write("text", "no program");
    fs::set_permissions(&text, Permissions::from_mode(0o644)).unwrap();
    for (command, code) in [("/nonexistent/program", 127), (text.to_str().unwrap(), 126)] {
        let ended = exec(&scene, &[], &[command]).ended();
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(code), ""), "{}", ended.stderr);
        let told = format!("tenure: cannot run {command}: ");
        assert!(ended.stderr.starts_with(&told), "{}", ended.stderr);
        assert!(!scene.lock().exists(), "it was released");
    }
}

#[test]
fn a_child_that_the_command_leaves_behind_has_the_lock() {
    let scene = Scene::new();
    let script = "exec 3<&0; cat <&3 & echo $!; exit 0";
    let mut holder = Running::start(exec(&scene, &[], &["sh", "-c", script]));
    let child = holder.line();
    holder.shakes_hands();
    let ended = scene.run(&[], &["true"]).ended();
    assert_eq!(ended.code, Some(75), "the child {child} has it: {}", ended.stderr);
    assert_eq!(holder.end().code, Some(0));
}

#[test]
fn a_command_that_closes_everything_is_believed_by_its_record() {
    let scene = Scene::new();
    let script = "for fd in /proc/$$/fd/*; do fd=${fd##*/}; (( fd > 2 )) && exec {fd}>&-; done; \
        exec cat";
    let mut holder = Running::start(exec(&scene, &[], &["bash", "-c", script]));
    holder.shakes_hands();
    let locks = fs::read_dir(format!("/proc/{}/fd", holder.pid())).unwrap().flatten();
    let open = locks.filter(|fd| fs::read_link(fd.path()).is_ok_and(|file| file == scene.lock()));
    assert_eq!(open.count(), 0, "it is closed");
    let ended = scene.run(&[], &["true"]).ended();
    assert_eq!(ended.code, Some(75), "{}", ended.stderr);
}

#[test]
fn a_script_that_uses_small_descriptors_keeps_the_lock() {
    let scene = Scene::new();
    let script = "exec 3<&0 4<&0 5<&0 6<&0 7<&0 8<&0 9<&0; cat; exit 7";
    let mut holder = Running::start(exec(&scene, &[], &["sh", "-c", script]));
    holder.shakes_hands();
    let path = scene.lock();
    let taken = nix::fcntl::Flock::lock(
        fs::File::open(path).unwrap(),
        nix::fcntl::FlockArg::LockExclusiveNonblock,
    );
    assert!(taken.is_err(), "the kernel lock is still taken");
    assert_eq!(holder.end().code, Some(7));
}

#[test]
fn an_exec_inside_of_an_exec_is_busy() {
    let scene = Scene::new();
    let script = r#""$TENURE" exec "$LOCK" -- true; echo $?; exec "$TENURE" exec "$LOCK" -- true"#;
    let ended = exec(&scene, &[], &["sh", "-c", script]).ended();
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(75), "75\n"), "{}", ended.stderr);
}

#[test]
fn a_process_that_holds_the_lock_by_inheritance_does_not_stop_itself() {
    let scene = Scene::new();
    let script = r#"exec "$TENURE" stop "$LOCK""#;
    let ended = exec(&scene, &[], &["sh", "-c", script]).ended();
    assert_eq!((ended.code, ended.signal), (Some(77), None));
    assert!(ended.stderr.contains("it is this very process"), "{}", ended.stderr);
}
