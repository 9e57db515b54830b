use proptest::prelude::*;
use sekisho_base::{ByteCount, Known};

use super::{Engine, Gpu, Reason, SizeError, Sizing, Subject, Verdict, Workload, place};
use crate::plan::size::{kv::KvType, quant::Quant, sample, shape::Shape};

fn known() -> Vec<(String, Shape)> {
    sample::all().into_iter().map(|(id, shape)| (id.to_owned(), shape)).collect()
}

fn workload(quant: &str, context_tokens: u32, concurrency: u32) -> Workload {
    let quant = Quant::parse(quant).unwrap();
    Workload { quant, kv_type: KvType::F16, context_tokens, concurrency, engine: Engine::usual_for(quant) }
}

fn gpu(gb: u64) -> Gpu {
    Gpu {
        id: format!("card-{gb}"),
        name: format!("{gb} GB"),
        memory: ByteCount(gb * 1_000_000_000),
        bandwidth_gb_per_s: Known::Value(1_555.0),
        bf16_tflops: Known::Value(312.0),
    }
}

fn with_shape(id: &str) -> Subject {
    let shape = sample::get(id);
    Subject {
        name: id.to_owned(),
        params_total: Known::Value(shape.params_total().unwrap()),
        params_active: Known::Value(shape.params_active().unwrap()),
        shape: Known::Value(shape),
        context_max: Known::Value(4_096),
        ..Subject::default()
    }
}

fn without_shape(params: u64) -> Subject {
    Subject { name: "closed".to_owned(), params_total: Known::Value(params), ..Subject::default() }
}

#[test]
fn a_known_shape_is_exact() {
    let sizing = Sizing::of(&with_shape("sarashina2.2-3b"), workload("F16", 4_096, 1), &known()).unwrap();
    assert_eq!(sizing.weights.low, sizing.weights.high);
    assert_eq!(sizing.kv_per_token.low, ByteCount(163_840));
    assert_eq!(sizing.kv.high, ByteCount(163_840 * 4_096));
    let fit = place(&sizing, &gpu(24));
    assert_eq!((fit.count, fit.verdict), (1, Verdict::Fits));
}

/// The survey's tsuzumi 2: 30 GB at 8 bits leaves 6 GB of one 40 GB card for everything else, which may do or not.
#[test]
fn an_undisclosed_shape_gives_bounds_and_names_them() {
    let sizing = Sizing::of(&without_shape(30_000_000_000), workload("INT8", 8_192, 4), &known()).unwrap();
    assert_eq!(sizing.weights.high, ByteCount(30_000_000_000));
    assert!(sizing.kv.low < sizing.kv.high);
    assert!(sizing.reasons.iter().any(|reason| matches!(reason, Reason::KvFromSimilarModels { .. })));
    let fit = place(&sizing, &gpu(40));
    assert_eq!(fit.usable, ByteCount(36_000_000_000));
    assert_ne!((fit.count, fit.verdict), (1, Verdict::Fits));
}

#[test]
fn nothing_published_is_an_error_that_says_what_is_missing() {
    let subject = Subject { name: "cotomi v3".to_owned(), ..Subject::default() };
    let error = Sizing::of(&subject, workload("F16", 1, 1), &known()).unwrap_err();
    assert_eq!(error, SizeError::ParametersUndisclosed { name: "cotomi v3".to_owned() });
    let no_shapes = Sizing::of(&without_shape(7), workload("Q4_K_M", 1, 1), &[]).unwrap_err();
    assert_eq!(no_shapes, SizeError::NoKnownShape);
}

#[test]
fn a_published_sizing_anchor_holds() {
    // The card of Sarashina2-8x70B asks for 16 cards of 80 GB for 929 GB of 16-bit weights.
    let sizing = Sizing::of(&with_shape("sarashina2-8x70b"), workload("BF16", 4_096, 1), &known()).unwrap();
    assert!((sizing.weights.high.to_gb() - 929.5).abs() < 1.0, "{}", sizing.weights.high);
    let fit = place(&sizing, &gpu(80));
    assert_eq!((fit.count, fit.verdict), (16, Verdict::Fits));
    assert!(fit.kv_replicated);
}

#[test]
fn asking_for_more_context_than_published_is_said() {
    let sizing = Sizing::of(&with_shape("sarashina2-7b"), workload("F16", 32_768, 1), &known()).unwrap();
    assert!(sizing.reasons.contains(&Reason::ContextBeyondPublished { published: 4_096 }));
}

proptest! {
    #[test]
    fn more_work_never_needs_less(params in 1_000_000_u64..900_000_000_000, context in 1_u32..200_000, more in 0_u32..50_000) {
        let known = known();
        let small = Sizing::of(&without_shape(params), workload("Q4_K_M", context, 2), &known).unwrap();
        let large = Sizing::of(&without_shape(params), workload("Q4_K_M", context + more, 2), &known).unwrap();
        prop_assert!(large.kv.high >= small.kv.high && large.kv.low >= small.kv.low);
        prop_assert!(small.weights.low <= small.weights.high && small.kv.low <= small.kv.high);
    }

    #[test]
    fn a_larger_card_never_needs_more_cards(params in 1_000_000_u64..900_000_000_000, gb in 16_u64..200, more in 0_u64..200) {
        let sizing = Sizing::of(&without_shape(params), workload("F16", 4_096, 2), &known()).unwrap();
        let (small, large) = (place(&sizing, &gpu(gb)), place(&sizing, &gpu(gb + more)));
        prop_assert!(large.verdict <= small.verdict);
        if small.verdict == large.verdict {
            prop_assert!(large.count <= small.count);
        }
    }
}
