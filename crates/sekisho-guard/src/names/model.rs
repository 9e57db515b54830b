//! The weights, and what they say of a cell.

use super::features::FEATURES;

/// How a file of weights begins: what it is and its version.
const MAGIC: &[u8; 8] = b"SKNAMES2";
/// Bytes before the features: magic, seed, sentences, how many features, step of each tag.
const HEAD_BYTES: usize = 8 + 8 + 8 + 4 + 4 * WEIGHTS;
/// Tags of a cell.
pub const TAGS: usize = 3;
/// Weights of a feature: one for each tag but the first, whose score is always 0.
pub const WEIGHTS: usize = TAGS - 1;
/// More features are not read.
const KEPT_MAX: usize = 1 << 17;
/// No feature has this number; it marks a free place.
const FREE: u32 = u32::MAX;
/// A bit for each feature by its lowest bits. Most features of a text have no weights; 128 KiB tell that for nine in ten of
/// them, and stay in the cache of a core, which the table of weights does not.
const FILTER_BITS: usize = 1 << 20;

/// What a cell is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Tag {
    /// Not of a name
    Outside = 0,
    /// The first of a name
    Begin = 1,
    /// Further inside
    Inside = 2,
}

/// What was learned: few of the many features have weights, and one without says nothing.
#[derive(Debug, Clone)]
pub struct Model {
    /// Features and their weights, each at the first free place from where its number points.
    places: Vec<(u32, [i8; WEIGHTS])>,
    /// Whether a feature with these lowest bits has weights.
    filter: Vec<u64>,
    /// What one step of a weight is worth, for each tag.
    steps: [f32; WEIGHTS],
    /// From which seed the training sentences were drawn.
    pub seed: u64,
    /// How many of them there were.
    pub sentences: u64,
    /// How many features have weights.
    pub features: usize,
}

/// Why a file of weights was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// It is another kind of file, or of another version.
    #[error("not weights of this version")]
    Version,
    /// It is cut off or too long, or a feature is out of range.
    #[error("weights that are damaged")]
    Damaged,
}

impl Model {
    /// Reads a file of weights.
    ///
    /// # Errors
    /// [`Unreadable`] when it is not one of this version, or damaged.
    pub fn parse(bytes: &[u8]) -> Result<Self, Unreadable> {
        if !bytes.starts_with(MAGIC) {
            return Err(Unreadable::Version);
        }
        let (head, mut rest) = bytes.split_at_checked(HEAD_BYTES).ok_or(Unreadable::Damaged)?;
        let long = |at: usize| head[at..at + 8].try_into().map_or(0, u64::from_le_bytes);
        let float = |at: usize| head[at..at + 4].try_into().map_or(0.0, f32::from_le_bytes);
        let features = head[24..28].try_into().map_or(0, u32::from_le_bytes) as usize;
        if features > KEPT_MAX {
            return Err(Unreadable::Damaged);
        }
        let mut model = Self {
            places: vec![(FREE, [0; WEIGHTS]); (features * 2).next_power_of_two()],
            filter: vec![0; FILTER_BITS / 64],
            steps: std::array::from_fn(|tag| float(28 + 4 * tag)),
            seed: long(8),
            sentences: long(16),
            features,
        };
        let mut feature = 0_u64;
        for _ in 0..features {
            feature += gap(&mut rest).ok_or(Unreadable::Damaged)?;
            let (weights, behind) = rest.split_first_chunk().ok_or(Unreadable::Damaged)?;
            rest = behind;
            if feature >= FEATURES as u64 {
                return Err(Unreadable::Damaged);
            }
            model.place(feature as u32, weights.map(|weight| i8::from_le_bytes([weight])));
        }
        if rest.is_empty() { Ok(model) } else { Err(Unreadable::Damaged) }
    }

    /// A file of weights; features in order. Each weight is rounded to 255 steps, and a feature without any is left out.
    pub fn to_bytes(features: &[(u32, [f32; WEIGHTS])], seed: u64, sentences: u64) -> Vec<u8> {
        let steps: [f32; WEIGHTS] = std::array::from_fn(|tag| {
            features.iter().fold(0.0_f32, |step, (_, weights)| step.max(weights[tag].abs() / 127.0))
        });
        let (mut body, mut count, mut last) = (Vec::new(), 0_u32, 0_u32);
        for (feature, weights) in features {
            let rounded: [i8; WEIGHTS] = std::array::from_fn(|tag| {
                if steps[tag] > 0.0 { (weights[tag] / steps[tag]).round() as i8 } else { 0 }
            });
            if rounded == [0; WEIGHTS] {
                continue;
            }
            let mut gap = feature - last;
            while gap > 0x7f {
                body.push((gap & 0x7f) as u8 | 0x80);
                gap >>= 7;
            }
            body.push(gap as u8);
            body.extend(rounded.map(|weight| weight.to_le_bytes()[0]));
            last = *feature;
            count += 1;
        }
        let mut bytes = Vec::with_capacity(HEAD_BYTES + body.len());
        bytes.extend(MAGIC);
        bytes.extend(seed.to_le_bytes());
        bytes.extend(sentences.to_le_bytes());
        bytes.extend(count.to_le_bytes());
        for step in steps {
            bytes.extend(step.to_le_bytes());
        }
        bytes.extend(body);
        bytes
    }

    /// Puts a feature where it is found again. There are twice as many places as features.
    fn place(&mut self, feature: u32, weights: [i8; WEIGHTS]) {
        let mask = self.places.len() - 1;
        let mut at = feature as usize & mask;
        while self.places[at].0 != FREE {
            at = (at + 1) & mask;
        }
        self.places[at] = (feature, weights);
        let bit = feature as usize % FILTER_BITS;
        self.filter[bit / 64] |= 1 << (bit % 64);
    }

    fn weights(&self, feature: u32) -> Option<[i8; WEIGHTS]> {
        let bit = feature as usize % FILTER_BITS;
        if self.filter[bit / 64] >> (bit % 64) & 1 == 0 {
            return None;
        }
        let mask = self.places.len() - 1;
        let mut at = feature as usize & mask;
        loop {
            let place = self.places[at];
            if place.0 == feature {
                return Some(place.1);
            }
            if place.0 == FREE {
                return None;
            }
            at = (at + 1) & mask;
        }
    }

    /// How likely each tag is for a cell with these features; together 1.
    pub fn judge(&self, features: &[u32]) -> [f32; TAGS] {
        let mut sums = [0_i32; WEIGHTS];
        for weights in features.iter().filter_map(|feature| self.weights(*feature)) {
            for (sum, weight) in sums.iter_mut().zip(weights) {
                *sum += i32::from(weight);
            }
        }
        shares(std::array::from_fn(|tag| sums[tag] as f32 * self.steps[tag]))
    }
}

/// The next number of a list of gaps, seven bits to a byte, the lowest first.
fn gap(rest: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in [0, 7, 14, 21] {
        let (byte, behind) = rest.split_first()?;
        *rest = behind;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

/// Scores as parts of 1 (softmax); the score of the first tag is 0.
pub fn shares(scores: [f32; WEIGHTS]) -> [f32; TAGS] {
    let highest = scores.iter().copied().fold(0.0, f32::max);
    let mut parts = [power(-highest); TAGS];
    for (part, score) in parts[1..].iter_mut().zip(scores) {
        *part = power(score - highest);
    }
    let sum: f32 = parts.iter().sum();
    parts.map(|part| part / sum)
}

/// e to a power of at most 0, from additions and multiplications only: the training must give the same bytes on every
/// machine, and the library functions of two systems may differ in the last bit.
fn power(exponent: f32) -> f32 {
    if exponent < -40.0 {
        return 0.0;
    }
    // e^x = (e^(x / 64))^64, with a short series for the small part.
    let small = exponent / 64.0;
    let mut result = 1.0 + small * (1.0 + small * (0.5 + small * (1.0 / 6.0 + small / 24.0)));
    for _ in 0..6 {
        result *= result;
    }
    result
}
