//! Whatever a text holds and however it is cut: nothing panics, and the stream says what the whole text says.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use sekisho_guard::{Action, Context, Direction, End, Guard, Policy, Scheme, Vault, built_in_detectors};

static GUARD: LazyLock<Guard> = LazyLock::new(|| {
    let policy = Policy::parse(Policy::default_text(), &Scheme::built_in()[0]).expect("the default rules");
    Guard::new(built_in_detectors(), policy).expect("the tests in the default rules")
});

fuzz_target!(|data: &[u8]| {
    let [way, label, chunk, rest @ ..] = data else { return };
    let text = String::from_utf8_lossy(rest);
    let ways: Vec<Direction> = Direction::all().collect();
    let labels: Vec<_> = GUARD.policy().scheme().labels().collect();
    let context = Context {
        direction: ways[usize::from(*way) % ways.len()],
        label: labels[usize::from(*label) % labels.len()].clone(),
    };
    let verdict = GUARD.screen(&text, &context, Some(&Vault::new()));

    let mut stream = GUARD.stream(context, Some(Vault::new()));
    let (mut flowed, mut end) = (String::new(), None);
    let characters: Vec<char> = text.chars().collect();
    for piece in characters.chunks(usize::from(*chunk).max(1)) {
        let released = stream.push(&piece.iter().collect::<String>());
        flowed += &released.text;
        end = end.or(released.end);
    }
    let released = stream.finish();
    flowed += &released.text;
    match end.or(released.end).expect("a finished stream has ended") {
        End::Complete(action) => {
            assert_eq!((action, verdict.text()), (verdict.action, Ok(flowed.as_str())));
        }
        End::Refused(refusal) => {
            assert_eq!((Action::Refuse, verdict.text()), (verdict.action, Err(&refusal)));
            assert_eq!(flowed, verdict.released());
        }
    }
});
