//! Writes small model files: right ones by default, wrong ones on purpose.

/// A GGUF file in the making.
#[derive(Clone)]
pub(super) struct Gguf {
    pub(super) version: u32,
    pub(super) entries: Vec<(String, Vec<u8>)>,
    pub(super) tensors: Vec<Entry>,
    /// Counts in the header, when they shall not be the true ones.
    pub(super) tensor_count: Option<u64>,
    pub(super) entry_count: Option<u64>,
    pub(super) data_bytes: usize,
}

#[derive(Clone)]
pub(super) struct Entry {
    pub(super) name: Vec<u8>,
    /// Fastest axis first, as in the file.
    pub(super) dims: Vec<u64>,
    pub(super) id: u32,
    pub(super) offset: u64,
}

pub(super) fn text(value: &[u8]) -> Vec<u8> {
    let mut bytes = (value.len() as u64).to_le_bytes().to_vec();
    bytes.extend_from_slice(value);
    bytes
}

/// A metadata value: type number and bytes.
pub(super) fn value(id: u32, bytes: &[u8]) -> Vec<u8> {
    [&id.to_le_bytes(), bytes].concat()
}

pub(super) fn array(id: u32, length: u64, bytes: &[u8]) -> Vec<u8> {
    value(9, &[&id.to_le_bytes()[..], &length.to_le_bytes(), bytes].concat())
}

impl Gguf {
    pub(super) fn new() -> Self {
        let (entries, tensors) = (Vec::new(), Vec::new());
        Self { version: 3, entries, tensors, tensor_count: None, entry_count: None, data_bytes: 0 }
    }

    pub(super) fn entry(mut self, key: &str, value: Vec<u8>) -> Self {
        self.entries.push((key.to_owned(), value));
        self
    }

    pub(super) fn text(self, key: &str, content: &str) -> Self {
        self.entry(key, value(8, &text(content.as_bytes())))
    }

    pub(super) fn number(self, key: &str, number: u32) -> Self {
        self.entry(key, value(4, &number.to_le_bytes()))
    }

    /// One number for each layer, signed as the converters of llama.cpp write it.
    pub(super) fn numbers(self, key: &str, numbers: &[i32]) -> Self {
        let bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
        self.entry(key, array(5, numbers.len() as u64, &bytes))
    }

    /// A tensor of `bytes` bytes behind the ones before it.
    pub(super) fn tensor(mut self, name: &str, dims: &[u64], id: u32, bytes: usize) -> Self {
        let offset = self.data_bytes as u64;
        self.tensors.push(Entry { name: name.as_bytes().to_vec(), dims: dims.to_vec(), id, offset });
        self.data_bytes += bytes.next_multiple_of(32);
        self
    }

    /// A 16-bit tensor in the order of axes that `Tensor::dims` has.
    pub(super) fn f16(self, name: &str, dims: [u64; 2]) -> Self {
        let [rows, columns] = dims;
        self.tensor(name, &[columns, rows], 1, (rows * columns * 2) as usize)
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut bytes = b"GGUF".to_vec();
        bytes.extend(self.version.to_le_bytes());
        bytes.extend(self.tensor_count.unwrap_or(self.tensors.len() as u64).to_le_bytes());
        bytes.extend(self.entry_count.unwrap_or(self.entries.len() as u64).to_le_bytes());
        for (key, value) in &self.entries {
            bytes.extend(text(key.as_bytes()));
            bytes.extend(value);
        }
        for tensor in &self.tensors {
            bytes.extend(text(&tensor.name));
            bytes.extend((tensor.dims.len() as u32).to_le_bytes());
            bytes.extend(tensor.dims.iter().flat_map(|dim| dim.to_le_bytes()));
            bytes.extend(tensor.id.to_le_bytes());
            bytes.extend(tensor.offset.to_le_bytes());
        }
        bytes.resize(bytes.len().next_multiple_of(32) + self.data_bytes, 0);
        bytes
    }
}

/// A model of two layers with grouped queries: 4 heads and 2 key-value heads of 8 elements.
pub(super) fn small_gguf() -> Gguf {
    let mut gguf = Gguf::new()
        .text("general.architecture", "llama")
        .text("general.name", "小さい模型")
        .number("general.file_type", 1)
        .number("llama.block_count", 2)
        .number("llama.embedding_length", 32)
        .number("llama.attention.head_count", 4)
        .number("llama.attention.head_count_kv", 2)
        .number("llama.context_length", 128)
        .entry("tokenizer.ggml.tokens", array(8, 3, &[text(b"a"), text(b""), text("日".as_bytes())].concat()))
        .entry("tokenizer.ggml.scores", array(6, 3, &[0; 12]))
        .f16("token_embd.weight", [3, 32]);
    for layer in 0..2 {
        gguf = gguf
            .tensor(&format!("blk.{layer}.attn_norm.weight"), &[32], 0, 128)
            .f16(&format!("blk.{layer}.attn_q.weight"), [32, 32])
            .f16(&format!("blk.{layer}.attn_k.weight"), [16, 32]);
    }
    gguf.tensor("output.weight", &[32, 3], 8, 3 * 34)
}

/// A safetensors file with that JSON as its header.
pub(super) fn safetensors(header: &str, data_bytes: usize) -> Vec<u8> {
    let mut bytes = text(header.as_bytes());
    bytes.resize(bytes.len() + data_bytes, 0);
    bytes
}

/// A safetensors file with 16-bit tensors, one behind the other.
pub(super) fn safetensors_of(tensors: &[(&str, [u64; 2])]) -> Vec<u8> {
    safetensors_typed(
        &tensors.iter().map(|(name, dims)| (*name, "F16", dims.to_vec(), 2)).collect::<Vec<_>>(),
    )
}

/// As `safetensors_of`, with type and bytes of an element.
pub(super) fn safetensors_typed(tensors: &[(&str, &str, Vec<u64>, u64)]) -> Vec<u8> {
    let mut end = 0;
    let entries: Vec<String> = tensors
        .iter()
        .map(|(name, dtype, dims, element_bytes)| {
            let start = end;
            end += dims.iter().product::<u64>() * element_bytes;
            format!(r#""{name}":{{"dtype":"{dtype}","shape":{dims:?},"data_offsets":[{start},{end}]}}"#)
        })
        .collect();
    safetensors(&format!(r#"{{"__metadata__":{{"format":"pt"}},{}}}"#, entries.join(",")), end as usize)
}
