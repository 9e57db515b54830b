//! What a model file may claim before it is refused. Real files stay far below; a hostile one costs at most this.

/// Bytes before the weights (GGUF) or of the JSON header (safetensors). The official safetensors reader stops at 100 MB.
pub const HEADER_BYTES_MAX: u64 = 256 << 20;
/// Tensors in all files of one model. A mixture of 256 experts over 61 layers has about 91,000.
pub const TENSORS_MAX: u64 = 1_000_000;
/// Metadata entries of one file.
pub const METADATA_ENTRIES_MAX: u64 = 100_000;
/// Bytes of one string; chat templates and embedded tokenizer files are the long ones.
pub const STRING_BYTES_MAX: u64 = 16 << 20;
/// Bytes of a metadata key, as the GGUF specification has it.
pub const KEY_BYTES_MAX: u64 = 65_535;
/// Bytes of a tensor name. llama.cpp allows 63; Hugging Face names are below 200.
pub const NAME_BYTES_MAX: u64 = 4_096;
/// Elements of one metadata array. The largest vocabularies have some 260,000 tokens and twice as many merges.
pub const ARRAY_LENGTH_MAX: u64 = 1 << 24;
/// Elements up to which an array of integers is kept: one value per layer, not one per token.
pub const ARRAY_KEPT_MAX: u64 = 4_096;
/// Arrays within arrays.
pub const ARRAY_NESTING_MAX: u64 = 4;
/// Dimensions of one tensor. llama.cpp allows 4.
pub const DIMS_MAX: u64 = 8;
/// Files of one model, and model files of one directory.
pub const FILES_MAX: u64 = 10_000;
/// Bytes of `config.json`.
pub const CONFIG_BYTES_MAX: u64 = 4 << 20;
/// Bytes of `model.safetensors.index.json`; the one of a 671B model has 9 MB.
pub const INDEX_BYTES_MAX: u64 = 64 << 20;
