//! `signal` and `stop`: nobody is signalled but who is proven to hold the lock, whatever the
//! lockfile says, and whoever wrote it.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::os::unix::process::CommandExt;
use std::process::Command;

use nix::libc;
use nix::sys::ptrace;
use nix::sys::wait::{WaitStatus, waitpid};
use serde_json::{Value, json};

use crate::elsewhere::elsewhere;
use crate::signal::signal;
use crate::support::{CommandExtension, Running, Scene, TENURE, stat_field, tenure};
use crate::tracing::stopped_at;

/// The record of a holder, and the holder, which lives as long as nobody signals it.
fn victim() -> (Scene, Running, Value) {
    let scene = Scene::new();
    let holder = scene.holder(&["--keep-file"]);
    let record = scene.record();
    (scene, holder, record)
}

/// Makes `record` that of the process `pid`, with its true start time.
fn name(record: &mut Value, pid: u32) {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    record["pid"] = pid.into();
    record["start_ticks"] = stat_field(&stat, 22).parse::<u64>().unwrap().into();
    record.as_object_mut().unwrap().remove("pidfd_inode");
}

/// Asserts that both verbs refuse, and say why, in letters.
fn assert_refused(scene: &Scene, why: &str) {
    assert_refused_by(scene, why, [&["signal", "TERM"], &["stop", "--grace=0"]]);
}

fn assert_refused_by(scene: &Scene, why: &str, verbs: [&[&str]; 2]) {
    for options in verbs {
        let ended = tenure().arg(options[0]).arg(scene.lock()).args(&options[1..]).ended();
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(77), ""), "{}", ended.stderr);
        assert!(ended.stderr.contains(why), "{why:?} is not in {:?}", ended.stderr);
        assert!(ended.stderr.contains(", which was not signalled: "), "{}", ended.stderr);
        let control = ended.stderr.trim_end().chars().find(|char| char.is_control());
        assert_eq!(control, None, "{:?}", ended.stderr);
    }
}

#[test]
fn a_file_that_others_may_write_to_names_nobody() {
    for mode in [0o666, 0o664, 0o646] {
        let (scene, mut holder, _) = victim();
        fs::set_permissions(scene.lock(), Permissions::from_mode(mode)).unwrap();
        assert_refused(&scene, "others than its owner may write to the file");
        holder.shakes_hands();
    }
}

#[test]
fn the_file_of_another_user_does_not_name_a_process_of_root() {
    elsewhere("unshare -m", &[], || {
        let (scene, mut holder, _) = victim();
        chown(scene.lock(), Some(65534), None).unwrap();
        assert_refused(&scene, "the file belongs to neither root nor the user of that process");
        holder.shakes_hands();
    });
}

#[test]
fn whoever_may_not_signal_the_holder_is_told_so() {
    elsewhere("unshare -m", &[], || {
        let (scene, mut holder, _) = victim();
        let open = Permissions::from_mode(0o755);
        fs::set_permissions(scene.lock().parent().unwrap(), open).unwrap();
        let program = scene.path("tenure");
        fs::copy(TENURE, &program).unwrap();
        let mut nobody = Command::new(program);
        let ended =
            nobody.uid(65534).gid(65534).arg("signal").arg(scene.lock()).arg("TERM").ended();
        assert_eq!(ended.code, Some(77), "{}", ended.stderr);
        let told = format!("tenure: cannot signal the holder of {}: ", scene.lock().display());
        assert!(ended.stderr.starts_with(&told), "{}", ended.stderr);
        assert!(ended.stderr.contains("it is another user's"), "{}", ended.stderr);
        holder.shakes_hands();
    });
}

#[test]
fn the_file_of_a_user_names_a_process_of_that_user() {
    elsewhere("unshare -m", &[], || {
        let (_place, _victim, mut record) = victim();
        let scene = Scene::new();
        let mut cat = Command::new("cat");
        cat.uid(65534).gid(65534);
        let mut process = Running::start(cat);
        process.shakes_hands();
        let pid = process.pid();
        name(&mut record, pid);
        scene.write("the.lock", &record.to_string());
        chown(scene.lock(), Some(65534), None).unwrap();
        let ended = signal(&scene, "TERM");
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
        assert_eq!(process.end().signal, Some(15));
    });
}

#[test]
fn a_holder_of_another_backend_is_known_by_its_record() {
    let (_place, mut holder, mut record) = victim();
    record["backend"] = "hardlink".into();
    let scene = Scene::new();
    scene.write("the.lock", &record.to_string());
    let ended = signal(&scene, "0");
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    holder.shakes_hands();
}

#[test]
fn a_recycled_pid_is_not_signalled() {
    for field in ["start_ticks", "pidfd_inode"] {
        let (_place, mut holder, mut record) = victim();
        record[field] = (record[field].as_u64().unwrap() + 1).into();
        if field == "start_ticks" {
            record.as_object_mut().unwrap().remove("pidfd_inode");
        }
        let scene = Scene::new();
        scene.write("the.lock", &record.to_string());
        assert_eq!(signal(&scene, "TERM").code, Some(1), "without the lock, it is stale");
        let held = scene.held_with(&record);
        assert_refused(&scene, "its PID belongs to another process by now");
        holder.shakes_hands();
        drop(held);
    }
}

#[test]
fn a_bare_pid_is_nobody_unless_that_process_has_the_lock() {
    let (_place, mut holder, record) = victim();
    let scene = Scene::new();
    scene.write("the.lock", &format!("{}\n", holder.pid()));
    assert_refused(&scene, "the file has nothing but a PID");
    // Somebody has the lock, and not the process that is named.
    let held = scene.held_with(&json!({ "pid": record["pid"] }));
    assert_refused(&scene, "the file has nothing but a PID");
    holder.shakes_hands();
    drop(held);
}

#[test]
fn init_is_not_signalled_even_by_its_true_name() {
    let scene = Scene::new();
    // Should it not be refused, nothing is sent.
    let harmless = [&["signal", "0"][..], &["stop", "--retry=-0/0"]];
    let init = "PID 1 is the init process";
    scene.write("the.lock", "1\n");
    assert_refused_by(&scene, init, harmless);
    let (_place, _holder, mut record) = victim();
    name(&mut record, 1);
    scene.write("the.lock", &record.to_string());
    assert_refused_by(&scene, init, harmless);
}

#[test]
fn a_holder_elsewhere_is_not_signalled_here() {
    let (_place, mut holder, record) = victim();
    for (field, value) in [("pid_namespace", json!(1)), ("boot_id", json!("another"))] {
        let mut record = record.clone();
        record[field] = value;
        let scene = Scene::new();
        let held = scene.held_with(&record);
        assert_refused(&scene, "its PID is that of another host or container");
        drop(held);
    }
    let scene = Scene::new();
    scene.write("the.lock", &format!("elsewhere.example:{}", holder.pid()));
    assert_refused(
        &scene,
        "whether it is alive cannot be told from here; look where it ran, and if it is gone, remove \
         the lockfile with `tenure break`\n",
    );
    let pid = holder.pid();
    let held = scene.held_with(&json!({ "pid": pid, "host": "elsewhere.example" }));
    assert_refused(&scene, "its PID is that of another host or container");
    drop(held);
    holder.shakes_hands();
}

/// All users that it does not map look the same.
#[test]
fn an_owner_that_the_user_namespace_does_not_map_names_nobody() {
    elsewhere("unshare -U", &[], || {
        let (scene, mut holder, _) = victim();
        assert_refused(&scene, "the file belongs to a user that this user namespace does not map");
        holder.shakes_hands();
    });
}

#[test]
fn a_symbolic_link_names_nobody() {
    let (_place, mut holder, record) = victim();
    let scene = Scene::new();
    let host = record["host"].as_str().unwrap();
    symlink(format!("{host}:{}", holder.pid()), scene.lock()).unwrap();
    assert_refused(&scene, "it is a symbolic link");
    holder.shakes_hands();
}

#[test]
fn a_holder_without_a_record_is_not_guessed() {
    let scene = Scene::new();
    let held = scene.held_with(&json!({ "pid": 1 }));
    fs::write(scene.lock(), "").unwrap();
    assert_refused(&scene, "its holder has written no record");
    drop(held);
}

#[test]
fn the_dead_holder_whose_child_has_the_lock_is_not_signalled() {
    let scene = Scene::new();
    scene.left_behind();
    let record = scene.record();
    let held = scene.held_with(&record);
    assert_refused(&scene, "its process has ended, and the lock is still taken");
    drop(held);
}

#[test]
fn a_refusal_obeys_no_control_character() {
    let (_place, mut holder, mut record) = victim();
    for name in ["host", "message", "program"] {
        record[name] = "\u{1b}[31m\r\u{9b}2J\n\u{202e}".into();
    }
    let scene = Scene::new();
    scene.write("the.lock", &record.to_string());
    fs::set_permissions(scene.lock(), Permissions::from_mode(0o666)).unwrap();
    assert_refused(&scene, "\\u{1b}[31m");
    holder.shakes_hands();
}

/// Between the reading of a record and the opening of its process, another may have become the
/// holder: that one is signalled then, and not the one that has let go.
#[test]
fn a_holder_that_has_just_changed_is_found_again() {
    let (_one, mut former, record) = victim();
    let (_two, mut newer, its_record) = victim();
    let scene = Scene::new();
    scene.write("the.lock", &record.to_string());
    let mut command = tenure();
    command.arg("signal").arg(scene.lock()).arg("TERM");
    // The first time is to judge the record.
    let mut opened = 0;
    let tracee = stopped_at(command, |number, arguments| {
        let opens = number == libc::SYS_pidfd_open && arguments[0] == u64::from(former.pid());
        opened += u32::from(opens);
        opens && opened == 2
    });
    scene.write("the.lock", &its_record.to_string());
    ptrace::detach(tracee, None).unwrap();
    assert_eq!(waitpid(tracee, None), Ok(WaitStatus::Exited(tracee, 0)));
    // Its standard input is open still: nothing but the signal ends it.
    assert_eq!(newer.rest(), "");
    assert_eq!(newer.end().code, Some(143));
    former.shakes_hands();
}
