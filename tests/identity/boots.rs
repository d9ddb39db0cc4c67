//! Machines that were started anew, got another name, or are others, on a local file system.

use std::fs;
use std::path::Path;

use tenure::{State, Verdict, Why};

use crate::support::elsewhere::{elsewhere, run};
use crate::support::{Peer, leave_stale, place};
use crate::vocabulary::{Innocent, assert_busy, assert_recovered, bind, copy_record, verdict};

const BOOT_ID: &str = "/proc/sys/kernel/random/boot_id";

/// From now on, who asks is told of another boot. (Who has asked remembers.)
pub(crate) fn start_anew(directory: &Path) {
    let file = directory.join("boot_id");
    fs::write(&file, "6a5e0fb2-0000-4000-8000-000000000000\n").expect("a file");
    bind(&file, BOOT_ID);
}

#[test]
fn a_holder_of_an_earlier_boot_is_recovered() {
    elsewhere("unshare -m", &[], || {
        let place = place();
        leave_stale(&place.path);
        start_anew(place.dir());
        assert_recovered(&place.path, Why::Rebooted);
    });
}

/// The PID is that of a living process now, and the start time may be as well: after a boot, the
/// same programs start at the same time.
#[test]
fn a_process_is_not_the_holder_because_it_resembles_one_of_an_earlier_boot() {
    elsewhere("unshare -m", &[], || {
        let place = place();
        let copy = place.dir().join("copy");
        let holder = Peer::holding(&place.path);
        copy_record(&place.path, &copy, |_| {});
        start_anew(place.dir());
        assert_recovered(&copy, Why::Rebooted);
        drop(holder);
    });
}

/// A boot id that changes under a holder (a checkpoint restored elsewhere) does not rob it.
#[test]
fn the_kernel_lock_of_a_holder_of_another_boot_counts() {
    elsewhere("unshare -m", &[], || {
        let place = place();
        let mut holder = Peer::holding(&place.path);
        start_anew(place.dir());
        assert_busy(&place.path, Verdict::Live);
        assert_eq!(holder.ask("unlock"), "ok");
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
        start_anew(place.dir());
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
