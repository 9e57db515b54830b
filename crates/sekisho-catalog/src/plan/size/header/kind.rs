//! What a tensor is for, from its name: GGUF names (`blk.0.attn_q.weight`) and Hugging Face names alike.

/// What a tensor is for. The kinds are those whose quantisation differs in practice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// The table from tokens to vectors.
    TokenEmbedding,
    /// The projection to the vocabulary; absent where the embedding is used for both.
    Output,
    /// Queries, their low-rank factors included.
    AttentionQ,
    /// Keys.
    AttentionK,
    /// Values.
    AttentionV,
    /// Queries, keys and values in one tensor.
    AttentionQkv,
    /// The compressed keys and values of latent attention (MLA).
    AttentionLatentKv,
    /// The projection out of attention.
    AttentionOutput,
    /// The dense feed-forward network.
    FeedForward,
    /// Routed experts, of which a token uses some.
    Experts,
    /// Experts that every token uses.
    SharedExperts,
    /// What chooses the experts.
    Router,
    /// Normalisation.
    Norm,
    /// State-space and linear-attention layers.
    Recurrent,
    /// The part of a model that sees or hears.
    Vision,
    /// Scales beside packed weights, tables and masks: loaded, but no parameters.
    Auxiliary,
    /// Everything else.
    Other,
}

impl Kind {
    /// Whether the elements count as parameters of the model.
    pub fn has_parameters(self) -> bool {
        self != Self::Auxiliary
    }

    /// The kind of the tensor of that name. The order of the rules matters: a norm inside attention is a norm, a
    /// projection inside an expert belongs to the expert.
    pub fn of_name(name: &str) -> Self {
        let segments: Vec<&str> = name.split('.').collect();
        let has = |wanted: &[&str]| segments.iter().any(|segment| wanted.contains(segment));
        let any = |test: fn(&str) -> bool| segments.iter().any(|segment| test(segment));
        let starts = |wanted: &[&str]| {
            let first = usize::from(segments.first() == Some(&"model"));
            segments.get(first).is_some_and(|segment| wanted.contains(segment))
        };

        if is_auxiliary(&segments) {
            Self::Auxiliary
        } else if starts(VISION) {
            Self::Vision
        } else if any(is_router) || ends_in_gate(&segments) {
            Self::Router
        } else if any(|segment| segment.contains("norm") || matches!(segment, "ln_1" | "ln_2" | "ln_f")) {
            Self::Norm
        } else if any(|segment| segment.starts_with("shared_expert") || segment.ends_with("_shexp")) {
            Self::SharedExperts
        } else if any(|segment| segment == "experts" || segment.ends_with("exps")) {
            Self::Experts
        } else if has(&["token_embd", "per_layer_token_embd", "embed_tokens", "embed_in", "wte"])
            || has(&["word_embeddings", "tok_embeddings", "embedding"])
        {
            Self::TokenEmbedding
        } else if has(&["lm_head", "embed_out", "shared_head"]) || segments.first() == Some(&"output") {
            Self::Output
        } else if any(is_recurrent) {
            Self::Recurrent
        } else {
            attention(&segments).unwrap_or_else(|| {
                if any(|segment| segment.starts_with("ffn") || matches!(segment, "mlp" | "feed_forward")) {
                    Self::FeedForward
                } else if has(&["mixer"]) {
                    // PLaMo 2 calls attention and state-space layers alike; those of attention were found before.
                    Self::Recurrent
                } else {
                    Self::Other
                }
            })
        }
    }
}

const VISION: &[&str] =
    &["visual", "vision_tower", "vision_model", "audio_tower", "multi_modal_projector", "v", "a", "mm"];

/// Causal masks of GPT-NeoX and GPT-2 checkpoints are called `attention.bias`; scales of packed weights end in one of
/// the suffixes below (block FP8, GPTQ, AWQ, MXFP4, NVFP4, bitsandbytes, BitNet).
fn is_auxiliary(segments: &[&str]) -> bool {
    let Some((last, before)) = segments.split_last() else { return false };
    let is_mask = matches!(*last, "bias" | "masked_bias")
        && before.last().is_some_and(|owner| matches!(*owner, "attention" | "attn" | "self_attn"));
    let is_scale =
        matches!(*last, "scale" | "scales" | "qzeros" | "g_idx" | "absmax" | "quant_map" | "weight_shape")
            || last.ends_with("_scale")
            || last.ends_with("_scales")
            || last.ends_with("_scale_inv")
            || last.ends_with("_scale_2")
            || last.starts_with("quant_state")
            || last.starts_with("nested_");
    let is_table =
        matches!(*last, "inv_freq" | "position_ids" | "relative_position_index" | "num_batches_tracked")
            || segments
                .iter()
                .any(|segment| matches!(*segment, "rope_freqs" | "rope_factors_long" | "rope_factors_short"));
    is_mask || is_scale || is_table
}

fn is_router(segment: &str) -> bool {
    segment.starts_with("ffn_gate_inp")
        || segment.starts_with("exp_probs_b")
        || matches!(segment, "router" | "shared_expert_gate" | "e_score_correction_bias")
}

/// `mlp.gate.weight`, `block_sparse_moe.gate.weight`: the router of Hugging Face mixtures. Not `mlp.gate_proj`.
fn ends_in_gate(segments: &[&str]) -> bool {
    matches!(segments, [.., "mlp" | "block_sparse_moe" | "feed_forward", "gate", "weight" | "bias"])
}

fn is_recurrent(segment: &str) -> bool {
    segment.starts_with("ssm_")
        || segment.starts_with("time_mix")
        || matches!(segment, "mamba" | "ssm" | "linear_attn" | "shortconv")
}

fn attention(segments: &[&str]) -> Option<Kind> {
    let is_inside = segments.iter().any(|segment| segment.contains("attn") || segment.contains("attention"));
    segments.iter().find_map(|segment| {
        Some(match *segment {
            "attn_q" | "attn_q_a" | "attn_q_b" | "q_proj" | "q_a_proj" | "q_b_proj" | "wq" => {
                Kind::AttentionQ
            }
            "attn_k" | "k_proj" | "wk" => Kind::AttentionK,
            "attn_v" | "v_proj" | "wv" => Kind::AttentionV,
            "attn_qkv" | "qkv_proj" | "query_key_value" | "c_attn" | "Wqkv" => Kind::AttentionQkv,
            "attn_kv_a_mqa" | "attn_kv_b" | "attn_k_b" | "attn_v_b" | "kv_a_proj_with_mqa" | "kv_b_proj" => {
                Kind::AttentionLatentKv
            }
            "attn_output" | "o_proj" | "wo" => Kind::AttentionOutput,
            "dense" | "c_proj" | "out_proj" if is_inside => Kind::AttentionOutput,
            _ => return None,
        })
    })
}

/// The layer that a tensor belongs to: the number after `blk`, `layers` or `h`.
pub(super) fn layer(name: &str) -> Option<u64> {
    let mut segments = name.split('.').peekable();
    while let Some(segment) = segments.next() {
        if matches!(segment, "blk" | "layers" | "h" | "blocks" | "layer")
            && let Some(number) = segments.peek().and_then(|next| next.parse().ok())
        {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{Kind, layer};

    fn check(kind: Kind, names: &[&str]) {
        for name in names {
            assert_eq!(Kind::of_name(name), kind, "{name}");
        }
    }

    #[test]
    fn embeddings_and_output() {
        check(
            Kind::TokenEmbedding,
            &[
                "token_embd.weight",
                "model.embed_tokens.weight",
                "gpt_neox.embed_in.weight",
                "transformer.wte.weight",
            ],
        );
        check(Kind::Output, &["output.weight", "lm_head.weight", "embed_out.weight"]);
        check(Kind::Norm, &["output_norm.weight", "model.norm.weight", "gpt_neox.final_layer_norm.bias"]);
        check(Kind::Norm, &["token_embd_norm.weight", "transformer.ln_f.weight"]);
    }

    #[test]
    fn attention() {
        check(
            Kind::AttentionQ,
            &["blk.3.attn_q.weight", "model.layers.3.self_attn.q_proj.weight", "layers.0.wq"],
        );
        check(Kind::AttentionQ, &["model.layers.3.self_attn.q_proj.lora_A.weight", "blk.0.attn_q_b.weight"]);
        check(Kind::AttentionK, &["blk.3.attn_k.bias", "model.layers.layers.3.self_attn.k_proj.weight"]);
        check(Kind::AttentionV, &["blk.3.attn_v.weight", "model.layers.3.self_attn.v_proj.qweight"]);
        check(
            Kind::AttentionQkv,
            &["gpt_neox.layers.1.attention.query_key_value.weight", "h.0.attn.c_attn.bias"],
        );
        check(
            Kind::AttentionOutput,
            &["blk.3.attn_output.weight", "gpt_neox.layers.1.attention.dense.weight"],
        );
        check(Kind::AttentionOutput, &["h.0.attn.c_proj.weight", "model.layers.1.self_attn.o_proj.weight"]);
        check(
            Kind::AttentionLatentKv,
            &["blk.0.attn_kv_a_mqa.weight", "model.layers.0.self_attn.kv_a_proj_with_mqa.weight"],
        );
        check(Kind::Norm, &["blk.0.attn_q_norm.weight", "model.layers.0.self_attn.kv_a_layernorm.weight"]);
    }

    #[test]
    fn feed_forward_and_experts() {
        check(Kind::FeedForward, &["blk.0.ffn_down.weight", "model.layers.0.mlp.gate_proj.weight"]);
        check(Kind::FeedForward, &["gpt_neox.layers.0.mlp.dense_h_to_4h.weight", "h.0.mlp.c_proj.weight"]);
        check(
            Kind::Experts,
            &["blk.0.ffn_down_exps.weight", "model.layers.0.block_sparse_moe.experts.7.w1.weight"],
        );
        check(Kind::Experts, &["model.layers.3.mlp.experts.17.gate_proj.weight"]);
        check(
            Kind::SharedExperts,
            &["blk.0.ffn_up_shexp.weight", "model.layers.3.mlp.shared_experts.up_proj.weight"],
        );
        check(Kind::Router, &["blk.0.ffn_gate_inp.weight", "model.layers.0.block_sparse_moe.gate.weight"]);
        check(
            Kind::Router,
            &["model.layers.3.mlp.gate.weight", "model.layers.3.mlp.gate.e_score_correction_bias"],
        );
        check(Kind::Recurrent, &["blk.0.ssm_in.weight", "model.layers.0.mamba.in_proj.weight"]);
        check(Kind::Recurrent, &["model.layers.layers.0.mixer.in_proj.weight"]);
        check(Kind::AttentionQkv, &["model.layers.layers.1.mixer.qkv_proj.weight"]);
    }

    #[test]
    fn what_is_loaded_but_is_no_parameter() {
        check(
            Kind::Auxiliary,
            &["gpt_neox.layers.0.attention.bias", "gpt_neox.layers.0.attention.masked_bias"],
        );
        check(
            Kind::Auxiliary,
            &[
                "gpt_neox.layers.0.attention.rotary_emb.inv_freq",
                "rope_freqs.weight",
                "vision_model.position_ids",
            ],
        );
        check(
            Kind::Auxiliary,
            &["model.layers.0.mlp.gate_proj.weight_scale_inv", "model.layers.0.mlp.up_proj.scales"],
        );
        check(
            Kind::Vision,
            &["model.visual.blocks.0.attn.qkv.weight", "vision_tower.x.weight", "v.blk.0.attn_q.weight"],
        );
        check(Kind::Other, &["", ".", "position_embd.weight", "日本語"]);
    }

    #[test]
    fn layers() {
        assert_eq!(layer("blk.12.attn_q.weight"), Some(12));
        assert_eq!(layer("model.layers.layers.7.mlp.up_proj.weight"), Some(7));
        assert_eq!(layer("h.0.attn.bias"), Some(0));
        assert_eq!(layer("token_embd.weight"), None);
        assert_eq!(layer("blk.99999999999999999999.x"), None);
    }
}
