//! Everything goes through `Requirements::parse` and `choose`, as a person's file does.

mod analytic;
mod decisions;
mod properties;
mod reading;
mod samples;

use super::{Candidate, Decision, Observation, Observed, ObservedValue, Requirements, choose};

const HEAD: &str = "version = 1
title = '試験'
organisation = '関野市'
date = 2026-04-01
author = '情報政策課'
fictional = true
";

/// Reads a file of which only the interesting part is given, and insists that nothing is wrong with it.
fn read(body: &str) -> Requirements {
    let (requirements, problems) = Requirements::parse(&format!("{HEAD}{body}"));
    assert_eq!(problems, []);
    requirements
}

/// A criterion on a number whose admissible range is 0 to 1, so that a value is its own worth.
fn unit_criterion(id: &str, field: &str, weight: &str) -> String {
    format!(
        "[[criterion]]
        id = '{id}'
        axis = 'performance'
        field = '{field}'
        goal = 'max'
        range = {{ low = 0, high = 1 }}
        {weight}
        why = '試験'\n"
    )
}

fn number(value: f64) -> Observation {
    Observation::Number(value)
}

fn codes(codes: &[&str]) -> Observation {
    Observation::Codes(codes.iter().map(|code| (*code).to_owned()).collect())
}

fn observed(values: Vec<Observation>) -> Observed {
    let claim =
        |value| ObservedValue { value, status: "not_checked".to_owned(), sources: vec!["試験".to_owned()] };
    Observed { values: values.into_iter().map(claim).collect() }
}

/// A candidate of whom each named field has these claims.
fn candidate(id: &str, fields: &[(&str, Vec<Observation>)]) -> Candidate {
    let observations =
        fields.iter().map(|(field, values)| ((*field).to_owned(), observed(values.clone()))).collect();
    Candidate { id: id.to_owned(), name: id.to_uppercase(), observations, scores: Vec::new() }
}

fn decide(requirements: &Requirements, candidates: &[Candidate]) -> Decision {
    choose(requirements, candidates).expect("the test is meant to decide")
}

fn ranked<'d>(decision: &'d Decision, id: &str) -> &'d super::Ranked {
    decision.ranking.iter().find(|ranked| ranked.candidate == id).expect("the candidate remains")
}

#[track_caller]
fn close(found: f64, expected: f64, tolerance: f64) {
    assert!((found - expected).abs() <= tolerance, "{found} is not {expected} within {tolerance}");
}
