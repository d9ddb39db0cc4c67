//! A line at the terminal that is kept up to date.

use std::io;
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle, TermLike};
use unicode_width::UnicodeWidthStr;

use crate::printable;
use crate::waiting::screen::Screen;
use crate::waiting::signals::{self, Taken};
use crate::waiting::whom::Whom;

/// The columns of the spinner, and of the blank after it.
const SPINNER: usize = 2;

/// The time from one picture to the next.
const FRAME: Duration = Duration::from_millis(100);

/// Shows whom we wait for, and for how long; and for which lockfile, where there is room for all of that.
///
/// The line is taken away however the wait ends, unless that is by SIGKILL; also before Ctrl-Z stops
/// it. In the background, the terminal is left alone.
pub(super) struct Spinner {
    news: Sender<Whom>,
    painter: JoinHandle<()>,
    signals: Taken,
}

impl Spinner {
    /// Shows `whom`, in a wait for `path` that has lasted for `waited`. To be ended by the thread that starts it.
    ///
    /// # Errors
    ///
    /// There can be no more threads. Nothing is shown.
    pub(super) fn start(path: &Path, whom: Whom, waited: Duration) -> io::Result<Self> {
        let target = ProgressDrawTarget::term_like(Box::new(Screen::default()));
        let bar = ProgressBar::with_draw_target(None, target).with_style(style());
        let shown = bar.clone();
        // Before there is another thread: it would be one that signals end us through.
        let signals = Taken::take(move |signal| shown.suspend(|| signals::obey(signal)))?;
        let (news, told) = channel();
        let path = printable::path(path);
        let painter = Builder::new().spawn(move || paint(&bar, &path, whom, waited, &told))?;
        Ok(Self { news, painter, signals })
    }

    /// Shows `whom` from now on.
    pub(super) fn show(&self, whom: Whom) {
        // Nobody listens any more if the painter has panicked: then there is nothing to be seen.
        let _ = self.news.send(whom);
    }

    /// Returns once the line is gone, and signals do again what they did before.
    pub(super) fn end(self) {
        drop(self.news);
        let _ = self.painter.join();
        drop(self.signals);
    }
}

/// ASCII: the console of a machine in trouble has no other letters.
fn style() -> ProgressStyle {
    let style = ProgressStyle::with_template("{spinner} {wide_msg}").expect("it is well-formed");
    style.tick_chars(r"-\|/ ")
}

/// Whether `text` can be shown whole, behind the spinner.
fn has_room(text: &str) -> bool {
    text.width() + SPINNER <= usize::from(Screen::default().width())
}

/// Draws until the other end of `news` is dropped, and then takes the line away.
fn paint(bar: &ProgressBar, path: &str, mut whom: Whom, waited: Duration, news: &Receiver<Whom>) {
    let began = Instant::now();
    loop {
        let seconds = Duration::from_secs((waited + began.elapsed()).as_secs());
        let text = format!("waiting {} for {whom}", humantime::format_duration(seconds));
        // Whom it is for matters more than where: that is on the command line.
        let with_path = format!("{path}: {text}");
        let text = if has_room(&with_path) { with_path } else { text };
        // To set it is to draw it, even where it is the same.
        if bar.message() != text {
            bar.set_message(text);
        }
        bar.tick();
        match news.recv_timeout(FRAME) {
            Ok(news) => whom = news,
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    bar.finish_and_clear();
}
