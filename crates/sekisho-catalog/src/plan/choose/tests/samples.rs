//! The three sample files, on a small table of real models with what is published of them.

use std::{fmt::Write, fs, path::PathBuf};

use expect_test::{Expect, expect};

use super::{Candidate, Requirements, candidate, codes, decide, number, observed};
use crate::plan::choose::{Benchmark, Observation, Score};
use sekisho_base::Known;

fn sample(name: &str) -> Requirements {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../data/sample/requirements").join(name);
    let (requirements, problems) =
        Requirements::parse(&fs::read_to_string(path).expect("a sample is shipped"));
    assert_eq!(problems, [], "{name}");
    assert!(requirements.fictional, "{name}");
    requirements
}

/// `-` is undisclosed; several codes hold at once.
const COLUMNS: [&str; 13] = [
    "access",
    "commercial_use",
    "licence_kind",
    "params_total",
    "params_active",
    "context",
    "weights_gb_q4",
    "min_gpus_48gb",
    "origin",
    "base_model_disclosed",
    "release_year",
    "official_gguf",
    "vendor_support",
];

/// Facts as in `data/catalog/model`; weights at 4.9 bits per parameter.
const MODELS: &str = "
llm-jp-4-8b open_weights yes permissive 8.6e9 8.6e9 65536 5.3 1 domestic_scratch - 2026 yes -
llm-jp-4-32b-a3b open_weights yes permissive 32.1e9 - 65536 19.7 1 domestic_scratch - 2026 yes -
sarashina2.2-3b open_weights yes permissive 3.36e9 3.36e9 8192 2.1 1 domestic_scratch - 2025 - -
tanuki-8x8b open_weights yes permissive 47e9 - 4096 28.8 1 domestic_scratch - 2024 - -
rakutenai-7b open_weights yes permissive 7.37e9 7.37e9 32768 4.5 1 domestic_retrofit yes 2024 - -
open-calm-7b open_weights yes share_alike 6.8e9 6.8e9 2048 4.2 1 domestic_scratch - 2023 - -
plamo-2.1-8b-cpt open_weights conditional community 8e9 8e9 32768 4.9 1 domestic_scratch - 2025 - -
llm-jp-4-33b open_weights yes permissive 33e9 33e9 65536 20.2 1 domestic_scratch - 2026 yes -
plamo-api api,on_prem,marketplace - - - - - - - domestic_scratch - 2024 - yes
sarashina-460b - - - 460e9 - - 282 - domestic_scratch - - - -
sarashina2-mini-api api yes proprietary - - - - - domestic_scratch - 2025 - yes
plamo-100b open_weights no non_commercial 100e9 100e9 4096 61.3 2 domestic_scratch - 2024 - -
stockmark-2-100b open_weights yes permissive 100e9 100e9 4096 61.3 2 domestic_scratch - 2025 - -
tsuzumi-2 on_prem,private_cloud,marketplace yes proprietary 30e9 30e9 - 18.4 - domestic_scratch - 2025 - yes
takane-base private_cloud yes proprietary - - - - - domestic_retrofit yes 2024 - yes
takane-32b on_prem - - 32e9 32e9 - 19.6 - - - 2025 - yes
cotomi-pro api - proprietary - - - - - - - 2024 - yes
cotomi-v3 api - - - - - - - - - 2025 - yes
deepseek-v3.1 open_weights - permissive 671e9 37e9 163840 411 10 foreign - - - -
";

const SCORES: &[(&str, &str, &str, &str, Observation)] = &[
    ("cotomi-pro", "elyza-tasks-100", "overall", "1-5", Observation::Number(3.87)),
    ("cotomi-pro", "japanese-mt-bench", "overall", "1-10", Observation::Number(7.71)),
    ("tanuki-8x8b", "japanese-mt-bench", "overall", "1-10", Observation::Range(6.8, 7.0)),
    ("tanuki-8x8b", "jglue", "average", "0-100", Observation::Number(76.0)),
    ("takane-base", "jglue", "average", "0-1", Observation::Number(0.92)),
];

const ADOPTIONS: &[(&str, f64, f64)] = &[
    ("tsuzumi-2", 2.0, 0.0),
    ("takane-base", 1.0, 1.0),
    ("tanuki-8x8b", 0.0, 0.0),
    ("llm-jp-4-8b", 0.0, 0.0),
];

fn models() -> Vec<Candidate> {
    MODELS.lines().filter(|line| !line.is_empty()).map(model).collect()
}

fn model(line: &str) -> Candidate {
    let mut words = line.split(' ');
    let id = words.next().expect("a line starts with an id");
    let claim = |word: &str| match word {
        "-" => vec![],
        _ => vec![word.parse().map_or_else(|_| codes(&word.split(',').collect::<Vec<_>>()), number)],
    };
    let mut fields: Vec<_> = COLUMNS.into_iter().zip(words.map(claim)).collect();
    assert_eq!(fields.len(), COLUMNS.len(), "{id}");
    for (_, all, public_sector) in ADOPTIONS.iter().filter(|row| row.0 == id) {
        fields.push(("adoptions_public", vec![number(*all)]));
        fields.push(("adoptions_public_sector", vec![number(*public_sector)]));
    }
    let mut candidate = candidate(id, &fields);
    for (_, benchmark, part, scale, score) in SCORES.iter().filter(|row| row.0 == id) {
        let benchmark = Benchmark {
            benchmark: (*benchmark).to_owned(),
            part: Known::Value((*part).to_owned()),
            scale: (*scale).to_owned(),
            version: Known::Undisclosed,
        };
        candidate.scores.push(Score { benchmark, observed: observed(vec![score.clone()]) });
    }
    candidate
}

fn check(name: &str, expected: &Expect) {
    let decision = decide(&sample(name), &models());
    let mut text = String::new();
    for ranked in &decision.ranking {
        let confidence = ranked.confidence.map_or(0.0, |confidence| confidence.share);
        let _ = writeln!(
            text,
            "{:<17} first {:.3} confidence {confidence:.3} mean rank {:.2} on unknowns {:.2}",
            ranked.candidate, ranked.first.share, ranked.mean_rank, ranked.weight_on_unknowns
        );
    }
    for excluded in &decision.excluded {
        let failed: Vec<_> = excluded.failed.iter().map(|failure| failure.constraint.as_str()).collect();
        let _ = writeln!(text, "out {}: {}", excluded.candidate, failed.join(", "));
    }
    let first = &decision.ranking[0].candidate;
    for question in decision.questions.iter().filter(|question| question.candidate == *first) {
        let _ = writeln!(text, "ask {first}: {}", question.field);
    }
    for flip in decision.sensitivity.iter().take(2) {
        let _ = writeln!(
            text,
            "if {} of {} is {:?}: {} first {:.3}",
            flip.criterion, flip.candidate, flip.value, flip.winner, flip.winner_first.share
        );
    }
    expected.assert_eq(&text);
}

#[test]
fn town_office() {
    check(
        "sekino-city.toml",
        &expect![[r#"
            sarashina2.2-3b   first 0.381 confidence 0.418 mean rank 2.41 on unknowns 0.42
            plamo-2.1-8b-cpt  first 0.255 confidence 0.279 mean rank 2.76 on unknowns 0.42
            llm-jp-4-8b       first 0.140 confidence 0.164 mean rank 3.38 on unknowns 0.37
            plamo-api         first 0.106 confidence 0.108 mean rank 5.09 on unknowns 0.79
            rakutenai-7b      first 0.080 confidence 0.085 mean rank 4.40 on unknowns 0.42
            takane-base       first 0.030 confidence 0.030 mean rank 7.11 on unknowns 0.74
            llm-jp-4-32b-a3b  first 0.003 confidence 0.008 mean rank 7.67 on unknowns 0.42
            llm-jp-4-33b      first 0.002 confidence 0.005 mean rank 7.85 on unknowns 0.42
            takane-32b        first 0.001 confidence 0.003 mean rank 9.48 on unknowns 0.58
            tsuzumi-2         first 0.001 confidence 0.006 mean rank 7.73 on unknowns 0.37
            sarashina-460b    first 0.000 confidence 0.000 mean rank 9.86 on unknowns 0.46
            tanuki-8x8b       first 0.000 confidence 0.000 mean rank 10.25 on unknowns 0.37
            out open-calm-7b: recent
            out sarashina2-mini-api: runs-inside
            out plamo-100b: may-be-used-at-work, one-gpu
            out stockmark-2-100b: one-gpu
            out cotomi-pro: runs-inside
            out cotomi-v3: runs-inside
            out deepseek-v3.1: one-gpu
            if conversation of sarashina2.2-3b is Number(1.0): plamo-2.1-8b-cpt first 0.357
            if instructions of sarashina2.2-3b is Number(1.0): plamo-2.1-8b-cpt first 0.356
        "#]],
    );
}

#[test]
fn bank() {
    check(
        "sekino-shinkin.toml",
        &expect![[r#"
            plamo-api         first 0.360 confidence 0.365 mean rank 2.25 on unknowns 0.79
            tsuzumi-2         first 0.266 confidence 0.271 mean rank 2.48 on unknowns 0.52
            takane-base       first 0.236 confidence 0.244 mean rank 2.22 on unknowns 0.21
            takane-32b        first 0.138 confidence 0.142 mean rank 3.05 on unknowns 0.94
            out llm-jp-4-33b: data-stays-in-japan
            out sarashina-460b: four-gpus
            out sarashina2-mini-api: data-stays-in-japan
            out stockmark-2-100b: data-stays-in-japan
            out cotomi-pro: data-stays-in-japan
            out cotomi-v3: data-stays-in-japan
            ask plamo-api: commercial_use
            ask plamo-api: licence_kind
            ask plamo-api: weights_gb_q4
            ask plamo-api: context
            if origin-disclosed of plamo-api is Code("no"): takane-base first 0.382
            if track-record of plamo-api is Number(0.0): tsuzumi-2 first 0.359
        "#]],
    );
}

#[test]
fn hospital() {
    check(
        "sekino-hospital.toml",
        &expect![[r#"
            llm-jp-4-8b       first 0.413 confidence 0.424 mean rank 1.96 on unknowns 0.26
            llm-jp-4-32b-a3b  first 0.321 confidence 0.324 mean rank 2.17 on unknowns 0.30
            llm-jp-4-33b      first 0.227 confidence 0.245 mean rank 2.43 on unknowns 0.26
            sarashina-460b    first 0.015 confidence 0.016 mean rank 6.05 on unknowns 1.00
            plamo-api         first 0.011 confidence 0.013 mean rank 6.16 on unknowns 0.96
            takane-32b        first 0.010 confidence 0.011 mean rank 6.18 on unknowns 0.91
            rakutenai-7b      first 0.003 confidence 0.009 mean rank 5.98 on unknowns 0.67
            sarashina2.2-3b   first 0.000 confidence 0.001 mean rank 6.86 on unknowns 0.67
            tanuki-8x8b       first 0.000 confidence 0.000 mean rank 7.22 on unknowns 0.71
            out open-calm-7b: licence-is-clear
            out plamo-2.1-8b-cpt: use-is-allowed, licence-is-clear
            out sarashina2-mini-api: on-our-own-machine, licence-is-clear
            out plamo-100b: use-is-allowed, licence-is-clear, one-gpu
            out stockmark-2-100b: one-gpu
            out tsuzumi-2: licence-is-clear
            out takane-base: on-our-own-machine, licence-is-clear
            out cotomi-pro: on-our-own-machine, licence-is-clear
            out cotomi-v3: on-our-own-machine
            out deepseek-v3.1: one-gpu
            if conversation of llm-jp-4-8b is Number(1.0): llm-jp-4-32b-a3b first 0.470
            if instructions of llm-jp-4-8b is Number(1.0): llm-jp-4-32b-a3b first 0.470
        "#]],
    );
}
