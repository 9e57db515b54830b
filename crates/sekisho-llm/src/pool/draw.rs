//! Randomness that can be had again: for spreading load and pauses, not for secrets.

/// The `draw`th number of a sequence, from 0 up to 1. (SplitMix64, as published by Steele, Lea and Flood in 2014.)
pub(crate) fn fraction(seed: u64, draw: u64) -> f64 {
    let mut state = seed.wrapping_add(draw.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    state ^= state >> 31;
    (state >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::fraction;

    #[test]
    fn is_spread_and_can_be_had_again() {
        let draws: Vec<f64> = (0..1000).map(|draw| fraction(7, draw)).collect();
        assert!(draws.iter().all(|draw| (0.0..1.0).contains(draw)));
        let below = draws.iter().filter(|draw| **draw < 0.25).count();
        assert!((200..300).contains(&below), "{below} of 1000 in the first quarter");
        assert_eq!(draws[3], fraction(7, 3));
        assert_ne!(draws[3], fraction(8, 3));
    }
}
