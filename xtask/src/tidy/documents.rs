//! The first pages a stranger reads exist, and the commands they name exist too.

use super::{
    Problem,
    tree::{Tree, has_ending},
};
use crate::task_names;

const FIRST_PAGES: [&str; 3] = ["README.md", "README.ja.md", "ARCHITECTURE.md"];
/// Fenced blocks in these languages are commands to type.
const SHELLS: [&str; 4] = ["sh", "bash", "shell", "console"];

pub(super) fn check(tree: &Tree) -> Vec<Problem> {
    let missing = FIRST_PAGES.into_iter().filter(|page| tree.text(page).is_none());
    let mut problems: Vec<Problem> =
        missing.map(|page| Problem::new(page, 1, "the page is missing; a stranger begins there")).collect();
    let tasks = task_names();
    for (path, text) in tree.texts().filter(|(path, _)| has_ending(path, "md")) {
        for (line, task) in named_tasks(text) {
            if !tasks.iter().any(|known| known == task) {
                let text = format!("`cargo xtask {task}` does not exist; known: {}", tasks.join(", "));
                problems.push(Problem::new(path, line, text));
            }
        }
    }
    problems
}

/// Line and first word of every `cargo xtask WORD` inside a shell block.
fn named_tasks(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    // The language of the block we are in.
    let mut block = None;
    for (index, line) in text.lines().enumerate() {
        if let Some(language) = line.trim_start().strip_prefix("```") {
            block = if block.is_some() { None } else { Some(language.trim()) };
        } else if block.is_some_and(|language| SHELLS.contains(&language)) {
            let commands = line.split("cargo xtask ").skip(1);
            let tasks = commands.filter_map(|rest| rest.split_whitespace().next());
            found.extend(tasks.map(|task| (index + 1, task)));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::check;
    use crate::tidy::said_of;

    #[test]
    fn first_pages_and_their_commands_exist() {
        let files = [
            ("README.md", "# Sekisho\n\n```sh\ncargo xtask up\n$ cargo xtask fly # away\n```\n"),
            ("README.ja.md", "# 関所\n\n```text\ncargo xtask fly\n```\n\n`cargo xtask fly`\n"),
        ];
        expect![[r"
            ARCHITECTURE.md:1: the page is missing; a stranger begins there
            README.md:5: `cargo xtask fly` does not exist; known: up, test, tidy, bench, help
        "]]
        .assert_eq(&said_of(check, &files));
    }
}
