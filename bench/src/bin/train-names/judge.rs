//! Measuring on the development sentences.
//!
//! `data/guard/names/dev.txt` holds one text on a line, with `<p>…</p>` around persons and `<a>…</a>` around addresses. A
//! span counts as found when spans of its kind cover 80 % of its characters, and a found one as right when it covers
//! 80 % of itself with marked ones.

use std::{ops::Range, time::Instant};

use sekisho_guard::{
    Addresses, Detector, Kind, Names, Span, View,
    names::{
        cells::{Cell, Cells},
        lexicon,
        lexicon::Class,
    },
    table::Tracker,
};
use sekisho_text::normal::Normal;

/// Weaker spans are not counted; a policy has to ask for them.
const SURE: f32 = 0.5;

struct Marked {
    text: String,
    spans: Vec<(Kind, Range<usize>)>,
}

#[derive(Default)]
struct Tally {
    marked: usize,
    found_of_marked: usize,
    found: usize,
    right_of_found: usize,
}

pub(crate) fn report(dev: &str, errors: bool) {
    // Nothing is built before the first use.
    let started = Instant::now();
    let names = Names::new();
    println!(
        "start-up {:.1} ms, {} words and beginnings of words",
        millis_since(started),
        lexicon().entries()
    );
    judge(&names, dev, errors);
}

pub(crate) fn report_with(dev: &str, weights: Vec<u8>, errors: bool) {
    match Names::with_weights(&weights) {
        Ok(names) => judge(&names, dev, errors),
        Err(error) => println!("{error}"),
    }
}

fn judge(names: &Names, dev: &str, errors: bool) {
    let lines: Vec<Marked> =
        dev.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(read).collect();
    println!("{} texts", lines.len());
    measure("PERSON, tagger", names, Kind::Person, &lines, errors);
    measure("PERSON, lexicon and honorific only", &RuleOnly, Kind::Person, &lines, false);
    measure("ADDRESS", &Addresses::new(), Kind::Address, &lines, errors);
    let text = lines.iter().map(|line| line.text.as_str()).collect::<Vec<_>>().join("\n");
    speed("names", names, &text);
    speed("addresses", &Addresses::new(), &text);
}

/// A line of a labelled set (`data/guard/pii/RULE.en.md`): places are code points.
fn read_record(line: &str) -> Option<Marked> {
    let record: serde_json::Value = serde_json::from_str(line).ok()?;
    let text = record["text"].as_str()?.to_owned();
    let byte = |place: &serde_json::Value| {
        let count = place.as_u64()? as usize;
        Some(text.char_indices().nth(count).map_or(text.len(), |(at, _)| at))
    };
    let spans = record["spans"].as_array()?.iter().filter_map(|span| {
        Some((Kind::parse_name(span["type"].as_str()?)?, byte(&span["start"])?..byte(&span["end"])?))
    });
    let spans = spans.collect();
    Some(Marked { text, spans })
}

fn read(line: &str) -> Marked {
    if let Some(marked) = read_record(line) {
        return marked;
    }
    let line = line.replace("\\n", "\n").replace("\\t", "\t");
    let (mut text, mut spans, mut open) = (String::new(), Vec::new(), 0);
    let mut rest = line.as_str();
    while let Some(at) = rest.find('<') {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        let kind =
            if rest.starts_with("<p>") || rest.starts_with("</p>") { Kind::Person } else { Kind::Address };
        if rest.starts_with("<p>") || rest.starts_with("<a>") {
            open = text.len();
            rest = &rest[3..];
        } else if rest.starts_with("</p>") || rest.starts_with("</a>") {
            spans.push((kind, open..text.len()));
            rest = &rest[4..];
        } else {
            text.push('<');
            rest = &rest[1..];
        }
    }
    text.push_str(rest);
    Marked { text, spans }
}

fn spans_of(detector: &dyn Detector, text: &str) -> Vec<Span> {
    let normal = Normal::of(text);
    let table = Tracker::default();
    let view = View { original: text, normal: &normal, at_start: true, at_end: true, table: &table, from: 0 };
    let mut found = Vec::new();
    if let Err(error) = detector.look(&view, &mut found) {
        println!("{error}");
    }
    found
}

fn measure(name: &str, detector: &dyn Detector, kind: Kind, lines: &[Marked], errors: bool) {
    let mut tally = Tally::default();
    for line in lines {
        let found: Vec<Range<usize>> = spans_of(detector, &line.text)
            .into_iter()
            .filter(|span| span.kind == kind && span.confidence >= SURE)
            .map(|span| span.range)
            .collect();
        let marked: Vec<Range<usize>> =
            line.spans.iter().filter(|span| span.0 == kind).map(|span| span.1.clone()).collect();
        let missed = marked.iter().filter(|span| !is_covered(&line.text, span, &found)).count();
        let wrong = found.iter().filter(|span| !is_covered(&line.text, span, &marked)).count();
        tally.marked += marked.len();
        tally.found_of_marked += marked.len() - missed;
        tally.found += found.len();
        tally.right_of_found += found.len() - wrong;
        if errors && missed + wrong > 0 {
            let named: Vec<&str> = found.iter().map(|span| &line.text[span.clone()]).collect();
            println!("  -{missed} +{wrong} {} => {named:?}", line.text.replace('\n', "\\n"));
        }
    }
    let part = |part: usize, whole: usize| part as f64 / whole.max(1) as f64;
    println!(
        "{name}: recall {:.3} ({} of {}), precision {:.3} ({} of {})",
        part(tally.found_of_marked, tally.marked),
        tally.found_of_marked,
        tally.marked,
        part(tally.right_of_found, tally.found),
        tally.right_of_found,
        tally.found,
    );
}

fn is_covered(text: &str, span: &Range<usize>, by: &[Range<usize>]) -> bool {
    let inside = |at: usize| by.iter().any(|other| other.contains(&at));
    let whole = text[span.clone()].chars().count();
    let covered = text[span.clone()].char_indices().filter(|(at, _)| inside(span.start + at)).count();
    covered * 10 >= whole * 8
}

fn speed(name: &str, detector: &dyn Detector, text: &str) {
    let mut millis: Vec<f64> = (0..9)
        .map(|_| {
            let started = Instant::now();
            let count = spans_of(detector, text).len();
            let millis = millis_since(started);
            std::hint::black_box(count);
            millis
        })
        .collect();
    millis.sort_by(f64::total_cmp);
    let kilobytes = text.len() as f64 / 1024.0;
    println!(
        "{name}: {:.3} ms/KB (median of 9 over {kilobytes:.0} KB, one thread, normalising included)",
        millis[4] / kilobytes
    );
}

fn millis_since(started: Instant) -> f64 {
    started.elapsed().as_secs_f64() * 1000.0
}

/// What the tagger is compared with: words of the lexicon with an honorific or after a label, and full names of it.
struct RuleOnly;

impl Detector for RuleOnly {
    fn name(&self) -> &'static str {
        "rule-only"
    }

    fn reach(&self) -> sekisho_guard::Reach {
        sekisho_guard::Reach { behind_chars: 0, hold_chars_max: 0 }
    }

    fn look(&self, view: &View<'_>, found: &mut Vec<Span>) -> Result<usize, sekisho_guard::Unavailable> {
        for range in plain_names(view) {
            found.push(Span {
                kind: Kind::Person,
                range,
                confidence: 1.0,
                rule: "names/plain".into(),
                evidence: sekisho_guard::Evidence::default(),
            });
        }
        Ok(view.original.len())
    }
}

/// Names by the lexicon alone, from left to right, the longest first: a surname with a given name behind it, and a known
/// name before an honorific.
fn plain_names(view: &View<'_>) -> Vec<Range<usize>> {
    let cells = Cells::of(view.original, view.normal);
    let cells = cells.as_slice();
    let mut found = Vec::new();
    let mut at = 0;
    while at < cells.len() {
        match plain_name(&cells[at..]) {
            Some(count) => {
                found.push(cells[at].range().start..cells[at + count - 1].range().end);
                at += count;
            }
            None => at += 1,
        }
    }
    found
}

fn plain_name(cells: &[Cell]) -> Option<usize> {
    let surnames = [Class::Surname, Class::SurnameKana, Class::Foreign];
    let given = [Class::Given, Class::GivenKana, Class::GivenHiragana, Class::Foreign];
    let longest = |cells: &[Cell], classes: &[Class]| lexicon().longest_of(cells, classes);
    let surname = longest(cells, &surnames);
    if let Some(surname) = surname {
        let gap = usize::from(cells.get(surname).is_some_and(|cell| matches!(cell.letter, ' ' | '・')));
        if let Some(given) = longest(&cells[surname + gap..], &given) {
            return Some(surname + gap + given);
        }
    }
    let alone = surname.max(longest(cells, &given))?;
    longest(&cells[alone..], &[Class::Honorific]).map(|_| alone)
}
