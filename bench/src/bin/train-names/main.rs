//! Makes the weights of the name tagger, and says how good they are.
//!
//! `cargo xtask bench train-names` writes `data/guard/names/weights.bin`; with `-- --check` it compares instead, since the
//! same vocabulary, grammar, normalising and seed must give the same bytes; with `-- --judge` it only measures what is committed. The
//! sentences are made from `data/guard/names/sentences.txt`; figures are of `data/guard/names/dev.txt`, written apart and
//! never trained on.
#![allow(clippy::print_stdout, reason = "the figures are what this program is for")]

mod draw;
mod grammar;
mod judge;
mod learn;
mod worn;

use std::{env, error::Error, fs, path::Path, process::ExitCode, time::Instant};

use draw::Stream;
use grammar::{Grammar, Text};
use learn::Learner;
use sekisho_guard::names::{
    cells::{Cell, Cells},
    features::{Features, Stand},
    lexicon,
    model::{Model, Tag},
};
use sekisho_text::normal::Normal;

/// The seed of the committed weights.
const SEED: u64 = 20_261_124;
/// Texts made for training, each of one to four sentences: to choose the features, and to learn.
const TEXTS_TO_CHOOSE: u64 = 600_000;
const TEXTS: u64 = 2_000_000;
/// Features that get weights: as many as go into about 380 KB.
const KEPT: usize = 122_000;
/// The learned weights are an average over the second half of so many moments.
const MOMENTS: u64 = 40;
/// Of the words in a training text so many in a hundred are treated as unknown, so that names in no list are learned.
const UNKNOWN_PERCENT: u64 = 22;

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let folder = root.join("data/guard/names");
    let options: Vec<String> = env::args().skip(1).collect();
    let has = |name: &str| options.iter().any(|option| option == name);
    let set = options.iter().position(|option| option == "--set").and_then(|at| options.get(at + 1));
    let dev = fs::read_to_string(set.map_or(folder.join("dev.txt"), |set| root.join(set)))?;
    if let Some(at) = options.iter().position(|option| option == "--show") {
        let count = options.get(at + 1).and_then(|count| count.parse().ok()).unwrap_or(20);
        show(&grammar(&folder)?, count);
        return Ok(ExitCode::SUCCESS);
    }
    if has("--judge") {
        judge::report(&dev, has("--errors"));
        return Ok(ExitCode::SUCCESS);
    }
    let started = Instant::now();
    let bytes = train(&grammar(&folder)?);
    println!("trained on {TEXTS} texts in {:.0} s, seed {SEED}", started.elapsed().as_secs_f64());
    let file = folder.join("weights.bin");
    if has("--check") {
        let same = fs::read(&file)? == bytes;
        println!("{}", if same { "the committed weights are these, to the byte" } else { "other weights" });
        return Ok(if same { ExitCode::SUCCESS } else { ExitCode::FAILURE });
    }
    fs::write(&file, &bytes)?;
    println!("wrote {} ({} bytes); build again to use them", file.display(), bytes.len());
    judge::report_with(&dev, bytes, has("--errors"));
    Ok(ExitCode::SUCCESS)
}

/// The rules of both files: `sentences.txt` has the forms, `scenes.txt` sentences as people write them.
fn grammar(folder: &Path) -> std::io::Result<String> {
    let files = ["sentences.txt", "scenes.txt"].map(|file| fs::read_to_string(folder.join(file)));
    let [sentences, scenes] = files;
    Ok(sentences? + "\n" + &scenes?)
}

/// Learns all features from some texts, keeps those that say most, and learns these again from more texts.
fn train(grammar: &str) -> Vec<u8> {
    let grammar = Grammar::parse(grammar);
    let mut stream = Stream::new(SEED);
    let mut first = Learner::new(Vec::new());
    teach(&mut first, &grammar, &mut stream, TEXTS_TO_CHOOSE);
    let mut second = Learner::new(first.best(KEPT));
    drop(first);
    teach(&mut second, &grammar, &mut stream, TEXTS);
    Model::to_bytes(&second.weights(), SEED, TEXTS)
}

fn teach(learner: &mut Learner, grammar: &Grammar, stream: &mut Stream, texts: u64) {
    let mut list = Vec::new();
    for number in 0..texts {
        if number > texts / 2 && number % (texts / MOMENTS) == 0 {
            learner.remember();
        }
        let text = grammar.text(stream);
        let normal = Normal::of(&text.written);
        let cells = Cells::of(&text.written, &normal);
        let hidden = stream.number();
        // The upper bits of a product say whether a word is unknown in this text.
        let keep =
            |word: u64| ((word ^ hidden).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33) % 100 >= UNKNOWN_PERCENT;
        let mut features = Features::of(&cells, lexicon(), keep);
        for (at, tag) in tags(&cells, &text).into_iter().enumerate() {
            if features.stand(at) == Stand::Own {
                features.list(at, &mut list);
                learner.learn(&mut list, tag, number as f32 / texts as f32, stream.number());
            }
        }
    }
}

/// What each cell is, by the persons of the text.
fn tags(cells: &Cells, text: &Text) -> Vec<Tag> {
    let mut persons = text.persons.iter().peekable();
    let mut begun = false;
    let tag = |cell: &Cell| {
        let range = cell.range();
        while persons.next_if(|person| person.end <= range.start).is_some() {
            begun = false;
        }
        if persons.peek().is_none_or(|person| person.start > range.start) {
            return Tag::Outside;
        }
        if std::mem::replace(&mut begun, true) { Tag::Inside } else { Tag::Begin }
    };
    cells.as_slice().iter().map(tag).collect()
}

fn show(grammar: &str, count: usize) {
    let grammar = Grammar::parse(grammar);
    let mut stream = Stream::new(SEED);
    for _ in 0..count {
        let text = grammar.text(&mut stream);
        let mut marked = text.written.clone();
        for person in text.persons.iter().rev() {
            marked.insert(person.end, '}');
            marked.insert(person.start, '{');
        }
        println!("{}", marked.replace('\n', "\\n").replace('\t', "\\t"));
    }
}
