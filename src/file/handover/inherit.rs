//! A lock that goes on in another program, which inherits the descriptor.

use std::ffi::OsStr;
use std::fmt;
use std::fs::File;
use std::process::Command;
use std::str::FromStr;

use crate::error::{Error, Op, Result, failed};
use crate::file::before::Before;
use crate::file::held::{Exclusion, Held, Part, Start};
use crate::file::locked_file::LockedFile;
use crate::file::{absolute, content, lease};
use crate::identity::Identity;
use crate::possession::Possession;
use crate::record::{Content, Record};
use crate::settings::Settings;
use crate::sys::{self, Kind, Stat};

/// The environment variable with what is inherited, separated by commas.
const VARIABLE: &str = "TENURE_INHERIT";

/// What the variable says of one lockfile. It means something only while the record is still the
/// one that it names: for everybody else who finds it in the environment, it is nothing.
#[derive(Debug, PartialEq, Eq)]
struct Legacy {
    /// The number of the descriptor.
    number: i32,
    /// Of the record.
    pid: u32,
    nonce: String,
}

impl fmt::Display for Legacy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.number, self.pid, self.nonce)
    }
}

impl FromStr for Legacy {
    type Err = ();

    fn from_str(text: &str) -> std::result::Result<Self, ()> {
        let mut parts = text.splitn(3, ':');
        let mut part = || parts.next().ok_or(());
        let number = part()?.parse().map_err(drop)?;
        let pid = part()?.parse().map_err(drop)?;
        Ok(Self { number, pid, nonce: part()?.to_owned() })
    }
}

impl Legacy {
    fn is_of(&self, record: &Record) -> bool {
        let same = |nonce: &String| *nonce == self.nonce;
        record.pid == self.pid && record.nonce.as_ref().is_none_or(same)
    }
}

impl<E: Exclusion> Held<E> {
    /// Has the program of `command` inherit the lock.
    pub(in crate::file) fn pass_to(&mut self, command: &mut Command) -> Result<()> {
        let title = self.check_passing()?;
        let number = sys::pass_on(command, &self.file).map_err(failed(Op::Pass, &self.path))?;
        // From here on the record is asked who holds, before anything is done.
        if !title.contest() {
            return Err(self.no_holder());
        }
        self.passed = true;
        #[cfg(feature = "signals")]
        self.tell_twin();
        self.announce(number, command);
        Ok(())
    }

    /// Tells the program of `command` that it inherits the lock, in descriptor `number`.
    pub(in crate::file) fn announce(&self, number: i32, command: &mut Command) {
        let legacy = Legacy {
            number,
            pid: self.record.pid,
            nonce: self.record.nonce.clone().unwrap_or_default(),
        };
        let before = command.get_envs().find_map(|(name, value)| {
            value.filter(|_| name == OsStr::new(VARIABLE)).map(OsStr::to_owned)
        });
        let mut value = before.map(|mut before| {
            before.push(",");
            before
        });
        let value = value.get_or_insert_default();
        value.push(legacy.to_string());
        command.env(VARIABLE, value);
    }

    /// What another process has acquired, as long as it is that one's.
    pub(in crate::file) fn heir(
        exclusion: E,
        settings: &Settings,
        file: File,
        stat: Stat,
        found: Record,
    ) -> Result<Self> {
        let message = settings.message.clone().filter(|message| !message.is_empty());
        let possession = Start {
            file: LockedFile::new(file, stat.id, stat.len),
            path: absolute(&settings.path)?.into_owned(),
            record: Record { message: message.or(found.message.clone()), ..found },
            part: Part::Whole,
            before: Before::default(),
        };
        Ok(Self::of_nobody(settings, exclusion, possession))
    }
}

/// Takes over what this program has inherited for the lockfile of `settings`; `None` if that is
/// nothing, or nothing any more.
pub(in crate::file) fn inherit(
    exclusion: impl Exclusion,
    settings: &Settings,
) -> Result<Option<Box<dyn Possession>>> {
    let Some(variable) = std::env::var_os(VARIABLE) else { return Ok(None) };
    let legacies = variable.to_str().unwrap_or_default().split(',');
    let mut legacies = legacies.filter_map(|text| text.parse::<Legacy>().ok());
    let path = &*absolute(&settings.path)?;
    let stat = match sys::path_stat(path).map_err(failed(Op::Inspect, path))? {
        Some(stat) if stat.kind == Kind::Regular => stat,
        _ => return Ok(None),
    };
    let file = match lease::open_past_leases(path, sys::open_to_read)? {
        Ok(file) => file,
        // Since we looked, its holder has released it.
        Err(err) if content::is_gone(&err) => return Ok(None),
        Err(err) => return Err(failed(Op::Read, path)(err)),
    };
    let Content::Record(found) = content::whole(&file, path)? else { return Ok(None) };
    drop(file);
    let Some(legacy) = legacies.find(|legacy| legacy.is_of(&found)) else { return Ok(None) };
    let inherited = sys::inherited(legacy.number, stat.id).map_err(failed(Op::Inspect, path))?;
    let Some(file) = inherited else { return Ok(None) };
    let mut held = Held::heir(exclusion, settings, file, stat, *found)?;
    if !held.has_no_rival()? {
        return Ok(None);
    }
    Ok(Some(Box::new(held)))
}

impl<E: Exclusion> Held<E> {
    /// Makes this process the holder, unless somebody was first.
    fn has_no_rival(&mut self) -> Result<bool> {
        self.check_goes_over()?;
        // Between our reading of the record and the mark, its holder may have released the lock.
        let hands = match self.hands() {
            Err(Error::RogueDeletion { .. }) => return Ok(false),
            hands => hands?,
        };
        let Content::Record(found) = content::whole(&self.file, &self.path)? else {
            return Ok(false);
        };
        if !self.is_same(&found) {
            return Ok(false);
        }
        // One who has dropped what he passed on has said that he released it, and has not unlocked; one
        // who has released it has.
        let released = found.released_at.is_some();
        let taken = self.take_over(&Identity::current());
        drop(hands);
        match taken {
            Err(Error::NotHeld { .. }) if released => Ok(false),
            taken => taken.map(|()| true),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_into_the_variable_can_be_read() {
        let legacy = Legacy { number: 7, pid: 4242, nonce: "0123456789abcdef".to_owned() };
        assert_eq!(legacy.to_string().parse(), Ok(legacy));
        for text in ["", ":", "7", "7:4242", "x:4242:n", "7:-1:n", "99999999999:1:n"] {
            assert_eq!(text.parse::<Legacy>(), Err(()), "{text}");
        }
    }

    #[test]
    fn it_is_of_one_record() {
        let legacy: Legacy = "7:4242:0123456789abcdef".parse().unwrap();
        let record = |pid, nonce: Option<&str>| Record {
            nonce: nonce.map(str::to_owned),
            ..Record::bare(pid)
        };
        assert!(legacy.is_of(&record(4242, Some("0123456789abcdef"))));
        assert!(legacy.is_of(&record(4242, None)), "a format that keeps none");
        assert!(!legacy.is_of(&record(4242, Some("fedcba9876543210"))));
        assert!(!legacy.is_of(&record(4243, None)));
    }
}
