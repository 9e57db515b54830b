//! `config.json` beside safetensors files: what Hugging Face transformers says of the model.

use std::path::Path;

use sekisho_base::Known;
use serde_json::{Map, Value};

use super::{
    cursor::small_file,
    error::Error,
    limits::{ARRAY_KEPT_MAX, CONFIG_BYTES_MAX},
    metadata::{ModelMetadata, PerLayer, Rope, StateSpace, WindowLayers},
};

/// What a configuration says beyond the words that both formats share.
pub(super) struct Config {
    pub(super) metadata: ModelMetadata,
    /// Layers for predicting further tokens (MTP), stored behind the `layers` that are counted.
    pub(super) extra_layers: u64,
}

/// Reads a configuration.
pub(super) fn read(file: &Path) -> Result<Config, Error> {
    let bytes = small_file(file, CONFIG_BYTES_MAX)?;
    let object: Map<String, Value> =
        serde_json::from_slice(&bytes).map_err(|error| Error::of_file(file, error))?;
    let text = object.get("text_config").and_then(Value::as_object);
    let fields = Fields { text, whole: &object };
    Ok(Config {
        metadata: fields.metadata(),
        extra_layers: fields.number(&["num_nextn_predict_layers"]).unwrap_or(0),
    })
}

/// A configuration; that of the language part comes first where there is one (models that also see).
struct Fields<'a> {
    text: Option<&'a Map<String, Value>>,
    whole: &'a Map<String, Value>,
}

impl<'a> Fields<'a> {
    /// The first of the keys that has a value other than null. Architectures name the same thing differently.
    fn get(&self, keys: &[&str]) -> Option<&'a Value> {
        let found = |object: &'a Map<String, Value>| {
            keys.iter().find_map(|key| object.get(*key).filter(|value| !value.is_null()))
        };
        self.text.and_then(found).or_else(|| found(self.whole))
    }

    fn number(&self, keys: &[&str]) -> Option<u64> {
        self.get(keys).and_then(Value::as_u64)
    }

    fn count(&self, keys: &[&str]) -> Known<u64> {
        Known::from(self.number(keys).filter(|number| *number > 0))
    }

    fn text(&self, keys: &[&str]) -> Known<String> {
        Known::from(self.get(keys).and_then(Value::as_str).map(str::to_owned))
    }

    fn per_layer(&self, keys: &[&str]) -> Known<PerLayer> {
        Known::from(match self.get(keys) {
            Some(Value::Array(numbers)) if numbers.len() as u64 <= ARRAY_KEPT_MAX => {
                let numbers = numbers.iter().map(Value::as_u64).collect::<Option<Vec<u64>>>();
                numbers.and_then(PerLayer::from_layers)
            }
            Some(value) => value.as_u64().map(PerLayer::Uniform),
            None => None,
        })
    }

    fn metadata(&self) -> ModelMetadata {
        let kv_lora_rank = self.count(&["kv_lora_rank"]);
        let rotated = self.count(&["qk_rope_head_dim"]);
        // With latent attention a key head has a part without position and a part with it.
        let key_length = match self.count(&["qk_nope_head_dim"]).zip(rotated) {
            Known::Value((plain, rotated)) => Known::from(plain.checked_add(rotated)),
            Known::Undisclosed => self.count(&["head_dim"]),
        };
        let value_length = match self.count(&["v_head_dim"]) {
            Known::Undisclosed => self.count(&["head_dim"]),
            declared @ Known::Value(_) => declared,
        };
        // Qwen2 files declare a window and switch it off.
        let has_window = self.get(&["use_sliding_window"]).and_then(Value::as_bool) != Some(false);
        let quantization = self.get(&["quantization_config"]).and_then(|value| value.get("quant_method"));
        ModelMetadata {
            architecture: self.text(&["model_type"]),
            // `_name_or_path` is often a directory on the maker's machine: no name.
            name: Known::Undisclosed,
            layers: self.count(&["num_hidden_layers", "n_layer", "num_layers", "n_layers"]),
            hidden: self.count(&["hidden_size", "n_embd", "d_model"]),
            heads: self.per_layer(&["num_attention_heads", "n_head", "num_heads", "n_heads"]),
            kv_heads: self.per_layer(&["num_key_value_heads", "n_head_kv"]),
            key_length,
            value_length,
            window_key_length: Known::Undisclosed,
            kv_lora_rank,
            ffn: self.per_layer(&["intermediate_size", "n_inner", "ffn_dim"]),
            expert_ffn: self.count(&["moe_intermediate_size"]),
            vocab: self.count(&["vocab_size"]),
            context_tokens: self.count(&["max_position_embeddings", "n_positions", "max_sequence_length"]),
            experts_total: self.count(&["n_routed_experts", "num_local_experts", "num_experts"]),
            experts_active: self.count(&["num_experts_per_tok", "num_experts_per_token"]),
            experts_shared: self.count(&["n_shared_experts"]),
            sliding_window_tokens: if has_window {
                self.count(&["sliding_window"])
            } else {
                Known::Undisclosed
            },
            sliding_window_layers: if has_window { self.window_layers() } else { Known::Undisclosed },
            rope: self.rope(rotated),
            state_space: StateSpace {
                conv_kernel: self.count(&["mamba_d_conv"]),
                state_size: self.count(&["mamba_d_state"]),
                ..StateSpace::default()
            },
            file_type: self.text(&["dtype", "torch_dtype"]),
            quantization: Known::from(quantization.and_then(Value::as_str).map(str::to_owned)),
        }
    }

    fn window_layers(&self) -> Known<WindowLayers> {
        let kinds = self.get(&["layer_types"]).and_then(Value::as_array);
        match kinds.filter(|kinds| kinds.len() as u64 <= ARRAY_KEPT_MAX) {
            Some(kinds) => Known::Value(WindowLayers::Layers(
                kinds.iter().map(|kind| kind.as_str() == Some("sliding_attention")).collect(),
            )),
            None => self.count(&["sliding_window_pattern"]).map(WindowLayers::AllButEvery),
        }
    }

    /// Newer files have one table `rope_parameters`, older ones `rope_theta` and a table `rope_scaling`.
    fn rope(&self, dimensions: Known<u64>) -> Rope {
        let table = self.get(&["rope_parameters", "rope_scaling"]);
        let inner = |key: &str| table.and_then(|table| table.get(key));
        let freq_base = inner("rope_theta").or_else(|| self.get(&["rope_theta", "rotary_emb_base"]));
        let scaling = inner("rope_type").or_else(|| inner("type")).and_then(Value::as_str);
        Rope {
            dimensions,
            freq_base: Known::from(freq_base.and_then(Value::as_f64)),
            scaling: Known::from(scaling.filter(|kind| *kind != "default").map(str::to_owned)),
            factor: Known::from(inner("factor").and_then(Value::as_f64)),
            original_context_tokens: Known::from(
                inner("original_max_position_embeddings").and_then(Value::as_u64),
            ),
        }
    }
}
