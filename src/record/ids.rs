//! The ids of hosts, machines and boots, as other programs write them.

use crate::digest::disguise;

/// The longest name of a host: 253 bytes in the domain name system, 255 in POSIX.
const LONGEST_HOST: usize = 255;

/// `text` as the name or the address of a host. Digits alone are none, because a number beside a PID is
/// another number of that process.
pub(super) fn host(text: &str) -> Option<&str> {
    let is_name = (1..=LONGEST_HOST).contains(&text.len())
        && !text
            .chars()
            .any(|c| c.is_whitespace() || c.is_control() || "/\\\"'=;,{}()<>".contains(c))
        && text.chars().any(|c| c.is_alphabetic() || c == ':' || c == '.')
        && text.chars().any(char::is_alphanumeric);
    (is_name || is_loopback(text)).then_some(text)
}

fn is_loopback(text: &str) -> bool {
    text.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok_and(|it| it.is_loopback())
}

/// What our records say of the machine with this raw machine-id(5), in whichever spelling.
pub(super) fn machine(text: &str) -> Option<String> {
    Some(disguise(&hex(text)?))
}

/// A boot id as the kernel of Linux spells it.
pub(super) fn boot(text: &str) -> Option<String> {
    let digits = hex(text)?;
    // All zeros: the writer did not know it.
    digits.bytes().any(|digit| digit != b'0').then(|| hyphenated(&digits))
}

/// The boot id of which this is the number.
pub(super) fn boot_of_number(number: u128) -> Option<String> {
    boot(&format!("{number:032x}"))
}

/// The 32 hexadecimal digits of a UUID, with or without its hyphens, in lower case.
fn hex(text: &str) -> Option<String> {
    let hyphens: Vec<_> = text.match_indices('-').map(|(at, _)| at).collect();
    let digits: String = text.chars().filter(|c| *c != '-').collect();
    let is_uuid = matches!(hyphens[..], [] | [8, 13, 18, 23])
        && digits.len() == 32
        && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_uuid.then(|| digits.to_ascii_lowercase())
}

fn hyphenated(digits: &str) -> String {
    [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]].join("-")
}
