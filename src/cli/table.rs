//! A table: complete for programs, fitted to the terminal for people.

use std::io::{self, IsTerminal};

use anstyle::Style;
use terminal_size::{Width, terminal_size_of};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::style;

/// For a terminal that does not know its width.
const USUAL_WIDTH: usize = 80;

/// Between two columns.
const GAP: usize = 2;

/// In place of what does not fit. ASCII: the console of a machine in trouble has no other letters.
const CUT: &str = "...";

/// Which columns give way, in this order, and down to which width: the message (the last), the
/// holder, the path (the first); and once more.
const GIVING_WAY: [(usize, usize); 6] = [(4, 12), (2, 16), (0, 20), (2, 10), (4, 0), (0, 8)];

/// One text in a table, which must not hold anything that a terminal obeys.
#[derive(Debug)]
pub(crate) struct Cell {
    text: String,
    style: Style,
}

impl Cell {
    pub(crate) fn new(text: String) -> Self {
        Self { text, style: Style::new() }
    }

    pub(crate) fn in_style(self, style: Style) -> Self {
        Self { style, ..self }
    }
}

/// Rows of cells, of which the first names a thing and the last says the least.
#[derive(Debug)]
pub(crate) struct Table {
    heads: [Cell; 5],
    rows: Vec<[Cell; 5]>,
}

impl Table {
    pub(crate) fn new(heads: [&str; 5]) -> Self {
        let head = |text: &str| Cell::new(text.to_owned()).in_style(style::HEAD);
        Self { heads: heads.map(head), rows: Vec::new() }
    }

    pub(crate) fn push(&mut self, row: [Cell; 5]) {
        self.rows.push(row);
    }

    /// Tabs between the cells, nothing left out, no heads.
    pub(crate) fn complete(&self) -> String {
        let line = |row: &[Cell; 5]| {
            let cells: Vec<_> =
                row.iter().map(|cell| style::paint(cell.style, &cell.text)).collect();
            cells.join("\t") + "\n"
        };
        self.rows.iter().map(line).collect()
    }

    /// In columns, with heads, and no line wider than `width`. Nothing if there are no rows.
    pub(crate) fn fitted(&self, width: usize) -> String {
        if self.rows.is_empty() {
            return String::new();
        }
        let widths = self.widths(width);
        let rows = std::iter::once(&self.heads).chain(&self.rows);
        rows.map(|row| line(row, widths, width)).collect()
    }

    /// How wide each column is, so that all of them fit into `width`, if that can be.
    fn widths(&self, width: usize) -> [usize; 5] {
        let mut widths = [0; 5];
        for row in std::iter::once(&self.heads).chain(&self.rows) {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = cell.text.width().max(*width);
            }
        }
        for (column, least) in GIVING_WAY {
            let gaps = GAP * (widths.iter().filter(|width| **width > 0).count() - 1);
            let excess = (widths.iter().sum::<usize>() + gaps).saturating_sub(width);
            if excess > 0 {
                widths[column] =
                    widths[column].saturating_sub(excess).max(least.min(widths[column]));
            }
        }
        widths
    }
}

/// The cells in columns of `widths`; a column without width is left out, and so is what would be to
/// the right of `width`.
fn line(row: &[Cell; 5], widths: [usize; 5], width: usize) -> String {
    let (mut line, mut used, mut missing) = (String::new(), 0, 0);
    for (column, (cell, wide)) in row.iter().zip(widths).enumerate() {
        let wide = wide.min(width.saturating_sub(used + missing));
        if wide == 0 {
            break;
        }
        line.extend(std::iter::repeat_n(' ', missing));
        let text =
            if column == 0 { cut_start(&cell.text, wide) } else { cut_end(&cell.text, wide) };
        line.push_str(&style::paint(cell.style, &text));
        used += missing + text.width();
        // Blanks come with what comes after them: none at the end of a line.
        missing = wide - text.width() + GAP;
    }
    line + "\n"
}

/// The beginning of `text`, in at most `width` columns.
fn cut_end(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mark = &CUT[..CUT.len().min(width)];
    fitting(text.chars(), width - mark.len()).collect::<String>() + mark
}

/// The end of `text`, in at most `width` columns: of a path that says more.
fn cut_start(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mark = &CUT[..CUT.len().min(width)];
    let end: Vec<_> = fitting(text.chars().rev(), width - mark.len()).collect();
    mark.chars().chain(end.into_iter().rev()).collect()
}

/// As many of `chars` as fit into `width` columns.
fn fitting(chars: impl Iterator<Item = char>, width: usize) -> impl Iterator<Item = char> {
    let mut used = 0;
    chars.take_while(move |char| {
        used += char.width().unwrap_or(0);
        used <= width
    })
}

/// How wide the terminal on standard output is; `None` if it is none.
pub(crate) fn width_of_stdout() -> Option<usize> {
    let stdout = io::stdout();
    stdout.is_terminal().then(|| match terminal_size_of(stdout) {
        Some((Width(columns @ 1..), _)) => columns.into(),
        _ => USUAL_WIDTH,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATH: &str = "/run/user/1000/backup/日本語.pid";

    fn table() -> Table {
        let mut table = Table::new(["LOCKFILE", "STATE", "HOLDER", "AGE", "MESSAGE"]);
        let row = |cells: [&str; 5]| cells.map(|text| Cell::new(text.to_owned()));
        table.push(row([PATH, "held", "4242 backupd", "3m 20s", "the nightly backup of it all"]));
        table.push(row(["/run/x.pid", "unproven", "7", "-", "-"]));
        table
    }

    fn plain(text: &str) -> String {
        anstream::adapter::strip_str(text).to_string()
    }

    #[test]
    fn no_line_is_wider_than_the_terminal_nor_ends_in_blanks() {
        for width in 1..120 {
            for line in plain(&table().fitted(width)).lines() {
                assert!(line.width() <= width, "{width}: {line}");
                assert_eq!(line.trim_end(), line, "{width}");
            }
        }
    }

    #[test]
    fn a_wide_terminal_is_shown_all() {
        let shown = plain(&table().fitted(200));
        let lines: Vec<_> = shown.lines().collect();
        assert!(
            lines[1].starts_with(&format!("{PATH}  held      4242 backupd  3m 20s  the nightly"))
        );
        assert!(lines[1].ends_with("of it all"));
    }

    #[test]
    fn columns_are_aligned_by_what_a_terminal_shows() {
        for width in [50, 80, 200] {
            let shown = plain(&table().fitted(width));
            let column = |line: &str, text| line[..line.find(text).unwrap()].width();
            let lines: Vec<_> = shown.lines().collect();
            assert_eq!(column(lines[0], "STATE"), column(lines[1], "held"), "{shown}");
            assert_eq!(column(lines[0], "STATE"), column(lines[2], "unproven"), "{shown}");
        }
    }

    #[test]
    fn the_message_gives_way_first_and_a_path_keeps_its_end() {
        let shown = plain(&table().fitted(80));
        assert!(shown.contains(PATH) && shown.contains("the nightly..."), "{shown}");
        let shown = plain(&table().fitted(50));
        assert!(shown.contains("日本語.pid  held") && shown.contains("..."), "{shown}");
        assert!(!shown.contains("MESSAGE"), "{shown}");
    }

    #[test]
    fn programs_are_given_all_with_tabs() {
        let complete = plain(&table().complete());
        assert_eq!(complete.lines().nth(1), Some("/run/x.pid\tunproven\t7\t-\t-"));
        assert_eq!(complete.lines().count(), 2);
    }
}
