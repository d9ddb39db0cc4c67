//! Signals, as the command line has them.

use std::fmt;
use std::str::FromStr;

use nix::libc;
use nix::sys::signal::Signal;

use crate::sys;

/// A signal by its number; 0 is none, and only tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SignalNumber(pub(crate) i32);

impl SignalNumber {
    pub(crate) const TERM: Self = Self(libc::SIGTERM);
    pub(crate) const KILL: Self = Self(libc::SIGKILL);
}

/// Reads "TERM", "SIGTERM", "term", "15", and "RTMIN+1".
impl FromStr for SignalNumber {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is no signal; see `kill -l`");
        if let Ok(number) = text.parse() {
            let all = 0..=*sys::real_time_signals().end();
            return Some(number).filter(|it| all.contains(it)).map(Self).ok_or_else(wrong);
        }
        let name = text.to_ascii_uppercase();
        let name = name.strip_prefix("SIG").unwrap_or(&name);
        let named = Signal::from_str(&format!("SIG{name}")).map(|signal| signal as i32).ok();
        named.or_else(|| real_time(name)).map(Self).ok_or_else(wrong)
    }
}

/// Reads "RTMIN", "RTMIN+1", "RTMAX-1".
fn real_time(name: &str) -> Option<i32> {
    let all = sys::real_time_signals();
    let (from, offset) = match name.strip_prefix("RTMIN") {
        Some(offset) => (*all.start(), offset),
        None => (*all.end(), name.strip_prefix("RTMAX")?),
    };
    let offset = if offset.is_empty() { 0 } else { offset.parse().ok()? };
    from.checked_add(offset).filter(|number| all.contains(number))
}

impl fmt::Display for SignalNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Signal::try_from(self.0) {
            Ok(signal) => f.write_str(signal.as_str()),
            Err(_) => write!(f, "signal {}", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signal_has_a_number_and_names() {
        for text in ["TERM", "SIGTERM", "term", "sigterm", "15"] {
            assert_eq!(text.parse(), Ok(SignalNumber::TERM), "{text}");
        }
        assert_eq!("0".parse(), Ok(SignalNumber(0)));
        assert_eq!("RTMIN+2".parse(), Ok(SignalNumber(libc::SIGRTMIN() + 2)));
        assert_eq!("RTMAX-1".parse(), Ok(SignalNumber(libc::SIGRTMAX() - 1)));
        assert_eq!("SIGRTMIN".parse(), Ok(SignalNumber(libc::SIGRTMIN())));
        for wrong in ["", "SIG", "TERMINATE", "-1", "65", "RTMIN+99", "RTMAX+1", "RTMIN+x"] {
            assert!(wrong.parse::<SignalNumber>().is_err(), "{wrong:?}");
        }
        assert_eq!(SignalNumber::KILL.to_string(), "SIGKILL");
    }
}
