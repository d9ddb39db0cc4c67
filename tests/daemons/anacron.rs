//! anacron has a file for each job. It takes an fcntl(2) lock on it, and writes the date into it.

use std::fs::{self, File};
use std::io::Write;
use std::path::PathBuf;
use std::process::Command;

use nix::sys::stat::Mode;
use nix::unistd::mkfifo;

use crate::SCENE;
use crate::daemon::{Daemon, directory};
use crate::program::within_guard;
use crate::support::elsewhere::elsewhere;
use crate::support::{Place, place};
use crate::verdict::{is_busy, is_empty, is_locked_again, is_not_recognized, is_used_and_kept};

struct Spool {
    place: Place,
    /// The file of the only job.
    stamp: PathBuf,
}

impl Spool {
    /// With a job that says that it runs, and waits until it is told to end.
    fn new() -> Self {
        let place = place();
        let spool = Self { stamp: directory(&place, "spool").join("job"), place };
        for name in ["says", "is_told"] {
            mkfifo(&spool.path(name), Mode::S_IRWXU).unwrap();
        }
        let (says, is_told) = (spool.path("says"), spool.path("is_told"));
        let job = format!("echo inside > {}; read line < {}", says.display(), is_told.display());
        fs::write(spool.path("table"), format!("1 0 job {job}\n")).unwrap();
        spool
    }

    fn path(&self, name: &str) -> PathBuf {
        self.place.dir().join(name)
    }

    /// anacron in the middle of its job.
    fn start(&self) -> Daemon {
        let mut anacron = Command::new("anacron");
        anacron.arg("-d").arg("-f").arg("-t").arg(self.path("table"));
        let anacron = Daemon::start(anacron.arg("-S").arg(self.path("spool")));
        let says = self.path("says");
        let said = within_guard(anacron.pid(), move || fs::read_to_string(says).unwrap());
        assert_eq!(said, "inside\n");
        anacron
    }

    /// The job ends.
    fn ends(&self) {
        File::create(self.path("is_told")).unwrap().write_all(b"end\n").unwrap();
    }

    fn is_dated(&self) -> bool {
        let text = fs::read_to_string(&self.stamp).unwrap();
        text.len() == 9 && text.trim_end().bytes().all(|byte| byte.is_ascii_digit())
    }
}

#[test]
fn a_live_anacron_is_busy_and_its_date_is_no_pid() {
    elsewhere(SCENE, &["anacron"], || {
        let spool = Spool::new();
        let mut anacron = spool.start();
        is_busy(&spool.stamp, None, Some(anacron.pid()));
        spool.ends();
        assert!(anacron.wait().success());
        assert!(spool.is_dated());
        is_not_recognized(&spool.stamp);

        let anacron = spool.start();
        assert!(spool.is_dated());
        is_busy(&spool.stamp, None, Some(anacron.pid()));
        anacron.kill();
        assert!(spool.is_dated());
        is_not_recognized(&spool.stamp);
    });
}

#[test]
fn an_anacron_that_is_killed_in_its_first_job_leaves_an_empty_file() {
    elsewhere(SCENE, &["anacron"], || {
        let spool = Spool::new();
        spool.start().kill();
        spool.ends();
        is_empty(&spool.stamp);
        is_used_and_kept(&spool.stamp);
        let mut anacron = spool.start();
        is_locked_again(&spool.stamp, anacron.pid());
        spool.ends();
        assert!(anacron.wait().success());
        assert!(spool.is_dated(), "{:?}", fs::read(&spool.stamp));
    });
}
