//! One tensor: what it is called, how large it is, where its weights lie.

use std::path::Path;

use sekisho_base::ByteCount;

use super::{
    ElementType, Kind,
    error::{Error, Flaw, Part},
};

/// A tensor as the header describes it; its weights are never read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tensor {
    /// As the file has it.
    pub name: String,
    /// Slowest axis first, as in safetensors; GGUF stores the reverse. A linear layer is `[out, in]` in both.
    pub dims: Vec<u64>,
    /// The type of its elements.
    pub element_type: ElementType,
    /// What it is for, from its name.
    pub kind: Kind,
    /// The product of its dimensions.
    pub elements: u64,
    /// Bytes of its weights, without padding.
    pub bytes: ByteCount,
}

impl Tensor {
    /// Computes the size of a tensor. The types of GGUF are stored in blocks along a row; the sub-byte types of
    /// safetensors are packed through the whole tensor.
    pub(super) fn sized(name: String, dims: Vec<u64>, element_type: ElementType) -> Result<Self, Flaw> {
        let Some(elements) = dims.iter().try_fold(1_u64, |product, dim| product.checked_mul(*dim)) else {
            return Err(Flaw::Overflow { tensor: name });
        };
        let block_elements = element_type.block_elements();
        let row_elements = match element_type.gguf_id() {
            Some(_) => dims.last().copied().unwrap_or(1),
            None => elements,
        };
        if !row_elements.is_multiple_of(block_elements) {
            return Err(Flaw::PartialBlock { tensor: name, row_elements, block_elements });
        }
        let Some(bytes) = (elements / block_elements).checked_mul(element_type.block_bytes()) else {
            return Err(Flaw::Overflow { tensor: name });
        };
        let kind = Kind::of_name(&name);
        Ok(Self { name, dims, element_type, kind, elements, bytes: ByteCount(bytes) })
    }
}

/// A tensor and the bytes of the file that hold it.
pub(super) struct Placed {
    pub(super) tensor: Tensor,
    pub(super) start: u64,
    pub(super) end: u64,
}

impl Placed {
    /// Puts a tensor at `offset` bytes behind the beginning of the weights.
    pub(super) fn at(tensor: Tensor, data_start: u64, offset: u64, file_bytes: u64) -> Result<Self, Flaw> {
        let start = data_start.checked_add(offset);
        let Some((start, end)) = start.and_then(|start| Some((start, start.checked_add(tensor.bytes.0)?)))
        else {
            return Err(Flaw::Overflow { tensor: tensor.name });
        };
        if end > file_bytes {
            return Err(Flaw::OffsetOutOfFile { tensor: tensor.name, end, file_bytes });
        }
        Ok(Self { tensor, start, end })
    }
}

/// What one file holds.
pub(super) struct Contents {
    pub(super) tensors: Vec<Placed>,
    /// Where the weights begin.
    pub(super) data_start: u64,
    pub(super) file_bytes: u64,
    /// Where tensors may begin; padding up to it is no waste.
    pub(super) alignment: u64,
}

impl Contents {
    /// Refuses tensors that share bytes. Empty tensors share nothing.
    pub(super) fn check_overlap(&mut self, file: &Path) -> Result<(), Error> {
        self.tensors.sort_by_key(|placed| (placed.start, placed.end));
        let mut before: Option<&Placed> = None;
        for placed in self.tensors.iter().filter(|placed| placed.end > placed.start) {
            if let Some(before) = before
                && placed.start < before.end
            {
                let (first, second) = (before.tensor.name.clone(), placed.tensor.name.clone());
                let byte_offset = Some(placed.start);
                return Err(Error {
                    file: file.to_owned(),
                    byte_offset,
                    flaw: Flaw::Overlap { first, second },
                });
            }
            before = Some(placed);
        }
        Ok(())
    }

    /// Bytes behind the header that belong to no tensor, beyond what padding explains.
    pub(super) fn unused_bytes(&self) -> u64 {
        let used: u64 = self.tensors.iter().map(|placed| placed.end - placed.start).sum();
        let padding = (self.alignment - 1).saturating_mul(self.tensors.len() as u64);
        let unused = self.file_bytes.saturating_sub(self.data_start).saturating_sub(used);
        if unused > padding { unused } else { 0 }
    }
}

/// Refuses a name that occurs twice, in one file or across files: its weights would be counted twice.
pub(super) fn check_names(path: &Path, tensors: &[Tensor]) -> Result<(), Error> {
    let mut names: Vec<&str> = tensors.iter().map(|tensor| tensor.name.as_str()).collect();
    names.sort_unstable();
    match names.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => {
            let flaw = Flaw::Duplicate { part: Part::TensorName, name: pair[0].to_owned() };
            Err(Error::of_file(path, flaw))
        }
        None => Ok(()),
    }
}
