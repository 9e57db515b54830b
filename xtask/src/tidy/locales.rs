//! Japanese and English say the same things: the same keys, with the same arguments.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Problem,
    tree::{Tree, has_ending},
};

const FOLDER: &str = "locales/";
const LANGUAGES: [&str; 2] = ["ja", "en"];

/// One message, term or attribute (`key.attribute`).
#[derive(Debug, Default, PartialEq, Eq)]
struct Entry {
    line: usize,
    arguments: BTreeSet<String>,
}

type Entries = BTreeMap<String, Entry>;

pub(super) fn check(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut languages: BTreeMap<&str, BTreeMap<&str, Entries>> = BTreeMap::new();
    for language in LANGUAGES {
        let mut seen: BTreeMap<String, &str> = BTreeMap::new();
        for (path, text) in tree.texts() {
            let name =
                path.strip_prefix(FOLDER).and_then(|rest| rest.strip_prefix(language)?.strip_prefix('/'));
            let Some(name) = name.filter(|name| has_ending(name, "ftl")) else { continue };
            let entries = parse(path, text, &mut problems);
            for (key, entry) in &entries {
                if let Some(other) = seen.insert(key.clone(), path) {
                    let text = format!("{key} also stands in {other}; one key, one place");
                    problems.push(Problem::new(path, entry.line, text));
                }
            }
            languages.entry(language).or_default().insert(name, entries);
        }
    }
    let [ja, en] = LANGUAGES;
    let empty = BTreeMap::new();
    let files = |language| languages.get(language).unwrap_or(&empty);
    compare(files(ja), en, files(en), &mut problems);
    compare(files(en), ja, files(ja), &mut problems);
    problems
}

/// What `here` has and the other language lacks. Differing arguments are told once, at the English text.
fn compare(
    here: &BTreeMap<&str, Entries>,
    language: &str,
    there: &BTreeMap<&str, Entries>,
    problems: &mut Vec<Problem>,
) {
    for (name, entries) in here {
        let path = format!("{FOLDER}{language}/{name}");
        let Some(others) = there.get(name) else {
            problems.push(Problem::new(&path, 1, "the file is missing; add it with the same keys"));
            continue;
        };
        for (key, entry) in entries {
            match others.get(key) {
                None => problems.push(Problem::new(&path, 1, format!("{key} is missing; add it"))),
                Some(other) if other.arguments != entry.arguments && language == "en" => {
                    let list = |entry: &Entry| entry.arguments.iter().cloned().collect::<Vec<_>>().join(" ");
                    let text =
                        format!("{key} takes [{}], in ja [{}]; use the same", list(other), list(entry));
                    problems.push(Problem::new(&path, other.line, text));
                }
                Some(_) => {}
            }
        }
    }
}

/// Reads what a Fluent file declares. Fluent drops what it cannot read without a word, so here every line must be read.
fn parse(path: &str, text: &str, problems: &mut Vec<Problem>) -> Entries {
    let mut entries = Entries::new();
    let mut message = None;
    let mut key: Option<String> = None;
    for (index, line) in text.lines().enumerate() {
        let line_number = index + 1;
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        // A pattern goes on while it is indented; a placeable may close, and a variant stand, at the margin.
        let is_continued = line.starts_with([' ', '}', '[', '*']);
        let (declared, pattern) = match (is_continued, declaration(line.trim_start())) {
            (false, Some((name, pattern))) if !name.starts_with('.') => {
                message = Some(name.to_owned());
                (Some(name.to_owned()), pattern)
            }
            (true, Some((name, pattern))) if name.starts_with('.') => {
                (message.as_ref().map(|message| format!("{message}{name}")), pattern)
            }
            (true, _) if key.is_some() => (None, line),
            _ => {
                problems.push(Problem::new(
                    path,
                    line_number,
                    "Fluent would drop this line; write `key = text`",
                ));
                continue;
            }
        };
        if let Some(declared) = declared {
            if entries.contains_key(&declared) {
                let text = format!("{declared} stands twice in this file; delete one");
                problems.push(Problem::new(path, line_number, text));
            }
            entries.entry(declared.clone()).or_default().line = line_number;
            key = Some(declared);
        }
        if let Some(entry) = key.as_ref().and_then(|key| entries.get_mut(key)) {
            entry.arguments.extend(arguments(pattern));
        }
    }
    entries
}

/// `key = pattern`, `-term = pattern`, `.attribute = pattern`.
fn declaration(line: &str) -> Option<(&str, &str)> {
    let (name, pattern) = line.split_once('=')?;
    let name = name.trim_end();
    let bare = name.strip_prefix(['-', '.']).unwrap_or(name);
    let is_name =
        bare.starts_with(|first: char| first.is_ascii_alphabetic()) && bare.chars().all(is_name_letter);
    is_name.then_some((name, pattern))
}

fn is_name_letter(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '-' || letter == '_'
}

/// `$count` in `{ $count } 件`.
fn arguments(pattern: &str) -> impl Iterator<Item = String> {
    pattern.split('$').skip(1).filter_map(|rest| {
        let name: String = rest.chars().take_while(|letter| is_name_letter(*letter)).collect();
        (!name.is_empty()).then(|| format!("${name}"))
    })
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::check;
    use crate::tidy::said_of;

    fn check_locales(ja: &str, en: &str, expected: &Expect) {
        let files = [("locales/ja/catalog.ftl", ja), ("locales/en/catalog.ftl", en)];
        expected.assert_eq(&said_of(check, &files));
    }

    #[test]
    fn the_same_keys_and_arguments_are_fine() {
        check_locales(
            "# 見出し\n-brand = 関所\ntitle = { -brand } のカタログ\n    .hint = { $path } を見る\n\
             count =\n    { $count ->\n        [0] なし\n       *[other] { $count } 件\n    }\n",
            "-brand = Sekisho\ntitle = The catalog of { -brand }\n    .hint = See { $path }\n\
             count = { $count ->\n[one] one = only { $count }\n*[other] { $count } entries\n}\n",
            &expect![""],
        );
    }

    #[test]
    fn what_differs_is_told_at_the_file_to_mend() {
        check_locales(
            "title = カタログ\n    .hint = { $path }\nonly-ja = あ\nsame = { $a }\n",
            "title = Catalog\nonly-en = a\nsame = { $b } { $a }\n",
            &expect![[r"
                locales/en/catalog.ftl:1: only-ja is missing; add it
                locales/en/catalog.ftl:1: title.hint is missing; add it
                locales/en/catalog.ftl:3: same takes [$a $b], in ja [$a]; use the same
                locales/ja/catalog.ftl:1: only-en is missing; add it
            "]],
        );
    }

    #[test]
    fn lines_that_fluent_would_drop_and_keys_said_twice() {
        check_locales(
            "title = 一\ntitle = 二\nthis is no message\n",
            "    lost = continuation\ntitle = one\n",
            &expect![[r"
                locales/en/catalog.ftl:1: Fluent would drop this line; write `key = text`
                locales/ja/catalog.ftl:2: title stands twice in this file; delete one
                locales/ja/catalog.ftl:3: Fluent would drop this line; write `key = text`
            "]],
        );
    }

    #[test]
    fn one_key_has_one_file_and_each_file_its_twin() {
        let files = [
            ("locales/ja/a.ftl", "title = 一\n"),
            ("locales/ja/b.ftl", "title = 二\n"),
            ("locales/en/a.ftl", "title = one\n"),
        ];
        expect![[r"
            locales/en/b.ftl:1: the file is missing; add it with the same keys
            locales/ja/b.ftl:1: title also stands in locales/ja/a.ftl; one key, one place
        "]]
        .assert_eq(&said_of(check, &files));
    }
}
