//! Writing files for people: whole or not at all.

use std::{fs, path::Path};

use sekisho_base::Code;

use crate::{
    failure::{Failure, Outcome},
    terminal::Terminal,
    words::Words,
};

/// Writes a file and says so.
pub(crate) fn save(path: &Path, content: &[u8], terminal: &Terminal<'_>) -> Outcome {
    write(path, content, terminal.words)?;
    let shown = path.display().to_string();
    terminal.say(&terminal.words.f("cli-written", &[("file", shown.into())]));
    Ok(())
}

/// Writes beside the target first and moves then, so that an interrupted run leaves no half file.
fn write(path: &Path, content: &[u8], words: &Words) -> Outcome {
    let attempt = || {
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            fs::create_dir_all(folder)?;
        }
        let mut beside = path.as_os_str().to_owned();
        beside.push(".part");
        fs::write(&beside, content)?;
        fs::rename(&beside, path)
    };
    attempt().map_err(|error| {
        let shown = path.display().to_string();
        Failure::new(Code::FileUnwritable, words.f("cli-unwritable", &[("file", shown.into())]))
            .cause(error.to_string())
            .hint(words.t("cli-hint-unwritable"))
    })
}
