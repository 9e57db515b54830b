//! Files that lie: each gives an error that names file, place and reason, and costs no memory by its claims.

use std::{
    fs::{self, File},
    io::{Seek, SeekFrom, Write},
    path::Path,
};

use expect_test::{Expect, expect};
use proptest::{prelude::*, test_runner::RngSeed};

use super::{
    assert_sound, describe, read, read_files, read_gguf, read_safetensors,
    writer::{Entry, Gguf, array, safetensors, safetensors_of, small_gguf, text, value},
};

fn check_gguf(bytes: &[u8], expected: &Expect) {
    expected.assert_eq(&describe(&read_gguf(bytes).unwrap_err()));
}

fn check_safetensors(header: &str, data_bytes: usize, expected: &Expect) {
    check_bytes(&safetensors(header, data_bytes), expected);
}

fn check_bytes(bytes: &[u8], expected: &Expect) {
    expected.assert_eq(&describe(&read_safetensors(bytes).unwrap_err()));
}

fn one(dims: &[u64], id: u32, offset: u64) -> Vec<u8> {
    let tensor = Entry { name: b"t".to_vec(), dims: dims.to_vec(), id, offset };
    Gguf { tensors: vec![tensor], data_bytes: 64, ..Gguf::new() }.bytes()
}

#[test]
fn not_a_model() {
    check_gguf(b"", &expect!["SK0301 m.gguf@0: it is neither a GGUF nor a safetensors file"]);
    check_gguf(b"GGU", &expect!["SK0301 m.gguf@0: it is neither a GGUF nor a safetensors file"]);
    check_gguf(
        b"PK\x03\x04 a pickled checkpoint",
        &expect!["SK0301 m.gguf@0: it is neither a GGUF nor a safetensors file"],
    );
    check_gguf(
        b"lmgg an older format of llama.cpp",
        &expect!["SK0301 m.gguf@0: it is neither a GGUF nor a safetensors file"],
    );
    check_gguf(
        &Gguf { version: 1, ..small_gguf() }.bytes(),
        &expect!["SK0301 m.gguf@8: GGUF version 1 is not supported, only 2 and 3 are"],
    );
    check_gguf(
        &Gguf { version: 0, ..small_gguf() }.bytes(),
        &expect!["SK0301 m.gguf@8: GGUF version 0 is not supported, only 2 and 3 are"],
    );
    check_gguf(
        &Gguf { version: 4, ..small_gguf() }.bytes(),
        &expect!["SK0301 m.gguf@8: GGUF version 4 is not supported, only 2 and 3 are"],
    );
    check_gguf(
        &Gguf { version: 3_u32.swap_bytes(), ..small_gguf() }.bytes(),
        &expect!["SK0301 m.gguf@8: it is a big-endian GGUF file, only little-endian ones are read"],
    );
    check_gguf(
        b"FUGG\0\0\0\x03",
        &expect!["SK0301 m.gguf@0: it is a big-endian GGUF file, only little-endian ones are read"],
    );
    expect!["SK0301 null: it is neither a GGUF nor a safetensors file"]
        .assert_eq(&describe(&read(Path::new("/dev/null")).unwrap_err()));
}

#[test]
fn gguf_counts_and_lengths() {
    let count = |tensor_count, entry_count| Gguf { tensor_count, entry_count, ..Gguf::new() }.bytes();
    check_gguf(
        &count(Some(u64::MAX), None),
        &expect!["SK0301 m.gguf@16: it claims 18446744073709551615 tensors, more than the limit of 1000000"],
    );
    check_gguf(
        &count(Some(1_000_000), None),
        &expect!["SK0301 m.gguf@24: the header needs 24000000 more bytes but the file ends after 8"],
    );
    check_gguf(
        &count(None, Some(u64::MAX)),
        &expect![
            "SK0301 m.gguf@24: the number of metadata entries is 18446744073709551615, more than the limit of 100000"
        ],
    );
    check_gguf(
        &count(None, Some(100_000)),
        &expect!["SK0301 m.gguf@24: the header needs 1300000 more bytes but the file ends after 8"],
    );
    let entry = |value: Vec<u8>| Gguf::new().entry("k", value).bytes();
    check_gguf(
        &entry(value(8, &[0xff; 8])),
        &expect![
            "SK0301 m.gguf@45: the metadata value is 18446744073709551615, more than the limit of 16777216"
        ],
    );
    check_gguf(
        &entry(value(8, &(1_u64 << 24).to_le_bytes())),
        &expect!["SK0301 m.gguf@45: the metadata value needs 16777216 more bytes but the file ends after 19"],
    );
    check_gguf(
        &entry(value(8, &text(b"\xff\xfe"))),
        &expect!["SK0301 m.gguf@45: the metadata value is not UTF-8"],
    );
    check_gguf(
        &entry(value(13, &[0; 8])),
        &expect![[r#"SK0301 m.gguf@37: metadata entry "k" has the unknown value type 13"#]],
    );
    check_gguf(
        &entry(array(13, 1, &[0; 8])),
        &expect![[r#"SK0301 m.gguf@49: metadata entry "k" has the unknown value type 13"#]],
    );
    check_gguf(
        &entry(array(8, u64::MAX, b"")),
        &expect![
            "SK0301 m.gguf@49: the array length is 18446744073709551615, more than the limit of 16777216"
        ],
    );
    check_gguf(
        &entry(array(12, 1 << 24, b"")),
        &expect![
            "SK0301 m.gguf@49: the metadata value needs 134217728 more bytes but the file ends after 15"
        ],
    );
    check_gguf(
        &entry(array(8, 1 << 24, &[0; 64])),
        &expect!["SK0301 m.gguf@121: the metadata value needs 8 more bytes but the file ends after 7"],
    );
    let nested = (0..9).fold(array(4, 0, b""), |inner, _| array(9, 1, &inner[4..]));
    check_gguf(
        &entry(nested),
        &expect!["SK0301 m.gguf@85: the array nesting is 5, more than the limit of 4"],
    );
    check_gguf(
        &Gguf::new().entry(&"k".repeat(65_536), value(0, &[0])).bytes(),
        &expect!["SK0301 m.gguf@32: the metadata key is 65536, more than the limit of 65535"],
    );
    check_gguf(
        &Gguf::new().number("k", 1).number("k", 2).bytes(),
        &expect![[r#"SK0301 m.gguf@58: the metadata key "k" occurs twice"#]],
    );
}

#[test]
fn gguf_tensors() {
    check_gguf(
        &one(&[1 << 63, 2], 0, 0),
        &expect![[r#"SK0301 m.gguf@57: the size of tensor "t" does not fit 64 bits"#]],
    );
    check_gguf(
        &one(&[1 << 62], 0, 0),
        &expect![[r#"SK0301 m.gguf@49: the size of tensor "t" does not fit 64 bits"#]],
    );
    check_gguf(
        &one(&[16], 0, u64::MAX - 31),
        &expect![[r#"SK0301 m.gguf@57: the size of tensor "t" does not fit 64 bits"#]],
    );
    check_gguf(
        &one(&[17], 0, 0),
        &expect![[r#"SK0301 m.gguf@57: tensor "t" ends at byte 132 but the file has 128 bytes"#]],
    );
    check_gguf(
        &one(&[16], 0, 32),
        &expect![[r#"SK0301 m.gguf@57: tensor "t" ends at byte 160 but the file has 128 bytes"#]],
    );
    check_gguf(
        &one(&[4], 0, 16),
        &expect![[r#"SK0301 m.gguf@57: tensor "t" begins at 16, which is not a multiple of 32"#]],
    );
    check_gguf(
        &one(&[1; 9], 0, 0),
        &expect!["SK0301 m.gguf@37: the number of dimensions is 9, more than the limit of 8"],
    );
    check_gguf(
        &one(&[33], 8, 0),
        &expect![[r#"SK0301 m.gguf@49: tensor "t" has rows of 33 elements in blocks of 32"#]],
    );
    check_gguf(
        &one(&[32], 4, 0),
        &expect![[
            r#"SK0301 m.gguf@49: tensor "t" has element type 4 (Q4_2), which has been removed from GGUF"#
        ]],
    );
    check_gguf(
        &one(&[32], 36, 0),
        &expect![[
            r#"SK0301 m.gguf@49: tensor "t" has element type 36 (IQ4_NL_4_4), which has been removed from GGUF"#
        ]],
    );
    check_gguf(
        &one(&[32], 43, 0),
        &expect![[r#"SK0301 m.gguf@49: tensor "t" has the unknown element type 43"#]],
    );
    let pair = |second: Entry| {
        let first = Entry { name: b"t".to_vec(), dims: vec![16], id: 0, offset: 0 };
        Gguf { tensors: vec![first, second], data_bytes: 128, ..Gguf::new() }.bytes()
    };
    check_gguf(
        &pair(Entry { name: b"u".to_vec(), dims: vec![8], id: 0, offset: 32 }),
        &expect![[r#"SK0301 m.gguf@128: tensors "t" and "u" overlap"#]],
    );
    check_gguf(
        &pair(Entry { name: b"t".to_vec(), dims: vec![8], id: 0, offset: 64 }),
        &expect![[r#"SK0301 m.gguf: the tensor name "t" occurs twice"#]],
    );
    check_gguf(
        &pair(Entry { name: vec![0xff], dims: vec![8], id: 0, offset: 64 }),
        &expect!["SK0301 m.gguf@65: the tensor name is not UTF-8"],
    );
    check_gguf(
        &pair(Entry { name: vec![b'n'; 5000], dims: vec![8], id: 0, offset: 64 }),
        &expect!["SK0301 m.gguf@65: the tensor name is 5000, more than the limit of 4096"],
    );
    check_gguf(
        &Gguf::new().number("general.alignment", 0).bytes(),
        &expect!["SK0301 m.gguf@57: general.alignment is not a power of two"],
    );
    check_gguf(
        &Gguf::new().text("general.alignment", "32").bytes(),
        &expect!["SK0301 m.gguf@63: general.alignment is not a power of two"],
    );
    // A name cannot forge a line of output.
    let forged = Gguf::new().tensor("t\n\x1b[31mok", &[33], 8, 0);
    check_gguf(
        &forged.bytes(),
        &expect![[r#"SK0301 m.gguf@57: tensor "t\n\u{1b}[31mok" has rows of 33 elements in blocks of 32"#]],
    );
}

#[test]
fn safetensors_headers() {
    check_bytes(
        b"",
        &expect!["SK0301 model.safetensors@0: the header needs 8 more bytes but the file ends after 0"],
    );
    check_bytes(
        &[0xff; 16],
        &expect![
            "SK0301 model.safetensors@8: the header is 18446744073709551615, more than the limit of 268435448"
        ],
    );
    check_bytes(
        &[&(1_u64 << 27).to_le_bytes()[..], b"{}"].concat(),
        &expect![
            "SK0301 model.safetensors@8: the header needs 134217728 more bytes but the file ends after 2"
        ],
    );
    check_bytes(&text(b"{\"\xff\":1}"), &expect!["SK0301 model.safetensors@10: the header is not UTF-8"]);
    check_safetensors("", 0, &expect!["SK0301 model.safetensors@8: its JSON is broken"]);
    check_safetensors("[]", 0, &expect!["SK0301 model.safetensors@8: its JSON is broken"]);
    check_safetensors("{}x", 0, &expect!["SK0301 model.safetensors@11: its JSON is broken"]);
    check_safetensors(&"[".repeat(100_000), 0, &expect!["SK0301 model.safetensors@8: its JSON is broken"]);
    check_safetensors(
        &format!(r#"{{"t":{}"#, r#"{"shape":"#.repeat(100_000)),
        0,
        &expect!["SK0301 model.safetensors@22: its JSON is broken"],
    );
    let long = format!(r#"{{"{}":{{}}}}"#, "n".repeat(5000));
    check_safetensors(
        &long,
        0,
        &expect!["SK0301 model.safetensors@5011: the tensor name is 5000, more than the limit of 4096"],
    );
}

#[test]
fn safetensors_tensors() {
    let check = |dtype: &str, shape: &str, offsets: &str, expected: Expect| {
        let header = format!(r#"{{"t":{{"dtype":"{dtype}","shape":{shape},"data_offsets":{offsets}}}}}"#);
        check_safetensors(&header, 16, &expected);
    };
    check(
        "F32",
        "[4]",
        "[0,17]",
        expect![[r#"SK0301 model.safetensors: tensor "t" claims 17 bytes but its shape needs 16"#]],
    );
    check(
        "F32",
        "[5]",
        "[0,20]",
        expect![[r#"SK0301 model.safetensors: tensor "t" ends at byte 83 but the file has 79 bytes"#]],
    );
    check(
        "F32",
        "[4]",
        "[16,0]",
        expect![[r#"SK0301 model.safetensors: tensor "t" ends at 0, before it begins at 16"#]],
    );
    check("F32", "[4]", "[-1,15]", expect!["SK0301 model.safetensors@58: its JSON is broken"]);
    check("F32", "[4]", "[NaN,16]", expect!["SK0301 model.safetensors@57: its JSON is broken"]);
    check("F32", "[4]", "[0]", expect!["SK0301 model.safetensors@58: its JSON is broken"]);
    check("F32", "[4.0]", "[0,16]", expect!["SK0301 model.safetensors@40: its JSON is broken"]);
    check("F32", "[-4]", "[0,16]", expect!["SK0301 model.safetensors@39: its JSON is broken"]);
    check(
        "F32",
        "[18446744073709551616]",
        "[0,16]",
        expect!["SK0301 model.safetensors@57: its JSON is broken"],
    );
    check(
        "F32",
        "[9223372036854775808,2]",
        "[0,16]",
        expect![[r#"SK0301 model.safetensors: the size of tensor "t" does not fit 64 bits"#]],
    );
    check(
        "F32",
        "[9223372036854775808]",
        "[0,16]",
        expect![[r#"SK0301 model.safetensors: the size of tensor "t" does not fit 64 bits"#]],
    );
    check(
        "F32",
        "[4]",
        "[18446744073709551599,18446744073709551615]",
        expect![[r#"SK0301 model.safetensors: the size of tensor "t" does not fit 64 bits"#]],
    );
    check(
        "F32",
        "[1,1,1,1,1,1,1,1,4]",
        "[0,16]",
        expect!["SK0301 model.safetensors: the number of dimensions is 9, more than the limit of 8"],
    );
    check(
        "Q4_K",
        "[256]",
        "[0,144]",
        expect![[r#"SK0301 model.safetensors: tensor "t" has the unknown element type Q4_K"#]],
    );
    check(
        r"\u001b[31m",
        "[4]",
        "[0,16]",
        expect![[r#"SK0301 model.safetensors: tensor "t" has the unknown element type \u{1b}[31m"#]],
    );
    check(
        "F4",
        "[3]",
        "[0,2]",
        expect![[r#"SK0301 model.safetensors: tensor "t" has rows of 3 elements in blocks of 2"#]],
    );
    let overlap = r#"{"t":{"dtype":"U8","shape":[8],"data_offsets":[0,8]},"u":{"dtype":"U8","shape":[8],"data_offsets":[7,15]}}"#;
    check_safetensors(
        overlap,
        16,
        &expect![[r#"SK0301 model.safetensors@121: tensors "t" and "u" overlap"#]],
    );
    let twice = r#"{"t":{"dtype":"U8","shape":[8],"data_offsets":[0,8]},"t":{"dtype":"U8","shape":[8],"data_offsets":[8,16]}}"#;
    check_safetensors(twice, 16, &expect![[r#"SK0301 model.safetensors: the tensor name "t" occurs twice"#]]);
}

#[test]
fn broken_configurations() {
    let weights = safetensors_of(&[("a", [2, 2])]);
    let check = |config: &[u8], expected: Expect| {
        let files: [(&str, &[u8]); 2] = [("model.safetensors", &weights), ("config.json", config)];
        expected.assert_eq(&describe(&read_files(&files, "").unwrap_err()));
    };
    check(b"{", expect!["SK0301 config.json: its JSON is broken"]);
    check(b"[]", expect!["SK0301 config.json: its JSON is broken"]);
    check("[".repeat(1_000_000).as_bytes(), expect!["SK0301 config.json: its JSON is broken"]);
    check(
        &vec![b' '; (4 << 20) + 1],
        expect!["SK0301 config.json@0: the file is 4194305, more than the limit of 4194304"],
    );
    // Values of the wrong type say nothing; they do no harm.
    let odd = br#"{"num_hidden_layers":-3,"hidden_size":"big","num_attention_heads":0,"head_dim":1e300,"layer_types":7}"#;
    assert!(read_files(&[("model.safetensors", &weights), ("config.json", odd)], "").is_ok());
}

/// The edge prints an error and then walks its sources, one cause a line.
#[test]
fn an_error_reads_top_down() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("m.safetensors");
    fs::write(&file, safetensors("{]", 0)).unwrap();
    let error = read(&file).unwrap_err();
    let mut lines = vec![error.to_string().replace(&directory.path().display().to_string(), "")];
    let mut cause = std::error::Error::source(&error);
    while let Some(next) = cause {
        lines.push(next.to_string());
        cause = next.source();
    }
    expect![
        "cannot use /m.safetensors at byte 10 | its JSON is broken | key must be a string at line 1 column 2"
    ]
    .assert_eq(&lines.join(" | "));
}

/// Bytes that belong to nothing are named: a file with something behind its weights is not what it seems.
#[test]
fn unused_bytes_are_named() {
    let mut bytes = safetensors_of(&[("a", [2, 2])]);
    bytes.extend([0; 100]);
    let model = read_safetensors(&bytes).unwrap();
    expect![[r#"[UnusedBytes { name: "model.safetensors", bytes: ByteCount(100) }]"#]]
        .assert_eq(&format!("{:?}", model.warnings));
}

/// A file that is open for changes in place, which is much faster than writing it anew for each of thousands.
fn open(file: &Path, bytes: &[u8]) -> File {
    fs::write(file, bytes).unwrap();
    File::options().write(true).open(file).unwrap()
}

/// Cut anywhere, a file is refused: no offset leaves a smaller but valid model.
#[test]
fn every_truncation_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let gguf = small_gguf().bytes();
    // Behind the last weight there is padding, which no reader needs.
    let padding = (3 * 34_usize).next_multiple_of(32) - 3 * 34;
    let gguf = &gguf[..gguf.len() - padding];
    for (name, bytes) in [("m.gguf", gguf), ("m.safetensors", &small_safetensors())] {
        let path = directory.path().join(name);
        let file = open(&path, bytes);
        assert_sound(&read(&path).unwrap());
        for length in (0..bytes.len()).rev() {
            file.set_len(length as u64).unwrap();
            assert!(read(&path).is_err(), "{name} of {length} bytes");
        }
    }
}

/// Every single flipped bit of a header gives a sound model or an error.
#[test]
fn every_flipped_bit_is_survived() {
    let directory = tempfile::tempdir().unwrap();
    for (name, bytes) in [("m.gguf", small_gguf().bytes()), ("m.safetensors", small_safetensors())] {
        let path = directory.path().join(name);
        let mut file = open(&path, &bytes);
        let header_bytes = read(&path).unwrap().header_bytes.0;
        for (position, byte) in (0..header_bytes).zip(&bytes) {
            for changed in (0..8).map(|bit| byte ^ (1 << bit)).chain([*byte]) {
                file.seek(SeekFrom::Start(position)).unwrap();
                file.write_all(&[changed]).unwrap();
                if let Ok(model) = read(&path) {
                    assert_sound(&model);
                }
            }
        }
    }
}

fn small_safetensors() -> Vec<u8> {
    safetensors_of(&[("model.layers.0.self_attn.k_proj.weight", [2, 2]), ("b", [1, 3])])
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 400,
        rng_seed: RngSeed::Fixed(2026),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn random_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..300), as_gguf: bool) {
        let bytes = if as_gguf { [&b"GGUF\x03\0\0\0"[..], &bytes].concat() } else { bytes };
        for name in ["m.gguf", "m.safetensors", "m"] {
            if let Ok(model) = read_files(&[(name, &bytes)], name) {
                assert_sound(&model);
            }
        }
    }

    #[test]
    fn random_changes_are_survived(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8)) {
        for (name, mut bytes) in [("m.gguf", small_gguf().bytes()), ("m.safetensors", small_safetensors())] {
            for (index, byte) in &changes {
                let position = index.index(bytes.len());
                bytes[position] = *byte;
            }
            if let Ok(model) = read_files(&[(name, &bytes)], name) {
                assert_sound(&model);
            }
        }
    }

    #[test]
    fn random_json_is_survived(text in r#"\{("[a-z_.]{0,9}":(\{("(dtype|shape|data_offsets)":(\[[0-9,-]{0,9}\]|"F16"|null),?){0,3}\}|7|\[\]),?){0,3}\}"#) {
        if let Ok(model) = read_safetensors(&safetensors(&text, 64)) {
            assert_sound(&model);
        }
    }
}

/// Address space that this process has ever asked for, which grows even when memory is reserved and never touched.
#[cfg(target_os = "linux")]
fn peak_bytes() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmPeak:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
}

/// Claims of terabytes in files of bytes reserve nothing. Other tests run beside this one; all of them together stay
/// far below the bound.
#[test]
#[cfg(target_os = "linux")]
fn claims_reserve_nothing() {
    let before = peak_bytes();
    for claim in [1_u64 << 34, 1 << 36, 1 << 40, 1 << 62] {
        let length = claim.to_le_bytes();
        let key = Gguf { entry_count: Some(1), ..Gguf::new() }.bytes();
        let files = [
            Gguf { tensor_count: Some(claim), ..Gguf::new() }.bytes(),
            Gguf { entry_count: Some(claim), ..Gguf::new() }.bytes(),
            [&key[..24], &length, b"key"].concat(),
            Gguf::new().entry("k", value(8, &length)).bytes(),
            Gguf::new().entry("k", array(4, claim, b"")).bytes(),
            Gguf::new().entry("k", array(9, claim, b"")).bytes(),
            [&length[..], b"{}"].concat(),
        ];
        for bytes in files {
            assert!(read_gguf(&bytes).is_err() && read_safetensors(&bytes).is_err());
        }
    }
    assert!(peak_bytes() - before < 1 << 30, "{} bytes reserved", peak_bytes() - before);
}
