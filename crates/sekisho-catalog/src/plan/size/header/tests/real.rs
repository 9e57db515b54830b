//! The one real model that stands beside the repository, in both formats.

use std::collections::BTreeMap;

use expect_test::{Expect, expect};

use super::{ModelFile, Warning, assert_sound, has, read, shared, summary};
use crate::plan::size::header::Kind;

fn check(path: &str, expected: &Expect) -> Option<ModelFile> {
    let model = read(&shared(path)?).unwrap();
    expected.assert_eq(&summary(&model));
    assert_sound(&model);
    // Nothing but header and weights is in these files.
    assert_eq!(model.file_bytes.0, model.header_bytes.0 + model.weight_bytes.0);
    Some(model)
}

#[test]
fn both_formats_of_a_real_model_agree() {
    let gguf = check(
        "models/check-ja-6m/check-ja-6m.F16.gguf",
        &expect![[r#"
        Gguf { version: 3 }, 1 file(s), 56 tensors
        bytes: weights 13546496 header 181376 files 13727872
        parameters 6769920, bits per weight 16.0079
        llama "check-ja-6m" F16
        layers 6 hidden 256 heads 4 kv 2 key 64 value 64
        ffn 768 vocab 8000 context 2048 experts -/-+- window -
          TokenEmbedding F16: 2048000 elements, 4096000 bytes
          AttentionQ F16: 393216 elements, 786432 bytes
          AttentionK F16: 196608 elements, 393216 bytes
          AttentionV F16: 196608 elements, 393216 bytes
          AttentionOutput F16: 393216 elements, 786432 bytes
          FeedForward F16: 3538944 elements, 7077888 bytes
          Norm F32: 3328 elements, 13312 bytes
    "#]],
    );
    let safetensors = check(
        "models/check-ja-6m/model.safetensors",
        &expect![[r#"
        Safetensors, 1 file(s), 56 tensors
        bytes: weights 13539840 header 6024 files 13545864
        parameters 6769920, bits per weight 16.0000
        llama "-" float16
        layers 6 hidden 256 heads 4 kv 2 key 64 value 64
        ffn 768 vocab 8000 context 2048 experts -/-+- window -
          TokenEmbedding F16: 2048000 elements, 4096000 bytes
          AttentionQ F16: 393216 elements, 786432 bytes
          AttentionK F16: 196608 elements, 393216 bytes
          AttentionV F16: 196608 elements, 393216 bytes
          AttentionOutput F16: 393216 elements, 786432 bytes
          FeedForward F16: 3538944 elements, 7077888 bytes
          Norm F16: 3328 elements, 6656 bytes
    "#]],
    );
    let (Some(gguf), Some(safetensors)) = (gguf, safetensors) else { return };
    assert_eq!(gguf.parameters, safetensors.parameters);
    let elements = |model: &ModelFile| -> BTreeMap<Kind, u64> {
        model.bytes_by_kind().into_iter().map(|(kind, share)| (kind, share.elements)).collect()
    };
    assert_eq!(elements(&gguf), elements(&safetensors));
    let shape = |model: &ModelFile| {
        let meta = &model.metadata;
        let sizes =
            [meta.layers, meta.hidden, meta.key_length, meta.value_length, meta.vocab, meta.context_tokens];
        (sizes, meta.heads.clone(), meta.kv_heads.clone(), meta.ffn.clone(), meta.rope.freq_base)
    };
    assert_eq!(shape(&gguf), shape(&safetensors));
    let dims = |model: &ModelFile, kind: Kind| {
        let mut dims: Vec<_> =
            model.tensors.iter().filter(|one| one.kind == kind).map(|one| one.dims.clone()).collect();
        dims.sort();
        dims
    };
    for kind in gguf.bytes_by_kind().into_keys() {
        assert_eq!(dims(&gguf, kind), dims(&safetensors, kind), "{kind:?}");
    }
}

#[test]
fn a_directory_prefers_safetensors() {
    let Some(path) = shared("models/check-ja-6m") else { return };
    let model = read(&path).unwrap();
    assert_eq!(model.files, [path.join("model.safetensors")]);
    assert!(has(&model, &Warning::FileIgnored { name: "check-ja-6m.F16.gguf".to_owned() }));
}

#[test]
fn weights_are_not_read() {
    let Some(path) = shared("models/check-ja-6m/check-ja-6m.F16.gguf") else { return };
    let header = read(&path).unwrap().header_bytes.0 as usize;
    let directory = tempfile::tempdir().unwrap();
    let copy = directory.path().join("hole.gguf");
    std::fs::write(&copy, &std::fs::read(&path).unwrap()[..header]).unwrap();
    // A file that claims the size but holds no weights reads the same.
    std::fs::OpenOptions::new()
        .write(true)
        .open(&copy)
        .unwrap()
        .set_len(path.metadata().unwrap().len())
        .unwrap();
    assert_eq!(read(&copy).unwrap().tensors, read(&path).unwrap().tensors);
}
