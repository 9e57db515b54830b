//! What the tensors themselves say of the shape. Metadata is copied between models and sometimes wrong; the tensors are
//! what will be loaded.

use std::collections::BTreeMap;

use sekisho_base::Known;

use super::{
    ElementType, Kind, Tensor, Warning,
    kind::layer,
    limits::ARRAY_KEPT_MAX,
    metadata::{ModelMetadata, PerLayer},
};

/// Fills what the metadata leaves open, and warns of what it contradicts. `extra_layers` follow the counted ones.
pub(super) fn check(
    tensors: &[Tensor],
    metadata: &mut ModelMetadata,
    extra_layers: u64,
    warnings: &mut Vec<Warning>,
) {
    let linear: Vec<Linear> = tensors.iter().filter_map(Linear::of).collect();
    check_layers(tensors, metadata, extra_layers, warnings);
    if let Some(embedding) = linear.iter().find(|linear| linear.kind == Kind::TokenEmbedding) {
        fill(&mut metadata.vocab, Some(embedding.rows));
        fill(&mut metadata.hidden, Some(embedding.columns));
    }
    let heads = metadata.heads.as_ref().map(PerLayer::max).value().filter(|heads| *heads > 0);
    let q_rows = linear.iter().find(|linear| linear.kind == Kind::AttentionQ).map(|linear| linear.rows);
    let has_latent =
        metadata.kv_lora_rank.is_known() || linear.iter().any(|one| one.kind == Kind::AttentionLatentKv);
    if !has_latent && let Some(heads) = heads {
        let fused = linear.iter().any(|linear| linear.kind == Kind::AttentionQkv);
        let all_heads = q_rows.or_else(|| metadata.hidden.value().filter(|_| fused));
        fill(
            &mut metadata.key_length,
            all_heads.filter(|rows| rows.is_multiple_of(heads)).map(|rows| rows / heads),
        );
        if let Known::Value(length) = metadata.key_length {
            fill(&mut metadata.value_length, Some(length));
        }
        check_kv_heads(&linear, heads, metadata, warnings);
    }
}

/// A two-dimensional weight of a layer (or of none) whose elements are not packed.
struct Linear {
    kind: Kind,
    layer: Option<u64>,
    rows: u64,
    columns: u64,
}

impl Linear {
    fn of(tensor: &Tensor) -> Option<Self> {
        let [rows, columns] = *tensor.dims.as_slice() else { return None };
        let is_weight = tensor.name.ends_with(".weight") && !is_packed(tensor);
        is_weight.then(|| Self { kind: tensor.kind, layer: layer(&tensor.name), rows, columns })
    }
}

/// Whether the elements are integers that stand for several weights each (GPTQ, AWQ, MXFP4 of transformers). Eight-bit
/// signed integers stand for one weight.
pub(super) fn is_packed(tensor: &Tensor) -> bool {
    use ElementType as E;
    let is_wide = matches!(tensor.element_type, E::U8 | E::U16 | E::U32 | E::U64 | E::I16 | E::I32 | E::I64);
    is_wide && tensor.kind.has_parameters() && tensor.kind != Kind::Other
}

fn fill(field: &mut Known<u64>, value: Option<u64>) {
    if !field.is_known() {
        *field = Known::from(value.filter(|value| *value > 0));
    }
}

fn check_layers(tensors: &[Tensor], metadata: &mut ModelMetadata, extra: u64, warnings: &mut Vec<Warning>) {
    let last = tensors
        .iter()
        .filter(|tensor| tensor.kind != Kind::Vision)
        .filter_map(|tensor| layer(&tensor.name))
        .max();
    let Some(by_tensors) = last.and_then(|last| last.checked_add(1)) else { return };
    match metadata.layers {
        Known::Undisclosed => metadata.layers = Known::Value(by_tensors),
        Known::Value(declared)
            if declared != by_tensors && declared.checked_add(extra) != Some(by_tensors) =>
        {
            warnings.push(Warning::LayersDisagree { declared, by_tensors });
        }
        Known::Value(_) => {}
    }
}

/// Counts key heads by the rows of each layer's key projection; a fused projection has the rows of queries, keys and
/// values. PLaMo-13B is the known case: it declares 40 and stores 5.
fn check_kv_heads(linear: &[Linear], heads: u64, metadata: &mut ModelMetadata, warnings: &mut Vec<Warning>) {
    let (Known::Value(layers), Known::Value(length)) = (metadata.layers, metadata.key_length) else { return };
    if layers > ARRAY_KEPT_MAX || metadata.window_key_length.is_known() {
        return;
    }
    let mut found: BTreeMap<u64, u64> = BTreeMap::new();
    for one in linear {
        let Some(layer) = one.layer.filter(|layer| *layer < layers) else { continue };
        let count = match one.kind {
            Kind::AttentionK if one.rows.is_multiple_of(length) => one.rows / length,
            Kind::AttentionQkv if one.rows.is_multiple_of(length) => {
                match (one.rows / length).checked_sub(heads) {
                    // None would be a transposed projection (GPT-2).
                    Some(both) if both > 0 && both.is_multiple_of(2) => both / 2,
                    _ => return,
                }
            }
            // Heads of other lengths in some layers: nothing can be counted.
            Kind::AttentionK | Kind::AttentionQkv => return,
            _ => continue,
        };
        found.insert(layer, count);
    }
    let Some(most) = found.values().copied().max() else { return };
    let counted = (0..layers).map(|layer| found.get(&layer).copied().unwrap_or(0)).collect();
    let Some(by_tensors) = PerLayer::from_layers(counted) else { return };
    if let Known::Value(declared) = &metadata.kv_heads {
        // Layers without attention have none whatever the metadata declares for the others.
        let agrees = found.iter().all(|(layer, count)| declared.at(*layer as usize) == Some(*count));
        if !agrees {
            warnings.push(Warning::KvHeadsDisagree { declared: declared.max(), by_tensors: most });
        }
    }
    metadata.kv_heads = Known::Value(by_tensors);
}
