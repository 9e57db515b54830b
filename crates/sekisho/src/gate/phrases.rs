//! What clients read: a sentence for every code that they can see, in both languages.

use fluent_bundle::FluentValue;
use sekisho_base::{Code, Coded};
use sekisho_llm::{Error, Invalid, Refusal};
use sekisho_serve::http::{self, Phrases as Wording};
use serde_json::Value;

use crate::words::{Lang, Words};

/// The words for answers. Built once, since a request has no time to read them.
pub(crate) struct Phrases {
    ja: Words,
    en: Words,
}

impl Phrases {
    pub(crate) fn new() -> Self {
        Self { ja: Words::new(Lang::Ja), en: Words::new(Lang::En) }
    }
}

impl Wording for Phrases {
    fn of_error(&self, error: &Error, lang: http::Lang) -> String {
        let words = match lang {
            http::Lang::Ja => &self.ja,
            http::Lang::En => &self.en,
        };
        sentence(error, words)
    }
}

/// The sentence of an error.
pub(crate) fn sentence(error: &Error, words: &Words) -> String {
    let text = |name: &'static str, text: &str| vec![(name, FluentValue::from(text.to_owned()))];
    match error {
        Error::Invalid { param, problem } => invalid(param, problem, words),
        Error::NoSuchModel { model } => words.f("gate-error-sk0506", &text("model", model)),
        Error::Unsupported { what, .. } => words.f("gate-error-sk0512", &text("what", what)),
        Error::Refused(refusal) => refused(refusal, words),
        Error::Status { status: status @ (400 | 404 | 413 | 422 | 429), .. } => {
            words.f(&format!("gate-error-sk0601-{status}"), &[])
        }
        Error::Status { status, .. } => words.f("gate-error-sk0601", &text("status", &status.to_string())),
        Error::TimedOut { phase, .. } => words.f("gate-error-sk0603", &text("phase", &phase.to_string())),
        Error::Unreachable { .. } | Error::Unavailable { .. } | Error::Malformed { .. } => {
            words.t(&key(error.code()))
        }
    }
}

fn key(code: Code) -> String {
    format!("gate-error-{}", code.to_string().to_ascii_lowercase())
}

fn invalid(param: &str, problem: &Invalid, words: &Words) -> String {
    let value = |text: &str| FluentValue::from(text.to_owned());
    let what = match problem {
        Invalid::Json { detail } => words.f("gate-invalid-json", &[("detail", value(detail))]),
        Invalid::Type { detail } => words.f("gate-invalid-type", &[("detail", value(detail))]),
        Invalid::Range { min, max } => {
            let number = |number: &f64| value(&number.to_string());
            words.f("gate-invalid-range", &[("min", number(min)), ("max", number(max))])
        }
        Invalid::TooMany { max } => words.f("gate-invalid-too-many", &[("max", value(&max.to_string()))]),
        Invalid::Empty => words.t("gate-invalid-empty"),
        Invalid::Value { allowed: [] } => words.t("gate-invalid-unknown"),
        Invalid::Value { allowed } => {
            words.f("gate-invalid-value", &[("allowed", value(&allowed.join(", ")))])
        }
        Invalid::Conflict { with } => words.f("gate-invalid-conflict", &[("with", value(with))]),
    };
    if param.is_empty() {
        return words.f("gate-error-sk0501-body", &[("what", what.into())]);
    }
    words.f("gate-error-sk0501", &[("param", value(param)), ("what", what.into())])
}

/// The sentence of a code, or a more exact one where the facts name a reason.
fn refused(refusal: &Refusal, words: &Words) -> String {
    let fact = |name: &str| refusal.facts.iter().find(|fact| fact.0 == name).map(|fact| &fact.1);
    let general = key(refusal.code);
    let exact = ["reason", "limit"]
        .iter()
        .filter_map(|name| fact(name)?.as_str())
        .map(|reason| format!("{general}-{}", reason.replace('_', "-")))
        .find(|key| words.has(key));
    // A refusal that no policy has made is one that no policy permits.
    let is_unpermitted = || {
        let policies = fact("policies")?.as_array()?;
        policies.is_empty().then(|| format!("{general}-policy-none")).filter(|key| words.has(key))
    };
    // With the rule that refused there is more to say than without.
    let ruled = || fact("rule").map(|_| format!("{general}-rule")).filter(|key| words.has(key));
    let chosen = is_unpermitted().or(exact).or_else(ruled);
    let chosen = match chosen {
        Some(chosen) => chosen,
        None if words.has(&general) => general,
        None => key(Code::Internal),
    };
    let plain = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Array(items) if items.iter().all(Value::is_string) => {
            items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    };
    let facts = refusal.facts.iter().map(|(name, value)| (name.replace('_', "-"), plain(value)));
    let mut args: Vec<(String, String)> = facts.collect();
    let wait = refusal.retry_after.map_or(1.0, |wait| wait.as_secs_f64().ceil().max(1.0));
    args.push(("retry-after".to_owned(), wait.to_string()));
    let why = if words.lang == Lang::Ja { "why_ja" } else { "why_en" };
    let why = fact(why).map(plain).unwrap_or_default();
    args.push(("why".to_owned(), why));
    let args: Vec<_> = args.iter().map(|(name, value)| (name.as_str(), value.clone().into())).collect();
    words.f(&chosen, &args).trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use sekisho_base::Code;
    use sekisho_llm::{Error, Invalid, Phase, Refusal};
    use sekisho_serve::http::{Lang, Phrases as _};
    use serde_json::json;

    use super::Phrases;
    use crate::words::Words;

    /// What a client of the gate can be answered with.
    const SEEN: &[Code] = &[
        Code::Internal,
        Code::GuardRefused,
        Code::LogDamaged,
        Code::LogStopped,
        Code::LogFull,
        Code::KeysUnusable,
        Code::RecordInvalid,
        Code::LogBusy,
        Code::RequestInvalid,
        Code::NoSuchPath,
        Code::RequestTooLarge,
        Code::Unauthenticated,
        Code::Forbidden,
        Code::NoSuchModel,
        Code::NoRoute,
        Code::LabelTooLow,
        Code::RateLimited,
        Code::BudgetExceeded,
        Code::TemplateUnusable,
        Code::Unsupported,
        Code::NotReady,
        Code::ClientGone,
        Code::NotEnrolled,
        Code::IssuerUnavailable,
        Code::UpstreamFailed,
        Code::UpstreamUnavailable,
        Code::UpstreamTimeout,
        Code::UpstreamMalformed,
        Code::StoreUnusable,
    ];

    fn words() -> [Words; 2] {
        [Words::new(crate::words::Lang::Ja), Words::new(crate::words::Lang::En)]
    }

    #[test]
    fn every_code_that_a_client_sees_has_a_sentence_in_both_languages() {
        for words in words() {
            for code in SEEN {
                assert!(words.has(&super::key(*code)), "{}: {code}", words.lang);
            }
            // Whatever comes besides is told as a fault of ours, and not as a key.
            let other = Refusal::new(Code::SizeUndisclosed).into();
            assert_eq!(super::sentence(&other, &words), words.t(&super::key(Code::Internal)));
        }
        let every = Code::all().filter(|code| (500..700).contains(&code.number()));
        let apart = [Code::SettingsInvalid, Code::AccessInvalid];
        for code in every.filter(|code| !apart.contains(code)) {
            assert!(SEEN.contains(&code), "{code} is of the gate: clients see it");
        }
    }

    #[test]
    fn sentences_are_complete() {
        let provider = || "kokunai".to_owned();
        let refusal = |code| Refusal::new(code);
        let errors: Vec<Error> = vec![
            Error::Invalid { param: "n".into(), problem: Invalid::Range { min: 1.0, max: 8.0 } },
            Error::Invalid { param: String::new(), problem: Invalid::Json { detail: "line 1".into() } },
            Error::Invalid { param: "sekisho.label".into(), problem: Invalid::Value { allowed: &[] } },
            Error::NoSuchModel { model: "gpt".into() },
            Error::Unsupported { provider: provider(), what: "rerank".into() },
            Error::Status { provider: provider(), status: 500, message: "secret".into(), retry_after: None },
            Error::Status { provider: provider(), status: 413, message: "secret".into(), retry_after: None },
            Error::TimedOut { provider: provider(), phase: Phase::Idle },
            Error::Unreachable { provider: provider(), cause: "10.0.0.1".into(), was_sent: false },
            refusal(Code::RequestTooLarge).with("max_bytes", 10).into(),
            refusal(Code::GuardRefused).with("param", "messages[0]").with("rule", "my-number").into(),
            refusal(Code::GuardRefused).with("param", "messages[0]").with("reason", "too_long").into(),
            refusal(Code::Forbidden)
                .with("reason", "ceiling")
                .with("label", "3A")
                .with("ceiling", "2")
                .into(),
            refusal(Code::Forbidden)
                .with("reason", "policy")
                .with("policies", json!(["a", "b"]))
                .with("model", "m")
                .into(),
            refusal(Code::Forbidden)
                .with("reason", "policy")
                .with("policies", json!([]))
                .with("model", "m")
                .into(),
            refusal(Code::Forbidden).with("reason", "tenant").with("tenant", "somu").into(),
            refusal(Code::Forbidden).with("reason", "purpose_of_key").into(),
            refusal(Code::NoRoute).with("label", "3A").with("model", "kokunai").into(),
            refusal(Code::LabelTooLow).with("declared", "1").with("assigned", "2").into(),
            refusal(Code::TemplateUnusable).with("template", "要約@2").into(),
            refusal(Code::TemplateUnusable).with("template", "要約@2").with("reason", "malformed").into(),
            refusal(Code::BudgetExceeded).with("budget", "monthly tokens of p1").into(),
            refusal(Code::NotEnrolled)
                .with("reason", "name_taken")
                .with("subject", "0412")
                .with("issuer", "https://idp.example")
                .into(),
            Refusal {
                retry_after: Some(Duration::from_secs(30)),
                ..refusal(Code::IssuerUnavailable).with("reason", "no answer: 10.0.0.1")
            }
            .into(),
            Refusal {
                retry_after: Some(Duration::from_millis(2500)),
                ..refusal(Code::RateLimited).with("limit", "tokens_per_minute")
            }
            .into(),
        ];
        let phrases = Phrases::new();
        for error in &errors {
            for lang in [Lang::Ja, Lang::En] {
                let text = phrases.of_error(error, lang);
                assert!(!text.contains(['{', '$']) && !text.contains("gate-"), "{error:?}: {text}");
                // What an upstream says, and where it is, is for those who run it.
                assert!(!text.contains("secret") && !text.contains("10.0.0.1"), "{text}");
            }
        }
        let wait = phrases.of_error(&errors[errors.len() - 1], Lang::Ja);
        assert!(wait.contains("3 秒"), "{wait}");
    }
}
