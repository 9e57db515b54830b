//! Published shapes for the tests of this module, as plain numbers from config files.

use super::shape::{Architecture, Experts, LatentRanks, Shape};

/// `[layers, hidden, heads, kv_heads, head_dim, ffn, vocab]`.
pub(crate) fn shape(architecture: Architecture, numbers: [u32; 7]) -> Shape {
    let [layers, hidden, heads, kv_heads, head_dim, ffn, vocab] = numbers;
    Shape { architecture, layers, hidden, heads, kv_heads, head_dim, ffn, vocab, ..Shape::default() }
}

pub(crate) fn experts(total: u32, active: u32, ffn: u32) -> Experts {
    Experts { total, active, shared: 0, ffn, dense_first_layers: 0, every: 1, routing_bias: false }
}

/// OpenCALM has 52,000 tokens and pads the table to 52,096 rows.
fn open_calm(numbers: [u32; 7]) -> Shape {
    Shape { embedding_rows: Some(52_096), ..shape(Architecture::GptNeox, numbers) }
}

fn mixture(architecture: Architecture, numbers: [u32; 7], experts: Experts) -> Shape {
    Shape { experts: Some(experts), ..shape(architecture, numbers) }
}

fn deepseek_v3() -> Shape {
    let routed = Experts { shared: 1, dense_first_layers: 3, routing_bias: true, ..experts(256, 8, 2_048) };
    let latent = LatentRanks { q_rank: 1_536, kv_rank: 512, nope_dim: 128, rope_dim: 64, value_dim: 128 };
    Shape {
        latent: Some(latent),
        ..mixture(Architecture::DeepseekV3, [61, 7_168, 128, 128, 128, 18_432, 129_280], routed)
    }
}

fn command_r_plus() -> Shape {
    let dense = shape(Architecture::Cohere, [64, 12_288, 96, 8, 128, 33_792, 256_000]);
    Shape { tied_embeddings: true, qk_norm: true, ..dense }
}

/// The shape on which llama.cpp's README measured its quantisations.
pub(crate) fn llama_8b() -> Shape {
    shape(Architecture::Llama, [32, 4_096, 32, 8, 128, 14_336, 128_256])
}

/// One model by its catalog id.
pub(crate) fn get(id: &str) -> Shape {
    all().into_iter().find(|(name, _)| *name == id).map(|(_, shape)| shape).unwrap()
}

/// Every model whose shape is public.
pub(crate) fn all() -> Vec<(&'static str, Shape)> {
    use Architecture::{Llama, Llama4, Mistral, Mixtral, Plamo, Qwen3Moe, Tanuki};
    let maverick = Experts { shared: 1, every: 2, ..experts(128, 1, 8_192) };
    let rakuten =
        Shape { sliding_window: Some(4_096), ..shape(Mistral, [32, 4_096, 32, 8, 128, 14_336, 48_000]) };
    let llm_jp_4_moe = mixture(Qwen3Moe, [32, 2_560, 40, 4, 128, 960, 98_304], experts(128, 8, 960));
    vec![
        ("open-calm-small", open_calm([12, 768, 12, 12, 64, 3_072, 52_000])),
        ("open-calm-medium", open_calm([24, 1_024, 16, 16, 64, 4_096, 52_000])),
        ("open-calm-large", open_calm([24, 1_536, 16, 16, 96, 6_144, 52_000])),
        ("open-calm-1b", open_calm([24, 2_048, 16, 16, 128, 8_192, 52_000])),
        ("open-calm-3b", open_calm([32, 2_560, 32, 32, 80, 10_240, 52_000])),
        ("open-calm-7b", open_calm([32, 4_096, 32, 32, 128, 16_384, 52_000])),
        ("sarashina2-7b", shape(Llama, [32, 4_096, 32, 32, 128, 11_008, 102_400])),
        ("sarashina2-13b", shape(Llama, [40, 5_120, 40, 40, 128, 13_824, 102_400])),
        ("sarashina2-70b", shape(Llama, [80, 8_192, 64, 8, 128, 28_672, 102_400])),
        (
            "sarashina2-8x70b",
            mixture(Mixtral, [80, 8_192, 64, 8, 128, 28_672, 102_400], experts(8, 2, 28_672)),
        ),
        ("sarashina2.2-1b", shape(Llama, [24, 1_792, 16, 8, 112, 6_272, 102_400])),
        ("sarashina2.2-3b", shape(Llama, [32, 2_560, 16, 8, 160, 8_960, 102_400])),
        ("rakutenai-7b", rakuten),
        (
            "rakutenai-2.0-8x7b",
            mixture(Mixtral, [32, 4_096, 32, 8, 128, 14_336, 48_000], experts(8, 2, 14_336)),
        ),
        ("tanuki-8x8b", mixture(Tanuki, [32, 4_096, 32, 8, 128, 14_336, 65_024], experts(8, 2, 14_336))),
        ("tanuki-8b", shape(Llama, [32, 4_096, 32, 8, 128, 14_336, 65_024])),
        ("plamo-13b", shape(Plamo, [40, 5_120, 40, 5, 128, 16_640, 50_432])),
        ("command-r-plus-08-2024", command_r_plus()),
        ("llm-jp-3-172b", shape(Llama, [96, 12_288, 96, 16, 128, 38_464, 99_840])),
        ("llm-jp-3-13b", shape(Llama, [40, 5_120, 40, 40, 128, 13_824, 99_584])),
        ("llm-jp-3-1.8b", shape(Llama, [24, 2_048, 16, 16, 128, 7_168, 99_584])),
        ("llm-jp-4-8b with 32 KV heads", shape(Llama, [32, 4_096, 32, 32, 128, 14_336, 98_304])),
        ("llm-jp-4-8b with 8 KV heads", shape(Llama, [32, 4_096, 32, 8, 128, 14_336, 98_304])),
        ("llm-jp-4-32b-a3b with 4 KV heads", Shape { qk_norm: true, ..llm_jp_4_moe }),
        ("deepseek-v3.1", deepseek_v3()),
        ("llama-4-maverick", mixture(Llama4, [48, 5_120, 40, 8, 128, 16_384, 202_048], maverick)),
    ]
}
