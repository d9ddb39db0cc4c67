//! Sixty-four bits of anything.

/// FNV-1a. Mixes well enough for names, and the same for ever; it keeps no secrets but those that
/// do not fit into 64 bits.
pub(crate) fn digest(bytes: &[u8]) -> u64 {
    let mix = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01B3);
    bytes.iter().fold(0xCBF2_9CE4_8422_2325, mix)
}

/// Sixty-four of the 128 bits of a machine id, mixed: enough to tell machines apart, too few to find
/// the id again, which machine-id(5) wants kept confidential.
pub(crate) fn disguise(id: &str) -> String {
    format!("{:016x}", digest(format!("tenure{id}").as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_of_a_machine_id_does_not_hold_it() {
        assert_eq!(disguise("a").len(), 16);
        assert_ne!(disguise("a"), disguise("b"));
    }
}
