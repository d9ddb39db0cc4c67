//! A lock that goes over by a socket.

use std::fs::{self, File};
use std::io::{IoSlice, Read, Write};
use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::time::Duration;

use nix::sys::socket::{ControlMessage, MsgFlags, sendmsg};
use tenure::{Error, Hardlink, Lockfile};

use crate::support::{Peer, Place, place};

fn listen(place: &Place) -> (UnixListener, String) {
    let path = place.dir().join("socket");
    let listener = UnixListener::bind(&path).unwrap();
    (listener, path.display().to_string())
}

/// Sends `text` with descriptors.
fn send(stream: &UnixStream, text: &str, files: &[&File]) {
    let numbers: Vec<RawFd> = files.iter().map(|file| file.as_raw_fd()).collect();
    let rights = [ControlMessage::ScmRights(&numbers)];
    let rights = if numbers.is_empty() { &[][..] } else { &rights };
    let text = [IoSlice::new(text.as_bytes())];
    sendmsg::<()>(stream.as_raw_fd(), &text, rights, MsgFlags::empty(), None).unwrap();
}

fn open_descriptors(path: &Path) -> usize {
    let entries = fs::read_dir("/proc/self/fd").unwrap();
    entries.flatten().filter(|fd| fs::read_link(fd.path()).is_ok_and(|at| at == path)).count()
}

fn offer(lock: &Lockfile) -> String {
    let record = lock.record().unwrap();
    let nonce = record.nonce.as_ref().unwrap();
    format!("{{\"tenure\":1,\"pid\":{},\"nonce\":\"{nonce}\"}}\n", record.pid)
}

#[test]
fn whoever_receives_is_the_holder_and_whoever_sent_is_inert() {
    let place = place();
    let (listener, socket) = listen(&place);
    for options in ["", "keep", "pid", "pid-bare", "pid-line"] {
        let mut lock = Lockfile::new(&place.path).message("first");
        lock.try_lock().unwrap();
        let mut receiver = Peer::with(&place.path, options);
        receiver.tell(&format!("receive_from {socket}"));
        let (stream, _) = listener.accept().unwrap();
        lock.send_to(&stream).unwrap();
        assert_eq!(receiver.answer(), "ok", "{options}");
        assert!(!lock.is_held());
        drop(lock);
        let holder = Lockfile::new(&place.path).holder().unwrap().unwrap();
        assert_eq!(holder.pid(), receiver.pid());
        assert_eq!(receiver.ask("verify"), "ok");
        assert!(Lockfile::acquire(&place.path).unwrap_err().is_busy());
        assert_eq!(receiver.ask("unlock"), "ok");
        Lockfile::acquire(&place.path).unwrap();
    }
}

#[test]
fn the_sender_may_be_killed_afterwards() {
    let place = place();
    let (listener, socket) = listen(&place);
    let mut sender = Peer::holding(&place.path);
    sender.tell(&format!("send_to {socket}"));
    let (stream, _) = listener.accept().unwrap();
    let mut lock = Lockfile::new(&place.path);
    lock.receive_from(&stream).unwrap();
    assert_eq!(sender.answer(), "ok");
    sender.crash();
    lock.verify().unwrap();
    assert!(Lockfile::acquire(&place.path).unwrap_err().is_busy());
    lock.unlock().unwrap();
}

#[test]
fn after_a_receiver_that_is_no_receiver_the_sender_still_holds() {
    let place = place();
    let mut lock = Lockfile::acquire(&place.path).unwrap();
    let before = fs::read(&place.path).unwrap();
    let endless = "x".repeat(10_000);
    let answers = [
        "",
        "\n",
        "hello\n",
        "{\"record\":{\"pid\":1}}\n",
        "{\"record\":{\"pid\":-1,\"nonce\":\"0123456789abcdef\"}}\n",
        "{\"record\":{\"pid\":1,\"nonce\":\"0123456789abcdef\",\"released_at\":\"2026-11-21T05:49:00Z\"}}\n",
        "{\"refused\":\"\\u001b[2J\"}\n",
        &endless,
    ];
    for answer in answers {
        let (here, mut there) = UnixStream::pair().unwrap();
        there.write_all(answer.as_bytes()).unwrap();
        there.shutdown(std::net::Shutdown::Write).unwrap();
        let err = lock.send_to(&here).unwrap_err();
        assert!(matches!(err, Error::Io { .. }), "{answer}: {err:?}");
        let source = std::error::Error::source(&err).unwrap().to_string();
        assert!(!source.contains('\u{1b}'), "{source}");
        lock.verify().unwrap();
        assert_eq!(fs::read(&place.path).unwrap(), before, "{answer}");
    }
    lock.unlock().unwrap();
}

#[test]
fn a_receiver_that_does_not_read_does_not_get_it() {
    let place = place();
    let mut lock = Lockfile::acquire(&place.path).unwrap();
    let before = fs::read(&place.path).unwrap();
    let (here, mut there) = UnixStream::pair().unwrap();
    there.write_all(b"{\"record\":{\"pid\":1,\"nonce\":\"0123456789abcdef\"}}\n").unwrap();
    there.shutdown(std::net::Shutdown::Read).unwrap();
    let err = lock.send_to(&here).unwrap_err();
    assert!(matches!(err, Error::Io { .. }), "{err:?}");
    lock.verify().unwrap();
    assert_eq!(fs::read(&place.path).unwrap(), before);
}

#[test]
fn whoever_does_not_answer_in_time_does_not_get_it() {
    let place = place();
    let mut lock = Lockfile::acquire(&place.path).unwrap();
    let (here, mut there) = UnixStream::pair().unwrap();
    here.set_read_timeout(Some(Duration::from_millis(1))).unwrap();
    assert!(matches!(lock.send_to(&here), Err(Error::Io { .. })));
    lock.verify().unwrap();
    let mut said = String::new();
    there.read_to_string(&mut said).unwrap();
    assert_eq!(said, offer(&lock), "and that was all: the stream is at its end");
}

#[test]
fn what_a_hostile_sender_sends_is_refused_and_closed() {
    let place = place();
    let holder = Lockfile::acquire(&place.path).unwrap();
    let good = offer(&holder);
    let (same, other) = (File::open(&place.path).unwrap(), place.dir().join("other"));
    fs::write(&other, "").unwrap();
    let other = File::open(&other).unwrap();
    let directory = File::open(place.dir()).unwrap();
    let (same, other) = (&same, &other);
    let endless = "x".repeat(10_000);
    let cases: [(&str, &str, Vec<&File>); 9] = [
        ("0 descriptors", &good, vec![]),
        ("2 descriptors", &good, vec![same, same]),
        ("253 descriptors", &good, vec![other; 253]),
        ("another file", &good, vec![other]),
        ("a directory", &good, vec![&directory]),
        ("not held", &good, vec![same]),
        ("record of another", "{\"tenure\":1,\"pid\":1,\"nonce\":\"0\"}\n", vec![same]),
        ("does not send a lock", "GET / HTTP/1.0\n", vec![same]),
        ("has no end", &endless, vec![same]),
    ];
    for (what, text, files) in cases {
        let (here, mut there) = UnixStream::pair().unwrap();
        send(&there, text, &files);
        let (before, contender) = (open_descriptors(&place.path), Lockfile::new(&place.path));
        let mut receiver = contender.clone();
        let err = receiver.receive_from(&here).unwrap_err();
        let whole =
            format!("{err}: {:?}", std::error::Error::source(&err).map(ToString::to_string));
        assert!(whole.contains(what), "{what}: {whole}");
        assert!(!receiver.is_held());
        assert_eq!(open_descriptors(&place.path), before, "{what}: nothing is left open");
        let mut answer = String::new();
        let _ = there.read_to_string(&mut answer);
        assert!(answer.starts_with("{\"refused\":"), "{answer}");
        holder.verify().unwrap();
        assert!(contender.clone().try_lock().unwrap_err().is_busy());
    }
}

#[test]
fn a_sender_that_is_gone_has_sent_nothing() {
    let place = place();
    let holder = Lockfile::acquire(&place.path).unwrap();
    for text in ["", "{\"tenure\":1", "\n"] {
        let (here, there) = UnixStream::pair().unwrap();
        send_some(&there, text);
        drop(there);
        let mut receiver = holder.clone();
        assert!(matches!(receiver.receive_from(&here), Err(Error::Io { .. })));
        assert!(!receiver.is_held());
    }
    holder.verify().unwrap();
}

fn send_some(mut stream: &UnixStream, text: &str) {
    stream.write_all(text.as_bytes()).unwrap();
}

#[test]
fn what_belongs_to_a_process_cannot_be_sent() {
    let place = place();
    let mut lock = Lockfile::new(&place.path).backend(Hardlink);
    lock.try_lock().unwrap();
    let (here, _there) = UnixStream::pair().unwrap();
    assert!(matches!(lock.send_to(&here), Err(Error::Unsupported { .. })));
    lock.unlock().unwrap();
    assert!(matches!(lock.send_to(&here), Err(Error::NotHeld { .. })));
}
