//! The directories to measure in.

use std::env;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// An empty directory on some file system, removed when this is dropped.
pub(crate) struct Place {
    /// The type of the file system.
    pub(crate) name: String,
    dir: TempDir,
}

impl Place {
    /// `/dev/shm` and the target directory, or those in `TENURE_BENCH_DIRS`.
    pub(crate) fn all() -> io::Result<Vec<Self>> {
        let dirs = match env::var_os("TENURE_BENCH_DIRS") {
            Some(dirs) => env::split_paths(&dirs).collect(),
            None => vec!["/dev/shm".into(), target_dir()?],
        };
        dirs.iter().map(|dir| Self::in_dir(dir)).collect()
    }

    fn in_dir(parent: &Path) -> io::Result<Self> {
        let dir = tempfile::Builder::new().prefix("tenure-peers-").tempdir_in(parent)?;
        Ok(Self { name: file_system(dir.path()), dir })
    }

    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.dir.path().join(file)
    }
}

/// Where cargo has built this program: `target/release/tenure-peers`.
pub(crate) fn target_dir() -> io::Result<PathBuf> {
    let exe = env::current_exe()?;
    let dir = exe.parent().and_then(Path::parent);
    dir.map(Path::to_owned).ok_or_else(|| io::Error::other("not in a target directory"))
}

/// The type of the file system, by df(1).
fn file_system(dir: &Path) -> String {
    let df = Command::new("df").arg("--output=fstype").arg(dir).stderr(Stdio::null()).output();
    let out = df.map(|out| String::from_utf8_lossy(&out.stdout).into_owned()).unwrap_or_default();
    out.lines().nth(1).unwrap_or("unknown").to_owned()
}
