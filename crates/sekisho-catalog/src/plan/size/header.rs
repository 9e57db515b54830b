//! Reads the header of model files, GGUF and safetensors: what each tensor is and how many bytes it takes. The weights
//! are never read, and no number in a file is believed before it is held against the size of the file.
//!
//! Read first: [`read`], [`ModelFile`], [`Kind`].

use std::{
    collections::BTreeMap,
    ops::AddAssign,
    path::{Path, PathBuf},
};

use sekisho_base::{ByteCount, Known};

mod config;
mod cursor;
mod element;
mod error;
mod evidence;
mod gguf;
mod kind;
pub mod limits;
mod metadata;
mod safetensors;
mod source;
mod tensor;
#[cfg(test)]
mod tests;

pub use element::ElementType;
pub use error::{Error, Flaw, Part};
pub use kind::Kind;
pub use metadata::{ModelMetadata, PerLayer, Rope, StateSpace, WindowLayers};
pub use tensor::Tensor;

use limits::TENSORS_MAX;
use source::Source;
use tensor::Contents;

/// Reads the model at `path`: a GGUF or safetensors file (of a set, all its files), or a directory that holds one model.
/// `config.json` beside safetensors files is read too.
///
/// # Errors
/// The file that cannot be read, or that is not what it says it is, and why.
pub fn read(path: &Path) -> Result<ModelFile, Error> {
    let source = source::locate(path)?;
    if source.is_gguf { read_gguf(path, source) } else { read_safetensors(path, source) }
}

/// A model as its files describe it.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelFile {
    /// What the files are.
    pub format: Format,
    /// The files, in the order of their names.
    pub files: Vec<PathBuf>,
    /// All tensors, in the order of files and of their place in the file.
    pub tensors: Vec<Tensor>,
    /// The shape of the model.
    pub metadata: ModelMetadata,
    /// Bytes of all tensors, without padding: what has to be loaded.
    pub weight_bytes: ByteCount,
    /// Bytes before the weights, of all files.
    pub header_bytes: ByteCount,
    /// Bytes of all files.
    pub file_bytes: ByteCount,
    /// Parameters of the model; undisclosed when the elements are packed, so that one stands for several.
    pub parameters: Known<u64>,
    /// What a reader of the figures should know.
    pub warnings: Vec<Warning>,
}

/// A file format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// The format of llama.cpp.
    Gguf {
        /// 2 or 3.
        version: u32,
    },
    /// The format of Hugging Face.
    Safetensors,
}

/// What makes a model file doubtful without making it unreadable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Warning {
    /// The metadata speaks of another number of layers than there are tensors for.
    LayersDisagree {
        /// By the metadata.
        declared: u64,
        /// By the names of the tensors.
        by_tensors: u64,
    },
    /// The metadata speaks of another number of key-value heads than the tensors hold; the tensors were believed.
    KvHeadsDisagree {
        /// By the metadata, the largest of any layer.
        declared: u64,
        /// By the shape of the tensors, the largest of any layer.
        by_tensors: u64,
    },
    /// Elements are packed, so that parameters cannot be counted.
    PackedWeights,
    /// The tensors are those of a LoRA adapter: without the base model they are no model.
    Adapter,
    /// A model file of the directory that is not part of the model.
    FileIgnored {
        /// Its name.
        name: String,
    },
    /// The index lists another number of tensors than the files hold.
    IndexDisagrees {
        /// By the index.
        indexed: u64,
        /// In the files.
        found: u64,
    },
    /// Bytes behind the header that belong to no tensor.
    UnusedBytes {
        /// The name of the file.
        name: String,
        /// How many.
        bytes: ByteCount,
    },
}

/// How much of a model is of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Share {
    /// Elements of its tensors.
    pub elements: u64,
    /// Bytes of its tensors.
    pub bytes: ByteCount,
}

impl Share {
    /// Bits that one element takes on average; undisclosed where there is none.
    pub fn bits_per_element(self) -> Known<f64> {
        bits_per(self.bytes, self.elements)
    }
}

impl AddAssign<&Tensor> for Share {
    fn add_assign(&mut self, tensor: &Tensor) {
        self.elements = self.elements.saturating_add(tensor.elements);
        self.bytes = self.bytes + tensor.bytes;
    }
}

fn bits_per(bytes: ByteCount, count: u64) -> Known<f64> {
    Known::from((count > 0).then(|| bytes.0 as f64 * 8.0 / count as f64))
}

impl ModelFile {
    /// Bytes and elements of each kind of tensor.
    pub fn bytes_by_kind(&self) -> BTreeMap<Kind, Share> {
        self.shares(|tensor| tensor.kind)
    }

    /// Bytes and elements of each element type within each kind: what a name like `Q4_K_M` really is.
    pub fn bytes_by_kind_and_type(&self) -> BTreeMap<(Kind, ElementType), Share> {
        self.shares(|tensor| (tensor.kind, tensor.element_type))
    }

    /// Bits that one parameter takes on average, scales included: `weight_bytes * 8 / parameters`.
    pub fn bits_per_weight(&self) -> Known<f64> {
        self.parameters.and_then(|parameters| bits_per(self.weight_bytes, parameters))
    }

    fn shares<K: Ord>(&self, key: impl Fn(&Tensor) -> K) -> BTreeMap<K, Share> {
        let mut shares: BTreeMap<K, Share> = BTreeMap::new();
        for tensor in &self.tensors {
            *shares.entry(key(tensor)).or_default() += tensor;
        }
        shares
    }
}

fn read_gguf(path: &Path, source: Source) -> Result<ModelFile, Error> {
    let mut first = None;
    let mut whole = Whole::default();
    for file in &source.files {
        let header = gguf::read(file)?;
        whole.add(file, header.contents)?;
        // The first file of a set carries the metadata; the others their number only.
        first.get_or_insert((header.version, header.metadata));
    }
    let Some((version, entries)) = first else { return Err(Error::of_file(path, Flaw::NoModelFile)) };
    let found = source.files.len() as u64;
    if let Known::Value(declared) = entries.shard_count()
        && declared != found
    {
        return Err(Error::of_file(path, Flaw::ShardCount { declared, found }));
    }
    whole.into_model(path, Format::Gguf { version }, source, gguf::model(&entries), 0)
}

fn read_safetensors(path: &Path, source: Source) -> Result<ModelFile, Error> {
    let (metadata, extra_layers) = match &source.config {
        Some(file) => config::read(file).map(|config| (config.metadata, config.extra_layers))?,
        None => (ModelMetadata::default(), 0),
    };
    let mut whole = Whole::default();
    for file in &source.files {
        whole.add(file, safetensors::read(file)?)?;
    }
    whole.into_model(path, Format::Safetensors, source, metadata, extra_layers)
}

/// The files read so far.
#[derive(Default)]
struct Whole {
    tensors: Vec<Tensor>,
    header_bytes: ByteCount,
    file_bytes: ByteCount,
    warnings: Vec<Warning>,
}

impl Whole {
    fn add(&mut self, file: &Path, mut contents: Contents) -> Result<(), Error> {
        contents.check_overlap(file)?;
        let claimed = (self.tensors.len() + contents.tensors.len()) as u64;
        if claimed > TENSORS_MAX {
            return Err(Error::of_file(file, Flaw::TooManyTensors { claimed, max: TENSORS_MAX }));
        }
        let unused = contents.unused_bytes();
        if unused > 0 {
            let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            self.warnings.push(Warning::UnusedBytes { name, bytes: ByteCount(unused) });
        }
        self.header_bytes = self.header_bytes + ByteCount(contents.data_start);
        self.file_bytes = self.file_bytes + ByteCount(contents.file_bytes);
        self.tensors.extend(contents.tensors.into_iter().map(|placed| placed.tensor));
        Ok(())
    }

    fn into_model(
        self,
        path: &Path,
        format: Format,
        source: Source,
        mut metadata: ModelMetadata,
        extra_layers: u64,
    ) -> Result<ModelFile, Error> {
        let Self { tensors, header_bytes, file_bytes, warnings: mut of_files } = self;
        tensor::check_names(path, &tensors)?;
        let mut warnings = source.warnings;
        warnings.append(&mut of_files);
        let found = tensors.len() as u64;
        if let Some(indexed) = source.indexed_tensors.filter(|indexed| *indexed != found) {
            warnings.push(Warning::IndexDisagrees { indexed, found });
        }
        evidence::check(&tensors, &mut metadata, extra_layers, &mut warnings);
        let is_packed = format == Format::Safetensors && tensors.iter().any(evidence::is_packed);
        if is_packed {
            warnings.push(Warning::PackedWeights);
        }
        if tensors.iter().any(|tensor| tensor.name.to_ascii_lowercase().contains(".lora_")) {
            warnings.push(Warning::Adapter);
        }
        let counted = tensors.iter().filter(|tensor| tensor.kind.has_parameters());
        let parameters = counted.fold(0_u64, |sum, tensor| sum.saturating_add(tensor.elements));
        Ok(ModelFile {
            format,
            files: source.files,
            weight_bytes: tensors.iter().map(|tensor| tensor.bytes).sum(),
            header_bytes,
            file_bytes,
            parameters: if is_packed { Known::Undisclosed } else { Known::Value(parameters) },
            warnings,
            tensors,
            metadata,
        })
    }
}
