//! Values as people write them: units, groups of digits, money, the language of a text.

use sekisho_base::Yen;
use sekisho_catalog::{Claim, PartialDate, UNDISCLOSED, Value};

use crate::words::{Lang, Words};

/// A value with its unit, and whether the text only exists in Japanese on a page in another language.
pub(super) fn shown(words: &Words, claim: &Claim) -> (String, bool) {
    let english = claim.value_en.as_deref().filter(|_| words.lang == Lang::En);
    let bare = match &claim.value {
        Value::Undisclosed(_) => return (words.t("undisclosed"), false),
        Value::Integer(number) if is_parameters(claim) => parameters(*number as f64),
        Value::Integer(number) => grouped_whole(*number),
        Value::Number(number) => grouped(*number),
        Value::Text(value) => english.unwrap_or(value).to_owned(),
    };
    let whole = match claim.unit.as_deref() {
        Some(unit) if claim.value.as_f64().is_some() && !is_parameters(claim) => {
            with_unit(words, claim, unit, &bare)
        }
        Some(unit) => with_word(words, &bare, unit),
        None => bare,
    };
    let foreign = is_foreign(words, &whole);
    (whole, foreign)
}

/// What a source adds to 未指定 in brackets.
pub(super) fn remark(words: &Words, claim: &Claim) -> Option<String> {
    let Value::Undisclosed(remark) = &claim.value else { return None };
    let remark = match (words.lang, &claim.value_en) {
        (Lang::En, Some(english)) => {
            let rest = english.trim_start_matches("undisclosed").trim();
            rest.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).unwrap_or(rest)
        }
        _ => remark.as_deref()?,
    };
    let open = !remark.is_empty() && !is_foreign(words, remark);
    open.then(|| format!("{}{remark}{}", words.t("html-open"), words.t("html-close")))
}

fn is_parameters(claim: &Claim) -> bool {
    matches!(claim.field.as_str(), "params_total" | "params_active") && claim.unit.is_none()
}

/// A number of parameters as the field writes it: `160M`, `6.8B`, `465B`.
fn parameters(count: f64) -> String {
    let (scaled, letter) = if count < 1e9 { (count / 1e6, 'M') } else { (count / 1e9, 'B') };
    let digits: usize = if scaled >= 100.0 {
        0
    } else if scaled >= 10.0 {
        1
    } else {
        2
    };
    let shown = format!("{scaled:.digits$}");
    let shown = if shown.contains('.') { shown.trim_end_matches('0').trim_end_matches('.') } else { &shown };
    format!("{shown}{letter}")
}

/// Digits in groups of three.
pub(super) fn grouped(number: f64) -> String {
    if number.fract() == 0.0 && number.abs() < 1e15 {
        return grouped_whole(number as i64);
    }
    number.to_string()
}

fn grouped_whole(number: i64) -> String {
    // Years and other four-digit identifiers do not pass here: they are texts in the data.
    Yen(number).to_string()
}

/// Dollars with at least two decimals.
pub(super) fn dollars(amount: f64) -> String {
    let cents = (amount * 100.0).round() / 100.0;
    if (cents - amount).abs() < 1e-9 { format!("${amount:.2}") } else { format!("${amount}") }
}

/// Yen as offices write them: `500万円`, `1億円`; in English `¥5,000,000`.
pub(super) fn yen(words: &Words, amount: f64) -> String {
    let exact = Yen::from_f64(amount);
    match (words.lang, exact.0) {
        (Lang::Ja, whole) if whole > 0 && whole % 100_000_000 == 0 => {
            format!("{}億円", Yen(whole / 100_000_000))
        }
        (Lang::Ja, whole) if whole > 0 && whole % 10_000 == 0 => format!("{}万円", Yen(whole / 10_000)),
        (Lang::Ja, _) => format!("{exact}円"),
        (Lang::En, _) => format!("¥{exact}"),
    }
}

fn with_unit(words: &Words, claim: &Claim, unit: &str, bare: &str) -> String {
    let number = claim.value.as_f64().unwrap_or_default();
    match unit {
        "USD/1M tokens" => dollars(number),
        "JPY" => yen(words, number),
        "億 params" if words.lang == Lang::En => parameters(number * 1e8),
        "year" => number.to_string(),
        // A score keeps the decimals that it was published with: 76.0 is not 76.
        "score" if number.fract() == 0.0 => format!("{number:.1}"),
        _ => with_word(words, bare, unit),
    }
}

fn with_word(words: &Words, bare: &str, unit: &str) -> String {
    let (over, bare) = bare.strip_prefix('>').map_or((false, bare), |rest| (true, rest));
    let whole = match unit_key(unit) {
        Some(key) => words.f(key, &[("value", bare.to_owned().into())]),
        None => format!("{bare} {unit}"),
    };
    if over { words.f("report-over", &[("value", whole.into())]) } else { whole }
}

/// The message that puts a unit behind a value. Units that say nothing more than their value have an empty one.
fn unit_key(unit: &str) -> Option<&'static str> {
    Some(match unit {
        "%" => "report-unit-percent",
        "% of opinions" => "report-unit-percent-opinions",
        "B params" => "report-unit-billion",
        "億 params" => "report-unit-oku",
        "GB" => "report-unit-gb",
        "GPU" => "report-unit-gpu",
        "JPY/10k tokens" => "report-unit-jpy-10k",
        "USD/1M tokens" => "report-unit-usd-1m",
        "JPY" => "report-unit-jpy",
        "bit" => "report-unit-bit",
        "characters" | "文字" => "report-unit-characters",
        "件" => "report-unit-cases",
        "人" => "report-unit-people",
        "分" => "report-unit-minutes",
        "kinds" => "report-unit-kinds",
        "types" => "report-unit-types",
        "points" => "report-unit-points",
        "x" => "report-unit-times",
        "date" | "month" | "year" | "fiscal year" | "ratio" | "share" | "score" => "report-unit-none",
        _ => return None,
    })
}

/// The name of a unit by itself, for columns.
pub(super) fn unit_name(words: &Words, unit: &str) -> String {
    match unit_key(unit) {
        Some("report-unit-none") => {
            let key = format!("report-unit-name-{}", unit.replace(' ', "-"));
            words.t(&key)
        }
        Some(key) => words.f(key, &[("value", String::new().into())]).trim().to_owned(),
        None => unit.to_owned(),
    }
}

/// A scale in the language of the page, where it is one of the phrases that the data uses.
pub(super) fn scale_name(words: &Words, scale: &str) -> String {
    let key = match scale {
        "full marks not stated" => "report-scale-full-marks",
        "prompt <200k" => "report-scale-prompt-200k",
        "since 2023-11" => "report-scale-since-2023-11",
        "1-10 range" => "report-scale-range",
        _ => return scale.trim_matches('\'').replace("', ", "、"),
    };
    words.t(key)
}

/// A tier of a price.
pub(super) fn tier_name(words: &Words, tier: &str) -> String {
    if tier == UNDISCLOSED {
        return words.t("undisclosed");
    }
    let key = format!("report-tier-{tier}");
    if words.has(&key) { words.t(&key) } else { tier.to_owned() }
}

/// A date in the language of the page.
pub(super) fn date(words: &Words, date: PartialDate) -> String {
    let part = |number: Option<u8>| number.map(|number| number.to_string()).unwrap_or_default();
    let month = match (words.lang, date.month) {
        (Lang::En, Some(month)) => words.t(&format!("report-month-{month}")),
        (_, month) => part(month),
    };
    let args =
        [("year", date.year.to_string().into()), ("month", month.into()), ("day", part(date.day).into())];
    words.f(
        match (date.month, date.day) {
            (None, _) => "report-date-year",
            (Some(_), None) => "report-date-month",
            (Some(_), Some(_)) => "report-date-day",
        },
        &args,
    )
}

/// Whether a text holds Japanese letters on a page in another language.
pub(super) fn is_foreign(words: &Words, text: &str) -> bool {
    words.lang != Lang::Ja && is_japanese(text)
}

/// Whether a text holds Japanese letters.
pub(super) fn is_japanese(text: &str) -> bool {
    text.chars().any(|c| matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '々'))
}

#[cfg(test)]
mod tests {
    use super::{dollars, grouped, parameters, yen};
    use crate::words::{Lang, Words};

    #[test]
    fn writes_numbers_as_people_do() {
        assert_eq!(parameters(6_800_000_000.0), "6.8B");
        assert_eq!(parameters(160_000_000.0), "160M");
        assert_eq!(parameters(30_000_000_000.0), "30B");
        assert_eq!(parameters(100_000_000_000.0), "100B");
        assert_eq!(parameters(1_407_538_944.0), "1.41B");
        assert_eq!(parameters(70_130_081_792.0), "70.1B");
        assert_eq!(dollars(2.5), "$2.50");
        assert_eq!(dollars(0.175), "$0.175");
        assert_eq!(grouped(131_072.0), "131,072");
        assert_eq!(grouped(93.75), "93.75");
        let words = Words::new(Lang::Ja);
        assert_eq!(yen(&words, 5e6), "500万円");
        assert_eq!(yen(&words, 1e8), "1億円");
        assert_eq!(yen(&words, 9e7), "9,000万円");
        assert_eq!(yen(&Words::new(Lang::En), 5e6), "¥5,000,000");
    }
}
