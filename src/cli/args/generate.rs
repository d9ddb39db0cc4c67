//! The command line of `tenure generate`.

use std::path::PathBuf;

use clap_complete::Shell;

/// For packagers.
#[derive(Debug, clap::Args)]
#[command(after_help = GENERATE_HELP)]
pub(crate) struct Generate {
    #[command(subcommand)]
    pub(crate) what: What,
}

#[derive(Debug, clap::Subcommand)]
pub(crate) enum What {
    /// Print what a shell has to know to complete the command line
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Write the manual pages, one for the program and one for each verb
    Man {
        /// The directory, which exists
        dir: PathBuf,
    },
}

const GENERATE_HELP: &str = "\
Exit status: 0; 73 if a page cannot be written; 74 if standard output cannot.

Examples:
  tenure generate completions bash > /usr/share/bash-completion/completions/tenure
  tenure generate completions zsh > /usr/share/zsh/site-functions/_tenure
  tenure generate completions fish > /usr/share/fish/vendor_completions.d/tenure.fish
  tenure generate man /usr/share/man/man1";
