//! What is mounted where: `proc_pid_mountinfo(5)`.

use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

/// A mounted file system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mount {
    pub(super) point: PathBuf,
    /// `ext4`, `nfs4`, `fuse.sshfs`.
    pub(super) kind: String,
    /// A device, `host:/path`, or whatever its server says.
    pub(super) source: String,
    /// Those of the mount and of the file system.
    pub(super) options: Vec<String>,
}

impl Mount {
    /// That which the directory `dir` lies on, which is absolute and without links.
    pub(super) fn of(dir: &Path) -> Option<Self> {
        let mounts = fs::read("/proc/self/mountinfo").ok()?;
        Self::find(&mounts, dir)
    }

    /// Of several on one point, the last hides the others.
    fn find(mounts: &[u8], dir: &Path) -> Option<Self> {
        let mounts = mounts.split(|byte| *byte == b'\n').filter_map(Self::parse);
        let above = mounts.filter(|mount| dir.starts_with(&mount.point));
        above.max_by_key(|mount| mount.point.as_os_str().len())
    }

    /// `36 35 98:0 /root /point rw,noatime shared:1 - ext4 /dev/sda1 rw,errors=continue`
    fn parse(line: &[u8]) -> Option<Self> {
        let words: Vec<_> = line.split(|byte| *byte == b' ').collect();
        let dash = words.iter().position(|word| *word == b"-")?;
        let text = |index: usize| Some(String::from_utf8_lossy(words.get(index)?).into_owned());
        let options = format!("{},{}", text(5)?, text(dash + 3)?);
        Some(Self {
            point: PathBuf::from(OsString::from_vec(unescape(words.get(4)?))),
            kind: text(dash + 1)?,
            source: text(dash + 2)?,
            options: options.split(',').map(str::to_owned).collect(),
        })
    }

    /// Whether it has the option, which takes no value: `nolock`.
    pub(super) fn has(&self, name: &str) -> bool {
        self.options.iter().any(|option| option == name)
    }

    /// The value of an option: `2` of `hidepid=2`.
    pub(super) fn option(&self, name: &str) -> Option<&str> {
        let values = self.options.iter().filter_map(|option| option.strip_prefix(name));
        values.filter_map(|rest| rest.strip_prefix('=')).next_back()
    }
}

/// Blanks and their like come as `\040`.
fn unescape(word: &[u8]) -> Vec<u8> {
    let (mut plain, mut rest) = (Vec::new(), word);
    while let Some((&first, after)) = rest.split_first() {
        let digits = after.get(..3).and_then(|digits| std::str::from_utf8(digits).ok());
        let code = digits.and_then(|digits| u8::from_str_radix(digits, 8).ok());
        let code = code.filter(|_| first == b'\\');
        plain.push(code.unwrap_or(first));
        rest = if code.is_some() { &after[3..] } else { after };
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUNTS: &[u8] = br"22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw,errors=continue
30 22 0:25 / /srv rw master:2 shared:3 - nfs4 server:/srv rw,vers=4.2,local_lock=none
31 22 0:26 / /srv/with\040blank rw - tmpfs tmpfs rw
32 22 0:27 / /srv rw - fuse.sshfs host: rw
";

    #[test]
    fn the_nearest_and_the_last_one_counts() {
        let kind = |dir: &str| Mount::find(MOUNTS, Path::new(dir)).unwrap().kind;
        assert_eq!(kind("/run"), "ext4");
        assert_eq!(kind("/srv/locks"), "fuse.sshfs");
        assert_eq!(kind("/srvlocks"), "ext4");
        assert_eq!(kind("/srv/with blank/x"), "tmpfs");
    }

    #[test]
    fn options_are_those_of_both() {
        let mount = Mount::parse(MOUNTS.split(|byte| *byte == b'\n').nth(1).unwrap()).unwrap();
        assert_eq!(mount.option("local_lock"), Some("none"));
        assert!(mount.options.contains(&"rw".to_owned()));
        assert_eq!(mount.option("vers4"), None);
        assert_eq!(mount.source, "server:/srv");
    }
}
