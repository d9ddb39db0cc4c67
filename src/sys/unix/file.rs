//! Opening and comparing files, without following, waiting for or acting on what is not a file.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use nix::libc;
use nix::sys::stat::{self, FileStat, fstat, lstat};

use super::file_id::FileId;
use crate::sys::stat::{Kind, Stat};

/// `O_NOFOLLOW`: a symbolic link is refused. `O_NONBLOCK`: a FIFO does not wait for its other end,
/// nor a device for a carrier or a medium. `O_NOCTTY`: a terminal does not become ours. (`O_CLOEXEC` is std's default.)
const FLAGS: i32 = libc::O_NOFOLLOW | libc::O_NONBLOCK | libc::O_NOCTTY;

/// How often a refusal is looked into that may be over a moment later.
const REFUSALS: u32 = 16;

/// Creates `path`, which must not exist, to read and write.
///
/// # Errors
///
/// [`AlreadyExists`](io::ErrorKind::AlreadyExists) where the name is taken, also on a file system that
/// has no word for it: version 3 of SFTP answers "failure", of which sshfs makes EPERM.
pub(crate) fn create_new(path: &Path, mode: u32) -> io::Result<File> {
    let mut refusals = 0;
    loop {
        let err = match try_create_new(path, mode) {
            Err(err) if may_be_over(&err, path) => err,
            result => return result,
        };
        if let Ok(Some(_)) = path_stat(path) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        // A directory that admits no files at all (in proc(5), or by chattr(1) `+i`) refuses again and
        // again.
        refusals += 1;
        if refusals == REFUSALS {
            return Err(err);
        }
    }
}

/// Whether another file may have been in the way, and be removed by now; or whether the new file may
/// have been removed, on a file system that first makes it and then opens it (encfs).
fn may_be_over(err: &io::Error, path: &Path) -> bool {
    let dir = || path.parent().is_some_and(|dir| directory(dir).is_ok());
    err.raw_os_error() == Some(libc::EPERM) || (is_gone(err) && dir())
}

fn try_create_new(path: &Path, mode: u32) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create_new(true)
        .mode(mode)
        .custom_flags(FLAGS)
        .open(path)
}

/// Opens the existing `path` to read and write.
///
/// Without `O_CREAT`, because in a sticky directory the kernel refuses to open another user's
/// file with it (`fs.protected_regular`, Linux 4.19).
pub(crate) fn open_to_write(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).custom_flags(FLAGS).open(path)
}

/// Opens the existing `path` to read.
pub(crate) fn open_to_read(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).custom_flags(FLAGS).open(path)
}

/// fstat(2) - what `file` is.
pub(crate) fn stat(file: &File) -> io::Result<Stat> {
    Ok(fstat(file)?.into())
}

/// lstat(2) - what `path` names, or `None` where it names nothing.
pub(crate) fn path_stat(path: &Path) -> io::Result<Option<Stat>> {
    match lstat(path) {
        Ok(stat) => Ok(Some(stat.into())),
        Err(nix::Error::ENOENT) => Ok(None),
        Err(err) => Err(err.into()),
    }
}

/// stat(2) - which directory `path` leads to.
pub(crate) fn directory(path: &Path) -> io::Result<FileId> {
    Ok(Stat::from(stat::stat(path)?).id)
}

impl From<FileStat> for Stat {
    // The widths of these fields differ from platform to platform.
    #[allow(
        clippy::useless_conversion,
        clippy::unnecessary_cast,
        clippy::cast_sign_loss,
        clippy::cast_lossless,
        reason = "the widths of these fields differ from platform to platform"
    )]
    fn from(stat: FileStat) -> Self {
        let kind = match stat.st_mode & libc::S_IFMT {
            libc::S_IFREG => Kind::Regular,
            libc::S_IFDIR => Kind::Directory,
            libc::S_IFLNK => Kind::SymbolicLink,
            libc::S_IFIFO => Kind::Fifo,
            libc::S_IFSOCK => Kind::Socket,
            _ => Kind::Device,
        };
        Self {
            id: FileId::of(stat.st_dev as u64, stat.st_ino as u64),
            kind,
            len: stat.st_size as u64,
            names: stat.st_nlink as u64,
            owner: stat.st_uid,
            mode: stat.st_mode as u32 & 0o7777,
        }
    }
}

/// readlink(2) - the target of the symbolic link at `path`, or `None` where there is none any more.
pub(crate) fn link_target(path: &Path) -> io::Result<Option<OsString>> {
    match fs::read_link(path) {
        Ok(target) => Ok(Some(target.into())),
        Err(err) if matches!(err.raw_os_error(), Some(libc::ENOENT | libc::EINVAL)) => Ok(None),
        Err(err) => Err(err),
    }
}

/// unlink(2) - removes the name `path`. The caller holds the lock on the file that it names, or is
/// the only one that may remove it.
#[expect(clippy::disallowed_methods, reason = "the one place: callers hold the lock and compare")]
pub(crate) fn unlink(path: &Path) -> io::Result<()> {
    fs::remove_file(path)
}

/// link(2) - gives the file at `path` another `name`, which nothing has yet.
pub(crate) fn link(path: &Path, name: &Path) -> io::Result<()> {
    fs::hard_link(path, name)
}

/// Whether a link was refused because the file system makes none: EPERM (link(2)), or that it does
/// not know the call, or that a file has one name at most.
pub(crate) fn is_linkless(err: &io::Error) -> bool {
    // On macOS, ENOTSUP is another number.
    let numbers = [libc::EPERM, libc::EOPNOTSUPP, libc::ENOTSUP, libc::EMLINK];
    err.kind() == io::ErrorKind::Unsupported
        || err.raw_os_error().is_some_and(|number| numbers.contains(&number))
}

/// rename(2) - gives the file at `path` another `name` in place of that one. Nothing has it yet.
pub(crate) fn rename(path: &Path, name: &Path) -> io::Result<()> {
    fs::rename(path, name)
}

/// readdir(3) - the names in the directory `dir`.
pub(crate) fn names_in(dir: &Path) -> io::Result<Vec<OsString>> {
    fs::read_dir(dir)?.map(|entry| entry.map(|entry| entry.file_name())).collect()
}

/// Whether a call failed because the file is removed: on FUSE and network file systems, also one on a
/// descriptor that was open before.
pub(crate) fn is_gone(err: &io::Error) -> bool {
    use io::ErrorKind::{NotFound, StaleNetworkFileHandle};
    matches!(err.kind(), NotFound | StaleNetworkFileHandle)
}

/// Whether a call failed because there is no such descriptor.
pub(crate) fn is_closed(err: &io::Error) -> bool {
    err.raw_os_error() == Some(libc::EBADF)
}

/// Whether an open was refused because the path names a symbolic link: ELOOP, or EMLINK on the BSDs.
pub(crate) fn is_symlink_refusal(err: &io::Error) -> bool {
    matches!(err.raw_os_error(), Some(libc::ELOOP | libc::EMLINK))
}
