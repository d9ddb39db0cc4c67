//! What a name leads to, whoever has put it there.

use std::fs::File;
use std::path::Path;

use crate::error::{Error, Op, Result, failed};
use crate::file::beside::nonce;
use crate::file::turns::Turns;
use crate::file::{content, not_a_lockfile, own_lock};
use crate::record::Content;
use crate::sys::{self, FileId, Kind};

/// What a file says, and the file unless it is a symbolic link.
pub(in crate::file) type Seen = (Content, Option<(File, FileId)>);

/// What is at `path`; `None` if nothing is there.
pub(in crate::file) fn read(path: &Path, mut open: Option<File>) -> Result<Option<Seen>> {
    let mut turns = Turns::new(path);
    loop {
        turns.take()?;
        let stat = match sys::path_stat(path) {
            Err(err) if sys::is_gone(&err) => continue,
            stat => stat.map_err(failed(Op::Inspect, path))?,
        };
        let Some(stat) = stat else { return Ok(None) };
        if own_lock::look(stat.id, |_| ()).is_some() {
            return Err(Error::busy(path, None));
        }
        match stat.kind {
            Kind::Regular => {}
            Kind::SymbolicLink => {
                let Some(record) = content::link(path)? else { continue };
                return Ok(Some((Content::Record(Box::new(record)), None)));
            }
            kind => return Err(not_a_lockfile(path, kind)),
        }
        // A file that is open keeps its number: if the path leads there, it is the same.
        let same = |file: &File| sys::stat(file).is_ok_and(|open| open.id == stat.id);
        let file = match open.take().filter(same) {
            Some(file) => file,
            None => match sys::open_to_read(path) {
                Ok(file) => file,
                Err(err) if content::is_gone(&err) => continue,
                Err(err) => return Err(failed(Op::Read, path)(err)),
            },
        };
        let content = sys::stat(&file).map_err(failed(Op::Inspect, path)).and_then(|stat| {
            let content = content::content(&file, stat.len, path)?;
            // Between looking and opening, it may have become something else.
            Ok((stat.kind == Kind::Regular).then_some((content, stat.id)))
        });
        match content {
            Ok(Some((content, id))) => return Ok(Some((content, Some((file, id))))),
            Ok(None) => {}
            Err(Error::Io { source, .. }) if content::is_gone(&source) => {}
            Err(err) => return Err(err),
        }
    }
}

/// Whether the file at `name` bears `own`.
pub(in crate::file) fn bears(name: &Path, own: &str) -> Result<bool> {
    Ok(match read(name, None)? {
        Some((Content::Record(record), Some(_))) => nonce(&record) == Some(own),
        _ => false,
    })
}
