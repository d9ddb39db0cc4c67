//! A PID and a NUL, and a PID in binary.

use super::*;

#[test]
fn a_nul_ends_the_pid_of_shadow() {
    assert_eq!(record("4242\0"), bare(4242));
    assert_eq!(record("42\n\0"), record([b'4', b'2', b'\n', 0]));
    for text in ["4242\x0043", "42\0\n43\n"] {
        refusal(text);
    }
}

#[test]
fn four_bytes_are_a_pid_in_binary() {
    for pid in [1, 9, 10, 32, 97, 255, 256, 4242, 25_185, 32_768, 2_000_000, 4_194_304] {
        let bytes = u32::to_ne_bytes(pid);
        assert_eq!(record(bytes), bare(pid), "{pid}");
    }
    for number in [4_194_305, 20_261_130, u32::MAX] {
        refusal(u32::to_ne_bytes(number));
    }
    assert_eq!(Content::parse(&[0; 4]), Content::Blank);
    assert_eq!(record("4242"), bare(4242), "digits are text");
    refusal(b"ab1\0");
    refusal([&u32::to_ne_bytes(4242)[..], b"\n"].concat());
    refusal(&u32::to_ne_bytes(40_000)[..3]);
}

#[cfg(target_endian = "little")]
#[test]
fn digits_and_a_nul_in_four_bytes_are_two_pids() {
    let both = |text: &str| record(text).pids().collect::<Vec<_>>();
    assert_eq!(both("123\0"), [123, 0x0033_3231]);
    assert_eq!(both("42\0\0"), [42, 0x3234]);
    assert_eq!(both("7\n\0\0"), [7, 0x0a37]);
}
