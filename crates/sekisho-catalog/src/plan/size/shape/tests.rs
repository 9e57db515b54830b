use std::collections::BTreeSet;

use expect_test::expect;

use super::{Architecture, Shape, ShapeError, TensorKind, tensor_groups};
use crate::plan::size::sample;

/// Parameters as they were computed independently, from config files, for the survey's companion table:
/// total, and active where it differs.
const FIGURES: &[(&str, u64, Option<u64>)] = &[
    ("open-calm-small", 165_075_456, None),
    ("open-calm-medium", 409_004_032, None),
    ("open-calm-large", 839_998_464, None),
    ("open-calm-1b", 1_421_987_840, None),
    ("open-calm-3b", 2_784_384_000, None),
    ("open-calm-7b", 6_870_933_504, None),
    ("sarashina2-7b", 7_315_132_416, None),
    ("sarashina2-13b", 13_736_760_320, None),
    ("sarashina2-70b", 70_130_081_792, None),
    ("sarashina2-8x70b", 464_735_444_992, Some(126_506_770_432)),
    ("sarashina2.2-1b", 1_407_538_944, None),
    ("sarashina2.2-3b", 3_355_609_600, None),
    ("rakutenai-7b", 7_372_804_096, None),
    ("rakutenai-2.0-8x7b", 46_833_864_704, Some(13_010_997_248)),
    ("tanuki-8x8b", 46_973_325_312, Some(13_150_457_856)),
    ("tanuki-8b", 7_512_264_704, None),
    ("plamo-13b", 13_099_545_600, None),
    ("command-r-plus-08-2024", 103_809_822_720, None),
    ("llm-jp-3-172b", 172_400_848_896, None),
    ("llm-jp-3-13b", 13_707_924_480, None),
    ("llm-jp-4-8b with 32 KV heads", 8_590_200_832, None),
    ("llm-jp-4-8b with 8 KV heads", 7_784_894_464, None),
    ("deepseek-v3.1", 671_026_419_200, Some(37_552_282_624)),
    ("llama-4-maverick", 400_711_848_960, Some(17_184_691_200)),
];

#[test]
fn totals_agree_with_every_computed_figure() {
    let mut deviations = String::new();
    for (id, total, active) in FIGURES {
        let shape = sample::get(id);
        let computed = [shape.params_total().unwrap(), shape.params_active().unwrap()];
        for (name, computed, figure) in
            [("total", computed[0], *total), ("active", computed[1], active.unwrap_or(*total))]
        {
            let difference = computed as i64 - figure as i64;
            assert!(
                (difference as f64 / figure as f64).abs() < 0.003,
                "{id} {name}: {computed} for {figure}"
            );
            if difference != 0 {
                deviations.push_str(&format!("{id} {name}: {difference:+}\n"));
            }
        }
    }
    // Cohere: the companion table leaves out the QK norms, 64 layers x (96 + 8) heads x 128. DeepSeek: it counts the
    // 58 x 256 routing biases in the total and not in the active; every token reads them.
    expect![[r"
        command-r-plus-08-2024 total: +851968
        command-r-plus-08-2024 active: +851968
        deepseek-v3.1 active: +14848
    "]]
    .assert_eq(&deviations);
}

/// A copied config of LLM-jp-3-1.8B says 23 layers; the file of 3.74 GB at 16 bits fits only 24.
#[test]
fn a_file_size_convicts_a_wrong_config() {
    let gb = |shape: &Shape| format!("{:.2}", shape.params_total().unwrap() as f64 * 2.0 / 1e9);
    let small = sample::get("llm-jp-3-1.8b");
    assert_eq!([gb(&small), gb(&Shape { layers: 23, ..small })], ["3.74", "3.61"]);
    // PLaMo-13B's files sum to 26.20 GB; with the 40 KV heads of its config they would not.
    let plamo = sample::get("plamo-13b");
    assert_eq!([gb(&plamo), gb(&Shape { kv_heads: 40, ..plamo })], ["26.20", "29.87"]);
}

/// The card of LLM-jp-4 32B-A3B gives 32,139,028,992 parameters, 3,827,476,992 active. The difference fixes the width
/// of an expert at 960. The rest then needs 28 KV heads, which 40 heads cannot share, or 4 and the embeddings counted
/// twice: the same double count that would give LLM-jp-4 8B its 8 KV heads.
#[test]
fn llm_jp_4_cards_count_embeddings_twice() {
    let shape = sample::get("llm-jp-4-32b-a3b with 4 KV heads");
    let embeddings = 2 * u64::from(shape.vocab) * u64::from(shape.hidden);
    assert_eq!(shape.params_total().unwrap() + embeddings, 32_139_028_992);
    assert_eq!(shape.params_active().unwrap() + embeddings, 3_827_476_992);
    let dense = sample::get("llm-jp-4-8b with 8 KV heads");
    let embeddings = 2 * u64::from(dense.vocab) * u64::from(dense.hidden);
    assert_eq!(dense.params_total().unwrap() + embeddings, 8_590_200_832);
}

#[test]
fn embeddings_weigh_on_small_models() {
    let share = |id: &str| format!("{:.1} %", sample::get(id).embedding_share().unwrap() * 100.0);
    assert_eq!(share("sarashina2.2-1b"), "26.1 %");
    assert_eq!(share("sarashina2-70b"), "2.4 %");
    assert_eq!(share("command-r-plus-08-2024"), "3.0 %");
}

#[test]
fn reads_the_words_of_catalogs_and_files() {
    use Architecture::{
        Cohere, DeepseekV3, GptNeox, Llama, Llama4, Mistral, Mixtral, Other, Plamo, Qwen3Moe, Tanuki,
    };
    let table = [
        ("gpt_neox", GptNeox),
        ("llama", Llama),
        ("LlamaForCausalLM", Llama),
        ("mixtral (sparse upcycling of sarashina2-70b)", Mixtral),
        ("mistral (continual training of Mistral-7B-v0.1)", Mistral),
        ("mistral, from scratch", Mistral),
        ("TanukiForCausalLM (custom code, Mixtral-like)", Tanuki),
        ("PlamoForCausalLM (parallel block, shared KV)", Plamo),
        ("cohere (parallel block, tied embeddings, use_qk_norm)", Cohere),
        ("command-r", Cohere),
        ("deepseek_v3 (MLA)", DeepseekV3),
        ("DeepseekV3ForCausalLM", DeepseekV3),
        ("llama4 (MoE every 2nd layer)", Llama4),
        ("qwen3_moe", Qwen3Moe),
        ("qwen3moe", Qwen3Moe),
        ("plamo (Llama-like, QK norm, z-loss)", Other),
        ("plamo2 (Samba: Mamba + sliding-window attention)", Other),
        ("Sarashina2VisionForCausalLM (custom code): llama text + Qwen2-VL encoder + 2-layer MLP", Other),
        ("Gemma-like (SWA + full attention)", Other),
        ("causal decoder-only transformer", Other),
        ("Samba based", Other),
        ("same as base", Other),
        ("", Other),
    ];
    for (text, architecture) in table {
        assert_eq!(Architecture::parse(text), architecture, "{text}");
    }
}

#[test]
fn impossible_shapes_are_refused() {
    let llama = sample::get("tanuki-8b");
    let field = |shape: &Shape| match tensor_groups(shape) {
        Err(ShapeError::OutOfRange { field }) => field,
        other => panic!("{other:?}"),
    };
    assert_eq!(field(&Shape { layers: 0, ..llama.clone() }), "layers");
    assert_eq!(field(&Shape { hidden: u32::MAX, ..llama.clone() }), "hidden");
    assert_eq!(field(&Shape { architecture: Architecture::Mixtral, ..llama.clone() }), "experts");
    assert_eq!(
        field(&Shape { architecture: Architecture::DeepseekV3, ..sample::get("tanuki-8x8b") }),
        "latent"
    );
    let greedy = Shape { experts: Some(sample::experts(8, 9, 14_336)), ..sample::get("tanuki-8x8b") };
    assert_eq!(field(&greedy), "experts.active");
    let other = Shape { architecture: Architecture::Other, ..llama };
    assert_eq!(tensor_groups(&other), Err(ShapeError::ArchitectureUnknown));
}

#[test]
fn layers_with_experts_are_the_right_ones() {
    let layers = |id: &str, kind| {
        let groups = tensor_groups(&sample::get(id)).unwrap();
        let found = groups.iter().find(|group| group.kind == kind).unwrap();
        (found.layers.len(), found.layers[..3].to_vec())
    };
    assert_eq!(layers("llama-4-maverick", TensorKind::Router), (24, vec![1, 3, 5]));
    assert_eq!(layers("deepseek-v3.1", TensorKind::Router), (58, vec![3, 4, 5]));
    assert_eq!(layers("tanuki-8x8b", TensorKind::Router), (32, vec![0, 1, 2]));
}

/// Every figure that the survey's companion file computes from a shape stands in the table above.
#[test]
fn no_computed_figure_of_the_survey_is_left_out() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/report/models.jsonl");
    let Ok(text) = std::fs::read_to_string(path) else {
        eprintln!("skipped: {path} is not there");
        return;
    };
    let ours: BTreeSet<u64> =
        FIGURES.iter().flat_map(|(_, total, active)| [Some(*total), *active]).flatten().collect();
    let mut seen = 0;
    for line in text.lines() {
        let model: serde_json::Value = serde_json::from_str(line).unwrap();
        for cell in [&model["params_total"], &model["params_active"]] {
            let noted = cell["note"]
                .as_str()
                .filter(|note| note.contains("computed"))
                .map_or_else(Vec::new, long_numbers);
            // The card of LLM-jp-4 32B-A3B is a figure of its own, tested above.
            let own = cell["value"].as_u64().filter(|_| model["id"] != "llm-jp-4-32b-a3b");
            for figure in noted.into_iter().chain(own) {
                assert!(ours.contains(&figure), "{}: {figure}", model["id"]);
                seen += 1;
            }
        }
    }
    assert!(seen >= 36, "only {seen} figures found");
}

/// Numbers of nine digits or more, with or without commas.
fn long_numbers(text: &str) -> Vec<u64> {
    let cleaned = text.replace(',', "");
    cleaned
        .split(|c: char| !c.is_ascii_digit())
        .filter(|digits| digits.len() >= 9)
        .flat_map(str::parse)
        .collect()
}
