//! What must hold between entries, beyond what one file can tell.

use std::collections::BTreeMap;

use crate::{
    Catalog,
    claim::{Claim, FactId, Value},
    date::PartialDate,
    entity::{Class, Entity},
    field::{Field, FieldType},
    reader::{Problem, ProblemKind},
};

/// Notes every broken promise between entries.
pub(crate) fn check(catalog: &Catalog, problems: &mut Vec<Problem>) {
    let mut seen_facts = BTreeMap::new();
    let mut seen_references = BTreeMap::new();
    for entity in catalog.all() {
        check_relations(catalog, entity, problems);
        check_references(entity, &mut seen_references, problems);
        for claim in &entity.claims {
            check_fact(claim, &mut seen_facts, problems);
            let mut note = |kind| {
                problems.push(Problem { file: claim.origin.file.clone(), line: claim.origin.line, kind });
            };
            check_sources(catalog, claim, &mut note);
            match catalog.field(&claim.field).filter(|field| field.class.contains(&entity.class)) {
                Some(field) => check_value(catalog, field, claim, &mut note),
                None => note(ProblemKind::UndefinedField {
                    field: claim.field.clone(),
                    class: entity.class.word(),
                }),
            }
        }
    }
}

fn check_relations(catalog: &Catalog, entity: &Entity, problems: &mut Vec<Problem>) {
    let file = entity.claims.first().map_or_else(
        || format!("{}/{}.toml", entity.class.word(), entity.id),
        |claim| claim.origin.file.clone(),
    );
    for (relation, ids) in &entity.relations {
        let class = Class::parse(relation).expect("the reader knows relations by the names of classes");
        for id in ids.iter().filter(|id| catalog.get(class, id).is_none()) {
            let kind = ProblemKind::NoSuchEntry { what: class.word(), id: id.clone() };
            problems.push(Problem { file: file.clone(), line: 1, kind });
        }
    }
}

fn check_references(entity: &Entity, seen: &mut BTreeMap<u8, String>, problems: &mut Vec<Problem>) {
    for reference in &entity.references {
        if let Some(first) = seen.insert(reference.number, entity.id.clone()) {
            let kind = ProblemKind::Duplicate { what: "reference", id: reference.number.to_string(), first };
            problems.push(Problem { file: format!("source/{}.toml", entity.id), line: 1, kind });
        }
    }
}

fn check_sources(catalog: &Catalog, claim: &Claim, note: &mut impl FnMut(ProblemKind)) {
    if claim.source.is_empty() {
        note(ProblemKind::NoSource { field: claim.field.clone() });
    }
    for id in claim.source.iter().filter(|id| catalog.get(Class::Source, id).is_none()) {
        note(ProblemKind::NoSuchEntry { what: "source", id: id.clone() });
    }
    if let Some(number) = claim.cites
        && catalog.reference(number).is_none()
    {
        note(ProblemKind::NoSuchEntry { what: "reference", id: number.to_string() });
    }
}

fn check_fact<'a>(claim: &'a Claim, seen: &mut BTreeMap<FactId, &'a Claim>, problems: &mut Vec<Problem>) {
    let Some(fact) = claim.fact else { return };
    let Some(known) = seen.insert(fact, claim) else { return };
    // The organisation's file is the one to mend, whichever was read first.
    let (first, second) = if known.origin.overlay { (claim, known) } else { (known, claim) };
    let first = format!("{}:{}", first.origin.file, first.origin.line);
    let kind = ProblemKind::Duplicate { what: "fact", id: fact.to_string(), first };
    problems.push(Problem { file: second.origin.file.clone(), line: second.origin.line, kind });
}

fn check_value(catalog: &Catalog, field: &Field, claim: &Claim, note: &mut impl FnMut(ProblemKind)) {
    for code in claim.codes.iter().filter(|code| field.code_label(code).is_none()) {
        let allowed = field.codes.iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>().join(" ");
        note(ProblemKind::NotOneOf { key: "codes".to_owned(), found: code.clone(), allowed });
    }
    check_tags(catalog, field, claim, note);
    if claim.is_survey() || !claim.value.is_known() {
        return;
    }
    let right = match field.value_type {
        FieldType::Any | FieldType::Score => true,
        FieldType::Text | FieldType::Date => matches!(claim.value, Value::Text(_)),
        FieldType::Count => matches!(claim.value, Value::Integer(number) if number >= 0),
        FieldType::Number | FieldType::Price => claim.value.as_f64().is_some(),
    };
    if !right {
        let expected = match field.value_type {
            FieldType::Text => "string",
            FieldType::Date => "date as a string",
            FieldType::Count => "integer of at least 0",
            _ => "number",
        };
        let found = claim.value.to_string();
        note(ProblemKind::WrongType { key: "value".to_owned(), expected, found });
    }
    if claim.value.as_f64().is_some() && claim.unit.is_none() && field.unit.is_none() && claim.score.is_none()
    {
        note(ProblemKind::UnitMissing { field: claim.field.clone() });
    }
    if let (FieldType::Date, Value::Text(text)) = (field.value_type, &claim.value)
        && PartialDate::parse(text).is_none()
    {
        note(ProblemKind::BadDate { found: text.clone() });
    }
}

fn check_tags(catalog: &Catalog, field: &Field, claim: &Claim, note: &mut impl FnMut(ProblemKind)) {
    match field.value_type {
        FieldType::Score => match &claim.score {
            Some(tag) => {
                if catalog.get(Class::Benchmark, &tag.benchmark).is_none() {
                    note(ProblemKind::NoSuchEntry { what: "benchmark", id: tag.benchmark.clone() });
                }
                check_scale(claim, note);
            }
            None => note(ProblemKind::ScoreTagMissing { field: claim.field.clone() }),
        },
        FieldType::Price if claim.price.is_none() && claim.value.is_known() => {
            note(ProblemKind::PriceTagMissing { field: claim.field.clone() });
        }
        FieldType::Date if claim.date_kind.is_none() && claim.value.is_known() => {
            note(ProblemKind::DateKindMissing { field: claim.field.clone() });
        }
        _ => {}
    }
}

fn check_scale(claim: &Claim, note: &mut impl FnMut(ProblemKind)) {
    let (Some(value), Some(scale)) = (claim.value.as_f64(), &claim.scale) else { return };
    let Some((low, high)) = scale.split_once('-') else { return };
    let (Ok(low), Ok(high)) = (low.parse::<f64>(), high.parse::<f64>()) else { return };
    if value < low || value > high {
        note(ProblemKind::OutsideScale { value: claim.value.to_string(), scale: scale.clone() });
    }
}
