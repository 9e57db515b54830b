//! Rust source: sizes, and what the library floors leave to the edge.

use super::{
    Problem, line_at, manifests,
    rust_text::{functions, without_comments_and_strings, without_tests, words},
    tree::{Tree, has_ending},
};

const FILE_LINES_MAX: usize = 600;
/// The aim is one screen, about 70; only what is far beyond it is a problem.
const FUNCTION_LINES_MAX: usize = 100;
/// Floors 0 to 3 are libraries.
const LIBRARY_FLOOR_MAX: i64 = 3;

/// What a library does not call, and what it does instead.
const EDGE_ONLY: &[(&str, &str)] = &[
    ("print!", "return the fact, the edge prints it"),
    ("println!", "return the fact, the edge prints it"),
    ("eprint!", "return the fact, the edge prints it"),
    ("eprintln!", "return the fact, the edge prints it"),
    ("std::env", "take the setting as an argument"),
    ("env::", "take the setting as an argument"),
    ("std::process::exit", "return an error"),
    ("process::exit", "return an error"),
];

pub(super) fn check(tree: &Tree) -> Vec<Problem> {
    let floors = manifests::floors(tree);
    let mut problems = Vec::new();
    for (path, text) in tree.texts().filter(|(path, _)| has_ending(path, "rs")) {
        let code = without_comments_and_strings(text);
        problems.extend(size_problems(path, text, &code));
        let place = path.strip_prefix("crates/").and_then(|rest| rest.split_once("/src/"));
        let Some((folder, file)) = place else { continue };
        if file == "lib.rs" && !text.starts_with("//!") {
            let text =
                "no opening words; begin with //! saying what the crate is for, and what it is not for";
            problems.push(Problem::new(path, 1, text));
        }
        let is_library = floors.get(folder).is_some_and(|floor| *floor <= LIBRARY_FLOOR_MAX);
        if is_library && !is_test_file(file) {
            problems.extend(edge_problems(path, &without_tests(&code)));
        }
    }
    problems
}

/// By convention a module of tests in its own file is `foo/tests.rs`, declared under `#[cfg(test)]`.
fn is_test_file(file: &str) -> bool {
    file == "tests.rs" || file.ends_with("/tests.rs") || file.contains("tests/")
}

fn size_problems(path: &str, text: &str, code: &str) -> Vec<Problem> {
    let mut problems = Vec::new();
    let lines = text.lines().count();
    if lines > FILE_LINES_MAX {
        let text = format!("{lines} lines, at most {FILE_LINES_MAX}; split by what the parts promise");
        problems.push(Problem::new(path, FILE_LINES_MAX + 1, text));
    }
    for function in functions(code).iter().filter(|function| function.lines > FUNCTION_LINES_MAX) {
        let (name, lines) = (function.name, function.lines);
        let text =
            format!("fn {name} has {lines} lines, at most {FUNCTION_LINES_MAX}; the aim is one screen (70)");
        problems.push(Problem::new(path, line_at(code, function.start), text));
    }
    problems
}

fn edge_problems(path: &str, code: &str) -> Vec<Problem> {
    let calls = EDGE_ONLY.iter().flat_map(|(call, remedy)| {
        words(code, call).map(move |offset| {
            let text = format!("`{call}` in a library (floors 0 to {LIBRARY_FLOOR_MAX}); {remedy}");
            Problem::new(path, line_at(code, offset), text)
        })
    });
    calls.collect()
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::check;
    use crate::tidy::said_of;

    const FLOOR_1: &str = "[package]\nname = \"a\"\n[package.metadata.sekisho]\nfloor = 1\n";
    const FLOOR_5: &str = "[package]\nname = \"a\"\n[package.metadata.sekisho]\nfloor = 5\n";

    #[test]
    fn libraries_leave_the_terminal_and_the_environment_to_the_edge() {
        let source = "//! Facts. Never println!.\nuse std::{env, fs};\nuse std::env;\nfn f() {\n    eprintln!(\"x\");\n    \
                      env::var(\"X\");\n    std::process::exit(1);\n    let here = env!(\"Y\");\n}\n\
                      #[cfg(test)]\nmod tests {\n    fn g() { println!(); }\n}\n";
        let files = [("crates/a/Cargo.toml", FLOOR_1), ("crates/a/src/lib.rs", source)];
        expect![[r"
            crates/a/src/lib.rs:3: `std::env` in a library (floors 0 to 3); take the setting as an argument
            crates/a/src/lib.rs:5: `eprintln!` in a library (floors 0 to 3); return the fact, the edge prints it
            crates/a/src/lib.rs:6: `env::` in a library (floors 0 to 3); take the setting as an argument
            crates/a/src/lib.rs:7: `std::process::exit` in a library (floors 0 to 3); return an error
        "]]
        .assert_eq(&said_of(check, &files));
        assert_eq!(said_of(check, &[("crates/a/Cargo.toml", FLOOR_5), ("crates/a/src/lib.rs", source)]), "");
        assert_eq!(
            said_of(check, &[("crates/a/Cargo.toml", FLOOR_1), ("crates/a/src/x/tests.rs", source)]),
            ""
        );
    }

    #[test]
    fn long_files_long_functions_and_silent_crates() {
        let long_function = format!("fn long() {{\n{}}}\n", "    // a line\n".repeat(99));
        let fair_function = format!("fn fair() {{\n{}}}\n", "    // a line\n".repeat(98));
        let source = format!("{fair_function}{long_function}{}", "// a line\n".repeat(400));
        expect![[r"
            crates/a/src/lib.rs:1: no opening words; begin with //! saying what the crate is for, and what it is not for
            crates/a/src/lib.rs:101: fn long has 101 lines, at most 100; the aim is one screen (70)
            crates/a/src/lib.rs:601: 601 lines, at most 600; split by what the parts promise
        "]]
        .assert_eq(&said_of(check, &[("crates/a/src/lib.rs", &source)]));
    }
}
