//! Mounts, and the servers behind them. Dropping one undoes it, also when the test has failed.
//!
//! Every scene has a mount namespace of its own, so a killed test leaves no mount behind.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use nix::mount::{MntFlags, umount2};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use crate::support::elsewhere::run;
use crate::support::{Place, place, wait_until};

/// Debian's package `openssh-sftp-server` has it there.
pub(crate) const SFTP_SERVER: &str = "/usr/lib/openssh/sftp-server";

/// An address of the network namespace's own: `GlusterFS` accepts no name or address of loopback.
const GLUSTER_ADDRESS: &str = "192.0.2.1";

/// The directories in which `GlusterFS` keeps its state and its sockets.
pub(crate) const GLUSTER_STATE: [&str; 3] = ["/var/lib/glusterd", "/var/log/glusterfs", "/run"];

/// A scratch directory on a tmpfs of its own. Nothing under test lies on that tmpfs.
pub(crate) struct Ground {
    // Dropped in this order.
    _memory: Mount,
    place: Place,
}

impl Ground {
    pub(crate) fn new() -> Self {
        let place = place();
        let memory = Mount::by_mount(place.dir(), ["-t", "tmpfs", "ground"]);
        Self { _memory: memory, place }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.place.dir().join(name)
    }

    /// A new directory.
    pub(crate) fn directory(&self, name: &str) -> PathBuf {
        let path = self.path(name);
        fs::create_dir(&path).unwrap();
        path
    }

    /// A new file with this content.
    pub(crate) fn file(&self, name: &str, content: &str) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, content).unwrap();
        path
    }

    /// A tmpfs of its own.
    pub(crate) fn tmpfs(&self, name: &str) -> Mount {
        Mount::by_mount(&self.directory(name), ["-t", "tmpfs", "tried"])
    }

    /// A file system on a loop device, made by this program.
    pub(crate) fn image(&self, mkfs: &str) -> Mount {
        let image = self.path("image");
        File::create_new(&image).unwrap().set_len(512 << 20).unwrap();
        run(mkfs, ["-q".as_ref(), image.as_os_str()]);
        let options = ["-o".as_ref(), "loop".as_ref(), image.as_os_str()];
        Mount::by_mount(&self.directory("mounted"), options)
    }

    /// The layers of an overlay, on a tmpfs of their own, and the merged directory.
    pub(crate) fn overlay(&self) -> (Mount, Mount) {
        let layers = self.tmpfs("layers");
        let [lower, upper, work] = ["lower", "upper", "work"].map(|name| layers.at().join(name));
        for directory in [&lower, &upper, &work] {
            fs::create_dir(directory).unwrap();
        }
        let options = format!(
            "lowerdir={},upperdir={},workdir={}",
            lower.display(),
            upper.display(),
            work.display()
        );
        let merged = self.directory("merged");
        let merged = Mount::by_mount(&merged, ["-t", "overlay", "-o", &options, "overlay"]);
        (layers, merged)
    }

    pub(crate) fn bindfs(&self, store: &Path, name: &str, options: &[&str]) -> Mount {
        let at = self.directory(name);
        let mut server = server("bindfs");
        server.arg("-f").args(options).args([store, &at]);
        Mount::served(at, server)
    }

    pub(crate) fn mergerfs(&self, store: &Path, name: &str) -> Mount {
        let at = self.directory(name);
        let mut server = server("mergerfs");
        server.arg("-f").args([store, &at]);
        Mount::served(at, server)
    }

    /// sshfs that talks to an sftp-server of this machine over a pair of sockets, without ssh.
    pub(crate) fn sshfs(&self, store: &Path, name: &str) -> Mount {
        let at = self.directory(name);
        let (client_end, server_end) = UnixStream::pair().unwrap();
        let mut sftp = server(SFTP_SERVER);
        talk_over(&mut sftp, server_end);
        let sftp = Server(sftp.stderr(Stdio::null()).spawn().unwrap());
        let mut sshfs = server("sshfs");
        sshfs.args(["-f", "-o", "passive"]).arg(format!(":{}", store.display())).arg(&at);
        talk_over(&mut sshfs, client_end);
        let mut mount = Mount::served(at, sshfs);
        mount.servers.push(sftp);
        mount
    }

    /// An encrypted store, empty.
    pub(crate) fn gocryptfs_store(&self) -> Mount {
        let store = self.tmpfs("store");
        let password = self.file("password", "not a secret");
        let options = ["-q", "-init", "-scryptn", "10", "-passfile"].map(OsStr::new);
        run("gocryptfs", options.into_iter().chain([password.as_os_str(), store.at().as_os_str()]));
        store
    }

    pub(crate) fn gocryptfs(&self, store: &Path, name: &str, options: &[&str]) -> Mount {
        let at = self.directory(name);
        let mut server = server("gocryptfs");
        server.args(["-fg", "-q", "-nosyslog", "-passfile"]).arg(self.path("password"));
        server.args(options).args([store, &at]);
        Mount::served(at, server)
    }

    /// securefs on a new store, which is on a tmpfs of its own.
    pub(crate) fn securefs(&self) -> (Mount, Mount) {
        let store = self.tmpfs("store");
        let options = ["create", "--pass", "x", "--rounds", "1"].map(OsStr::new);
        run("securefs", options.into_iter().chain([store.at().as_os_str()]));
        let at = self.directory("mounted");
        let mut server = server("securefs");
        server.args(["mount", "--pass", "x"]).args([store.at(), &at]);
        let mount = Mount::served(at, server);
        (store, mount)
    }

    /// A `GlusterFS` volume of one brick, and two clients that have it mounted.
    ///
    /// The caller has a network, a PID and a mount namespace of its own: its daemons and what they
    /// leave in the directories of the system are gone with these.
    pub(crate) fn glusterfs(&self) -> (Vec<Mount>, [Mount; 2]) {
        run("ip", ["link", "set", "lo", "up"]);
        run("ip", ["address", "add", &format!("{GLUSTER_ADDRESS}/32"), "dev", "lo"]);
        let mut state: Vec<_> = GLUSTER_STATE
            .map(|path| Mount::by_mount(Path::new(path), ["-t", "tmpfs", "state"]))
            .into();
        fs::create_dir("/run/gluster").unwrap();
        let log = self.path("gluster.log");
        starts(Command::new("glusterd").arg("--pid-file=/run/glusterd.pid"), &log);

        let brick = self.tmpfs("brick");
        let directory = brick.at().join("brick");
        state.push(brick);
        for mount in &mut state {
            mount.in_use = true;
        }
        let volume = |arguments: &[&str]| {
            let mut gluster = Command::new("gluster");
            gluster.args(["--mode=script", "volume"]).args(arguments);
            gluster.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            gluster
        };
        // The daemon tells nobody when it is ready to be asked.
        wait_until(|| volume(&["info"]).status().unwrap().success());
        let brick = format!("{GLUSTER_ADDRESS}:{}", directory.display());
        starts(&mut volume(&["create", "tried", &brick, "force"]), &log);
        starts(&mut volume(&["start", "tried"]), &log);
        let clients = ["one", "two"].map(|name| {
            let at = self.directory(name);
            let mut mount = Command::new("mount");
            mount.args(["-t", "glusterfs", &format!("{GLUSTER_ADDRESS}:/tried")]).arg(&at);
            starts(&mut mount, &log);
            assert!(is_mounted(&at), "mount(8) has mounted nothing");
            Mount { at, servers: Vec::new(), in_use: false }
        });
        (state, clients)
    }
}

/// A server that ends with this thread, if nobody ends it before.
fn server(program: &str) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL", program]).stdin(Stdio::null()).stdout(Stdio::null());
    command
}

fn talk_over(command: &mut Command, end: UnixStream) {
    command.stdin(Stdio::from(std::os::fd::OwnedFd::from(end.try_clone().unwrap())));
    command.stdout(Stdio::from(std::os::fd::OwnedFd::from(end)));
}

/// Runs a program that has to succeed. The daemons that it starts may keep its output open.
fn starts(command: &mut Command, log: &Path) {
    let output = File::options().append(true).create(true).open(log).unwrap();
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(output);
    let status = command.status().unwrap();
    assert!(status.success(), "{command:?}: {status}: {}", fs::read_to_string(log).unwrap());
}

struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A mounted file system.
pub(crate) struct Mount {
    at: PathBuf,
    servers: Vec<Server>,
    /// Whether daemons have files open there, which end with the scene.
    in_use: bool,
}

impl Mount {
    pub(crate) fn at(&self) -> &Path {
        &self.at
    }

    /// By mount(8), to which the mount point is the last argument.
    fn by_mount<S: AsRef<OsStr>>(at: &Path, arguments: impl IntoIterator<Item = S>) -> Self {
        let arguments = arguments.into_iter().map(|argument| argument.as_ref().to_owned());
        run("mount", arguments.chain([at.as_os_str().to_owned()]));
        Self { at: at.to_owned(), servers: Vec::new(), in_use: false }
    }

    /// By a server that stays in the foreground. Returns when the kernel has the mount.
    fn served(at: PathBuf, mut command: Command) -> Self {
        let log = at.with_extension("log");
        let mounts = File::open("/proc/self/mountinfo").unwrap();
        let mut server = Server(command.stderr(File::create(&log).unwrap()).spawn().unwrap());
        // The command may have an end of the line to another server.
        drop(command);
        while !is_mounted(&at) {
            // The kernel reports a new mount at once. The limit is for servers that end before.
            let mut changed = [PollFd::new(mounts.as_fd(), PollFlags::POLLPRI)];
            poll(&mut changed, PollTimeout::from(100_u8)).unwrap();
            if let Some(status) = server.0.try_wait().unwrap() {
                panic!("the server has ended, {status}: {}", fs::read_to_string(log).unwrap());
            }
        }
        Self { at, servers: vec![server], in_use: false }
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        if umount2(&self.at, MntFlags::empty()).is_err() {
            let _ = umount2(&self.at, MntFlags::MNT_DETACH);
            let at = self.at.display();
            assert!(self.in_use || std::thread::panicking(), "{at} is still in use");
        }
    }
}

fn is_mounted(at: &Path) -> bool {
    let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap();
    mounts.lines().any(|line| line.split(' ').nth(4) == at.to_str())
}
