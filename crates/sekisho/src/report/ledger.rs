//! The catalog in one language, with the place that every value leads to.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::RangeInclusive,
};

use sekisho_catalog::{Catalog, Claim, Class, Entity, FactId, Kind, PartialDate, Status};

use super::value;
use crate::{
    document::{Block, Cite, Cited, Column, Line, Mark, Row, Set, Span, Table, Verdict, join, text},
    words::{Lang, Words},
};

/// The source entry of the survey itself.
const SURVEY: &str = "survey";

/// Claims with their entries.
pub(super) type Pair<'a> = (&'a Entity, &'a Claim);

/// The catalog as the document reads it.
pub(super) struct Ledger<'a> {
    /// What is known.
    pub(super) catalog: &'a Catalog,
    /// The language of the document.
    pub(super) words: &'a Words,
    facts: BTreeMap<FactId, Pair<'a>>,
    against: BTreeMap<FactId, Vec<Pair<'a>>>,
    source_numbers: BTreeMap<&'a str, usize>,
    references: BTreeSet<u8>,
}

impl<'a> Ledger<'a> {
    /// Reads the catalog once.
    pub(super) fn new(catalog: &'a Catalog, words: &'a Words) -> Self {
        let mut facts = BTreeMap::new();
        let mut against: BTreeMap<FactId, Vec<Pair<'a>>> = BTreeMap::new();
        for pair in catalog.claims() {
            if let Some(fact) = pair.1.fact {
                facts.entry(fact).or_insert(pair);
            }
            for fact in &pair.1.against {
                against.entry(*fact).or_default().push(pair);
            }
        }
        let source_numbers = (1..)
            .zip(catalog.of(Class::Source))
            .map(|(number, source)| (source.id.as_str(), number))
            .collect();
        let references = catalog
            .of(Class::Source)
            .flat_map(|source| source.references.iter().map(|reference| reference.number))
            .collect();
        Self { catalog, words, facts, against, source_numbers, references }
    }

    /// Facts of the survey, by number.
    pub(super) fn facts(&self) -> impl Iterator<Item = (FactId, Pair<'a>)> {
        self.facts.iter().map(|(fact, pair)| (*fact, *pair))
    }

    /// A fact of the survey.
    pub(super) fn fact(&self, number: u16) -> Option<Pair<'a>> {
        self.facts.get(&FactId(number)).copied()
    }

    /// What the public record, or the organisation, holds against a claim of the survey.
    pub(super) fn against(&self, claim: &Claim) -> &[Pair<'a>] {
        claim.fact.and_then(|fact| self.against.get(&fact)).map_or(&[], Vec::as_slice)
    }

    /// The value of a fact, cited; the bare number of a fact that the catalog does not have.
    pub(super) fn value_of(&self, number: u16) -> Line {
        self.fact(number).map_or_else(|| text(FactId(number).to_string()), |(_, claim)| self.value(claim))
    }

    /// The value of a fact as text.
    pub(super) fn fact_text(&self, number: u16) -> Line {
        self.fact(number).map(|(_, claim)| text(value::shown(self.words, claim).0)).unwrap_or_default()
    }

    /// The day or month that a fact names, in the words of the language.
    pub(super) fn date_of(&self, number: u16) -> Line {
        let dated = self
            .fact(number)
            .and_then(|(_, claim)| Some((claim, PartialDate::parse(&claim.value.to_string())?)));
        match dated {
            Some((claim, date)) => self.cited(claim, value::date(self.words, date), false),
            None => self.value_of(number),
        }
    }

    /// The facts of the survey that stand on these lines, in its order.
    pub(super) fn on_lines(&self, lines: &[RangeInclusive<u32>]) -> Vec<Pair<'a>> {
        let mut pairs: Vec<_> = self
            .facts
            .values()
            .filter(|(_, claim)| {
                claim.line.is_some_and(|line| lines.iter().any(|range| range.contains(&line)))
            })
            .copied()
            .collect();
        pairs.sort_by_key(|(_, claim)| (claim.line, claim.fact));
        pairs
    }

    /// A value with its source and the marks of checking.
    pub(super) fn value(&self, claim: &Claim) -> Line {
        let (shown, japanese) = value::shown(self.words, claim);
        self.cited(claim, shown, japanese)
    }

    /// A text of our own making that leads to the source of a claim: a date or a size in another form.
    pub(super) fn cited(&self, claim: &Claim, shown: String, japanese: bool) -> Line {
        let undisclosed = !claim.value.is_known();
        let cited =
            Cited { text: shown, japanese, undisclosed, cite: self.cite(claim), marks: self.marks(claim) };
        let mut line = vec![Span::Cited(cited)];
        if let Some(remark) = value::remark(self.words, claim) {
            line.push(Span::Small(format!(" {remark}")));
        }
        line
    }

    /// 未指定, said of a part of a claim: how a score came about, which tier a price is for.
    pub(super) fn unknown_part(&self, claim: &Claim) -> Line {
        let text = self.words.t("undisclosed");
        let cite = self.cite(claim);
        vec![Span::Cited(Cited { text, japanese: false, undisclosed: true, cite, marks: Vec::new() })]
    }

    /// Where a claim comes from: its fact, else the first of its sources.
    pub(super) fn cite(&self, claim: &Claim) -> Option<Cite> {
        let place = claim
            .fact
            .map(|fact| (format!("#{fact}"), fact.to_string()))
            .or_else(|| claim.source.iter().find_map(|id| Some((source_href(id), self.source_label(id)?))));
        let (href, label) = place?;
        let mut names: Vec<&str> = match claim.fact {
            Some(_) => Vec::new(),
            None => claim
                .source
                .iter()
                .filter_map(|id| self.catalog.get(Class::Source, id))
                .map(|source| self.words.pick(&source.name))
                .collect(),
        };
        names.extend(claim.locator.as_deref().filter(|locator| !value::is_foreign(self.words, locator)));
        let line = claim.line.filter(|_| claim.fact.is_some());
        let place = line.map(|line| self.words.f("report-survey-line", &[("line", line.to_string().into())]));
        let title =
            place.into_iter().chain(names.into_iter().map(str::to_owned)).collect::<Vec<_>>().join(" / ");
        Some(Cite { href, label, title })
    }

    /// The short name of a source in this document.
    pub(super) fn source_label(&self, id: &str) -> Option<String> {
        self.source_numbers.get(id).map(|number| format!("S{number}"))
    }

    /// Links to the sources of a claim.
    pub(super) fn sources(&self, claim: &Claim) -> Line {
        let links = claim.source.iter().filter_map(|id| {
            let text = self.source_label(id)?;
            Some(vec![Span::Link { href: source_href(id), text }])
        });
        join(links, &Span::Text(" ".to_owned()))
    }

    /// A link to a reference of the survey.
    pub(super) fn reference(&self, number: u8) -> Line {
        let text = format!("R{number}");
        if self.references.contains(&number) {
            vec![Span::Link { href: format!("#{text}"), text }]
        } else {
            vec![Span::Text(text)]
        }
    }

    /// The results of checking.
    pub(super) fn marks(&self, claim: &Claim) -> Vec<Mark> {
        claim.status.iter().map(|status| self.mark(*status)).collect()
    }

    /// A result of checking.
    pub(super) fn mark(&self, status: Status) -> Mark {
        Mark { verdict: verdict(status), word: self.words.t(&format!("status-{}", status.word())) }
    }

    /// The sort of a statement.
    pub(super) fn kind(&self, kind: Kind) -> String {
        self.words.t(&format!("kind-{}", kind.word()))
    }

    /// Who speaks.
    pub(super) fn voice(&self, claim: &Claim) -> String {
        let only_survey = !claim.source.is_empty() && claim.source.iter().all(|id| id == SURVEY);
        self.words.t(if claim.origin.overlay {
            "voice-own"
        } else if claim.is_survey() || only_survey {
            "voice-survey"
        } else {
            "voice-public"
        })
    }

    /// The name of a field.
    pub(super) fn field(&self, id: &str) -> String {
        self.catalog.field(id).map_or_else(|| id.to_owned(), |field| self.words.pick(&field.label).to_owned())
    }

    /// The name of a code of a field.
    pub(super) fn code(&self, field: &str, code: &str) -> String {
        let label = self.catalog.field(field).and_then(|field| field.code_label(code));
        label.map_or_else(|| code.to_owned(), |label| self.words.pick(label).to_owned())
    }

    /// The name of an entry.
    pub(super) fn name(&self, entity: &Entity) -> String {
        self.words.pick(&entity.name).to_owned()
    }

    /// Whom a claim speaks of.
    pub(super) fn about(&self, (entity, claim): Pair<'_>) -> String {
        claim.about.as_ref().map_or_else(|| self.name(entity), |about| self.words.pick(about).to_owned())
    }

    /// A remark of the data on a claim.
    pub(super) fn note(&self, claim: &Claim) -> Line {
        claim.note.as_ref().map(|note| text(self.words.pick(note))).unwrap_or_default()
    }

    /// Text that is data: marked as Japanese where the page is not.
    pub(super) fn quoted(&self, shown: &str) -> Line {
        if shown.is_empty() {
            Line::new()
        } else if value::is_foreign(self.words, shown) {
            vec![Span::Japanese(shown.to_owned())]
        } else {
            text(shown)
        }
    }

    /// A claim of the survey and what stands against it, each with its voice when there are two.
    pub(super) fn both_sides(&self, claim: &Claim) -> Line {
        let others = self.against(claim);
        let mut line = Line::new();
        let mut voice = self.voice(claim);
        if !others.is_empty() {
            line.push(Span::Badge(voice.clone()));
        }
        line.extend(self.value(claim));
        for (_, other) in others {
            line.push(Span::Break);
            let next = self.voice(other);
            if next != voice {
                line.push(Span::Badge(next.clone()));
                voice = next;
            }
            line.extend(self.value(other));
        }
        line
    }

    /// One fact as a sentence: field and value, with the subject where the claim names one of its own.
    pub(super) fn statement(&self, number: u16) -> Line {
        let Some((_, claim)) = self.fact(number) else { return text(FactId(number).to_string()) };
        let mut line = text(format!("{}{}", self.field(&claim.field), self.words.t("html-colon")));
        line.extend(self.value(claim));
        line
    }

    /// The facts on these lines of the survey as a table.
    pub(super) fn statements(&self, lines: &[RangeInclusive<u32>]) -> Block {
        let id = format!("lines-{}", lines.first().map_or(0, |range| *range.start()));
        let caption = self.words.t("report-statements-caption");
        Block::Table(self.claims(id, caption, &self.on_lines(lines)))
    }

    /// Claims as a table: whom, what, value with both sides, sort of statement, result of checking.
    pub(super) fn claims(&self, id: String, caption: String, pairs: &[Pair<'_>]) -> Table {
        let column = |name: &str, set| Column::new(self.words.t(&format!("report-column-{name}")), set);
        let rows = pairs
            .iter()
            .map(|pair @ (_, claim)| {
                Row::from(vec![
                    text(self.about(*pair)),
                    text(self.field(&claim.field)),
                    self.both_sides(claim),
                    text(self.kind(claim.kind)),
                    self.verdicts(claim),
                    self.note(claim),
                ])
            })
            .collect();
        Table {
            id,
            caption,
            columns: vec![
                column("about", Set::Word),
                column("field", Set::Word),
                column("value", Set::Prose),
                column("kind", Set::Word),
                column("status", Set::Word),
                column("note", Set::Prose),
            ],
            rows,
        }
    }

    /// Signs and words of checking.
    pub(super) fn verdicts(&self, claim: &Claim) -> Line {
        join(self.marks(claim).into_iter().map(|mark| vec![Span::Verdict(mark)]), &Span::Break)
    }

    /// A count that leads to where its items are listed.
    pub(super) fn count(&self, count: usize, href: &str) -> Line {
        let shown = value::grouped(count as f64);
        vec![Span::Link {
            href: href.to_owned(),
            text: self.words.f("report-count", &[("count", shown.into())]),
        }]
    }

    /// What stands between the items of an enumeration.
    pub(super) fn comma(&self) -> Span {
        Span::Text(if self.words.lang == Lang::Ja { "、" } else { ", " }.to_owned())
    }
}

/// What a result of checking amounts to.
pub(super) fn verdict(status: Status) -> Verdict {
    match status {
        Status::Confirmed => Verdict::Pass,
        Status::Refinable
        | Status::CitationPartial
        | Status::Superseded
        | Status::ScaleTrap
        | Status::DateTwoKinds
        | Status::Uncited => Verdict::Mask,
        Status::Conflict | Status::CitationMismatch | Status::InternalInconsistency => Verdict::Refuse,
        Status::NotVerifiable => Verdict::Unknown,
        Status::NotChecked => Verdict::Unchecked,
    }
}

/// The anchor of a source; ids of foreign files may hold anything.
pub(super) fn source_anchor(id: &str) -> String {
    let tame =
        id.chars().map(|c| if c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_') { c } else { '-' });
    format!("source-{}", tame.collect::<String>())
}

fn source_href(id: &str) -> String {
    format!("#{}", source_anchor(id))
}
