//! proc(5), `/proc/PID/fdinfo` - which processes have a copy of the descriptor that holds a flock.
//!
//! `/proc/locks` names the process that called flock(2), which may have ended since; `fdinfo` shows a
//! lock with every descriptor of its open file description, in whatever process (Linux 3.8).

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use crate::sys::FileId;

/// The processes that have the flock on the file `id`, as far as this one may look (ptrace(2),
/// `PTRACE_MODE_READ_FSCREDS`): at its own user's, or with `CAP_SYS_PTRACE` at all of its PID namespace.
pub(crate) fn lock_holders(id: FileId) -> Vec<u32> {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.filter(|pid| holds(*pid, id)).collect()
}

fn holds(pid: u32, id: FileId) -> bool {
    let process = format!("/proc/{pid}");
    let process = Path::new(&process);
    let descriptors = fs::read_dir(process.join("fd")).into_iter().flatten().flatten();
    descriptors.map(|entry| entry.file_name()).any(|number| {
        let file = fs::metadata(process.join("fd").join(&number));
        file.is_ok_and(|file| id == FileId::of(file.dev(), file.ino()))
            && fs::read_to_string(process.join("fdinfo").join(&number)).is_ok_and(has_flock)
    })
}

/// Whether `fdinfo` says so: `lock: 1: FLOCK  ADVISORY  WRITE 4242 fe:00:1234 0 EOF`.
#[expect(clippy::needless_pass_by_value, reason = "it is asked of what was just read")]
fn has_flock(fdinfo: String) -> bool {
    fdinfo
        .lines()
        .filter_map(|line| line.strip_prefix("lock:"))
        .any(|lock| lock.split_whitespace().any(|word| word == "FLOCK"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flock_is_told_from_other_locks() {
        let with = |lock: &str| format!("pos:\t0\nflags:\t02100002\nmnt_id:\t27\nino:\t12\n{lock}");
        assert!(has_flock(with("lock:\t1: FLOCK  ADVISORY  WRITE 4242 fe:00:12 0 EOF\n")));
        assert!(!has_flock(with("lock:\t1: OFDLCK ADVISORY  READ -1 fe:00:12 0 0\n")));
        assert!(!has_flock(with("")));
    }
}
