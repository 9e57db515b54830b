//! From data files to a [`Catalog`], with every problem of every file.

use std::{collections::BTreeMap, fs, io, path::Path};

use toml::de::DeValue;

use crate::{
    Catalog,
    check::check,
    claim::{Claim, DateKind, FactId, Kind, Origin, PriceTag, ScoreTag, Status, UNDISCLOSED, Value},
    entity::{Class, Entity, EntityFootnote, Reference},
    field::{self, read_bilingual},
    reader::{FileReader, Problem, ProblemKind, TableReader},
};

/// Data files inside the binary: path under the catalog folder, and text.
static EMBEDDED: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

/// Most files that are read from an organisation's catalog folder.
pub const OVERLAY_FILES_MAX: usize = 20_000;

const RELATIONS: &[&str] = &["series", "organisation", "model", "product"];

/// Reads the embedded catalog and lays the files of `overlay` over it.
pub(crate) fn load(overlay: Option<&Path>) -> (Catalog, Vec<Problem>) {
    let mut catalog = Catalog::default();
    let mut problems = Vec::new();
    let (first, rest): (Vec<_>, Vec<_>) = EMBEDDED.iter().partition(|(path, _)| *path == "fields.toml");
    for (path, text) in first.into_iter().chain(rest) {
        read_file(&mut catalog, &mut problems, &format!("data/catalog/{path}"), path, text, false);
    }
    if let Some(folder) = overlay {
        read_overlay(&mut catalog, &mut problems, folder);
    }
    check(&catalog, &mut problems);
    problems.sort();
    (catalog, problems)
}

fn read_overlay(catalog: &mut Catalog, problems: &mut Vec<Problem>, folder: &Path) {
    let mut files = Vec::new();
    let whole = |cause: io::Error| Problem {
        file: folder.display().to_string(),
        line: 0,
        kind: ProblemKind::Unreadable { cause: cause.to_string() },
    };
    if let Err(cause) = collect(folder, folder, &mut files) {
        problems.push(whole(cause));
        return;
    }
    files.sort_by_key(|(relative, _)| (relative != "fields.toml", relative.clone()));
    for (relative, path) in files {
        let shown = path.display().to_string();
        // The length is asked for first: a device or a runaway log must not be read into memory.
        let too_long =
            fs::metadata(&path).is_ok_and(|data| data.len() > crate::reader::FILE_BYTES_MAX as u64);
        let outcome = if too_long {
            Err(ProblemKind::TooLong { bytes_max: crate::reader::FILE_BYTES_MAX })
        } else {
            fs::read_to_string(&path).map_err(|cause| ProblemKind::Unreadable { cause: cause.to_string() })
        };
        match outcome {
            Ok(text) => read_file(catalog, problems, &shown, &relative, &text, true),
            Err(kind) => problems.push(Problem { file: shown, line: 0, kind }),
        }
    }
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<(String, std::path::PathBuf)>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        // Links are not followed, so that a folder cannot contain itself.
        let file_type = entry.file_type()?;
        if file_type.is_dir() {
            collect(root, &path, files)?;
        } else if file_type.is_file() && path.extension().is_some_and(|extension| extension == "toml") {
            let relative = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
            files.push((relative, path));
        }
        if files.len() > OVERLAY_FILES_MAX {
            return Err(io::Error::other(format!("more than {OVERLAY_FILES_MAX} files")));
        }
    }
    Ok(())
}

fn read_file(
    catalog: &mut Catalog,
    problems: &mut Vec<Problem>,
    shown: &str,
    relative: &str,
    text: &str,
    overlay: bool,
) {
    let mut reader = FileReader::new(shown, text);
    if relative == "fields.toml" {
        field::read(&mut reader, text, &mut catalog.fields);
    } else {
        let (folder, file) = relative.rsplit_once('/').unwrap_or(("", relative));
        match Class::parse(folder) {
            Some(class) => {
                if let Some(entity) =
                    read_entity(&mut reader, text, class, file.trim_end_matches(".toml"), overlay)
                {
                    catalog.add(entity, &mut reader);
                }
            }
            None => reader.note(0, ProblemKind::UnknownClass { folder: folder.to_owned() }),
        }
    }
    problems.append(&mut reader.problems);
}

fn read_entity(
    reader: &mut FileReader<'_>,
    text: &str,
    class: Class,
    stem: &str,
    overlay: bool,
) -> Option<Entity> {
    let tree = reader.parse(text)?;
    let mut root = TableReader::new(reader, tree);
    root.version();
    let id = root.required_text("id");
    if !id.is_empty() && id != stem {
        root.file.note(1, ProblemKind::IdDiffersFromFile { id: id.clone() });
    }
    let name = read_bilingual(&mut root, "name").unwrap_or_default();
    let aliases = root.texts("aliases");
    let mut relations = BTreeMap::new();
    for relation in RELATIONS {
        let ids = root.texts(relation);
        if !ids.is_empty() {
            relations.insert((*relation).to_owned(), ids);
        }
    }
    let url = root.text("url");
    let source_kind = root.text("source_kind");
    let comparison = root.flag("comparison");
    let note = read_bilingual(&mut root, "note");
    let mut claims = read_undisclosed(&mut root, overlay);
    let references = root.tables("reference");
    let tables = root.tables("claim");
    root.finish();
    let references =
        references.into_iter().map(|table| read_reference(TableReader::new(reader, table))).collect();
    for table in tables {
        claims.push(read_claim(TableReader::new(reader, table), overlay));
    }
    Some(Entity {
        class,
        id,
        name,
        aliases,
        relations,
        url,
        source_kind,
        references,
        comparison,
        note,
        claims,
    })
}

/// `[undisclosed] field = [...] source = [...] as_of = "..."`: what was looked for and not found, said once for many
/// fields.
fn read_undisclosed(root: &mut TableReader<'_, '_, '_>, overlay: bool) -> Vec<Claim> {
    let Some(mut table) = root.table("undisclosed") else { return Vec::new() };
    let fields = table.texts("field");
    let source = table.texts("source");
    let as_of = table.text("as_of");
    let line = table.file.line(&table.span);
    let file = table.file.file.to_owned();
    table.finish();
    fields
        .into_iter()
        .map(|field| Claim {
            field,
            about: None,
            value: Value::Undisclosed(None),
            value_en: None,
            printed: None,
            unit: None,
            scale: None,
            as_of: as_of.clone(),
            kind: Kind::Unverified,
            status: vec![Status::NotChecked],
            source: source.clone(),
            locator: None,
            fact: None,
            line: None,
            cites: None,
            checked_against: None,
            against: Vec::new(),
            note: None,
            codes: Vec::new(),
            date_kind: None,
            price: None,
            score: None,
            origin: Origin { file: file.clone(), line, overlay },
        })
        .collect()
}

fn read_reference(mut table: TableReader<'_, '_, '_>) -> Reference {
    let number = table.integer("number").and_then(|number| u8::try_from(number).ok()).unwrap_or(0);
    let line = table.integer("line").and_then(|line| u32::try_from(line).ok()).unwrap_or(0);
    let entity = table.text("entity");
    let entity_line = table.integer("entity_line").and_then(|line| u32::try_from(line).ok()).unwrap_or(0);
    let mismatch = read_bilingual(&mut table, "mismatch");
    table.finish();
    let on_entity = entity.map(|entity| EntityFootnote { entity, line: entity_line });
    Reference { number, line, on_entity, mismatch }
}

fn read_claim(mut table: TableReader<'_, '_, '_>, overlay: bool) -> Claim {
    let line = table.file.line(&table.span);
    let origin = Origin { file: table.file.file.to_owned(), line, overlay };
    let field = table.required_text("field");
    let value = read_value(&mut table);
    let before = table.file.problems.len();
    let kind = table.word("kind", Kind::WORDS);
    if kind.is_none() && table.file.problems.len() == before {
        table.file.note(line, ProblemKind::MissingKey { key: "kind".to_owned() });
    }
    let claim = Claim {
        field,
        about: read_bilingual(&mut table, "about"),
        value,
        value_en: table.text("value_en"),
        printed: table.text("printed"),
        unit: table.text("unit"),
        scale: table.text("scale"),
        as_of: table.text("as_of"),
        kind: kind.unwrap_or(Kind::Unverified),
        status: read_statuses(&mut table),
        source: table.texts("source"),
        locator: table.text("locator"),
        fact: read_fact(&mut table),
        line: table.integer("line").and_then(|line| u32::try_from(line).ok()),
        cites: table.integer("cites").and_then(|number| u8::try_from(number).ok()),
        checked_against: table.text("checked_against"),
        against: read_facts(&mut table),
        note: read_bilingual(&mut table, "note"),
        codes: table.texts("codes"),
        date_kind: table.word("date_kind", DateKind::WORDS),
        price: read_price(&mut table),
        score: read_score(&mut table),
        origin,
    };
    table.finish();
    claim
}

fn read_value(table: &mut TableReader<'_, '_, '_>) -> Value {
    let at = table.span.start;
    let Some(value) = table.take("value") else {
        table.file.note_at(at, ProblemKind::MissingKey { key: "value".to_owned() });
        return Value::Undisclosed(None);
    };
    let read = match value.get_ref() {
        DeValue::String(text) => Some(Value::parse_text(text)),
        DeValue::Integer(number) => number.as_str().replace('_', "").parse().ok().map(Value::Integer),
        DeValue::Float(number) => {
            number.as_str().parse().ok().filter(|number: &f64| number.is_finite()).map(Value::Number)
        }
        _ => None,
    };
    read.unwrap_or_else(|| {
        let kind = ProblemKind::WrongType {
            key: "value".to_owned(),
            expected: "string or finite number",
            found: value.get_ref().type_str().to_owned(),
        };
        table.file.note_at(value.span().start, kind);
        Value::Undisclosed(None)
    })
}

fn read_statuses(table: &mut TableReader<'_, '_, '_>) -> Vec<Status> {
    let line = table.file.line(&table.span);
    let mut statuses = Vec::new();
    let before = table.file.problems.len();
    for word in table.texts("status") {
        match Status::parse(&word) {
            Some(status) => statuses.push(status),
            None => {
                let allowed = Status::WORDS.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(" ");
                table
                    .file
                    .note(line, ProblemKind::NotOneOf { key: "status".to_owned(), found: word, allowed });
            }
        }
    }
    if statuses.is_empty() {
        if table.file.problems.len() == before {
            table.file.note(line, ProblemKind::MissingKey { key: "status".to_owned() });
        }
        statuses.push(Status::NotChecked);
    }
    statuses
}

fn read_fact(table: &mut TableReader<'_, '_, '_>) -> Option<FactId> {
    let line = table.file.line(&table.span);
    let text = table.text("fact")?;
    let fact = FactId::parse(&text);
    if fact.is_none() {
        let kind =
            ProblemKind::NotOneOf { key: "fact".to_owned(), found: text, allowed: "F001..F999".to_owned() };
        table.file.note(line, kind);
    }
    fact
}

fn read_facts(table: &mut TableReader<'_, '_, '_>) -> Vec<FactId> {
    let line = table.file.line(&table.span);
    let mut facts = Vec::new();
    for text in table.texts("against") {
        match FactId::parse(&text) {
            Some(fact) => facts.push(fact),
            None => {
                let allowed = "F001..F999".to_owned();
                table
                    .file
                    .note(line, ProblemKind::NotOneOf { key: "against".to_owned(), found: text, allowed });
            }
        }
    }
    facts
}

fn read_price(table: &mut TableReader<'_, '_, '_>) -> Option<PriceTag> {
    let mut inner = table.table("price")?;
    let tag = PriceTag {
        currency: inner.required_text("currency"),
        service_tier: inner.required_text("service_tier"),
        context_tier: inner.required_text("context_tier"),
    };
    inner.finish();
    Some(tag)
}

fn read_score(table: &mut TableReader<'_, '_, '_>) -> Option<ScoreTag> {
    let mut inner = table.table("score")?;
    let mut word = |key: &str| inner.text(key).unwrap_or_else(|| UNDISCLOSED.to_owned());
    let (part, harness, version) = (word("part"), word("harness"), word("version"));
    let (composition, judge) = (word("composition"), word("judge"));
    let benchmark = inner.required_text("benchmark");
    inner.finish();
    Some(ScoreTag { benchmark, part, harness, version, composition, judge })
}
