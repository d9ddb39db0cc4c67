//! Machines that were started anew, got another name, or are others, on a local file system.

use std::fs;
use std::path::Path;

use serde_json::Value;
use tenure::{State, Verdict, Why};

use crate::support::elsewhere::{elsewhere, run};
use crate::support::{Peer, leave_stale, place, this_program};
use crate::vocabulary::{
    Contained, Innocent, assert_busy, assert_recovered, copy_record, show_another_boot_id,
    show_the_boot_id, start_anew, verdict,
};

const MOUNTS: &str = "unshare -mi";

/// A container of this very name and machine, as of one image, with a boot id of its own.
fn contained(path: &Path, options: &str) -> Contained {
    let script = path.with_extension("sh");
    fs::write(
        &script,
        "cat /proc/sys/kernel/random/uuid > \"$0.boot\"
         mount --bind \"$0.boot\" /proc/sys/kernel/random/boot_id
         shift
         exec \"$@\"",
    )
    .expect("a file");
    let script = script.to_str().expect("it is text");
    // The last word that is added is not for sh(1).
    let through = format!("-mpif --mount-proc --kill-child sh -e {script}");
    Contained::with(&through, path, options)
}

#[test]
fn a_holder_of_an_earlier_boot_is_recovered() {
    let place = place();
    leave_stale(&place.path);
    start_anew(&place.path);
    assert_recovered(&place.path, Why::Rebooted);
}

/// The PID is that of a living process now, and the start time may be as well: after a boot, the
/// same programs start at the same time.
#[test]
fn a_process_is_not_the_holder_because_it_resembles_one_of_an_earlier_boot() {
    let place = place();
    let copy = place.dir().join("copy");
    let holder = Peer::holding(&place.path);
    copy_record(&place.path, &copy, |_| {});
    start_anew(&copy);
    assert_recovered(&copy, Why::Rebooted);
    drop(holder);
}

/// A boot id that changes under a holder (a checkpoint restored elsewhere) does not rob it.
#[test]
fn the_kernel_lock_of_a_holder_of_another_boot_counts() {
    let place = place();
    let mut holder = Peer::holding(&place.path);
    start_anew(&place.path);
    assert_busy(&place.path, Verdict::Live);
    assert_eq!(holder.ask("unlock"), "ok");
}

#[test]
fn a_boot_id_that_is_not_the_kernels_is_not_recorded() {
    elsewhere(MOUNTS, &[], || {
        let place = place();
        let mut holder = Peer::holding(&place.path);
        let kernels = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap();
        assert_eq!(boot_id(&place.path), kernels.trim());
        assert_eq!(holder.ask("unlock"), "ok");
        show_another_boot_id(place.dir());
        let _holder = Peer::holding(&place.path);
        assert_eq!(boot_id(&place.path), Value::Null);
    });
}

/// As where somebody has made a `/proc` by hand.
#[test]
fn a_boot_id_outside_of_the_proc_file_system_is_not_recorded() {
    elsewhere(MOUNTS, &[], || {
        let place = place();
        this_program();
        run("mount", ["-t", "tmpfs", "none", "/proc"]);
        fs::create_dir_all("/proc/sys/kernel/random").unwrap();
        fs::write("/proc/sys/kernel/random/boot_id", "6a5e0fb2-0000-4000-8000-000000000000\n")
            .unwrap();
        let _holder = Peer::holding(&place.path);
        assert_eq!(boot_id(&place.path), Value::Null);
    });
}

/// The boot that the record at `path` names.
fn boot_id(path: &Path) -> Value {
    let text = fs::read_to_string(path).expect("it is held");
    serde_json::from_str::<Value>(&text).expect("it is a record")["boot_id"].clone()
}

/// Of holder and contender, one sees the kernel's boot id and the other does not. Both are in one PID
/// namespace.
#[test]
fn a_live_holder_keeps_its_lock_where_another_boot_id_is_shown() {
    elsewhere(MOUNTS, &[], || {
        for backend in ["", "semaphore", "hardlink", "memory"] {
            let place = place();
            let [ours, theirs] = ["ours", "theirs"].map(|name| place.dir().join(name));
            let start = |path: &Path| Peer::with(path, backend);
            let holding = |path: &Path| {
                let mut holder = start(path);
                assert_eq!(holder.ask("try_lock"), "ok");
                holder
            };
            let contend = |contender: &mut Peer| {
                let answer = contender.ask("try_lock");
                assert!(answer.starts_with("Busy: "), "{backend}: {answer}");
                let verdict = contender.ask("verdict");
                assert!(!verdict.starts_with("Some(Stale"), "{backend}: {verdict}");
            };
            let recover = |contender: &mut Peer| {
                assert_eq!(contender.ask("try_lock"), "ok", "{backend}");
                assert_eq!(contender.ask("why"), "Stale(Dead)", "{backend}");
            };
            let ours_held = holding(&ours);
            // It learns the kernel's boot id, and remembers it.
            let mut ours_contending = start(&theirs);
            assert_eq!(ours_contending.ask("try_lock"), "ok");
            assert_eq!(ours_contending.ask("unlock"), "ok");
            show_another_boot_id(place.dir());
            let theirs_held = holding(&theirs);
            contend(&mut start(&ours));
            contend(&mut ours_contending);
            ours_held.crash();
            theirs_held.crash();
            recover(&mut ours_contending);
            // This contender does not know its boot: the record may be of another kernel.
            if backend.is_empty() {
                recover(&mut start(&ours));
            } else {
                let mut contender = start(&ours);
                let answer = contender.ask("try_lock");
                assert!(answer.starts_with("Busy: "), "{backend}: {answer}");
                assert_eq!(contender.ask("verdict"), "Some(Unproven(Unseen))", "{backend}");
            }
            show_the_boot_id();
        }
    });
}

/// The lock of another container is another lock: that it is free here proves nothing.
#[test]
fn after_a_reboot_a_lock_of_one_container_proves_nothing_about_another() {
    elsewhere(MOUNTS, &[], || {
        run("mount", ["-t", "tmpfs", "none", "/etc"]);
        fs::write("/etc/machine-id", "00000000000000000000000000000001\n").unwrap();
        for backend in ["", "semaphore", "memory"] {
            let place = place();
            let copy = place.dir().join("copy");
            let mut dead = Peer::with(&place.path, backend);
            assert_eq!(dead.ask("try_lock"), "ok");
            copy_record(&place.path, &copy, |record| record["pid_namespace"] = 1.into());
            dead.crash();
            for path in [&place.path, &copy] {
                start_anew(path);
            }
            let mut contender = Peer::with(&place.path, backend);
            assert_eq!(contender.ask("verdict"), "Some(Stale(Rebooted))", "{backend}");
            let mut contender = Peer::with(&copy, backend);
            let expected =
                if backend.is_empty() { "Stale(Rebooted)" } else { "Unproven(ForeignHost)" };
            assert_eq!(contender.ask("verdict"), format!("Some({expected})"), "{backend}");
        }
    });
}

/// Their boot ids differ. Their machine ids and host names are equal.
#[test]
fn containers_with_boot_ids_of_their_own_do_not_rob_each_other() {
    elsewhere(MOUNTS, &[], || {
        run("mount", ["-t", "tmpfs", "none", "/etc"]);
        fs::write("/etc/machine-id", "00000000000000000000000000000001\n").unwrap();
        for backend in ["", "semaphore", "hardlink", "memory"] {
            let place = place();
            let ours = place.dir().join("ours");
            let mut ours_held = Peer::with(&ours, backend);
            assert_eq!(ours_held.ask("try_lock"), "ok");
            let mut theirs_held = contained(&place.path, backend);
            assert_eq!(theirs_held.peer.ask("try_lock"), "ok");
            // A contender does not know its boot: a record that names one may be of another kernel.
            for (path, unproven) in [(&ours, "Unseen"), (&place.path, "OtherNamespace")] {
                let unproven = format!("Some(Unproven({unproven}))");
                let live = if backend.is_empty() { "Some(Live)" } else { &*unproven };
                let mut contender = contained(path, backend);
                let answer = contender.peer.ask("try_lock");
                assert!(answer.starts_with("Busy: "), "{backend}: {answer}");
                assert_eq!(contender.peer.ask("verdict"), live, "{backend}");
            }
            ours_held.crash();
            theirs_held.crash();
            for path in [&ours, &place.path] {
                let mut contender = contained(path, backend);
                let answer = contender.peer.ask("try_lock");
                if backend.is_empty() {
                    assert_eq!(answer, "ok");
                    assert_eq!(contender.peer.ask("why"), "Stale(OtherNamespace)");
                } else {
                    assert!(answer.starts_with("Busy: "), "{backend}: {answer}");
                    assert_eq!(contender.peer.ask("status"), "unproven", "{backend}");
                }
            }
        }
    });
}

/// This kernel may serve its local file system to virtual machines (9p, virtiofs, NFS).
#[test]
fn a_holder_of_another_machine_is_unproven_on_a_local_file_system() {
    elsewhere("unshare -m", &[], || {
        let place = place();
        run("mount", ["-t", "tmpfs", "none", "/etc"]);
        fs::write("/etc/machine-id", "00000000000000000000000000000001\n").unwrap();
        leave_stale(&place.path);
        let ours = place.dir().join("ours");
        leave_stale(&ours);
        start_anew(&place.path);
        start_anew(&ours);
        let mut neighbour = Peer::start(&ours);
        assert_eq!(neighbour.ask("verdict"), "Some(Stale(Rebooted))");
        fs::write("/etc/machine-id", "00000000000000000000000000000002\n").unwrap();
        assert_busy(&place.path, Verdict::Unproven(Why::ForeignHost));
        let status = tenure::Lockfile::new(&place.path).status().unwrap();
        assert_eq!(status.state(), State::Unproven);
    });
}

#[test]
fn a_host_that_got_another_name_recovers_its_own() {
    elsewhere("unshare -u", &[], || {
        let place = place();
        leave_stale(&place.path);
        fs::write("/proc/sys/kernel/hostname", "renamed").unwrap();
        assert_ne!(recorded_host(&place.path).as_deref(), Some("renamed"));
        assert_recovered(&place.path, Why::Dead);
    });
}

#[test]
fn a_holder_lives_on_under_another_name_of_its_host() {
    elsewhere("unshare -u", &[], || {
        let place = place();
        let copy = place.dir().join("copy");
        let holder = Peer::holding(&place.path);
        copy_record(&place.path, &copy, |_| {});
        fs::write("/proc/sys/kernel/hostname", "renamed").unwrap();
        assert_busy(&place.path, Verdict::Live);
        assert_busy(&copy, Verdict::Live);
        drop(holder);
    });
}

/// Of a program that writes its host and its PID (Mercurial, git), more is not known.
#[test]
fn a_pid_of_another_host_is_not_judged_here() {
    let place = place();
    let mut innocent = Some(Innocent::start());
    let pid = innocent.as_ref().map(Innocent::pid).unwrap();
    for _ in ["while a process has the number", "and when none has"] {
        fs::write(&place.path, format!("elsewhere.invalid:{pid}")).unwrap();
        assert_busy(&place.path, Verdict::Unproven(Why::ForeignHost));
        innocent = None;
    }
    assert!(innocent.is_none());
    assert_eq!(verdict(&place.path), Verdict::Unproven(Why::ForeignHost));
}

fn recorded_host(path: &Path) -> Option<String> {
    let status = tenure::Lockfile::new(path).status().expect("it can be read");
    status.holder().and_then(|holder| holder.host().map(str::to_owned))
}
