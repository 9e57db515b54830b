//! Requirements files as people keep them: TOML, or a workbook that says the same.

mod book;
mod problem;
mod sheet;

use std::{fs::File, io::Read, path::Path};

use sekisho_base::Code;
use sekisho_catalog::plan::choose::{Problem, Requirements};

pub(crate) use book::workbook;

use crate::{
    failure::{Failure, Outcome},
    words::Words,
};

/// Largest requirements file of any kind, in bytes.
const FILE_BYTES_MAX: u64 = 8 * 1024 * 1024;

/// A requirements file without problems.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) requirements: Requirements,
    /// The same as TOML: the file itself, or what its sheets say.
    pub(crate) toml: String,
}

/// Reads a requirements file; everything that is wrong with it comes back at once.
pub(crate) fn open(path: &Path, words: &Words) -> Outcome<Opened> {
    let shown = || vec![("file", path.display().to_string().into())];
    let is = |extension: &str| path.extension().is_some_and(|own| own.eq_ignore_ascii_case(extension));
    let (is_book, is_toml) = (is("xlsx"), is("toml"));
    if !is_book && !is_toml {
        return Err(Failure::new(Code::Usage, words.f("choose-unknown-kind", &shown()))
            .hint(words.t("choose-hint-unknown-kind")));
    }
    let bytes = read(path).map_err(|error| {
        Failure::new(Code::FileUnreadable, words.f("choose-unreadable", &shown()))
            .cause(error.to_string())
            .hint(words.t("choose-hint-unreadable"))
    })?;
    if bytes.len() as u64 > FILE_BYTES_MAX {
        let args = [shown(), vec![("max", FILE_BYTES_MAX.to_string().into())]].concat();
        return Err(Failure::new(Code::RequirementsInvalid, words.f("choose-too-large", &args))
            .hint(words.t("choose-hint-too-large")));
    }
    let unreadable = |cause: String, hint: &str| {
        Failure::new(Code::RequirementsInvalid, words.f("choose-unreadable", &shown()))
            .cause(cause)
            .hint(words.t(hint))
    };
    if is_book {
        let sheets =
            sheet::read(&bytes).map_err(|error| unreadable(error.worded(words), "choose-hint-bad-book"))?;
        let (requirements, problems) = Requirements::parse(&sheets.toml);
        let place = |path: &str, line: usize| problem::cell(words, &sheets, path, line);
        return settle(requirements, &problems, sheets.toml.clone(), words, &place);
    }
    let toml = String::from_utf8(bytes)
        .map_err(|_| unreadable(words.t("choose-not-text"), "choose-hint-problems"))?;
    let (requirements, problems) = Requirements::parse(&toml);
    settle(requirements, &problems, toml, words, &|_, line| problem::line(words, line))
}

/// One byte more than allowed is enough to know that it is too much.
fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn settle(
    requirements: Requirements,
    problems: &[Problem],
    toml: String,
    words: &Words,
    place: &dyn Fn(&str, usize) -> String,
) -> Outcome<Opened> {
    if problems.is_empty() {
        return Ok(Opened { requirements, toml });
    }
    let tried = words.f("choose-problems", &[("count", problems.len().to_string().into())]);
    let failure = Failure::new(Code::RequirementsInvalid, tried).hint(words.t("choose-hint-problems"));
    let worded = problems.iter().map(|found| problem::worded(words, found, place));
    Err(worded.fold(failure, Failure::cause))
}
