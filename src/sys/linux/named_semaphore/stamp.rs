//! What a semaphore can bear besides its value.

/// A number that says who has taken a semaphore: 1 to 1023.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp(u64);

impl Stamp {
    /// How many bits a stamp has.
    pub(super) const BITS: u32 = 10;

    /// The stamp for all that has this `digest`. Two digests have the same stamp once in 1023 times.
    pub(crate) fn of(digest: u64) -> Self {
        Self(digest % ((1 << Self::BITS) - 1) + 1)
    }

    pub(super) fn number(self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_fits_into_its_bits_and_is_never_zero() {
        for digest in [0, 1, 1021, 1022, 1023, 1024, u64::MAX] {
            assert!((1..1024).contains(&Stamp::of(digest).number()), "{digest}");
        }
        assert_ne!(Stamp::of(1), Stamp::of(2));
    }
}
