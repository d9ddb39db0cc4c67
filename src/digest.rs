//! Sixty-four bits of anything.

/// FNV-1a. Mixes well enough for names, and the same for ever; it keeps no secrets but those that
/// do not fit into 64 bits.
pub(crate) fn digest(bytes: &[u8]) -> u64 {
    let mix = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01B3);
    bytes.iter().fold(0xCBF2_9CE4_8422_2325, mix)
}
