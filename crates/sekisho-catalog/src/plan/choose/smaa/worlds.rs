//! Drawing worlds, in blocks, from streams that are keyed by ids.

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};

use super::{Cell, Model, WeightsExhausted, weights::Sampler};

/// Worlds that are drawn together: enough to work on rows of numbers, few enough to stay in the cache.
pub(in super::super) const BLOCK: usize = 64;

/// A stream of uniform numbers.
pub(super) struct Stream(ChaCha8Rng);

impl Stream {
    /// The same seed and names always give the same stream; other names give another one.
    fn new(seed: u64, names: [&str; 3]) -> Self {
        let mut key = *b"--seed--sekisho plan choose smaa";
        key[..8].copy_from_slice(&seed.to_le_bytes());
        let mut rng = ChaCha8Rng::from_seed(key);
        // FNV-1a, 64 bits (http://www.isthe.com/chongo/tech/comp/fnv/, checked 2026-03-01); a zero byte ends a name.
        let mut stream = 0xcbf2_9ce4_8422_2325_u64;
        for byte in names.iter().flat_map(|name| name.bytes().chain([0])) {
            stream = (stream ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        rng.set_stream(stream);
        Self(rng)
    }

    /// From 0, included, to 1, excluded, in steps of 2^-53.
    pub(super) fn uniform(&mut self) -> f64 {
        const STEP: f64 = 1.0 / (1_u64 << 53) as f64;
        (self.0.next_u64() >> 11) as f64 * STEP
    }

    /// A whole number below `count`.
    pub(super) fn below(&mut self, count: usize) -> usize {
        ((self.uniform() * count as f64) as usize).min(count - 1)
    }
}

/// All worlds of a model, block by block. Two runs over the same model see the same worlds.
pub(in super::super) struct Worlds<'m> {
    model: &'m Model,
    left: u32,
    /// Cells that differ from world to world, each with its stream.
    uncertain: Vec<(usize, Stream)>,
    /// Per criterion with ordered codes, the stream of what its places are worth.
    scale_streams: Vec<(usize, Stream)>,
    sampler: Sampler<'m>,
    /// `[(alternative * criteria + criterion) * BLOCK + world]`.
    values: Vec<f64>,
    /// `[criterion * BLOCK + world]`.
    weights: Vec<f64>,
    /// Per criterion `[world * codes + place]`.
    scales: Vec<Vec<f64>>,
    one_weighting: Vec<f64>,
}

impl<'m> Worlds<'m> {
    pub(in super::super) fn new(model: &'m Model) -> Self {
        let n = model.criteria.len();
        let mut values = vec![0.0; model.cells.len() * BLOCK];
        let mut uncertain = Vec::new();
        for (index, cell) in model.cells.iter().enumerate() {
            if let Cell::Exact(value) = cell {
                values[index * BLOCK..(index + 1) * BLOCK].fill(*value);
            } else {
                let names =
                    ["value", model.alternatives[index / n].as_str(), model.criteria[index % n].as_str()];
                uncertain.push((index, Stream::new(model.seed, names)));
            }
        }
        let scale_of = |k: usize| Stream::new(model.seed, ["scale", "", &model.criteria[k]]);
        let scale_streams = (0..n).filter(|&k| model.codes[k] > 0).map(|k| (k, scale_of(k))).collect();
        Self {
            model,
            left: model.draws,
            uncertain,
            scale_streams,
            sampler: Sampler::new(
                &model.weights,
                n,
                model.draws,
                Stream::new(model.seed, ["weights", "", ""]),
            ),
            values,
            weights: vec![0.0; n * BLOCK],
            scales: model.codes.iter().map(|codes| vec![0.0; codes * BLOCK]).collect(),
            one_weighting: vec![0.0; n],
        }
    }

    /// Draws the next block and says how many of its worlds count; nothing at the end.
    pub(in super::super) fn next_block(&mut self) -> Result<Option<usize>, WeightsExhausted> {
        let drawn = self.left.min(BLOCK as u32);
        if drawn == 0 {
            return Ok(None);
        }
        self.left -= drawn;
        for world in 0..BLOCK {
            self.sampler.draw(&mut self.one_weighting)?;
            for (k, weight) in self.one_weighting.iter().enumerate() {
                self.weights[k * BLOCK + world] = *weight;
            }
        }
        for (k, stream) in &mut self.scale_streams {
            let codes = self.model.codes[*k];
            self.scales[*k].chunks_exact_mut(codes).for_each(|scale| draw_scale(stream, scale));
        }
        self.draw_values();
        Ok(Some(drawn as usize))
    }

    fn draw_values(&mut self) {
        let n = self.model.criteria.len();
        for (index, stream) in &mut self.uncertain {
            let values = &mut self.values[*index * BLOCK..(*index + 1) * BLOCK];
            match &self.model.cells[*index] {
                Cell::Exact(_) => {}
                Cell::Between { low, high } => {
                    for value in values {
                        *value = low + (high - low) * stream.uniform();
                    }
                }
                Cell::OneOf(places) => {
                    let k = *index % n;
                    let codes = self.model.codes[k];
                    for (world, value) in values.iter_mut().enumerate() {
                        let place = if places.len() == 1 { 0 } else { stream.below(places.len()) };
                        *value = self.scales[k][world * codes + places[place]];
                    }
                }
            }
        }
    }

    /// Weighted sums of all alternatives in all worlds of the block, `[alternative * BLOCK + world]`.
    pub(in super::super) fn totals(&self, totals: &mut [f64]) {
        let rows = self.values.chunks_exact(self.model.criteria.len() * BLOCK);
        for (row, totals) in rows.zip(totals.chunks_exact_mut(BLOCK)) {
            totals.fill(0.0);
            for (values, weights) in row.chunks_exact(BLOCK).zip(self.weights.chunks_exact(BLOCK)) {
                for world in 0..BLOCK {
                    totals[world] += weights[world] * values[world];
                }
            }
        }
    }

    /// The weighted sum of one alternative in all worlds of the block, under weights that stay the same.
    pub(in super::super) fn total_under(
        &self,
        weights: &[f64],
        alternative: usize,
        total: &mut [f64; BLOCK],
    ) {
        let n = weights.len();
        let row = &self.values[alternative * n * BLOCK..(alternative + 1) * n * BLOCK];
        total.fill(0.0);
        for (values, weight) in row.chunks_exact(BLOCK).zip(weights) {
            for (sum, value) in total.iter_mut().zip(values) {
                *sum += weight * value;
            }
        }
    }

    /// Number of criteria.
    pub(in super::super) fn criteria(&self) -> usize {
        self.model.criteria.len()
    }

    /// The weight of a criterion in a world of the block.
    pub(in super::super) fn weight(&self, criterion: usize, world: usize) -> f64 {
        self.weights[criterion * BLOCK + world]
    }

    /// The worth of an alternative on a criterion in a world of the block.
    pub(in super::super) fn value(&self, alternative: usize, criterion: usize, world: usize) -> f64 {
        self.values[(alternative * self.model.criteria.len() + criterion) * BLOCK + world]
    }

    /// What a cell that needs no draw of its own is worth in a world of the block.
    pub(in super::super) fn worth(&self, cell: &Cell, criterion: usize, world: usize) -> f64 {
        match cell {
            Cell::Exact(value) => *value,
            Cell::Between { low, .. } => *low,
            Cell::OneOf(places) => self.scales[criterion][world * self.model.codes[criterion] + places[0]],
        }
    }
}

/// What the places of an order are worth in one world: the best 1, the last 0, those between sorted uniform numbers.
fn draw_scale(stream: &mut Stream, scale: &mut [f64]) {
    let last = scale.len() - 1;
    for worth in &mut scale[..last] {
        *worth = stream.uniform();
    }
    scale[0] = 1.0;
    scale[last] = 0.0;
    scale[1..last.max(1)].sort_unstable_by(|one, other| other.total_cmp(one));
}
