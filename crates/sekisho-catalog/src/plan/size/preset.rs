//! A vendor's own trial calculation, reproduced row by row beside what it printed.

use sekisho_base::{ByteCount, Yen};
use serde::{Deserialize, Serialize};

use crate::Bilingual;

const NTT_2025_10_20: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/plan/preset-ntt-2025-10-20.toml"));

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PresetFile {
    version: u32,
    id: String,
    gpu_memory_gb: u64,
    gpu_price_yen: i64,
    bits_per_weight: u64,
    row: Vec<RowFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RowFile {
    label: LabelFile,
    params_billion: u64,
    printed_yen: Option<i64>,
    facts: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LabelFile {
    ja: String,
    en: String,
}

/// The calculation with its rule.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Preset {
    /// Id on the command line.
    pub id: String,
    /// Memory of one card.
    pub gpu_memory: ByteCount,
    /// Price of one card.
    pub gpu_price: Yen,
    /// Bits of one weight.
    pub bits_per_weight: u64,
    /// The rows.
    pub rows: Vec<Row>,
}

/// One row: what the rule gives, and what was printed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// What it is about.
    pub label: Bilingual,
    /// Parameters.
    pub params: u64,
    /// Memory of the weights alone: no KV cache, no activations, no engine.
    pub weights: ByteCount,
    /// Cards, the weights divided by the memory of one and rounded up.
    pub gpus: u64,
    /// Price of these cards.
    pub computed: Yen,
    /// What the source prints, if it has the row.
    pub printed: Option<Yen>,
    /// Whether the two differ.
    pub differs: bool,
    /// Facts of the survey that print it.
    pub facts: Vec<String>,
}

/// Every preset by id.
pub fn presets() -> Vec<Preset> {
    vec![build(toml::from_str(NTT_2025_10_20).expect("the file is part of the program; a test reads it"))]
}

fn build(file: PresetFile) -> Preset {
    debug_assert_eq!(file.version, 1);
    let gpu_memory = ByteCount(file.gpu_memory_gb * 1_000_000_000);
    let rows = file
        .row
        .into_iter()
        .map(|row| {
            let params = row.params_billion * 1_000_000_000;
            let weights = ByteCount(params * file.bits_per_weight / 8);
            let gpus = weights.0.div_ceil(gpu_memory.0);
            let computed = Yen(gpus as i64 * file.gpu_price_yen);
            let printed = row.printed_yen.map(Yen);
            Row {
                label: Bilingual { ja: row.label.ja, en: row.label.en },
                params,
                weights,
                gpus,
                computed,
                printed,
                differs: printed.is_some_and(|printed| printed != computed),
                facts: row.facts,
            }
        })
        .collect();
    Preset {
        id: file.id,
        gpu_memory,
        gpu_price: Yen(file.gpu_price_yen),
        bits_per_weight: file.bits_per_weight,
        rows,
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::presets;

    #[test]
    fn rows_of_2025_10_20() {
        let mut shown = String::new();
        for row in &presets()[0].rows {
            let printed = row.printed.map_or_else(|| "-".to_owned(), |yen| yen.to_string());
            shown += &format!(
                "{} {} x{} {} {printed} {}\n",
                row.params, row.weights, row.gpus, row.computed, row.differs
            );
        }
        expect![[r"
            30000000000 30.0 GB x1 5,000,000 5,000,000 false
            400000000000 400.0 GB x10 50,000,000 50,000,000 false
            700000000000 700.0 GB x18 90,000,000 100,000,000 true
            671000000000 671.0 GB x17 85,000,000 - false
        "]]
        .assert_eq(&shown);
    }
}
