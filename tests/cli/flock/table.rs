//! Tables of scripts, and of what each of them says.
//!
//! A case begins with its name after `# `. Lines that begin with `> ` and `! ` are what comes on
//! standard output and standard error, `= ` is the exit status, and `~ ` tells why flock(1) is not
//! expected to do the same. All other lines are the script, which calls `flock`.

use std::fmt;

use crate::support::Ended;

#[derive(Debug)]
pub(super) struct Case {
    pub(super) name: String,
    pub(super) script: String,
    /// Why flock(1) does something else.
    pub(super) differs: Option<String>,
    pub(super) expected: Shown,
}

/// What a script shows.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Shown {
    stdout: String,
    stderr: String,
    status: Option<i32>,
}

pub(super) fn read(table: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    for line in table.lines() {
        let (sign, text) = line.split_at_checked(2).unwrap_or((line, ""));
        if sign == "# " {
            let (name, script) = (text.to_owned(), String::new());
            cases.push(Case { name, script, differs: None, expected: Shown::default() });
            continue;
        }
        let case = cases.last_mut().expect("a table begins with a name");
        match sign {
            "~ " => case.differs = Some(text.to_owned()),
            "> " | ">" => push_line(&mut case.expected.stdout, text),
            "! " | "!" => push_line(&mut case.expected.stderr, text),
            "= " => case.expected.status = Some(text.parse().unwrap()),
            _ => push_line(&mut case.script, line),
        }
    }
    cases
}

fn push_line(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}

impl From<Ended> for Shown {
    fn from(ended: Ended) -> Self {
        Self {
            stdout: without_time(&ended.stdout),
            stderr: ended.stderr,
            status: ended.code.or_else(|| ended.signal.map(|signal| -signal)),
        }
    }
}

/// The time that it took to have a lock is never the same.
fn without_time(text: &str) -> String {
    let line = |line: &str| match line.split_once(" took ").zip(line.strip_suffix(" seconds")) {
        Some(((before, _), timed)) => {
            let (_, time) = timed.rsplit_once(' ').unwrap();
            let (whole, fraction) = time.split_once('.').unwrap();
            assert!(whole.parse::<u32>().is_ok() && fraction.len() == 6, "{line}");
            format!("{before} took N seconds\n")
        }
        None => format!("{line}\n"),
    };
    text.lines().map(line).collect()
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.stdout.lines().try_for_each(|line| writeln!(f, "> {line}"))?;
        self.stderr.lines().try_for_each(|line| writeln!(f, "! {line}"))?;
        writeln!(f, "= {}", self.status.unwrap())
    }
}
