use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use proptest::prelude::*;

use super::{End, Event, Released, Stream};
use crate::{
    Action, Context, Detector, Direction, Failure, Guard, Reach, Refusal, Span, Unavailable, Vault, View,
    samples::{Failing, Numbers, RULES, WORDS, context, detectors, fragments, guard, policy},
    window::CUT_CHARS_MAX,
};

/// Several ways of treating the same findings.
const POLICIES: &[&str] = &[
    RULES,
    "[[rule]]\nid = \"all\"\naction = \"mask\"\nreversible = true\n",
    "[[rule]]\nid = \"all\"\naction = \"mask\"\nconfidence_min = 0.0\n",
    r#"
[[rule]]
id = "low"
kinds = ["personal", "TOPIC"]
label = { at_most = "2" }
action = "mask"
reversible = true
[[rule]]
id = "names"
detectors = ["words/n*"]
action = "mask"
[[rule]]
id = "markings"
kinds = ["MARKING"]
marking_above_label = true
action = "refuse"
[[rule]]
id = "own"
kinds = ["ADDRESS", "PHONE"]
texts = ["山田", "0901"]
action = "pass"
exempt = true
"#,
];

/// A stream pushed to its end: everything that came out, as one.
fn run(mut stream: Stream, pieces: &[&str], held_max: usize) -> Released {
    let mut whole = Released::default();
    let mut add = |released: Released| {
        whole.text.push_str(&released.text);
        whole.events.extend(released.events);
        whole.end = released.end;
    };
    for piece in pieces {
        add(stream.push(piece));
        assert!(stream.held_chars() <= held_max, "{} held", stream.held_chars());
    }
    add(stream.finish());
    whole
}

fn cut<'t>(text: &'t str, cuts: &[usize]) -> Vec<&'t str> {
    let boundaries: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    let mut cuts: Vec<usize> = cuts.iter().map(|cut| boundaries[cut % boundaries.len()]).collect();
    cuts.sort_unstable();
    let mut from = 0;
    cuts.into_iter().chain([text.len()]).map(|to| &text[std::mem::replace(&mut from, to)..to]).collect()
}

fn largest_hold(detectors: &[Arc<dyn Detector>]) -> usize {
    detectors.iter().map(|detector| detector.reach().hold_chars_max).max().unwrap_or(0)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn any_pieces_give_what_the_whole_gives(
        text in fragments(14),
        cuts in prop::collection::vec(any::<usize>(), 0..20),
        each_character in any::<bool>(),
        rules in prop::sample::select(POLICIES.to_vec()),
        label in prop::sample::select(vec!["1", "2", "3C", "3A"]),
        direction in prop::sample::select(Direction::all().collect::<Vec<_>>()),
        with_vault in any::<bool>(),
        step in 1_usize..20,
    ) {
        let guard = guard(rules);
        let context = context(label, direction);
        let vault = || with_vault.then(|| {
            let vault = Vault::new();
            guard.screen("山田太郎", &crate::samples::context("1", Direction::Input), Some(&vault));
            vault
        });
        let batch = guard.screen(&text, &context, vault().as_ref());
        let pieces: Vec<&str> = if each_character { text.split("").collect() } else { cut(&text, &cuts) };
        // The longest placeholder and the longest hold of the detectors are about as long.
        let held_max = largest_hold(&detectors()) + step + CUT_CHARS_MAX;
        let stream = run(guard.stream(context, vault()).in_steps(step), &pieces, held_max);
        prop_assert_eq!(&stream.text, batch.released());
        let findings: Vec<_> = stream.events.iter().filter_map(|event| match event {
            Event::Found(finding) => Some(finding.clone()),
            Event::Masked(_) => None,
        }).collect();
        prop_assert_eq!(&findings, &batch.findings);
        let masked: Vec<_> = stream.events.iter().filter_map(|event| match event {
            Event::Masked(one) => Some(one.clone()),
            Event::Found(_) => None,
        }).collect();
        prop_assert_eq!(masked.as_slice(), batch.map.replacements());
        let end = batch.refusal().cloned().map_or(End::Complete(batch.action), End::Refused);
        prop_assert_eq!(stream.end, Some(end));
    }

    #[test]
    fn a_failure_ends_both_and_nothing_held_goes_out(
        before in fragments(6), after in fragments(6), cuts in prop::collection::vec(any::<usize>(), 0..20), kind in 0_usize..3,
    ) {
        let text = format!("{before}故障{after}");
        let failing = [Failing::Unavailable, Failing::Panics, Failing::BadSpan].into_iter().nth(kind).unwrap();
        let mask_all = "[[rule]]\nid = \"all\"\naction = \"mask\"\n";
        let healthy = guard(mask_all);
        let mut detectors = detectors();
        detectors.push(Arc::new(failing));
        let guard = Guard::new(detectors, policy(mask_all)).unwrap();
        let context = context("2", Direction::Input);
        let stream = run(guard.stream(context.clone(), None), &cut(&text, &cuts), usize::MAX);
        let refused = matches!(stream.end, Some(End::Refused(Refusal::Detector { detector: "failing", .. })));
        prop_assert!(refused);
        prop_assert_eq!(guard.screen(&text, &context, None).action, Action::Refuse);
        let all = healthy.screen(&text, &context, None).text().unwrap().to_owned();
        prop_assert!(all.starts_with(&stream.text));
        prop_assert!(!stream.text.contains("故障"));
    }
}

#[test]
fn a_long_piece_gives_what_the_whole_gives() {
    let guard = guard(RULES);
    let context = context("2", Direction::Input);
    // Findings lie on each boundary at which a long piece is cut, whatever its size.
    let text = "電話12345山田太郎。".repeat(8_000);
    let (vault, other) = (Vault::new(), Vault::new());
    let batch = guard.screen(&text, &context, Some(&vault));
    let stream = run(guard.stream(context, Some(other)), &[&text], largest_hold(&detectors()) + 1);
    assert_eq!(Ok(stream.text.as_str()), batch.text());
    assert_eq!(batch.map.replacements().len(), 16_000);
}

#[test]
fn a_refusal_stops_the_stream_where_it_stands() {
    let mut stream = guard(RULES).stream(context("2", Direction::Output), None);
    assert_eq!(stream.push("太郎の鍵は pass").text, "[PERSON]の鍵は ");
    let stopped = stream.push("word です。太郎の");
    assert_eq!(stopped.text, "");
    let refusal = stopped.end.unwrap();
    assert!(matches!(&refusal, End::Refused(Refusal::Rule { rule, .. }) if rule == "secret"), "{refusal:?}");
    let more = stream.push("続き");
    assert_eq!((more.text.as_str(), more.end.as_ref()), ("", Some(&refusal)));
    let last = stream.finish();
    assert_eq!((last.text.as_str(), last.end), ("", Some(refusal)));
}

#[test]
fn text_that_cannot_become_a_finding_goes_on_at_once() {
    let mut stream = guard(RULES).stream(context("2", Direction::Output), Some(Vault::new()));
    assert_eq!(stream.push("本日は晴天").text, "本日は晴");
    assert_eq!(stream.push("なり。").text, "天なり");
    assert_eq!(stream.push("山").text, "。");
    assert_eq!(stream.push("田").text, "");
    assert_eq!(stream.push("川です").text, "[ADDRESS]川で");
    assert_eq!(stream.held_chars(), 1);
}

#[test]
fn a_detector_that_holds_too_long_ends_the_stream() {
    let mut detectors = detectors();
    detectors.push(Arc::new(Failing::Holds));
    let guard = Guard::new(detectors, policy(RULES)).unwrap();
    let mut stream = guard.stream(context("2", Direction::Output), None);
    assert_eq!(stream.push("機械の故障で、").text, "機械の");
    let stopped = stream.push("止まりました");
    let failure = Failure::HeldTooLong;
    assert_eq!(stopped.text, "");
    assert_eq!(stopped.end, Some(End::Refused(Refusal::Detector { detector: "failing", failure })));
}

#[test]
fn dropping_a_stream_lets_nothing_more_out() {
    let mut stream = guard(RULES).stream(context("2", Direction::Output), None);
    assert_eq!(stream.push("山田太").text, "");
    drop(stream);
}

#[test]
fn a_stream_keeps_the_policy_it_began_with() {
    let guard = guard(RULES);
    let context = context("2", Direction::Input);
    let mut before = guard.stream(context.clone(), None);
    before.push("太郎、");
    let flag = policy("[[rule]]\nid = \"flag\"\naction = \"flag\"\n");
    let old = guard.clone().replace_policy(flag).unwrap();
    assert_eq!(old.rules().count(), 3);
    before.push("太郎、");
    assert_eq!(before.finish().end, Some(End::Complete(Action::Mask)));
    assert_eq!(guard.screen("太郎", &context, None).action, Action::Flag);
}

/// Counts how often it is asked.
struct Counting(Arc<AtomicUsize>);

impl Detector for Counting {
    fn name(&self) -> &'static str {
        "counting"
    }

    fn reach(&self) -> Reach {
        Reach { behind_chars: 0, hold_chars_max: 8 }
    }

    fn look(&self, view: &View<'_>, _: &mut Vec<Span>) -> Result<usize, Unavailable> {
        self.0.fetch_add(1, Ordering::Relaxed);
        // Settles in steps of seven characters.
        Ok(view.original.rfind('。').map_or(0, |at| at + '。'.len_utf8()))
    }
}

#[test]
fn detectors_are_asked_once_for_some_characters() {
    let count = Arc::new(AtomicUsize::new(0));
    let guard = Guard::new(vec![Arc::new(Counting(Arc::clone(&count)))], policy(RULES)).unwrap();
    let mut stream = guard.stream(context("2", Direction::Output), None).in_steps(12);
    for character in "今日は晴れだ。".repeat(50).split("") {
        stream.push(character);
    }
    assert!(matches!(stream.finish().end, Some(End::Complete(Action::Pass))));
    // 350 characters, and once at the end.
    assert_eq!(count.load(Ordering::Relaxed), 350 / 12 + 1);
}

#[test]
fn an_endless_stream_stays_small() {
    let detectors: Vec<Arc<dyn Detector>> = vec![Arc::new(WORDS), Arc::new(Numbers)];
    let context = |label| Context { ..context(label, Direction::Output) };
    let guard = Guard::new(detectors, policy(RULES)).unwrap();
    let mut stream = guard.stream(context("2"), Some(Vault::new()));
    for _ in 0..4_000 {
        stream.push("電話は12345、山田太郎です。");
        assert!(stream.engine.window_bytes() < 1_000, "{} bytes", stream.engine.window_bytes());
    }
}
