//! Peers in containers of systemd-nspawn(1).

use std::env;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;

use crate::support::Peer;
use crate::support::elsewhere::tell;

/// The machine id of the host in a scene, and of a container that is named like the host.
pub(crate) const MACHINE_ID: &str = "0123456789abcdef0123456789abcdef\n";

/// The names of containers.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Naming {
    /// Each has another host name, by default of systemd-nspawn, and no machine id.
    Different,
    /// All have the host name and the machine id of the host, as copies of one image do.
    Same,
}

/// A peer on the host or in a container.
pub(crate) struct Member {
    pub(crate) peer: Peer,
    /// In a container: the process of the peer, and the root directory.
    contained: Option<(Pid, Root)>,
}

impl Member {
    pub(crate) fn on_host(peer: Peer) -> Self {
        Self { peer, contained: None }
    }

    /// Starts a peer as PID 1 of a new container, which sees the directory of `path` there.
    pub(crate) fn contained(naming: Naming, path: &Path, options: &str) -> Self {
        let root = Root::new(naming);
        let mut nspawn = Command::new("systemd-nspawn");
        // It reports every container that is killed.
        nspawn.stderr(fs::File::create(root.log()).unwrap());
        nspawn.args(["--quiet", "--pipe", "--register=no", "--keep-unit", "--settings=no"]);
        nspawn.args(["--private-users=no", "--link-journal=no", "--resolv-conf=off"]);
        nspawn.args(["--timezone=off", "--bind-ro=/usr"]);
        nspawn.arg("--directory").arg(root.0.path());
        if let Naming::Same = naming {
            let name = fs::read_to_string("/proc/sys/kernel/hostname").unwrap();
            nspawn.arg(format!("--hostname={}", name.trim()));
        }
        let program = env::current_exe().unwrap();
        nspawn.arg(format!("--bind-ro={}", program.display()));
        nspawn.arg(format!("--bind={}", path.parent().unwrap().display()));
        for variable in Peer::VARIABLES {
            nspawn.arg(format!("--setenv={variable}"));
        }
        nspawn.arg("--");
        let peer = Peer::through(nspawn, path, options);
        let parent = peer.pid();
        let children = fs::read_to_string(format!("/proc/{parent}/task/{parent}/children"));
        let child = children.unwrap().trim().parse().expect("it has one child");
        Self { peer, contained: Some((Pid::from_raw(child), root)) }
    }

    /// SIGKILL; returns once it has been reaped.
    pub(crate) fn crash(mut self) {
        match self.contained {
            None => _ = self.peer.crash(),
            Some((process, _root)) => {
                kill(process, Signal::SIGKILL).unwrap();
                self.peer.wait_for_end();
            }
        }
    }

    /// Ends the peer, and removes its root directory.
    pub(crate) fn end(self) {
        let Self { peer, contained } = self;
        drop(peer);
        drop(contained);
    }
}

/// A root directory that has nothing of its own: the host's `/usr` is mounted on it.
struct Root(TempDir);

impl Root {
    fn new(naming: Naming) -> Self {
        let root = tempfile::tempdir().unwrap();
        let path = |name: &str| root.path().join(name);
        for name in ["dev", "etc", "proc", "root", "run", "sys", "tmp", "usr", "var"] {
            fs::create_dir(path(name)).unwrap();
        }
        for name in ["bin", "lib", "lib32", "lib64", "sbin"] {
            if let Ok(target) = fs::read_link(Path::new("/").join(name)) {
                symlink(target, path(name)).unwrap();
            }
        }
        if let Naming::Same = naming {
            fs::write(path("etc/machine-id"), MACHINE_ID).unwrap();
        }
        Self(root)
    }

    /// What the container and its peer say on standard error.
    fn log(&self) -> PathBuf {
        self.0.path().join("var/log")
    }
}

impl Drop for Root {
    fn drop(&mut self) {
        if std::thread::panicking() {
            tell(&fs::read_to_string(self.log()).unwrap_or_default());
        }
    }
}
