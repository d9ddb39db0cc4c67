//! Manual pages: what clap knows of a command, and its help in the sections of man-pages(7).

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use clap::Command;
use clap_mangen::Man;
use clap_mangen::roff::{Inline, Roff, bold, roman};

/// Writes the page of `command`, and those of its verbs.
pub(super) fn pages(command: Command, dir: &Path) -> io::Result<()> {
    let mut command = command.disable_help_subcommand(true);
    command.build();
    page(&command, dir)?;
    let verbs = command.get_subcommands().filter(|verb| !verb.is_hide_set());
    verbs.cloned().try_for_each(|verb| {
        // `flock` has another name when it speaks, and its page would be in the way of flock(1).
        let name = format!("{}-{}", command.get_name(), verb.get_name());
        page(&verb.display_name(name), dir)
    })
}

fn page(command: &Command, dir: &Path) -> io::Result<()> {
    let man = Man::new(command.clone().override_usage(usage(command)))
        .source(concat!("tenure ", env!("CARGO_PKG_VERSION")))
        .manual("PID lockfiles");
    let (prose, sections) = help(command);
    let mut page = File::create(dir.join(man.get_filename()))?;
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    prose.to_writer(&mut page)?;
    man.render_options_section(&mut page)?;
    if command.get_subcommands().any(|verb| !verb.is_hide_set()) {
        man.render_subcommands_section(&mut page)?;
    }
    sections.to_writer(&mut page)?;
    page.flush()
}

/// As clap has it in its help, with the values, and the `--` that has to be typed.
fn usage(command: &Command) -> String {
    let usage = command.clone().render_usage().to_string();
    let name = command.get_bin_name().unwrap_or_default();
    let last = name.rsplit(' ').next().unwrap_or_default();
    let lines = usage.trim_start_matches("Usage: ").lines().map(str::trim_start);
    // Here, `flock` is to be typed as the verb it is.
    let lines = lines.map(|line| match line.strip_prefix(last) {
        Some(rest) => format!("{name}{rest}\n"),
        None => format!("{line}\n"),
    });
    lines.collect()
}

/// What `command` has after its options: the prose, and the sections.
fn help(command: &Command) -> (Roff, Roff) {
    let (mut prose, mut sections) = (Roff::new(), Roff::new());
    environment(&mut sections, command);
    let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    for text in help.split("\n\n") {
        if let Some(lines) = text.strip_prefix("Examples:\n") {
            sections.control("SH", ["EXAMPLES"]).control("nf", []);
            for line in lines.lines() {
                sections.text([roman(line.trim_start())]);
            }
            sections.control("fi", []);
        } else if let Some(lines) = text.strip_prefix("Environment:\n") {
            sections.control("SH", ["ENVIRONMENT"]);
            paragraphs(&mut sections, lines);
        } else if let Some(rest) = text.strip_prefix("Exit status") {
            sections.control("SH", ["EXIT STATUS"]);
            // What goes on with a comma is a sentence of its own.
            paragraphs(
                &mut sections,
                rest.strip_prefix(':').unwrap_or(text).trim_start_matches('\n'),
            );
        } else {
            paragraphs(&mut prose, text);
        }
    }
    (prose, sections)
}

/// The variables that stand in for options.
fn environment(roff: &mut Roff, command: &Command) {
    let variables =
        command.get_arguments().filter_map(|arg| Some((arg.get_env()?, arg.get_long()?)));
    for (number, (variable, option)) in variables.enumerate() {
        if number == 0 {
            roff.control("SH", ["ENVIRONMENT"]);
        }
        roff.control("TP", []).text([bold(variable.to_string_lossy())]);
        roff.text([
            roman("The value of "),
            bold(format!("--{option}")),
            roman(" where it is not given."),
        ]);
    }
}

/// Lines of text. What is indented is a list: of a word, and behind two spaces or in the next line what
/// it means.
fn paragraphs(roff: &mut Roff, text: &str) {
    for line in text.lines() {
        let (item, meaning) = match line.strip_prefix("  ") {
            Some(line) if !line.starts_with(' ') => line.split_once("  ").unwrap_or((line, "")),
            Some(line) => ("", line),
            None => {
                roff.control("PP", []);
                ("", line)
            }
        };
        if !item.is_empty() {
            roff.control("TP", []).text([bold(item)]);
        }
        if !meaning.is_empty() {
            roff.text(quoted(meaning.trim_start()));
        }
    }
}

/// What stands between backticks is bold.
fn quoted(text: &str) -> Vec<Inline> {
    let parts = text.split('`').enumerate();
    parts.map(|(number, part)| if number % 2 == 1 { bold(part) } else { roman(part) }).collect()
}
