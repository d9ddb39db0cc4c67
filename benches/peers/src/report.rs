//! What a measurement has found, and how that is printed.

use std::fmt;
use std::io;

/// What can be said of one contestant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Cell {
    /// To the baseline of the same run.
    Ratio(f64),
    /// It never came in.
    Stuck,
    /// It was measured while something else got in the way.
    Disturbed,
    /// Nothing.
    Blank,
}

impl From<Option<f64>> for Cell {
    fn from(ratio: Option<f64>) -> Self {
        ratio.map_or(Self::Blank, Self::Ratio)
    }
}

/// With three digits that mean something, as far as they are before or just behind the point.
impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ratio(ratio) if *ratio < 9.995 => write!(f, "{ratio:.2}"),
            Self::Ratio(ratio) if *ratio < 99.95 => write!(f, "{ratio:.1}"),
            Self::Ratio(ratio) => write!(f, "{ratio:.0}"),
            Self::Stuck => f.write_str("stuck"),
            Self::Disturbed => f.write_str("?"),
            Self::Blank => f.write_str("–"),
        }
    }
}

/// A Markdown table: names on the left, numbers on the right.
#[derive(Debug, Default)]
pub(crate) struct Table {
    pub(crate) head: Vec<String>,
    pub(crate) rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn new(head: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self { head: head.into_iter().map(Into::into).collect(), rows: Vec::new() }
    }

    pub(crate) fn row(&mut self, name: impl Into<String>, cells: impl IntoIterator<Item = Cell>) {
        let cells = cells.into_iter().map(|cell| cell.to_string());
        self.rows.push([name.into()].into_iter().chain(cells).collect());
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| {} |", self.head.join(" | "))?;
        writeln!(f, "| ---{} |", " | ---:".repeat(self.head.len() - 1))?;
        self.rows.iter().try_for_each(|row| writeln!(f, "| {} |", row.join(" | ")))
    }
}

/// One row of the chart.
#[derive(Debug)]
pub(crate) struct Bar {
    pub(crate) name: String,
    pub(crate) is_tenure: bool,
    /// One for each place.
    pub(crate) cells: Vec<Cell>,
}

/// The main numbers of a measurement, for the chart. Less is better in all of them.
#[derive(Debug)]
pub(crate) struct Panel {
    pub(crate) title: String,
    pub(crate) bars: Vec<Bar>,
}

#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) title: &'static str,
    /// What is measured, how, and what it is divided by.
    pub(crate) about: String,
    /// Each below a line that says what it is about.
    pub(crate) tables: Vec<(String, Table)>,
    pub(crate) notes: Vec<String>,
    pub(crate) panels: Vec<Panel>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "## {}\n\n{}\n", self.title, self.about)?;
        for (caption, table) in &self.tables {
            if !caption.is_empty() {
                writeln!(f, "{caption}\n")?;
            }
            writeln!(f, "{table}")?;
        }
        self.notes.iter().try_for_each(|note| writeln!(f, "{note}\n"))
    }
}

/// Writes a part of the result.
pub(crate) fn print(text: &impl fmt::Display) -> io::Result<()> {
    io::Write::write_all(&mut io::stdout(), format!("{text}\n").as_bytes())
}

/// Tells whoever waits for the result what is being done.
#[expect(clippy::print_stderr, reason = "the one place for progress and failures")]
pub(crate) fn progress(text: impl fmt::Display) {
    eprintln!("{text}");
}

/// A time for a side note.
pub(crate) struct Nanos(pub(crate) f64);

impl fmt::Display for Nanos {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            nanos if nanos < 1e3 => write!(f, "{nanos:.0} ns"),
            nanos if nanos < 1e5 => write!(f, "{:.1} µs", nanos / 1e3),
            nanos if nanos < 1e6 => write!(f, "{:.0} µs", nanos / 1e3),
            nanos => write!(f, "{:.1} ms", nanos / 1e6),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_markdown() {
        let mut table = Table::new(["", "tmpfs", "ext4"]);
        table.row("a", [Cell::Ratio(1.0), Cell::Ratio(12.345)]);
        table.row("b", [Cell::Stuck, Cell::Ratio(12345.6)]);
        let text = "|  | tmpfs | ext4 |\n| --- | ---: | ---: |\n| a | 1.00 | 12.3 |\n| b | stuck | 12346 |\n";
        assert_eq!(table.to_string(), text);
    }
}
