//! What a crash leaves.

use super::*;

#[test]
fn a_file_of_nothing_but_blanks_and_nul_is_blank() {
    assert_eq!(Content::parse(b""), Content::Blank);
    assert_eq!(Content::parse(b" "), Content::Blank);
    assert_eq!(Content::parse(b"\r\n"), Content::Blank);
    assert_eq!(Content::parse(b" \t\r\n\x0c "), Content::Blank);
    assert_eq!(Content::parse(&[0]), Content::Blank);
    assert_eq!(Content::parse(&[0; LIMIT]), Content::Blank);
    assert_eq!(Content::parse(b"\n\0 \0\n"), Content::Blank);
    assert_ne!(Content::parse(b"\n\0 \x01\n"), Content::Blank);
}

#[test]
fn nothing_but_newlines_is_what_a_release_leaves_of_a_pid() {
    for len in [1, 2, 5, 1024, LIMIT] {
        assert_eq!(Content::parse(&vec![b'\n'; len]), Content::Released, "{len}");
    }
    // What a power failure or another program makes of a file says nothing of a release.
    for other in [&b"\n\0"[..], b"\0\n", b"\n ", b" \n", b"\n\r\n", b"\n\t\n"] {
        assert_eq!(Content::parse(other), Content::Blank, "{other:?}");
    }
}

#[test]
fn every_beginning_of_a_record_is_torn() {
    let json = to_json(&whole());
    for end in 1..json.len() {
        let torn = &json.as_bytes()[..end];
        assert_eq!(Content::parse(torn), Content::Torn, "{}", String::from_utf8_lossy(torn));
        let filled = nul_filled(torn);
        assert_eq!(Content::parse(&filled), Content::Torn, "{}", String::from_utf8_lossy(torn));
    }
    assert_eq!(record(json), whole(), "and the whole is not");
}

#[test]
fn every_beginning_of_two_lines_is_torn_or_a_bare_pid() {
    let json = to_json(&whole());
    let text = format!("4242\n{json}");
    assert_eq!(Content::parse(&text.as_bytes()[..0]), Content::Blank);
    // What a program left that writes nothing but its PID looks the same.
    for (end, pid) in [(1, 4), (2, 42), (3, 424), (4, 4242), (5, 4242)] {
        assert_eq!(record(&text[..end]), bare(pid));
    }
    for end in 6..text.len() {
        let torn = &text.as_bytes()[..end];
        assert_eq!(Content::parse(torn), Content::Torn, "{}", String::from_utf8_lossy(torn));
        let filled = nul_filled(torn);
        assert_eq!(Content::parse(&filled), Content::Torn, "{}", String::from_utf8_lossy(torn));
    }
}

#[test]
fn the_beginning_of_a_released_record_on_two_lines_is_torn() {
    let text = format!("\n{}", to_json(&whole()));
    assert_eq!(Content::parse(&text.as_bytes()[..1]), Content::Released, "which it was");
    for end in 2..text.len() {
        assert_eq!(Content::parse(&text.as_bytes()[..end]), Content::Torn, "{end}");
    }
}

#[test]
fn the_beginning_of_another_program_s_json_is_not_torn() {
    refusal(r#"{"pid":42"#);
    refusal(r#"{"version":2,"pid":42"#);
    refusal(r#"{"version":1,"host":"web-1""#);
    refusal(r#"{"version":1,"pid":0,"host":"we"#);
}

#[test]
fn bytes_that_are_not_text_are_torn_only_in_a_record_of_ours() {
    assert_eq!(Content::parse(b"{\"version\":1,\"pid\":42,\"host\":\"\xc3"), Content::Torn);
    assert_eq!(Content::parse(b"42\n{\"version\":1,\"pid\":42,\"host\":\"\xc3"), Content::Torn);
    assert_eq!(Content::parse(b"\n{\"version\":1,\"pid\":42,\"host\":\"\xc3"), Content::Torn);
    refusal(b"{\"pid\":42,\"host\":\"\xc3");
    refusal(b"42\n{\"pid\":42,\"host\":\"\xc3");
    refusal(b"key\n{\"version\":1,\"pid\":42,\"host\":\"\xc3");
    refusal(b"42\n\xc3");
    refusal(b"42\xff");
}
