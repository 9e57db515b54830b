//! Texts with what must be found in them, and texts in which nothing may be.

use super::mark;

const FOUND: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/pii/found.txt"));
const ALIKE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/pii/alike.txt"));

/// The texts of a file.
pub(super) fn texts(file: &str) -> Vec<String> {
    let lines = file.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| line.replace("\\n", "\n").replace("\\t", "\t").replace("\\z", "\u{200b}")).collect()
}

pub(super) fn found() -> Vec<String> {
    texts(FOUND)
}

pub(super) fn alike() -> Vec<String> {
    texts(ALIKE)
}

/// A marked text as a person would write it.
pub(super) fn unmark(marked: &str) -> String {
    let mut text = String::new();
    let mut rest = marked;
    while let Some((before, behind)) = rest.split_once('【') {
        let (_, behind) = behind.split_once(':').unwrap();
        let (inside, behind) = behind.split_once('】').unwrap();
        text += before;
        text += inside;
        rest = behind;
    }
    text + rest
}

fn check(expected: Vec<String>) {
    let differ = |expected: &String| {
        let marked = mark(&unmark(expected));
        (marked != *expected).then(|| format!("expected {expected:?}\n  marked {marked:?}\n"))
    };
    let wrong: Vec<String> = expected.iter().filter_map(differ).collect();
    assert!(wrong.is_empty(), "{} of {} differ\n{}", wrong.len(), expected.len(), wrong.concat());
}

#[test]
fn what_must_be_found_is_found() {
    assert!(found().len() >= 150);
    check(found());
}

#[test]
fn what_looks_alike_is_left() {
    assert!(alike().len() >= 100);
    check(alike());
}
