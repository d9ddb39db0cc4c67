//! unix(7) - a turnstile: of those who wait for one event, only the first watches for it.
//!
//! If all watched, each hand-over would wake them all, and all but one in vain: with 128 who wait,
//! 8,256 wake-ups for 128 hand-overs. So the first of them listens on a socket in the abstract
//! namespace, whose name only one can have. The others connect to it, and sleep: the kernel's
//! queue of connections keeps the order of their coming. Whoever leaves the front gives the
//! listening socket itself to the next in the queue, and with it the queue (`SCM_RIGHTS`), and what
//! it watched with besides.
//!
//! If the first dies, the socket closes, and all who wait behind it are woken and begin again.
//! Nothing is left of it, whoever dies when. It decides nothing: the worst that a stranger can do
//! who takes the name is to make those wait behind him, who look for themselves once in a while.

use std::io::{IoSlice, IoSliceMut};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};

use nix::errno::Errno;
use nix::sys::socket::sockopt::PeerCredentials;
use nix::sys::socket::{
    AddressFamily, Backlog, ControlMessage, ControlMessageOwned, MsgFlags, Shutdown, SockFlag,
    SockType, UnixAddr, accept4, bind, connect, getsockopt, listen, recvmsg, sendmsg, shutdown,
    socket,
};
use nix::unistd::geteuid;

/// How often is tried to be the first or to find one, where others come and go at the same time.
const TRIES: u32 = 100;

/// A place at the turnstile.
#[derive(Debug)]
pub(crate) struct Turnstile {
    name: String,
    place: Place,
}

#[derive(Debug)]
enum Place {
    /// At its front, with the listening socket.
    First(OwnedFd),
    /// In the queue, with a connection to the first.
    Behind(OwnedFd),
    /// There is no turnstile: no sockets in this sandbox, a stranger's, a queue that is full.
    Aside,
}

impl Turnstile {
    /// Takes the last place at the turnstile `name`, one for each user and network namespace.
    pub(crate) fn enter(name: &str) -> Self {
        let name = format!("tenure-{}-{name}", geteuid());
        let place = take_place(&name);
        Self { name, place }
    }

    /// Whether somebody else watches, and will tell.
    pub(crate) fn is_behind(&self) -> bool {
        matches!(self.place, Place::Behind(_))
    }

    /// What becomes readable when there is reason to [`advance`](Self::advance).
    pub(crate) fn fd(&self) -> Option<BorrowedFd<'_>> {
        match &self.place {
            Place::Behind(connection) => Some(connection.as_fd()),
            Place::First(_) | Place::Aside => None,
        }
    }

    /// Goes to the front if it is one's turn.
    pub(crate) fn advance(&mut self) -> Advance {
        let Place::Behind(connection) = &self.place else { return Advance::None };
        match take_over(connection) {
            Turn::Later => Advance::None,
            Turn::Now { listener, luggage } => {
                self.place = Place::First(listener);
                Advance::First { luggage }
            }
            // The first has died.
            Turn::Never => {
                self.place = take_place(&self.name);
                Advance::Anew
            }
        }
    }

    /// Leaves, and lets the next go to the front, with the luggage; returns it if nobody is there.
    pub(crate) fn leave(mut self, luggage: Option<OwnedFd>) -> Option<OwnedFd> {
        match &self.place {
            Place::First(listener) if pass_on(listener, luggage.as_ref()) => {
                self.place = Place::Aside;
                None
            }
            _ => luggage,
        }
    }
}

/// What has changed about a place.
#[derive(Debug)]
pub(crate) enum Advance {
    /// Nothing.
    None,
    /// It is at the front now, with what the one before watched with.
    First { luggage: Option<OwnedFd> },
    /// The queue has dissolved, and formed again.
    Anew,
}

impl Drop for Turnstile {
    fn drop(&mut self) {
        match std::mem::replace(&mut self.place, Place::Aside) {
            Place::First(listener) => {
                if !pass_on(&listener, None) {
                    // Also for the copies that a child forked meanwhile may have. Who connects
                    // between our last look and now finds the connection closed, and begins again.
                    let _ = shutdown(listener.as_raw_fd(), Shutdown::Both);
                }
            }
            Place::Behind(connection) => {
                // From here on nothing can be given to us, also by way of the copies of the
                // descriptor that a child forked meanwhile may have.
                let _ = shutdown(connection.as_raw_fd(), Shutdown::Both);
                // But it may have been, in the moment in which we gave up.
                if let Turn::Now { listener, luggage } = take_over(&connection) {
                    drop(
                        Self { name: String::new(), place: Place::First(listener) }.leave(luggage),
                    );
                }
            }
            Place::Aside => {}
        }
    }
}

fn take_place(name: &str) -> Place {
    let Ok(address) = UnixAddr::new_abstract(name.as_bytes()) else { return Place::Aside };
    for _ in 0..TRIES {
        match try_place(&address) {
            // Between our attempts to be the first and to find it, it has gone, or it has the name
            // and does not listen yet.
            Err(Errno::ECONNREFUSED) => std::thread::yield_now(),
            Err(_) => return Place::Aside,
            Ok(place) => return place,
        }
    }
    Place::Aside
}

fn try_place(address: &UnixAddr) -> nix::Result<Place> {
    let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
    let socket = socket(AddressFamily::Unix, SockType::Stream, flags, None)?;
    match bind(socket.as_raw_fd(), address) {
        Ok(()) => {
            listen(&socket, Backlog::MAXALLOWABLE)?;
            Ok(Place::First(socket))
        }
        Err(Errno::EADDRINUSE) => {
            connect(socket.as_raw_fd(), address)?;
            // A stranger's is not waited at.
            let owner = getsockopt(&socket, PeerCredentials)?.uid();
            Ok(if owner == geteuid().as_raw() { Place::Behind(socket) } else { Place::Aside })
        }
        Err(err) => Err(err),
    }
}

/// Gives the listening socket to the first in its queue who is still there; whether anybody was.
fn pass_on(listener: &OwnedFd, luggage: Option<&OwnedFd>) -> bool {
    let fds: Vec<RawFd> = [listener].into_iter().chain(luggage).map(AsRawFd::as_raw_fd).collect();
    let rights = [ControlMessage::ScmRights(&fds)];
    let one = [IoSlice::new(b"!")];
    let flags = MsgFlags::MSG_NOSIGNAL | MsgFlags::MSG_DONTWAIT;
    while let Some(connection) = next(listener) {
        if sendmsg::<UnixAddr>(connection.as_raw_fd(), &one, &rights, flags, None).is_ok() {
            return true;
        }
    }
    false
}

fn next(listener: &OwnedFd) -> Option<OwnedFd> {
    loop {
        let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
        match accept4(listener.as_raw_fd(), flags) {
            Ok(fd) => return Some(own(fd)),
            Err(Errno::EINTR | Errno::ECONNABORTED) => {}
            Err(_) => return None,
        }
    }
}

enum Turn {
    Now { listener: OwnedFd, luggage: Option<OwnedFd> },
    Later,
    Never,
}

/// Takes the listening socket, if it was given to us.
fn take_over(connection: &OwnedFd) -> Turn {
    let mut byte = [0];
    let mut iov = [IoSliceMut::new(&mut byte)];
    let mut space = nix::cmsg_space!([RawFd; 2]);
    let flags = MsgFlags::MSG_CMSG_CLOEXEC | MsgFlags::MSG_DONTWAIT;
    let message = match recvmsg::<()>(connection.as_raw_fd(), &mut iov, Some(&mut space), flags) {
        Ok(message) => message,
        Err(Errno::EAGAIN | Errno::EINTR) => return Turn::Later,
        Err(_) => return Turn::Never,
    };
    let Ok(parts) = message.cmsgs() else { return Turn::Never };
    let mut fds = parts
        .flat_map(|part| match part {
            ControlMessageOwned::ScmRights(fds) => fds,
            _ => Vec::new(),
        })
        .map(own);
    let Some(listener) = fds.next() else { return Turn::Never };
    Turn::Now { listener, luggage: fds.next() }
}

#[expect(unsafe_code, reason = "a raw descriptor becomes an owned one")]
fn own(fd: RawFd) -> OwnedFd {
    // SAFETY: the kernel has just made this descriptor for us, and nothing else knows of it.
    unsafe { OwnedFd::from_raw_fd(fd) }
}
