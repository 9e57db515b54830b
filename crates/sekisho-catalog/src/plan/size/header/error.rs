//! Why a model file was refused, and where in it the reason stands.

use std::{
    fmt, io,
    path::{Path, PathBuf},
};

use sekisho_base::{Code, Coded};

/// A model that cannot be sized from its header: which file, where in it, and what is wrong.
#[derive(Debug, thiserror::Error)]
#[error("cannot use {}{}", file.display(), At(*byte_offset))]
pub struct Error {
    /// The file (or directory) that was read.
    pub file: PathBuf,
    /// Where in the file, when one place can be named.
    pub byte_offset: Option<u64>,
    /// What is wrong.
    #[source]
    pub flaw: Flaw,
}

struct At(Option<u64>);

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |offset| write!(f, " at byte {offset}"))
    }
}

impl Error {
    pub(super) fn of_file(file: &Path, flaw: impl Into<Flaw>) -> Self {
        Self { file: file.to_owned(), byte_offset: None, flaw: flaw.into() }
    }
}

impl Coded for Error {
    fn code(&self) -> Code {
        match self.flaw {
            Flaw::Io(_) => Code::FileUnreadable,
            _ => Code::ModelFileInvalid,
        }
    }
}

/// The part of a file that a claim is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Everything before the weights.
    Header,
    /// The number of metadata entries.
    MetadataEntries,
    /// The name of a metadata entry.
    MetadataKey,
    /// The value of a metadata entry.
    MetadataValue,
    /// The number of elements of an array.
    ArrayLength,
    /// The depth of arrays within arrays.
    ArrayNesting,
    /// The number of tensors.
    Tensors,
    /// The name of a tensor.
    TensorName,
    /// The number of dimensions of a tensor.
    Dims,
    /// The entry of a tensor in the header.
    TensorEntry,
    /// The number of files of one model.
    Files,
    /// The whole of a small JSON file.
    JsonFile,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Header => "header",
            Self::MetadataEntries => "number of metadata entries",
            Self::MetadataKey => "metadata key",
            Self::MetadataValue => "metadata value",
            Self::ArrayLength => "array length",
            Self::ArrayNesting => "array nesting",
            Self::Tensors => "number of tensors",
            Self::TensorName => "tensor name",
            Self::Dims => "number of dimensions",
            Self::TensorEntry => "tensor entry",
            Self::Files => "number of files",
            Self::JsonFile => "file",
        })
    }
}

/// What is wrong with a model file. Names out of the file are printed quoted and escaped.
#[derive(Debug, thiserror::Error)]
pub enum Flaw {
    /// The operating system refused.
    #[error("it cannot be read")]
    Io(#[from] io::Error),
    /// Neither GGUF nor safetensors by its first bytes.
    #[error("it is neither a GGUF nor a safetensors file")]
    NotAModelFile,
    /// A directory without any model file.
    #[error("the directory holds no GGUF or safetensors file")]
    NoModelFile,
    /// A directory with more than one model, so that one must be named.
    #[error("the directory holds {} models, {candidates:?}", candidates.len())]
    SeveralModels {
        /// File names, the first of each model.
        candidates: Vec<String>,
    },
    /// A file of a set is not there.
    #[error("the part {name:?} is missing")]
    MissingShard {
        /// Its file name.
        name: String,
    },
    /// Name or header say it belongs to a set of another size.
    #[error("it is one of {declared} files but {found} are there")]
    ShardCount {
        /// Files of the set by name or header.
        declared: u64,
        /// Files that were found.
        found: u64,
    },
    /// An index names something that is not a plain file name beside it.
    #[error("the index names {name:?}, which is no file beside it")]
    BadShardName {
        /// What it names.
        name: String,
    },
    /// GGUF written for a big-endian machine.
    #[error("it is a big-endian GGUF file, only little-endian ones are read")]
    BigEndian,
    /// A version of GGUF other than 2 and 3.
    #[error("GGUF version {version} is not supported, only 2 and 3 are")]
    UnsupportedVersion {
        /// The version it claims.
        version: u32,
    },
    /// The file ends inside its header.
    #[error("the {part} needs {needed_bytes} more bytes but the file ends after {left_bytes}")]
    Truncated {
        /// What was being read.
        part: Part,
        /// Bytes it needs.
        needed_bytes: u64,
        /// Bytes that are left in the file.
        left_bytes: u64,
    },
    /// A length, count or depth beyond its limit.
    #[error("the {part} is {claimed}, more than the limit of {max}")]
    LengthTooLarge {
        /// What is too large.
        part: Part,
        /// What the file claims.
        claimed: u64,
        /// The limit.
        max: u64,
    },
    /// More tensors than any model has.
    #[error("it claims {claimed} tensors, more than the limit of {max}")]
    TooManyTensors {
        /// What the file claims; for safetensors, the count at which reading stopped.
        claimed: u64,
        /// The limit.
        max: u64,
    },
    /// A metadata value of a type that GGUF does not have.
    #[error("metadata entry {key:?} has the unknown value type {id}")]
    UnknownValueType {
        /// Its name.
        key: String,
        /// The type number.
        id: u32,
    },
    /// An element type that we do not know, so that its size is unknown.
    #[error("tensor {tensor:?} has the unknown element type {id}")]
    UnknownElementType {
        /// The tensor.
        tensor: String,
        /// The number (GGUF) or name (safetensors) of the type.
        id: String,
    },
    /// An element type that GGUF files used to have.
    #[error("tensor {tensor:?} has element type {id} ({name}), which has been removed from GGUF")]
    RemovedElementType {
        /// The tensor.
        tensor: String,
        /// The number of the type.
        id: u32,
        /// Its name when it existed.
        name: &'static str,
    },
    /// An alignment that is not a power of two of 32 bits.
    #[error("general.alignment is not a power of two")]
    BadAlignment,
    /// A tensor that does not begin where the alignment allows.
    #[error("tensor {tensor:?} begins at {start}, which is not a multiple of {alignment}")]
    Misaligned {
        /// The tensor.
        tensor: String,
        /// Where it begins, relative to the weights.
        start: u64,
        /// The alignment of the file.
        alignment: u64,
    },
    /// A row that is not a whole number of quantisation blocks.
    #[error("tensor {tensor:?} has rows of {row_elements} elements in blocks of {block_elements}")]
    PartialBlock {
        /// The tensor.
        tensor: String,
        /// Elements of a row.
        row_elements: u64,
        /// Elements of a block of its type.
        block_elements: u64,
    },
    /// A size that does not fit 64 bits.
    #[error("the size of tensor {tensor:?} does not fit 64 bits")]
    Overflow {
        /// The tensor.
        tensor: String,
    },
    /// Offsets that contradict shape and type.
    #[error("tensor {tensor:?} claims {claimed_bytes} bytes but its shape needs {shape_bytes}")]
    SizeMismatch {
        /// The tensor.
        tensor: String,
        /// The span of its offsets.
        claimed_bytes: u64,
        /// What shape and type make.
        shape_bytes: u64,
    },
    /// Offsets whose end is before their beginning.
    #[error("tensor {tensor:?} ends at {end}, before it begins at {start}")]
    Reversed {
        /// The tensor.
        tensor: String,
        /// First byte, relative to the weights.
        start: u64,
        /// One past the last byte.
        end: u64,
    },
    /// Weights beyond the end of the file: a forged header, or a download that stopped.
    #[error("tensor {tensor:?} ends at byte {end} but the file has {file_bytes} bytes")]
    OffsetOutOfFile {
        /// The tensor.
        tensor: String,
        /// One past its last byte in the file.
        end: u64,
        /// Bytes of the file.
        file_bytes: u64,
    },
    /// Two tensors in the same bytes.
    #[error("tensors {first:?} and {second:?} overlap")]
    Overlap {
        /// The one that begins first.
        first: String,
        /// The one that begins inside it.
        second: String,
    },
    /// A name that occurs twice.
    #[error("the {part} {name:?} occurs twice")]
    Duplicate {
        /// What has the name.
        part: Part,
        /// The name.
        name: String,
    },
    /// Text that is not UTF-8.
    #[error("the {part} is not UTF-8")]
    BadUtf8 {
        /// What was being read.
        part: Part,
    },
    /// JSON that does not parse, or does not have the form it must have.
    #[error("its JSON is broken")]
    BadJson(#[from] serde_json::Error),
}
