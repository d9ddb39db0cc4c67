//! `break`: what is unproven is removed on the word of an operator, who says whom he means.

use std::fs;
use std::os::unix::fs::symlink;

use nix::libc;
use nix::sys::ptrace;
use nix::sys::wait::{WaitStatus, waitpid};
use serde_json::{Value, json};

use crate::support::{CommandExtension, Ended, Scene, tenure};
use crate::tracing::stopped_at;

const NONCE: &str = "0f5b1a9c33e0d472";

fn break_lock(scene: &Scene, nonce: &str) -> Ended {
    tenure().args(["break", "--nonce", nonce]).arg(scene.lock()).ended()
}

/// The record of a holder on another machine.
fn foreign(nonce: &str) -> Value {
    json!({
        "version": 1, "pid": 4242, "host": "elsewhere.example", "boot_id": "another",
        "machine": "another", "pid_namespace": 1, "message": "nightly", "nonce": nonce,
    })
}

/// The nonce that `status` shows.
fn shown(scene: &Scene) -> String {
    let ended = scene.status(&[]);
    let nonce = ended.stdout.lines().find_map(|line| line.strip_prefix("  nonce "));
    nonce.unwrap().trim().to_owned()
}

#[test]
fn an_unproven_holder_is_broken_by_its_nonce() {
    let scene = Scene::new();
    scene.write("the.lock", &foreign(NONCE).to_string());
    let ended = break_lock(&scene, &shown(&scene));
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), ""));
    let told = format!(
        "tenure: removed {}, which was locked by pid 4242 on elsewhere.example: \
        \"nightly\"; unproven: it may run on another host\n",
        scene.lock().display()
    );
    assert_eq!(ended.stderr, told);
    assert!(!scene.lock().exists());
    let ended = break_lock(&scene, NONCE);
    let told = format!("tenure: there is nothing to remove at {}\n", scene.lock().display());
    assert_eq!((ended.code, ended.stderr), (Some(1), told));
}

#[test]
fn the_nonce_of_another_holder_breaks_nothing() {
    let scene = Scene::new();
    let path = scene.write("the.lock", &foreign(NONCE).to_string());
    for nonce in ["", "none", "0f5b1a9c33e0d473", "legacy-0f5b1a9c33e0d472"] {
        let ended = break_lock(&scene, nonce);
        assert_eq!(ended.code, Some(75), "{nonce}: {}", ended.stderr);
        let told = "is not that of the holder to be removed: it was written by pid 4242 on ";
        assert!(ended.stderr.contains(told), "{}", ended.stderr);
        assert_eq!(fs::read_to_string(&path).unwrap(), foreign(NONCE).to_string());
    }
}

/// I5. Between the look at the record and the locking of the file, another holder may come.
#[test]
fn a_holder_that_has_just_come_is_not_broken_by_the_nonce_of_the_former() {
    let scene = Scene::new();
    scene.write("the.lock", &foreign(NONCE).to_string());
    let mut command = tenure();
    command.args(["break", "--nonce", NONCE]).arg(scene.lock());
    let exclusive = (libc::LOCK_EX | libc::LOCK_NB) as u64;
    let tracee = stopped_at(command, |number, arguments| {
        number == libc::SYS_flock && arguments[1] == exclusive
    });
    let newer = foreign("0000000000000000").to_string();
    scene.write("the.lock", &newer);
    ptrace::detach(tracee, None).unwrap();
    assert_eq!(waitpid(tracee, None), Ok(WaitStatus::Exited(tracee, 75)));
    assert_eq!(fs::read_to_string(scene.lock()).unwrap(), newer);
}

#[test]
fn a_holder_that_is_alive_is_not_broken() {
    let scene = Scene::new();
    let mut holder = scene.holder(&[]);
    let ended = break_lock(&scene, &shown(&scene));
    assert_eq!(ended.code, Some(75));
    assert!(ended.stderr.contains("it is alive: wait for it, or stop it (with `tenure stop`)"));

    // Without the kernel lock it is alive all the same.
    let copy = Scene::new();
    fs::copy(scene.lock(), copy.lock()).unwrap();
    let ended = break_lock(&copy, &shown(&copy));
    assert_eq!(ended.code, Some(75), "{}", ended.stderr);
    assert!(copy.lock().exists());
    holder.shakes_hands();
}

#[test]
fn whoever_has_the_kernel_lock_is_not_broken_whatever_the_record_says() {
    let scene = Scene::new();
    let held = scene.held_with(&foreign(NONCE));
    let ended = break_lock(&scene, NONCE);
    assert_eq!(ended.code, Some(75), "{}", ended.stderr);
    assert!(scene.lock().exists());
    drop(held);
}

#[test]
fn a_stale_holder_is_removed_by_its_nonce_as_well() {
    let scene = Scene::new();
    scene.left_behind();
    assert_eq!(break_lock(&scene, NONCE).code, Some(75));
    assert!(scene.lock().exists());
    assert_eq!(break_lock(&scene, &shown(&scene)).code, Some(0));
    assert!(!scene.lock().exists());
}

#[test]
fn a_record_without_a_nonce_is_named_by_a_digest_of_it() {
    let scene = Scene::new();
    scene.write("the.lock", "elsewhere.example:4242");
    let named = shown(&scene);
    assert!(named.starts_with("legacy-"), "{named}");
    let json: Value = serde_json::from_str(&scene.status(&["--json"]).stdout).unwrap();
    assert_eq!(json["holder"]["incarnation"], named);
    scene.write("the.lock", "elsewhere.example:4243");
    assert_eq!(break_lock(&scene, &named).code, Some(75), "another holder");
    scene.write("the.lock", "elsewhere.example:4242\n");
    assert_eq!(break_lock(&scene, &named).code, Some(0));
    assert!(!scene.lock().exists());
}

#[test]
fn a_lock_that_is_a_name_is_broken_under_its_own_claim() {
    let scene = Scene::new();
    let mut record = foreign(NONCE);
    record["backend"] = "hardlink".into();
    let path = scene.write("the.lock", &record.to_string());
    // Another is about to remove it, and may live.
    let mut claim = foreign("0000000000000000");
    claim["backend"] = "hardlink".into();
    let claim = scene.write(&format!("the.lock.claim.{NONCE}"), &claim.to_string());
    let (ended, shown) = (break_lock(&scene, NONCE), claim.to_str().unwrap().to_owned());
    assert_eq!(ended.code, Some(75), "{}", ended.stderr);
    let remedy =
        "if that process is gone, break its claim with `tenure break --nonce 0000000000000000`\n";
    assert!(ended.stderr.contains(&shown) && ended.stderr.ends_with(remedy), "{}", ended.stderr);
    assert!(path.exists() && claim.exists());

    let status = scene.status(&[]);
    assert_eq!(status.code, Some(4));
    for line in [
        format!("  claim     {shown}\n"),
        "  claimant  pid 4242 on elsewhere.example: \"nightly\"; unproven: ".to_owned(),
        "  to break  tenure break --nonce 0000000000000000\n".to_owned(),
    ] {
        assert!(status.stdout.contains(&line), "{line}{}", status.stdout);
    }
    let json: Value = serde_json::from_str(&scene.status(&["--json"]).stdout).unwrap();
    let told = &json["claim"];
    assert_eq!(
        (&told["path"], &told["incarnation"]),
        (&shown.clone().into(), &"0000000000000000".into())
    );
    assert_eq!(
        (&told["verdict"], &told["host"]),
        (&"unproven".into(), &"elsewhere.example".into())
    );
    let doctor = tenure().arg("doctor").arg(scene.lock()).ended().stdout;
    let told = format!("to be removed by pid 4242 on elsewhere.example, by the claim {shown}");
    assert!(doctor.contains(&told), "{doctor}");
    assert!(doctor.contains("tenure break --nonce 0000000000000000"), "{doctor}");

    let ended = break_lock(&scene, "0000000000000000");
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.stderr.contains(&shown), "{}", ended.stderr);
    assert!(path.exists() && !claim.exists());
    assert_eq!(break_lock(&scene, "0f5b1a9c33e0d473").code, Some(75));
    assert!(path.exists());
    let ended = break_lock(&scene, NONCE);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(!path.exists());
}

#[test]
fn a_link_is_not_broken_but_to_be_removed() {
    let scene = Scene::new();
    symlink("elsewhere.example:4242", scene.lock()).unwrap();
    let ended = break_lock(&scene, &shown(&scene));
    assert_eq!(ended.code, Some(75), "{}", ended.stderr);
    let told = ": if its holder is gone, remove the link\n";
    assert!(ended.stderr.ends_with(told) && !ended.stderr.contains("break"), "{}", ended.stderr);
    assert!(fs::symlink_metadata(scene.lock()).is_ok());
}

#[test]
fn what_is_not_a_lockfile_is_65_and_stays() {
    let scene = Scene::new();
    scene.write("the.lock", "\x7fELF and so on");
    assert_eq!(break_lock(&scene, NONCE).code, Some(65));
    assert!(scene.lock().exists());
}

#[test]
fn without_a_nonce_it_is_an_error_of_usage() {
    let scene = Scene::new();
    for options in [&["break"][..], &["break", "--force"]] {
        assert_eq!(tenure().args(options).arg(scene.lock()).ended().code, Some(64));
    }
}
