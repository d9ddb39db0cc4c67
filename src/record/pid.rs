//! What a process id can be, in every format.

/// The largest number that any system gives to a process: `PID_MAX_LIMIT` of
/// Linux, which `/proc/sys/kernel/pid_max` cannot exceed.
/// Other systems stay far below it.
pub(crate) const LIMIT: u32 = 4_194_304;

/// A PID as every format bounds it: from 1 to [`LIMIT`].
pub(super) fn in_range(pid: u64) -> Result<u32, String> {
    match u32::try_from(pid) {
        Ok(pid @ 1..=LIMIT) => Ok(pid),
        _ => Err(format!("{pid} is not a process id")),
    }
}

/// The PIDs besides `first`, each once.
pub(super) fn others<'a>(first: u32, pids: impl IntoIterator<Item = &'a u32>) -> Vec<u32> {
    let mut others: Vec<u32> = pids.into_iter().copied().filter(|pid| *pid != first).collect();
    others.sort_unstable();
    others.dedup();
    others
}

/// Reads decimal digits, and nothing but digits, as a PID.
pub(super) fn from_digits(digits: &str) -> Result<u32, String> {
    if !is_digits(digits) {
        return Err("it does not begin with a process id".to_owned());
    }
    match digits.parse() {
        Ok(0) => {
            Err("0 is no process id, but what lockfile(1) and dotlockfile(1) write into a lock"
                .to_owned())
        }
        Ok(pid) => in_range(pid),
        Err(_) => Err("its number is too large for a process id".to_owned()),
    }
}

/// Whether `text` is one or more decimal digits, and nothing else.
pub(super) fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}
