//! How old the lockfile is when the second program comes.

use std::fs::{self, File, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Age {
    /// It was just made.
    New,
    /// It was last written a day ago.
    Day,
    /// It was last changed in an earlier second. No program can set the time of a change.
    Second,
}

/// For a program that takes a kernel lock.
pub(crate) const NEW: &[Age] = &[Age::New];
/// For a program that may look at the time of the last write.
pub(crate) const ANY: &[Age] = &[Age::New, Age::Day];

impl Age {
    /// Returns when the file has this age.
    pub(crate) fn comes(self, path: &Path) {
        match self {
            Self::New => {}
            Self::Day => {
                let written = fs::metadata(path).unwrap().modified().unwrap();
                File::open(path).unwrap().set_modified(written - DAY).unwrap();
            }
            Self::Second => the_second_after(fs::metadata(path).unwrap().ctime()),
        }
    }
}

/// Returns when a file that is changed now is changed after this second.
#[expect(clippy::disallowed_methods, reason = "the clock is what is waited for")]
fn the_second_after(second: i64) {
    loop {
        let now = clock();
        if now.ctime() > second {
            return;
        }
        let rest = 1_000_000_000 - now.ctime_nsec();
        sleep(Duration::from_nanos(u64::try_from(rest).unwrap()));
    }
}

/// A file that is changed now: its time is that of the kernel's clock for files.
fn clock() -> Metadata {
    tempfile::tempfile().unwrap().metadata().unwrap()
}
