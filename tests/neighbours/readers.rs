//! The table in docs/readers.md: which program finds the holder in which format.

use std::fmt::Write;
use std::fs;
use std::path::Path;

/// The formats of the table's columns, as `--format` calls them.
pub(crate) const FORMATS: [&str; 4] = ["json", "pid-line", "pid", "pid-bare"];

/// A program that looks for the holder in a lockfile.
pub(crate) struct Reader {
    pub(crate) name: &'static str,
    /// The version that it was tried with.
    version: &'static str,
    /// Whether it finds the holder, in each of the [`FORMATS`].
    pub(crate) reads: [bool; 4],
    /// The module that tries it.
    test: &'static str,
}

/// A first line with nothing but the PID is enough.
const FIRST_LINE: [bool; 4] = [false, true, true, true];
/// The PID has to be all that there is.
const NOTHING_ELSE: [bool; 4] = [false, false, true, true];

const READERS: [Reader; 8] = [
    Reader {
        name: "start-stop-daemon --pidfile",
        version: "dpkg 1.21.23",
        reads: FIRST_LINE,
        test: "start_stop_daemon",
    },
    Reader {
        name: "pgrep -F, pkill -F",
        version: "procps 4.0.2",
        reads: FIRST_LINE,
        test: "pgrep",
    },
    Reader {
        name: "pgrep -L -F, pkill -L -F",
        version: "procps 4.0.2",
        reads: FIRST_LINE,
        test: "pgrep",
    },
    Reader { name: "pidofproc -p", version: "sysvinit-utils 3.06", reads: FIRST_LINE, test: "lsb" },
    Reader { name: "killproc -p", version: "sysvinit-utils 3.06", reads: FIRST_LINE, test: "lsb" },
    Reader { name: "monit", version: "monit 5.33.0", reads: FIRST_LINE, test: "monit" },
    Reader { name: "PIDFile=", version: "systemd 252.39", reads: FIRST_LINE, test: "systemd_boot" },
    Reader { name: "pidproxy", version: "supervisor 4.2.5", reads: NOTHING_ELSE, test: "pidproxy" },
];

pub(crate) fn row(name: &str) -> &'static Reader {
    READERS.iter().find(|reader| reader.name == name).expect("the table has it")
}

impl Reader {
    /// The format that says the most of those that it reads.
    fn recommended(&self) -> &'static str {
        // The columns come in this order, but for JSON, which no reader reads.
        let reads = |index: &usize| self.reads[*index];
        FORMATS[(0..FORMATS.len()).find(reads).expect("it reads one")]
    }
}

/// As it is in the document.
fn table() -> String {
    let mut text = String::from("| reader | tried with |");
    for format in FORMATS {
        write!(text, " `{format}` |").unwrap();
    }
    text.push_str(" use | test |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n");
    for reader in &READERS {
        let names = reader.name.split(", ").map(|name| format!("`{name}`")).collect::<Vec<_>>();
        write!(text, "| {} | {} |", names.join(", "), reader.version).unwrap();
        for reads in reader.reads {
            write!(text, " {} |", if reads { "yes" } else { "–" }).unwrap();
        }
        writeln!(text, " `{}` | `{}` |", reader.recommended(), reader.test).unwrap();
    }
    text
}

#[test]
fn the_document_has_this_table() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/readers.md");
    let document = fs::read_to_string(path).unwrap();
    let rows = document.lines().filter(|line| line.starts_with('|'));
    let found: String = rows.flat_map(|line| [line, "\n"]).collect();
    let table = table();
    assert_eq!(found, table, "docs/readers.md needs this table:\n{table}");
}
