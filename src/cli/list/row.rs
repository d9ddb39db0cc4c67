//! One lockfile, as a line of a table.

use std::time::Duration;

use anstyle::Style;
use tenure::{Holder, Status};

use crate::table::Cell;
use crate::{printable, style};

/// What the columns show.
pub(super) struct Row {
    path: String,
    state: (String, Style),
    holder: Option<String>,
    age: Option<String>,
    message: Option<String>,
}

impl Row {
    pub(super) const HEADS: [&str; 5] = ["LOCKFILE", "STATE", "HOLDER", "AGE", "MESSAGE"];

    pub(super) fn of(status: &Status) -> Self {
        let holder = status.holder();
        Self {
            path: printable::path(status.path()),
            state: (status.state().to_string(), style::of(status.state())),
            holder: holder.map(|holder| match status.holder_has_lock() {
                Some(false) => format!("another than {}", name(holder)),
                _ => name(holder),
            }),
            age: holder.and_then(Holder::age).map(roughly),
            message: holder.and_then(Holder::message).map(printable::text),
        }
    }

    pub(super) fn cells(self) -> [Cell; 5] {
        let (state, style) = self.state;
        let or_dash = |text: Option<String>| Cell::new(text.unwrap_or_else(|| "-".to_owned()));
        [
            Cell::new(self.path),
            Cell::new(state).in_style(style),
            or_dash(self.holder),
            or_dash(self.age),
            or_dash(self.message),
        ]
    }
}

/// PID and program, and the host if it is another.
fn name(holder: &Holder) -> String {
    let mut name = holder.pid().to_string();
    if let Some(program) = holder.program() {
        name = format!("{name} {}", printable::text(program));
    }
    let own = hostname::get().unwrap_or_default();
    if let Some(host) = holder.host().filter(|host| *host != own.to_string_lossy()) {
        name = format!("{name} on {}", printable::text(host));
    }
    name
}

/// The two largest units, to the second: "3days 4h", "3m 20s".
fn roughly(age: Duration) -> String {
    let exact = humantime::format_duration(Duration::from_secs(age.as_secs())).to_string();
    exact.split(' ').take(2).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_has_two_units_at_most() {
        assert_eq!(roughly(Duration::from_secs(200)), "3m 20s");
        assert_eq!(roughly(Duration::from_secs(3 * 86400 + 4 * 3600 + 5)), "3days 4h");
        assert_eq!(roughly(Duration::from_millis(300)), "0s");
    }
}
