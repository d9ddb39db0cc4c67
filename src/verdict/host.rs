//! Whether a record's host is this one, by the names.

use std::net::IpAddr;

use super::standpoint::Standpoint;
use crate::record::Record;

/// What the names of the two hosts say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Host {
    Same,
    /// One of the two is not known, or the name is no proof: every host is `localhost` to itself, and
    /// two domains can have a host of one name each.
    Perhaps,
    Other,
}

impl Host {
    /// Compares the name in `record` with that of this host: exactly, if this crate wrote it. Other
    /// programs write it in any case, with and without the domain, or an address of the loopback device.
    pub(crate) fn of(record: &Record, here: &Standpoint) -> Self {
        match (record.host.as_deref(), here.host.as_deref()) {
            (Some(then), Some(now)) if record.is_legacy() => Self::compare(then, now),
            (Some(then), Some(now)) if then == now => Self::Same,
            (Some(_), Some(_)) => Self::Other,
            _ => Self::Perhaps,
        }
    }

    fn compare(then: &str, now: &str) -> Self {
        let lower = |name: &str| name.trim_end_matches('.').to_lowercase();
        let (then, now) = (lower(then), lower(now));
        if let Some(is_loopback) = loopback(&then) {
            return if is_loopback { Self::Perhaps } else { Self::Other };
        }
        if then == now {
            return Self::Same;
        }
        let is_with_domain = |long: &str, short: &str| {
            long.strip_prefix(short).is_some_and(|rest| rest.starts_with('.'))
        };
        if is_with_domain(&then, &now) || is_with_domain(&now, &then) {
            return Self::Perhaps;
        }
        Self::Other
    }
}

/// Whether `name` means the host that reads it; `None` if it is no address and no name of that kind.
fn loopback(name: &str) -> Option<bool> {
    if matches!(name, "localhost" | "localhost.localdomain") {
        return Some(true);
    }
    let address: IpAddr = name.trim_matches(['[', ']']).parse().ok()?;
    Some(address.to_canonical().is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_known_in_any_case_and_perhaps_with_or_without_its_domain() {
        let compared = [
            ("web-1", "web-1", Host::Same),
            ("WEB-1", "web-1", Host::Same),
            ("web-1.", "web-1", Host::Same),
            ("web-1.example.org", "Web-1.Example.org", Host::Same),
            ("web-1.example.org", "web-1", Host::Perhaps),
            ("web-1", "web-1.example.org", Host::Perhaps),
            ("web-1.example.org", "web-1.example.net", Host::Other),
            ("web-10", "web-1", Host::Other),
            ("web", "web-1", Host::Other),
            ("localhost", "web-1", Host::Perhaps),
            ("LOCALHOST", "web-1", Host::Perhaps),
            ("localhost.localdomain", "web-1", Host::Perhaps),
            ("localhost.example.org", "web-1", Host::Other),
            ("localhost", "localhost", Host::Perhaps),
            ("127.0.0.1", "web-1", Host::Perhaps),
            ("127.255.0.9", "web-1", Host::Perhaps),
            ("::1", "web-1", Host::Perhaps),
            ("[::1]", "web-1", Host::Perhaps),
            ("0:0:0:0:0:0:0:1", "web-1", Host::Perhaps),
            ("::ffff:127.0.0.1", "web-1", Host::Perhaps),
            ("128.0.0.1", "web-1", Host::Other),
            ("10.0.0.1", "10", Host::Other),
            ("fe80::1", "web-1", Host::Other),
        ];
        for (then, now, expected) in compared {
            assert_eq!(Host::compare(then, now), expected, "{then:?} in {now:?}");
        }
    }
}
