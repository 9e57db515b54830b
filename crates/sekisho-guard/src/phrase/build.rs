//! From a data file, or word by word, to [`Phrases`].

use std::collections::BTreeMap;

use unicode_normalization::UnicodeNormalization;

use super::{Disguise, GUARD_GAP, Phrases, Rule, Sequence, Step, pattern, quotation};
use crate::{
    file::{Item, ProblemKind, Reader, Table, Value},
    folded::Form,
    lexicon::{self, CLASSES_MAX, Class, WORDS_MAX},
    rule_card::Cards,
};

/// Most rules in a file, most entries in one of its lists, and the longest entry, in characters.
const RULES_MAX: usize = 500;
const LIST_MAX: usize = 5_000;
const ENTRY_CHARS_MAX: usize = 2_000;
/// Most words that the braces of one entry may make.
const ALTERNATIVES_MAX: usize = 5_000;

/// Collects words and rules.
#[derive(Debug)]
pub(crate) struct Builder {
    lexicon: lexicon::Builder,
    /// For each class the length of its longest word, in characters.
    longest: Vec<usize>,
    /// How many words were added.
    words: usize,
    rules: Vec<Rule>,
    sequences: Vec<Sequence>,
    quotes: quotation::Words,
}

impl Builder {
    pub(crate) fn new(form: Form, is_voiced: bool) -> Self {
        Self {
            lexicon: lexicon::Builder::new(form, is_voiced),
            longest: Vec::new(),
            words: 0,
            rules: Vec::new(),
            sequences: Vec::new(),
            quotes: quotation::Words::default(),
        }
    }

    /// A new class without words. Beyond [`CLASSES_MAX`] a number comes again; then [`Builder::build`] refuses.
    pub(crate) fn class(&mut self) -> Class {
        self.longest.push(0);
        (self.longest.len() - 1) as Class
    }

    /// Adds a word; false when it is none.
    pub(crate) fn word(&mut self, word: &str, class: Class) -> bool {
        self.words += 1;
        let longest = &mut self.longest[usize::from(class)];
        // Folding can lengthen a word (㍻), but not by more than this.
        *longest = (*longest).max(word.nfkc().count());
        self.lexicon.add(word, class)
    }

    /// Adds a rule, and tells its number for [`Builder::sequence`].
    pub(crate) fn rule(&mut self, rule: Rule) -> usize {
        self.rules.push(rule);
        self.rules.len() - 1
    }

    /// Adds a pattern of a rule.
    pub(crate) fn sequence(&mut self, rule: usize, at_line_start: bool, steps: Vec<Step>) {
        self.sequences.push(Sequence { rule, disguise: Disguise::None, at_line_start, steps });
    }

    /// # Errors
    /// [`lexicon::Unbuildable`] when there are too many words or classes.
    pub(crate) fn build(mut self) -> Result<Phrases, lexicon::Unbuildable> {
        if self.longest.len() > CLASSES_MAX {
            return Err(lexicon::Unbuildable::TooLarge);
        }
        let lexicon = self.lexicon.build()?;
        for rule in &mut self.rules {
            let longest = rule.unless_after.iter().map(|class| self.longest[usize::from(*class)]).max();
            rule.after_chars = longest.map_or(0, |longest| longest + GUARD_GAP);
        }
        let mut by_first = vec![Vec::new(); self.longest.len()];
        for (index, sequence) in self.sequences.iter().enumerate() {
            for class in &sequence.steps[0].classes {
                by_first[usize::from(*class)].push(index);
            }
        }
        let firsts = lexicon.beginnings_of(|class| !by_first[usize::from(class)].is_empty());
        let (rules, sequences, quotes) = (self.rules, self.sequences, self.quotes);
        Ok(Phrases { lexicon, rules, sequences, by_first, firsts, quotes })
    }
}

/// The classes of a file: name, number and words.
#[derive(Default)]
struct Classes {
    by_name: BTreeMap<String, (Class, Vec<String>)>,
    /// The disguised forms of classes that were made so far.
    disguised: BTreeMap<(Class, Disguise), Option<Class>>,
}

/// Reads the tables `words` and `rule` of a file into a builder. Ids begin with one of `prefixes`.
pub(crate) fn read(reader: &mut Reader, root: &mut Table<'_>, form: Form, prefixes: &[&str]) -> Builder {
    let mut builder = Builder::new(form, false);
    let mut classes = Classes::default();
    if let Some(words) = root.need(reader, "words").and_then(|value| value.table(reader)) {
        for (name, value) in words.values_by_key() {
            read_words(reader, name, value, &mut builder, &mut classes);
        }
    }
    let quote = |name: &str| classes.by_name.get(name).map(|class| class.0);
    let longest = quote("quote-after").map_or(0, |class| builder.longest[usize::from(class)]);
    builder.quotes = quotation::Words::new(quote("quote-before"), quote("quote-after"), longest);
    let mut cards = Cards::default();
    for value in root.take("rule").map(|value| value.items(reader, RULES_MAX)).unwrap_or_default() {
        if let Some(mut table) = value.table(reader) {
            let card = cards.read(reader, &mut table, prefixes, "why");
            let rule = Rule { card, ..Rule::default() };
            read_rule(reader, table, rule, &mut builder, &mut classes);
        }
    }
    builder
}

fn read_words(
    reader: &mut Reader,
    name: String,
    value: Value<'_>,
    builder: &mut Builder,
    classes: &mut Classes,
) {
    let class = builder.class();
    let mut all = Vec::new();
    for Item { text, path, at } in value.texts(reader, LIST_MAX, ENTRY_CHARS_MAX) {
        let Some(expanded) = pattern::expand_braces(&text, ALTERNATIVES_MAX) else {
            reader.note(at, &path, ProblemKind::BadWord { found: text });
            continue;
        };
        for word in expanded {
            if builder.words == WORDS_MAX {
                reader.note(at, &path, ProblemKind::TooMany { max: WORDS_MAX });
                break;
            }
            if builder.word(&word, class) {
                all.push(word);
            } else {
                reader.note(at, &path, ProblemKind::BadWord { found: word });
            }
        }
    }
    classes.by_name.insert(name, (class, all));
}

fn read_rule(
    reader: &mut Reader,
    mut table: Table<'_>,
    mut rule: Rule,
    builder: &mut Builder,
    classes: &mut Classes,
) {
    let mut named = |key| -> Vec<Class> {
        let names = table.take(key).map(|value| value.texts(reader, LIST_MAX, ENTRY_CHARS_MAX));
        names
            .unwrap_or_default()
            .iter()
            .filter_map(|name| class_of(reader, classes, &name.text, name))
            .collect()
    };
    rule.unless_before = named("unless_before");
    rule.unless_after = named("unless_after");
    rule.weak_with = named("weak_with");
    rule.confidence = table.take("confidence").and_then(|value| value.share(reader)).unwrap_or(0.9);
    rule.quotable = table.take("quotable").and_then(|value| value.flag(reader)).unwrap_or(true);
    let is_disguised = table.take("disguised").and_then(|value| value.flag(reader)).unwrap_or(false);
    let rule = builder.rule(rule);
    let patterns = table.take("patterns").map(|value| value.texts(reader, LIST_MAX, ENTRY_CHARS_MAX));
    for item in patterns.unwrap_or_default() {
        read_pattern(reader, &item, (rule, is_disguised), builder, classes);
    }
    table.finish(reader);
}

/// Adds the sequences of one pattern to a rule, disguised as well where that is wanted.
fn read_pattern(
    reader: &mut Reader,
    item: &Item,
    (rule, is_disguised): (usize, bool),
    builder: &mut Builder,
    classes: &mut Classes,
) {
    let Some(pattern) = pattern::parse(&item.text) else {
        reader.note(item.at, &item.path, ProblemKind::BadPattern { found: item.text.clone() });
        return;
    };
    for written in pattern.expand() {
        let step = |step: &pattern::Written<'_>| {
            let known = step.classes.iter().map(|name| class_of(reader, classes, name, item));
            let classes: Option<Vec<Class>> = known.collect();
            Some(Step { gap: step.gap, crosses: step.crosses, classes: classes? })
        };
        let Some(steps) = written.iter().map(step).collect::<Option<Vec<Step>>>() else { break };
        if is_disguised && steps.len() > 1 {
            for disguise in Disguise::ALL {
                disguise_sequence(builder, classes, rule, &steps, disguise);
            }
        }
        builder.sequence(rule, pattern.at_line_start, steps);
    }
}

fn class_of(reader: &mut Reader, classes: &Classes, name: &str, item: &Item) -> Option<Class> {
    let found = classes.by_name.get(name).map(|class| class.0);
    if found.is_none() {
        reader.note(item.at, &item.path, ProblemKind::NoSuchWords { found: name.to_owned() });
    }
    found
}

fn disguise_sequence(
    builder: &mut Builder,
    classes: &mut Classes,
    rule: usize,
    steps: &[Step],
    disguise: Disguise,
) {
    let mut disguised = Vec::new();
    for step in steps {
        let classes: Vec<Class> = step
            .classes
            .iter()
            .filter_map(|class| disguise_class(builder, classes, *class, disguise))
            .collect();
        if classes.is_empty() {
            return;
        }
        disguised.push(Step { classes, ..step.clone() });
    }
    if disguise == Disguise::Reversed {
        disguised.reverse();
        let gaps: Vec<(usize, bool)> = steps.iter().rev().map(|step| (step.gap, step.crosses)).collect();
        for (index, step) in disguised.iter_mut().enumerate() {
            (step.gap, step.crosses) = if index == 0 { (0, false) } else { gaps[index - 1] };
        }
    }
    builder.sequences.push(Sequence { rule, disguise, at_line_start: false, steps: disguised });
}

/// The class of the disguised words of `class`; none when no word of it can be disguised so.
fn disguise_class(
    builder: &mut Builder,
    classes: &mut Classes,
    class: Class,
    disguise: Disguise,
) -> Option<Class> {
    if let Some(known) = classes.disguised.get(&(class, disguise)) {
        return *known;
    }
    let words = classes.by_name.values().find(|known| known.0 == class).map(|known| known.1.clone());
    let words: Vec<String> = words.unwrap_or_default().iter().flat_map(|word| disguise.of(word)).collect();
    let made = (!words.is_empty()).then(|| builder.class());
    if let Some(made) = made {
        for word in &words {
            builder.word(word, made);
        }
    }
    classes.disguised.insert((class, disguise), made);
    made
}
