//! What other programs write.

use super::*;

#[test]
fn a_bare_pid_is_read_as_liberally_as_fhs_asks() {
    let texts = [
        "4242",
        "4242\n",
        "4242\r\n",
        "  4242",
        "\t 4242 \t\n",
        "\n\n4242\n",
        "4242\n\n",
        "0004242\n",
        "000000000000000000000000000000004242",
        "4242\nand more\nlines 1 2 3: 4",
        "4242\0\0\0\0",
        "4242\n\0\0\0\0",
    ];
    for text in texts {
        assert_eq!(record(text), bare(4242), "{text:?}");
    }
}

#[test]
fn leading_zeroes_mean_decimal() {
    assert_eq!(record("010"), bare(10));
    assert_eq!(record("0000000077\n"), bare(77));
}

#[test]
fn a_pid_is_from_1_to_the_largest_that_a_system_numbers() {
    assert_eq!(record("1"), bare(1));
    assert_eq!(record("4194304"), bare(4_194_304));
    assert_eq!(record(r#"{"pid":4194304}"#), bare(4_194_304));
    for pid in [
        "0",
        "00",
        "4194305",
        "2147483647",
        "2147483648",
        "4294967295",
        "4294967297",
        "9223372036854775808",
    ] {
        assert!(refusal(pid).contains(pid.trim_start_matches('0')), "{pid}");
    }
    refusal("18446744073709551616");
    refusal("18446744073709551617");
}

#[test]
fn no_format_takes_a_pid_out_of_range() {
    for pid in [
        "0",
        "-0",
        "-1",
        "-5",
        "++5",
        "4194305",
        "2147483648",
        "18446744073709551616",
        "0x10",
        "1e3",
    ] {
        refusal(pid);
        refusal(format!("{pid}\n"));
        refusal(format!("{pid}\nmore\n"));
        refusal(format!("{pid} web-1\n"));
        refusal(format!("web-1:{pid}"));
        refusal(format!("((host web-1)(pid {pid}))"));
        refusal(format!(r#"{{"pid":{pid}}}"#));
    }
    // Well-formed JSON was not torn: it was written so.
    for pid in ["0", "-1", "-5", "4194305", "18446744073709551616"] {
        refusal(format!(r#"{{"version":1,"pid":{pid},"nonce":"n"}}"#));
    }
}

#[test]
fn a_postmaster_pid_is_read_by_its_first_line() {
    let rest =
        "/var/lib/postgresql/data\n1700000000\n5432\n/tmp\nlocalhost\n  5432001    1\nready\n";
    assert_eq!(record(format!("4242\n{rest}")), bare(4242));
    assert_eq!(record(format!("-4242\n{rest}")), bare(4242), "a standalone server");
}

#[test]
fn a_negative_number_alone_is_no_standalone_server() {
    refusal("-5");
    refusal("-5\n");
    refusal("-5\n1700000000\n");
    refusal("-5 web-1\n/var/lib/postgresql/data\n");
    refusal("--5\n/var/lib/postgresql/data\n");
    refusal("-0\n/var/lib/postgresql/data\n");
}

#[test]
fn the_gc_pid_of_git_names_a_host() {
    assert_eq!(record("4242 web-1\n"), on_host("web-1", 4242));
    assert_eq!(record("4242 web-1.example.org"), on_host("web-1.example.org", 4242));
    refusal("4242 web-1 and more\n");
    refusal("web-1 4242\n");
}

#[test]
fn mercurial_writes_host_and_pid() {
    assert_eq!(record("web-1:4242"), on_host("web-1", 4242));
    assert_eq!(record("web-1.example.org:4242\n"), on_host("web-1.example.org", 4242));
    let namespaced = json!({ "pid": 4242, "host": "web-1", "pid_namespace": 4_026_531_836_u64 });
    assert_eq!(record("web-1/effffffc:4242"), from_json(namespaced));
    for text in [":4242", "web-1:", "web 1:42", "web-1/xyz:42", "/ff:42", "web-1:42:", "a:b"] {
        refusal(text);
    }
}

#[test]
fn emacs_writes_a_file_where_it_cannot_make_a_link() {
    // Not the boot time, which is in the range of a PID.
    assert_eq!(record("ann@web-1.example.org.4242:1700000000"), on_host("web-1.example.org", 4242));
    assert_eq!(record("ann@web-1.4242"), on_host("web-1", 4242));
    refusal("ann@example.org");
}

#[test]
fn simplelock_writes_two_fields() {
    assert_eq!(record(r#"{"pid":1,"uid":0}"#), from_json(json!({ "pid": 1, "uid": 0 })));
}

#[test]
fn nfs_lock_writes_an_s_expression() {
    let expected = from_json(json!({ "pid": 4242, "host": "web-1", "message": "nightly" }));
    let texts = [
        "((host web-1)(pid 4242)(message nightly)(start_time 1700000000))",
        "((host web-1)(pid 4242)(message nightly)(start_time\"2026-11-21 05:49:00.123Z\"))\n",
        "( ( host web-1 )\n ( pid \"4242\" )\n ( message \"nightly\" ) )",
        "((message nightly)(pid 4242)(host web-1))",
    ];
    for text in texts {
        assert_eq!(record(text), expected, "{text}");
    }
    assert_eq!(record("((pid 4242))"), bare(4242));
    assert_eq!(record("((pid 4242)(message \"\"))"), bare(4242), "no message");
}

#[test]
fn a_quoted_string_of_an_s_expression_has_the_escapes_of_ocaml() {
    let message = |quoted: &str| record(format!("((pid 1)(message \"{quoted}\"))")).message;
    let read = [
        (r"a b", "a b"),
        (r#"(a) \"b\" \\ c"#, r#"(a) "b" \ c"#),
        (r"a\nb\tc\rd\be", "a\nb\tc\rd\u{8}e"),
        (r"caf\195\169", "café"),
        ("café", "café"),
        (r"\0017", "\u{1}7"),
        (r"\255", "\u{fffd}"),
        (r"\999", "999"),
        (r"\é", "é"),
    ];
    for (quoted, expected) in read {
        assert_eq!(message(quoted).as_deref(), Some(expected), "{quoted}");
    }
}

#[test]
fn what_is_nearly_an_s_expression_is_refused() {
    let texts = [
        "(",
        "()",
        "(()",
        "((host web-1)(pid",
        "((host web-1)(pid 4242)",
        "((host web-1)(pid 4242)) more",
        "((host web-1))",
        "(pid 4242)",
        "((pid 4242 4243))",
        "((pid (4242)))",
        "((pid 4242)(message))",
        "((pid 4242)())",
        "((pid \"4242))",
        "((pid 1)(message \"\\",
        "((pid 1)(message \"\\12",
        "((pid 1)(message \"\\é",
    ];
    for text in texts {
        refusal(text);
    }
}
