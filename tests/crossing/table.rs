//! The tables in docs/crossing.md.
//!
//! `TENURE_BLESS=1` writes them there.

use std::env;
use std::fmt::Write as _;
use std::fs;

use crate::row::Row;
use crate::{daemons, dot_locks, kernel_locks, libraries, python, shell, waiters};

const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/crossing.md");
const REQUIREMENTS: &str = include_str!("requirements.txt");

/// The headings in the document, and the rows below each.
const TABLES: [(&str, &[Row]); 7] = [
    ("## Kernel locks", kernel_locks::ROWS),
    ("### Those that wait", waiters::ROWS),
    ("## Daemons and PID files", daemons::ROWS),
    ("## Names as locks", dot_locks::ROWS),
    ("## Shell scripts", shell::ROWS),
    ("## Python", python::ROWS),
    ("## Perl, Java and JavaScript", libraries::ROWS),
];

const HEAD: &str = "\
| the other program | version | tenure writes | safe | tenure first | the other first | tenure killed \
| the other killed | and then the other | in turn | why | test |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
";

fn table(rows: &[Row]) -> String {
    rows.iter().fold(HEAD.to_owned(), |mut table, row| {
        writeln!(table, "{row}").unwrap();
        table
    })
}

/// The document with the tables as the code has them. What is around them stays.
fn blessed(document: &str) -> String {
    TABLES.iter().fold(document.to_owned(), |document, (heading, rows)| {
        let (before, section) = document.split_once(&format!("{heading}\n")).expect(heading);
        let start = section.find("| ").expect("each section has a table");
        let length = section[start..].find("\n\n").map_or(section[start..].len(), |end| end + 1);
        let (prose, after) = (&section[..start], &section[start + length..]);
        format!("{before}{heading}\n{prose}{}{after}", table(rows))
    })
}

#[test]
fn the_document_has_the_outcomes_that_are_tested() {
    let document = fs::read_to_string(DOCUMENT).unwrap();
    let expected = blessed(&document);
    if env::var_os("TENURE_BLESS").is_some() {
        fs::write(DOCUMENT, &expected).unwrap();
        return;
    }
    let differs = document.lines().zip(expected.lines()).find(|(is, should)| is != should);
    assert!(document == expected, "differs, run with TENURE_BLESS=1: {differs:#?}");
}

#[test]
fn the_versions_of_python_are_those_that_are_installed() {
    for row in python::ROWS {
        let pin = row.other.version.replace(' ', "==");
        let is_pinned = REQUIREMENTS.lines().any(|line| line.split(' ').next() == Some(&pin));
        assert!(is_pinned, "{pin} is not in requirements.txt");
    }
}
