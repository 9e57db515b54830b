//! Which GPUs hold a model with its work, how many, and what limits.

use std::sync::LazyLock;

use sekisho_base::{ByteCount, Code, Coded, Known};
use serde::{Deserialize, Serialize};

use super::{
    kv::{Attention, KvType, Window},
    quant::{Format, Quant},
    shape::Shape,
};

/// Share of a card's memory that engines let a model use (vLLM's default is 0.9).
pub const GPU_MEMORY_UTILISATION: f64 = 0.9;
/// Cards that one model is split over at most; past that it is a matter of several machines.
pub const GPUS_MAX: u32 = 16;
/// Concurrent sequences that a plan may ask for.
pub const CONCURRENCY_MAX: u32 = 4_096;
/// Models whose size differs by no more than this factor give the bounds of an undisclosed shape.
pub const SIMILAR_SIZE_FACTOR: f64 = 3.0;

const OVERHEAD: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/plan/overhead.toml"));

static ENGINES: LazyLock<EngineFile> =
    LazyLock::new(|| toml::from_str(OVERHEAD).expect("the file is part of the program; a test reads it"));

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EngineFile {
    #[expect(dead_code, reason = "read so that a newer file is refused")]
    version: u32,
    engine: Vec<Engine>,
}

/// What an engine takes on every GPU beside weights and KV cache: figures that people measured, not a promise.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Engine {
    /// `vllm`, `llama.cpp`.
    pub id: String,
    /// GiB at the least.
    pub low_gib: f64,
    /// GiB at the most.
    pub high_gib: f64,
    /// Who measured it.
    pub source: String,
}

impl Engine {
    /// Every engine whose allowance is known.
    pub fn all() -> &'static [Self] {
        &ENGINES.engine
    }

    /// By id.
    pub fn parse(id: &str) -> Option<&'static Self> {
        Self::all().iter().find(|engine| engine.id.eq_ignore_ascii_case(id.trim()))
    }

    /// The engine that reads files of a quantisation.
    pub fn usual_for(quant: Quant) -> &'static Self {
        let id = if quant.format() == Format::Gguf { "llama.cpp" } else { "vllm" };
        Self::parse(id).expect("both engines stand in the file")
    }
}

/// What is known of a model's memory.
#[derive(Debug, Clone, Default)]
pub struct Subject {
    /// For people.
    pub name: String,
    /// Parameters, all experts counted.
    pub params_total: Known<u64>,
    /// Parameters that one token uses.
    pub params_active: Known<u64>,
    /// Layers and dimensions.
    pub shape: Known<Shape>,
    /// What attention keeps, where it is known without the whole shape.
    pub attention: Known<Attention>,
    /// Layers that keep less than `attention` says (state space): `attention` is then an upper bound.
    pub attention_is_bound: bool,
    /// Weights as they lie in a file, read from its header.
    pub file_weights: Known<ByteCount>,
    /// Longest context that the maker states, in tokens.
    pub context_max: Known<u64>,
}

/// The work that is planned.
#[derive(Debug, Clone, Serialize)]
pub struct Workload {
    /// How the weights are stored. Ignored where the weights are read from a file.
    pub quant: Quant,
    /// How the KV cache is stored.
    pub kv_type: KvType,
    /// Tokens of each sequence, input and output together.
    pub context_tokens: u32,
    /// Sequences at the same time.
    pub concurrency: u32,
    /// The engine, for its allowance.
    pub engine: &'static Engine,
}

/// Bytes between two bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Span {
    /// At the least.
    pub low: ByteCount,
    /// At the most.
    pub high: ByteCount,
}

impl Span {
    /// Known exactly.
    pub fn exact(bytes: ByteCount) -> Self {
        Self { low: bytes, high: bytes }
    }

    fn plus(self, other: Self) -> Self {
        Self { low: self.low + other.low, high: self.high + other.high }
    }
}

/// Why a figure is a range, or what a reader must know of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Reason {
    /// The weights are read from a file and exact.
    WeightsFromFile,
    /// The weights are summed over the tensors of the published shape.
    WeightsFromShape,
    /// No shape is published: parameters times bits, with the bits between those of two known models.
    WeightsFromParams {
        /// The model with the fewest bits per weight.
        low_model: String,
        /// The model with the most.
        high_model: String,
    },
    /// No shape is published: the KV cache is scaled from the models of similar size with the least and the most.
    KvFromSimilarModels {
        /// The model with the least cache for its size.
        low_model: String,
        /// The model with the most.
        high_model: String,
    },
    /// Some layers keep a state instead of a cache; how many is not published.
    HybridLayers,
    /// The model has a sliding window; an engine that does not honour it keeps every token.
    SlidingWindow {
        /// Tokens of the window.
        tokens: u32,
    },
    /// The allowance of the engine is a range that people measured; one load on the same engine and card settles it.
    OverheadNotCalibrated,
    /// The maker states no context length.
    ContextUndisclosed,
    /// The plan asks for more context than the maker states.
    ContextBeyondPublished {
        /// Tokens that the maker states.
        published: u64,
    },
}

/// Memory of a model with its work, over all cards.
#[derive(Debug, Clone, Serialize)]
pub struct Sizing {
    /// What was planned.
    pub workload: Workload,
    /// Weights.
    pub weights: Span,
    /// Bits per weight at the two bounds, where the parameters are known.
    pub bits_per_weight: Known<(f64, f64)>,
    /// KV cache of one more token of one sequence.
    pub kv_per_token: Span,
    /// KV cache of all sequences.
    pub kv: Span,
    /// Engine allowance on each card.
    pub overhead_per_gpu: Span,
    /// Weights that one token reads.
    pub active_weights: Span,
    /// Why, and what to mind.
    pub reasons: Vec<Reason>,
    #[serde(skip)]
    low_kv: Scaled,
    #[serde(skip)]
    high_kv: Scaled,
}

/// A cache of known layout, scaled to a model of another size.
#[derive(Debug, Clone)]
struct Scaled {
    attention: Attention,
    factor: f64,
    window: Window,
}

impl Scaled {
    fn bytes(&self, workload: &Workload, gpus: u32) -> ByteCount {
        let one =
            self.attention.bytes_on_one_gpu(workload.context_tokens, workload.kv_type, self.window, gpus);
        ByteCount(one.0.saturating_mul(u64::from(workload.concurrency))).scaled(self.factor)
    }

    fn per_token(&self, kv_type: KvType) -> ByteCount {
        self.attention.bytes_per_token(kv_type).scaled(self.factor)
    }
}

/// Why nothing can be said at all.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SizeError {
    /// Neither shape, parameters nor a file is known.
    #[error("the number of parameters of {name} is not published")]
    ParametersUndisclosed {
        /// The model.
        name: String,
    },
    /// No known shape to take bounds from.
    #[error("no known shape to compare with")]
    NoKnownShape,
}

impl Coded for SizeError {
    fn code(&self) -> Code {
        Code::SizeUndisclosed
    }
}

impl Sizing {
    /// Sizes a subject; `known` are the models whose shape is published, for bounds where this one's is not.
    ///
    /// # Errors
    /// [`SizeError`] when there is nothing to start from.
    pub fn of(subject: &Subject, workload: Workload, known: &[(String, Shape)]) -> Result<Self, SizeError> {
        let mut reasons = Vec::new();
        let (weights, active_weights) = weights(subject, &workload, known, &mut reasons)?;
        let (low_kv, high_kv) = caches(subject, known, &mut reasons)?;
        match subject.context_max {
            Known::Value(published) if u64::from(workload.context_tokens) > published => {
                reasons.push(Reason::ContextBeyondPublished { published });
            }
            Known::Value(_) => {}
            Known::Undisclosed => reasons.push(Reason::ContextUndisclosed),
        }
        reasons.push(Reason::OverheadNotCalibrated);
        let gib = |gib: f64| ByteCount((gib * f64::from(1 << 30)) as u64);
        let bits = subject.params_total.map(|params| {
            let bits = |bytes: ByteCount| bytes.0 as f64 * 8.0 / params.max(1) as f64;
            (bits(weights.low), bits(weights.high))
        });
        let low = if subject.attention_is_bound { ByteCount::ZERO } else { low_kv.bytes(&workload, 1) };
        Ok(Self {
            weights,
            bits_per_weight: bits,
            kv_per_token: Span {
                low: if subject.attention_is_bound {
                    ByteCount::ZERO
                } else {
                    low_kv.per_token(workload.kv_type)
                },
                high: high_kv.per_token(workload.kv_type),
            },
            kv: Span { low, high: high_kv.bytes(&workload, 1) },
            overhead_per_gpu: Span { low: gib(workload.engine.low_gib), high: gib(workload.engine.high_gib) },
            active_weights,
            reasons,
            workload,
            low_kv,
            high_kv,
        })
    }

    /// Everything together on one card, before it is asked whether there is such a card.
    pub fn total(&self) -> Span {
        self.weights.plus(self.kv).plus(self.overhead_per_gpu)
    }

    fn kv_on_one_of(&self, gpus: u32) -> Span {
        let low = if self.kv.low == ByteCount::ZERO {
            ByteCount::ZERO
        } else {
            self.low_kv.bytes(&self.workload, gpus)
        };
        Span { low, high: self.high_kv.bytes(&self.workload, gpus) }
    }
}

/// Weights, and those that one token reads.
fn weights(
    subject: &Subject,
    workload: &Workload,
    known: &[(String, Shape)],
    reasons: &mut Vec<Reason>,
) -> Result<(Span, Span), SizeError> {
    let quant = workload.quant;
    if let Known::Value(bytes) = subject.file_weights {
        reasons.push(Reason::WeightsFromFile);
        let share = subject
            .params_active
            .zip(subject.params_total)
            .map(|(active, total)| active as f64 / total as f64);
        let low = share.value().map_or(bytes, |share| bytes.scaled(share.min(1.0)));
        return Ok((Span::exact(bytes), Span { low, high: bytes }));
    }
    if let Known::Value(shape) = &subject.shape
        && let (Ok(all), Ok(active)) = (quant.weight_bytes(shape), quant.active_bytes(shape))
    {
        reasons.push(Reason::WeightsFromShape);
        return Ok((Span::exact(all), Span::exact(active)));
    }
    let Known::Value(params) = subject.params_total else {
        return Err(SizeError::ParametersUndisclosed { name: subject.name.clone() });
    };
    let active = subject.params_active.value().unwrap_or(params).min(params);
    let bytes = |count: u64, bits: f64| ByteCount((count as f64 * bits / 8.0).ceil() as u64);
    let (low, high) = if quant.is_uniform() {
        (quant.nominal_bits(), quant.nominal_bits())
    } else {
        let (low, high) = bits_bounds(quant, known)?;
        reasons.push(Reason::WeightsFromParams { low_model: low.1, high_model: high.1 });
        (low.0, high.0)
    };
    let span = |count| Span { low: bytes(count, low), high: bytes(count, high) };
    Ok((span(params), span(active)))
}

type BitsOf = (f64, String);

/// Fewest and most bits per weight among the known shapes, with their models.
fn bits_bounds(quant: Quant, known: &[(String, Shape)]) -> Result<(BitsOf, BitsOf), SizeError> {
    let bits: Vec<BitsOf> = known
        .iter()
        .filter_map(|(name, shape)| Some((quant.bits_per_weight(shape).ok()?, name.clone())))
        .collect();
    let low = bits.iter().min_by(|left, right| left.0.total_cmp(&right.0));
    let high = bits.iter().max_by(|left, right| left.0.total_cmp(&right.0));
    low.zip(high).map(|(low, high)| (low.clone(), high.clone())).ok_or(SizeError::NoKnownShape)
}

/// The caches at the two bounds.
fn caches(
    subject: &Subject,
    known: &[(String, Shape)],
    reasons: &mut Vec<Reason>,
) -> Result<(Scaled, Scaled), SizeError> {
    let own = match (&subject.attention, &subject.shape) {
        (Known::Value(attention), _) => Some(attention.clone()),
        (Known::Undisclosed, Known::Value(shape)) => Attention::of(shape).ok(),
        _ => None,
    };
    if let Some(attention) = own {
        if subject.attention_is_bound {
            reasons.push(Reason::HybridLayers);
        }
        let low_window = match attention.window_tokens() {
            Some(tokens) => {
                reasons.push(Reason::SlidingWindow { tokens });
                Window::Honoured
            }
            None => Window::Ignored,
        };
        let low = Scaled { attention: attention.clone(), factor: 1.0, window: low_window };
        return Ok((low, Scaled { attention, factor: 1.0, window: Window::Ignored }));
    }
    let Known::Value(params) = subject.params_total else {
        return Err(SizeError::ParametersUndisclosed { name: subject.name.clone() });
    };
    let (low, high) = similar(params, known)?;
    reasons.push(Reason::KvFromSimilarModels { low_model: low.0, high_model: high.0 });
    Ok((low.1, high.1))
}

type CacheOf = (String, Scaled);

fn similar(params: u64, known: &[(String, Shape)]) -> Result<(CacheOf, CacheOf), SizeError> {
    let caches = |all: bool| {
        let mut found: Vec<(f64, CacheOf)> = Vec::new();
        for (name, shape) in known {
            let (Ok(attention), Ok(size)) = (Attention::of(shape), shape.params_total()) else { continue };
            let factor = params as f64 / size as f64;
            if all || (1.0 / SIMILAR_SIZE_FACTOR..=SIMILAR_SIZE_FACTOR).contains(&factor) {
                let scaled = Scaled { attention, factor, window: Window::Ignored };
                found.push((scaled.per_token(KvType::F16).0 as f64, (name.clone(), scaled)));
            }
        }
        found
    };
    let mut found = caches(false);
    if found.is_empty() {
        found = caches(true);
    }
    let low = found.iter().min_by(|left, right| left.0.total_cmp(&right.0)).cloned();
    let high = found.iter().max_by(|left, right| left.0.total_cmp(&right.0)).cloned();
    low.zip(high).map(|(low, high)| (low.1, high.1)).ok_or(SizeError::NoKnownShape)
}

/// A card of the catalog.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Gpu {
    /// Id of the catalog.
    pub id: String,
    /// Name.
    pub name: String,
    /// Memory as the maker counts it (decimal).
    pub memory: ByteCount,
    /// GB/s.
    pub bandwidth_gb_per_s: Known<f64>,
    /// Dense 16-bit TFLOPS.
    pub bf16_tflops: Known<f64>,
}

/// Whether it fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Even at the upper bound.
    Fits,
    /// At the lower bound, not at the upper one.
    MayFit,
    /// Not even at the lower bound.
    DoesNotFit,
}

/// The part that takes most of a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Weights.
    Weights,
    /// KV cache.
    Kv,
    /// Engine allowance.
    Overhead,
}

/// A model on cards of one type.
#[derive(Debug, Clone, Serialize)]
pub struct GpuFit {
    /// The card.
    pub gpu: Gpu,
    /// How many: the fewest that hold the upper bound; where none do, the fewest that hold the lower one.
    pub count: u32,
    /// What can be said of that count.
    pub verdict: Verdict,
    /// The fewest cards that hold the lower bound, if [`GPUS_MAX`] do.
    pub count_low: Known<u32>,
    /// The part that limits.
    pub limit: Part,
    /// Memory of one card that a model may use.
    pub usable: ByteCount,
    /// Weights on one card.
    pub weights: Span,
    /// KV cache on one card.
    pub kv: Span,
    /// Engine allowance on one card.
    pub overhead: Span,
    /// Whether KV heads have to be copied since there are fewer of them than cards.
    pub kv_replicated: bool,
    /// Sequences of the planned context that fit beside the weights at the upper and the lower bound.
    pub concurrency: (u32, u32),
}

/// Places a sizing on a card type.
pub fn place(sizing: &Sizing, gpu: &Gpu) -> GpuFit {
    let usable = ByteCount((gpu.memory.0 as f64 * GPU_MEMORY_UTILISATION) as u64);
    let counts =
        || std::iter::successors(Some(1_u32), |count| Some(count * 2)).take_while(|count| *count <= GPUS_MAX);
    let on = |count: u32| -> (Span, Span) {
        let part = |bytes: ByteCount| ByteCount(bytes.0.div_ceil(u64::from(count)));
        (Span { low: part(sizing.weights.low), high: part(sizing.weights.high) }, sizing.kv_on_one_of(count))
    };
    let need = |count: u32| {
        let (weights, kv) = on(count);
        weights.plus(kv).plus(sizing.overhead_per_gpu)
    };
    let holds_high = counts().find(|count| need(*count).high <= usable);
    let holds_low = counts().find(|count| need(*count).low <= usable);
    let (count, verdict) = match (holds_high, holds_low) {
        (Some(count), _) => (count, Verdict::Fits),
        (None, Some(count)) => (count, Verdict::MayFit),
        (None, None) => (GPUS_MAX, Verdict::DoesNotFit),
    };
    let (weights, kv) = on(count);
    let overhead = sizing.overhead_per_gpu;
    let parts = [(Part::Weights, weights.high), (Part::Kv, kv.high), (Part::Overhead, overhead.high)];
    let limit = parts.into_iter().max_by_key(|(_, bytes)| *bytes).map_or(Part::Weights, |(part, _)| part);
    let sequences = |weights: ByteCount, overhead: ByteCount, kv: ByteCount| {
        let free = usable.0.saturating_sub(weights.0).saturating_sub(overhead.0);
        let one = (kv.0 / u64::from(sizing.workload.concurrency.max(1))).max(1);
        u32::try_from(free / one).unwrap_or(u32::MAX).min(CONCURRENCY_MAX)
    };
    let copied = |scaled: &Scaled| {
        scaled.attention.kv_heads().is_some_and(|heads| heads < count)
            || (scaled.attention.has_latent() && count > 1)
    };
    GpuFit {
        gpu: gpu.clone(),
        count,
        verdict,
        count_low: holds_low.into(),
        limit,
        usable,
        weights,
        kv,
        overhead,
        kv_replicated: copied(&sizing.high_kv),
        concurrency: (
            sequences(weights.high, overhead.high, kv.high),
            sequences(weights.low, overhead.low, kv.low),
        ),
    }
}

#[cfg(test)]
mod tests;
