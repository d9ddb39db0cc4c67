//! What nobody wrote as a lockfile.

use super::*;

#[test]
fn what_is_no_lockfile_is_refused() {
    let files: [&[u8]; 15] = [
        b"\x7fELF\x02\x01\x01\0",
        b"\xff\xfe4\x002\0",
        b"\xef\xbb\xbf4242\n",
        b"\0\0\x004242\n",
        b"42\x0042",
        b"#!/bin/sh\nexec backupd\n",
        b"[Unit]\nDescription=backup\n",
        b"[1,4242]",
        b"\"4242\"",
        b"pid: 4242\n",
        b"4242,4243",
        b"4242.5",
        b"42 4 2",
        b"\xd9\xa4\xd9\xa2",
        b"null",
    ];
    for file in files {
        refusal(file);
    }
}

#[test]
fn a_file_beyond_the_limit_is_refused_unread() {
    let mut pid = b"4242\n".to_vec();
    pid.resize(LIMIT, b'x');
    assert_eq!(record(&pid), bare(4242));
    pid.push(b'x');
    assert!(refusal(&pid).contains("8192"));
    refusal(vec![b' '; LIMIT + 1]);
    refusal(vec![0; LIMIT + 1]);
    refusal(vec![b'{'; 1 << 20]);
}

#[test]
fn deep_nesting_is_no_way_to_overflow_the_stack() {
    for open in ["{", "[", "(", "{\"a\":", "{\"pid\":[", "((a", "\"", "\\"] {
        refusal(open.repeat(LIMIT / open.len()));
        refusal(format!("x{}", open.repeat(4000 / open.len())));
    }
    let inside =
        |depth: usize| format!(r#"{{"a":{}{},"pid":7}}"#, "[".repeat(depth), "]".repeat(depth));
    assert_eq!(record(inside(4000)), bare(7), "an unknown field is passed over, however deep");
    refusal(format!(r#"{{"pid":7,"a":{}"#, "[".repeat(8000)));
}

#[test]
fn a_raw_control_character_is_not_json() {
    refusal("{\"pid\":7,\"message\":\"a\nb\"}");
    refusal("{\"pid\":7,\"message\":\"a\0b\"}");
    let ours = "{\"version\":1,\"pid\":7,\"message\":\"a\x1bb\"}";
    assert_eq!(Content::parse(ours.as_bytes()), Content::Torn);
    let escaped = record(r#"{"pid":7,"message":"a\u001b[2J\nb"}"#);
    assert_eq!(escaped.message.as_deref(), Some("a\x1b[2J\nb"));
}
