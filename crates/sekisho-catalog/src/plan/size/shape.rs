//! The published shape of a model, and every tensor that follows from it.
//!
//! Parameter totals are sums over these tensors, never a figure from a press release: a total that does not agree
//! with the size of the published files is how a wrong config is found.

use serde::{Deserialize, Serialize};

/// The layout of a model's tensors. Two models of one architecture differ only in the numbers of their [`Shape`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Architecture {
    /// GPT-NeoX: biases everywhere, fused QKV, two-matrix feed-forward, every head has its own KV.
    GptNeox,
    /// Llama: gated feed-forward, RMS norms, no biases.
    Llama,
    /// Mistral: Llama with an optional sliding window.
    Mistral,
    /// Mixtral: Mistral with routed experts in every layer.
    Mixtral,
    /// Tanuki-8x8B: Mixtral under another class name.
    Tanuki,
    /// PLaMo of the first generation: parallel block with one norm, KV heads shared by groups of heads.
    Plamo,
    /// Cohere (Command R+): parallel block with one bias-free layer norm, tied embeddings, optional QK norm.
    Cohere,
    /// DeepSeek-V3: latent attention (MLA), dense first layers, routed and shared experts.
    DeepseekV3,
    /// Llama 4: experts in every second layer.
    Llama4,
    /// Qwen3-MoE: experts in every layer, QK norm per head dimension.
    Qwen3Moe,
    /// Anything whose tensors are not described here; nothing is computed from its shape.
    #[default]
    Other,
}

impl Architecture {
    /// Reads the words that catalogs and files use: `gpt_neox`, `MixtralForCausalLM`, `deepseek_v3 (MLA)`.
    ///
    /// What is not recognised is [`Architecture::Other`]: a layout that is only probably the same (PLaMo-100B is
    /// "Llama-like") must give bounds, not an exact figure.
    pub fn parse(text: &str) -> Self {
        let lower = text.trim().to_lowercase();
        let word: String = lower
            .split(|c: char| c.is_whitespace() || c == '(' || c == ',')
            .next()
            .unwrap_or_default()
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .collect();
        match word.strip_suffix("forcausallm").unwrap_or(&word) {
            "gptneox" => Self::GptNeox,
            "llama" => Self::Llama,
            "mistral" => Self::Mistral,
            "mixtral" => Self::Mixtral,
            "tanuki" => Self::Tanuki,
            "plamo" if !lower.contains("llama-like") => Self::Plamo,
            "cohere" | "commandr" => Self::Cohere,
            "deepseekv3" => Self::DeepseekV3,
            "llama4" => Self::Llama4,
            "qwen3moe" => Self::Qwen3Moe,
            _ => Self::Other,
        }
    }

    fn needs_experts(self) -> bool {
        matches!(self, Self::Mixtral | Self::Tanuki | Self::DeepseekV3 | Self::Llama4 | Self::Qwen3Moe)
    }

    /// Norm vectors per layer, without QK norms: a parallel block needs only one.
    fn norms_per_layer(self) -> u64 {
        if matches!(self, Self::Plamo | Self::Cohere) { 1 } else { 2 }
    }
}

/// The experts of a mixture (MoE): memory goes by the total, speed by the active.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Experts {
    /// Routed experts per layer.
    pub total: u32,
    /// Routed experts that one token visits.
    pub active: u32,
    /// Experts that every token visits.
    #[serde(default)]
    pub shared: u32,
    /// Width of one expert.
    pub ffn: u32,
    /// Layers at the start without experts.
    #[serde(default)]
    pub dense_first_layers: u32,
    /// 1: every layer has experts; 2: every second one, starting with the second.
    #[serde(default = "one")]
    pub every: u32,
    /// One more number per expert that steers the routing (DeepSeek-V3).
    #[serde(default)]
    pub routing_bias: bool,
}

/// Latent attention (MLA): what is cached is a compressed vector, not keys and values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LatentRanks {
    /// Rank of the compressed query.
    pub q_rank: u32,
    /// Rank of the compressed KV, cached per token and layer.
    pub kv_rank: u32,
    /// Key dimensions per head without position.
    pub nope_dim: u32,
    /// Key dimensions with position, shared by all heads and cached beside the latent.
    pub rope_dim: u32,
    /// Value dimensions per head.
    pub value_dim: u32,
}

/// The numbers of a config that decide how large a model is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Shape {
    /// Which tensors there are.
    pub architecture: Architecture,
    /// Transformer layers.
    pub layers: u32,
    /// Width of the residual stream.
    pub hidden: u32,
    /// Query heads.
    pub heads: u32,
    /// Heads that keys and values really have; PLaMo-13B says 40 and has 40 / `n_shared_head` = 5.
    pub kv_heads: u32,
    /// Dimensions per head; not always `hidden / heads`.
    pub head_dim: u32,
    /// Width of the dense feed-forward.
    pub ffn: u32,
    /// Tokens in the vocabulary.
    pub vocab: u32,
    /// Rows of the embedding table where it is padded beyond the vocabulary.
    pub embedding_rows: Option<u32>,
    /// Whether input and output share one table.
    pub tied_embeddings: bool,
    /// Whether queries and keys are normalised by learned weights.
    pub qk_norm: bool,
    /// The mixture, if it is one.
    pub experts: Option<Experts>,
    /// Latent attention, if it has it.
    pub latent: Option<LatentRanks>,
    /// Tokens that attention looks back in every layer, if it is limited.
    pub sliding_window: Option<u32>,
}

/// What a tensor is for: quantisation and splitting over GPUs depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TensorKind {
    /// Input embedding table.
    TokenEmbedding,
    /// Output table (LM head).
    Output,
    /// Norm weights (and their biases).
    Norm,
    /// Bias vectors.
    Bias,
    /// The gate that chooses experts, with its bias.
    Router,
    /// Query projection.
    AttentionQ,
    /// Key projection.
    AttentionK,
    /// Value projection.
    AttentionV,
    /// Query, key and value in one matrix.
    AttentionQkv,
    /// Output projection of the attention.
    AttentionOutput,
    /// Compression to the latent (MLA): every GPU needs all of it.
    LatentDown,
    /// Decompression from the latent (MLA), by head.
    LatentUp,
    /// Gate of the feed-forward.
    FfnGate,
    /// Widening matrix of the feed-forward.
    FfnUp,
    /// Narrowing matrix of the feed-forward.
    FfnDown,
}

/// Tensors of one kind and size.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TensorGroup {
    /// What they are for.
    pub kind: TensorKind,
    /// Indices of the layers that have one; empty for the one tensor outside the layers.
    pub layers: Vec<u32>,
    /// Parameters in one layer.
    pub elements_per_layer: u64,
    /// Of these, the parameters one token uses.
    pub active_per_layer: u64,
    /// Length of a row: quantisation blocks run along it and must divide it.
    pub row_elements: u32,
}

impl TensorGroup {
    fn count(&self) -> u64 {
        self.layers.len().max(1) as u64
    }

    /// Parameters in all layers.
    pub fn elements(&self) -> u64 {
        self.elements_per_layer * self.count()
    }

    /// Parameters in all layers that one token uses.
    pub fn active_elements(&self) -> u64 {
        self.active_per_layer * self.count()
    }
}

/// Why nothing exact follows from a shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ShapeError {
    /// The tensors of this architecture are not described.
    #[error("the tensor layout of this architecture is not known")]
    ArchitectureUnknown,
    /// A number is zero or missing, or larger than any model has.
    #[error("{field} is out of range")]
    OutOfRange {
        /// Name of the field.
        field: &'static str,
    },
}

/// Most layers taken as meant; the largest published models have about 130.
pub const LAYERS_MAX: u32 = 1 << 10;
/// Widest residual stream or feed-forward taken as meant.
pub const WIDTH_MAX: u32 = 1 << 18;
/// Most heads, dimensions per head, or experts taken as meant.
pub const HEADS_MAX: u32 = 1 << 12;
/// Largest vocabulary taken as meant.
pub const VOCAB_MAX: u32 = 1 << 22;

impl Shape {
    /// Refuses numbers that no model has, so that sums over a hostile header stay within 64 bits.
    ///
    /// # Errors
    /// [`ShapeError::OutOfRange`] names the first field that is zero or too large.
    pub fn validate(&self) -> Result<(), ShapeError> {
        let experts = self.experts.unwrap_or(Experts::NONE);
        let latent = self.latent.unwrap_or(LatentRanks::NONE);
        let fields = [
            ("experts", u32::from(self.experts.is_some() || !self.architecture.needs_experts()), 1),
            ("latent", u32::from(self.latent.is_some() || self.architecture != Architecture::DeepseekV3), 1),
            ("layers", self.layers, LAYERS_MAX),
            ("hidden", self.hidden, WIDTH_MAX),
            ("heads", self.heads, HEADS_MAX),
            ("kv_heads", self.kv_heads, HEADS_MAX),
            ("head_dim", self.head_dim, HEADS_MAX),
            ("ffn", self.ffn, WIDTH_MAX),
            ("vocab", self.vocab, VOCAB_MAX),
            ("embedding_rows", self.rows(), VOCAB_MAX),
            ("sliding_window", self.sliding_window.unwrap_or(1), u32::MAX),
            ("experts.total", experts.total, HEADS_MAX),
            ("experts.active", experts.active, experts.total),
            ("experts.shared", experts.shared.saturating_add(1), HEADS_MAX),
            ("experts.ffn", experts.ffn, WIDTH_MAX),
            ("experts.every", experts.every, LAYERS_MAX),
            ("latent.q_rank", latent.q_rank, WIDTH_MAX),
            ("latent.kv_rank", latent.kv_rank, WIDTH_MAX),
            ("latent.nope_dim", latent.nope_dim, HEADS_MAX),
            ("latent.rope_dim", latent.rope_dim, HEADS_MAX),
            ("latent.value_dim", latent.value_dim, HEADS_MAX),
        ];
        let bad = fields.into_iter().find(|(_, value, max)| *value == 0 || value > max);
        bad.map_or(Ok(()), |(field, _, _)| Err(ShapeError::OutOfRange { field }))
    }

    /// Rows of the embedding table.
    pub fn rows(&self) -> u32 {
        self.embedding_rows.unwrap_or(self.vocab)
    }

    /// All parameters.
    ///
    /// # Errors
    /// As [`tensor_groups`].
    pub fn params_total(&self) -> Result<u64, ShapeError> {
        Ok(tensor_groups(self)?.iter().map(TensorGroup::elements).sum())
    }

    /// Parameters that one token uses, both embedding tables counted whole as publishers do.
    ///
    /// # Errors
    /// As [`tensor_groups`].
    pub fn params_active(&self) -> Result<u64, ShapeError> {
        Ok(tensor_groups(self)?.iter().map(TensorGroup::active_elements).sum())
    }

    /// The share of all parameters that sits in the embedding tables: high in small models with a Japanese
    /// vocabulary, and quantised less than the rest.
    ///
    /// # Errors
    /// As [`tensor_groups`].
    pub fn embedding_share(&self) -> Result<f64, ShapeError> {
        let tables = if self.tied_embeddings { 1 } else { 2 };
        let embedding = tables * u64::from(self.rows()) * u64::from(self.hidden);
        Ok(embedding as f64 / self.params_total()? as f64)
    }

    fn layers_with_experts(&self) -> Vec<u32> {
        let Some(experts) = self.experts else { return Vec::new() };
        let has =
            |layer: &u32| *layer >= experts.dense_first_layers && (layer + 1).is_multiple_of(experts.every);
        (0..self.layers).filter(has).collect()
    }
}

impl Experts {
    const NONE: Self =
        Self { total: 1, active: 1, shared: 0, ffn: 1, dense_first_layers: 0, every: 1, routing_bias: false };
}

impl LatentRanks {
    const NONE: Self = Self { q_rank: 1, kv_rank: 1, nope_dim: 1, rope_dim: 1, value_dim: 1 };
}

/// Every tensor of the model, grouped; the elements sum to its parameter total.
///
/// # Errors
/// [`ShapeError::ArchitectureUnknown`] for [`Architecture::Other`]; [`ShapeError::OutOfRange`] for impossible numbers.
pub fn tensor_groups(shape: &Shape) -> Result<Vec<TensorGroup>, ShapeError> {
    if shape.architecture == Architecture::Other {
        return Err(ShapeError::ArchitectureUnknown);
    }
    shape.validate()?;
    let mut groups = Groups(Vec::new());
    groups.outside(TensorKind::TokenEmbedding, shape.rows(), shape.hidden);
    if !shape.tied_embeddings {
        groups.outside(TensorKind::Output, shape.rows(), shape.hidden);
    }
    let biased = if shape.architecture == Architecture::GptNeox { 2 } else { 1 };
    groups.outside(TensorKind::Norm, biased, shape.hidden);
    let layers: Vec<u32> = (0..shape.layers).collect();
    let norms = shape.architecture.norms_per_layer() * u64::from(biased) * u64::from(shape.hidden);
    groups.vector(TensorKind::Norm, &layers, norms);
    push_attention(&mut groups, shape, &layers);
    push_feed_forward(&mut groups, shape, &layers);
    Ok(groups.0)
}

/// Collects groups; a matrix is given as (rows out, elements in a row), as in a file.
struct Groups(Vec<TensorGroup>);

impl Groups {
    fn push(&mut self, kind: TensorKind, layers: &[u32], per_layer: (u64, u64), row_elements: u32) {
        if layers.is_empty() || per_layer.0 == 0 {
            return;
        }
        let (elements_per_layer, active_per_layer) = per_layer;
        let layers = layers.to_vec();
        self.0.push(TensorGroup { kind, layers, elements_per_layer, active_per_layer, row_elements });
    }

    fn matrix(&mut self, kind: TensorKind, layers: &[u32], rows: u32, row_elements: u32) {
        let elements = u64::from(rows) * u64::from(row_elements);
        self.push(kind, layers, (elements, elements), row_elements);
    }

    fn vector(&mut self, kind: TensorKind, layers: &[u32], elements: u64) {
        self.push(kind, layers, (elements, elements), elements.min(u64::from(u32::MAX)) as u32);
    }

    fn experts(
        &mut self,
        kind: TensorKind,
        layers: &[u32],
        experts: Experts,
        (rows, row_elements): (u32, u32),
    ) {
        let one = u64::from(rows) * u64::from(row_elements);
        let per_layer = (one * u64::from(experts.total), one * u64::from(experts.active));
        self.push(kind, layers, per_layer, row_elements);
    }

    fn outside(&mut self, kind: TensorKind, rows: u32, row_elements: u32) {
        let elements_per_layer = u64::from(rows) * u64::from(row_elements);
        let active_per_layer = elements_per_layer;
        self.0.push(TensorGroup {
            kind,
            layers: Vec::new(),
            elements_per_layer,
            active_per_layer,
            row_elements,
        });
    }
}

fn push_attention(groups: &mut Groups, shape: &Shape, layers: &[u32]) {
    let (hidden, queries, keys) =
        (shape.hidden, shape.heads * shape.head_dim, shape.kv_heads * shape.head_dim);
    if let Some(latent) = shape.latent {
        return push_latent_attention(groups, shape, latent, layers);
    }
    if shape.architecture == Architecture::GptNeox {
        groups.matrix(TensorKind::AttentionQkv, layers, queries + 2 * keys, hidden);
        groups.vector(TensorKind::Bias, layers, u64::from(queries + 2 * keys + hidden));
    } else {
        groups.matrix(TensorKind::AttentionQ, layers, queries, hidden);
        groups.matrix(TensorKind::AttentionK, layers, keys, hidden);
        groups.matrix(TensorKind::AttentionV, layers, keys, hidden);
    }
    groups.matrix(TensorKind::AttentionOutput, layers, hidden, queries);
    if shape.qk_norm {
        // Cohere normalises every head with its own weights, Qwen3 all heads with the same.
        let per_head = shape.architecture == Architecture::Cohere;
        let elements = if per_head { queries + keys } else { 2 * shape.head_dim };
        groups.vector(TensorKind::Norm, layers, u64::from(elements));
    }
}

fn push_latent_attention(groups: &mut Groups, shape: &Shape, latent: LatentRanks, layers: &[u32]) {
    let LatentRanks { q_rank, kv_rank, nope_dim, rope_dim, value_dim } = latent;
    groups.matrix(TensorKind::LatentDown, layers, q_rank + kv_rank + rope_dim, shape.hidden);
    groups.vector(TensorKind::Norm, layers, u64::from(q_rank + kv_rank));
    groups.matrix(TensorKind::LatentUp, layers, shape.heads * (nope_dim + rope_dim), q_rank);
    // llama.cpp stores the key half transposed, so that its rows are `nope_dim` long.
    groups.matrix(TensorKind::LatentUp, layers, shape.heads * kv_rank, nope_dim);
    groups.matrix(TensorKind::LatentUp, layers, shape.heads * value_dim, kv_rank);
    groups.matrix(TensorKind::AttentionOutput, layers, shape.hidden, shape.heads * value_dim);
}

fn push_feed_forward(groups: &mut Groups, shape: &Shape, layers: &[u32]) {
    let with_experts = shape.layers_with_experts();
    let dense: Vec<u32> =
        layers.iter().copied().filter(|layer| with_experts.binary_search(layer).is_err()).collect();
    push_dense_ffn(groups, shape, &dense, shape.ffn);
    let Some(experts) = shape.experts else { return };
    groups.matrix(TensorKind::Router, &with_experts, experts.total, shape.hidden);
    if experts.routing_bias {
        groups.vector(TensorKind::Router, &with_experts, u64::from(experts.total));
    }
    groups.experts(TensorKind::FfnGate, &with_experts, experts, (experts.ffn, shape.hidden));
    groups.experts(TensorKind::FfnUp, &with_experts, experts, (experts.ffn, shape.hidden));
    groups.experts(TensorKind::FfnDown, &with_experts, experts, (shape.hidden, experts.ffn));
    if experts.shared > 0 {
        push_dense_ffn(groups, shape, &with_experts, experts.shared.saturating_mul(experts.ffn));
    }
}

fn push_dense_ffn(groups: &mut Groups, shape: &Shape, layers: &[u32], ffn: u32) {
    if shape.architecture == Architecture::GptNeox {
        groups.vector(TensorKind::Bias, layers, u64::from(ffn) + u64::from(shape.hidden));
    } else {
        groups.matrix(TensorKind::FfnGate, layers, ffn, shape.hidden);
    }
    groups.matrix(TensorKind::FfnUp, layers, ffn, shape.hidden);
    groups.matrix(TensorKind::FfnDown, layers, shape.hidden, ffn);
}

fn one() -> u32 {
    1
}

#[cfg(test)]
mod tests;
