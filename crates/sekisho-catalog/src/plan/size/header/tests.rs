//! Through the public door: bytes in a file, `read`, text out.

use std::{
    fs,
    path::{Path, PathBuf},
};

use sekisho_base::{Coded, Known};

use super::{Error, ModelFile, PerLayer, Warning, read};

mod hostile;
mod real;
mod sets;
mod shapes;
mod writer;

/// Writes files into a fresh directory and reads `target` in it (the directory itself when empty).
fn read_files(files: &[(&str, &[u8])], target: &str) -> Result<ModelFile, Error> {
    let directory = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        fs::write(directory.path().join(name), bytes).unwrap();
    }
    read(&directory.path().join(target))
}

fn read_gguf(bytes: &[u8]) -> Result<ModelFile, Error> {
    read_files(&[("m.gguf", bytes)], "m.gguf")
}

fn read_safetensors(bytes: &[u8]) -> Result<ModelFile, Error> {
    read_files(&[("model.safetensors", bytes)], "model.safetensors")
}

/// `SK0301 m.gguf@24: the number of ...`, without the directory, which differs from run to run.
fn describe(error: &Error) -> String {
    let name = error.file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let name = if name.starts_with(".tmp") { "directory".to_owned() } else { name };
    let place = error.byte_offset.map(|offset| format!("@{offset}")).unwrap_or_default();
    format!("{} {name}{place}: {}", error.code(), error.flaw)
}

/// The figures of a model, for comparing by eye.
fn summary(model: &ModelFile) -> String {
    let of = |known: &Known<PerLayer>| match known {
        Known::Value(PerLayer::Uniform(number)) => number.to_string(),
        Known::Value(PerLayer::Layers(numbers)) => format!("{numbers:?}"),
        Known::Undisclosed => "-".to_owned(),
    };
    let number =
        |known: Known<u64>| known.value().map_or_else(|| "-".to_owned(), |number| number.to_string());
    let text = |known: &Known<String>| known.clone().value().unwrap_or_else(|| "-".to_owned());
    let meta = &model.metadata;
    let mut lines = vec![
        format!("{:?}, {} file(s), {} tensors", model.format, model.files.len(), model.tensors.len()),
        format!(
            "bytes: weights {} header {} files {}",
            model.weight_bytes.0, model.header_bytes.0, model.file_bytes.0
        ),
        format!(
            "parameters {}, bits per weight {}",
            number(model.parameters),
            model.bits_per_weight().value().map_or_else(|| "-".to_owned(), |bits| format!("{bits:.4}"))
        ),
        format!("{} {:?} {}", text(&meta.architecture), text(&meta.name), text(&meta.file_type)),
        format!(
            "layers {} hidden {} heads {} kv {} key {} value {}",
            number(meta.layers),
            number(meta.hidden),
            of(&meta.heads),
            of(&meta.kv_heads),
            number(meta.key_length),
            number(meta.value_length)
        ),
        format!(
            "ffn {} vocab {} context {} experts {}/{}+{} window {}",
            of(&meta.ffn),
            number(meta.vocab),
            number(meta.context_tokens),
            number(meta.experts_active),
            number(meta.experts_total),
            number(meta.experts_shared),
            number(meta.sliding_window_tokens)
        ),
    ];
    for ((kind, element_type), share) in model.bytes_by_kind_and_type() {
        lines
            .push(format!("  {kind:?} {element_type}: {} elements, {} bytes", share.elements, share.bytes.0));
    }
    lines.extend(model.warnings.iter().map(|warning| format!("warning: {warning:?}")));
    lines.join("\n") + "\n"
}

/// What holds for every model that is read, however its file came about.
fn assert_sound(model: &ModelFile) {
    assert!(model.weight_bytes.0 + model.header_bytes.0 <= model.file_bytes.0, "{}", summary(model));
    assert_eq!(model.weight_bytes, model.tensors.iter().map(|tensor| tensor.bytes).sum());
    assert_eq!(model.weight_bytes, model.bytes_by_kind().values().map(|share| share.bytes).sum());
}

/// The folder of shared material beside the repository, unless `SEKISHO_SHARED` names another.
fn shared(path: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("SEKISHO_SHARED")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"), PathBuf::from);
    let found = folder.join(path);
    if found.exists() {
        return Some(found);
    }
    eprintln!("skipped: {} is not there", found.display());
    None
}

fn has(model: &ModelFile, warning: &Warning) -> bool {
    model.warnings.contains(warning)
}
