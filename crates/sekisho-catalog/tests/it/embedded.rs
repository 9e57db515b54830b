//! The data that travels inside the binary.

use std::collections::BTreeSet;

use sekisho_catalog::{Catalog, Class, FactId, Kind, Status, Value};
use serde_json::Value as Json;

/// The survey's facts were numbered F001 to F428 without a gap.
const FACTS: u16 = 428;
/// Footnotes of the survey.
const REFERENCES: u8 = 87;

fn catalog() -> Catalog {
    let (catalog, problems) = Catalog::load(None);
    let shown: Vec<_> = problems
        .iter()
        .map(|problem| format!("{}:{} {:?}", problem.file, problem.line, problem.kind))
        .collect();
    assert!(shown.is_empty(), "{} problems\n{}", shown.len(), shown.join("\n"));
    catalog
}

/// Rows of a survey file beside the checkout, or nothing, said aloud.
fn shared(file: &str) -> Option<Vec<Json>> {
    let path = format!("{}/../../../shared/report/{file}", env!("CARGO_MANIFEST_DIR"));
    match std::fs::read_to_string(&path) {
        Ok(text) => Some(text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()),
        Err(_) => {
            println!("skipped: {path} is not here; checking the committed numbers only");
            None
        }
    }
}

#[test]
fn every_fact_number_leads_to_one_claim() {
    let catalog = catalog();
    for number in 1..=FACTS {
        let (_, claim) = catalog.fact(FactId(number)).unwrap_or_else(|| panic!("F{number:03} is missing"));
        assert!(claim.line.is_some() && !claim.source.is_empty());
    }
    assert!(catalog.fact(FactId(FACTS + 1)).is_none());
}

#[test]
fn every_reference_leads_to_a_source_with_an_address() {
    let catalog = catalog();
    for number in 1..=REFERENCES {
        let (source, _) =
            catalog.reference(number).unwrap_or_else(|| panic!("reference {number} is missing"));
        assert!(source.url.as_deref().is_some_and(|url| url.starts_with("https://")));
    }
    let Some(rows) = shared("refs.jsonl") else { return };
    assert_eq!(rows.len(), usize::from(REFERENCES));
    for row in rows {
        let (source, reference) = catalog.reference(row["ref"].as_u64().unwrap() as u8).unwrap();
        assert_eq!(source.url.as_deref(), row["url"].as_str());
        assert_eq!(u64::from(reference.line), row["report_line"].as_u64().unwrap());
        assert_eq!(reference.on_entity.as_ref().map(|note| note.entity.as_str()), row["entity"].as_str());
        assert_eq!(reference.mismatch.is_some(), row["mismatch"] != "");
    }
}

#[test]
fn facts_stand_as_the_survey_printed_them() {
    let catalog = catalog();
    let Some(rows) = shared("facts.jsonl") else { return };
    assert_eq!(rows.len(), usize::from(FACTS));
    for row in rows {
        let id = FactId::parse(row["id"].as_str().unwrap()).unwrap();
        let (_, claim) = catalog.fact(id).unwrap();
        let same = match &claim.value {
            Value::Integer(_) | Value::Number(_) => claim.value.as_f64() == row["value"].as_f64(),
            Value::Text(text) => Some(text.as_str()) == row["value"].as_str(),
            Value::Undisclosed(_) => {
                row["value"].as_str().is_some_and(|printed| printed.starts_with("未指定"))
            }
        };
        assert!(same, "{id}: {} is not {}", claim.value, row["value"]);
        let text = |key: &str| row[key].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        assert_eq!(claim.unit, text("unit"), "{id}");
        assert_eq!(claim.scale, text("scale"), "{id}");
        assert_eq!(claim.as_of, text("as_of"), "{id}");
        assert_eq!(claim.cites.map(|number| number.to_string()), text("cited_ref"), "{id}");
        assert_eq!(claim.line.map(u64::from), row["report_line"].as_u64(), "{id}");
        check_words(id, claim.kind, &claim.status, &row);
    }
}

/// Our kinds and statuses say the same as the survey's check, or more.
fn check_words(id: FactId, kind: Kind, status: &[Status], row: &Json) {
    let (printed, check) = (row["kind"].as_str().unwrap(), row["check"].as_str().unwrap());
    assert!(
        kind.word() == printed || (kind == Kind::VendorEstimate && printed == "estimate"),
        "{id}: {} is not {printed}",
        kind.word()
    );
    let expected: &[Status] = match check {
        "conflict_known" => &[Status::Conflict],
        "conflict_and_citation_mismatch" => &[Status::Conflict, Status::CitationMismatch],
        "internal_consistent" => &[Status::NotChecked],
        "incomplete" | "exception" => &[Status::Refinable],
        "trap" => &[Status::ScaleTrap],
        "ambiguous" | "inference" => &[Status::NotVerifiable],
        "out_of_order" => &[Status::InternalInconsistency],
        word => &[Status::parse(word).unwrap_or_else(|| panic!("{id}: unknown check {word}"))],
    };
    assert_eq!(status, expected, "{id}");
}

#[test]
fn every_conflict_shows_the_other_side() {
    let catalog = catalog();
    let answered: BTreeSet<FactId> =
        catalog.claims().flat_map(|(_, claim)| claim.against.iter().copied()).collect();
    for (entity, claim) in catalog.claims() {
        let Some(fact) = claim.fact else { continue };
        if claim.status.contains(&Status::Conflict) {
            assert!(answered.contains(&fact), "{fact} of {} has no second claim", entity.id);
            let other = entity.claims_on(&claim.field).find(|other| other.against.contains(&fact));
            assert!(other.is_some_and(|other| !other.is_survey()), "{fact}: not side by side");
        }
    }
}

#[test]
fn every_model_stands_with_its_shape() {
    let catalog = catalog();
    assert_eq!(catalog.of(Class::Model).count(), 66);
    let Some(rows) = shared("models.jsonl") else { return };
    assert_eq!(rows.len(), 66);
    for row in rows {
        let id = row["id"].as_str().unwrap();
        let model = catalog.get(Class::Model, id).unwrap_or_else(|| panic!("{id} is missing"));
        for (field, cell) in row.as_object().unwrap() {
            let Some(status) = cell.get("status").and_then(Json::as_str) else { continue };
            let claims: Vec<_> = model.claims_on(field).filter(|claim| !claim.is_survey()).collect();
            if status == "unknown" {
                assert!(claims.iter().all(|claim| !claim.value.is_known()), "{id} {field}: was 未指定");
            }
            if let Some(number) = cell["value"].as_f64() {
                assert!(
                    claims.iter().any(|claim| claim.value.as_f64() == Some(number)),
                    "{id} {field}: {number}"
                );
            }
        }
    }
}

#[test]
fn gpus_carry_the_figures_of_the_table() {
    let catalog = catalog();
    let Some(rows) = shared("gpus.jsonl") else { return };
    assert_eq!(catalog.of(Class::Gpu).count(), rows.len());
    for row in rows {
        let name = row["name"].as_str().unwrap();
        let gpu = catalog.of(Class::Gpu).find(|gpu| gpu.name.en == name).unwrap();
        for field in ["memory_gb", "bandwidth_gb_s", "dense_bf16_tflops", "dense_fp8_tflops", "tdp_w"] {
            assert_eq!(gpu.number(field).value(), row[field].as_f64(), "{name} {field}");
        }
    }
}
