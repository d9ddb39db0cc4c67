//! What the doctor says of one thing.

use anstyle::Style;
use serde::Serialize;
use unicode_width::UnicodeWidthStr;

use crate::{printable, style};

/// How grave it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Level {
    /// As it should be.
    Ok,
    /// To be known.
    Note,
    /// Something can go wrong.
    Warn,
    /// Something will.
    Bad,
}

/// One finding, and what to do about it.
#[derive(Debug, Serialize)]
pub(super) struct Finding {
    level: Level,
    /// What it is about, in a word.
    about: &'static str,
    #[serde(rename = "finding")]
    text: String,
    remedy: Option<String>,
}

/// Where the text begins: behind level and subject.
const INDENT: usize = 16;

impl Finding {
    pub(super) fn new(level: Level, about: &'static str, text: impl Into<String>) -> Self {
        Self { level, about, text: text.into(), remedy: None }
    }

    pub(super) fn ok(about: &'static str, text: impl Into<String>) -> Self {
        Self::new(Level::Ok, about, text)
    }

    pub(super) fn note(about: &'static str, text: impl Into<String>) -> Self {
        Self::new(Level::Note, about, text)
    }

    pub(super) fn warn(about: &'static str, text: impl Into<String>) -> Self {
        Self::new(Level::Warn, about, text)
    }

    pub(super) fn bad(about: &'static str, text: impl Into<String>) -> Self {
        Self::new(Level::Bad, about, text)
    }

    pub(super) fn remedy(self, remedy: impl Into<String>) -> Self {
        Self { remedy: Some(remedy.into()), ..self }
    }

    pub(super) fn level(&self) -> Level {
        self.level
    }

    /// A line, and another for the remedy; on a terminal of that width, as many as it takes.
    pub(super) fn text(&self, width: Option<usize>) -> String {
        let (word, color) = match self.level {
            Level::Ok => ("ok", style::GOOD),
            Level::Note => ("note", style::UNKNOWN),
            Level::Warn => ("warn", style::DOUBTFUL),
            Level::Bad => ("bad", style::BAD),
        };
        // A narrow terminal has the text below its subject.
        let indent = if width.is_some_and(|width| width < 3 * INDENT) { 5 } else { INDENT };
        let head = format!("{} {:10} ", style::paint(color, format_args!("{word:4}")), self.about);
        let room = width.map(|width| width.saturating_sub(indent).max(1));
        let margin = "\n".to_owned() + &" ".repeat(indent);
        let wrapped = |text: &str, style: Style| {
            let lines = wrap(&printable::text(text), room);
            lines
                .into_iter()
                .map(|line| style::paint(style, line))
                .collect::<Vec<_>>()
                .join(&margin)
        };
        let mut text = if indent == INDENT { head } else { head.trim_end().to_owned() + &margin };
        text += &wrapped(&self.text, Style::new());
        if let Some(remedy) = &self.remedy {
            text += &margin;
            text += &wrapped(&format!("-> {remedy}"), style::FAINT);
        }
        text + "\n"
    }
}

#[cfg(test)]
impl Finding {
    /// What a program is given, which sees no colours.
    pub(super) fn plain(&self) -> String {
        anstream::adapter::strip_str(&self.text(None)).to_string()
    }
}

/// `text` in lines of at most `room` columns, but for a longer word, which has a line of its own.
fn wrap(text: &str, room: Option<usize>) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let line = lines.last_mut().expect("there is one");
        let fits = room.is_none_or(|room| line.width() + 1 + word.width() <= room);
        match line.is_empty() {
            true => line.push_str(word),
            false if fits => {
                line.push(' ');
                line.push_str(word);
            }
            false => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(finding: &Finding, width: Option<usize>) -> String {
        anstream::adapter::strip_str(&finding.text(width)).to_string()
    }

    #[test]
    fn programs_are_given_a_line_for_each() {
        let finding = Finding::warn("directory", "one two three").remedy("do this");
        assert_eq!(
            plain(&finding, None),
            "warn directory  one two three\n                -> do this\n"
        );
    }

    #[test]
    fn a_terminal_is_shown_lines_that_fit() {
        let finding = Finding::bad("flock", "one two three four five ".repeat(9)).remedy("do this");
        for width in 18..100 {
            let shown = plain(&finding, Some(width));
            assert!(shown.lines().all(|line| line.width() <= width), "{width}:\n{shown}");
        }
        assert!(plain(&finding, Some(40)).starts_with("bad  flock\n     one two"));
    }

    #[test]
    fn the_gravest_is_the_greatest() {
        assert!(Level::Bad > Level::Warn && Level::Warn > Level::Note && Level::Note > Level::Ok);
    }
}
