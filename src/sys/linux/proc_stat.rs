//! `proc_pid_stat(5)` - the state of a process in one line.

use std::fs;
use std::io;

use crate::sys::unix::resource_shortage::learned;

/// The fields of `/proc/PID/stat` that matter here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ProcStat {
    state: u8,
    flags: u32,
    threads: u64,
    /// Clock ticks after boot, as the time namespace of the reader shifts it.
    pub(super) start_ticks: u64,
}

impl ProcStat {
    /// Reads `/proc/NAME/stat`; `None` where it cannot be had.
    ///
    /// # Errors
    ///
    /// Descriptors or memory have run out.
    pub(super) fn read(name: &str) -> io::Result<Option<Self>> {
        let line = learned(fs::read(format!("/proc/{name}/stat")))?;
        Ok(line.and_then(|line| Self::parse(&line)))
    }

    /// The command name, field 2, stands in parentheses and may hold anything, `)` and newlines
    /// too: the fields after it are counted from the last `)`.
    fn parse(line: &[u8]) -> Option<Self> {
        let name_end = line.iter().rposition(|byte| *byte == b')')?;
        let rest = std::str::from_utf8(&line[name_end + 1..]).ok()?;
        // The first of these is field 3.
        let mut fields = rest.split_ascii_whitespace();
        let state = fields.next()?.bytes().next()?;
        let flags = fields.nth(9 - 4)?.parse().ok()?;
        let threads = fields.nth(20 - 10)?.parse().ok()?;
        let start_ticks = fields.nth(22 - 21)?.parse().ok()?;
        Some(Self { state, flags, threads, start_ticks })
    }

    /// Whether the whole thread group has exited: a zombie with live threads runs on.
    pub(super) fn has_exited(&self) -> bool {
        matches!(self.state, b'Z' | b'X' | b'x') && self.threads <= 1
    }

    /// Whether the main thread is exiting, or has exited: it will not run again.
    pub(super) fn is_exiting(&self) -> bool {
        /// Of linux/sched.h.
        const PF_EXITING: u32 = 0x4;
        self.flags & PF_EXITING != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TAIL: &str = "S 1 7 7 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 3 0 128877 2 3";

    #[test]
    fn fields_are_counted_from_the_last_parenthesis() {
        for name in ["cat", "a) Z 1 (b", "new\nline", ")))"] {
            let line = format!("42 ({name}) {TAIL}");
            let stat = ProcStat::parse(line.as_bytes());
            let expected =
                ProcStat { state: b'S', flags: 4_194_560, threads: 3, start_ticks: 128_877 };
            assert_eq!(stat, Some(expected), "{name:?}");
        }
    }

    #[test]
    fn a_cut_line_is_no_answer() {
        let line = format!("42 (cat) {TAIL}");
        for end in 0..line.len() - "128877 2 3".len() {
            assert_eq!(ProcStat::parse(&line.as_bytes()[..end]), None);
        }
    }

    #[test]
    fn a_zombie_with_live_threads_has_not_exited() {
        let stat = |state, threads| ProcStat { state, flags: 0, threads, start_ticks: 1 };
        assert!(stat(b'Z', 1).has_exited());
        assert!(!stat(b'Z', 2).has_exited());
        assert!(!stat(b'T', 1).has_exited());
        assert!(!stat(b'S', 1).has_exited());
    }

    #[test]
    fn this_process_can_read_its_own() {
        let stat = ProcStat::read("self").unwrap().expect("/proc is mounted");
        assert!(!stat.has_exited() && !stat.is_exiting());
    }
}
