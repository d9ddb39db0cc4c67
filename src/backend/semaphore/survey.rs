//! Looking at the keys of a path, and making a set for it.

use std::fs::File;
use std::io;

use super::address::Address;
use super::{LOCK, SIZE};
use crate::sys::{self, Keyed, Outcome, SemaphoreSet, Step};

/// The semaphores that hold the tag.
const TAG: [u16; 2] = [1, 2];
/// Those that hold the signature, and what that is: "tenure", two characters in each.
const SIGNATURE: [(u16, i16); 3] = [(3, 0x7465), (4, 0x6E75), (5, 0x7265)];

/// What there is at the keys of a path: of each kind the first.
#[derive(Debug, Default)]
struct Survey {
    /// A set of the path, locked.
    locked: Option<SemaphoreSet>,
    /// A set of the path, not locked.
    unlocked: Option<SemaphoreSet>,
    /// A set that was made and has no tag yet: whoever made it is about to tag it, or has died.
    blank: Option<SemaphoreSet>,
    /// A key that nothing has.
    free: Option<i32>,
}

/// Whose set it is.
enum Whose {
    Ours,
    Theirs,
    Nobodys,
}

impl Address {
    /// Whether no set of the path is locked; but for `own`, which the caller has locked.
    pub(super) fn is_free(self, own: Option<SemaphoreSet>) -> io::Result<bool> {
        Ok(self.survey(own)?.locked.is_none())
    }

    /// The set to lock, or to wait for, in order to have the lockfile `file`. `None`: there is none
    /// yet, and somebody else was faster to make or tag it.
    ///
    /// # Errors
    ///
    /// The system has no more sets, or other programs have taken all keys of this path.
    pub(super) fn find_or_make(self, file: &File) -> io::Result<Option<SemaphoreSet>> {
        let survey = self.survey(None)?;
        if let Some(set) = survey.locked.or(survey.unlocked) {
            return Ok(Some(set));
        }
        let set = match (survey.blank, survey.free) {
            (Some(set), _) => set,
            (None, Some(key)) => match make(key, file)? {
                Some(set) => set,
                None => return Ok(None),
            },
            (None, None) => {
                let keys: Vec<_> = self.keys().map(|key| format!("{key:#010x}")).collect();
                let taken = format!(
                    "other programs have taken the keys {} of semaphore sets: `ipcs -s` lists them",
                    keys.join(", ")
                );
                return Err(io::Error::new(io::ErrorKind::AddrInUse, taken));
            }
        };
        Ok(self.tag_it(set)?.then_some(set))
    }

    fn survey(self, own: Option<SemaphoreSet>) -> io::Result<Survey> {
        let mut survey = Survey::default();
        for key in self.keys() {
            let set = match SemaphoreSet::find(key, SIZE)? {
                Keyed::Set(set) => set,
                Keyed::Smaller => continue,
                Keyed::Nothing => {
                    survey.free.get_or_insert(key);
                    continue;
                }
            };
            let whose = self.whose(set).map_err(|err| unreadable(key, &err))?;
            match whose {
                Whose::Ours if own == Some(set) => {}
                Whose::Ours => match set.value(LOCK)? {
                    Some(0) => drop(survey.unlocked.get_or_insert(set)),
                    Some(_) => drop(survey.locked.get_or_insert(set)),
                    None => {}
                },
                Whose::Nobodys => drop(survey.blank.get_or_insert(set)),
                Whose::Theirs => {}
            }
        }
        Ok(survey)
    }

    fn whose(self, set: SemaphoreSet) -> io::Result<Whose> {
        let tag = self.tag().map(i32::from);
        for _ in 0..2 {
            return Ok(match set.value(TAG[0])? {
                Some(0) if is_blank(set)? => Whose::Nobodys,
                // Between the two looks it may have been tagged: look again.
                Some(0) => continue,
                // Both parts were written at once, and for good.
                Some(part) if part == tag[0] && set.value(TAG[1])? == Some(tag[1]) => Whose::Ours,
                _ => Whose::Theirs,
            });
        }
        Ok(Whose::Theirs)
    }

    /// Tags a blank set; whether that was done.
    pub(super) fn tag_it(self, set: SemaphoreSet) -> io::Result<bool> {
        let [one, other] = self.tag();
        // Between seeing that it has none and now, somebody may have tagged it, for this path or for
        // another that has the same key.
        let mut steps: Vec<_> = (0..SIZE).map(Step::zero).collect();
        steps.extend([Step::add(TAG[0], one), Step::add(TAG[1], other)]);
        steps.extend(SIGNATURE.map(|(semaphore, part)| Step::add(semaphore, part)));
        Ok(set.try_take(&steps)? == Outcome::Taken)
    }
}

/// Whether it is as it was made, and not of another program, whose sets are larger or in use.
fn is_blank(set: SemaphoreSet) -> io::Result<bool> {
    has_values(set, (0..SIZE).map(|semaphore| (semaphore, 0)))
}

/// Whether it is a set of this crate, of whatever path: no other program has sets of this size with
/// such values, unless it means to.
pub(super) fn is_signed(set: SemaphoreSet) -> io::Result<bool> {
    for part in TAG {
        // As `Address::tag` makes them.
        if set.value(part)?.is_none_or(|part| part & 0x4000 == 0) {
            return Ok(false);
        }
    }
    has_values(set, SIGNATURE)
}

/// Whether it has these values, and is of our size.
fn has_values(set: SemaphoreSet, values: impl IntoIterator<Item = (u16, i16)>) -> io::Result<bool> {
    for (semaphore, value) in values {
        if set.value(semaphore)? != Some(value.into()) {
            return Ok(false);
        }
    }
    Ok(set.value(SIZE)?.is_none())
}

/// Makes a set, for those who may open `file`; `None` if somebody else was faster.
fn make(key: i32, file: &File) -> io::Result<Option<SemaphoreSet>> {
    let rights = sys::rights(file)?;
    let Some(set) = SemaphoreSet::create(key, SIZE, rights.mode)? else { return Ok(None) };
    // The bits mean the file's owner and group. (Between making it and now, those are refused it,
    // with an error.) If it has gone again, that will be noticed.
    let _ = set.give(rights.uid, rights.gid);
    Ok(Some(set))
}

/// It may be a set of this path, locked: so there is no going on.
fn unreadable(key: i32, err: &io::Error) -> io::Error {
    let why = format!(
        "the semaphore set with the key {key:#010x} cannot be read: {err}; `ipcs -s` tells whose it \
         is, and once nobody uses it, its owner can remove it (`ipcrm -S {key:#x}`)"
    );
    io::Error::new(err.kind(), why)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn one_of_two_paths_with_the_same_keys_tags_a_set_that_both_found_blank() {
        let same_keys = u64::from(std::process::id()) << 8 | 0x5E;
        let [one, other] = [0x1111_0000_0000, 0x2222_0000_0000]
            .map(|upper| Address::with_digest(same_keys | upper));
        let key = one.keys().next().unwrap();
        let set = SemaphoreSet::create(key, SIZE, 0o600).unwrap().unwrap();
        let tagged = [one.tag_it(set).unwrap(), other.tag_it(set).unwrap()];
        let (ours, theirs) = (one.whose(set).unwrap(), other.whose(set).unwrap());
        set.remove().unwrap();
        assert_eq!(tagged, [true, false]);
        assert!(matches!((ours, theirs), (Whose::Ours, Whose::Theirs)));
    }
}
