//! The fields of a record, as serde reads and writes them.

use serde::{Deserialize, Deserializer, de};

use super::pid;
use crate::phase::Phase;

/// Deserializes a PID: an integer from 1 to 4,194,304.
pub(super) fn pid<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    pid::in_range(u64::deserialize(deserializer)?).map_err(de::Error::custom)
}

/// Deserializes several PIDs.
pub(super) fn pids<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u32>, D::Error> {
    let pids = Option::<Vec<u64>>::deserialize(deserializer)?.unwrap_or_default();
    pids.into_iter().map(|pid| pid::in_range(pid).map_err(de::Error::custom)).collect()
}

/// Deserializes a phase. What this version does not know as one is none: it would only have informed.
pub(super) fn phase<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Phase>, D::Error> {
    let value = serde_json::Value::deserialize(deserializer)?;
    Ok(Phase::deserialize(value).ok())
}

/// Times as RFC 3339 in UTC, to the millisecond.
pub(super) mod time {
    use std::time::{Duration, SystemTime};

    use humantime::{format_rfc3339_millis, parse_rfc3339_weak};
    use serde::{Deserialize, Deserializer, Serializer};

    /// The last time that RFC 3339 can write: the end of the year 9999.
    const LAST: Duration = Duration::from_millis(253_402_300_799_999);

    /// Of a time that RFC 3339 cannot write, the nearest that it can: whether there is a
    /// `released_at` decides, so it must not get lost where the clock is far off.
    #[expect(clippy::ref_option, reason = "serde hands the field over so")]
    pub(crate) fn serialize<S: Serializer>(
        time: &Option<SystemTime>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let Some(time) = time else { return serializer.serialize_none() };
        let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().min(LAST);
        serializer.collect_str(&format_rfc3339_millis(SystemTime::UNIX_EPOCH + since))
    }

    /// A time that cannot be read is no time: it would only have informed.
    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<SystemTime>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        Ok(text.and_then(|text| parse(&text)))
    }

    /// Reads it as if it were in 1970 or 1972, and adds the days since: where pointers have 32 bits,
    /// humantime 2.4 reads nothing after January 2038.
    fn parse(text: &str) -> Option<SystemTime> {
        let (year, rest) = text.split_at_checked(4)?;
        let year: u64 = year.parse().ok().filter(|year| *year >= 1970)?;
        let leap_years = |last: u64| last / 4 - last / 100 + last / 400;
        let is_leap = leap_years(year) > leap_years(year - 1);
        let like = if is_leap { 1972 } else { 1970 };
        let time = parse_rfc3339_weak(&format!("{like}{rest}")).ok()?;
        let days_before = |year: u64| 365 * year + leap_years(year - 1);
        Some(time + Duration::from_secs(86_400 * (days_before(year) - days_before(like))))
    }
}
