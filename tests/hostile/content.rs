//! A regular file with something else in it than a record.

use std::fs::{self, File};
use std::path::Path;
use std::process::Command;

use tenure::{Content, Error, Format, Lockfile, State};

use crate::scene::{ask, ask_peer};
use crate::support::{Peer, place};

const REMEDY: &str = "it was left as it is: choose another path";

/// Bytes that are not text, of a length.
fn garbage(len: usize) -> Vec<u8> {
    (0..len).map(|i| [0x7F, b'E', 0xFF, 0x80, b'\n', 0, b'7'][i % 7]).collect()
}

#[test]
fn garbage_is_refused_and_left_as_it_is() {
    let place = place();
    for len in [1, 5, 1024, 8191, 8192, 8193, 100_000] {
        fs::write(&place.path, &garbage(len)[..]).unwrap();
        let why = match len {
            1 => "it does not begin with a process id",
            ..=8192 => "it is not text",
            _ => "it is larger than 8192 bytes",
        };
        ask(&place.path).are_all("InvalidPid", &place.path, &[why, REMEDY]);
    }
}

#[test]
fn text_that_is_no_lockfile_is_refused_and_left_as_it_is() {
    let place = place();
    let texts = [
        "precious",
        "#!/bin/sh\nexit 0\n",
        "4242 times three\n",
        "4242x",
        "0x1092",
        "+4242",
        "{}",
        "[4242]",
        "((pid))",
        "((host web-1))",
        "http://example.org/",
        "<html>",
        "\u{feff}4242",
    ];
    for text in texts {
        fs::write(&place.path, text).unwrap();
        ask(&place.path).are_all("InvalidPid", &place.path, &[REMEDY]);
    }
}

#[test]
fn a_number_that_cannot_be_a_process_is_refused() {
    let place = place();
    for pid in ["0", "-1", "2147483648", "4294967297", "18446744073709551616"] {
        let contents = [
            pid.to_owned(),
            format!("{pid}\n"),
            format!("{pid} web-1\n"),
            format!("web-1:{pid}"),
            format!("{{\"version\":1,\"pid\":{pid}}}"),
            format!("{{\"version\":1,\"pid\":{pid},\"nonce\":\"0123456789abcdef\"}}    \n"),
            format!("{pid}\n{{\"version\":1,\"pid\":{pid}}}\n"),
            format!("((host web-1)(pid {pid})(message \"\"))"),
        ];
        for content in contents {
            fs::write(&place.path, &content).unwrap();
            ask(&place.path).are_all("InvalidPid", &place.path, &[REMEDY]);
        }
    }
}

#[test]
fn a_sparse_file_of_a_gigabyte_is_refused_and_not_read() {
    let place = place();
    File::create(&place.path).unwrap().set_len(1 << 30).unwrap();
    // In half of that memory: to make room for it all would be the end of the peer.
    let mut small = Command::new("sh");
    small.args(["-c", "ulimit -v 524288 && exec \"$@\"", "sh"]);
    let mut peer = Peer::through(small, &place.path, "");
    let answers = ask_peer(&place.path, &mut peer);
    answers.are_all("InvalidPid", &place.path, &["it is larger than 8192 bytes", REMEDY]);
}

/// Whether the file holds a record of this process and, besides padding, nothing else.
fn is_all_ours(path: &Path, format: Format) -> bool {
    let bytes = fs::read(path).expect("it is there");
    let pid = std::process::id();
    match format {
        Format::Pid => bytes == format!("{pid}\n").as_bytes(),
        Format::PidBare => bytes == pid.to_string().as_bytes(),
        _ => {
            let text = String::from_utf8(bytes.clone()).expect("it is text");
            let (_, padding) = text.rsplit_once('}').expect("it is JSON");
            matches!(Content::parse(&bytes), Content::Record(record) if record.pid == pid)
                && padding.trim_start_matches(' ') == "\n"
        }
    }
}

#[test]
fn garbage_is_replaced_on_demand_and_nothing_of_it_is_left() {
    let place = place();
    for format in [Format::Json, Format::PidLine, Format::Pid, Format::PidBare] {
        for len in [1, 700, 5000, 8192, 8193, 100_000] {
            fs::write(&place.path, garbage(len)).unwrap();
            let mut lock = Lockfile::new(&place.path).format(format).replace_invalid(true);
            lock.try_lock().unwrap();
            assert!(is_all_ours(&place.path, format), "{format:?} {len}");
            assert!(lock.recovered_from().is_none());
            lock.verify().unwrap();
            lock.unlock().unwrap();
            assert_eq!(lock.status().unwrap().state(), State::Free, "another has made the file");
        }
    }
}

#[test]
fn garbage_is_removed_as_stale_only_on_demand() {
    let place = place();
    fs::write(&place.path, garbage(100_000)).unwrap();
    assert!(Lockfile::new(&place.path).replace_invalid(true).release_stale().unwrap());
    assert!(place.names().is_empty());
}

/// What a crash between creating and writing leaves, or a power failure.
fn leftovers() -> Vec<Vec<u8>> {
    let whole = {
        let place = place();
        let _lock = Lockfile::acquire(&place.path).expect("it is free");
        fs::read(&place.path).expect("it is held")
    };
    let mut nul_tail = whole[..100].to_vec();
    nul_tail.resize(1024, 0);
    vec![
        Vec::new(),
        b" \t\r\n ".to_vec(),
        vec![0],
        vec![0; 1024],
        vec![0; 8192],
        whole[..1].to_vec(),
        whole[..15].to_vec(),
        whole[..100].to_vec(),
        nul_tail,
    ]
}

#[test]
#[expect(clippy::disallowed_methods, reason = "between the acts, nobody holds the lock")]
fn an_empty_or_torn_file_is_taken_over_from_nobody_and_stays() {
    let place = place();
    for content in leftovers() {
        fs::write(&place.path, &content).unwrap();
        let mut lock = Lockfile::new(&place.path);
        let status = lock.status().unwrap();
        assert_eq!(status.state(), State::Empty, "{content:?}");
        assert!(status.holder().is_none() && lock.holder().unwrap().is_none());
        lock.try_lock().unwrap();
        assert!(lock.recovered_from().is_none(), "{content:?}");
        assert!(is_all_ours(&place.path, Format::Json), "{content:?}");
        lock.unlock().unwrap();
        assert_eq!(lock.status().unwrap().state(), State::Free, "another may have made it");
        fs::remove_file(&place.path).unwrap();
    }
}

#[test]
fn an_empty_or_torn_file_is_removed_only_on_demand() {
    let place = place();
    for content in leftovers() {
        fs::write(&place.path, &content).unwrap();
        let lock = Lockfile::new(&place.path);
        assert!(matches!(lock.release_stale(), Err(Error::Empty { .. })), "{content:?}");
        assert_eq!(fs::read(&place.path).unwrap(), content);
        assert!(lock.remove_empty(true).release_stale().unwrap(), "{content:?}");
        assert!(place.names().is_empty());
    }
}
