//! From a file of rules to a [`Policy`], or everything that is wrong with it.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    ACTIONS, Action, Conditions, DIRECTIONS, Direction, POLICY_BYTES_MAX, Policy, RULES_MAX, Rule, TEXTS_MAX,
    TRIALS_MAX, Trial, kind_bit, rank_bit, text_key,
};
use crate::{
    Context, Kind, Label, Problem, Scheme,
    detector::SURE_FROM,
    file::{Ids, Item, ProblemKind, Reader, Table, Value},
};

const POINTS_MAX: usize = 32;
const LIST_MAX: usize = 64;
const NAME_CHARS_MAX: usize = 100;
const TEXT_CHARS_MAX: usize = 500;
const TRIAL_CHARS_MAX: usize = 4_000;

/// In a list of kinds: all kinds that tell of a person.
const PERSONAL: &str = "personal";

/// What labels are called in this file, while it is read.
struct Names<'s> {
    scheme: &'s Scheme,
    points: BTreeMap<String, Label>,
}

pub(super) fn parse(text: &str, scheme: &Scheme) -> Result<Policy, Vec<Problem>> {
    let (mut reader, mut root) = Reader::open(text, POLICY_BYTES_MAX);
    root.version(&mut reader);
    let id = root.id(&mut reader).text;
    let title = root.words(&mut reader, "title");
    if let Some(named) = root.take("scheme").and_then(|value| value.item(&mut reader, NAME_CHARS_MAX))
        && named.text != scheme.id()
    {
        let kind = ProblemKind::OtherScheme { found: named.text, scheme: scheme.id().to_owned() };
        reader.note(named.at, &named.path, kind);
    }
    let points = read_points(&mut reader, &mut root, scheme);
    let names = Names { scheme, points };
    let rules = read_rules(&mut reader, &mut root, &names);
    root.finish(&mut reader);
    let problems = reader.into_problems();
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok(Policy { id, title, scheme: scheme.clone(), rules })
}

/// Names for levels, so that one file fits several schemes.
fn read_points(reader: &mut Reader, root: &mut Table<'_>, scheme: &Scheme) -> BTreeMap<String, Label> {
    let mut points = BTreeMap::new();
    let mut ids = Ids::default();
    for value in root.take("point").map(|value| value.items(reader, POINTS_MAX)).unwrap_or_default() {
        let Some(mut table) = value.table(reader) else { continue };
        let id = table.id(reader);
        ids.take(reader, &id);
        table.words(reader, "why");
        let levels = table.need(reader, "levels").and_then(|value| value.table(reader));
        for (other, level) in
            levels.map(|levels| levels.texts_by_key(reader, NAME_CHARS_MAX)).unwrap_or_default()
        {
            if other != scheme.id() {
                continue;
            }
            match scheme.parse_label(&level.text) {
                Some(label) => drop(points.insert(id.text.clone(), label)),
                None => reader.note(level.at, &level.path, ProblemKind::NoSuchLabel { found: level.text }),
            }
        }
        table.finish(reader);
    }
    points
}

fn read_rules(reader: &mut Reader, root: &mut Table<'_>, names: &Names<'_>) -> Vec<Arc<Rule>> {
    let Some(value) = root.need(reader, "rule") else { return Vec::new() };
    let (at, path) = (value.at, value.path.clone());
    let items = value.items(reader, RULES_MAX);
    if items.is_empty() {
        reader.note(at, &path, ProblemKind::Empty);
    }
    let mut ids = Ids::default();
    let mut rules = Vec::new();
    for value in items {
        let Some(table) = value.table(reader) else { continue };
        if let Some(rule) = read_rule(reader, table, names, &mut ids) {
            rules.push(Arc::new(rule));
        }
    }
    rules
}

fn read_rule(reader: &mut Reader, mut table: Table<'_>, names: &Names<'_>, ids: &mut Ids) -> Option<Rule> {
    let id = table.id(reader);
    ids.take(reader, &id);
    let version = table.need(reader, "version").and_then(|value| value.whole(reader, 1, u32::MAX));
    let why = table.words(reader, "why");
    let taxonomy = table.taxonomy(reader);
    let (kinds, detectors, texts) = read_matches(reader, &mut table);
    let names_what = [kinds.is_some(), !detectors.is_empty(), !texts.is_empty()].contains(&true);
    let kinds = kinds.unwrap_or_else(|| Kind::all().collect());
    let confidence_min = table.take("confidence_min").and_then(|value| value.share(reader));
    let marking_above_label = read_marking(reader, &mut table, &kinds);
    let labels = match table.take("label").and_then(|value| value.table(reader)) {
        Some(table) => read_labels(reader, table, names),
        None => u32::MAX,
    };
    let directions = read_directions(reader, &mut table);
    let action = table.need(reader, "action").and_then(|value| value.word(reader, ACTIONS));
    let reversible = read_flag_beside(reader, &mut table, "reversible", action == Some(Action::Mask));
    let exempt = read_flag_beside(reader, &mut table, "exempt", action == Some(Action::Pass));
    if exempt && !names_what {
        reader.note(table.at, &table.path, ProblemKind::ExemptsAll);
    }
    let trials = table.take("test").map(|value| value.items(reader, TRIALS_MAX)).unwrap_or_default();
    let trials = trials.into_iter().filter_map(|value| read_trial(reader, value, names)).collect();
    table.finish(reader);
    let bits = kinds.iter().fold(0, |bits, kind| bits | kind_bit(*kind));
    Some(Rule {
        id: id.text,
        version: version?,
        why,
        taxonomy,
        action: action?,
        reversible,
        exempt,
        kinds,
        detectors,
        confidence_min: confidence_min.unwrap_or(SURE_FROM),
        conditions: Conditions { kinds: bits, texts, labels, directions, marking_above_label },
        trials,
    })
}

/// `reversible` beside a mask, `exempt` beside a pass; elsewhere they would mean nothing.
fn read_flag_beside(reader: &mut Reader, table: &mut Table<'_>, key: &'static str, fits: bool) -> bool {
    let Some(value) = table.take(key) else { return false };
    if !fits {
        reader.note(value.at, &value.path, ProblemKind::Pointless { beside: "action" });
    }
    value.flag(reader).unwrap_or_default()
}

/// Kinds (none when not said), patterns of detector rules, and keys of exact texts.
fn read_matches(reader: &mut Reader, table: &mut Table<'_>) -> (Option<Vec<Kind>>, Vec<String>, Vec<String>) {
    let words: Vec<(&str, Kind)> = Kind::all().map(|kind| (kind.name(), kind)).collect();
    let kinds = table.take("kinds").map(|value| value.texts(reader, LIST_MAX, NAME_CHARS_MAX));
    let kinds = kinds.map(|items| {
        let mut kinds = Vec::new();
        for item in items {
            if item.text == PERSONAL {
                kinds.extend(Kind::all().filter(|kind| kind.is_personal() && *kind != Kind::CorpNumber));
            } else {
                kinds.extend(item.word(reader, &words));
            }
        }
        kinds.sort_unstable();
        kinds.dedup();
        kinds
    });
    let mut texts =
        |key, max| table.take(key).map(|value| value.texts(reader, max, TEXT_CHARS_MAX)).unwrap_or_default();
    let detectors = texts("detectors", LIST_MAX).into_iter().map(|item| item.text).collect();
    let mut keys = Vec::new();
    for Item { text, path, at } in texts("texts", TEXTS_MAX) {
        let key = text_key(&text);
        if key.is_empty() {
            reader.note(at, &path, ProblemKind::Empty);
        }
        keys.push(key);
    }
    keys.sort_unstable();
    (kinds, detectors, keys)
}

fn read_marking(reader: &mut Reader, table: &mut Table<'_>, kinds: &[Kind]) -> bool {
    let Some(value) = table.take("marking_above_label") else { return false };
    if kinds != [Kind::Marking] {
        reader.note(value.at, &value.path, ProblemKind::Pointless { beside: "kinds" });
    }
    value.flag(reader).unwrap_or_default()
}

fn read_directions(reader: &mut Reader, table: &mut Table<'_>) -> u8 {
    let Some(value) = table.take("directions") else { return u8::MAX };
    let items = value.texts(reader, LIST_MAX, NAME_CHARS_MAX);
    let directions = items.into_iter().filter_map(|item| item.word(reader, DIRECTIONS));
    directions.map(Direction::bit).fold(0, |bits, bit| bits | bit)
}

/// `{ at_least = "2", at_most = "3C" }` or `{ any_of = ["2", "1"] }`, as a bit for each rank.
fn read_labels(reader: &mut Reader, mut table: Table<'_>, names: &Names<'_>) -> u32 {
    let (at, path) = (table.at, table.path.clone());
    let before = reader.problem_count();
    let mut bound = |key| table.take(key).and_then(|value| read_label(reader, value, names));
    let (at_least, at_most) = (bound("at_least"), bound("at_most"));
    let any_of = table.take("any_of").map(|value| value.items(reader, LIST_MAX));
    let any_of = any_of.map(|items| {
        let labels = items.into_iter().filter_map(|value| read_label(reader, value, names));
        labels.map(|label| label.rank()).collect::<Vec<_>>()
    });
    table.finish(reader);
    let fits = |label: &Label| {
        at_least.as_ref().is_none_or(|bound| label >= bound)
            && at_most.as_ref().is_none_or(|bound| label <= bound)
            && any_of.as_ref().is_none_or(|ranks| ranks.contains(&label.rank()))
    };
    let bits = names.scheme.labels().filter(fits).fold(0, |bits, label| bits | rank_bit(label.rank()));
    if bits == 0 && reader.problem_count() == before {
        reader.note(at, &path, ProblemKind::NoLabelLeft);
    }
    bits
}

/// A named point or a label of the scheme.
fn read_label(reader: &mut Reader, value: Value<'_>, names: &Names<'_>) -> Option<Label> {
    let Item { text, path, at } = value.item(reader, NAME_CHARS_MAX)?;
    let label = names.points.get(&text).cloned().or_else(|| names.scheme.parse_label(&text));
    if label.is_none() {
        reader.note(at, &path, ProblemKind::NoSuchLabel { found: text });
    }
    label
}

fn read_trial(reader: &mut Reader, value: Value<'_>, names: &Names<'_>) -> Option<Trial> {
    let mut table = value.table(reader)?;
    let text = table.need(reader, "text").and_then(|value| value.item(reader, TRIAL_CHARS_MAX));
    let label = match table.take("label") {
        Some(value) => read_label(reader, value, names),
        // What has no label has the highest.
        None => Some(names.scheme.highest()),
    };
    let direction = table.need(reader, "direction").and_then(|value| value.word(reader, DIRECTIONS));
    let expect = table.need(reader, "expect").and_then(|value| value.word(reader, ACTIONS));
    let result = table.take("result").and_then(|value| value.item(reader, TRIAL_CHARS_MAX));
    let (line, path) = (reader.line(table.at), table.path.clone());
    table.finish(reader);
    Some(Trial {
        text: text?.text,
        context: Context { label: label?, direction: direction? },
        expect: expect?,
        result: result.map(|item| item.text),
        line,
        path,
    })
}
