//! Values, marks and units as people read them.

use sekisho_catalog::{Catalog, Claim, Entity, Problem, ProblemKind, Status, UNDISCLOSED, Value};
use sekisho_text::numeral;

use crate::words::Words;

/// A mark for a status, so that nothing is said by colour or word alone: ○ holds, △ mind it, × does not hold, ？ open.
pub(crate) fn mark(status: &[Status]) -> &'static str {
    let worst = status.iter().map(|status| match status {
        Status::Conflict | Status::CitationMismatch | Status::Superseded => 3,
        Status::Refinable
        | Status::CitationPartial
        | Status::InternalInconsistency
        | Status::ScaleTrap
        | Status::DateTwoKinds => 2,
        Status::Uncited | Status::NotVerifiable | Status::NotChecked => 1,
        Status::Confirmed => 0,
    });
    match worst.max() {
        Some(3) => "×",
        Some(2) => "△",
        Some(0) => "○",
        _ => "？",
    }
}

/// `× 公開情報と相違`, several joined.
pub(crate) fn status(words: &Words, status: &[Status]) -> String {
    let named: Vec<_> = status.iter().map(|status| words.t(&format!("status-{}", status.word()))).collect();
    format!("{} {}", mark(status), named.join(&words.t("list-separator")))
}

/// The value with its unit, in the words of the reader.
pub(crate) fn value(words: &Words, claim: &Claim) -> String {
    let shown = match &claim.value {
        Value::Undisclosed(remark) => {
            let word = words.t("undisclosed");
            match (remark, &claim.value_en) {
                (_, Some(english)) if words.lang == crate::words::Lang::En => return english.clone(),
                (Some(remark), _) => format!("{word} ({remark})"),
                (None, _) => word,
            }
        }
        Value::Text(text) => match (&claim.value_en, words.lang) {
            (Some(english), crate::words::Lang::En) => english.clone(),
            _ => text.clone(),
        },
        Value::Integer(number) => numeral::group(&number.to_string()),
        Value::Number(number) => format!("{number}"),
    };
    match &claim.unit {
        Some(unit) if claim.value.as_f64().is_some() => format!("{shown} {unit}"),
        _ => shown,
    }
}

/// The best value of a field for a cell of a table: 未指定 when nothing is published or nobody looked, and a mark behind
/// what is disputed.
pub(crate) fn best(words: &Words, entity: &Entity, field: &str) -> String {
    let Some(claim) = entity.best(field) else { return words.t("undisclosed") };
    let shown = match (&claim.value, field) {
        (Value::Integer(number), "params_total" | "params_active") => parameters(*number as u64),
        _ => value(words, claim),
    };
    if entity.is_disputed(field) { format!("{shown} {}", words.t("cli-disputed-mark")) } else { shown }
}

/// `7.3B`, `160M`: parameters as the field writes them.
pub(crate) fn parameters(count: u64) -> String {
    let scaled = |factor: f64, suffix: &str| {
        let number = count as f64 / factor;
        let digits = if number < 10.0 { 2 } else { 1 };
        let text = format!("{number:.digits$}");
        format!("{}{suffix}", text.trim_end_matches('0').trim_end_matches('.'))
    };
    match count {
        0..1_000_000_000 => scaled(1e6, "M"),
        _ => scaled(1e9, "B"),
    }
}

/// Codes of the best claim of a field by their names.
pub(crate) fn codes(words: &Words, catalog: &Catalog, entity: &Entity, field: &str) -> String {
    let definition = catalog.field(field);
    let named: Vec<&str> = entity
        .codes(field)
        .iter()
        .map(|code| {
            definition
                .and_then(|field| field.code_label(code))
                .map_or(code.as_str(), |label| words.pick(label))
        })
        .collect();
    if named.is_empty() { words.t("undisclosed") } else { named.join(&words.t("list-separator")) }
}

/// Name of a field.
pub(crate) fn field<'a>(words: &Words, catalog: &'a Catalog, id: &'a str) -> &'a str {
    catalog.field(id).map_or(id, |field| words.pick(&field.label))
}

/// 未指定 in the reader's word, anything else as it is.
pub(crate) fn word(words: &Words, text: &str) -> String {
    if text == UNDISCLOSED { words.t("undisclosed") } else { text.to_owned() }
}

/// Who says it: the survey with its fact number, the public record, or the organisation itself.
pub(crate) fn voice(words: &Words, claim: &Claim) -> String {
    match claim.fact {
        Some(fact) => format!("{} {fact}", words.t("voice-survey")),
        None if claim.origin.overlay => words.t("voice-own"),
        None => words.t("voice-public"),
    }
}

/// The sources of a claim by name, with the reference that the survey cites.
pub(crate) fn sources(words: &Words, catalog: &Catalog, claim: &Claim) -> String {
    let mut named: Vec<String> = claim
        .source
        .iter()
        .map(|id| {
            let source = catalog.get(sekisho_catalog::Class::Source, id);
            source.map_or_else(|| id.clone(), |source| words.pick(&source.name).to_owned())
        })
        .collect();
    if let Some(number) = claim.cites {
        named.push(format!("R{number:02}"));
    }
    named.join("; ")
}

/// What a problem is, and what to do about it.
pub(crate) fn problem(words: &Words, problem: &Problem) -> String {
    let say = |key: &str, args: &[(&str, String)]| {
        let args: Vec<_> = args.iter().map(|(name, value)| (*name, value.clone().into())).collect();
        words.f(&format!("problem-{key}"), &args)
    };
    match &problem.kind {
        ProblemKind::Unreadable { cause } => say("unreadable", &[("cause", cause.clone())]),
        ProblemKind::TooLong { bytes_max } => say("too-long", &[("max", bytes_max.to_string())]),
        ProblemKind::Syntax { message } => say("syntax", &[("message", message.clone())]),
        ProblemKind::UnknownKey { key } => say("unknown-key", &[("key", key.clone())]),
        ProblemKind::MissingKey { key } => say("missing-key", &[("key", key.clone())]),
        ProblemKind::WrongType { key, expected, found } => say(
            "wrong-type",
            &[("key", key.clone()), ("expected", (*expected).to_owned()), ("found", found.clone())],
        ),
        ProblemKind::NotOneOf { key, found, allowed } => {
            say("not-one-of", &[("key", key.clone()), ("found", found.clone()), ("allowed", allowed.clone())])
        }
        ProblemKind::UnknownClass { folder } => say("unknown-class", &[("folder", folder.clone())]),
        ProblemKind::IdDiffersFromFile { id } => say("id-differs", &[("id", id.clone())]),
        ProblemKind::Duplicate { what, id, first } => {
            say("duplicate", &[("what", (*what).to_owned()), ("id", id.clone()), ("first", first.clone())])
        }
        ProblemKind::NoSuchEntry { what, id } => {
            say("no-such-entry", &[("what", (*what).to_owned()), ("id", id.clone())])
        }
        ProblemKind::UndefinedField { field, class } => {
            say("undefined-field", &[("field", field.clone()), ("class", (*class).to_owned())])
        }
        ProblemKind::NoSource { field } => say("no-source", &[("field", field.clone())]),
        ProblemKind::ScoreTagMissing { field } => say("score-tag", &[("field", field.clone())]),
        ProblemKind::PriceTagMissing { field } => say("price-tag", &[("field", field.clone())]),
        ProblemKind::DateKindMissing { field } => say("date-kind", &[("field", field.clone())]),
        ProblemKind::UnitMissing { field } => say("unit", &[("field", field.clone())]),
        ProblemKind::BadDate { found } => say("bad-date", &[("found", found.clone())]),
        ProblemKind::OutsideScale { value, scale } => {
            say("outside-scale", &[("value", value.clone()), ("scale", scale.clone())])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::parameters;

    #[test]
    fn parameters_read_as_the_field_writes_them() {
        let cases = [
            (160_000_000, "160M"),
            (7_315_132_416, "7.32B"),
            (30_000_000_000, "30B"),
            (464_735_444_992, "464.7B"),
        ];
        for (count, expected) in cases {
            assert_eq!(parameters(count), expected);
        }
    }
}
