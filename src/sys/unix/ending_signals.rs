//! The signals that end a process, taken by a thread.

use std::io;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;

use super::signal_disposition::is_ignored;
use super::thread_without_signals::spawn_quietly;

/// Has `act` called by a thread of this process whenever TERM, INT or HUP come; then they do what they
/// would have done.
pub(crate) fn before_ending_signals(act: fn()) -> io::Result<()> {
    // Whoever started this process so wants it to go on: nohup(1).
    let wanted = [SIGTERM, SIGINT, SIGHUP].into_iter().filter(|signal| !is_ignored(*signal));
    let mut signals = Signals::new(wanted)?;
    spawn_quietly("tenure-signals", move || {
        for signal in signals.forever() {
            act();
            // Where that fails, the next one tries again.
            let _ = emulate_default_handler(signal);
        }
    })
}
