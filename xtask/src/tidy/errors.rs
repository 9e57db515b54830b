//! Every public error code has its two pages, and no page outlives its code.

use super::{Problem, tree::Tree};

const LIST: &str = "crates/sekisho-base/src/code.rs";
const FOLDER: &str = "docs/errors/";

pub(super) fn check(tree: &Tree) -> Vec<Problem> {
    let codes: Vec<String> = tree.text(LIST).map(codes).unwrap_or_default();
    if codes.is_empty() {
        let text = "no rows `(Code::Name, 101, ...)` found; keep the table readable for tidy";
        return vec![Problem::new(LIST, 1, text)];
    }
    let pages: Vec<(String, &str)> = codes
        .iter()
        .flat_map(|code| {
            ["ja", "en"].map(|language| (format!("{FOLDER}{code}.{language}.md"), code.as_str()))
        })
        .collect();
    let orphans = tree
        .files()
        .filter(|file| file.path.strip_prefix(FOLDER).is_some_and(|name| name.starts_with("SK")))
        .filter(|file| !pages.iter().any(|(page, _)| *page == file.path))
        .map(|file| Problem::new(&file.path, 1, format!("no such code in {LIST}; delete the page")));
    pages.iter().filter_map(|(page, code)| page_problem(tree, page, code)).chain(orphans).collect()
}

/// `    (Code::NoSuchEntry, 101, Fault::Caller, false),` -> `SK0101`.
fn codes(source: &str) -> Vec<String> {
    let rows = source.lines().filter_map(|line| line.trim_start().strip_prefix("(Code::"));
    rows.filter_map(|row| row.split(',').nth(1)?.trim().parse::<u16>().ok())
        .map(|number| format!("SK{number:04}"))
        .collect()
}

fn page_problem(tree: &Tree, page: &str, code: &str) -> Option<Problem> {
    let Some(text) = tree.text(page) else {
        return Some(Problem::new(page, 1, "the page is missing; say what happened and what to do"));
    };
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    if !lines.next().is_some_and(|first| first.starts_with("# ") && first.contains(code)) {
        return Some(Problem::new(
            page,
            1,
            format!("the first line is no heading with the code; write `# {code}: ...`"),
        ));
    }
    if lines.next().is_none() {
        return Some(Problem::new(page, 1, "only a heading; say what happened and what to do"));
    }
    None
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::{LIST, check};
    use crate::tidy::said_of;

    #[test]
    fn every_code_has_its_pages_and_every_page_its_code() {
        let list = "const TABLE: &[Row] = &[\n    (Code::Usage, 2, Fault::Caller, false),\n    \
                    (Code::BadFilter, 103, Fault::Caller, false),\n];\n";
        let files = [
            (LIST, list),
            ("docs/errors/README.md", "# Errors\n"),
            ("docs/errors/SK0002.ja.md", "# SK0002: 使い方\n\n何が起きたか\n"),
            ("docs/errors/SK0002.en.md", "# Usage\n\nWhat happened\n"),
            ("docs/errors/SK0103.ja.md", "# SK0103: 条件\n"),
            ("docs/errors/SK0104.ja.md", "# SK0104: 昔の番号\n\n昔\n"),
        ];
        expect![[r"
            docs/errors/SK0002.en.md:1: the first line is no heading with the code; write `# SK0002: ...`
            docs/errors/SK0103.en.md:1: the page is missing; say what happened and what to do
            docs/errors/SK0103.ja.md:1: only a heading; say what happened and what to do
            docs/errors/SK0104.ja.md:1: no such code in crates/sekisho-base/src/code.rs; delete the page
        "]]
        .assert_eq(&said_of(check, &files));
    }

    #[test]
    fn a_list_that_cannot_be_read_is_no_silence() {
        expect![[r"
            crates/sekisho-base/src/code.rs:1: no rows `(Code::Name, 101, ...)` found; keep the table readable for tidy
        "]].assert_eq(&said_of(check, &[(LIST, "const TABLE: &[Row] = rows!();\n")]));
    }
}
