//! What a file says of its model, in the same words for both formats.

use sekisho_base::Known;

/// The shape of a model. A field is undisclosed when neither the metadata nor the tensors say it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ModelMetadata {
    /// `llama`, `gptneox`, `plamo` (GGUF) or the `model_type` of `config.json`.
    pub architecture: Known<String>,
    /// The name the maker gave it.
    pub name: Known<String>,
    /// Transformer (or other) blocks.
    pub layers: Known<u64>,
    /// Length of the vector that flows between layers.
    pub hidden: Known<u64>,
    /// Query heads.
    pub heads: Known<PerLayer>,
    /// Heads of keys and values; 0 in layers without attention. Where the tensors contradict the metadata, the tensors
    /// hold, and a warning says so.
    pub kv_heads: Known<PerLayer>,
    /// Elements of one key head (head_dim).
    pub key_length: Known<u64>,
    /// Elements of one value head.
    pub value_length: Known<u64>,
    /// Elements of one key head in layers with a window, where it differs from the others (Gemma).
    pub window_key_length: Known<u64>,
    /// Elements of the compressed keys and values of latent attention (MLA).
    pub kv_lora_rank: Known<u64>,
    /// Width of the dense feed-forward network.
    pub ffn: Known<PerLayer>,
    /// Width of one routed expert.
    pub expert_ffn: Known<u64>,
    /// Tokens in the vocabulary.
    pub vocab: Known<u64>,
    /// The longest sequence it was trained for.
    pub context_tokens: Known<u64>,
    /// Routed experts of a layer.
    pub experts_total: Known<u64>,
    /// Routed experts that one token uses.
    pub experts_active: Known<u64>,
    /// Experts that every token uses.
    pub experts_shared: Known<u64>,
    /// Tokens that a layer with a window looks back; undisclosed when the file declares none.
    pub sliding_window_tokens: Known<u64>,
    /// Which layers have the window; undisclosed when the file does not say.
    pub sliding_window_layers: Known<WindowLayers>,
    /// Rotary position embedding.
    pub rope: Rope,
    /// State-space layers.
    pub state_space: StateSpace,
    /// The mix of element types by its usual name: `Q4_K_M` (GGUF), `bfloat16` (`config.json`).
    pub file_type: Known<String>,
    /// How the weights were quantised, by `config.json`: `gptq`, `awq`, `fp8`.
    pub quantization: Known<String>,
}

/// A number that may differ between layers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PerLayer {
    /// The same in each layer.
    Uniform(u64),
    /// One number for each layer.
    Layers(Vec<u64>),
}

impl PerLayer {
    pub(super) fn from_layers(numbers: Vec<u64>) -> Option<Self> {
        let first = *numbers.first()?;
        Some(if numbers.iter().all(|number| *number == first) {
            Self::Uniform(first)
        } else {
            Self::Layers(numbers)
        })
    }

    /// The number of one layer, counted from 0; `None` beyond the layers listed.
    pub fn at(&self, layer: usize) -> Option<u64> {
        match self {
            Self::Uniform(number) => Some(*number),
            Self::Layers(numbers) => numbers.get(layer).copied(),
        }
    }

    /// The largest number of any layer.
    pub fn max(&self) -> u64 {
        match self {
            Self::Uniform(number) => *number,
            Self::Layers(numbers) => numbers.iter().copied().max().unwrap_or(0),
        }
    }
}

/// Which layers look back over a window only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WindowLayers {
    /// Of each group of this many layers all but the last; 1 means none, as llama.cpp and `config.json` read it.
    AllButEvery(u64),
    /// One answer for each layer.
    Layers(Vec<bool>),
}

impl WindowLayers {
    /// Whether a layer, counted from 0, has the window. A layer beyond the list has none: it then keeps every token.
    pub fn contains(&self, layer: usize) -> bool {
        match self {
            Self::AllButEvery(every) => *every == 0 || !(layer as u64 + 1).is_multiple_of(*every),
            Self::Layers(layers) => layers.get(layer).copied().unwrap_or(false),
        }
    }
}

/// Rotary position embedding, as far as declared.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Rope {
    /// Elements of a head that are rotated.
    pub dimensions: Known<u64>,
    /// The base of the frequencies (theta).
    pub freq_base: Known<f64>,
    /// `linear`, `yarn`, `llama3`.
    pub scaling: Known<String>,
    /// By how much positions are stretched.
    pub factor: Known<f64>,
    /// The context before stretching.
    pub original_context_tokens: Known<u64>,
}

/// State-space layers, as far as declared.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StateSpace {
    /// Tokens of the rolling convolution.
    pub conv_kernel: Known<u64>,
    /// Elements of the inner vector.
    pub inner_size: Known<u64>,
    /// Elements of the state for each inner element.
    pub state_size: Known<u64>,
    /// Groups that share their projections.
    pub groups: Known<u64>,
}
