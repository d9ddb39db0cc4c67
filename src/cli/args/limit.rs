//! How long to wait, as the command line has it.

use std::time::Duration;

/// How long to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Limit {
    Forever,
    AtMost(Duration),
}

/// Reads "forever", seconds with or without a fraction, or a duration with units.
pub(crate) fn limit(text: &str) -> Result<Limit, String> {
    if text == "forever" {
        return Ok(Limit::Forever);
    }
    let seconds = text.parse::<f64>().ok().map(Duration::try_from_secs_f64);
    match seconds {
        Some(Ok(limit)) => Ok(Limit::AtMost(limit)),
        Some(Err(err)) => Err(err.to_string()),
        None => humantime::parse_duration(text).map(Limit::AtMost).map_err(|err| err.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_seconds_or_has_units() {
        let at_most = |millis| Ok(Limit::AtMost(Duration::from_millis(millis)));
        assert_eq!(limit("5"), at_most(5000));
        assert_eq!(limit("0.5"), at_most(500));
        assert_eq!(limit("1m 30s"), at_most(90_000));
        assert_eq!(limit("forever"), Ok(Limit::Forever));
        for wrong in ["", "-1", "5 parsecs", "NaN", "1e300"] {
            assert!(limit(wrong).is_err(), "{wrong:?}");
        }
    }
}
