//! How the record is laid out in the file.

use super::types::{READ_LIMIT, Record};

/// The size that a record with JSON is padded to; one that does not fit takes [`READ_LIMIT`].
///
/// A fixed size lets the next holder overwrite the record in place. Cutting the file instead is
/// what makes other lockfiles slow: on ext4 a file that was truncated and written again is flushed
/// to the disk when it is closed (mount option `auto_da_alloc`, ext4(5)).
const PADDED: usize = 1024;

/// The last byte of a released file without JSON that another program has made.
pub(crate) const FOUND: u8 = b'\r';

/// How the record is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// One line of JSON, padded with blanks: everything that is known about the holder.
    #[default]
    Json,
    /// The PID alone on the first line, the JSON on the second.
    ///
    /// Read by whatever takes a PID file's first line: start-stop-daemon, `pgrep -F`, monit,
    /// systemd's `PIDFile=`. The padding comes after the JSON, because systemd refuses a first
    /// line with a trailing blank.
    PidLine,
    /// The PID and a newline, and nothing else.
    ///
    /// No identity is kept: after a crash the PID alone is judged, and while any process has it
    /// the lockfile is busy.
    Pid,
    /// The PID without a newline, as FreeBSD's `pidfile(3)` demands; otherwise like [`Format::Pid`].
    PidBare,
}

impl Format {
    /// Whether the format keeps the JSON, and with it the identity and the message.
    pub(crate) fn keeps_json(self) -> bool {
        matches!(self, Self::Json | Self::PidLine)
    }

    /// The bytes of `record`, whole: one write of them at offset 0 replaces what was there.
    ///
    /// A format with JSON is padded to a fixed size and to no less than `over`, the length of what
    /// it replaces. The others are exactly as long as they are: whoever writes them over something
    /// longer has to cut the file first. A released PID is newlines, which is
    /// [`Content::Released`](super::Content::Released) and no PID to anybody. In a file that another
    /// program has made, the last of them is a carriage return.
    pub(crate) fn encode(self, record: &Record, over: usize) -> Vec<u8> {
        let released = record.released_at.is_some();
        let mut bytes = Vec::with_capacity(PADDED);
        match self {
            Self::Pid | Self::PidBare if released => {
                bytes.resize(over, b'\n');
                if let Some(last) = bytes.last_mut().filter(|_| record.found) {
                    *last = FOUND;
                }
                return bytes;
            }
            Self::PidBare => bytes.extend_from_slice(record.pid.to_string().as_bytes()),
            // A reader of the first line must not find the PID of a holder that has gone.
            Self::PidLine if released => bytes.push(b'\n'),
            Self::Pid | Self::PidLine => {
                bytes.extend_from_slice(format!("{}\n", record.pid).as_bytes());
            }
            Self::Json => {}
        }
        if self.keeps_json() {
            serde_json::to_writer(&mut bytes, record)
                .unwrap_or_else(|err| unreachable!("a record is always JSON: {err}"));
            let size = if bytes.len() < PADDED { PADDED } else { READ_LIMIT };
            let last = size.max(over) - 1;
            bytes.resize(last.max(bytes.len()), b' ');
            bytes.push(b'\n');
        }
        bytes
    }
}

#[cfg(test)]
#[path = "format_tests.rs"]
mod tests;
