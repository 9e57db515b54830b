//! Chance that can be had again: for spreading load and pauses and for scripts, not for secrets.

use std::time::Duration;

/// SplitMix64: every number a step on, each well mixed.
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new(seed: u64, number: u64) -> Self {
        Self(mix(seed ^ mix(number)))
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    /// From 0 up to, not including, 1.
    pub(crate) fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A time, and up to `jitter` more.
    pub(crate) fn spread(&mut self, time: Duration, jitter: Duration) -> Duration {
        if jitter.is_zero() { time } else { time + jitter.mul_f64(self.share()) }
    }
}

/// The finisher of SplitMix64.
pub(crate) fn mix(mut value: u64) -> u64 {
    value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

/// FNV-1a of some bytes, mixed.
pub(crate) fn hash(bytes: impl IntoIterator<Item = u8>) -> u64 {
    let step = |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    mix(bytes.into_iter().fold(0xcbf2_9ce4_8422_2325, step))
}

#[cfg(test)]
mod tests {
    use super::Chance;

    #[test]
    fn is_spread_and_can_be_had_again() {
        let shares: Vec<f64> = (0..1000).map(|number| Chance::new(7, number).share()).collect();
        assert!(shares.iter().all(|share| (0.0..1.0).contains(share)));
        let below = shares.iter().filter(|share| **share < 0.25).count();
        assert!((200..300).contains(&below), "{below} of 1000 in the first quarter");
        assert_eq!(shares[3], Chance::new(7, 3).share());
        assert_ne!(shares[3], Chance::new(8, 3).share());
    }
}
