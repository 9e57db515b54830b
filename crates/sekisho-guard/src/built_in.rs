//! The detectors that come with the program.

use std::sync::Arc;

use crate::{Addresses, Detector, Injection, Markings, Names, Pii, Secrets};

/// All detectors that need nothing from the organisation. Topics and canaries are added by whoever has them.
///
/// Their order decides between spans of the same place and length: structured numbers before names.
pub fn built_in_detectors() -> Vec<Arc<dyn Detector>> {
    vec![
        Arc::new(Secrets::built_in()),
        Arc::new(Pii),
        Arc::new(Addresses::new()),
        Arc::new(Names::new()),
        Arc::new(Injection::built_in()),
        Arc::new(Markings::built_in()),
    ]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::built_in_detectors;
    use crate::{Context, Direction, Event, Guard, Policy, STEP_CHARS, Scheme};

    const TEXTS: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/guard/pii/tune.jsonl"));
    const RULES: &str = r#"
version = 1
id = "sample"
title = { ja = "例", en = "sample" }
[[rule]]
id = "all"
version = 1
why = { ja = "例", en = "sample" }
action = "mask"
confidence_min = 0.0
"#;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        /// With texts as people write them, as the gate screens them: what an earlier look knew is not asked again.
        #[test]
        fn pieces_give_what_the_whole_gives(
            picks in prop::collection::vec(any::<prop::sample::Index>(), 1..5),
            sizes in prop::collection::vec(1_usize..6, 1..20),
            step in 1..2 * STEP_CHARS,
            glue in prop::sample::select(vec!["", "\n", "、", "\t", ","]),
        ) {
            let lines: Vec<&str> = TEXTS.lines().collect();
            let texts = picks.iter().map(|pick| {
                let line: serde_json::Value = serde_json::from_str(lines[pick.index(lines.len())]).unwrap();
                line["text"].as_str().unwrap().to_owned()
            });
            let text = texts.collect::<Vec<_>>().join(glue);
            let scheme = Scheme::built_in().remove(0);
            let guard = Guard::new(built_in_detectors(), Policy::parse(RULES, &scheme).unwrap()).unwrap();
            let context = Context { label: scheme.highest(), direction: Direction::Output };
            let whole = guard.screen(&text, &context, None);
            let mut stream = guard.stream(context, None).in_steps(step);
            let (mut masked, mut events) = (String::new(), Vec::new());
            let mut sizes = sizes.iter().cycle();
            let mut characters = text.chars().peekable();
            while characters.peek().is_some() {
                let piece: String = characters.by_ref().take(*sizes.next().unwrap()).collect();
                let released = stream.push(&piece);
                masked.push_str(&released.text);
                events.extend(released.events);
            }
            let last = stream.finish();
            masked.push_str(&last.text);
            events.extend(last.events);
            prop_assert_eq!(&masked, whole.released());
            let found: Vec<_> = events
                .into_iter()
                .filter_map(|event| if let Event::Found(finding) = event { Some(finding) } else { None })
                .collect();
            prop_assert_eq!(&found, &whole.findings);
        }
    }
}
