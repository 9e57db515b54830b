//! Names in policies that do not exist.
//!
//! The validator knows types, not names: for it, `Group::"fukusi"` is as good as `Group::"fukushi"`. A permit with a
//! misspelt name never permits, and somebody complains; a forbid with one never forbids, and nobody does. So every name is
//! held against what exists, where a policy names an entity and where it compares a text.

use cedar_policy::Policy;
use serde_json::Value;

use super::{
    BUILT_IN_GROUPS, Kind, PrincipalKind, Vocabulary,
    load::{Field, ProblemKind},
};
use crate::Place;

/// Names that a problem lists as known at most.
const KNOWN_MAX: usize = 32;
const PLACES: [Place; 3] = [Place::OnPrem, Place::Domestic, Place::Abroad];

/// The groups that policies may name.
pub(super) fn group_names(vocabulary: &Vocabulary) -> impl Iterator<Item = &str> {
    BUILT_IN_GROUPS.into_iter().chain(vocabulary.groups.iter().map(String::as_str))
}

/// Notes every name of a policy that does not exist.
pub(super) fn check(policy: &Policy, vocabulary: &Vocabulary, note: &mut dyn FnMut(ProblemKind)) {
    let mut checker = Checker { vocabulary, note };
    for literal in policy.entity_literals() {
        let field = match literal.type_name().basename() {
            "Group" => Field::Group,
            "Model" => Field::Model,
            "Gate" => Field::Gate,
            _ => continue,
        };
        checker.name(field, literal.id().unescaped());
    }
    // A policy that was read can be written; its depth is bounded by the parser that read it.
    if let Ok(json) = policy.to_json() {
        checker.walk(&json);
    }
}

struct Checker<'c> {
    vocabulary: &'c Vocabulary,
    note: &'c mut dyn FnMut(ProblemKind),
}

impl Checker<'_> {
    /// Looks at every comparison: `{"==": {"left": …, "right": …}}`.
    fn walk(&mut self, node: &Value) {
        match node {
            Value::Object(members) => {
                for (operator, operands) in members {
                    if let (Some(left), Some(right)) = (operands.get("left"), operands.get("right")) {
                        self.compare(operator, left, right);
                    }
                    self.walk(operands);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.walk(item)),
            _ => {}
        }
    }

    fn compare(&mut self, operator: &str, left: &Value, right: &Value) {
        for (one, other) in [(left, right), (right, left)] {
            let Some((variable, attribute)) = attribute(one) else { continue };
            match (variable, attribute, operator) {
                ("context", "label_rank", "==" | "!=" | "<" | "<=" | ">" | ">=") => self.rank(other),
                (_, _, "==" | "!=" | "contains" | "containsAll" | "containsAny") => {
                    if let Some(field) = field(variable, attribute) {
                        strings(other, &mut |text| self.name(field, text));
                    }
                }
                _ => {}
            }
        }
    }

    fn rank(&mut self, number: &Value) {
        let Some(found) = number.get("Value").and_then(Value::as_i64) else { return };
        let highest = self.vocabulary.scheme.labels().count() - 1;
        if !usize::try_from(found).is_ok_and(|rank| rank <= highest) {
            (self.note)(ProblemKind::RankOutOfBounds { found, highest });
        }
    }

    fn name(&mut self, field: Field, found: &str) {
        let vocabulary = self.vocabulary;
        let known: Vec<String> = match field {
            Field::Group => group_names(vocabulary).map(str::to_owned).collect(),
            Field::Model => vocabulary.models.iter().map(|model| model.name.clone()).collect(),
            Field::Gate => vec!["sekisho".to_owned()],
            Field::Label => vocabulary.scheme.labels().map(|label| label.id().to_owned()).collect(),
            Field::Kind => Kind::ALL.map(|kind| kind.as_str().to_owned()).to_vec(),
            // An organisation that lists no purposes takes any.
            Field::Purpose if vocabulary.purposes.is_empty() => return,
            Field::Purpose => vocabulary.purposes.clone(),
            Field::Place => PLACES.map(|place| place.as_str().to_owned()).to_vec(),
            Field::PrincipalKind => PrincipalKind::ALL.map(|kind| kind.as_str().to_owned()).to_vec(),
        };
        if !known.iter().any(|name| name == found) {
            let known = known.into_iter().take(KNOWN_MAX).collect();
            (self.note)(ProblemKind::UnknownName { field, found: found.to_owned(), known });
        }
    }
}

/// `context.label`, as variable and attribute.
fn attribute(node: &Value) -> Option<(&str, &str)> {
    let access = node.get(".")?;
    Some((access.get("left")?.get("Var")?.as_str()?, access.get("attr")?.as_str()?))
}

fn field(variable: &str, attribute: &str) -> Option<Field> {
    match (variable, attribute) {
        ("context", "label") => Some(Field::Label),
        ("context", "kind") => Some(Field::Kind),
        ("context", "purpose") => Some(Field::Purpose),
        ("resource", "places") => Some(Field::Place),
        ("principal", "kind") => Some(Field::PrincipalKind),
        _ => None,
    }
}

/// The texts that stand here by themselves, or in a set.
fn strings(node: &Value, take: &mut dyn FnMut(&str)) {
    match (node.get("Value"), node.get("Set").and_then(Value::as_array)) {
        (Some(Value::String(text)), _) => take(text),
        (Some(Value::Array(items)), _) => items.iter().filter_map(Value::as_str).for_each(take),
        (_, Some(items)) => items.iter().for_each(|item| strings(item, take)),
        _ => {}
    }
}
