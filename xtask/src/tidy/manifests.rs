//! Floors, home crates, and what every manifest says in the same way.

use std::{collections::BTreeMap, sync::LazyLock};

use serde::Deserialize;
use toml::{Table, Value};

use super::{Problem, line_at, tree::Tree};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Homes {
    home: Vec<Home>,
}

/// Dependencies that may stand only in the manifests of some crates.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Home {
    /// Names; a trailing `*` stands for any ending.
    dependencies: Vec<String>,
    crates: Vec<String>,
    reason: String,
}

static HOMES: LazyLock<Homes> =
    LazyLock::new(|| toml::from_str(include_str!("../../tidy.toml")).expect("a test reads the same file"));

struct Manifest<'a> {
    path: &'a str,
    text: &'a str,
    table: Table,
}

pub(super) fn check(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    let manifests: Vec<Manifest> = tree
        .texts()
        .filter(|(path, _)| path.ends_with("/Cargo.toml"))
        .filter_map(|(path, text)| match text.parse() {
            Ok(table) => Some(Manifest { path, text, table }).filter(Manifest::is_of_the_workspace),
            Err(error) => {
                problems.push(unreadable(path, text, &error));
                None
            }
        })
        .collect();
    let floors: BTreeMap<&str, i64> =
        manifests.iter().filter_map(|manifest| Some((manifest.name()?, manifest.floor()?))).collect();
    for manifest in &manifests {
        problems.extend(manifest.identity_problems());
        for dependency in manifest.dependencies() {
            problems.extend(manifest.dependency_problems(&dependency, &floors));
        }
    }
    problems
}

/// The floor of each folder under `crates/`.
pub(super) fn floors(tree: &Tree) -> BTreeMap<String, i64> {
    let manifests = tree.texts().filter_map(|(path, text)| {
        let folder = folder_of(path)?;
        let manifest = Manifest { path, text, table: text.parse().ok()? };
        Some((folder.to_owned(), manifest.floor()?))
    });
    manifests.collect()
}

/// A parse error with its place, for any TOML file.
pub(super) fn unreadable(path: &str, text: &str, error: &toml::de::Error) -> Problem {
    let line = error.span().map_or(1, |span| line_at(text, span.start));
    Problem::new(path, line, format!("not TOML: {}; mend the line", error.message()))
}

/// `crates/NAME/Cargo.toml` -> `NAME`.
fn folder_of(path: &str) -> Option<&str> {
    path.strip_prefix("crates/")?.strip_suffix("/Cargo.toml").filter(|folder| !folder.contains('/'))
}

struct Dependency<'a> {
    name: &'a str,
    spec: &'a Value,
}

impl Manifest<'_> {
    fn get(&self, keys: &[&str]) -> Option<&Value> {
        let (first, rest) = keys.split_first()?;
        rest.iter().try_fold(self.table.get(*first)?, |value, key| value.get(key))
    }

    /// What needs another toolchain (`fuzz`) is a workspace of its own, and cannot inherit from ours. Crates never are.
    fn is_of_the_workspace(&self) -> bool {
        self.path.starts_with("crates/") || !self.table.contains_key("workspace")
    }

    fn name(&self) -> Option<&str> {
        self.get(&["package", "name"])?.as_str()
    }

    fn floor(&self) -> Option<i64> {
        self.get(&["package", "metadata", "sekisho", "floor"])?.as_integer()
    }

    /// A problem at the first line that begins with `key`.
    fn problem(&self, key: &str, text: String) -> Problem {
        let begins = |line: &&str| line.trim_start().trim_start_matches('"').starts_with(key);
        let line = self.text.lines().position(|line| begins(&line)).map_or(1, |index| index + 1);
        Problem::new(self.path, line, text)
    }

    fn identity_problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        if let Some(folder) = folder_of(self.path) {
            if self.name() != Some(folder) {
                problems
                    .push(self.problem("name", format!("the folder is {folder}; name the crate the same")));
            }
            if self.floor().is_none_or(|floor| !(0..=5).contains(&floor)) {
                let text =
                    "no floor; add [package.metadata.sekisho] floor = 0..5 (ARCHITECTURE.md)".to_owned();
                problems.push(self.problem("[package]", text));
            }
        }
        if self.get(&["package", "version"]).and_then(Value::as_str) != Some("0.0.0") {
            let text = "crates carry no version of their own; write version = \"0.0.0\"".to_owned();
            problems.push(self.problem("version", text));
        }
        if self.get(&["lints", "workspace"]).and_then(Value::as_bool) != Some(true) {
            problems.push(self.problem("[lints]", "own lints; write [lints] workspace = true".to_owned()));
        }
        problems
    }

    /// Of all three kinds, for every platform.
    fn dependencies(&self) -> Vec<Dependency<'_>> {
        let platforms = self.get(&["target"]).and_then(Value::as_table);
        let tables = platforms.into_iter().flat_map(Table::values).filter_map(Value::as_table);
        let kinds = ["dependencies", "dev-dependencies", "build-dependencies"];
        std::iter::once(&self.table)
            .chain(tables)
            .flat_map(|table| kinds.iter().filter_map(|kind| table.get(*kind)?.as_table()))
            .flat_map(|table| table.iter().map(|(name, spec)| Dependency { name, spec }))
            .collect()
    }

    fn dependency_problems(&self, dependency: &Dependency, floors: &BTreeMap<&str, i64>) -> Vec<Problem> {
        let Dependency { name, spec } = dependency;
        let mut problems = Vec::new();
        if spec.get("workspace").and_then(Value::as_bool) != Some(true) {
            let text = format!("{name} has a version of its own; move it to [workspace.dependencies]");
            problems.push(self.problem(name, text));
        }
        if let (Some(own), Some(other)) = (self.floor(), floors.get(name))
            && *other >= own
        {
            let text =
                format!("floor {own} sees {name} on floor {other}; a crate depends only on lower floors");
            problems.push(self.problem(name, text));
        }
        let own_name = self.name().unwrap_or_default();
        for home in HOMES.home.iter().filter(|home| home.holds(name)) {
            if !home.crates.iter().any(|home| home == own_name) {
                let at = home.crates.join(", ");
                let text = format!("{name} is at home in {at} ({}); ask a method of theirs", home.reason);
                problems.push(self.problem(name, text));
            }
        }
        problems
    }
}

impl Home {
    fn holds(&self, dependency: &str) -> bool {
        self.dependencies.iter().any(|pattern| match pattern.strip_suffix('*') {
            Some(beginning) => dependency.starts_with(beginning),
            None => dependency == pattern,
        })
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::check;
    use crate::tidy::said_of;

    fn manifest(name: &str, floor: u8, rest: &str) -> String {
        format!(
            "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\n[package.metadata.sekisho]\nfloor = {floor}\n\
             [lints]\nworkspace = true\n{rest}"
        )
    }

    fn check_manifests(manifests: &[(&str, String)], expected: &Expect) {
        let files: Vec<(&str, &str)> = manifests.iter().map(|(path, text)| (*path, text.as_str())).collect();
        expected.assert_eq(&said_of(check, &files));
    }

    #[test]
    fn lower_floors_and_homes_are_fine() {
        let above = "[dependencies]\nsekisho-base.workspace = true\nserde.workspace = true\n\
                     [dev-dependencies]\nclap = { workspace = true }\n";
        check_manifests(
            &[
                ("crates/sekisho-base/Cargo.toml", manifest("sekisho-base", 0, "")),
                ("crates/sekisho/Cargo.toml", manifest("sekisho", 5, above)),
            ],
            &expect![""],
        );
    }

    #[test]
    fn floors_are_never_climbed_by_any_kind_of_dependency() {
        let rest = "[dependencies]\nsekisho-text.workspace = true\n[dev-dependencies]\n\
                    sekisho-catalog.workspace = true\n[target.'cfg(unix)'.build-dependencies]\n\
                    sekisho-plan.workspace = true\n";
        check_manifests(
            &[
                ("crates/sekisho-base/Cargo.toml", manifest("sekisho-base", 0, rest)),
                ("crates/sekisho-text/Cargo.toml", manifest("sekisho-text", 0, "")),
                ("crates/sekisho-catalog/Cargo.toml", manifest("sekisho-catalog", 1, "")),
                ("crates/sekisho-plan/Cargo.toml", manifest("sekisho-plan", 2, "")),
            ],
            &expect![[r"
                crates/sekisho-base/Cargo.toml:9: floor 0 sees sekisho-text on floor 0; a crate depends only on lower floors
                crates/sekisho-base/Cargo.toml:11: floor 0 sees sekisho-catalog on floor 1; a crate depends only on lower floors
                crates/sekisho-base/Cargo.toml:13: floor 0 sees sekisho-plan on floor 2; a crate depends only on lower floors
            "]],
        );
    }

    #[test]
    fn everything_a_manifest_can_get_wrong() {
        let text = "[package]\nname = \"sekisho-words\"\nversion = \"1.0.0\"\n[dependencies]\naxum = \"1\"\n\
                    llama-cpp-sys = { workspace = true }\n";
        check_manifests(
            &[
                ("crates/sekisho-text/Cargo.toml", text.to_owned()),
                ("crates/broken/Cargo.toml", "[package]\nname = \n".to_owned()),
                ("xtask/Cargo.toml", "[package]\nname = \"xtask\"\nversion = \"0.0.0\"\n".to_owned()),
                ("fuzz/Cargo.toml", "[package]\nname = \"fuzz\"\n[workspace]\n".to_owned()),
            ],
            &expect![[r#"
                crates/broken/Cargo.toml:2: not TOML: string values must be quoted, expected literal string; mend the line
                crates/sekisho-text/Cargo.toml:1: no floor; add [package.metadata.sekisho] floor = 0..5 (ARCHITECTURE.md)
                crates/sekisho-text/Cargo.toml:1: own lints; write [lints] workspace = true
                crates/sekisho-text/Cargo.toml:2: the folder is sekisho-text; name the crate the same
                crates/sekisho-text/Cargo.toml:3: crates carry no version of their own; write version = "0.0.0"
                crates/sekisho-text/Cargo.toml:5: axum has a version of its own; move it to [workspace.dependencies]
                crates/sekisho-text/Cargo.toml:5: axum is at home in sekisho-serve, sekisho-console, sekisho (one HTTP server; the rest of the house knows no request and no status); ask a method of theirs
                crates/sekisho-text/Cargo.toml:6: llama-cpp-sys is at home in sekisho-engine (C++ and cmake stay out of the default build, and a crash stays in another process); ask a method of theirs
                xtask/Cargo.toml:1: own lints; write [lints] workspace = true
            "#]],
        );
    }
}
