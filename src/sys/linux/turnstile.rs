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
//! Nothing is left of it, whoever dies when. It decides nothing: whoever waits behind it looks for
//! himself once in a while, because the first may have been stopped.
//!
//! The name is open to all users of the machine. So whoever connects is asked who he is, and
//! nothing is given to another user, nor waited for behind one: a listening socket never leaves its
//! user, and what comes over a connection to it is from that user. All that a stranger can do is to
//! take the name first, and then there is no turnstile.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::io::{IoSlice, IoSliceMut};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::sockopt::PeerCredentials;
use nix::sys::socket::{
    AddressFamily, Backlog, ControlMessage, ControlMessageOwned, MsgFlags, Shutdown, SockFlag,
    SockType, UnixAddr, accept4, bind, connect, getsockopt, listen, recvmsg, sendmsg, shutdown,
    socket,
};
use nix::unistd::geteuid;

use crate::sys::unix::generation::Generation;

/// How often is tried to be the first or to find one, where others come and go at the same time.
const TRIES: u32 = 100;

/// How many can be behind the first and not be greeted yet: those who come then wait aside. As many as
/// the system allows.
#[cfg(not(target_os = "android"))]
const BACKLOG: Backlog = Backlog::MAXALLOWABLE;
#[cfg(target_os = "android")]
const BACKLOG: Backlog = Backlog::MAXCONN;

/// How many names there are for one turnstile. A name stays taken for as long as a forked child has
/// a copy of the socket that nobody listens to any more.
const NAMES: u32 = 3;

/// The user whom a user namespace shows in place of all whom it does not know.
const OVERFLOW_UID: u32 = 65_534;

/// A place at the turnstile.
#[derive(Debug)]
pub(crate) struct Turnstile {
    name: String,
    place: Place,
    /// Who took the place. A forked child has copies of the sockets, and only closes them.
    process: Generation,
}

#[derive(Debug)]
enum Place {
    /// At its front.
    First(Front),
    /// In the queue, with a connection to the first.
    Behind(OwnedFd),
    /// There is no turnstile: no sockets in this sandbox, a stranger's, a queue that is full.
    Aside,
}

/// The listening socket, and those in its queue who were seen already, in the order of their coming.
#[derive(Debug)]
struct Front {
    listener: OwnedFd,
    waiting: RefCell<VecDeque<OwnedFd>>,
    looks: Cell<u32>,
}

impl Turnstile {
    /// Takes the last place at the turnstile `name`, one for each user and network namespace.
    pub(crate) fn enter(name: &str) -> Self {
        let name = format!("tenure-{}-{name}", geteuid());
        let place = take_place(&name);
        Self { name, place, process: Generation::current() }
    }

    /// Takes no place, and watches beside those who do.
    pub(crate) fn pass_by() -> Self {
        Self { name: String::new(), place: Place::Aside, process: Generation::current() }
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

    /// Goes to the front if it is one's turn. At the front, forgets those in the queue who have
    /// gone, so that they do not fill it.
    pub(crate) fn advance(&mut self) -> Advance {
        let connection = match &self.place {
            Place::Behind(connection) => connection,
            Place::First(front) => {
                front.tidy();
                return Advance::None;
            }
            Place::Aside => return Advance::None,
        };
        match take_over(connection) {
            Turn::Later => Advance::None,
            Turn::Now { listener, luggage } => {
                self.place = Place::First(Front::new(listener));
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
            Place::First(front) if self.is_own() && front.pass_on(luggage.as_ref()) => {
                self.place = Place::Aside;
                None
            }
            _ => luggage,
        }
    }

    fn is_own(&self) -> bool {
        self.process == Generation::current()
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
        if !self.is_own() {
            return;
        }
        match std::mem::replace(&mut self.place, Place::Aside) {
            Place::First(front) => front.give_up(None),
            Place::Behind(connection) => {
                // From here on nothing can be given to us, also by way of the copies of the
                // descriptor that a child forked meanwhile may have.
                let _ = shutdown(connection.as_raw_fd(), Shutdown::Both);
                // But it may have been, in the moment in which we gave up.
                if let Turn::Now { listener, luggage } = take_over(&connection) {
                    Front::new(listener).give_up(luggage.as_ref());
                }
            }
            Place::Aside => {}
        }
    }
}

impl Front {
    fn new(listener: OwnedFd) -> Self {
        Self { listener, waiting: RefCell::default(), looks: Cell::default() }
    }

    /// Gives the listening socket to the first in its queue who is still there, and then the
    /// luggage; whether anybody was.
    fn pass_on(&self, luggage: Option<&OwnedFd>) -> bool {
        while let Some(connection) = self.next() {
            if send(&connection, Some(&self.listener)) {
                // A message of its own, so that a lack of descriptors loses this one alone.
                let _ = send(&connection, luggage);
                // Those who were taken out of the kernel's queue find the connection closed, and
                // begin again, in some order.
                return true;
            }
        }
        false
    }

    /// The next who waits, of this user.
    fn next(&self) -> Option<OwnedFd> {
        self.waiting.borrow_mut().pop_front().or_else(|| self.accept())
    }

    fn accept(&self) -> Option<OwnedFd> {
        loop {
            let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
            match accept4(self.listener.as_raw_fd(), flags) {
                Ok(fd) => {
                    let connection = own(fd);
                    if is_of_this_user(&connection) {
                        return Some(connection);
                    }
                }
                Err(Errno::EINTR | Errno::ECONNABORTED) => {}
                Err(_) => return None,
            }
        }
    }
}
/// How many looks at the front pass between two times that it is tidied: a minute, if nothing
/// happens.
const LOOKS: u32 = 64;

impl Front {
    /// Forgets those in the queue who have gone: a wait that was over soon leaves its connection in
    /// the kernel's queue, which would be full one day.
    ///
    /// Those who are there lose their order: when the front is passed on, all but the next of them
    /// have to begin again.
    fn tidy(&self) {
        self.looks.set(self.looks.get() + 1);
        if self.looks.get() % LOOKS == 0 {
            let mut waiting = self.waiting.borrow_mut();
            waiting.extend(std::iter::from_fn(|| self.accept()));
            waiting.retain(is_there);
        }
    }

    /// Passes the front on, or, where nobody is there, takes the turnstile down.
    fn give_up(self, luggage: Option<&OwnedFd>) {
        if self.pass_on(luggage) {
            return;
        }
        // Also for the copies that a forked child may have; from here on nobody can connect.
        let _ = shutdown(self.listener.as_raw_fd(), Shutdown::Both);
        // Whoever connected between our last look and now finds the connection closed, and begins
        // again.
        while self.next().is_some() {}
    }
}

/// Sends `fd`, if there is one, with a byte.
fn send(connection: &OwnedFd, fd: Option<&OwnedFd>) -> bool {
    let fds: Vec<RawFd> = fd.map(AsRawFd::as_raw_fd).into_iter().collect();
    let rights = [ControlMessage::ScmRights(&fds)];
    let rights = if fds.is_empty() { &[][..] } else { &rights[..] };
    let one = [IoSlice::new(b"!")];
    let flags = MsgFlags::MSG_NOSIGNAL | MsgFlags::MSG_DONTWAIT;
    sendmsg::<UnixAddr>(connection.as_raw_fd(), &one, rights, flags, None).is_ok()
}

/// Whether the other end is open still.
fn is_there(connection: &OwnedFd) -> bool {
    let mut fds = [PollFd::new(connection.as_fd(), PollFlags::POLLIN)];
    // Who waits sends nothing: readable means closed.
    matches!(poll(&mut fds, PollTimeout::ZERO), Ok(0))
}

/// Whether the other end belongs to this user, for certain.
fn is_of_this_user(connection: &OwnedFd) -> bool {
    let own = geteuid().as_raw();
    let peer = getsockopt(connection, PeerCredentials).map(|peer| peer.uid());
    own != OVERFLOW_UID && peer == Ok(own)
}

fn take_place(name: &str) -> Place {
    for number in 0..NAMES {
        let Ok(address) = UnixAddr::new_abstract(format!("{name}.{number}").as_bytes()) else {
            return Place::Aside;
        };
        for _ in 0..TRIES {
            match try_place(&address) {
                // Between our attempts to be the first and to find it, it has gone, or it has the
                // name and does not listen yet, or no more.
                Err(Errno::ECONNREFUSED) => std::thread::yield_now(),
                Err(_) => return Place::Aside,
                Ok(place) => return place,
            }
        }
    }
    Place::Aside
}

fn try_place(address: &UnixAddr) -> nix::Result<Place> {
    let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
    let socket = socket(AddressFamily::Unix, SockType::Stream, flags, None)?;
    match bind(socket.as_raw_fd(), address) {
        Ok(()) => {
            listen(&socket, BACKLOG)?;
            Ok(Place::First(Front::new(socket)))
        }
        Err(Errno::EADDRINUSE) => {
            connect(socket.as_raw_fd(), address)?;
            Ok(if is_of_this_user(&socket) { Place::Behind(socket) } else { Place::Aside })
        }
        Err(err) => Err(err),
    }
}

enum Turn {
    Now { listener: OwnedFd, luggage: Option<OwnedFd> },
    Later,
    Never,
}

/// Takes the listening socket, if it was given to us.
fn take_over(connection: &OwnedFd) -> Turn {
    match receive(connection) {
        Ok(Some(listener)) => {
            Turn::Now { listener, luggage: receive(connection).unwrap_or_default() }
        }
        Err(Errno::EAGAIN | Errno::EINTR) => Turn::Later,
        Ok(None) | Err(_) => Turn::Never,
    }
}

/// The descriptor in the next message, if there is one in it.
fn receive(connection: &OwnedFd) -> nix::Result<Option<OwnedFd>> {
    let mut byte = [0];
    let mut iov = [IoSliceMut::new(&mut byte)];
    let mut space = nix::cmsg_space!(RawFd);
    let flags = MsgFlags::MSG_CMSG_CLOEXEC | MsgFlags::MSG_DONTWAIT;
    let message = recvmsg::<()>(connection.as_raw_fd(), &mut iov, Some(&mut space), flags)?;
    // Where there is no descriptor left for it, the kernel says that it is truncated, and gives
    // none.
    let fds = message.cmsgs()?.find_map(|part| match part {
        ControlMessageOwned::ScmRights(fds) => fds.first().copied(),
        _ => None,
    });
    Ok(fds.map(own))
}

#[expect(unsafe_code, reason = "a raw descriptor becomes an owned one")]
fn own(fd: RawFd) -> OwnedFd {
    // SAFETY: the kernel has just made this descriptor for us, and nothing else knows of it.
    unsafe { OwnedFd::from_raw_fd(fd) }
}

#[cfg(test)]
mod tests;
