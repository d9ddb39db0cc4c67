//! `tenure doctor`: whether a lockfile can do its work where it lies, and what to do if not.

mod ageing;
mod chattr;
mod directory;
mod disk;
mod finding;
mod lockfile;
mod machine;
mod mount;
mod room;
mod scratch;
mod semaphores;
mod subject;
mod tmpfiles;
mod trial;

use std::io;

use nix::sys::signal::{SigHandler, Signal};
use serde::Serialize;

use crate::args;
use crate::doctor::finding::{Finding, Level};
use crate::doctor::mount::Mount;
use crate::doctor::subject::Subject;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::tell;
use crate::{report, style, sys, table};

pub(crate) fn doctor(args: &args::Doctor) -> Result<Exit, Failure> {
    // That a file may not grow is to be found, and not to be the end.
    let ignored = sys::set_action(Signal::SIGXFSZ, SigHandler::SigIgn);
    ignored.map_err(|err| Failure::system("ignore SIGXFSZ", err))?;
    let findings = match Subject::of(&args.path) {
        Ok(subject) => examine(&subject, args.sweep),
        Err(finding) => vec![finding],
    };
    let path = args.path.to_string_lossy().into_owned();
    if args.json {
        tell(io::stdout().lock(), &report::line(&Report { path, findings: &findings }))?;
    } else {
        let width = table::width_of_stdout();
        let text: String = findings.iter().map(|finding| finding.text(width)).collect();
        tell(style::stdout(), &text)?;
    }
    Ok(match findings.iter().map(Finding::level).max() {
        Some(Level::Bad) => Exit::Bad,
        Some(Level::Warn) => Exit::Warned,
        _ => Exit::Done,
    })
}

fn examine(subject: &Subject, sweep: bool) -> Vec<Finding> {
    let mut findings = lockfile::examine(subject);
    let mount = Mount::of(&subject.dir);
    findings.push(disk::examine(mount.as_ref()));
    let fixed = chattr::examine(subject);
    // What shows the kernel's own may take a new file for an order.
    if fixed.is_empty() && mount.as_ref().is_none_or(disk::keeps_files) {
        findings.extend(trial::examine(subject));
    }
    findings.extend(fixed);
    findings.extend(directory::examine(subject));
    findings.extend(ageing::examine(subject));
    findings.extend(machine::examine());
    if sweep {
        findings.push(semaphores::sweep());
    }
    findings.push(semaphores::examine());
    findings
}

/// What `--json` prints.
#[derive(Serialize)]
struct Report<'a> {
    path: String,
    findings: &'a [Finding],
}
