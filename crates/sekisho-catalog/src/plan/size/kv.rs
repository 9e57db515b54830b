//! How many bytes attention keeps per sequence (KV cache), by the kinds of layers a model has.
//!
//! The usual shortcut `2 * layers * hidden * tokens` is wrong by a factor of 2 to 8 in both directions for
//! grouped queries, shared KV heads, sliding windows, latent attention and hybrids; each is a case here.

use sekisho_base::ByteCount;
use serde::{Deserialize, Serialize};

use super::shape::{Architecture, Shape, ShapeError};

/// What one layer keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum LayerKv {
    /// Keys and values of every token. Grouped queries have fewer `kv_heads` than heads.
    Full {
        /// Heads that keys and values really have.
        kv_heads: u32,
        /// Dimensions of a key.
        key_dim: u32,
        /// Dimensions of a value.
        value_dim: u32,
    },
    /// Keys and values of the last `window_tokens` tokens, where the engine honours the window.
    Sliding {
        /// Tokens that attention looks back.
        window_tokens: u32,
        /// Heads that keys and values really have.
        kv_heads: u32,
        /// Dimensions of a key.
        key_dim: u32,
        /// Dimensions of a value.
        value_dim: u32,
    },
    /// One compressed vector per token for all heads (MLA).
    Latent {
        /// Rank of the compressed KV.
        rank: u32,
        /// Key dimensions with position.
        rope: u32,
    },
    /// A state of fixed size, whatever the length (Mamba and other state-space layers).
    State {
        /// Bytes per sequence and layer, in the type the engine keeps it in.
        bytes_per_sequence: u64,
    },
}

/// Layers that keep the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttentionGroup {
    /// How many such layers.
    pub layers: u32,
    /// What each keeps.
    pub kv: LayerKv,
}

/// What a model keeps per sequence: its layers by kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attention {
    /// The kinds, in any order.
    pub groups: Vec<AttentionGroup>,
}

/// In which type the cache is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KvType {
    /// 16 bits, the default of every engine.
    #[default]
    F16,
    /// 8 bits without block scales (vLLM).
    Fp8,
    /// 8.5 bits: 32 values and a scale (llama.cpp).
    Q8_0,
    /// 4.5 bits: 32 values and a scale (llama.cpp).
    Q4_0,
}

impl KvType {
    /// Every type, widest first.
    pub const ALL: [Self; 4] = [Self::F16, Self::Q8_0, Self::Fp8, Self::Q4_0];

    /// Bits per element, scales included.
    pub fn bits_per_element(self) -> f64 {
        self.sixteenths_of_a_byte() as f64 / 2.0
    }

    /// Whole numbers keep the sums exact.
    fn sixteenths_of_a_byte(self) -> u128 {
        match self {
            Self::F16 => 32,
            Self::Fp8 => 16,
            Self::Q8_0 => 17,
            Self::Q4_0 => 9,
        }
    }

    /// The id in JSON and on the command line.
    pub fn id(self) -> &'static str {
        match self {
            Self::F16 => "f16",
            Self::Fp8 => "fp8",
            Self::Q8_0 => "q8_0",
            Self::Q4_0 => "q4_0",
        }
    }

    /// Reads an id.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kv_type| kv_type.id() == text.trim().to_ascii_lowercase())
    }
}

/// Whether sliding windows are believed: engines differ, and some keep every token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Window {
    /// Old tokens are dropped.
    Honoured,
    /// Old tokens are kept: the safe assumption.
    Ignored,
}

impl Attention {
    /// What follows from a published shape.
    ///
    /// # Errors
    /// [`ShapeError::ArchitectureUnknown`] when the layers may differ in ways the shape does not say;
    /// [`ShapeError::OutOfRange`] for impossible numbers.
    pub fn of(shape: &Shape) -> Result<Self, ShapeError> {
        if shape.architecture == Architecture::Other {
            return Err(ShapeError::ArchitectureUnknown);
        }
        shape.validate()?;
        let (kv_heads, key_dim, value_dim) = (shape.kv_heads, shape.head_dim, shape.head_dim);
        let kv = match (shape.latent, shape.sliding_window) {
            (Some(latent), _) => LayerKv::Latent { rank: latent.kv_rank, rope: latent.rope_dim },
            (None, Some(window_tokens)) => LayerKv::Sliding { window_tokens, kv_heads, key_dim, value_dim },
            (None, None) => LayerKv::Full { kv_heads, key_dim, value_dim },
        };
        Ok(Self { groups: vec![AttentionGroup { layers: shape.layers, kv }] })
    }

    /// Bytes that one more token adds while no window is full.
    pub fn bytes_per_token(&self, kv_type: KvType) -> ByteCount {
        let fixed = self.bytes_per_sequence(0, kv_type, Window::Ignored);
        let with_one = self.bytes_per_sequence(1, kv_type, Window::Ignored);
        ByteCount(with_one.0.saturating_sub(fixed.0))
    }

    /// Bytes of one sequence of `tokens` tokens on one GPU.
    ///
    /// `layers * kv_heads * (key_dim + value_dim) * tokens * bytes`, for MLA `layers * (rank + rope) * tokens * bytes`.
    pub fn bytes_per_sequence(&self, tokens: u32, kv_type: KvType, window: Window) -> ByteCount {
        self.bytes_on_one_gpu(tokens, kv_type, window, 1)
    }

    /// Bytes of one sequence on the fullest of `gpus` GPUs that split every layer (tensor parallel).
    ///
    /// Whole heads are split; with fewer KV heads than GPUs each GPU holds one head, a copy of its neighbour's. A
    /// latent is needed by all heads, so every GPU holds all of it; a state is taken as held by all, the safe side.
    pub fn bytes_on_one_gpu(&self, tokens: u32, kv_type: KvType, window: Window, gpus: u32) -> ByteCount {
        self.groups.iter().map(|group| group.bytes_on_one_gpu(tokens, kv_type, window, gpus.max(1))).sum()
    }

    /// The shortest window, if there is one.
    pub fn window_tokens(&self) -> Option<u32> {
        let windows = self.groups.iter().filter_map(|group| match group.kv {
            LayerKv::Sliding { window_tokens, .. } => Some(window_tokens),
            _ => None,
        });
        windows.min()
    }

    /// The fewest KV heads of any layer that has them.
    pub fn kv_heads(&self) -> Option<u32> {
        let heads = self.groups.iter().filter_map(|group| match group.kv {
            LayerKv::Full { kv_heads, .. } | LayerKv::Sliding { kv_heads, .. } => Some(kv_heads),
            _ => None,
        });
        heads.min()
    }

    /// Whether some layers keep a latent, which tensor parallelism cannot split.
    pub fn has_latent(&self) -> bool {
        self.groups.iter().any(|group| matches!(group.kv, LayerKv::Latent { .. }))
    }
}

impl AttentionGroup {
    fn bytes_on_one_gpu(&self, tokens: u32, kv_type: KvType, window: Window, gpus: u32) -> ByteCount {
        let heads = |kv_heads: u32, key_dim: u32, value_dim: u32| {
            u128::from(kv_heads.div_ceil(gpus)) * (u128::from(key_dim) + u128::from(value_dim))
        };
        let (elements_per_token, kept_tokens) = match self.kv {
            LayerKv::Full { kv_heads, key_dim, value_dim } => (heads(kv_heads, key_dim, value_dim), tokens),
            LayerKv::Sliding { window_tokens, kv_heads, key_dim, value_dim } => {
                let kept = if window == Window::Honoured { tokens.min(window_tokens) } else { tokens };
                (heads(kv_heads, key_dim, value_dim), kept)
            }
            LayerKv::Latent { rank, rope } => (u128::from(rank) + u128::from(rope), tokens),
            LayerKv::State { bytes_per_sequence } => {
                return ByteCount(bytes_per_sequence.saturating_mul(u64::from(self.layers)));
            }
        };
        // 2^32 layers * 2^65 elements * 2^32 tokens * 2^5: only a hostile header comes near, and it saturates.
        let sixteenths = elements_per_token
            .saturating_mul(u128::from(self.layers))
            .saturating_mul(u128::from(kept_tokens))
            .saturating_mul(kv_type.sixteenths_of_a_byte());
        ByteCount(u64::try_from(sixteenths.div_ceil(16)).unwrap_or(u64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use sekisho_base::ByteCount;

    use super::{Attention, AttentionGroup, KvType, LayerKv, Window};
    use crate::plan::size::sample;

    /// The 14 figures of the survey's companion table, KV bytes per token at 16 bits.
    #[test]
    fn bytes_per_token_are_exact() {
        let table = [
            ("sarashina2-7b", 524_288),
            ("sarashina2-13b", 819_200),
            ("sarashina2-70b", 327_680),
            ("sarashina2.2-3b", 163_840),
            ("sarashina2.2-1b", 86_016),
            ("rakutenai-7b", 131_072),
            ("tanuki-8b", 131_072),
            ("plamo-13b", 102_400),
            ("open-calm-7b", 524_288),
            ("llm-jp-3-13b", 819_200),
            ("llm-jp-3-172b", 786_432),
            ("command-r-plus-08-2024", 262_144),
            ("llama-4-maverick", 196_608),
            ("deepseek-v3.1", 70_272),
        ];
        for (id, bytes) in table {
            let attention = Attention::of(&sample::get(id)).unwrap();
            assert_eq!(attention.bytes_per_token(KvType::F16), ByteCount(bytes), "{id}");
            let sequence = attention.bytes_per_sequence(1_000, KvType::F16, Window::Ignored);
            assert_eq!(sequence, ByteCount(bytes * 1_000), "{id}");
        }
    }

    #[test]
    fn cache_types_take_their_scales_along() {
        let attention = Attention::of(&sample::get("sarashina2-7b")).unwrap();
        let bytes = KvType::ALL.map(|kv_type| attention.bytes_per_token(kv_type).0);
        assert_eq!(bytes, [524_288, 278_528, 262_144, 147_456]);
        assert_eq!(KvType::ALL.map(KvType::bits_per_element), [16.0, 8.5, 8.0, 4.5]);
        assert_eq!(KvType::parse(" Q8_0"), Some(KvType::Q8_0));
        assert_eq!(KvType::parse("f32"), None);
    }

    #[test]
    fn a_window_caps_only_when_honoured() {
        let attention = Attention::of(&sample::get("rakutenai-7b")).unwrap();
        let at = |tokens, window| attention.bytes_per_sequence(tokens, KvType::F16, window).0;
        assert_eq!(at(32_768, Window::Honoured), 4_096 * 131_072);
        assert_eq!(at(32_768, Window::Ignored), 32_768 * 131_072);
        assert_eq!(at(1_000, Window::Honoured), at(1_000, Window::Ignored));
    }

    #[test]
    fn a_hybrid_sums_its_layers() {
        let full =
            AttentionGroup { layers: 2, kv: LayerKv::Full { kv_heads: 1, key_dim: 128, value_dim: 128 } };
        let state = AttentionGroup { layers: 6, kv: LayerKv::State { bytes_per_sequence: 1_000 } };
        let attention = Attention { groups: vec![full, state] };
        assert_eq!(attention.bytes_per_token(KvType::F16), ByteCount(1_024));
        assert_eq!(attention.bytes_per_sequence(10, KvType::F16, Window::Ignored), ByteCount(16_240));
    }

    #[test]
    fn kv_heads_are_copied_when_gpus_outnumber_them() {
        let on = |id: &str, gpus| {
            let attention = Attention::of(&sample::get(id)).unwrap();
            attention.bytes_on_one_gpu(1, KvType::F16, Window::Ignored, gpus).0
        };
        // 8 heads: halved, quartered, one each, then copied.
        assert_eq!([2, 4, 8, 16].map(|gpus| on("tanuki-8b", gpus)), [65_536, 32_768, 16_384, 16_384]);
        // 5 shared heads over 2 GPUs: one of them holds 3.
        assert_eq!(on("plamo-13b", 2), 102_400 / 5 * 3);
        // A latent is never split.
        assert_eq!(on("deepseek-v3.1", 16), 70_272);
    }

    prop_compose! {
        fn any_layer()(kind in 0..4_u8, heads in 1..300_u32, dim in 1..600_u32, window in 1..9_000_u32) -> LayerKv {
            match kind {
                0 => LayerKv::Full { kv_heads: heads, key_dim: dim, value_dim: dim },
                1 => LayerKv::Sliding { window_tokens: window, kv_heads: heads, key_dim: dim, value_dim: dim },
                2 => LayerKv::Latent { rank: dim, rope: heads },
                _ => LayerKv::State { bytes_per_sequence: u64::from(window) },
            }
        }
    }

    proptest! {
        #[test]
        fn more_context_never_needs_less(kv in any_layer(), layers in 1..200_u32, tokens in 0..2_000_000_u32, more in 0..9_000_u32) {
            let attention = Attention { groups: vec![AttentionGroup { layers, kv }] };
            for window in [Window::Honoured, Window::Ignored] {
                let bytes = |tokens| attention.bytes_per_sequence(tokens, KvType::Q8_0, window);
                prop_assert!(bytes(tokens + more) >= bytes(tokens));
            }
        }

        #[test]
        fn splitting_never_beats_an_equal_share(kv in any_layer(), layers in 1..200_u32, tokens in 0..100_000_u32, gpus in 1..32_u32) {
            let attention = Attention { groups: vec![AttentionGroup { layers, kv }] };
            let on = |gpus| attention.bytes_on_one_gpu(tokens, KvType::F16, Window::Ignored, gpus).0;
            prop_assert!(on(gpus) * u64::from(gpus) >= on(1));
            prop_assert!(on(gpus * 2) <= on(gpus));
        }

        #[test]
        fn hostile_numbers_do_not_overflow(heads: u32, dim: u32, layers: u32, tokens: u32) {
            let kv = LayerKv::Full { kv_heads: heads, key_dim: dim, value_dim: dim };
            let attention = Attention { groups: vec![AttentionGroup { layers, kv }; 3] };
            attention.bytes_on_one_gpu(tokens, KvType::F16, Window::Ignored, 0);
        }
    }
}
