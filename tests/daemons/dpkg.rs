//! dpkg has two empty lock files, and takes fcntl(2) locks on them.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::SCENE;
use crate::daemon::{Daemon, directory, script};
use crate::program::{CommandExtension, tenure};
use crate::support::elsewhere::{elsewhere, run};
use crate::support::{Place, place};
use crate::verdict::{is_busy, is_empty, is_locked_again, is_used_and_kept};

const NEEDS: [&str; 2] = ["dpkg", "dpkg-deb"];

struct Database(Place);

impl Database {
    fn new() -> Self {
        let database = Self(place());
        for name in ["admin/info", "admin/updates", "admin/triggers", "root"] {
            directory(&database.0, name);
        }
        fs::write(database.path("admin/status"), "").unwrap();
        database
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.dir().join(name)
    }

    fn locks(&self) -> [PathBuf; 2] {
        ["admin/lock", "admin/lock-frontend"].map(|name| self.path(name))
    }

    fn dpkg(&self) -> Command {
        let mut dpkg = Command::new("dpkg");
        for (option, name) in [("admindir", "admin"), ("instdir", "root"), ("log", "log")] {
            dpkg.arg(format!("--{option}={}", self.path(name).display()));
        }
        dpkg.arg("--force-script-chrootless");
        dpkg
    }

    /// dpkg in the middle of an installation.
    fn installing(&self) -> Daemon {
        let control = directory(&self.0, "package/DEBIAN");
        let fields = "Package: tried\nVersion: 1\nArchitecture: all\nMaintainer: A <a@b.c>\nDescription: x\n";
        fs::write(control.join("control"), fields).unwrap();
        script(&control.join("preinst"), "echo inside; read line");
        let archive = self.path("tried.deb");
        let package = self.path("package");
        run("dpkg-deb", ["--build".as_ref(), package.as_os_str(), archive.as_os_str()]);
        let mut dpkg = Daemon::start(self.dpkg().arg("--install").arg(archive));
        dpkg.says("inside");
        dpkg
    }
}

#[test]
fn a_live_dpkg_is_busy_and_a_killed_one_leaves_empty_files() {
    elsewhere(SCENE, &NEEDS, || {
        let database = Database::new();
        let dpkg = database.installing();
        for lock in database.locks() {
            is_busy(&lock, None, Some(dpkg.pid()));
        }
        dpkg.kill();
        for lock in database.locks() {
            is_empty(&lock);
        }
    });
}

#[test]
fn dpkg_works_after_its_lock_files_were_used() {
    elsewhere(SCENE, &NEEDS, || {
        let database = Database::new();
        database.installing().kill();
        for lock in database.locks() {
            is_used_and_kept(&lock);
        }
        let dpkg = database.installing();
        for lock in database.locks() {
            is_locked_again(&lock, dpkg.pid());
        }
    });
}

/// It is refused after it has opened the file, which empties it. That is told to the holder.
#[test]
fn dpkg_is_refused_while_tenure_holds_its_lock_and_empties_the_file() {
    elsewhere(SCENE, &NEEDS, || {
        let database = Database::new();
        for lock in database.locks() {
            let mut dpkg = database.dpkg();
            dpkg.args(["--configure", "--pending"]);
            let mut tenure = tenure();
            tenure.args(["run", "-n"]).arg(&lock).arg("--").arg(dpkg.get_program());
            let ended = tenure.args(dpkg.get_args()).ended();
            assert_eq!(ended.code, Some(2), "{ended:?}");
            assert!(ended.stderr.contains("locked by another process"), "{ended:?}");
            assert!(ended.stderr.contains("somebody wrote over the lockfile"), "{ended:?}");
        }
        assert_eq!(database.dpkg().args(["--configure", "--pending"]).ended().code, Some(0));
    });
}
