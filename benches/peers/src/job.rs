//! What a worker process is told to do, on its command line.

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use crate::lock::Patience;
use crate::peer::Peer;

/// The first argument of a worker.
pub(crate) const WORKER: &str = "--worker";

/// A limit that is never met.
pub(crate) const LONG: Patience = Patience::AtMost(Duration::from_mins(10));

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Holds when told to, until told to release.
    Hold,
    /// Waits for the lock when told to, and says when it was inside.
    Wait,
    /// As `Wait`, and stays inside for a moment.
    Stay,
    /// Acquires and releases until the time is over.
    Contend,
}

#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) role: Role,
    pub(crate) peer: Peer,
    pub(crate) patience: Patience,
    pub(crate) path: PathBuf,
    /// The path of the [`Shared`](crate::board::Shared) board, and the place on it.
    pub(crate) board: PathBuf,
    pub(crate) seat: usize,
}

impl Job {
    pub(crate) fn to_args(&self) -> [OsString; 7] {
        let role = match self.role {
            Role::Hold => "hold",
            Role::Wait => "wait",
            Role::Stay => "stay",
            Role::Contend => "contend",
        };
        let patience = match self.patience {
            Patience::Once => "once",
            Patience::Forever => "forever",
            Patience::AtMost(_) => "long",
        };
        [
            WORKER.into(),
            role.into(),
            self.peer.name().into(),
            patience.into(),
            self.path.clone().into(),
            self.board.clone().into(),
            self.seat.to_string().into(),
        ]
    }

    /// Reads what follows [`WORKER`].
    pub(crate) fn from_args(args: &[OsString]) -> io::Result<Self> {
        let wrong = || io::Error::new(io::ErrorKind::InvalidInput, "workers start themselves");
        let [role, peer, patience, path, board, seat] = args else { return Err(wrong()) };
        let role = match role.to_str() {
            Some("hold") => Role::Hold,
            Some("wait") => Role::Wait,
            Some("stay") => Role::Stay,
            Some("contend") => Role::Contend,
            _ => return Err(wrong()),
        };
        let patience = match patience.to_str() {
            Some("once") => Patience::Once,
            Some("forever") => Patience::Forever,
            Some("long") => LONG,
            _ => return Err(wrong()),
        };
        let peer = Peer::ALL.into_iter().find(|known| peer.to_str() == Some(known.name()));
        let seat = seat.to_str().and_then(|seat| seat.parse().ok());
        Ok(Self {
            role,
            peer: peer.ok_or_else(wrong)?,
            patience,
            path: path.into(),
            board: board.into(),
            seat: seat.ok_or_else(wrong)?,
        })
    }
}
