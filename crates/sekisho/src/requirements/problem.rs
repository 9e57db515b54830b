//! What is wrong in a requirements file, where, and what to do about it.

use sekisho_catalog::plan::choose::{Problem, ProblemKind};

use super::sheet::Sheets;
use crate::words::Words;

/// Most words of a list that a person can take in.
const LISTED_MAX: usize = 24;

/// One problem as one line.
///
/// `place` says where a key is that stands on a line; the key may be missing, and is then empty or unknown to the line.
pub(super) fn worded(words: &Words, problem: &Problem, place: &dyn Fn(&str, usize) -> String) -> String {
    let what = what(words, &problem.kind, place);
    let args =
        [("place", place(&problem.path, problem.line)), ("path", problem.path.clone()), ("what", what)];
    let key = if problem.path.is_empty() { "choose-problem-whole" } else { "choose-problem" };
    say(words, key, &args)
}

pub(super) fn line(words: &Words, line: usize) -> String {
    say(words, "choose-place-line", &[("line", line.to_string())])
}

/// The cell that a line of the TOML text was made from.
pub(super) fn cell(words: &Words, sheets: &Sheets, path: &str, line: usize) -> String {
    let (sheet, cell) = sheets.place_of(path, line);
    say(words, "choose-place-cell", &[("sheet", sheet), ("cell", cell)])
}

fn say(words: &Words, key: &str, args: &[(&str, String)]) -> String {
    let args: Vec<_> = args.iter().map(|(name, value)| (*name, value.clone().into())).collect();
    words.f(key, &args)
}

fn what(words: &Words, kind: &ProblemKind, place: &dyn Fn(&str, usize) -> String) -> String {
    let say = |key: &str, args: &[(&str, String)]| say(words, &format!("choose-problem-{key}"), args);
    let listed = |all: &[&str]| {
        let shown = all[..all.len().min(LISTED_MAX)].join(" ");
        if all.len() > LISTED_MAX { format!("{shown} …") } else { shown }
    };
    match kind {
        ProblemKind::TooLong { bytes_max } => say("too-long", &[("max", bytes_max.to_string())]),
        ProblemKind::Syntax { message } => say("syntax", &[("message", message.replace('\n', " "))]),
        ProblemKind::UnknownKey { known } => say("unknown-key", &[("known", listed(known))]),
        ProblemKind::Missing => say("missing", &[]),
        ProblemKind::OneOfTwo { keys: [one, other] } if one == other => {
            say("one-of-two", &[("keys", (*one).to_owned())])
        }
        ProblemKind::OneOfTwo { keys } => say("one-of-two", &[("keys", keys.join(" / "))]),
        ProblemKind::WrongType { expected, found } => {
            let kind = |name: &str| {
                // The reader's word may go on with an example; its first word names the type.
                let first = name.split(' ').next().unwrap_or(name);
                words.t(&format!("choose-type-{first}"))
            };
            say("wrong-type", &[("expected", kind(expected)), ("found", kind(found))])
        }
        ProblemKind::Empty => say("empty", &[]),
        ProblemKind::NotOneOf { found, allowed } => {
            say("not-one-of", &[("found", found.clone()), ("allowed", listed(allowed))])
        }
        ProblemKind::OutOfBounds { low, high } => {
            say("out-of-bounds", &[("low", low.to_string()), ("high", high.to_string())])
        }
        ProblemKind::Reversed => say("reversed", &[]),
        ProblemKind::BadId => say("bad-id", &[]),
        ProblemKind::Duplicate { first_line } => say("duplicate", &[("place", place("", *first_line))]),
        ProblemKind::TooMany { max } => say("too-many", &[("max", max.to_string())]),
        ProblemKind::Misfit { field_is, allowed } => {
            let key = if *field_is == "number" { "misfit-number" } else { "misfit-codes" };
            say(key, &[("allowed", allowed.join(" "))])
        }
        ProblemKind::CodesMissing { codes } => say("codes-missing", &[("codes", codes.join(" "))]),
        ProblemKind::WeightsMixed => say("weights-mixed", &[]),
        ProblemKind::WeightsInfeasible { low_sum, high_sum } => {
            say("weights-infeasible", &[("low", format!("{low_sum:.3}")), ("high", format!("{high_sum:.3}"))])
        }
        ProblemKind::ReasonMissing => say("reason-missing", &[]),
    }
}
