//! `data/guard/pii.toml`, read once.

use std::{collections::HashMap, sync::LazyLock};

use serde::Deserialize;

use super::cue::{Lexicon, Sense};
use crate::Kind;

const TEXT: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/guard/pii.toml"));

/// The tables as the rules use them.
pub(crate) struct Tables {
    pub(super) rules: Vec<Rule>,
    pub(super) lexicon: Lexicon,
    /// Words at the head of a column, and the kind of the column; none for heads that name no personal data.
    pub(crate) heads: HashMap<String, Option<Kind>>,
    pub(super) units: String,
    pub(super) phone: PhoneFile,
    /// Areas of plates by their first character.
    pub(super) areas: HashMap<char, Vec<String>>,
    pub(super) plate_kana: String,
    pub(super) license_prefixes: Vec<(u64, u64)>,
    pub(super) issuers: Vec<Issuer>,
    pub(super) not_last: Vec<String>,
    pub(super) prefectures: Vec<String>,
    pub(super) eras: Vec<Era>,
    by_form: HashMap<Form, usize>,
}

impl Tables {
    /// The rule of a form that only one rule has.
    pub(super) fn rule_of(&self, form: Form) -> usize {
        self.by_form[&form]
    }
}

/// One line of thought: which words, which form, which kind.
pub(super) struct Rule {
    pub(super) id: &'static str,
    pub(super) kind: Kind,
    pub(super) form: Form,
    pub(super) digits: Vec<usize>,
    /// Bit n stands for n digits.
    pub(super) digits_mask: u32,
    pub(super) groups: Vec<Vec<usize>>,
    /// No other grouping, and not in one piece.
    pub(super) only_groups: bool,
    /// Capital letters before and after the digits.
    pub(super) letters: (usize, usize),
    pub(super) check: Option<Check>,
}

/// What a candidate looks like; one function each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Form {
    Digits,
    Letters,
    Token,
    Phone,
    Postal,
    Card,
    Invoice,
    Insured,
    PostalAccount,
    Date,
    Plate,
    Email,
    Ip,
}

/// Which check digit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Check {
    MyNumber,
    Corporate,
    License,
    Luhn,
}

/// Who issues payment cards of which prefixes.
pub(super) struct Issuer {
    /// First and last prefix; both have the same number of digits.
    pub(super) prefixes: Vec<(u64, u64)>,
    pub(super) prefix_digits: Vec<usize>,
    pub(super) digits: Vec<usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Era {
    pub(super) name: String,
    pub(super) letter: char,
    /// The western year of year 1.
    pub(super) first: u32,
    pub(super) years: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PhoneFile {
    pub(super) area_2: Vec<String>,
    pub(super) area_3: Vec<String>,
    pub(super) area_5: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PlateFile {
    areas: Vec<String>,
    kana: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: u32,
    rule: Vec<RuleFile>,
    head: Vec<HeadFile>,
    heads: PlainHeadsFile,
    words: WordsFile,
    phone: PhoneFile,
    plate: PlateFile,
    license: LicenseFile,
    card: Vec<CardFile>,
    email: EmailFile,
    address: AddressFile,
    era: Vec<Era>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleFile {
    id: String,
    kind: String,
    form: Form,
    #[serde(default)]
    digits: Vec<usize>,
    #[serde(default)]
    groups: Vec<String>,
    #[serde(default)]
    only_groups: bool,
    /// The rule whose words are those of this rule too.
    words_of: Option<String>,
    #[serde(default)]
    letters: [usize; 2],
    check: Option<Check>,
    #[serde(default)]
    strong: Vec<String>,
    #[serde(default)]
    weak: Vec<String>,
    /// Weak words that are as good as strong ones directly before the number.
    #[serde(default)]
    touch: Vec<String>,
    #[serde(default)]
    scene: Vec<String>,
    /// Words of places where such numbers are not in use.
    #[serde(default)]
    unless: Vec<String>,
    #[serde(default)]
    columns: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HeadFile {
    kind: String,
    words: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PlainHeadsFile {
    plain: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WordsFile {
    not_number: Vec<String>,
    not_date: Vec<String>,
    not_ip: Vec<String>,
    labels: Vec<String>,
    units: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LicenseFile {
    prefixes: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CardFile {
    #[expect(dead_code, reason = "names the row for its reader")]
    issuer: String,
    prefixes: Vec<String>,
    digits: Vec<usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EmailFile {
    not_last: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AddressFile {
    prefectures: Vec<String>,
}

/// The built-in tables.
pub(crate) fn tables() -> &'static Tables {
    static TABLES: LazyLock<Tables> = LazyLock::new(|| {
        let file: File = toml::from_str(TEXT).expect("a test reads the built-in tables");
        assert_eq!(file.version, 1, "the built-in tables have the version of this program");
        settle(file)
    });
    &TABLES
}

fn settle(file: File) -> Tables {
    let mut heads = HashMap::new();
    let mut senses = Vec::new();
    heads.extend(file.heads.plain.iter().map(|word| (head_key(word), None)));
    for (index, rule) in file.rule.iter().enumerate() {
        let kind = kind_of(&rule.kind);
        let shared = rule.words_of.as_ref().map(|id| {
            file.rule.iter().find(|other| other.id == *id).expect("a test reads the built-in tables")
        });
        let words = shared.unwrap_or(rule);
        let rows = [(&words.strong, true), (&words.weak, false)];
        for (words, strong) in rows {
            let words =
                words.iter().cloned().chain(words.iter().flat_map(|word| field_names(word, rule.form)));
            senses.extend(words.map(|word| (word, Sense::Rule { rule: index, strong })));
        }
        senses.extend(words.touch.iter().map(|word| (word.clone(), Sense::Touch { rule: index })));
        senses.extend(rule.unless.iter().map(|word| (word.clone(), Sense::Unless { rule: index })));
        senses.extend(rule.scene.iter().map(|word| (word.clone(), Sense::Scene { rule: index })));
        // IP and plates stand under many strong words that also head other columns; theirs are listed.
        let own = if matches!(rule.form, Form::Ip | Form::Plate) { &rule.columns } else { &rule.strong };
        let fields: Vec<String> = own.iter().flat_map(|word| field_names(word, rule.form)).collect();
        for word in own.iter().chain(&rule.columns).chain(&fields) {
            heads.entry(head_key(word)).or_insert(Some(kind));
        }
    }
    for head in &file.head {
        heads.extend(head.words.iter().map(|word| (head_key(word), Some(kind_of(&head.kind)))));
    }
    let others = [
        (&file.words.not_number, Sense::NotNumber),
        (&file.words.not_date, Sense::NotDate),
        (&file.words.not_ip, Sense::NotIp),
        (&file.words.labels, Sense::Label),
    ];
    for (words, sense) in others {
        senses.extend(words.iter().map(|word| (word.clone(), sense)));
    }
    let symbols: Vec<String> =
        senses.iter().map(|(word, _)| word).filter(|word| word.ends_with("記号")).cloned().collect();
    let plain = ["記号", "きごう", "キゴウ", "kigo", "kigou", "sym", "symbol"].map(String::from);
    senses.extend(symbols.into_iter().chain(plain).map(|word| (word, Sense::Symbol)));
    let rules: Vec<Rule> = file.rule.into_iter().map(settle_rule).collect();
    Tables {
        by_form: rules.iter().enumerate().map(|(index, rule)| (rule.form, index)).collect(),
        lexicon: Lexicon::new(senses),
        rules,
        heads,
        units: file.words.units,
        phone: file.phone,
        areas: by_first(file.plate.areas),
        plate_kana: file.plate.kana,
        license_prefixes: file.license.prefixes.iter().map(|text| range_of(text).0).collect(),
        issuers: file.card.iter().map(settle_issuer).collect(),
        not_last: file.email.not_last,
        prefectures: file.address.prefectures,
        eras: file.era,
    }
}

/// The other names that programs give to a field: emp_no is also emp_cd.
fn field_names(word: &str, form: Form) -> Vec<String> {
    let Some(stem) = word.strip_suffix("_no") else { return Vec::new() };
    let of_all = ["num", "number", "bango", "bangou"];
    // An account_code is no account.
    let of_tokens = ["id", "cd", "code"].into_iter().filter(|_| form == Form::Token);
    of_all.into_iter().chain(of_tokens).map(|end| format!("{stem}_{end}")).collect()
}

fn by_first(words: Vec<String>) -> HashMap<char, Vec<String>> {
    let mut sorted: HashMap<char, Vec<String>> = HashMap::new();
    for word in words {
        sorted.entry(word.chars().next().unwrap_or_default()).or_default().push(word);
    }
    sorted
}

fn settle_rule(rule: RuleFile) -> Rule {
    let lengths = |groups: &String| groups.split('-').filter_map(|length| length.parse().ok()).collect();
    Rule {
        // The tables live as long as the program, and so may their names.
        id: rule.id.leak(),
        kind: kind_of(&rule.kind),
        form: rule.form,
        digits_mask: rule.digits.iter().fold(0, |mask, digits| mask | 1 << digits),
        digits: rule.digits,
        groups: rule.groups.iter().map(lengths).collect(),
        only_groups: rule.only_groups,
        letters: (rule.letters[0], rule.letters[1]),
        check: rule.check,
    }
}

fn settle_issuer(card: &CardFile) -> Issuer {
    let (prefixes, prefix_digits) = card.prefixes.iter().map(|text| range_of(text)).unzip();
    Issuer { prefixes, prefix_digits, digits: card.digits.clone() }
}

/// `51-55` as first and last, and how many digits they have.
fn range_of(text: &str) -> ((u64, u64), usize) {
    let (first, last) = text.split_once('-').expect("a test reads the built-in tables");
    let number = |text: &str| text.parse().expect("a test reads the built-in tables");
    ((number(first), number(last)), first.len())
}

fn kind_of(name: &str) -> Kind {
    Kind::parse_name(name).expect("a test reads the built-in tables")
}

/// The form under which heads are compared: no spaces, small letters.
pub(crate) fn head_key(word: &str) -> String {
    word.chars().filter(|letter| !letter.is_whitespace()).map(|letter| letter.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use sekisho_text::normal::Normal;

    use super::{Form, TEXT, tables};
    use crate::Kind;

    #[test]
    fn built_in_tables_are_whole() {
        let tables = tables();
        for kind in Kind::all().filter(|kind| kind.is_personal()) {
            let others = matches!(kind, Kind::Person | Kind::Address);
            let known = tables.rules.iter().any(|rule| rule.kind == kind);
            assert_eq!(known, !others, "{kind}");
            assert!(tables.heads.values().any(|head| *head == Some(kind)), "{kind} heads no column");
        }
        for (index, rule) in tables.rules.iter().enumerate() {
            assert!(rule.id.starts_with("pii/"));
            assert!(tables.rules[..index].iter().all(|other| other.id != rule.id), "{} twice", rule.id);
            for groups in &rule.groups {
                assert!(rule.digits.contains(&groups.iter().sum()), "{}: {groups:?}", rule.id);
            }
            if !matches!(rule.form, Form::Digits | Form::Letters | Form::Token) {
                assert_eq!(tables.rule_of(rule.form), index);
            }
        }
        assert_eq!(tables.prefectures.len(), 47);
    }

    #[test]
    fn words_are_written_as_they_are_compared() {
        let file: toml::Table = toml::from_str(TEXT).unwrap();
        let mut words = Vec::new();
        let mut rest: Vec<&toml::Value> = file.values().collect();
        while let Some(value) = rest.pop() {
            match value {
                toml::Value::Table(table) => rest.extend(table.values()),
                toml::Value::Array(array) => rest.extend(array),
                toml::Value::String(word) => words.push(word),
                _ => {}
            }
        }
        for word in words.into_iter().filter(|word| word.as_str() != "℡") {
            assert_eq!(Normal::of(word).text(), word, "not NFKC");
        }
    }
}
