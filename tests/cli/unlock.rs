//! `unlock`: what is proven dead is removed, and nothing else.

use std::fs;
use std::os::unix::fs::symlink;

use serde_json::json;

use crate::support::{CommandExtension, Ended, Running, Scene, tenure};

fn unlock(scene: &Scene) -> Ended {
    tenure().arg("unlock").arg(scene.lock()).ended()
}

#[test]
fn what_a_dead_holder_left_is_removed_and_named() {
    let scene = Scene::new();
    let dead = scene.left_behind();
    let ended = unlock(&scene);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), ""));
    let path = scene.lock();
    let told = format!(
        "tenure: removed {}; it was stale, left by pid {dead} (tenure) on ",
        path.display()
    );
    assert!(ended.stderr.starts_with(&told), "{}", ended.stderr);
    assert!(ended.stderr.ends_with("\"ill-fated\" (its process no longer exists)\n"));
    assert!(!path.exists());
    let ended = unlock(&scene);
    let told = format!("tenure: there is nothing stale at {}\n", path.display());
    assert_eq!((ended.code, ended.stderr), (Some(0), told), "and once more");
}

#[test]
fn a_held_lock_is_75_and_its_holder_named() {
    let scene = Scene::new();
    let mut holder = scene.holder(&[]);
    let ended = unlock(&scene);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(75), ""));
    let told = format!("tenure: {} is locked by pid {} ", scene.lock().display(), holder.pid());
    assert!(ended.stderr.starts_with(&told), "{}", ended.stderr);
    assert!(ended.stderr.ends_with("or stop it (with `tenure stop`)\n"), "{}", ended.stderr);
    assert!(scene.lock().exists());
    holder.shakes_hands();
}

#[test]
fn to_stop_a_holder_is_advised_only_where_stop_would_not_refuse() {
    let scene = Scene::new();
    let mut holder = scene.holder(&["--format", "pid"]);
    let ended = unlock(&scene);
    let told = "; it has the lock, and `tenure stop` stops it\n";
    assert_eq!(ended.code, Some(75));
    assert!(ended.stderr.ends_with(told), "{}", ended.stderr);
    assert_eq!(holder.end().code, Some(0));

    // It lives, but nothing says that it has ever heard of this file.
    scene.write("the.lock", &format!("{}\n", std::process::id()));
    let stopped = tenure().arg("stop").arg(scene.lock()).ended();
    assert_eq!(stopped.code, Some(77), "{}", stopped.stderr);
    let ended = unlock(&scene);
    assert_eq!(ended.code, Some(75));
    assert!(ended.stderr.ends_with(", remove the file\n"), "{}", ended.stderr);
}

#[test]
fn a_link_is_removed_by_hand() {
    let scene = Scene::new();
    symlink("elsewhere.example:4242", scene.lock()).unwrap();
    let ended = unlock(&scene);
    assert_eq!(ended.code, Some(75));
    assert!(ended.stderr.ends_with(": to break the lock, remove the link\n"), "{}", ended.stderr);
    assert!(!ended.stderr.contains("`tenure break`"), "{}", ended.stderr);
}

#[test]
fn not_even_the_command_that_holds_the_lock_takes_it_away() {
    let scene = Scene::new();
    let script = r#""$TENURE" unlock "$LOCK"; echo $?; [ -e "$LOCK" ] && exec cat"#;
    let mut holder = Running::start(scene.run_script(script));
    assert_eq!(holder.line(), "75");
    holder.shakes_hands();
}

#[test]
fn an_unproven_lock_is_75_and_the_remedy_told() {
    let scene = Scene::new();
    scene.write("the.lock", "elsewhere.example:4242");
    let ended = unlock(&scene);
    assert_eq!(ended.code, Some(75));
    assert!(ended.stderr.contains("`tenure break` does that"), "{}", ended.stderr);
    assert!(scene.lock().exists());
}

#[test]
fn a_file_released_in_good_order_stays() {
    let scene = Scene::new();
    assert_eq!(scene.run(&["--keep-file"], &["true"]).ended().code, Some(0));
    assert_eq!(unlock(&scene).code, Some(0));
    assert!(scene.lock().exists());
}

#[test]
fn what_is_not_a_lockfile_is_65_and_stays() {
    let scene = Scene::new();
    scene.write("the.lock", "\x7fELF and so on");
    assert_eq!(unlock(&scene).code, Some(65));
    assert!(scene.lock().exists());
}

#[test]
fn a_backend_that_is_not_known_is_left_alone() {
    let scene = Scene::new();
    let record = json!({ "pid": scene.left_behind(), "nonce": "x", "backend": "\u{1b}[31m" });
    scene.write("the.lock", &record.to_string());
    let ended = unlock(&scene);
    assert_eq!(ended.code, Some(69));
    assert!(ended.stderr.contains("is of the backend \\u{1b}[31m, which"), "{}", ended.stderr);
    assert!(scene.lock().exists());
}

#[test]
fn a_lock_that_a_command_has_by_exec_is_its_own_to_release() {
    let scene = Scene::new();
    let script =
        r#""$TENURE" unlock "$LOCK"; test ! -e "$LOCK" && "$TENURE" run -n "$LOCK" -- echo free"#;
    let exec = format!(r#"exec "$TENURE" exec "$LOCK" -- sh -c '{script}'"#);
    let ended = scene.script(&exec).ended();
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), "free\n"), "{}", ended.stderr);
    let told = format!("tenure: released {}, which was held by pid ", scene.lock().display());
    assert!(ended.stderr.starts_with(&told), "{}", ended.stderr);
}

#[test]
fn a_lock_of_another_is_not_ours_because_the_environment_says_so() {
    let scene = Scene::new();
    let holder = scene.holder(&[]);
    let record = scene.record();
    let nonce = record["nonce"].as_str().unwrap();
    for number in [0, 3, 300] {
        let legacy = format!("{number}:{}:{nonce}", holder.pid());
        let mut unlock = tenure();
        unlock.arg("unlock").arg(scene.lock()).env("TENURE_INHERIT", legacy);
        // Open, and not by the holder.
        unlock.stdin(fs::File::open(scene.lock()).unwrap());
        assert_eq!(unlock.ended().code, Some(75));
    }
    assert_eq!(scene.record(), record);
}
