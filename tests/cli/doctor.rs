//! `doctor`: what it finds, what it says to do, and that it leaves nothing.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

use nix::sys::signal::Signal;
use serde_json::Value;
use tenure::{Lockfile, Semaphore};

use crate::elsewhere::{elsewhere, run};
use crate::hostile::{TRAPS, assert_harmless};
use crate::screen::Screen;
use crate::support::{CommandExtension, Ended, Running, Scene, tenure, until};

fn doctor(path: &Path) -> Ended {
    let ended = tenure().arg("doctor").arg(path).ended();
    assert_eq!(ended.stderr, "", "{}", ended.stdout);
    ended
}

/// Asserts that a line says `level` and `about`, and has `text` in it.
fn assert_finds(ended: &Ended, level: &str, about: &str, text: &str) {
    let begins = format!("{level:4} {about:10} ");
    let found = ended.stdout.lines().any(|line| line.starts_with(&begins) && line.contains(text));
    assert!(found, "{begins}… {text}… is not in\n{}", ended.stdout);
}

fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

fn names(scene: &Scene) -> Vec<String> {
    let entries = fs::read_dir(scene.path("")).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn a_healthy_place_is_0_and_nothing_is_left_in_it() {
    let scene = Scene::new();
    let ended = doctor(&scene.lock());
    assert_eq!(ended.code, Some(0), "{}", ended.stdout);
    assert_finds(&ended, "ok", "lockfile", "the.lock is free: there is none");
    assert_finds(
        &ended,
        "ok",
        "flock",
        "flock(2) excludes: tried with two processes on this mount",
    );
    assert_finds(&ended, "ok", "link", "link(2) works");
    assert_finds(&ended, "ok", "directory", "only its user may change ");
    for about in ["disk", "ageing", "kernel", "/proc", "container", "boot", "machine", "semaphores"]
    {
        assert!(ended.stdout.contains(&format!(" {about:10} ")), "{about}: {}", ended.stdout);
    }
    assert_eq!(names(&scene), Vec::<String>::new());
}

/// As in a container of systemd-nspawn(1).
#[test]
fn a_boot_id_that_is_not_the_kernels_is_told() {
    elsewhere("unshare -m", &[], || {
        let scene = Scene::new();
        let random = fs::read_to_string("/proc/sys/kernel/random/uuid").unwrap();
        let shown = scene.write("boot_id", &random);
        run("mount", ["--bind", shown.to_str().unwrap(), "/proc/sys/kernel/random/boot_id"]);
        let ended = doctor(&scene.lock());
        assert_finds(&ended, "note", "boot", "this container shows is not the kernel's");
    });
}

#[test]
fn a_directory_that_everybody_may_write_to_is_bad_unless_it_is_sticky() {
    let scene = Scene::new();
    let dir = scene.path("");
    chmod(&dir, 0o777);
    let ended = doctor(&scene.lock());
    assert_eq!(ended.code, Some(2));
    assert_finds(&ended, "bad", "directory", "(mode 0777, not sticky)");
    assert!(ended.stdout.contains("-> chmod +t"), "{}", ended.stdout);
    chmod(&dir, 0o1777);
    let ended = doctor(&scene.lock());
    assert_eq!(ended.code, Some(1));
    assert_finds(&ended, "warn", "directory", "anybody can make it first");
}

#[test]
fn a_directory_further_up_counts_as_well() {
    let scene = Scene::new();
    let below = scene.path("below");
    fs::create_dir(&below).unwrap();
    chmod(&scene.path(""), 0o777);
    let ended = doctor(&below.join("the.lock"));
    assert_eq!(ended.code, Some(2));
    let up = scene.path("").canonicalize().unwrap();
    assert_finds(&ended, "bad", "directory", &format!("write to {} (mode", up.display()));
    // There, others may make what they like.
    chmod(&scene.path(""), 0o1777);
    assert_eq!(doctor(&below.join("the.lock")).code, Some(0));
}

#[test]
fn what_is_no_lockfile_is_bad_and_left_alone() {
    let scene = Scene::new();
    let garbage = scene.write("garbage", "\x7fELF");
    let ended = doctor(&garbage);
    assert_eq!(ended.code, Some(2));
    assert_finds(&ended, "bad", "lockfile", "is not a lockfile: ");
    symlink(&garbage, scene.lock()).unwrap();
    let ended = doctor(&scene.lock());
    assert_eq!(ended.code, Some(2));
    assert_finds(&ended, "bad", "lockfile", "is a symbolic link, not a regular file");
    assert_eq!(fs::read(garbage).unwrap(), b"\x7fELF");
}

#[test]
fn the_state_of_the_lockfile_and_who_may_meddle_with_it_are_told() {
    let scene = Scene::new();
    let holder = scene.holder(&[]);
    let ended = doctor(&scene.lock());
    assert_finds(&ended, "ok", "lockfile", &format!("is held by pid {} ", holder.pid()));
    assert_eq!(ended.code, Some(0), "{}", ended.stdout);
    assert!(ended.stdout.contains("chmod go-r, and umask 077 for who makes"), "{}", ended.stdout);
    chmod(&scene.lock(), 0o666);
    let ended = doctor(&scene.lock());
    assert_finds(&ended, "warn", "lockfile", "others may write to it (mode 0666)");
    assert_eq!(ended.code, Some(1));
    drop(holder);

    let scene = Scene::new();
    scene.left_behind();
    let ended = doctor(&scene.lock());
    assert_finds(&ended, "note", "lockfile", "is stale, left by pid ");
    chmod(&scene.lock(), 0o600);
    fs::hard_link(scene.lock(), scene.path("other")).unwrap();
    assert_finds(&doctor(&scene.lock()), "warn", "lockfile", "it has 2 names");
    scene.write("elsewhere.pid", "elsewhere.example:1");
    assert_finds(&doctor(&scene.path("elsewhere.pid")), "warn", "lockfile", "is unproven");
}

#[test]
fn a_directory_that_a_link_leads_to_is_noted() {
    let scene = Scene::new();
    fs::create_dir(scene.path("run")).unwrap();
    symlink(scene.path("run"), scene.path("var-run")).unwrap();
    let ended = doctor(&scene.path("var-run/the.lock"));
    assert_eq!(ended.code, Some(0), "{}", ended.stdout);
    assert_finds(&ended, "note", "directory", "/var-run to it");
    for plain in ["run/the.lock", "run/../run/the.lock", "run/./the.lock", "run/"] {
        let ended = doctor(&scene.path(plain));
        assert!(!ended.stdout.contains("a link leads"), "{plain}: {}", ended.stdout);
    }
}

#[test]
fn a_directory_can_be_asked_about() {
    let scene = Scene::new();
    let ended = doctor(&scene.path(""));
    assert_eq!(ended.code, Some(0), "{}", ended.stdout);
    assert!(!ended.stdout.contains(" lockfile "), "{}", ended.stdout);
    assert_finds(&ended, "ok", "flock", "tried with two processes");
}

#[test]
fn a_place_where_nothing_can_be_made_is_not_tried() {
    let ended = doctor(Path::new("/proc/the.lock"));
    assert_finds(&ended, "bad", "disk", "proc on /proc shows what the kernel has");
    assert!(!ended.stdout.contains(" flock "), "{}", ended.stdout);
    assert_eq!(ended.code, Some(2));
    let scene = Scene::new();
    let ended = doctor(&scene.path("missing/the.lock"));
    assert_eq!(ended.code, Some(2));
    assert_finds(&ended, "bad", "directory", "missing cannot be used: No such file");
}

#[test]
fn json_is_one_object_with_all_findings() {
    let scene = Scene::new();
    chmod(&scene.path(""), 0o777);
    let ended = tenure().args(["doctor", "--json"]).arg(scene.lock()).ended();
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(2), ""));
    assert_eq!(ended.stdout.lines().count(), 1);
    let report: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(report["path"], scene.lock().to_str().unwrap());
    let findings = report["findings"].as_array().unwrap();
    let about = |name: &str| findings.iter().find(|it| it["about"] == name).unwrap();
    assert_eq!((&about("flock")["level"], &about("flock")["remedy"]), (&"ok".into(), &Value::Null));
    assert_eq!(about("directory")["level"], "bad");
    assert!(about("directory")["finding"].as_str().unwrap().contains("mode 0777"));
    assert!(about("directory")["remedy"].as_str().unwrap().starts_with("chmod +t"));
}

#[test]
fn an_interrupt_waits_until_nothing_is_left() {
    let scene = Scene::new();
    let is_there = || !names(&scene).is_empty();
    // The file is there for as long as it takes to start two processes: now and then it is missed.
    let interrupted = (0..50).any(|_| {
        let mut command = tenure();
        command.arg("doctor").arg(scene.lock());
        let mut running = Running::start(command);
        let stat = format!("/proc/{}/stat", running.pid());
        let has_ended = || fs::read_to_string(&stat).unwrap().contains(") Z ");
        until(|| is_there() || has_ended());
        let seen = is_there();
        running.signal(Signal::SIGINT);
        let ended = running.end();
        assert_eq!(names(&scene), Vec::<String>::new());
        seen && ended.signal == Some(2)
    });
    assert!(interrupted);
}

#[test]
fn what_cannot_be_told_is_4() {
    let scene = Scene::new();
    let ended = scene.script(r#""$TENURE" doctor "$LOCK" >/dev/full"#).ended();
    assert_eq!(ended.code, Some(4), "{}", ended.stderr);
}

#[test]
fn a_hostile_path_does_nothing_to_the_terminal() {
    let scene = Scene::new();
    let dir = scene.path(TRAPS);
    fs::create_dir(&dir).unwrap();
    let ended = doctor(&dir.join(TRAPS));
    assert_harmless(&ended.stdout, &["/\\u{1b}[31m\\u{d}\\u{9b}2J\\u{a}"]);
    let ended = tenure().args(["doctor", "--json"]).arg(dir.join(TRAPS)).ended();
    assert_harmless(&ended.stdout, &["/\\u001b[31m\\r\\u009b2J\\n"]);
}

#[test]
fn a_terminal_is_shown_lines_that_are_broken_between_words() {
    let scene = Scene::new();
    chmod(&scene.path(""), 0o1777);
    for (columns, indent) in [(80, 16), (40, 5)] {
        let mut screen =
            Screen::start(&scene, columns, r#"stty rows 100; exec "$TENURE" doctor ."#);
        assert_eq!(screen.end(), 1);
        let written = screen.written();
        assert!(written.contains("\u{1b}[33mwarn\u{1b}[0m directory"), "{written:?}");
        assert!(written.contains("\u{1b}[32mok  \u{1b}[0m flock"), "{written:?}");
        let plain = scene.script(r#""$TENURE" doctor . | cat"#).ended().stdout;
        let words: Vec<_> = plain.split_whitespace().collect();
        let text = screen.text();
        for line in text.lines() {
            let begins =
                ["ok ", "note ", "warn ", "bad "].iter().any(|level| line.starts_with(level));
            assert!(begins || line.starts_with(&" ".repeat(indent)), "{columns}: {line:?}\n{text}");
            let whole = line.split_whitespace().all(|word| words.contains(&word));
            assert!(whole, "{columns}: {line:?}\n{text}");
        }
    }
}

/// The numbers of the sets in this IPC namespace.
fn sets() -> Vec<String> {
    let table = fs::read_to_string("/proc/sysvipc/sem").unwrap();
    let number = |line: &str| line.split_whitespace().nth(1).unwrap().to_owned();
    table.lines().skip(1).map(number).collect()
}

const HOLDER: &str = "TENURE_TEST_HOLDER_OF_A_SEMAPHORE";

/// No test, but a process that ends while it has the lock at the path that it is given.
#[test]
fn holder_of_a_semaphore() {
    if let Some(path) = std::env::var_os(HOLDER) {
        let mut lock = Lockfile::new(path).backend(Semaphore);
        lock.try_lock().unwrap();
        // Drops nothing.
        std::process::exit(0);
    }
}

/// Leaves a set, and returns its number.
fn left_behind(path: &Path) -> String {
    let before = sets();
    let mut holder = Command::new(std::env::current_exe().unwrap());
    holder.args(["--exact", "doctor::holder_of_a_semaphore"]).env(HOLDER, path);
    assert_eq!(holder.ended().code, Some(0));
    sets().into_iter().find(|set| !before.contains(set)).unwrap()
}

#[test]
fn semaphores_of_the_dead_are_swept_when_that_is_asked_for() {
    elsewhere("unshare -i", &[], || {
        let scene = Scene::new();
        let dead = left_behind(&scene.path("dead"));
        let mut lock = Lockfile::new(scene.path("held")).backend(Semaphore);
        lock.try_lock().unwrap();
        doctor(&scene.lock());
        assert_eq!(sets().len(), 2, "it was not asked for");
        let sweep = || tenure().args(["doctor", "--sweep"]).arg(scene.lock()).ended();
        let told = format!("removed, because nobody holds them: the sets {dead}");
        assert_finds(&sweep(), "note", "semaphores", &told);
        assert_eq!(sets().len(), 1, "that of a holder");
        lock.verify().unwrap();
        assert_finds(&sweep(), "ok", "semaphores", "no set was left over");
        lock.unlock().unwrap();
    });
}
