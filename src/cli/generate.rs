//! `tenure generate`: completions and manual pages, made of the command line itself.

mod man;

use std::io::{self, ErrorKind, Write};
use std::path::Path;

use clap::CommandFactory;

use crate::args::{Args, Generate, What};
use crate::exit::Exit;
use crate::failure::Failure;

pub(crate) fn generate(args: &Generate) -> Result<Exit, Failure> {
    match &args.what {
        What::Completions { shell } => completions(*shell),
        What::Man { dir } => man(dir),
    }
}

fn completions(shell: clap_complete::Shell) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "tenure", &mut script);
    let mut stdout = io::stdout().lock();
    match stdout.write_all(&script).and_then(|()| stdout.flush()) {
        Err(err) if err.kind() != ErrorKind::BrokenPipe => Err(Failure::printing(&err)),
        _ => Ok(Exit::Done),
    }
}

fn man(dir: &Path) -> Result<Exit, Failure> {
    man::pages(Args::command(), dir).map_err(|err| Failure::writing(dir, &err))?;
    Ok(Exit::Done)
}
