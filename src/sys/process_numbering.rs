//! How the kernel numbers processes and counts their start. Where there is no `/proc` of Linux, there
//! is nothing of the kind.

use std::fs;

/// `/proc/sys/kernel/pid_max` - one more than the largest PID that is given to a process now.
pub(crate) fn pid_max() -> Option<u64> {
    fs::read_to_string("/proc/sys/kernel/pid_max").ok()?.trim().parse().ok()
}

/// Whether the process counts its start as this one does: `/proc/PID/ns/time`, `time_namespaces(7)`.
/// `false` if the kernel does not let this process see it.
pub(crate) fn shares_time_namespace(pid: u32) -> bool {
    match fs::read_link("/proc/self/ns/time") {
        Ok(own) => fs::read_link(format!("/proc/{pid}/ns/time")).is_ok_and(|it| it == own),
        // A kernel without such namespaces.
        Err(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_shares_its_own_time_namespace() {
        assert!(shares_time_namespace(std::process::id()));
    }
}
