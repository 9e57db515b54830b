//! Every model of the catalog in the terms in which requirements ask.

use std::collections::BTreeMap;

use sekisho_base::Known;

use super::{
    choose::{Benchmark, Candidate, Observation, Observed, ObservedValue, Score},
    cost::{Assumptions, Key, Preset},
    size::{
        fit::{Engine, Gpu, Sizing, Verdict, Workload, place},
        kv::KvType,
        quant::Quant,
        shape::Shape,
    },
    subject,
};
use crate::{Catalog, Claim, Class, Entity, PartialDate, UNDISCLOSED, Value};

/// The work that `min_gpus_48gb` is counted for: four sequences of 8k tokens at 4-bit-class weights.
const REFERENCE_CONTEXT_TOKENS: u32 = 8_192;
const REFERENCE_CONCURRENCY: u32 = 4;
/// Sectors that count as public.
const PUBLIC_SECTORS: &[&str] = &["local_government", "central_government"];
/// Source of what this program computes.
const DERIVATION: &str = "derivation";

/// Every model that may be chosen: those that stand in the catalog for comparison only are left out.
pub fn of(catalog: &Catalog) -> Vec<Candidate> {
    let known = subject::known_shapes(catalog);
    let card = subject::gpus(catalog).into_iter().find(|gpu| gpu.memory.to_gb() == 48.0);
    let rate = Assumptions::preset(Preset::Default).get(Key::YenPerUsd).amount;
    let yen_per_dollar = rate.map(|range| range.value);
    catalog
        .of(Class::Model)
        .filter(|model| !model.comparison)
        .map(|model| {
            let mut observations = BTreeMap::new();
            let mut note = |name: &str, values: Vec<ObservedValue>| {
                if !values.is_empty() {
                    observations.insert(name.to_owned(), Observed { values });
                }
            };
            for (name, field) in
                [("access", "access"), ("commercial_use", "commercial_use"), ("licence_kind", "licence")]
            {
                note(name, codes(model, field));
            }
            note("origin", codes(model, "origin"));
            note("official_gguf", codes(model, "official_gguf"));
            for field in ["params_total", "params_active", "context"] {
                note(field, count(model, field));
            }
            note("release_year", release_year(model));
            note("base_model_disclosed", base_model(model));
            sizes(model, &known, card.as_ref(), &mut note);
            adoptions(catalog, model, &mut note);
            prices(catalog, model, yen_per_dollar, &mut note);
            Candidate {
                id: model.id.clone(),
                name: model.name.ja.clone(),
                observations,
                scores: scores(model),
            }
        })
        .collect()
}

fn observed(value: Observation, claim: &Claim) -> ObservedValue {
    let status = claim.status.iter().map(|status| status.word()).collect::<Vec<_>>().join(" ");
    ObservedValue { value, status, sources: claim.source.clone() }
}

fn computed(value: Observation) -> ObservedValue {
    ObservedValue { value, status: "not_checked".to_owned(), sources: vec![DERIVATION.to_owned()] }
}

/// What the public record says; the survey only where the record is silent: an old 未指定 is no news, and where the two
/// really disagree the survey's claim is marked as a conflict and stays out of the computation, not out of sight.
fn claims<'a>(model: &'a Entity, field: &'a str) -> Vec<&'a Claim> {
    let usable = |claim: &&Claim| claim.value.is_known() && !claim.status.contains(&crate::Status::Conflict);
    let all: Vec<&Claim> = model.claims_on(field).filter(usable).collect();
    let record: Vec<&Claim> = all.iter().copied().filter(|claim| !claim.is_survey()).collect();
    if record.is_empty() { all } else { record }
}

fn codes(model: &Entity, field: &str) -> Vec<ObservedValue> {
    let mut seen = Vec::new();
    claims(model, field)
        .into_iter()
        // Terms of its own are none of the kinds that requirements can ask for: a person must read them.
        .filter(|claim| !claim.codes.is_empty() && !claim.codes.iter().any(|code| code == "custom_terms"))
        .filter(|claim| {
            let new = !seen.contains(&claim.codes);
            seen.push(claim.codes.clone());
            new
        })
        .map(|claim| observed(Observation::Codes(claim.codes.clone()), claim))
        .collect()
}

fn count(model: &Entity, field: &str) -> Vec<ObservedValue> {
    let number = |claim: &&Claim| matches!(claim.value, Value::Integer(_));
    let mut values = Vec::new();
    for claim in claims(model, field).into_iter().filter(number) {
        let value = Observation::Number(claim.value.as_f64().unwrap_or_default());
        if !values.iter().any(|known: &ObservedValue| known.value == value) {
            values.push(observed(value, claim));
        }
    }
    values
}

/// The first year in which the model could be had or was announced.
fn release_year(model: &Entity) -> Vec<ObservedValue> {
    let dated = claims(model, "release_date").into_iter().filter_map(|claim| {
        let year = PartialDate::parse(&claim.value.to_string())?.year;
        Some((year, claim))
    });
    let first = dated.min_by_key(|(year, _)| *year);
    first.map(|(year, claim)| observed(Observation::Number(f64::from(year)), claim)).into_iter().collect()
}

/// A base model is disclosed when it is named, or when the model is said to be trained from scratch.
fn base_model(model: &Entity) -> Vec<ObservedValue> {
    let yes = |claim: &Claim| observed(Observation::Codes(vec!["yes".to_owned()]), claim);
    if let Some(claim) =
        claims(model, "base_model").into_iter().find(|claim| claim.kind != crate::Kind::Estimate)
    {
        return vec![yes(claim)];
    }
    let scratch = |claim: &&Claim| claim.codes.iter().any(|code| code == "domestic_scratch");
    claims(model, "origin").into_iter().find(scratch).map(yes).into_iter().collect()
}

fn sizes(
    model: &Entity,
    known: &[(String, Shape)],
    card: Option<&Gpu>,
    note: &mut impl FnMut(&str, Vec<ObservedValue>),
) {
    let subject = subject::of_model(model);
    let workload = |id: &str| {
        let quant = Quant::parse(id).expect("the quantisation stands in the table");
        Workload {
            quant,
            kv_type: KvType::F16,
            context_tokens: REFERENCE_CONTEXT_TOKENS,
            concurrency: REFERENCE_CONCURRENCY,
            engine: Engine::usual_for(quant),
        }
    };
    // A bound is no more exact than its first decimal.
    let tenths = |number: f64| (number * 10.0).round() / 10.0;
    let between = |low: f64, high: f64| {
        let (low, high) = (tenths(low), tenths(high));
        computed(if low == high { Observation::Number(high) } else { Observation::Range(low, high) })
    };
    if let Ok(sizing) = Sizing::of(&subject, workload("INT8"), known) {
        note("weights_gb_8bit", vec![between(sizing.weights.low.to_gb(), sizing.weights.high.to_gb())]);
    }
    let Ok(sizing) = Sizing::of(&subject, workload("Q4_K_M"), known) else { return };
    note("weights_gb_q4", vec![between(sizing.weights.low.to_gb(), sizing.weights.high.to_gb())]);
    let Some(card) = card else { return };
    let fit = place(&sizing, card);
    let (Known::Value(low), true) = (fit.count_low, fit.verdict != Verdict::DoesNotFit) else { return };
    if fit.verdict == Verdict::Fits {
        note("min_gpus_48gb", vec![between(f64::from(low), f64::from(fit.count))]);
    }
}

/// Public announcements that the catalog knows. None is a published count of none, not an unknown.
fn adoptions(catalog: &Catalog, model: &Entity, note: &mut impl FnMut(&str, Vec<ObservedValue>)) {
    let of_it = |adoption: &&Entity| {
        let series = model.related("series");
        adoption.related("model").contains(&model.id)
            || adoption.related("series").iter().any(|id| series.contains(id))
    };
    let all: Vec<&Entity> = catalog.of(Class::Adoption).filter(of_it).collect();
    let public = |adoption: &&&Entity| {
        adoption.codes("sector").iter().any(|code| PUBLIC_SECTORS.contains(&code.as_str()))
    };
    let number = |count: usize| vec![computed(Observation::Number(count as f64))];
    note("adoptions_public", number(all.len()));
    note("adoptions_public_sector", number(all.iter().filter(public).count()));
}

fn prices(
    catalog: &Catalog,
    model: &Entity,
    yen_per_dollar: Known<f64>,
    note: &mut impl FnMut(&str, Vec<ObservedValue>),
) {
    let fields = [("input_price", "input_price_jpy_per_mtok"), ("output_price", "output_price_jpy_per_mtok")];
    for (field, name) in fields {
        let offers = catalog.of(Class::Price).filter(|offer| offer.related("model").contains(&model.id));
        let stated = offers.flat_map(|offer| claims(offer, field)).filter_map(|claim| {
            let amount = subject::price_claim(claim)?.per_million().value()?;
            let yen = match claim.price.as_ref()?.currency.as_str() {
                "JPY" => amount,
                "USD" => amount * yen_per_dollar.value()?,
                _ => return None,
            };
            Some(observed(Observation::Number(yen), claim))
        });
        note(name, stated.collect());
    }
}

fn scores(model: &Entity) -> Vec<Score> {
    let mut scores: Vec<Score> = Vec::new();
    for claim in &model.claims {
        let (Some(tag), Some(value)) = (&claim.score, claim.value.as_f64()) else { continue };
        let word =
            |text: &String| if text == UNDISCLOSED { Known::Undisclosed } else { Known::Value(text.clone()) };
        let benchmark = Benchmark {
            benchmark: tag.benchmark.clone(),
            part: word(&tag.part),
            scale: claim.scale.clone().unwrap_or_else(|| UNDISCLOSED.to_owned()),
            version: word(&tag.version),
        };
        let value = observed(Observation::Number(value), claim);
        match scores.iter_mut().find(|score| score.benchmark == benchmark) {
            Some(score) if score.observed.values.iter().any(|known| known.value == value.value) => {}
            Some(score) => score.observed.values.push(value),
            None => scores.push(Score { benchmark, observed: Observed { values: vec![value] } }),
        }
    }
    scores
}
