//! tmpfiles.d(5): what systemd-tmpfiles removes when it gets old.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use glob::{MatchOptions, Pattern};

/// Where rules lie: a file hides those of its name further down.
pub(super) const PLACES: [&str; 4] =
    ["/etc/tmpfiles.d", "/run/tmpfiles.d", "/usr/local/lib/tmpfiles.d", "/usr/lib/tmpfiles.d"];

/// A line that says something of the age of what is in a directory.
#[derive(Debug)]
pub(super) struct Rule {
    what: What,
    pattern: Pattern,
    /// The file, and the line in it.
    pub(super) source: String,
}

#[derive(Debug, PartialEq, Eq)]
enum What {
    /// What is in the directory is removed at this age; `None`: never.
    Age(Option<String>),
    /// What matches is left alone, and what is in it.
    LeaveAll,
    /// What matches is left alone.
    Leave,
}

/// A name has no slash that a `*` could stand for.
const NAMES: MatchOptions = MatchOptions {
    case_sensitive: true,
    require_literal_separator: true,
    require_literal_leading_dot: false,
};

/// All rules in `places`, as far as they can be read.
pub(super) fn rules(places: &[impl AsRef<Path>]) -> Vec<Rule> {
    let mut files: BTreeMap<OsString, PathBuf> = BTreeMap::new();
    for place in places {
        let entries = fs::read_dir(place).into_iter().flatten().flatten();
        for path in entries.map(|entry| entry.path()) {
            if path.extension().is_some_and(|end| end == "conf") {
                let name = path.file_name().unwrap_or_default().to_owned();
                files.entry(name).or_insert(path);
            }
        }
    }
    files
        .values()
        .flat_map(|path| parse(path, &fs::read_to_string(path).unwrap_or_default()))
        .collect()
}

fn parse(path: &Path, text: &str) -> Vec<Rule> {
    let lines = text.lines().enumerate();
    lines
        .filter_map(|(number, line)| {
            let source = format!("{}:{}", path.display(), number + 1);
            Rule::parse(line, source)
        })
        .collect()
}

/// The rule that `path` is removed by, and at which age.
pub(super) fn removal<'a>(rules: &'a [Rule], path: &Path) -> Option<(&'a Rule, &'a str)> {
    let matching = |at: &Path, is_so: &dyn Fn(&What) -> bool| {
        rules.iter().find(|rule| is_so(&rule.what) && rule.pattern.matches_path_with(at, NAMES))
    };
    let is_left = |at: &Path| {
        let all = matching(at, &|what| *what == What::LeaveAll);
        all.or(matching(path, &|what| *what == What::Leave))
    };
    // The nearest directory that there is a rule for decides.
    for (level, at) in path.ancestors().enumerate() {
        if is_left(at).is_some() {
            return None;
        }
        let rule = matching(at, &|what| matches!(what, What::Age(_))).filter(|_| level > 0);
        let Some(rule) = rule else { continue };
        let What::Age(age) = &rule.what else { continue };
        let age = age.as_deref()?;
        // What lies in the directory itself is left alone if the age begins so.
        return match age.strip_prefix('~') {
            Some(_) if level == 1 => None,
            age_below => Some((rule, age_below.unwrap_or(age))),
        };
    }
    None
}

impl Rule {
    /// `type path mode user group age argument`, of which most can be left out.
    fn parse(line: &str, source: String) -> Option<Self> {
        let mut words = line.split_whitespace().map(|word| word.trim_matches('"'));
        let kind = words.next()?.chars().next()?;
        let path = words.next()?;
        let age = words.nth(3).filter(|age| *age != "-").map(str::to_owned);
        let what = match kind {
            'd' | 'D' | 'e' | 'v' | 'q' | 'Q' | 'C' => What::Age(age),
            'x' => What::LeaveAll,
            'X' => What::Leave,
            _ => return None,
        };
        let path = expand(path);
        let path = if path.len() > 1 { path.trim_end_matches('/') } else { &path };
        // Only these may have patterns.
        let pattern = match kind {
            'e' | 'x' | 'X' => Pattern::new(path).ok()?,
            _ => Pattern::new(&Pattern::escape(path).replace("[*]", "*")).ok()?,
        };
        Some(Self { what, pattern, source })
    }
}

/// The specifiers that stand for directories; any other one may be anything.
fn expand(path: &str) -> String {
    let (mut expanded, mut chars) = (String::new(), path.chars());
    while let Some(char) = chars.next() {
        if char != '%' {
            expanded.push(char);
            continue;
        }
        expanded.push_str(match chars.next() {
            Some('t') => "/run",
            Some('T') => "/tmp",
            Some('V') => "/var/tmp",
            Some('S') => "/var/lib",
            Some('C') => "/var/cache",
            Some('L') => "/var/log",
            Some('%') => "%",
            _ => "*",
        });
    }
    expanded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn removed(rules: &str, path: &str) -> Option<String> {
        let rules = parse(Path::new("tmp.conf"), rules);
        removal(&rules, Path::new(path)).map(|(rule, age)| format!("{age} {}", rule.source))
    }

    #[test]
    fn what_is_below_a_directory_with_an_age_is_removed() {
        let rules = "# a comment\n\nq /tmp 1777 root root 10d\nd /run/lock 0755 root root -\n";
        assert_eq!(removed(rules, "/tmp/the.lock").as_deref(), Some("10d tmp.conf:3"));
        assert_eq!(removed(rules, "/tmp/a/b/the.lock").as_deref(), Some("10d tmp.conf:3"));
        for left in ["/run/lock/the.lock", "/tmp", "/tmpx/the.lock", "/srv/the.lock"] {
            assert_eq!(removed(rules, left), None, "{left}");
        }
    }

    #[test]
    fn the_nearest_directory_decides() {
        let rules = "d /tmp - - - 10d\nd /tmp/mine - - - -\ne %T/mine/old* - - - 1h";
        assert_eq!(removed(rules, "/tmp/mine/the.lock"), None);
        assert_eq!(removed(rules, "/tmp/mine/older/x.lock").as_deref(), Some("1h tmp.conf:3"));
        assert_eq!(removed(rules, "/tmp/other/x.lock").as_deref(), Some("10d tmp.conf:1"));
    }

    #[test]
    fn what_is_excepted_is_left_alone() {
        let rules = "d /tmp - - - 10d\nx /tmp/private-*\nX /tmp/%b.lock";
        assert_eq!(removed(rules, "/tmp/private-1/the.lock"), None);
        assert_eq!(removed(rules, "/tmp/any.lock"), None);
        assert!(removed(rules, "/tmp/a/any.lock").is_some());
    }

    #[test]
    fn an_age_with_a_tilde_is_for_what_lies_deeper() {
        let rules = "d! /tmp - - - ~10d";
        assert_eq!(removed(rules, "/tmp/the.lock"), None);
        assert_eq!(removed(rules, "/tmp/a/the.lock").as_deref(), Some("10d tmp.conf:1"));
    }

    #[test]
    fn a_file_hides_those_of_its_name_further_down() {
        let (first, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::write(first.path().join("tmp.conf"), "d /tmp - - - -").unwrap();
        for name in ["tmp.conf", "other.conf", "README"] {
            fs::write(second.path().join(name), "d /tmp - - - 1d\nd /srv - - - 1d").unwrap();
        }
        let places = [first.path(), Path::new("/no/such/place"), second.path()];
        let sources: Vec<_> = rules(&places).into_iter().map(|rule| rule.source).collect();
        assert_eq!(sources.len(), 3, "{sources:?}");
        assert!(sources[2].starts_with(first.path().to_str().unwrap()), "{sources:?}");
    }
}
