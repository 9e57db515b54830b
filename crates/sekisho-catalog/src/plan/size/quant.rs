//! Bits per weight, by tensor kind: the nominal bits of a quantisation understate a whole file by up to a third.

use std::sync::LazyLock;

use sekisho_base::ByteCount;
use serde::{Deserialize, Serialize};

use super::shape::{Shape, ShapeError, TensorGroup, TensorKind, tensor_groups};

const TEXT: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/plan/quant.toml"));

static TABLE: LazyLock<QuantFile> =
    LazyLock::new(|| toml::from_str(TEXT).expect("the table is part of the program; a test reads every row"));

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct QuantFile {
    #[expect(dead_code, reason = "read so that a newer file is refused")]
    version: u32,
    blocks: std::collections::BTreeMap<String, Block>,
    quant: Vec<QuantRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Block {
    bits: f64,
    row: u32,
    fallback: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct QuantRow {
    id: String,
    format: Format,
    base: String,
    measured_bits: Option<f64>,
    efficiency: f64,
    #[serde(default)]
    rules: Vec<Rule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    kind: TensorKind,
    block: String,
    layers: Option<Layers>,
    min_gqa: Option<u32>,
    experts: Option<u32>,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum Layers {
    MoreBits,
    FirstEighth,
}

/// How the weights lie in files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// llama.cpp.
    Gguf,
    /// vLLM and others.
    Safetensors,
    /// Parameters times bits, as press releases count.
    Nominal,
}

/// One way to store weights.
#[derive(Clone, Copy)]
pub struct Quant(&'static QuantRow);

impl Quant {
    /// Every way, as in the table.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.quant.iter().map(Self)
    }

    /// Reads an id such as `Q4_K_M`, in any case.
    pub fn parse(id: &str) -> Option<Self> {
        Self::all().find(|quant| quant.0.id.eq_ignore_ascii_case(id.trim()))
    }

    /// The id.
    pub fn id(self) -> &'static str {
        &self.0.id
    }

    /// How the weights lie in files.
    pub fn format(self) -> Format {
        self.0.format
    }

    /// Share of the effective bandwidth of 16-bit weights that decoding reaches with it.
    pub fn efficiency(self) -> f64 {
        self.0.efficiency
    }

    /// Bits per weight that llama.cpp measured on Llama-3.1-8B, if it did.
    pub fn measured_bits(self) -> Option<f64> {
        self.0.measured_bits
    }

    /// Bytes of the weights of a shape, summed over its tensors.
    ///
    /// # Errors
    /// As [`tensor_groups`].
    pub fn weight_bytes(self, shape: &Shape) -> Result<ByteCount, ShapeError> {
        let groups = tensor_groups(shape)?;
        let bits: f64 = groups.iter().map(|group| self.group_bits(group, shape, false)).sum();
        Ok(ByteCount((bits / 8.0).ceil() as u64))
    }

    /// Bytes of the weights that one token reads: of the input table one row, of the experts the chosen ones.
    ///
    /// # Errors
    /// As [`tensor_groups`].
    pub fn active_bytes(self, shape: &Shape) -> Result<ByteCount, ShapeError> {
        let groups = tensor_groups(shape)?;
        let read =
            groups.iter().filter(|group| shape.tied_embeddings || group.kind != TensorKind::TokenEmbedding);
        let bits: f64 = read.map(|group| self.group_bits(group, shape, true)).sum();
        Ok(ByteCount((bits / 8.0).ceil() as u64))
    }

    /// Bits per weight over the whole model.
    ///
    /// # Errors
    /// As [`tensor_groups`].
    pub fn bits_per_weight(self, shape: &Shape) -> Result<f64, ShapeError> {
        Ok(self.weight_bytes(shape)?.0 as f64 * 8.0 / shape.params_total()? as f64)
    }

    /// Whether every weight takes the same bits, so that parameters times bits is exact.
    pub fn is_uniform(self) -> bool {
        self.0.rules.is_empty() && self.0.format != Format::Gguf
    }

    /// Bits of the block that most weights take.
    pub fn nominal_bits(self) -> f64 {
        block(&self.0.base).bits
    }

    fn group_bits(self, group: &TensorGroup, shape: &Shape, active: bool) -> f64 {
        let one = if active { group.active_per_layer } else { group.elements_per_layer } as f64;
        if group.layers.is_empty() {
            return one * self.tensor_bits(group, shape, 0);
        }
        group.layers.iter().map(|layer| one * self.tensor_bits(group, shape, *layer)).sum()
    }

    fn tensor_bits(self, group: &TensorGroup, shape: &Shape, layer: u32) -> f64 {
        let small = matches!(group.kind, TensorKind::Norm | TensorKind::Bias | TensorKind::Router);
        if small && self.0.format == Format::Gguf {
            return block("F32").bits;
        }
        if small && self.0.format == Format::Safetensors {
            return block("F16").bits;
        }
        let gqa = shape.heads / shape.kv_heads.max(1);
        let experts = shape.experts.map_or(1, |experts| experts.total);
        let holds = |rule: &&Rule| {
            rule.kind == group.kind
                && rule.layers.is_none_or(|layers| layers.contains(layer, shape.layers))
                && rule.min_gqa.is_none_or(|least| gqa >= least)
                && rule.experts.is_none_or(|wanted| experts == wanted)
        };
        // llama.cpp quantises a tied table as the output, for it is used as such.
        let tied = shape.tied_embeddings && group.kind == TensorKind::TokenEmbedding;
        let as_output = |rule: &&Rule| tied && rule.kind == TensorKind::Output;
        let rules = &self.0.rules;
        let chosen = rules.iter().find(as_output).or_else(|| rules.iter().find(holds));
        let mut found = block(chosen.map_or(&self.0.base, |rule| &rule.block));
        if !group.row_elements.is_multiple_of(found.row) {
            found = block(&found.fallback);
        }
        if !group.row_elements.is_multiple_of(found.row) {
            found = block(&found.fallback);
        }
        found.bits
    }
}

impl std::fmt::Debug for Quant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.id())
    }
}

impl PartialEq for Quant {
    fn eq(&self, other: &Self) -> bool {
        self.id() == other.id()
    }
}

impl Serialize for Quant {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id())
    }
}

impl Layers {
    /// As llama.cpp's `use_more_bits` and its comparison with `n_layer / 8`.
    fn contains(self, layer: u32, layers: u32) -> bool {
        match self {
            Self::MoreBits => {
                let eighth = layers / 8;
                layer < eighth || layer >= 7 * layers / 8 || (layer - eighth) % 3 == 2
            }
            Self::FirstEighth => layer < layers / 8,
        }
    }
}

fn block(name: &str) -> &'static Block {
    TABLE.blocks.get(name).expect("a test looks up every block that a row names")
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::{Quant, TABLE, block};
    use crate::plan::size::sample;

    #[test]
    fn every_row_names_blocks_that_exist() {
        for row in &TABLE.quant {
            block(&row.base);
            row.rules.iter().for_each(|rule| assert!(block(&rule.block).bits > 0.0));
        }
        TABLE.blocks.values().for_each(|known| assert!(block(&known.fallback).row <= known.row));
        assert!(Quant::parse("q4_k_m").is_some() && Quant::parse("Q9").is_none());
    }

    /// Against the bits that llama.cpp measured on Llama-3.1-8B: computed, measured, deviation in percent.
    #[test]
    fn whole_file_bits_agree_with_measured_files() {
        let mut shown = String::new();
        for quant in Quant::all() {
            let Some(measured) = quant.measured_bits() else { continue };
            let computed = quant.bits_per_weight(&sample::llama_8b()).unwrap();
            let deviation = (computed / measured - 1.0) * 100.0;
            assert!(deviation.abs() < 0.5, "{quant:?}: {computed} for {measured}");
            shown += &format!("{quant:?} {computed:.4} {measured:.4} {deviation:+.2} %\n");
        }
        expect![[r#"
            F16 16.0005 16.0005 +0.00 %
            Q8_0 8.5008 8.5008 -0.00 %
            Q6_K 6.5633 6.5633 +0.00 %
            Q5_K_M 5.7036 5.7036 -0.00 %
            Q4_K_M 4.8944 4.8944 -0.00 %
            Q3_K_S 3.6429 3.6429 -0.00 %
            Q2_K 3.1593 3.1593 +0.00 %
            IQ2_XXS 2.3824 2.3824 -0.00 %
            IQ1_M 2.1460 2.1460 +0.00 %
            IQ1_S 2.0042 2.0042 +0.00 %
        "#]]
        .assert_eq(&shown);
    }

    /// Embeddings are a quarter of a small Japanese model, and they are quantised less.
    #[test]
    fn small_models_keep_more_bits() {
        let small = sample::get("sarashina2.2-1b");
        let share = small.embedding_share().unwrap();
        assert!((share - 0.26).abs() < 0.005, "{share}");
        let iq1 = Quant::parse("IQ1_S").unwrap();
        let (small_bits, large_bits) = (
            iq1.bits_per_weight(&small).unwrap(),
            iq1.bits_per_weight(&sample::get("sarashina2-70b")).unwrap(),
        );
        assert!(small_bits > 2.3 && large_bits < 1.8, "{small_bits} {large_bits}");
        // "−94 %" is 16 to 1 bit without scales; no file of this model comes near.
        assert!(small_bits / 16.0 > 0.1);
    }

    #[test]
    fn fewer_bits_never_take_more() {
        let order =
            ["F16", "Q8_0", "Q6_K", "Q5_K_M", "Q4_K_M", "Q3_K_S", "Q2_K", "IQ2_XXS", "IQ1_M", "IQ1_S"];
        for (id, shape) in sample::all() {
            let bytes = order.map(|quant| Quant::parse(quant).unwrap().weight_bytes(&shape).unwrap().0);
            assert!(bytes.is_sorted_by(|left, right| left >= right), "{id}: {bytes:?}");
            let active = Quant::parse("Q4_K_M").unwrap().active_bytes(&shape).unwrap();
            assert!(active.0 <= bytes[4], "{id}");
        }
    }

    /// Two published file sizes: Q4_K_M of a 70B at 4.89 and of Maverick at 4.85 bits per weight.
    #[test]
    fn large_models_agree_with_published_files() {
        let q4 = Quant::parse("Q4_K_M").unwrap();
        let maverick = q4.bits_per_weight(&sample::get("llama-4-maverick")).unwrap();
        assert!((maverick / 4.85 - 1.0).abs() < 0.02, "{maverick}");
    }
}
