//! Answers that a shortage of descriptors or memory kept from coming: they are not a "no".

use std::io;

use nix::errno::Errno;

/// What was learned; `None` where the system does not have it, or does not show it.
///
/// # Errors
///
/// There was a shortage of descriptors (`EMFILE`, `ENFILE`) or memory (`ENOMEM`): ask again later.
pub(crate) fn learned<T>(answer: io::Result<T>) -> io::Result<Option<T>> {
    const SHORTAGES: [Errno; 3] = [Errno::EMFILE, Errno::ENFILE, Errno::ENOMEM];
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(err) if SHORTAGES.map(|errno| Some(errno as i32)).contains(&err.raw_os_error()) => {
            Err(err)
        }
        Err(_) => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shortage_is_an_error_and_an_absence_is_an_answer() {
        let answer = |errno: Errno| learned(Err::<(), _>(errno.into()));
        for shortage in [Errno::EMFILE, Errno::ENFILE, Errno::ENOMEM] {
            let err = answer(shortage).unwrap_err();
            assert_eq!(err.raw_os_error(), Some(shortage as i32));
        }
        for absence in [Errno::ENOENT, Errno::EACCES, Errno::ENOSYS, Errno::EPERM] {
            assert_eq!(answer(absence).unwrap(), None, "{absence}");
        }
        assert_eq!(learned(Ok(7)).unwrap(), Some(7));
    }
}
