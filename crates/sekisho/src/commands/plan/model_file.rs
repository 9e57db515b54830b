//! A model as its files describe it, for `plan size --file`.

use std::path::Path;

use sekisho_base::{Coded, Known};
use sekisho_catalog::plan::size::{
    fit::Subject,
    header::{self, ModelFile, PerLayer, WindowLayers},
    kv::{Attention, AttentionGroup, LayerKv},
};

use crate::{
    failure::{Failure, Outcome},
    words::Words,
};

/// Reads the header and makes a subject of it: exact weights, and the cache as far as the header says it.
pub(super) fn subject(path: &Path, words: &Words) -> Outcome<Subject> {
    let file = header::read(path).map_err(|error| {
        let shown = path.display().to_string();
        Failure::from_coded(&error as &dyn Coded, words.f("size-file-bad", &[("file", shown.into())]))
            .hint(words.t("size-hint-file"))
    })?;
    let name = path
        .file_name()
        .map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
    let attention = attention(&file);
    Ok(Subject {
        name,
        params_total: file.parameters,
        params_active: Known::Undisclosed,
        shape: Known::Undisclosed,
        // A header that names state-space sizes has layers without a cache: what attends is then an upper bound.
        attention_is_bound: attention.is_known()
            && file.metadata.state_space != header::StateSpace::default(),
        attention,
        file_weights: Known::Value(file.weight_bytes),
        context_max: file.metadata.context_tokens,
    })
}

fn attention(file: &ModelFile) -> Known<Attention> {
    read_attention(file).into()
}

fn read_attention(file: &ModelFile) -> Option<Attention> {
    let metadata = &file.metadata;
    let small = |number: u64| u32::try_from(number).ok();
    let layers = small(metadata.layers.value()?)?;
    if let Known::Value(rank) = metadata.kv_lora_rank {
        // The rope part of the key is not in every header; without it the cache cannot be told exactly.
        let rope = small(metadata.rope.dimensions.value()?)?;
        return Some(Attention {
            groups: vec![AttentionGroup { layers, kv: LayerKv::Latent { rank: small(rank)?, rope } }],
        });
    }
    let key_dim = small(metadata.key_length.value()?)?;
    let value_dim = small(metadata.value_length.value()?)?;
    let kv_heads = metadata.kv_heads.as_ref().value()?;
    let window = metadata.sliding_window_tokens.value().and_then(small);
    let groups = (0..layers)
        .filter_map(|layer| {
            let heads = small(at(kv_heads, layer)?)?;
            let kv = match window.filter(|_| has_window(metadata.sliding_window_layers.as_ref(), layer)) {
                Some(window_tokens) => {
                    LayerKv::Sliding { window_tokens, kv_heads: heads, key_dim, value_dim }
                }
                None => LayerKv::Full { kv_heads: heads, key_dim, value_dim },
            };
            (heads > 0).then_some(AttentionGroup { layers: 1, kv })
        })
        .collect();
    Some(Attention { groups })
}

fn at(numbers: &PerLayer, layer: u32) -> Option<u64> {
    numbers.at(layer as usize)
}

/// Where the header does not say which layers have the window, all do: the engine decides whether it is honoured, and
/// the upper bound ignores it.
fn has_window(layers: Known<&WindowLayers>, layer: u32) -> bool {
    layers.value().is_none_or(|layers| layers.contains(layer as usize))
}
