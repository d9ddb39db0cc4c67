//! `list`: what is a lockfile, and what is shown of it.

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::Path;

use nix::fcntl::{Flock, FlockArg};
use nix::sys::stat::Mode;
use nix::unistd::mkfifo;
use serde_json::Value;
use tenure::{Format, Lockfile};

use crate::hostile::{TRAPS, assert_harmless};
use crate::screen::Screen;
use crate::support::{CommandExtension, Ended, Scene, tenure};

fn list(scene: &Scene, options: &[&str]) -> Ended {
    let ended = tenure().arg("list").args(options).arg(scene.path("")).ended();
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{}", ended.stdout);
    ended
}

/// The names of what was listed, and the rest of each line.
fn rows(ended: &Ended) -> Vec<(String, String)> {
    let row = |line: &str| {
        let (path, rest) = line.split_once('\t').unwrap();
        let name = Path::new(path).file_name().unwrap().to_str().unwrap();
        (name.to_owned(), rest.to_owned())
    };
    ended.stdout.lines().map(row).collect()
}

fn names(ended: &Ended) -> Vec<String> {
    rows(ended).into_iter().map(|(name, _)| name).collect()
}

fn flock(path: &Path) -> Flock<File> {
    let file = File::open(path).unwrap();
    Flock::lock(file, FlockArg::LockExclusiveNonblock).map_err(|(_, err)| err).unwrap()
}

#[test]
fn a_pipe_is_given_all_with_tabs() {
    let scene = Scene::new();
    let holder = scene.holder(&["--message", "nightly\tbackup"]);
    scene.write("other.pid", "elsewhere.example:4242");
    let listed = rows(&list(&scene, &[]));
    assert_eq!(listed.len(), 2);
    assert_eq!(listed[0].0, "other.pid");
    assert_eq!(listed[0].1, "unproven\t4242 on elsewhere.example\t-\t-");
    let held = format!("held\t{} tenure\t", holder.pid());
    assert!(listed[1].0 == "the.lock" && listed[1].1.starts_with(&held), "{listed:?}");
    assert!(listed[1].1.ends_with("s\tnightly\\u{9}backup"), "{listed:?}");
}

#[test]
fn a_record_of_ours_is_a_lockfile_whatever_its_name_and_a_pid_file_is_named_like_one() {
    let scene = Scene::new();
    let ours =
        r#"{"version":1,"pid":1,"nonce":"0123456789abcdef","released_at":"2026-01-01T00:00:00Z"}"#;
    scene.write("anything", ours);
    scene.write("the.lock.draft.0123456789abcdef", ours);
    for name in ["daemon.pid", "pid", "LCK..ttyS0", "port", "notes.txt"] {
        scene.write(name, "      4242\n");
    }
    symlink("someone@elsewhere.example.4242:1700000000", scene.path(".#notes.txt")).unwrap();
    let listed = list(&scene, &[]);
    assert_eq!(names(&listed), [".#notes.txt", "LCK..ttyS0", "anything", "daemon.pid", "pid"]);
}

#[test]
fn what_is_no_lockfile_is_neither_listed_nor_opened_nor_told_of() {
    let scene = Scene::new();
    // To open it would be to wait for its other end.
    mkfifo(&scene.path("fifo.pid"), Mode::S_IRWXU).unwrap();
    fs::create_dir(scene.path("directory.pid")).unwrap();
    scene.write("garbage.pid", "\x7fELF and so on");
    File::create(scene.path("sparse.pid")).unwrap().set_len(1 << 30).unwrap();
    let outside = Scene::new();
    symlink(outside.write("the.pid", "4242"), scene.path("link.pid")).unwrap();
    symlink("/dev/zero", scene.path("zero.pid")).unwrap();
    assert_eq!(list(&scene, &[]).stdout, "");
}

#[test]
fn an_empty_file_is_told_to_be_empty_or_held() {
    let scene = Scene::new();
    let path = scene.write("flock.lock", "");
    // flock(1) leaves such behind: not to be taken for what a crash left.
    assert_eq!(rows(&list(&scene, &[])), [("flock.lock".to_owned(), "empty\t-\t-\t-".to_owned())]);
    assert_eq!(list(&scene, &["--stale"]).stdout, "");
    let held = flock(&path);
    assert_eq!(rows(&list(&scene, &[])), [("flock.lock".to_owned(), "held\t-\t-\t-".to_owned())]);
    drop(held);
}

#[test]
fn a_locked_file_is_listed_whatever_its_name_and_content() {
    let scene = Scene::new();
    let content = ["", "42\n", "\x7fELF and so on", &"x".repeat(10_000)];
    let files: Vec<_> = (0..content.len())
        .map(|number| scene.write(&format!("file-{number}"), content[number]))
        .collect();
    assert_eq!(list(&scene, &[]).stdout, "");
    let locks: Vec<_> = files.iter().map(|file| flock(file)).collect();
    assert_eq!(names(&list(&scene, &[])), ["file-0", "file-1", "file-2", "file-3"]);
    drop(locks);
    assert_eq!(list(&scene, &[]).stdout, "");
}

/// Each name is what the program calls its lockfile.
#[test]
fn a_lockfile_of_every_known_format_is_listed() {
    let scene = Scene::new();
    let files = [
        ("haproxy.pid", "4194301\n4194302\n"),
        ("passwd.lock", "4194301\0"),
        ("LCK..ttyS0", "   4194301 cu ann\n"),
        ("postmaster.pid", "4194301\n/var/lib/postgresql\n"),
        ("gc.pid", "4194301 elsewhere.example"),
        (".#lk0x0123.web-1.42", "   4194301\nelsewhere.example\n"),
        ("data.lock", "4194301\nelsewhere.example\n"),
        ("app.lock", "4194301\napp\nelsewhere.example\n"),
        ("spool.NFSLock", "elsewhere.example 4194301 1700000000 42\n"),
        ("var.lock", " 4194301;elsewhere.example\n"),
        ("wlock", "elsewhere.example:4194301"),
        ("rtorrent.lock", "elsewhere.example:+4194301"),
        ("mail.nfs_lock", "((host elsewhere.example)(pid 4194301)(message m)(start_time 1))"),
        ("other.json.lock", r#"{"pid":4194301,"hostname":"elsewhere.example"}"#),
        (".X0-lock", "   4194301\n"),
    ];
    for (name, content) in files {
        scene.write(name, content);
    }
    let links = [("lock", "127.0.1.1:+4194301"), ("SingletonLock", "elsewhere.example-4194301")];
    for (name, target) in links {
        symlink(target, scene.path(name)).unwrap();
    }
    let mut expected: Vec<_> = files.iter().chain(&links).map(|(name, _)| *name).collect();
    expected.sort_unstable();
    assert_eq!(names(&list(&scene, &[])), expected);
}

#[test]
fn what_was_released_in_a_format_of_a_pid_alone_is_free() {
    let scene = Scene::new();
    let path = scene.path("kept.pid");
    let mut lock = Lockfile::new(path).format(Format::Pid).keep_file(true);
    lock.try_lock().unwrap();
    lock.unlock().unwrap();
    assert_eq!(rows(&list(&scene, &[])), [("kept.pid".to_owned(), "free\t-\t-\t-".to_owned())]);
    assert_eq!(list(&scene, &["--stale"]).stdout, "");
}

#[test]
fn directories_below_are_looked_in_if_asked_for_and_links_are_not_followed() {
    let scene = Scene::new();
    fs::create_dir_all(scene.path("a/b")).unwrap();
    for name in ["top.pid", "a/one.pid", "a/b/two.pid"] {
        scene.write(name, "elsewhere.example:1");
    }
    let outside = Scene::new();
    outside.write("outside.pid", "elsewhere.example:1");
    symlink(outside.path(""), scene.path("link")).unwrap();
    symlink(scene.path(""), scene.path("a/loop")).unwrap();
    assert_eq!(names(&list(&scene, &[])), ["top.pid"]);
    assert_eq!(names(&list(&scene, &["--recursive"])), ["two.pid", "one.pid", "top.pid"]);
}

#[test]
fn only_the_stale_ones_if_asked_for() {
    let scene = Scene::new();
    let dead = scene.left_behind();
    scene.write("elsewhere.pid", "elsewhere.example:1");
    let listed = rows(&list(&scene, &["--stale"]));
    assert_eq!(listed.len(), 1);
    assert!(listed[0].1.starts_with(&format!("stale\t{dead} tenure\t")), "{listed:?}");
    assert!(scene.lock().exists(), "a reader changes nothing");
}

#[test]
fn json_is_a_line_for_each_the_same_as_of_status() {
    let scene = Scene::new();
    scene.left_behind();
    scene.write("elsewhere.pid", "elsewhere.example:1");
    let listed = list(&scene, &["--json"]).stdout;
    assert_eq!(listed.lines().count(), 2);
    let status: Value = serde_json::from_str(&scene.status(&["--json"]).stdout).unwrap();
    let line: Value = serde_json::from_str(listed.lines().nth(1).unwrap()).unwrap();
    for part in ["path", "state", "verdict", "why", "holder"] {
        assert_eq!(line[part], status[part], "{part}");
    }
}

#[test]
fn what_cannot_be_read_is_told_is_4_and_hides_nothing_else() {
    let scene = Scene::new();
    scene.write("one.pid", "elsewhere.example:1");
    let (file, missing) = (scene.write("file", ""), scene.path("missing"));
    let ended = tenure().arg("list").args([&missing, &file, &scene.path("")]).ended();
    assert_eq!(ended.code, Some(4));
    assert_eq!(names(&ended), ["one.pid"]);
    let told: Vec<_> = ended.stderr.lines().collect();
    assert!(told[0].starts_with(&format!("tenure: cannot read {}: No such", missing.display())));
    let file = file.display();
    let hint = format!("for a single lockfile, use `tenure status {file}`");
    assert_eq!(told[1], format!("tenure: {file} is not a directory: {hint}"));
    assert_eq!(told.len(), 2, "{told:?}");
}

#[test]
fn the_usual_places_are_looked_in_and_need_not_be_there() {
    let scene = Scene::new();
    scene.write("one.pid", "elsewhere.example:1");
    fs::create_dir_all(scene.path("tmp")).unwrap();
    let mut command = tenure();
    command.arg("list").env("XDG_RUNTIME_DIR", scene.path("")).env("TMPDIR", scene.path("tmp"));
    let ended = command.ended();
    assert!(names(&ended).contains(&"one.pid".to_owned()), "{}", ended.stdout);
    assert!(!ended.stderr.contains("tenure-"), "{}", ended.stderr);
    assert!(!ended.stderr.contains("No such file"), "{}", ended.stderr);

    let own = scene.path("tmp").join(format!("tenure-{}", nix::unistd::geteuid()));
    fs::create_dir(&own).unwrap();
    fs::write(own.join("app.lock"), "elsewhere.example:1").unwrap();
    command.env("XDG_RUNTIME_DIR", scene.path("nothing"));
    let ended = command.ended();
    assert!(names(&ended).contains(&"app.lock".to_owned()), "{}", ended.stdout);
}

#[test]
fn a_terminal_is_told_that_there_is_nothing_and_a_pipe_gets_nothing() {
    let scene = Scene::new();
    let mut screen = Screen::start(&scene, 80, r#"exec "$TENURE" list ."#);
    assert_eq!(screen.end(), 0);
    assert_eq!(screen.text(), "tenure: there are no such lockfiles");
    assert_eq!(list(&scene, &[]).stdout, "");
}

#[test]
fn a_hostile_name_and_record_do_nothing_to_the_terminal() {
    let scene = Scene::new();
    let text = |name: &str| format!("{name}{TRAPS}");
    let record = serde_json::json!({
        "version": 1, "pid": 4242, "host": text("host"), "message": text("message"),
        "program": text("program"), "nonce": "0123456789abcdef",
    });
    fs::write(scene.path(TRAPS), record.to_string()).unwrap();
    let plain = list(&scene, &[]).stdout.replace('\t', " ");
    let shown = ["host\\u{1b}[31m", "message\\u{1b}[31m", "program\\u{1b}[31m", "/\\u{1b}[31m"];
    assert_harmless(&plain, &shown);
    assert_eq!(plain.lines().count(), 1, "{plain}");

    let script = r#"exec env NO_COLOR=1 "$TENURE" list ."#;
    let mut screen = Screen::start(&scene, 60, script);
    assert_eq!(screen.end(), 0);
    assert_harmless(&screen.written().replace("\r\n", "\n"), &["unproven"]);
    assert_eq!(screen.text().lines().count(), 2, "{}", screen.text());
}

#[test]
fn a_terminal_is_shown_columns_that_fit() {
    let scene = Scene::new();
    let _holder = scene.holder(&["--message", &"the nightly backup of everything ".repeat(4)]);
    fs::create_dir(scene.path("a-directory-of-some-daemon")).unwrap();
    scene.write("a-directory-of-some-daemon/daemon.pid", "elsewhere.example:4242");
    for columns in [80, 40] {
        let script = r#"exec "$TENURE" list --recursive ."#;
        let mut screen = Screen::start(&scene, columns, script);
        assert_eq!(screen.end(), 0);
        let text = screen.text();
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines.len(), 3, "a line each, and none is wrapped:\n{text}");
        let column = lines[0].find("STATE").unwrap();
        assert!(lines[0].starts_with("LOCKFILE "), "{text}");
        assert!(lines[1][column..].starts_with("unproven"), "{text}");
        assert!(lines[2][column..].starts_with("held "), "{text}");
        assert!(lines[1].contains("daemon.pid") && lines[2].contains("the.lock"), "{text}");
        assert_eq!(columns == 80, lines[0].ends_with("  MESSAGE"), "{text}");
    }
}
