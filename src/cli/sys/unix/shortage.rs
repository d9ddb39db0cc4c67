//! What the system has run out of, which is nobody's fault who calls the program.

use std::io;

use nix::errno::Errno;

/// Whether `err` says that there are no more descriptors, processes or memory at the moment.
pub(crate) fn is_shortage(err: &io::Error) -> bool {
    let short = [Errno::EMFILE, Errno::ENFILE, Errno::EAGAIN, Errno::ENOMEM];
    err.raw_os_error().is_some_and(|err| short.contains(&Errno::from_raw(err)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn to_be_out_of_something_is_not_to_be_refused() {
        for (err, expected) in
            [(Errno::EAGAIN, true), (Errno::ENOMEM, true), (Errno::EACCES, false)]
        {
            assert_eq!(is_shortage(&err.into()), expected, "{err}");
        }
    }
}
