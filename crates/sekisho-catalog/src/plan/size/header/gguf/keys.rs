//! Which metadata keys of GGUF say what. Source: ggml-org/llama.cpp, `gguf-py/gguf/constants.py` (`Keys`) at 0024aa7.

use std::collections::BTreeMap;

use sekisho_base::Known;

use super::Value;
use crate::plan::size::header::metadata::{ModelMetadata, PerLayer, Rope, StateSpace, WindowLayers};

/// The metadata entries of one file.
pub(in crate::plan::size::header) struct Metadata(pub(super) BTreeMap<String, Value>);

impl Metadata {
    /// A number that cannot be negative.
    fn number(&self, key: &str) -> Known<u64> {
        Known::from(match self.0.get(key) {
            Some(Value::Integer(number)) => u64::try_from(*number).ok(),
            _ => None,
        })
    }

    /// As `number`, where 0 says that there is none.
    fn count(&self, key: &str) -> Known<u64> {
        self.number(key).and_then(|number| Known::from(Some(number).filter(|number| *number > 0)))
    }

    fn text(&self, key: &str) -> Known<String> {
        Known::from(match self.0.get(key) {
            Some(Value::Text(text)) => Some(text.clone()),
            _ => None,
        })
    }

    fn float(&self, key: &str) -> Known<f64> {
        Known::from(match self.0.get(key) {
            Some(Value::Float(number)) => Some(*number).filter(|number| number.is_finite()),
            _ => None,
        })
    }

    /// One number, or one for each layer.
    fn per_layer(&self, key: &str) -> Known<PerLayer> {
        match self.0.get(key).and_then(Value::integers) {
            Some(numbers) => {
                let numbers = numbers.map(|number| u64::try_from(number).ok()).collect::<Option<Vec<_>>>();
                Known::from(numbers.and_then(PerLayer::from_layers))
            }
            None => self.number(key).map(PerLayer::Uniform),
        }
    }

    fn length(&self, key: &str) -> Known<u64> {
        Known::from(match self.0.get(key) {
            Some(Value::Array(length)) => Some(*length),
            _ => None,
        })
    }

    fn window_layers(&self, key: &str) -> Known<WindowLayers> {
        match self.0.get(key).and_then(Value::integers) {
            Some(flags) => Known::Value(WindowLayers::Layers(flags.map(|flag| flag != 0).collect())),
            None => self.count(key).map(WindowLayers::AllButEvery),
        }
    }

    /// Files of the set that this one belongs to.
    pub(in crate::plan::size::header) fn shard_count(&self) -> Known<u64> {
        self.count("split.count")
    }
}

/// What the metadata says of the model.
pub(in crate::plan::size::header) fn model(metadata: &Metadata) -> ModelMetadata {
    let architecture = metadata.text("general.architecture");
    let key = |name: &str| format!("{}.{name}", architecture.as_ref().value().map_or("", String::as_str));
    let count = |name: &str| metadata.count(&key(name));
    let hidden = count("embedding_length");
    let heads = metadata.per_layer(&key("attention.head_count"));
    // Both defaults are those of the format's specification: no head_count_kv means no grouping, and the length of a
    // head is embedding_length / head_count.
    let kv_heads = match metadata.per_layer(&key("attention.head_count_kv")) {
        Known::Undisclosed => heads.clone(),
        declared @ Known::Value(_) => declared,
    };
    let head_length = hidden.zip(heads.as_ref().map(PerLayer::max)).and_then(|(hidden, heads)| {
        Known::from(hidden.checked_div(heads).filter(|length| length * heads == hidden))
    });
    let length = |name: &str| match count(name) {
        Known::Undisclosed => head_length,
        declared @ Known::Value(_) => declared,
    };
    let vocab = match count("vocab_size") {
        Known::Undisclosed => metadata.length("tokenizer.ggml.tokens"),
        declared @ Known::Value(_) => declared,
    };
    ModelMetadata {
        name: metadata.text("general.name"),
        layers: count("block_count"),
        hidden,
        heads,
        kv_heads,
        key_length: length("attention.key_length"),
        value_length: length("attention.value_length"),
        window_key_length: count("attention.key_length_swa"),
        kv_lora_rank: count("attention.kv_lora_rank"),
        ffn: metadata.per_layer(&key("feed_forward_length")),
        expert_ffn: count("expert_feed_forward_length"),
        vocab,
        context_tokens: count("context_length"),
        experts_total: count("expert_count"),
        experts_active: count("expert_used_count"),
        experts_shared: count("expert_shared_count"),
        sliding_window_tokens: count("attention.sliding_window"),
        sliding_window_layers: metadata.window_layers(&key("attention.sliding_window_pattern")),
        rope: Rope {
            dimensions: count("rope.dimension_count"),
            freq_base: metadata.float(&key("rope.freq_base")),
            scaling: metadata.text(&key("rope.scaling.type")),
            factor: metadata.float(&key("rope.scaling.factor")),
            original_context_tokens: count("rope.scaling.original_context_length"),
        },
        state_space: StateSpace {
            conv_kernel: count("ssm.conv_kernel"),
            inner_size: count("ssm.inner_size"),
            state_size: count("ssm.state_size"),
            groups: count("ssm.group_count"),
        },
        file_type: metadata.number("general.file_type").and_then(|id| {
            Known::from(FILE_TYPES.iter().find(|(known, _)| *known == id).map(|(_, name)| (*name).to_owned()))
        }),
        quantization: Known::Undisclosed,
        architecture,
    }
}

/// Source: ggml-org/llama.cpp, `gguf-py/gguf/constants.py` (`LlamaFileType`) at 0024aa7.
#[rustfmt::skip]
const FILE_TYPES: &[(u64, &str)] = &[
    (0, "F32"), (1, "F16"), (2, "Q4_0"), (3, "Q4_1"), (7, "Q8_0"), (8, "Q5_0"), (9, "Q5_1"), (10, "Q2_K"),
    (11, "Q3_K_S"), (12, "Q3_K_M"), (13, "Q3_K_L"), (14, "Q4_K_S"), (15, "Q4_K_M"), (16, "Q5_K_S"), (17, "Q5_K_M"),
    (18, "Q6_K"), (19, "IQ2_XXS"), (20, "IQ2_XS"), (21, "Q2_K_S"), (22, "IQ3_XS"), (23, "IQ3_XXS"), (24, "IQ1_S"),
    (25, "IQ4_NL"), (26, "IQ3_S"), (27, "IQ3_M"), (28, "IQ2_S"), (29, "IQ2_M"), (30, "IQ4_XS"), (31, "IQ1_M"),
    (32, "BF16"), (36, "TQ1_0"), (37, "TQ2_0"), (38, "MXFP4_MOE"), (39, "NVFP4"), (40, "Q1_0"),
];
