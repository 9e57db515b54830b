//! Every file, whatever it holds: name, size, white space, words that promise later work, paths of one machine.

use super::{
    Problem, line_at, manifests,
    tree::{FILE_BYTES_MAX, File, Tree, has_ending},
};

/// Names that say nothing about what is inside.
const EMPTY_NAMES: &[&str] = &["util", "utils", "common", "helper", "helpers", "misc", "manager", "managers"];
/// Folders in which one person's machine begins; written without slashes so that this file passes its own rule.
const MACHINE_FOLDERS: &[&str] = &["home", "root", "work", "Users"];

pub(super) fn check(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for file in tree.files() {
        problems.extend(name_problem(&file.path));
        problems.extend(size_problem(file));
        let Some(text) = &file.text else { continue };
        // Test data may be broken on purpose.
        if !file.path.split('/').any(|part| part == "testdata") {
            problems.extend(white_space_problems(&file.path, text));
        }
        problems.extend(unfinished_problems(&file.path, text));
        problems.extend(machine_path_problems(&file.path, text));
        if file.path.starts_with("data/") && has_ending(&file.path, "toml") {
            let error = text.parse::<toml::Table>().err();
            problems.extend(error.map(|error| manifests::unreadable(&file.path, text, &error)));
        }
    }
    problems
}

fn name_problem(path: &str) -> Option<Problem> {
    let mut parts: Vec<&str> = path.split('/').collect();
    let name = parts.pop()?;
    if name == "mod.rs" {
        return Some(Problem::new(path, 1, "editor tabs need names; move it to FOLDER.rs beside the folder"));
    }
    parts.push(name.split('.').next().unwrap_or(name));
    let empty = parts.into_iter().find(|part| EMPTY_NAMES.contains(part))?;
    Some(Problem::new(path, 1, format!("`{empty}` says nothing; name it by what it holds")))
}

fn size_problem(file: &File) -> Option<Problem> {
    let too_large = file.bytes > FILE_BYTES_MAX;
    too_large.then(|| {
        let text = format!("{} bytes, at most {}; generate or fetch it instead", file.bytes, FILE_BYTES_MAX);
        Problem::new(&file.path, 1, text)
    })
}

fn white_space_problems(path: &str, text: &str) -> Vec<Problem> {
    let is_rust = has_ending(path, "rs");
    let mut problems = Vec::new();
    for (index, line) in text.split('\n').enumerate() {
        // Padded columns in an expected text are right to end in spaces; around strings rustfmt keeps order.
        if !is_rust && line.ends_with([' ', '\t', '\r', '\u{3000}']) {
            problems.push(Problem::new(path, index + 1, "white space at the end of the line; delete it"));
        }
        if is_rust && line.contains('\t') {
            problems.push(Problem::new(path, index + 1, "a tab; run cargo fmt"));
        }
    }
    if !text.is_empty() && !text.ends_with('\n') {
        problems.push(Problem::new(path, text.lines().count(), "no newline at the end of the file; add it"));
    }
    problems
}

fn unfinished_problems(path: &str, text: &str) -> Vec<Problem> {
    let is_word = |letter: char| letter == '_' || letter.is_alphanumeric();
    let mut problems = Vec::new();
    // Put together here, so that this file passes its own rule.
    for mark in ["TO.DO", "FIX.ME", "X.XX", "to.do!", "unimple.mented!"].map(|mark| mark.replace('.', "")) {
        for (start, _) in text.match_indices(&mark) {
            let ends_alone = mark.ends_with('!') || !text[start + mark.len()..].starts_with(is_word);
            if ends_alone && !text[..start].ends_with(is_word) {
                let what = "a mark of unfinished work; do it now or open an issue";
                problems.push(Problem::new(path, line_at(text, start), what));
            }
        }
    }
    problems
}

/// A path counts when it begins there: `https://example.jp/home/` and `../home/` do not.
fn machine_path_problems(path: &str, text: &str) -> Vec<Problem> {
    let continues = |letter: char| letter.is_alphanumeric() || "./_-~}".contains(letter);
    let mut problems = Vec::new();
    for folder in MACHINE_FOLDERS {
        let needle = format!("/{folder}/");
        for (start, _) in
            text.match_indices(&needle).filter(|(start, _)| !text[..*start].ends_with(continues))
        {
            let what = format!("a path under `{folder}` of one machine; write it relative to the root");
            problems.push(Problem::new(path, line_at(text, start), what));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use expect_test::{Expect, expect};

    use super::{FILE_BYTES_MAX, check};
    use crate::tidy::said_of;

    fn check_files(files: &[(&str, &str)], expected: &Expect) {
        expected.assert_eq(&said_of(check, files));
    }

    #[test]
    fn names_that_say_nothing() {
        check_files(
            &[
                ("crates/a/src/util.rs", ""),
                ("crates/a/src/b/mod.rs", ""),
                ("crates/a/src/helpers/x.rs", ""),
                ("crates/a/src/utility_bill.rs", ""),
            ],
            &expect![[r"
                crates/a/src/b/mod.rs:1: editor tabs need names; move it to FOLDER.rs beside the folder
                crates/a/src/helpers/x.rs:1: `helpers` says nothing; name it by what it holds
                crates/a/src/util.rs:1: `util` says nothing; name it by what it holds
            "]],
        );
    }

    #[test]
    fn white_space_and_size() {
        let large = "a\n".repeat(1 + FILE_BYTES_MAX as usize / 2);
        check_files(
            &[
                ("a.md", "no end"),
                ("b.rs", "fn a() {\n\tb(\"one \n\");\n}\n"),
                ("c.ftl", "one = 1 \ntwo = 2\r\n"),
                ("testdata/broken.txt", "broken on purpose "),
                ("data/large.toml", &large),
            ],
            &expect![[r"
                a.md:1: no newline at the end of the file; add it
                b.rs:2: a tab; run cargo fmt
                c.ftl:1: white space at the end of the line; delete it
                c.ftl:2: white space at the end of the line; delete it
                data/large.toml:1: 1048578 bytes, at most 1048576; generate or fetch it instead
            "]],
        );
    }

    #[test]
    fn words_that_promise_later_work() {
        let mut text = String::new();
        for (head, tail) in
            [("TO", "DO: x"), ("FIX", "ME"), ("X", "XX"), ("to", "do!()"), ("XX", "XX"), ("TO", "DOS")]
        {
            writeln!(text, "{head}{tail}").unwrap();
        }
        check_files(
            &[("a.rs", &text)],
            &expect![[r"
            a.rs:1: a mark of unfinished work; do it now or open an issue
            a.rs:2: a mark of unfinished work; do it now or open an issue
            a.rs:3: a mark of unfinished work; do it now or open an issue
            a.rs:4: a mark of unfinished work; do it now or open an issue
        "]],
        );
    }

    #[test]
    fn paths_of_one_machine() {
        let text =
            ["see \"/", "home/me\"\nhttps://example.jp/home/ ../home/ $X/home/x\ncd /", "root/\n"].concat();
        check_files(
            &[("a.md", &text)],
            &expect![[r"
            a.md:1: a path under `home` of one machine; write it relative to the root
            a.md:3: a path under `root` of one machine; write it relative to the root
        "]],
        );
    }

    #[test]
    fn data_that_does_not_parse() {
        let files = [("data/a.toml", "a = 1\nb = \n"), ("elsewhere/a.toml", "="), ("data/b.toml", "b = 2\n")];
        check_files(
            &files,
            &expect![[r"
            data/a.toml:2: not TOML: string values must be quoted, expected literal string; mend the line
            data/a.toml:2: white space at the end of the line; delete it
            elsewhere/a.toml:1: no newline at the end of the file; add it
        "]],
        );
    }
}
