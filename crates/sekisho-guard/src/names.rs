//! 氏名: names of persons, found by a small tagger that was trained on sentences made for it.
//!
//! # What counts as a name
//! * A full name, a surname or a given name that is used for a person: with an honorific or a title, as speaker, doer or
//!   addressee, in a form beside 氏名, or as the name of an account. Kanji, kana, and Latin letters alike. People in public
//!   life are persons too; a policy may pass them.
//! * Not a name: what stands inside the name of a place, company, shop, station, school or product, what is named after
//!   a person (佐藤錦, 橋本病), and names of eras.
//! * The span holds the space between surname and given name and the ・ of a foreign name, but no honorific or title.
//!
//! # How it works
//! Each character is judged alone, from letters, kinds of letters and words of the lexicon around it, at most
//! 20 characters away (docs/adr/0004 says why there is no search over the sentence). The words are a hint
//! and no limit: names that are in no list are learned from what stands around them. `cargo xtask bench train-names` makes
//! `data/guard/names/weights.bin` from the vocabulary and the grammar beside it, the same to the byte each time.

pub mod cells;
mod column;
pub mod features;
pub mod lexicon;
pub mod model;
pub mod romaji;

use std::{
    ops::Range,
    sync::{Arc, LazyLock},
};

use cells::{Cell, Cells, SIGHT_CHARS, Script};
use features::{Features, Stand};
use lexicon::Lexicon;
use model::{Model, TAGS, Tag};

use crate::{Detector, Evidence, Kind, Reach, Span, Unavailable, View};

/// A longer name is none, in characters of the original.
const NAME_CHARS_MAX: u32 = 30;
/// A letter beside a name belongs to it when it is this likely to, though not likely enough to stand for itself: the tags
/// of cells are found one by one, and now and then the first letter of a name is missed.
const BESIDE: f32 = 0.25;
/// It stands no further from the name than this.
const BESIDE_CHARS: u32 = 4;
/// How sure a name is that stands alone in a column for names.
const IN_COLUMN: f32 = 0.95;
/// A name that is less sure is not told at all.
const LEAST_SURE: f32 = 0.5;
/// Once this many characters follow a cell, nothing that comes changes its tag: its sight, and enough beside to know
/// that the last character in sight is complete.
const FINAL_CHARS: usize = SIGHT_CHARS + 6 + BESIDE_CHARS as usize;
const REACH: Reach =
    Reach { behind_chars: 2 * SIGHT_CHARS + 8, hold_chars_max: FINAL_CHARS + NAME_CHARS_MAX as usize + 4 };
/// The vocabulary files, in the order in which they are read.
const VOCABULARY: [&str; 6] = [
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/guard/names/surnames.txt")),
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/guard/names/given.txt")),
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/guard/names/foreign.txt")),
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/guard/names/places.txt")),
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/guard/names/words.txt")),
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/guard/names/latin.txt")),
];
const WEIGHTS: &[u8] =
    include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/guard/names/weights.bin"));

/// The vocabulary that is built in.
pub fn lexicon() -> &'static Lexicon {
    static LEXICON: LazyLock<Lexicon> = LazyLock::new(|| Lexicon::parse(&VOCABULARY));
    &LEXICON
}

/// Finds names of persons.
#[derive(Debug, Clone)]
pub struct Names {
    lexicon: &'static Lexicon,
    model: Arc<Model>,
}

impl Default for Names {
    fn default() -> Self {
        Self::new()
    }
}

impl Names {
    /// With the vocabulary and the weights that are built in.
    pub fn new() -> Self {
        Self::with_weights(WEIGHTS).expect("the weights that are built in are read by a test")
    }

    /// With other weights.
    ///
    /// # Errors
    /// [`model::Unreadable`] when they are not of this version.
    pub fn with_weights(weights: &[u8]) -> Result<Self, model::Unreadable> {
        Ok(Self { lexicon: lexicon(), model: Arc::new(Model::parse(weights)?) })
    }

    /// Runs of cells that are tagged as one name, each with how sure it is; the last of them may still be open. Those that
    /// begin before cell `from` may be cut or missing.
    fn runs(&self, cells: &Cells, from: usize) -> Vec<(Range<usize>, f32)> {
        let mut features = Features::of(cells, self.lexicon, |_| true);
        let mut list = Vec::with_capacity(128);
        let mut runs = Runs::default();
        let mut shares = [1.0, 0.0, 0.0];
        let first = first_judged(cells.as_slice(), from);
        let mut named = vec![0.0; first];
        for at in first..cells.as_slice().len() {
            shares = match features.stand(at) {
                Stand::Never => [1.0, 0.0, 0.0],
                Stand::AsBefore => [shares[0], 0.0, shares[1] + shares[2]],
                Stand::Own => {
                    features.list(at, &mut list);
                    self.model.judge(&list)
                }
            };
            named.push(shares[Tag::Begin as usize] + shares[Tag::Inside as usize]);
            runs.take(at, shares);
        }
        runs.end(cells.as_slice().len());
        runs.take_beside(cells.as_slice(), &named);
        for (run, sure) in &mut runs.found {
            run.end = features.behind_given(run);
            *sure = discounted(&features, run, *sure);
        }
        runs.found
    }
}

/// The cell from which cells are judged when names that begin at cell `from` or later are wanted: cells beside them count,
/// a word in one script is judged at its first cell, and of a name that begins before, a letter must be seen.
fn first_judged(cells: &[Cell], from: usize) -> usize {
    let mut first = from.saturating_sub(2);
    while first > 0 && !matches!(cells[first].script, Script::Kanji | Script::Hiragana | Script::Sign) {
        first -= 1;
    }
    first
}

/// What the tagger calls 0.68 is as likely as not to be a name: its training sentences are clearer than real ones.
fn confidence(sure: f32) -> f32 {
    const EVEN: f32 = 0.68;
    if sure < EVEN { 0.5 * sure / EVEN } else { 0.5 + 0.5 * (sure - EVEN) / (1.0 - EVEN) }
}

/// Short names and names without clear edges must be surer than others: most mistakes are pieces of longer words.
fn discounted(features: &Features<'_>, run: &Range<usize>, sure: f32) -> f32 {
    if features.names_a_thing(run) {
        return 0.0;
    }
    let cells = &features.cells()[run.clone()];
    let is_kana = cells.iter().all(|cell| cell.script == Script::Hiragana);
    let is_weak = !features.has_edges(run) || (cells.len() == 1 || is_kana) && !features.is_addressed(run);
    // What was 0.8 becomes 0.5.
    if is_weak { sure * sure * 0.78 } else { sure }
}

/// Puts tags together to names.
#[derive(Default)]
struct Runs {
    /// Cells, and how sure it is on average.
    found: Vec<(Range<usize>, f32)>,
    /// The first cell, and the sum over all.
    open: Option<(usize, f32)>,
}

impl Runs {
    fn take(&mut self, at: usize, shares: [f32; TAGS]) {
        let named = shares[Tag::Begin as usize] + shares[Tag::Inside as usize];
        let begins = shares[Tag::Begin as usize] > shares[Tag::Inside as usize];
        if named <= 0.5 || begins {
            self.end(at);
        }
        if named > 0.5 {
            let (start, sum) = self.open.unwrap_or((at, 0.0));
            self.open = Some((start, sum + named));
        }
    }

    /// Takes single kanji to names of kanji beside which they stand; see [`BESIDE`].
    fn take_beside(&mut self, cells: &[Cell], named: &[f32]) {
        let belongs = |inside: usize, beside: usize| {
            let (one, other) = (cells[inside], cells[beside]);
            one.script == Script::Kanji
                && other.script == Script::Kanji
                && one.at.abs_diff(other.at) <= BESIDE_CHARS
                && (BESIDE..=0.5).contains(&named[beside])
        };
        for (run, _) in &mut self.found {
            if run.start > 0 && belongs(run.start, run.start - 1) {
                run.start -= 1;
            }
            if run.end < cells.len() && belongs(run.end - 1, run.end) {
                run.end += 1;
            }
        }
    }

    fn end(&mut self, at: usize) {
        if let Some((start, sum)) = self.open.take() {
            self.found.push((start..at, sum / (at - start) as f32));
        }
    }
}

impl Detector for Names {
    fn name(&self) -> &'static str {
        "names"
    }

    fn reach(&self) -> Reach {
        REACH
    }

    fn look(&self, view: &View<'_>, found: &mut Vec<Span>) -> Result<usize, Unavailable> {
        let cells = Cells::of(view.original, view.normal);
        let bytes = |name: &[Cell]| name[0].start as usize..name[name.len() - 1].end as usize;
        let (columns, open_column) = column::names(view, &cells);
        let columns: Vec<Range<usize>> =
            columns.into_iter().map(|name| bytes(&cells.as_slice()[name])).collect();
        let runs = self.runs(&cells, cells.behind(view.from));
        let settled = settled(&cells, &runs, open_column);
        for (name, sure) in runs {
            let name = trimmed(&cells.as_slice()[name]);
            let (Some(first), Some(last)) = (name.first(), name.last()) else { continue };
            if sure < LEAST_SURE
                || last.at - first.at >= NAME_CHARS_MAX
                || name.len() == 1 && first.script != Script::Kanji
            {
                continue;
            }
            let range = bytes(name);
            // The head of the column is surer, and one finding is enough for one name.
            let beside = columns.binary_search_by_key(&range.start, |column| column.start);
            if beside.is_ok_and(|at| columns[at] == range) {
                continue;
            }
            found.push(Span {
                kind: Kind::Person,
                range,
                confidence: confidence(sure),
                rule: "names/tagger".into(),
                evidence: Evidence::default(),
            });
        }
        found.extend(columns.into_iter().map(|range| Span {
            kind: Kind::Person,
            range,
            confidence: IN_COLUMN,
            rule: "names/column".into(),
            evidence: Evidence { column: true, ..Evidence::default() },
        }));
        Ok(settled)
    }
}

/// The byte before which no name can come or change.
fn settled(cells: &Cells, runs: &[(Range<usize>, f32)], open_column: Option<usize>) -> usize {
    let last = cells.before_end(FINAL_CHARS);
    // A name that is still open there began earlier; one that is too long will be dropped whole.
    let limit = cells.before_end(REACH.hold_chars_max - 1);
    let open = runs.iter().find(|(run, _)| run.start < last && run.end >= last);
    let open = open.map_or(last, |(run, _)| run.start.max(limit));
    // A table cell that is still open holds back as much as a name may be long.
    let cell = open_column.map_or(last, |start| start.max(limit));
    cells.byte_of(open.min(cell).min(last))
}

/// Without space and ・ at both ends.
fn trimmed(cells: &[Cell]) -> &[Cell] {
    let is_letter = |cell: &Cell| !matches!(cell.script, Script::Space | Script::Joint);
    let start = cells.iter().position(is_letter).unwrap_or(cells.len());
    let end = cells.iter().rposition(is_letter).map_or(start, |last| last + 1);
    &cells[start..end]
}

#[cfg(test)]
mod tests;
