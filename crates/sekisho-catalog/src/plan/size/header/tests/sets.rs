//! Models of several files, and directories.

use expect_test::{Expect, expect};
use sekisho_base::Known;

use super::{
    Warning, describe, has, read_files,
    writer::{Gguf, safetensors_of, small_gguf},
};

fn check(files: &[(&str, &[u8])], target: &str, expected: &Expect) {
    expected.assert_eq(&describe(&read_files(files, target).unwrap_err()));
}

fn shards() -> [Vec<u8>; 2] {
    let first = small_gguf().entry("split.count", super::writer::value(2, &2_u16.to_le_bytes()));
    [first.bytes(), Gguf::new().f16("blk.2.attn_k.weight", [16, 32]).bytes()]
}

#[test]
fn a_set_of_gguf_files_is_one_model() {
    let [first, second] = shards();
    let files: [(&str, &[u8]); 2] = [("m-00001-of-00002.gguf", &first), ("m-00002-of-00002.gguf", &second)];
    // By any of its files, or by the directory.
    for target in ["m-00002-of-00002.gguf", ""] {
        let model = read_files(&files, target).unwrap();
        assert_eq!((model.files.len(), model.tensors.len()), (2, 9));
        assert_eq!(model.metadata.architecture, Known::Value("llama".to_owned()));
        assert_eq!(model.file_bytes.0, (first.len() + second.len()) as u64);
    }
    check(
        &files[..1],
        "",
        &expect![[r#"SK0301 m-00001-of-00002.gguf: the part "m-00002-of-00002.gguf" is missing"#]],
    );
    // Renamed, so that the name no longer tells.
    check(
        &[("renamed.gguf", &first)],
        "renamed.gguf",
        &expect!["SK0301 renamed.gguf: it is one of 2 files but 1 are there"],
    );
    check(
        &[("m-00003-of-00002.gguf", &first), files[0], files[1]],
        "m-00003-of-00002.gguf",
        &expect!["SK0301 m-00003-of-00002.gguf: it is one of 2 files but 3 are there"],
    );
    check(
        &[("m-1-of-0.gguf", &first)],
        "m-1-of-0.gguf",
        &expect!["SK0301 m-1-of-0.gguf: it is one of 0 files but 1 are there"],
    );
    check(
        &[("m-000000001-of-999999999.gguf", &first)],
        "",
        &expect![
            "SK0301 m-000000001-of-999999999.gguf: the number of files is 999999999, more than the limit of 10000"
        ],
    );
}

#[test]
fn an_index_lists_the_files() {
    let first = safetensors_of(&[("a", [2, 2])]);
    let second = safetensors_of(&[("b", [2, 2])]);
    let index = br#"{"metadata":{"total_size":16},"weight_map":{"a":"x.safetensors","b":"y.safetensors"}}"#;
    let name = "model.safetensors.index.json";
    let files: [(&str, &[u8]); 4] = [
        ("x.safetensors", &first),
        ("y.safetensors", &second),
        (name, index),
        ("consolidated.safetensors", &first),
    ];
    let model = read_files(&files, "").unwrap();
    assert_eq!((model.files.len(), model.weight_bytes.0), (2, 16));
    assert_eq!(model.warnings, [Warning::FileIgnored { name: "consolidated.safetensors".to_owned() }]);

    check(&[files[0], files[2]], "", &expect![[r#"SK0301 directory: the part "y.safetensors" is missing"#]]);
    check(&[(name, b"{}")], "", &expect!["SK0301 model.safetensors.index.json: its JSON is broken"]);
    check(
        &[(name, br#"{"weight_map":{}}"#)],
        "",
        &expect!["SK0301 directory: the directory holds no GGUF or safetensors file"],
    );
    for outside in ["../x.safetensors", "/etc/passwd", "..", "a/b", ""] {
        let index = format!(r#"{{"weight_map":{{"a":"{outside}"}}}}"#);
        let error = read_files(&[(name, index.as_bytes())], "").unwrap_err();
        assert_eq!(
            describe(&error),
            format!("SK0301 {name}: the index names {outside:?}, which is no file beside it")
        );
    }
    let short = br#"{"weight_map":{"a":"x.safetensors"}}"#;
    let pair = safetensors_of(&[("a", [2, 2]), ("b", [2, 2])]);
    let model = read_files(&[(name, short), ("x.safetensors", &pair)], "").unwrap();
    assert!(has(&model, &Warning::IndexDisagrees { indexed: 1, found: 2 }));
}

#[test]
fn a_directory_must_hold_one_model() {
    let gguf = small_gguf().bytes();
    let weights = safetensors_of(&[("a", [2, 2])]);
    check(&[], "", &expect!["SK0301 directory: the directory holds no GGUF or safetensors file"]);
    check(
        &[("notes.txt", b"x")],
        "",
        &expect!["SK0301 directory: the directory holds no GGUF or safetensors file"],
    );
    check(
        &[("m.Q4_K_M.gguf", &gguf), ("m.Q8_0.gguf", &gguf)],
        "",
        &expect![[r#"SK0301 directory: the directory holds 2 models, ["m.Q4_K_M.gguf", "m.Q8_0.gguf"]"#]],
    );
    check(&[], "absent.gguf", &expect!["SK0003 absent.gguf: it cannot be read"]);
    // The projector of a model that sees is not the model.
    let model = read_files(&[("m.gguf", &gguf), ("mmproj-m.gguf", &gguf)], "").unwrap();
    assert!(has(&model, &Warning::FileIgnored { name: "mmproj-m.gguf".to_owned() }));
    let model =
        read_files(&[("consolidated.safetensors", &weights), ("model.safetensors", &weights)], "").unwrap();
    assert!(has(&model, &Warning::FileIgnored { name: "consolidated.safetensors".to_owned() }));
    // The same tensor in two files of one set would be counted twice.
    let twice: [(&str, &[u8]); 2] =
        [("model-00001-of-00002.safetensors", &weights), ("model-00002-of-00002.safetensors", &weights)];
    check(&twice, "", &expect![[r#"SK0301 directory: the tensor name "a" occurs twice"#]]);
}
