//! stat(2) - what a file is.

use std::fs::File;
use std::io;
use std::path::Path;

use nix::libc;
use nix::sys::stat::{self, FileStat, fstat, lstat};

use super::file_id::FileId;
use crate::sys::stat::{Kind, Stat};

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
