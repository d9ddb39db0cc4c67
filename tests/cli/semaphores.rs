//! `unlock` and `break` of lockfiles that have a semaphore besides.

use std::fs::{self, OpenOptions, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde_json::json;
use tenure::{Admission, Backend, Flock, Lockfile, PosixSemaphore};

use crate::elsewhere::elsewhere;
use crate::semaphore_name::SemaphoreName;
use crate::support::{CommandExtension, Ended, Scene, tenure};

/// Leaves the lockfile of a dead holder that had a semaphore of that name.
fn left_behind(scene: &Scene, name: &str) {
    // What is there of another backend would not be taken over.
    scene.write("the.lock", "");
    scene.left_behind();
    let mut record = scene.record();
    record["backend"] = json!(format!("posix-semaphore:{name}"));
    scene.write("the.lock", &record.to_string());
    fs::set_permissions(scene.lock(), Permissions::from_mode(0o644)).unwrap();
}

/// Leaves the semaphore as a holder of the lockfile leaves it that dies.
fn leave_taken(scene: &Scene, name: &str) {
    let (semaphore, path) = (PosixSemaphore::new(name).unwrap(), scene.lock());
    let file = OpenOptions::new().read(true).write(true).open(&path).unwrap();
    assert_eq!(semaphore.try_lock(&file, &path).unwrap(), Admission::Locked);
    assert!(semaphore.lasting().unwrap().take(&file, &path).unwrap());
    // All that the kernel frees.
    Flock.release(&file, &path).unwrap();
}

fn unlock(scene: &Scene) -> Ended {
    tenure().arg("unlock").arg(scene.lock()).ended()
}

/// Another lockfile with that semaphore.
fn other(scene: &Scene, file: &str, name: &str) -> Lockfile {
    Lockfile::new(scene.path(file)).backend(PosixSemaphore::new(name).unwrap())
}

#[test]
fn the_semaphore_of_a_dead_holder_is_given_back() {
    let (scene, name) = (Scene::new(), SemaphoreName::new());
    left_behind(&scene, &name);
    leave_taken(&scene, &name);
    assert!(other(&scene, "next", &name).try_lock().unwrap_err().is_busy());
    let ended = unlock(&scene);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.stderr.contains(" (its process no longer exists)"), "{}", ended.stderr);
    assert!(!scene.lock().exists());
    other(&scene, "next", &name).try_lock().unwrap();
}

#[test]
fn an_unproven_holder_with_a_semaphore_is_broken() {
    let (scene, name) = (Scene::new(), SemaphoreName::new());
    let record = json!({
        "version": 1, "pid": 4242, "host": "elsewhere.example", "boot_id": "another",
        "machine": "another", "pid_namespace": 1, "nonce": "0f5b1a9c33e0d472",
        "backend": format!("posix-semaphore:{}", &*name),
    });
    scene.write("the.lock", &record.to_string());
    let mut command = tenure();
    let ended = command.args(["break", "-n", "0f5b1a9c33e0d472"]).arg(scene.lock()).ended();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(!scene.lock().exists());
}

/// Its lock outlived a holder in another container, and nothing tells that from one who lives.
#[test]
fn a_semaphore_that_an_unproven_holder_has_left_is_told_of() {
    let (scene, name) = (Scene::new(), SemaphoreName::new());
    let mut taken = other(&scene, "dead", &name);
    taken.try_lock().unwrap();
    scene.write("the.lock", "");
    scene.left_behind();
    let mut record = scene.record();
    record["backend"] = json!(format!("posix-semaphore:{}", &*name));
    record["pid_namespace"] = json!(1);
    record["nonce"] = json!("0f5b1a9c33e0d472");
    scene.write("the.lock", &record.to_string());
    let mut command = tenure();
    let broken = command.args(["break", "-n", "0f5b1a9c33e0d472"]).arg(scene.lock()).ended();
    for ended in [broken, unlock(&scene)] {
        assert_eq!(ended.code, Some(75), "{}", ended.stderr);
        let told = format!("which has taken the semaphore {}: `fuser /dev/shm/", &*name);
        assert!(ended.stderr.contains(&told), "{}", ended.stderr);
        assert!(ended.stderr.ends_with(", and the lockfile\n"), "{}", ended.stderr);
    }
    assert!(scene.lock().exists());
}

#[test]
fn whoever_cannot_follow_on_a_dead_holder_is_told_what_can() {
    for backend in ["hardlink", "posix-semaphore:/tenure-none"] {
        let scene = Scene::new();
        scene.left_behind();
        let mut record = scene.record();
        record["backend"] = json!(backend);
        scene.write("the.lock", &record.to_string());
        let ended = scene.run(&[], &["true"]).ended();
        assert_eq!(ended.code, Some(77), "{}", ended.stderr);
        assert!(ended.stderr.ends_with("; `tenure unlock` recovers it\n"), "{}", ended.stderr);
        assert!(scene.lock().exists());
    }
}

/// Nothing happens to `name`, which the record says.
fn assert_refused(scene: &Scene, name: &str) {
    let ended = unlock(scene);
    assert_eq!(ended.code, Some(77), "{}", ended.stderr);
    let told = format!("is of the backend posix-semaphore:{name}, and another user could");
    assert!(ended.stderr.contains(&told), "{}", ended.stderr);
    assert!(scene.lock().exists());
}

#[test]
fn a_record_that_others_could_have_written_alters_no_semaphore() {
    let (scene, name) = (Scene::new(), SemaphoreName::new());
    let mut user = other(&scene, "user", &name);
    user.try_lock().unwrap();
    left_behind(&scene, &name);
    for mode in [0o664, 0o646] {
        fs::set_permissions(scene.lock(), Permissions::from_mode(mode)).unwrap();
        assert_refused(&scene, &name);
    }
    assert!(other(&scene, "next", &name).try_lock().unwrap_err().is_busy(), "still taken");
    let missing = format!("{}-missing", &*name);
    left_behind(&scene, &missing);
    fs::set_permissions(scene.lock(), Permissions::from_mode(0o666)).unwrap();
    assert_refused(&scene, &missing);
    assert!(!Path::new(&format!("/dev/shm/sem.{}", &missing[1..])).exists(), "none is made");
}

#[test]
fn root_does_not_take_the_word_of_a_user() {
    elsewhere("unshare -m", &[], || {
        let (scene, name) = (Scene::new(), SemaphoreName::new());
        let mut user = other(&scene, "user", &name);
        user.try_lock().unwrap();
        left_behind(&scene, &name);
        std::os::unix::fs::chown(scene.lock(), Some(1), None).unwrap();
        assert_refused(&scene, &name);
        assert!(other(&scene, "next", &name).try_lock().unwrap_err().is_busy(), "still taken");
    });
}

#[test]
fn a_name_that_no_semaphore_can_have_is_refused() {
    let scene = Scene::new();
    for name in ["", "/", "/a/b", "/../x"] {
        left_behind(&scene, name);
        assert_refused(&scene, name);
    }
}
