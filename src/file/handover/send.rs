//! A lock that goes over to another process by a socket.
//!
//! ```text
//! holder                                     receiver
//!   │ its descriptor, whose record it has        │
//!   ├───────────────────────────────────────────▶│ is it what it says?
//!   │               the record to be             │
//!   │◀───────────────────────────────────────────┤
//!   │ under the mark: writes that record, and    │
//!   │ "it is yours"; or else its own, again      │
//!   ├───────────────────────────────────────────▶│ holds
//! ```
//!
//! It goes over with the record (I6), which the holder writes: so nobody else ever writes while he
//! holds. A receiver that is not told, because the holder has died or the socket is of no use, first
//! makes sure that it cannot be told any more, and then looks at the record under the mark: the
//! holder, if it lives, has taken the record back by then, because it could not tell. Whoever dies,
//! the record names the one who holds, dead or alive.

use std::fs::File;
use std::io;
use std::net::Shutdown;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;

use serde::{Deserialize, Serialize};

use crate::error::{Op, Result, failed};
use crate::file::handover::title::Title;
use crate::file::held::{Exclusion, Held};
use crate::file::{absolute, content, not_a_lockfile};
use crate::identity::Identity;
use crate::possession::Possession;
use crate::record::{Content, MESSAGE_LIMIT, READ_LIMIT, Record};
use crate::sabotage::{self, Guard};
use crate::settings::Settings;
use crate::sys::{self, Generation, Kind};

/// The longest line, and the longest record that is taken from a peer: half of what readers read.
const LINE_LIMIT: usize = READ_LIMIT / 2;

/// "It is yours."
const YOURS: u8 = 0x06;

/// What comes with the descriptor.
#[derive(Debug, Serialize, Deserialize)]
struct Offer {
    /// The version of what is said here, 1.
    tenure: u32,
    /// Of the record in the file.
    pid: u32,
    nonce: Option<String>,
}

/// What the receiver says to that.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Answer {
    Record(Box<Record>),
    Refused(String),
}

impl<E: Exclusion> Held<E> {
    /// Makes the peer of `stream`, which receives, the holder.
    ///
    /// # Errors
    ///
    /// It is not, and this value still holds; the stream is shut down.
    pub(in crate::file) fn send_to(&mut self, stream: &UnixStream) -> Result<()> {
        let title = self.check_passing()?;
        let result = self.offer(stream).and_then(|record| self.give(title, record, stream));
        if result.is_err() {
            let _ = stream.shutdown(Shutdown::Both);
        }
        result
    }

    /// Sends the descriptor; returns the record that the receiver wants written.
    fn offer(&mut self, stream: &UnixStream) -> Result<Record> {
        let said = |err| failed(Op::Pass, &self.path)(err);
        let (pid, nonce) = (self.record.pid, self.record.nonce.clone());
        send_line(stream, &Offer { tenure: 1, pid, nonce }, Some(&self.file)).map_err(said)?;
        let (line, descriptors) = receive_line(stream).map_err(said)?;
        drop(descriptors);
        match serde_json::from_slice(&line) {
            Ok(Answer::Record(record)) if self.may_be(&record) => Ok(*record),
            Ok(Answer::Refused(why)) => {
                let why = format!("the receiver refuses it: {}", why.escape_debug());
                Err(said(io::Error::other(why)))
            }
            _ => Err(said(invalid("the receiver's answer is no record of its own"))),
        }
    }

    /// Whether a receiver may have that record written.
    fn may_be(&self, record: &Record) -> bool {
        record.nonce.as_ref().is_some_and(|nonce| {
            nonce.len() == 16 && nonce.bytes().all(|byte| byte.is_ascii_hexdigit())
        }) && record.nonce != self.record.nonce
            && record.released_at.is_none()
            && record.message.as_ref().is_none_or(|message| message.len() <= MESSAGE_LIMIT)
    }

    /// Writes the record of the receiver, and says so.
    fn give(&mut self, title: Title, record: Record, stream: &UnixStream) -> Result<()> {
        if !title.contest() {
            return Err(self.no_holder());
        }
        self.act(|held| {
            let own = std::mem::replace(&mut held.record, record);
            let told = held.write().and_then(|()| {
                let told = sys::send_rights(stream, &[YOURS], None);
                told.map(drop).map_err(failed(Op::Pass, &held.path))
            });
            if let Err(err) = told {
                held.record = own;
                if !sabotage::without(Guard::TakeBack) {
                    let _ = held.write();
                }
                return Err(err);
            }
            // From here on there is only the descriptor to be closed.
            held.give_up();
            Ok(())
        })
    }

    /// It is another's; the copy of the descriptor is of no meaning any more.
    fn give_up(&mut self) {
        self.process = Generation::NONE;
        self.acquired = None;
        if let Some(post) = self.post.take() {
            post.hold_still().held = false;
            post.ring();
        }
        #[cfg(feature = "signals")]
        self.end_twin();
        self.title.take().into_iter().for_each(Title::end);
    }

    /// Whether the record names this one, once its sender cannot say so any more.
    fn was_given(&self, stream: &UnixStream) -> bool {
        // From here on the sender fails to tell us, and takes the record back.
        let _ = stream.shutdown(Shutdown::Both);
        let hands = self.hands();
        hands.is_ok() && matches!(self.is_named(), Ok(true))
    }
}

/// Receives the lock of `settings` from the peer of `stream`.
///
/// # Errors
///
/// It is not held, and the stream is shut down.
pub(in crate::file) fn receive_from(
    exclusion: impl Exclusion,
    settings: &Settings,
    stream: &UnixStream,
) -> Result<Box<dyn Possession>> {
    let path = &*absolute(&settings.path)?;
    let said = |err| failed(Op::Receive, path)(err);
    let mut held = match accept(exclusion, settings, stream) {
        Ok(held) => held,
        Err(err) => {
            let _ = send_line(stream, &Answer::Refused(err.to_string()), None);
            let _ = stream.shutdown(Shutdown::Both);
            return Err(err);
        }
    };
    let mut byte = [0];
    let told = send_line(stream, &Answer::Record(Box::new(held.record.clone())), None)
        .and_then(|()| sys::receive_rights(stream, &mut byte));
    let is_told = matches!(told, Ok((1, _))) && byte == [YOURS];
    if !is_told && !held.was_given(stream) {
        let err = match told {
            Err(err) => err,
            _ => io::Error::new(io::ErrorKind::UnexpectedEof, "the sender has kept it"),
        };
        return Err(said(err));
    }
    held.belong(Generation::current());
    // In our own format. What it says is right as it is.
    let _ = held.act(Held::write);
    Ok(Box::new(held))
}

/// What is received, with the record that is to be written; not held yet.
fn accept<E: Exclusion>(exclusion: E, settings: &Settings, stream: &UnixStream) -> Result<Held<E>> {
    let path = &*absolute(&settings.path)?;
    let said = |err| failed(Op::Receive, path)(err);
    let (line, descriptors) = receive_line(stream).map_err(said)?;
    let offer: Offer = serde_json::from_slice(&line)
        .map_err(|_| said(invalid("the peer does not send a lock")))?;
    if offer.tenure != 1 {
        return Err(said(invalid("the peer speaks a newer version")));
    }
    let count = descriptors.len();
    let [descriptor] = <[_; 1]>::try_from(descriptors)
        .map_err(|_| said(invalid(&format!("the peer sent {count} descriptors, and not one"))))?;
    let file = File::from(descriptor);
    let stat = sys::stat(&file).map_err(failed(Op::Inspect, path))?;
    if stat.kind != Kind::Regular {
        return Err(not_a_lockfile(path, stat.kind));
    }
    let named = sys::path_stat(path).map_err(failed(Op::Inspect, path))?;
    if named.is_none_or(|named| named.id != stat.id) {
        return Err(said(invalid("the peer sent another file")));
    }
    let Content::Record(found) = content::whole(&file, path)? else {
        return Err(said(invalid("the peer's lockfile has no record")));
    };
    if found.pid != offer.pid || found.nonce.is_some() && found.nonce != offer.nonce {
        return Err(said(invalid("the peer's lockfile has the record of another")));
    }
    let mut held = Held::heir(exclusion, settings, file, stat, *found)?;
    held.check_goes_over()?;
    // That it can be done is to be known before anybody relies on it.
    drop(held.hands()?);
    held.adopt()?;
    held.record = held.next_record(&Identity::current());
    Ok(held)
}

fn send_line(stream: &UnixStream, line: &impl Serialize, file: Option<&File>) -> io::Result<()> {
    let mut bytes = serde_json::to_vec(line)?;
    bytes.push(b'\n');
    let mut sent = sys::send_rights(stream, &bytes, file)?;
    while sent < bytes.len() {
        sent += sys::send_rights(stream, &bytes[sent..], None)?;
    }
    Ok(())
}

/// A line, and the descriptors that came with it. Nothing follows it: then the other side waits.
fn receive_line(stream: &UnixStream) -> io::Result<(Vec<u8>, Vec<OwnedFd>)> {
    let (mut line, mut descriptors) = (Vec::new(), Vec::new());
    let mut part = [0; 1024];
    loop {
        let (count, more) = sys::receive_rights(stream, &mut part)?;
        descriptors.extend(more);
        line.extend_from_slice(&part[..count]);
        match line.iter().position(|byte| *byte == b'\n') {
            _ if line.len() > LINE_LIMIT => return Err(invalid("the peer's line has no end")),
            Some(end) if end + 1 == line.len() => return Ok((line, descriptors)),
            Some(_) => return Err(invalid("the peer says more than it was asked for")),
            None if count == 0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            None => {}
        }
    }
}

fn invalid(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}
