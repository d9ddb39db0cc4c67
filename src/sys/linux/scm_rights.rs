//! sendmsg(2) and recvmsg(2), `SCM_RIGHTS` of unix(7) - a descriptor that goes to another process.

use std::fs::File;
use std::io::{self, IoSlice, IoSliceMut};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::net::UnixStream;

use nix::errno::Errno;
use nix::sys::socket::{ControlMessage, ControlMessageOwned, MsgFlags, recvmsg, sendmsg};

/// The most descriptors that come with one message (`SCM_MAX_FD`).
const MOST: usize = 253;

/// Room for what this socket may have been told to receive besides: credentials, times, labels.
const BESIDES: usize = 1024;

/// Sends some of `bytes`, with a copy of `file`; how many. No signal tells that nobody reads.
pub(crate) fn send_rights(
    stream: &UnixStream,
    bytes: &[u8],
    file: Option<&File>,
) -> io::Result<usize> {
    let descriptors: Vec<RawFd> = file.map(AsRawFd::as_raw_fd).into_iter().collect();
    let rights = [ControlMessage::ScmRights(&descriptors)];
    let rights = if descriptors.is_empty() { &[][..] } else { &rights };
    let flags = MsgFlags::MSG_NOSIGNAL;
    retry(|| sendmsg::<()>(stream.as_raw_fd(), &[IoSlice::new(bytes)], rights, flags, None))
}

/// Receives some bytes, and all the descriptors that came with them, which no child inherits.
#[expect(unsafe_code, reason = "descriptors are received as numbers")]
pub(crate) fn receive_rights(
    stream: &UnixStream,
    bytes: &mut [u8],
) -> io::Result<(usize, Vec<OwnedFd>)> {
    let mut room = vec![0; nix::cmsg_space!([RawFd; MOST]).capacity() + BESIDES];
    let mut slices = [IoSliceMut::new(bytes)];
    loop {
        let flags = MsgFlags::MSG_CMSG_CLOEXEC;
        let fd = stream.as_raw_fd();
        let message = match recvmsg::<()>(fd, &mut slices, Some(&mut room), flags) {
            Err(Errno::EINTR) => continue,
            message => message?,
        };
        let rights = message.cmsgs()?.filter_map(|control| match control {
            ControlMessageOwned::ScmRights(descriptors) => Some(descriptors),
            _ => None,
        });
        let owned = |number| {
            // SAFETY: the kernel has made it for us just now, and nobody else knows of it.
            unsafe { OwnedFd::from_raw_fd(number) }
        };
        let descriptors = rights.flatten().map(owned).collect();
        return Ok((message.bytes, descriptors));
    }
}

fn retry<T>(mut call: impl FnMut() -> nix::Result<T>) -> io::Result<T> {
    loop {
        match call() {
            Err(Errno::EINTR) => {}
            result => return Ok(result?),
        }
    }
}
