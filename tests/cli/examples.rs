//! `examples/`: the scripts, units and lines of crontabs, run as they are.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use nix::sys::signal::Signal;

use crate::elsewhere::elsewhere;
use crate::support::{CommandExtension, Running, Scene, TENURE, tenure, until};

fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name)
}

/// `$PATH`, with the program in it.
fn path() -> OsString {
    let mut path = Path::new(TENURE).parent().unwrap().as_os_str().to_owned();
    path.push(":");
    path.push(std::env::var_os("PATH").unwrap());
    path
}

const CONTAINER: &str = "unshare --pid --fork --kill-child --mount-proc";

/// The service `command` in a container of its own, where the entrypoint is PID 1.
fn container(scene: &Scene, command: &[&str]) -> Command {
    let mut words = CONTAINER.split(' ');
    let mut container = Command::new(words.next().unwrap());
    container.args(words).arg(example("docker/entrypoint.sh")).args(command);
    container.env("PATH", path()).env("LOCK", scene.lock()).env("LOCK_WAIT", "0");
    container
}

#[test]
fn a_container_that_is_restarted_is_not_kept_out_by_the_lockfile_of_the_last() {
    elsewhere("unshare -m", &["unshare"], || {
        let scene = Scene::new();
        let mut first = Running::start(container(&scene, &["cat"]));
        first.shakes_hands();
        assert_eq!(scene.record()["pid"], 1, "as the container numbers it");
        first.signal(Signal::SIGKILL);
        first.end();
        // The namespace ends after the process that was waited for.
        until(|| scene.status(&[]).code == Some(1));
        let mut second = Running::start(container(&scene, &["cat"]));
        second.shakes_hands();
        assert_eq!(scene.record()["pid"], 1);
        let ended = second.end();
        assert_eq!(ended.code, Some(0));
        // The first namespace has ended, and the second may have its number.
        let told = format!("tenure: recovered {} from pid 1 (cat) ", scene.lock().display());
        assert!(ended.stderr.starts_with(&told), "{}", ended.stderr);
    });
}

#[test]
fn two_containers_of_one_volume_do_not_run_at_once() {
    elsewhere("unshare -m", &["unshare"], || {
        let scene = Scene::new();
        let mut first = Running::start(container(&scene, &["cat"]));
        first.shakes_hands();
        let second = container(&scene, &["echo", "two"]).ended();
        assert_eq!((second.code, second.stdout.as_str()), (Some(75), ""));
        assert!(
            second.stderr.contains(" it is locked by pid 1 (cat) in another container on "),
            "{}",
            second.stderr
        );
        assert!(second.stderr.contains(": \"cat\"; it is alive"), "{}", second.stderr);
        first.shakes_hands();
        assert_eq!(first.end().code, Some(0));
    });
}

/// The init script, told to do `action`.
fn init(scene: &Scene, action: &str) -> Command {
    let mut script = Command::new(example("init.d/echod"));
    script.arg(action).env("TENURE", TENURE).env("LOCK", scene.lock());
    script.env("DAEMON", "sleep infinity");
    script
}

#[test]
fn the_init_script_starts_one_daemon_and_stops_it() {
    elsewhere(CONTAINER, &["setsid"], || {
        let scene = Scene::new();
        let run = |action| init(&scene, action).ended().code;
        assert_eq!((run("status"), run("stop")), (Some(3), Some(0)), "nothing to stop");
        assert_eq!((run("start"), run("status")), (Some(0), Some(0)));
        // On a line of its own, for other programs.
        let pid = || fs::read_to_string(scene.lock()).unwrap().lines().next().unwrap().to_owned();
        let daemon = pid();
        assert_eq!(fs::read_to_string(format!("/proc/{daemon}/comm")).unwrap(), "sleep\n");
        assert_eq!((run("start"), pid()), (Some(0), daemon.clone()), "it runs already");
        assert_eq!(run("restart"), Some(0));
        assert_ne!(pid(), daemon);
        assert_eq!(
            (run("stop"), run("status")),
            (Some(0), Some(1)),
            "it was recovered by nobody yet"
        );
        assert_eq!((run("start"), run("status")), (Some(0), Some(0)));
        assert_eq!(tenure().arg("signal").arg(scene.lock()).arg("KILL").ended().code, Some(0));
        until(|| run("status") == Some(1));
        assert_eq!((run("start"), run("status"), run("stop")), (Some(0), Some(0), Some(0)));
        assert_eq!(run("reload"), Some(2), "an action that it does not know");
    });
}

#[test]
fn the_init_script_says_who_is_in_the_way() {
    elsewhere("env", &["setsid"], || {
        let scene = Scene::new();
        scene.write("the.lock", "elsewhere.example:4242");
        let ended = init(&scene, "start").ended();
        assert_eq!(ended.code, Some(1));
        assert!(ended.stderr.contains("pid 4242 on elsewhere.example"), "{}", ended.stderr);
    });
}

#[test]
fn the_lines_for_cron_run() {
    let scene = Scene::new();
    let crontab = fs::read_to_string(example("cron.d/backup")).unwrap();
    let lines: Vec<_> = crontab.lines().filter_map(|line| line.split_once("  root  ")).collect();
    assert_eq!(lines.len(), 3);
    for (times, command) in lines {
        assert_eq!(times.split(' ').count(), 5, "{times}");
        let command = command.replace("/run/backup.pid", scene.lock().to_str().unwrap());
        let command = command.replace("-- backup", "-- echo backup");
        let ended = scene.script(&command).env("PATH", path()).ended();
        assert_eq!(ended.code, Some(0), "{command}: {}", ended.stderr);
        assert!(ended.stdout.starts_with("backup --"), "{command}: {}", ended.stdout);
    }
}

#[test]
fn the_units_are_ones_that_systemd_loads() {
    elsewhere("env", &["systemd-analyze", "start-stop-daemon"], || {
        for name in ["echod.service", "echod-forking.service"] {
            let scene = Scene::new();
            let unit = fs::read_to_string(example(&format!("systemd/{name}"))).unwrap();
            // Programs that there are.
            let unit = unit.replace("/usr/local/bin/tenure", TENURE);
            let unit = scene.write(name, &unit.replace("/usr/local/bin/echod", "/bin/true"));
            let ended = Command::new("systemd-analyze")
                .args(["verify", "--man=no"])
                .arg(&unit)
                .env("SYSTEMD_LOG_LEVEL", "warning")
                .ended();
            assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{name}");
        }
    });
}
