//! Standard error as a screen to draw on.

use std::env;
use std::io::{self, IsTerminal, Write};
use std::mem;
use std::os::fd::AsFd;
use std::sync::{Mutex, MutexGuard, PoisonError};

use indicatif::TermLike;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::unistd::{getpgrp, tcgetpgrp};
use terminal_size::{Width, terminal_size_of};

/// Columns to the right that stay free. The terminal itself writes `^C` there: at the margin that
/// would begin another line, and the one before would not be taken away.
const MARGIN: u16 = 3;

/// For a terminal that does not know its width.
const USUAL_WIDTH: u16 = 80;

/// The spinner and a blank: with less, they would begin another line.
const LEAST_WIDTH: u16 = 2;

/// The terminal on standard error, where lines are drawn without colours. Each picture is one write.
///
/// A picture is dropped where drawing would do harm: in the background, where others write, and when
/// the terminal takes nothing (Ctrl-S, a dead connection). Nobody gets the lock later for having
/// been shown a spinner.
#[derive(Debug, Default)]
pub(super) struct Screen {
    picture: Mutex<String>,
}

impl Screen {
    /// Whether there is a terminal that lines can be taken away from again.
    pub(super) fn can_draw() -> bool {
        let kind = env::var_os("TERM").unwrap_or_default();
        !kind.is_empty() && kind != "dumb" && io::stderr().is_terminal()
    }

    /// Whether this process may draw now: it is in the foreground.
    pub(super) fn is_ours() -> bool {
        // A terminal that does not control this session has none.
        tcgetpgrp(io::stderr()).map_or(true, |group| group == getpgrp())
    }

    /// Moves the cursor by `n`; `direction` is the last letter of the escape sequence.
    fn move_cursor(&self, n: usize, direction: char) -> io::Result<()> {
        // Zero would move it as well: by one.
        if n == 0 { Ok(()) } else { self.write_str(&format!("\x1b[{n}{direction}")) }
    }

    fn picture(&self) -> MutexGuard<'_, String> {
        self.picture.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether writing would be done at once.
fn takes_output() -> bool {
    let stderr = io::stderr();
    let mut fds = [PollFd::new(stderr.as_fd(), PollFlags::POLLOUT)];
    // Where it cannot be asked, it is tried.
    poll(&mut fds, PollTimeout::ZERO) != Ok(0)
}

impl TermLike for Screen {
    fn width(&self) -> u16 {
        let columns = terminal_size_of(io::stderr()).map_or(USUAL_WIDTH, |(Width(it), _)| it);
        columns.saturating_sub(MARGIN).max(LEAST_WIDTH)
    }

    fn move_cursor_up(&self, n: usize) -> io::Result<()> {
        self.move_cursor(n, 'A')
    }

    fn move_cursor_down(&self, n: usize) -> io::Result<()> {
        self.move_cursor(n, 'B')
    }

    fn move_cursor_right(&self, n: usize) -> io::Result<()> {
        self.move_cursor(n, 'C')
    }

    fn move_cursor_left(&self, n: usize) -> io::Result<()> {
        self.move_cursor(n, 'D')
    }

    fn write_line(&self, text: &str) -> io::Result<()> {
        self.write_str(text)?;
        self.write_str("\n")
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        self.picture().push_str(text);
        Ok(())
    }

    fn clear_line(&self) -> io::Result<()> {
        self.write_str("\r\x1b[2K")
    }

    fn flush(&self) -> io::Result<()> {
        let picture = mem::take(&mut *self.picture());
        if picture.is_empty() || !Self::is_ours() || !takes_output() {
            return Ok(());
        }
        io::stderr().write_all(picture.as_bytes())
    }
}
