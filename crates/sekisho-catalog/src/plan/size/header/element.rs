//! The types of tensor elements, and how many bytes they take.

use std::fmt;

/// The type of the elements of a tensor, of GGUF and safetensors alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "the names are those of the formats; their sizes stand in the table")]
#[rustfmt::skip]
pub enum ElementType {
    F64, F32, F16, BF16, C64,
    F8E4M3, F8E5M2, F8E8M0, F8E4M3Fnuz, F8E5M2Fnuz, F6E2M3, F6E3M2, F4,
    I64, I32, I16, I8, U64, U32, U16, U8, Bool,
    Q8_0, Q8_1, Q5_0, Q5_1, Q4_0, Q4_1, Q2_0, Q1_0,
    Q8K, Q6K, Q5K, Q4K, Q3K, Q2K,
    Iq4Nl, Iq4Xs, Iq3S, Iq3Xxs, Iq2S, Iq2Xs, Iq2Xxs, Iq1M, Iq1S,
    Tq2_0, Tq1_0, Mxfp4, Nvfp4,
}

/// One line of the table: type, name, number in GGUF, whether safetensors has it by that name, elements and bytes of
/// the smallest unit that is stored.
type Row = (ElementType, &'static str, Option<u32>, bool, u64, u64);

/// Sources:
/// * numbers and block sizes of GGUF: ggml-org/llama.cpp, `gguf-py/gguf/constants.py` (`GGMLQuantizationType`,
///   `GGML_QUANT_SIZES`) at 0024aa7; Q2_0 = 42 from `ggml/include/ggml.h`.
/// * the sizes checked against the `static_assert`s of ggml-org/llama.cpp, `ggml/src/ggml-common.h` at 01243c5. The two
///   differ for Q8_1 alone (40 against 36 bytes); programs store the C struct, so it is 36 here.
/// * safetensors: huggingface/safetensors, `safetensors/src/tensor.rs` (`Dtype::bitsize`).
#[rustfmt::skip]
const TABLE: &[Row] = {
    use ElementType as E;
    &[
        (E::F64, "F64", Some(28), true, 1, 8),
        (E::F32, "F32", Some(0), true, 1, 4),
        (E::F16, "F16", Some(1), true, 1, 2),
        (E::BF16, "BF16", Some(30), true, 1, 2),
        (E::C64, "C64", None, true, 1, 8),
        (E::F8E4M3, "F8_E4M3", None, true, 1, 1),
        (E::F8E5M2, "F8_E5M2", None, true, 1, 1),
        (E::F8E8M0, "F8_E8M0", None, true, 1, 1),
        (E::F8E4M3Fnuz, "F8_E4M3FNUZ", None, true, 1, 1),
        (E::F8E5M2Fnuz, "F8_E5M2FNUZ", None, true, 1, 1),
        (E::F6E2M3, "F6_E2M3", None, true, 4, 3),
        (E::F6E3M2, "F6_E3M2", None, true, 4, 3),
        (E::F4, "F4", None, true, 2, 1),
        (E::I64, "I64", Some(27), true, 1, 8),
        (E::I32, "I32", Some(26), true, 1, 4),
        (E::I16, "I16", Some(25), true, 1, 2),
        (E::I8, "I8", Some(24), true, 1, 1),
        (E::U64, "U64", None, true, 1, 8),
        (E::U32, "U32", None, true, 1, 4),
        (E::U16, "U16", None, true, 1, 2),
        (E::U8, "U8", None, true, 1, 1),
        (E::Bool, "BOOL", None, true, 1, 1),
        (E::Q8_0, "Q8_0", Some(8), false, 32, 34),
        (E::Q8_1, "Q8_1", Some(9), false, 32, 36),
        (E::Q5_0, "Q5_0", Some(6), false, 32, 22),
        (E::Q5_1, "Q5_1", Some(7), false, 32, 24),
        (E::Q4_0, "Q4_0", Some(2), false, 32, 18),
        (E::Q4_1, "Q4_1", Some(3), false, 32, 20),
        (E::Q2_0, "Q2_0", Some(42), false, 64, 18),
        (E::Q1_0, "Q1_0", Some(41), false, 128, 18),
        (E::Q8K, "Q8_K", Some(15), false, 256, 292),
        (E::Q6K, "Q6_K", Some(14), false, 256, 210),
        (E::Q5K, "Q5_K", Some(13), false, 256, 176),
        (E::Q4K, "Q4_K", Some(12), false, 256, 144),
        (E::Q3K, "Q3_K", Some(11), false, 256, 110),
        (E::Q2K, "Q2_K", Some(10), false, 256, 84),
        (E::Iq4Nl, "IQ4_NL", Some(20), false, 32, 18),
        (E::Iq4Xs, "IQ4_XS", Some(23), false, 256, 136),
        (E::Iq3S, "IQ3_S", Some(21), false, 256, 110),
        (E::Iq3Xxs, "IQ3_XXS", Some(18), false, 256, 98),
        (E::Iq2S, "IQ2_S", Some(22), false, 256, 82),
        (E::Iq2Xs, "IQ2_XS", Some(17), false, 256, 74),
        (E::Iq2Xxs, "IQ2_XXS", Some(16), false, 256, 66),
        (E::Iq1M, "IQ1_M", Some(29), false, 256, 56),
        (E::Iq1S, "IQ1_S", Some(19), false, 256, 50),
        (E::Tq2_0, "TQ2_0", Some(35), false, 256, 66),
        (E::Tq1_0, "TQ1_0", Some(34), false, 256, 54),
        (E::Mxfp4, "MXFP4", Some(39), false, 32, 17),
        (E::Nvfp4, "NVFP4", Some(40), false, 64, 36),
    ]
};

/// Numbers that GGUF files used to have. Source: ggml-org/llama.cpp, `ggml/include/ggml.h`.
const REMOVED: &[(u32, &str)] = &[
    (4, "Q4_2"),
    (5, "Q4_3"),
    (31, "Q4_0_4_4"),
    (32, "Q4_0_4_8"),
    (33, "Q4_0_8_8"),
    (36, "IQ4_NL_4_4"),
    (37, "IQ4_NL_4_8"),
    (38, "IQ4_NL_8_8"),
];

impl ElementType {
    /// Every type, floating point first, then integers, then the quantised types of GGUF.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.iter().map(|row| row.0)
    }

    fn row(self) -> &'static Row {
        TABLE.iter().find(|row| row.0 == self).expect("every type has a row; a test walks them")
    }

    pub(super) fn from_gguf(id: u32) -> Option<Self> {
        TABLE.iter().find(|row| row.2 == Some(id)).map(|row| row.0)
    }

    pub(super) fn from_safetensors(name: &str) -> Option<Self> {
        TABLE.iter().find(|row| row.3 && row.1 == name).map(|row| row.0)
    }

    /// The name by which a removed number of GGUF went.
    pub(super) fn removed(id: u32) -> Option<&'static str> {
        REMOVED.iter().find(|(removed, _)| *removed == id).map(|(_, name)| *name)
    }

    /// The name as the formats write it: `Q4_K`, `BF16`.
    pub fn name(self) -> &'static str {
        self.row().1
    }

    /// Its number in GGUF files, if they can have it.
    pub fn gguf_id(self) -> Option<u32> {
        self.row().2
    }

    /// Elements of the smallest unit that is stored.
    pub fn block_elements(self) -> u64 {
        self.row().4
    }

    /// Bytes of that unit, its scales included.
    pub fn block_bytes(self) -> u64 {
        self.row().5
    }

    /// Bits that one element takes, its share of the scales included.
    pub fn bits_per_element(self) -> f64 {
        self.block_bytes() as f64 * 8.0 / self.block_elements() as f64
    }
}

impl fmt::Display for ElementType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{ElementType, REMOVED, TABLE};

    #[test]
    fn the_table_is_whole() {
        let names: BTreeSet<&str> = TABLE.iter().map(|row| row.1).collect();
        let ids: Vec<u32> = TABLE.iter().filter_map(|row| row.2).collect();
        assert_eq!(names.len(), TABLE.len());
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
        assert!(ElementType::all().all(|one| one.row().0 == one));
        // The variants are declared in the order of the table, so the last one counts them.
        assert_eq!(ElementType::Nvfp4 as usize + 1, TABLE.len());
        // Together with the removed ones the numbers leave no hole.
        let mut all: Vec<u32> = ids.into_iter().chain(REMOVED.iter().map(|removed| removed.0)).collect();
        all.sort_unstable();
        assert_eq!(all, (0..=42).collect::<Vec<u32>>());
    }

    /// Bits per weight as the comments of `ggml-common.h` and llama.cpp's quantize README state them.
    #[test]
    fn bits_are_as_published() {
        let published = [
            (ElementType::Q8_0, 8.5),
            (ElementType::Q6K, 6.5625),
            (ElementType::Q5K, 5.5),
            (ElementType::Q4K, 4.5),
            (ElementType::Q3K, 3.4375),
            (ElementType::Q2K, 2.625),
            (ElementType::Iq4Xs, 4.25),
            (ElementType::Iq3S, 3.4375),
            (ElementType::Iq3Xxs, 3.0625),
            (ElementType::Iq2S, 2.5625),
            (ElementType::Iq2Xs, 2.3125),
            (ElementType::Iq2Xxs, 2.0625),
            (ElementType::Iq1M, 1.75),
            (ElementType::Iq1S, 1.5625),
            (ElementType::Tq1_0, 1.6875),
            (ElementType::Tq2_0, 2.0625),
            (ElementType::Mxfp4, 4.25),
            (ElementType::Nvfp4, 4.5),
            (ElementType::F6E2M3, 6.0),
            (ElementType::F4, 4.0),
        ];
        for (element_type, bits) in published {
            assert_eq!(element_type.bits_per_element(), bits, "{element_type}");
        }
    }
}
