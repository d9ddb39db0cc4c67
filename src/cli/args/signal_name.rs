//! Signals, as the command line has them.

use std::fmt;
use std::str::FromStr;

use nix::libc;
use nix::sys::signal::Signal;

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
        let largest = libc::SIGRTMAX();
        if let Ok(number) = text.parse() {
            return Some(number)
                .filter(|it| (0..=largest).contains(it))
                .map(Self)
                .ok_or_else(wrong);
        }
        let name = text.to_ascii_uppercase();
        let name = name.strip_prefix("SIG").unwrap_or(&name);
        let real_time = |(from, offset): (i32, &str)| {
            let offset = if offset.is_empty() { Some(0) } else { offset.parse().ok() };
            offset.and_then(|offset: i32| from.checked_add(offset))
        };
        let named = Signal::from_str(&format!("SIG{name}")).map(|signal| signal as i32).ok();
        let min = name.strip_prefix("RTMIN").map(|rest| (libc::SIGRTMIN(), rest));
        let max = name.strip_prefix("RTMAX").map(|rest| (largest, rest));
        let real_time = min.or(max).and_then(real_time);
        let real_time = real_time.filter(|it| (libc::SIGRTMIN()..=largest).contains(it));
        named.or(real_time).map(Self).ok_or_else(wrong)
    }
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
