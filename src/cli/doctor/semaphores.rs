//! System V semaphores, which the backend `Semaphore` has a set of for each lockfile that is held.

use std::fs;

use tenure::Semaphore;

use crate::doctor::finding::Finding;
use crate::doctor::machine::line;

const ABOUT: &str = "semaphores";

pub(super) fn examine() -> Finding {
    // As `proc_sys_kernel(5)` has it: SEMMSL, SEMMNS, SEMOPM, SEMMNI.
    let limits = line("/proc/sys/kernel/sem");
    let most = limits.and_then(|limits| limits.split_whitespace().nth(3)?.parse().ok());
    // A line for each set, and one of heads above them.
    let sets =
        fs::read_to_string("/proc/sysvipc/sem").map(|sets| sets.lines().count().saturating_sub(1));
    judge(sets.ok(), most)
}

/// Removes those that dead holders have left, and tells which.
pub(super) fn sweep() -> Finding {
    match Semaphore::sweep() {
        Ok(sets) if sets.is_empty() => Finding::ok(ABOUT, "no set was left over by a dead holder"),
        Ok(sets) => {
            let numbers: Vec<_> = sets.iter().map(ToString::to_string).collect();
            let numbers = numbers.join(", ");
            Finding::note(ABOUT, format!("removed, because nobody holds them: the sets {numbers}"))
        }
        Err(err) => Finding::warn(ABOUT, format!("they cannot be swept: {err}")),
    }
}

fn judge(sets: Option<usize>, most: Option<usize>) -> Finding {
    let (Some(sets), Some(most)) = (sets, most) else {
        let text = "there are no System V semaphores, or they cannot be counted";
        return Finding::note(ABOUT, text).remedy("do not use the backend Semaphore");
    };
    let text = format!("{sets} of {most} sets are in use");
    // A tenth left.
    if sets >= most - most / 10 {
        return Finding::warn(ABOUT, text).remedy(
            "for the backend Semaphore: `tenure doctor --sweep` removes what its dead holders have \
             left; `ipcs -s` lists the others, `ipcrm -s` removes one, and the last number of the \
             sysctl kernel.sem raises the limit",
        );
    }
    Finding::ok(ABOUT, text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::finding::Level;

    #[test]
    fn there_have_to_be_some_left() {
        let level = |sets, most| judge(sets, most).level();
        assert_eq!(level(Some(0), Some(32000)), Level::Ok);
        assert_eq!(level(Some(115), Some(128)), Level::Ok);
        assert_eq!(level(Some(116), Some(128)), Level::Warn);
        assert_eq!(level(Some(0), Some(0)), Level::Warn);
        assert_eq!(level(None, Some(128)), Level::Note);
    }
}
