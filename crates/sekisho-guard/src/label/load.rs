//! From a file of labels to a [`Scheme`], or everything that is wrong with it.

use std::{collections::BTreeMap, sync::Arc};

use super::{Checked, Content, LABEL_CHARS_MAX, Level, Scheme, Source, label_key};
use crate::{
    Problem,
    file::{Item, ProblemKind, Reader, Table},
};

/// The largest of ours has about 5 kB.
const SCHEME_BYTES_MAX: usize = 64 * 1024;
/// Rules keep sets of levels as bits.
pub(crate) const LEVELS_MAX: usize = 32;
const SPELLINGS_MAX: usize = 64;
const NAME_CHARS_MAX: usize = 200;

const CHECKED: &[(&str, Checked)] = &[
    ("primary", Checked::Primary),
    ("secondary", Checked::Secondary),
    ("unverified", Checked::Unverified),
    ("own", Checked::Own),
];

pub(super) fn parse(text: &str) -> Result<Scheme, Vec<Problem>> {
    let (mut reader, mut root) = Reader::open(text, SCHEME_BYTES_MAX);
    root.version(&mut reader);
    let id = root.id(&mut reader).text;
    let title = root.words(&mut reader, "title");
    let source = root.need(&mut reader, "source").and_then(|value| value.table(&mut reader));
    let source = source.and_then(|table| read_source(&mut reader, table));
    let mut levels = read_levels(&mut reader, &mut root);
    root.finish(&mut reader);
    let problems = reader.into_problems();
    match source {
        Some(source) if problems.is_empty() => {
            levels.reverse();
            Ok(Scheme(Arc::new(Content { id, title, source, levels })))
        }
        _ => Err(problems),
    }
}

fn read_source(reader: &mut Reader, mut table: Table<'_>) -> Option<Source> {
    let name = table.need(reader, "name").and_then(|value| value.item(reader, NAME_CHARS_MAX));
    let date = table.take("date").map(|value| value.date(reader));
    let checked = table.need(reader, "checked").and_then(|value| value.word(reader, CHECKED));
    let note = table.words(reader, "note");
    table.finish(reader);
    Some(Source { name: name?.text, date: date.flatten(), checked: checked?, note })
}

/// As written: from the highest to the lowest.
fn read_levels(reader: &mut Reader, root: &mut Table<'_>) -> Vec<Level> {
    let Some(value) = root.need(reader, "level") else { return Vec::new() };
    let (at, path) = (value.at, value.path.clone());
    let items = value.items(reader, LEVELS_MAX);
    if items.is_empty() {
        reader.note(at, &path, ProblemKind::Empty);
    }
    let mut levels = Vec::new();
    // Each spelling means one level only.
    let mut taken: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for (index, value) in items.into_iter().enumerate() {
        let (at, path) = (value.at, value.path.clone());
        let Some(level) = value.table(reader).and_then(|table| read_level(reader, table)) else { continue };
        for spelling in level.spellings() {
            let Some(key) = label_key(spelling) else {
                reader.note(at, &path, ProblemKind::BadId { found: spelling.to_owned() });
                continue;
            };
            let (first, first_line) = *taken.entry(key).or_insert((index, reader.line(at)));
            if first != index {
                let found = spelling.to_owned();
                reader.note(at, &path, ProblemKind::Duplicate { found, first_line });
            }
        }
        levels.push(level);
    }
    levels
}

fn read_level(reader: &mut Reader, mut table: Table<'_>) -> Option<Level> {
    let id = table.need(reader, "id").and_then(|value| value.item(reader, LABEL_CHARS_MAX));
    let name = table.words(reader, "name");
    let meaning = table.words(reader, "meaning");
    let checked = table.need(reader, "checked").and_then(|value| value.word(reader, CHECKED));
    let mut spellings = |key| {
        let items = table.take(key).map(|value| value.texts(reader, SPELLINGS_MAX, LABEL_CHARS_MAX));
        items.unwrap_or_default().into_iter().map(|item: Item| item.text).collect()
    };
    let (aliases, markings) = (spellings("aliases"), spellings("markings"));
    let elsewhere = table.take("elsewhere").and_then(|value| value.table(reader));
    let elsewhere = elsewhere.map(|table| table.texts_by_key(reader, LABEL_CHARS_MAX)).unwrap_or_default();
    let elsewhere = elsewhere.into_iter().map(|(scheme, item)| (scheme, item.text)).collect();
    table.finish(reader);
    Some(Level { id: id?.text, name, meaning, checked: checked?, aliases, markings, elsewhere })
}
