//! `PostgreSQL` has its PID in `postmaster.pid` and in a file beside its socket, and takes no lock.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::PathBuf;
use std::process::Command;

use crate::SCENE;
use crate::daemon::{Daemon, directory};
use crate::program::{CommandExtension, tenure, until};
use crate::support::elsewhere::{elsewhere, run};
use crate::support::{Place, place};
use crate::verdict::{is_busy, is_removed_by_unlock, is_stale, is_used_and_kept};

const INITDB: &str = "/usr/lib/postgresql/15/bin/initdb";
const POSTGRES: &str = "/usr/lib/postgresql/15/bin/postgres";
const NEEDS: [&str; 3] = [INITDB, POSTGRES, "setpriv"];

/// It refuses to be run by root.
const NOBODY: u32 = 65_534;

struct Cluster(Place);

impl Cluster {
    fn new() -> Self {
        // A killed server leaves its shared memory.
        run("mount", ["-t", "tmpfs", "none", "/dev/shm"]);
        let cluster = Self(place());
        fs::set_permissions(cluster.0.dir(), PermissionsExt::from_mode(0o755)).unwrap();
        for name in ["data", "socket"] {
            chown(directory(&cluster.0, name), Some(NOBODY), Some(NOBODY)).unwrap();
        }
        let options = ["--no-sync", "--auth=trust", "--locale=C"];
        let ended = cluster.as_nobody(INITDB, &options).ended();
        assert_eq!(ended.code, Some(0), "{ended:?}");
        cluster
    }

    fn as_nobody(&self, program: &str, options: &[&str]) -> Command {
        let id = NOBODY.to_string();
        let mut command = Command::new("setpriv");
        command.args(["--reuid", &id, "--regid", &id, "--clear-groups", program]);
        command.args(options).arg("-D").arg(self.0.dir().join("data")).current_dir("/");
        command
    }

    fn locks(&self) -> [PathBuf; 2] {
        ["data/postmaster.pid", "socket/.s.PGSQL.5432.lock"].map(|name| self.0.dir().join(name))
    }

    /// Returns once it has written its last line into the first file.
    fn start(&self) -> Daemon {
        let mut command = self.as_nobody(POSTGRES, &[]);
        command.args(["-F", "-c", "listen_addresses=", "-k"]).arg(self.0.dir().join("socket"));
        let postgres = Daemon::start(&mut command);
        let [data, _] = self.locks();
        until(|| fs::read_to_string(&data).is_ok_and(|text| text.contains("\nready ")));
        postgres
    }
}

/// Its PID is negative in the file.
#[test]
fn a_live_single_user_postgres_is_busy_and_a_killed_one_is_stale() {
    elsewhere(SCENE, &NEEDS, || {
        let cluster = Cluster::new();
        let [lock, _] = cluster.locks();
        let mut command = cluster.as_nobody(POSTGRES, &["--single"]);
        let mut postgres = Daemon::start(command.arg("template1"));
        postgres.says("backend> ");
        let text = fs::read_to_string(&lock).unwrap();
        assert!(text.starts_with(&format!("-{}\n", postgres.pid())), "{text}");
        is_busy(&lock, Some(postgres.pid()), None);
        is_stale(&lock, postgres.kill());
    });
}

#[test]
fn a_live_postgres_is_busy_and_a_killed_one_is_stale() {
    elsewhere(SCENE, &NEEDS, || {
        let cluster = Cluster::new();
        let postgres = cluster.start();
        for lock in cluster.locks() {
            is_busy(&lock, Some(postgres.pid()), None);
        }
        let pid = postgres.kill();
        for lock in cluster.locks() {
            is_stale(&lock, pid);
            is_removed_by_unlock(&lock);
        }
        let postgres = cluster.start();
        for lock in cluster.locks() {
            is_busy(&lock, Some(postgres.pid()), None);
        }
    });
}

/// It starts over a dead PID, and over nothing else. So whoever recovers the file removes it.
#[test]
fn postgres_needs_an_unlock_after_its_pid_file_was_used() {
    elsewhere(SCENE, &NEEDS, || {
        let cluster = Cluster::new();
        let [lock, _] = cluster.locks();
        cluster.start().kill();
        is_used_and_kept(&lock);
        let refused = cluster.as_nobody(POSTGRES, &[]).ended();
        assert!(refused.stderr.contains("bogus data in lock file"), "{refused:?}");
    });
}

/// It takes a file that names its parent for one of its own. Whoever held it is told.
#[test]
fn postgres_replaces_a_lockfile_that_its_parent_holds() {
    elsewhere(SCENE, &NEEDS, || {
        let cluster = Cluster::new();
        let [lock, _] = cluster.locks();
        let mut postgres = cluster.as_nobody(POSTGRES, &["-c", "listen_addresses="]);
        postgres.arg("-k").arg(cluster.0.dir().join("socket"));
        let mut run = tenure();
        run.args(["run", "-n", "--format", "pid-line"]).arg(&lock).arg("--");
        let ended = run.arg(postgres.get_program()).args(postgres.get_args()).ended();
        assert_eq!(ended.code, Some(79), "{ended:?}");
        assert!(ended.stderr.contains("was replaced while it was held"), "{ended:?}");
    });
}
