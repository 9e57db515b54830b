//! What is read from right files: shapes, kinds, and what the tensors say against the metadata.

use expect_test::{Expect, expect};
use sekisho_base::Known;

use super::{
    Warning, assert_sound, has, read_files, read_gguf, read_safetensors, summary,
    writer::{Gguf, array, safetensors_of, safetensors_typed, small_gguf, text, value},
};
use crate::plan::size::header::{ElementType, PerLayer, WindowLayers};

fn check(bytes: &[u8], expected: &Expect) {
    let model = read_gguf(bytes).unwrap();
    assert_sound(&model);
    expected.assert_eq(&summary(&model));
}

#[test]
fn a_small_gguf_of_either_version() {
    check(
        &small_gguf().bytes(),
        &expect![[r#"
        Gguf { version: 3 }, 1 file(s), 8 tensors
        bytes: weights 6694 header 928 files 7648
        parameters 3328, bits per weight 16.0913
        llama "小さい模型" F16
        layers 2 hidden 32 heads 4 kv 2 key 8 value 8
        ffn - vocab 3 context 128 experts -/-+- window -
          TokenEmbedding F16: 96 elements, 192 bytes
          Output Q8_0: 96 elements, 102 bytes
          AttentionQ F16: 2048 elements, 4096 bytes
          AttentionK F16: 1024 elements, 2048 bytes
          Norm F32: 64 elements, 256 bytes
    "#]],
    );
    let older = Gguf { version: 2, ..small_gguf() };
    assert_eq!(read_gguf(&older.bytes()).unwrap().tensors, read_gguf(&small_gguf().bytes()).unwrap().tensors);
}

#[test]
fn every_element_type_of_gguf_has_its_size() {
    for element_type in ElementType::all() {
        let Some(id) = element_type.gguf_id() else { continue };
        let (elements, bytes) = (element_type.block_elements(), element_type.block_bytes());
        let gguf = Gguf::new().tensor("t", &[elements * 2, 3], id, bytes as usize * 6);
        let model = read_gguf(&gguf.bytes()).unwrap();
        assert_eq!(model.weight_bytes.0, bytes * 6, "{element_type}");
        assert_eq!(model.bits_per_weight(), Known::Value(element_type.bits_per_element()));
    }
}

#[test]
fn every_element_type_of_safetensors_has_its_size() {
    let sizes =
        [("F64", 8), ("C64", 8), ("F32", 4), ("BF16", 2), ("F8_E4M3", 1), ("F8_E5M2", 1), ("F8_E8M0", 1)];
    let integers =
        [("I64", 8), ("U64", 8), ("U32", 4), ("I16", 2), ("U16", 2), ("I8", 1), ("U8", 1), ("BOOL", 1)];
    for (dtype, bytes) in sizes.into_iter().chain(integers) {
        let model = read_safetensors(&safetensors_typed(&[("t", dtype, vec![3, 5], bytes)])).unwrap();
        assert_eq!(model.weight_bytes.0, 15 * bytes, "{dtype}");
    }
    // Packed through the tensor, not row by row: 2 x 3 elements of 4 bits are 3 bytes.
    let header = r#"{"t":{"dtype":"F4","shape":[2,3],"data_offsets":[0,3]}}"#;
    assert_eq!(read_safetensors(&super::writer::safetensors(header, 3)).unwrap().parameters, Known::Value(6));
}

#[test]
fn scalars_and_empty_tensors_are_tensors() {
    let header = r#"{"s":{"dtype":"F32","shape":[],"data_offsets":[0,4]},"e":{"dtype":"F32","shape":[0,9],"data_offsets":[4,4]}}"#;
    let model = read_safetensors(&super::writer::safetensors(header, 4)).unwrap();
    assert_eq!((model.parameters, model.weight_bytes.0), (Known::Value(1), 4));
    let none = read_safetensors(&super::writer::safetensors("{}      ", 0)).unwrap();
    assert_eq!((none.tensors.len(), none.bits_per_weight()), (0, Known::Undisclosed));
}

/// PLaMo-13B declares 40 key-value heads and stores 5; a naive cache would be eight times too large.
#[test]
fn tensors_correct_the_key_value_heads() {
    let config = br#"{"model_type":"plamo","num_hidden_layers":2,"hidden_size":64,"num_attention_heads":8,
        "num_key_value_heads":8,"n_shared_head":8}"#;
    let weights = safetensors_of(&[
        ("model.layers.layers.0.self_attn.q_proj.weight", [64, 64]),
        ("model.layers.layers.0.self_attn.k_proj.weight", [8, 64]),
        ("model.layers.layers.1.self_attn.q_proj.weight", [64, 64]),
        ("model.layers.layers.1.self_attn.k_proj.weight", [8, 64]),
    ]);
    let model =
        read_files(&[("model.safetensors", &weights), ("config.json", config)], "model.safetensors").unwrap();
    assert_eq!(model.metadata.kv_heads, Known::Value(PerLayer::Uniform(1)));
    assert_eq!(model.metadata.key_length, Known::Value(8));
    assert_eq!(model.warnings, [Warning::KvHeadsDisagree { declared: 8, by_tensors: 1 }]);
}

/// A copied configuration of LLM-jp-3 1.8B says 23 layers where the file holds 24.
#[test]
fn tensors_contradict_the_layers() {
    let gguf = small_gguf().f16("blk.2.attn_k.weight", [16, 32]);
    let model = read_gguf(&gguf.bytes()).unwrap();
    assert!(has(&model, &Warning::LayersDisagree { declared: 2, by_tensors: 3 }));
    // Layers for further tokens are announced, and no contradiction.
    let config = br#"{"num_hidden_layers":1,"num_nextn_predict_layers":1}"#;
    let weights = safetensors_of(&[("model.layers.1.mlp.up_proj.weight", [4, 4])]);
    let model = read_files(&[("model.safetensors", &weights), ("config.json", config)], "").unwrap();
    assert_eq!((model.metadata.layers, model.warnings), (Known::Value(1), Vec::new()));
}

/// GPT-NeoX (OpenCALM): a fused projection, no number of key-value heads, masks that are no parameters.
#[test]
fn fused_attention_and_masks() {
    let config =
        br#"{"model_type":"gpt_neox","num_hidden_layers":1,"hidden_size":16,"num_attention_heads":4}"#;
    let weights = safetensors_typed(&[
        ("gpt_neox.layers.0.attention.query_key_value.weight", "F16", vec![48, 16], 2),
        ("gpt_neox.layers.0.attention.bias", "BOOL", vec![1, 1, 128, 128], 1),
    ]);
    let model = read_files(&[("model.safetensors", &weights), ("config.json", config)], "").unwrap();
    assert_eq!(model.metadata.kv_heads, Known::Value(PerLayer::Uniform(4)));
    assert_eq!((model.parameters, model.weight_bytes.0), (Known::Value(48 * 16), 48 * 16 * 2 + 128 * 128));
}

/// Where layers with a window have heads of another length, rows of a projection count nothing.
#[test]
fn heads_of_two_lengths_are_not_counted() {
    let declares = |kv_heads| {
        let gguf = Gguf::new()
            .text("general.architecture", "g")
            .number("g.block_count", 1)
            .number("g.attention.head_count", 4)
            .number("g.attention.head_count_kv", kv_heads)
            .number("g.attention.key_length", 8);
        gguf.f16("blk.0.attn_k.weight", [16, 32])
    };
    let heads = |gguf: Gguf| read_gguf(&gguf.bytes()).unwrap().metadata.kv_heads;
    assert_eq!(heads(declares(4)), Known::Value(PerLayer::Uniform(2)));
    assert_eq!(
        heads(declares(4).number("g.attention.key_length_swa", 4)),
        Known::Value(PerLayer::Uniform(4))
    );
}

/// Hybrid models have layers without attention; the heads of the others are as declared.
#[test]
fn layers_without_attention_have_no_heads() {
    let gguf = Gguf::new()
        .text("general.architecture", "plamo2")
        .number("plamo2.block_count", 3)
        .number("plamo2.embedding_length", 32)
        .number("plamo2.attention.head_count", 4)
        .numbers("plamo2.attention.head_count_kv", &[0, 2, 0])
        .number("plamo2.attention.sliding_window", 2048)
        .number("plamo2.ssm.state_size", 64)
        .entry("plamo2.attention.sliding_window_pattern", array(7, 3, &[0, 1, 0]))
        .f16("blk.0.ssm_in.weight", [32, 32])
        .f16("blk.1.attn_qkv.weight", [64, 32])
        .f16("blk.2.ssm_in.weight", [32, 32]);
    let model = read_gguf(&gguf.bytes()).unwrap();
    assert_eq!(model.metadata.kv_heads, Known::Value(PerLayer::Layers(vec![0, 2, 0])));
    assert_eq!(
        model.metadata.sliding_window_layers,
        Known::Value(WindowLayers::Layers(vec![false, true, false]))
    );
    assert_eq!(model.metadata.state_space.state_size, Known::Value(64));
    assert_eq!(model.warnings, []);
}

#[test]
fn packed_weights_hide_the_parameters() {
    let config = br#"{"quantization_config":{"quant_method":"gptq","bits":4}}"#;
    let weights = safetensors_typed(&[
        ("model.layers.0.self_attn.q_proj.qweight", "I32", vec![4, 32], 4),
        ("model.layers.0.self_attn.q_proj.qzeros", "I32", vec![1, 4], 4),
        ("model.layers.0.self_attn.q_proj.scales", "F16", vec![1, 32], 2),
    ]);
    let model = read_files(&[("model.safetensors", &weights), ("config.json", config)], "").unwrap();
    assert_eq!((model.parameters, model.bits_per_weight()), (Known::Undisclosed, Known::Undisclosed));
    assert_eq!(model.metadata.quantization, Known::Value("gptq".to_owned()));
    assert_eq!(model.warnings, [Warning::PackedWeights]);
    // Eight-bit floats are one weight each; their scales are none.
    let weights = safetensors_typed(&[
        ("model.layers.0.mlp.up_proj.weight", "F8_E4M3", vec![128, 128], 1),
        ("model.layers.0.mlp.up_proj.weight_scale_inv", "F32", vec![1, 1], 4),
    ]);
    assert_eq!(read_safetensors(&weights).unwrap().parameters, Known::Value(128 * 128));
}

/// stockmark-100b-instruct is 4 GB of adapter, not 100B of weights.
#[test]
fn an_adapter_is_no_model() {
    let weights = safetensors_of(&[("base_model.model.layers.0.self_attn.q_proj.lora_A.weight", [8, 64])]);
    assert_eq!(read_safetensors(&weights).unwrap().warnings, [Warning::Adapter]);
}

#[test]
fn configuration_of_a_mixture_with_latent_attention() {
    let config = br#"{"text_config":{"model_type":"deepseek_v3","num_hidden_layers":1,"hidden_size":64,
        "num_attention_heads":4,"num_key_value_heads":4,"kv_lora_rank":16,"qk_nope_head_dim":8,"qk_rope_head_dim":4,
        "v_head_dim":8,"n_routed_experts":8,"num_experts_per_tok":2,"n_shared_experts":1,
        "moe_intermediate_size":32,"sliding_window":4096,"use_sliding_window":false,
        "rope_scaling":{"type":"yarn","factor":40,"original_max_position_embeddings":4096}}}"#;
    let weights = safetensors_of(&[("model.layers.0.self_attn.kv_b_proj.weight", [48, 16])]);
    let model = read_files(&[("model.safetensors", &weights), ("config.json", config)], "").unwrap();
    let meta = &model.metadata;
    assert_eq!((meta.key_length, meta.value_length, meta.kv_lora_rank), known(12, 8, 16));
    assert_eq!((meta.experts_total, meta.experts_active, meta.experts_shared), known(8, 2, 1));
    assert_eq!(meta.sliding_window_tokens, Known::Undisclosed);
    assert_eq!(meta.kv_heads, Known::Value(PerLayer::Uniform(4)));
    let rope = (meta.rope.dimensions, meta.rope.factor, meta.rope.original_context_tokens);
    assert_eq!(rope, (Known::Value(4), Known::Value(40.0), Known::Value(4096)));
    assert_eq!(model.warnings, []);
}

fn known(first: u64, second: u64, third: u64) -> (Known<u64>, Known<u64>, Known<u64>) {
    (Known::Value(first), Known::Value(second), Known::Value(third))
}

/// Without metadata the shape is what the tensors say, and the rest stays open.
#[test]
fn a_file_alone_says_what_it_can() {
    let weights = safetensors_of(&[
        ("model.embed_tokens.weight", [100, 16]),
        ("model.layers.0.self_attn.q_proj.weight", [16, 16]),
    ]);
    let meta = read_safetensors(&weights).unwrap().metadata;
    assert_eq!((meta.layers, meta.vocab, meta.hidden), known(1, 100, 16));
    assert_eq!(
        (meta.heads, meta.kv_heads, meta.key_length),
        (Known::Undisclosed, Known::Undisclosed, Known::Undisclosed)
    );
}

#[test]
fn values_of_any_type_are_passed_over() {
    let mut gguf = Gguf::new().text("general.architecture", "x");
    let widths = [(0, 1), (1, 1), (2, 2), (3, 2), (4, 4), (5, 4), (6, 4), (7, 1), (10, 8), (11, 8), (12, 8)];
    for (id, width) in widths {
        gguf = gguf.entry(&format!("k.scalar.{id}"), value(id, &vec![1; width]));
        gguf = gguf.entry(&format!("k.array.{id}"), array(id, 5000, &vec![1; width * 5000]));
    }
    let nested = array(9, 2, &[&array(4, 1, &[0; 4])[4..], &array(8, 1, &text(b"x"))[4..]].concat());
    let gguf = gguf.entry("k.nested", nested).number("x.block_count", 7).f16("t", [2, 2]);
    assert_eq!(read_gguf(&gguf.bytes()).unwrap().metadata.layers, Known::Value(7));
    // A negative or infinite value says nothing.
    let gguf = Gguf::new()
        .text("general.architecture", "x")
        .entry("x.block_count", value(5, &(-1_i32).to_le_bytes()))
        .entry("x.rope.freq_base", value(6, &f32::NAN.to_le_bytes()));
    let meta = read_gguf(&gguf.bytes()).unwrap().metadata;
    assert_eq!((meta.layers, meta.rope.freq_base), (Known::Undisclosed, Known::Undisclosed));
}
