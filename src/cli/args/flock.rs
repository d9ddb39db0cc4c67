//! The command line of `tenure flock`: that of flock(1).

use std::ffi::{OsStr, OsString};
use std::time::Duration;

#[derive(Debug, clap::Args)]
#[command(
    display_name = "flock",
    version = concat!("from tenure ", env!("CARGO_PKG_VERSION")),
    override_usage = USAGE,
    after_help = FLOCK_HELP,
    args_override_self = true,
    infer_long_args = true
)]
#[expect(clippy::struct_excessive_bools, reason = "they are the switches of flock(1)")]
pub(crate) struct Flock {
    /// Share the lock with others who share it
    #[arg(short, long, overrides_with_all = ["exclusive", "unlock"])]
    pub(crate) shared: bool,
    /// Have the lock alone (the default)
    #[arg(short = 'x', visible_short_alias = 'e', long, overrides_with_all = ["shared", "unlock"])]
    exclusive: bool,
    /// Let go of the lock
    #[arg(short, long, overrides_with_all = ["shared", "exclusive"])]
    pub(crate) unlock: bool,
    /// Give up at once if the lock is held
    #[arg(short, long = "nonblocking", visible_alias = "nonblock", alias = "nb")]
    pub(crate) nonblock: bool,
    /// Wait for at most SECS, with or without a fraction; 0 is --nonblock
    #[arg(short = 'w', long, visible_alias = "wait", value_name = "SECS",
        allow_hyphen_values = true, value_parser = seconds)]
    pub(crate) timeout: Option<Seconds>,
    /// The exit status when the lock is held, 0 to 255
    #[arg(short = 'E', long, value_name = "STATUS", default_value_t = 1,
        allow_hyphen_values = true, value_parser = status)]
    pub(crate) conflict_exit_code: u8,
    /// Let the command run without the open file, so that what it leaves behind holds no lock
    #[arg(short = 'o', long)]
    pub(crate) close: bool,
    /// Become the command, which then holds the lock itself
    #[arg(short = 'F', long)]
    pub(crate) no_fork: bool,
    /// Lock by fcntl(2) (`F_OFD_SETLK`), which contends with other locks than flock(2)
    #[arg(long)]
    pub(crate) fcntl: bool,
    /// Say how long it took, or why the lock was not had, and who holds it
    #[arg(long)]
    pub(crate) verbose: bool,
    /// A file (created if there is none) or directory and a command, or the number of a descriptor
    #[arg(trailing_var_arg = true, required = true, value_name = "FILE COMMAND")]
    pub(crate) words: Vec<OsString>,
}

/// The program name under which all of the command line is flock's.
const NAME: &str = "flock";

impl Flock {
    /// The command line to be parsed: `flock …` is `tenure flock …`.
    pub(crate) fn spelled_out(line: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
        let mut line: Vec<_> = line.into_iter().collect();
        let called = line.first().map(std::path::Path::new).and_then(std::path::Path::file_name);
        if called == Some(OsStr::new(NAME)) {
            line.insert(1, NAME.into());
        }
        line
    }

    /// The words that are for this, if `line`, spelled out, is.
    pub(crate) fn words(line: &[OsString]) -> Option<&[OsString]> {
        line.get(1..)?.split_first().filter(|(verb, _)| *verb == NAME).map(|(_, words)| words)
    }
}

/// What `-w` says. Whether there can be a timer for so long is found out when one is set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Seconds(f64);

impl Seconds {
    /// `None` where no timer can be set: for less than nothing, for ever, for no number at all.
    pub(crate) fn duration(self) -> Option<Duration> {
        let longest = Duration::from_secs(i64::MAX as u64);
        Duration::try_from_secs_f64(self.0).ok().filter(|it| *it <= longest)
    }
}

fn seconds(text: &str) -> Result<Seconds, String> {
    let seconds = text.trim_ascii_start().parse().map(Seconds);
    seconds.map_err(|_| format!("invalid timeout value: '{text}'"))
}

fn status(text: &str) -> Result<u8, String> {
    let number = integer(text).map_err(|why| format!("invalid exit code: '{text}'{why}"))?;
    u8::try_from(number).map_err(|_| "exit code out of range (expected 0 to 255)".into())
}

/// Reads a number as strtol(3) would; or tells, after a colon, why not, if there is more to be told
/// than that it is none.
pub(crate) fn integer(text: &str) -> Result<i32, &'static str> {
    use std::num::IntErrorKind::{NegOverflow, PosOverflow};
    text.trim_ascii_start().parse::<i32>().map_err(|err| match err.kind() {
        PosOverflow | NegOverflow => ": Numerical result out of range",
        _ => "",
    })
}

const USAGE: &str = "flock [OPTIONS] <FILE|DIRECTORY> <COMMAND> [ARGUMENT]...
       flock [OPTIONS] <FILE|DIRECTORY> -c <COMMAND>
       flock [OPTIONS] <NUMBER>";

const FLOCK_HELP: &str = "\
This is flock(1) of util-linux: the same command line, exit statuses and locks. Linked to or copied \
to a file named flock, this program is it.

Exit status: that of the command; 128 and the number of the signal that ended it; 1 (or -E) if the \
lock is held and -n or -w ends the wait; 64 if this command line is wrong, 65 if the file cannot be \
locked, 66 if it cannot be opened, 73 if it cannot be created, 69 if the command cannot be \
executed, 71 if the system refuses something that it usually grants.

What comes after the file is the command's: options come before it, all but -c.

The file is never written to nor removed: it may be anybody's. Where somebody else removes or \
replaces it while the lock is waited for, as `tenure run` does in the end, the one that is there now \
is locked (created if there is none), and not one that the next contender does not find.

The lock excludes `tenure run` and the library, and they exclude it. `tenure run` is the safer one \
for a job of its own: it records who holds the lock and tells the others; what the command leaves \
in the background does not keep the lock; and the command does not run on if the wrapper is killed.

Examples:
  tenure flock -n /run/backup.lock backup --all
  tenure flock -w 2.5 /run/backup.lock -c 'dump | gzip > /srv/dump.gz'
  ( tenure flock -s 9 || exit 1; cat /srv/state ) 9>>/run/state.lock
  [ \"$LOCKED\" = \"$0\" ] || exec env LOCKED=\"$0\" tenure flock -n \"$0\" \"$0\" \"$@\"";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_a_byte() {
        assert_eq!(status("010"), Ok(10));
        assert_eq!(status(" 255"), Ok(255));
        for (wrong, why) in [
            ("256", "exit code out of range (expected 0 to 255)"),
            ("-1", "exit code out of range (expected 0 to 255)"),
            ("0x10", "invalid exit code: '0x10'"),
            ("9999999999", "invalid exit code: '9999999999': Numerical result out of range"),
        ] {
            assert_eq!(status(wrong), Err(why.into()));
        }
    }

    #[test]
    fn a_timer_is_not_for_every_number() {
        let timer = |text| seconds(text).map(Seconds::duration);
        assert_eq!(timer(".25"), Ok(Some(Duration::from_millis(250))));
        assert_eq!(timer("1e2"), Ok(Some(Duration::from_secs(100))));
        for without in ["-1", "inf", "nan", "1e19"] {
            assert_eq!(timer(without), Ok(None), "{without}");
        }
        assert!(seconds("1 ").is_err() && seconds("").is_err());
    }

    #[test]
    fn called_flock_all_of_the_line_is_flocks() {
        let line = |words: &[&str]| Flock::spelled_out(words.iter().map(OsString::from));
        assert_eq!(line(&["/usr/bin/flock", "-n", "f"]), ["/usr/bin/flock", "flock", "-n", "f"]);
        assert_eq!(line(&["flock"]), ["flock", "flock"]);
        assert_eq!(line(&["tenure", "run", "flock"]), ["tenure", "run", "flock"]);
        assert_eq!(Flock::words(&line(&["flock", "status"])).unwrap(), ["status"]);
        assert_eq!(Flock::words(&line(&["tenure", "status", "flock"])), None);
        assert_eq!(Flock::words(&line(&[])), None);
    }
}
