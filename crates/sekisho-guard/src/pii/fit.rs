//! Which rules a candidate could fall under by its form alone.

mod parts;
mod word;

pub(super) use parts::{is_postal_symbol, of_half, of_insured};
pub(super) use word::of_any_token;

use super::{
    chain::{Chain, Group, Joint, digit_of},
    check,
    data::{Check, Form, Rule},
    phone::{self, Before},
    scene::Look,
};

/// A candidate in the form of a rule.
#[derive(Debug, Clone)]
pub(super) struct Fit {
    /// Index of the rule.
    pub(super) rule: usize,
    pub(super) end: usize,
    pub(super) check: Option<bool>,
    /// What the form says by itself, in log-odds: 0 is even, and each 2.3 is a factor of ten.
    pub(super) shape: f32,
    /// So little is in the form that only words close by count.
    pub(super) near: bool,
    pub(super) notes: Vec<&'static str>,
}

/// What a check digit adds that one number in ten would have by chance, and what a wrong one takes.
const CHECK_HOLDS: f32 = 2.0;
const CHECK_FAILS: f32 = -1.4;
/// Groups that only this rule has: 1234-567890-1.
const OWN_GROUPS: f32 = 2.4;
const OWN_GROUPS_APART: f32 = 1.2;
const EVEN_GROUPS: f32 = 0.4;
/// Groups of a person's own: 12-3456-789018.
const ODD_GROUPS: f32 = -1.2;

impl Fit {
    pub(super) fn new(rule: usize, end: usize, shape: f32) -> Self {
        Self { rule, end, check: None, shape, near: false, notes: Vec::new() }
    }

    fn near(self) -> Self {
        Self { near: true, ..self }
    }

    /// Takes the check digit into the count.
    fn checked(mut self, check: Option<bool>) -> Self {
        self.shape += match check {
            Some(true) => CHECK_HOLDS,
            Some(false) => CHECK_FAILS,
            None => 0.0,
        };
        self.check = check;
        self
    }
}

/// How likely digits without letters are one of our numbers, by how many they are: short ones are also dates, amounts,
/// codes.
fn shape_of_digits(digits: usize) -> f32 {
    match digits {
        0..=4 => -5.0,
        5 | 6 => -4.2,
        7 => -3.6,
        8 | 9 => -3.4,
        _ => -3.0,
    }
}

fn log_odds(share: f32) -> f32 {
    (share / (1.0 - share)).ln()
}

/// All rules whose form a number has that begins with the look.
pub(super) fn of_number(look: &Look<'_>, chain: &Chain, before: Before) -> Vec<Fit> {
    let mut fits = Vec::new();
    let tables = look.scene.tables;
    if before != Before::Nothing {
        fits.extend(of_phone(look, chain, before));
        return fits;
    }
    let totals = chain.groups().iter().fold(0_u32, |mask, group| mask | 1 << group.total);
    for (index, rule) in tables.rules.iter().enumerate() {
        match rule.form {
            Form::Digits if rule.digits_mask & totals == 0 => {}
            Form::Digits => fits.extend(of_digits(look, chain, index, rule)),
            Form::Phone => fits.extend(of_phone(look, chain, before)),
            Form::Postal => fits.extend(of_postal(look, chain, index)),
            Form::Card => fits.extend(of_card(look, chain, index)),
            Form::Invoice => fits.extend(of_bare_invoice(look, chain, index)),
            Form::Insured => fits.extend(of_insured(look, chain, index)),
            Form::PostalAccount => fits.extend(parts::of_postal_account(look, chain, index)),
            // 19FV40287
            Form::Letters if rule.letters.1 == 0 => {
                let mixed = word::of_foreign_passport(look, index).filter(|fit| {
                    let word = &look.scene.text[look.start..fit.end];
                    word.bytes().any(|byte| byte.is_ascii_alphabetic())
                });
                fits.extend(mixed.or_else(|| word::of_digits_of_passport(look, chain, index)));
            }
            Form::Token | Form::Letters | Form::Date | Form::Plate | Form::Email | Form::Ip => {}
        }
    }
    fits
}

/// All rules whose form a word has that begins with a letter.
pub(super) fn of_word(look: &Look<'_>) -> Vec<Fit> {
    let rules = look.scene.tables.rules.iter().enumerate();
    let fits = rules.filter_map(|(index, rule)| match rule.form {
        Form::Letters if rule.letters.1 > 0 => word::of_letters(look, index, rule),
        Form::Letters => word::of_letters(look, index, rule)
            .or_else(|| word::of_machine_line(look, index))
            .or_else(|| word::of_foreign_passport(look, index))
            .or_else(|| word::of_apart_passport(look, index)),
        Form::Invoice => word::of_invoice(look, index),
        _ => None,
    });
    fits.collect()
}

/// Digits in the number that the rule asks for, grouped evenly or as it knows them.
fn of_digits(look: &Look<'_>, chain: &Chain, index: usize, rule: &Rule) -> Option<Fit> {
    let place = chain.groups().iter().position(|group| rule.digits.contains(&group.total))?;
    let groups = &chain.groups()[..=place];
    let last = groups[place];
    let lengths = groups.iter().map(|group| group.len);
    let own = groups.len() > 1 && rule.groups.iter().any(|it| lengths.clone().eq(it.iter().copied()));
    let regular = is_regular(groups, &rule.groups) || is_nearly_even(look, chain, groups);
    let joined = groups[1..].iter().all(|group| match group.joint {
        Joint::Hyphen | Joint::Space | Joint::Line => true,
        // 7051・336284, 2581 / 0394 / 7763
        Joint::Middle | Joint::Slash | Joint::Between => last.total >= 10 && regular || own,
        // 0307.118.264
        Joint::Dot => last.total >= 10 && regular && groups.len() > 2,
        _ => false,
    });
    // 4402-918375・1150: whole groups of its own end a number, whatever stands behind.
    let ends = ends(look, chain, place) || (own && ends_before_other(look, chain, place));
    if !joined || !ends || is_date(groups, chain.digits(&last)) || (rule.only_groups && !own) {
        return None;
    }
    let check = rule.check.map(|check| check::holds(check, chain.digits(&last)));
    let mut fit = Fit::new(index, last.end, shape_of_digits(last.total)).checked(check);
    let tight = groups[1..].iter().all(|group| group.joint == Joint::Hyphen);
    if !regular {
        // Only a word close by says that it is one number.
        if last.total < 8 {
            return None;
        }
        fit.shape += ODD_GROUPS;
        fit.near = fit.check != Some(true);
    } else if own && last.total >= 8 {
        fit.shape += if tight { OWN_GROUPS } else { OWN_GROUPS_APART };
    } else if tight && groups.len() > 1 && last.total >= 10 {
        fit.shape += EVEN_GROUPS;
    }
    if rule.check == Some(Check::Corporate) && check::is_article(chain.digits(&last)) {
        fit.shape += ARTICLE;
    }
    if rule.check == Some(Check::License) && !check::is_license_office(chain.digits(&last), look.scene.tables)
    {
        fit.shape += UNKNOWN_OFFICE;
    }
    if groups.iter().any(|group| group.joint == Joint::Line) {
        fit.notes.push("evidence-wrapped");
    }
    fit.near |= last.total < 7 || (last.total < 8 && groups.len() > 1);
    Some(fit)
}

/// More digits stand behind, one space apart.
const GOES_ON: f32 = -2.0;
/// A 公安委員会 that does not exist.
const UNKNOWN_OFFICE: f32 = -0.7;

fn ends_before_other(look: &Look<'_>, chain: &Chain, place: usize) -> bool {
    let next = chain.groups().get(place + 1);
    next.is_some_and(|next| matches!(next.joint, Joint::Middle | Joint::Slash))
        && look.peek(chain.groups()[place].end).is_some()
}

/// Whether nothing behind this group says that the number goes on or counts something.
fn ends(look: &Look<'_>, chain: &Chain, place: usize) -> bool {
    let group = chain.groups()[place];
    if let Some(next) = chain.groups().get(place + 1) {
        let tight = matches!(next.joint, Joint::Hyphen | Joint::Dot | Joint::Slash | Joint::Middle);
        // 1234 5678 9012 3456 is no number of twelve digits with four more behind.
        let even = place > 0 && next.joint == Joint::Space && next.len == chain.groups()[0].len;
        if tight || even {
            return false;
        }
    }
    let Some(next) = look.peek(group.end) else { return true };
    // The next line begins with a time: 03:30.
    let is_time = group.joint == Joint::Line && next == ':';
    !(next.is_ascii_alphabetic()
        || is_time
        || next == '@'
        || (next == '_' && is_joined(look, group.end))
        || digit_of(next).is_some()
        || counts(look, group.end))
}

/// Whether the number before `at` is an amount: 12345円, 12345人. 名 counts in 12345名 and not in 12345名義.
fn counts(look: &Look<'_>, at: usize) -> bool {
    let at = look.skip_spaces(at, 1);
    let Some(unit) = look.peek(at).filter(|unit| look.scene.tables.units.contains(*unit)) else {
        return false;
    };
    let begins_word =
        |letter: char| matches!(letter, '一'..='龠') && !"以増減超未程前後強弱分中目余規相".contains(letter);
    "円%¥$€万億兆".contains(unit) || !look.peek(at + unit.len_utf8()).is_some_and(begins_word)
}

/// Whether groups are of one length, but for the last, or of a known pattern. A line break may stand for a joint or for
/// nothing.
fn is_regular(groups: &[Group], patterns: &[Vec<usize>]) -> bool {
    if groups.len() == 1 {
        return true;
    }
    let lengths: Vec<usize> = groups.iter().map(|group| group.len).collect();
    let mut joined: Vec<usize> = Vec::new();
    for group in groups {
        match joined.last_mut() {
            Some(last) if group.joint == Joint::Line => *last += group.len,
            _ => joined.push(group.len),
        }
    }
    [lengths, joined].into_iter().any(|lengths| {
        let (first, last) = (lengths[0], lengths[lengths.len() - 1]);
        let even = lengths[..lengths.len() - 1].iter().all(|length| *length == first);
        let regular = even && (last == first || (last < first && first > 2 && lengths.len() > 1));
        regular || lengths.len() == 1 || patterns.contains(&lengths)
    })
}

/// Groups whose lengths differ by one at most: 000 061 8294. A telephone number is written so, too.
fn is_nearly_even(look: &Look<'_>, chain: &Chain, groups: &[Group]) -> bool {
    let lengths = || groups.iter().map(|group| group.len);
    let (Some(least), Some(most)) = (lengths().min(), lengths().max()) else { return false };
    let is_phone = || phone::read(look, chain, Before::Nothing).is_some_and(|phone| phone.alone.is_some());
    groups.len() > 2 && least >= 2 && most - least <= 1 && !is_phone()
}

/// 2024-10-01 is a date whatever the rule.
fn is_date(groups: &[Group], digits: &[u8]) -> bool {
    let [year, month, day] = groups else { return false };
    let number = |digits: &[u8]| digits.iter().fold(0, |sum, digit| sum * 10 + u32::from(*digit));
    year.len == 4
        && month.len <= 2
        && day.len <= 2
        && (1800..2200).contains(&number(&digits[..4]))
        && (1..=12).contains(&number(&digits[4..4 + month.len]))
}

fn of_phone(look: &Look<'_>, chain: &Chain, before: Before) -> Option<Fit> {
    /// Digits of the plan in groups that say nothing, or none.
    const UNGROUPED: f32 = -1.2;
    /// 1234-5678.
    const LOCAL: f32 = -5.6;
    let found = phone::read(look, chain, before)?;
    let rule = look.scene.tables.rule_of(Form::Phone);
    if found.local {
        return Some(Fit::new(rule, found.end, LOCAL).near());
    }
    let mut fit = Fit::new(rule, found.end, found.alone.map_or(UNGROUPED, log_odds));
    fit.notes.push("evidence-number-plan");
    Some(fit)
}

fn of_postal(look: &Look<'_>, chain: &Chain, index: usize) -> Option<Fit> {
    let groups = chain.groups();
    let place = groups.iter().position(|group| group.total == 7)?;
    let hyphen = place == 1 && groups[0].len == 3 && groups[1].joint == Joint::Hyphen;
    // 683 0067 in two lines.
    let apart = place == 1 && groups[0].len == 3 && matches!(groups[1].joint, Joint::Space | Joint::Line);
    if !(place == 0 || hyphen || apart) || !ends(look, chain, place) {
        return None;
    }
    let shape = if hyphen { -1.0 } else { shape_of_digits(7) };
    let mut fit = Fit::new(index, groups[place].end, shape).near();
    if is_before_address(look, fit.end) {
        fit.shape = log_odds(if hyphen { 0.92 } else { 0.6 });
        fit.notes.push("evidence-address-follows");
    }
    // 618-4017 1978 is the number of an air waybill.
    let goes_on = groups.get(place + 1).is_some_and(|next| next.joint == Joint::Space && next.len >= 3);
    if hyphen && goes_on {
        fit.shape += GOES_ON;
    }
    Some(fit)
}

/// Whether an address follows: a prefecture, or a name that ends in 市, 区, 町, 村 or 郡.
fn is_before_address(look: &Look<'_>, at: usize) -> bool {
    let at = look.skip(at, 3, |letter| matches!(letter, ' ' | '\n' | '\r' | ')' | '、' | ','));
    if look.scene.tables.prefectures.iter().any(|name| look.reads(at, name)) {
        return true;
    }
    let is_name = |letter: char| matches!(letter, '一'..='龠' | 'ぁ'..='ん' | 'ァ'..='ヶ' | '々');
    let mut end = at;
    for place in 0..7 {
        match look.peek(end) {
            Some('市' | '区' | '町' | '村' | '郡') if place > 0 => return true,
            Some(letter) if is_name(letter) => end += letter.len_utf8(),
            _ => return false,
        }
    }
    false
}

fn of_card(look: &Look<'_>, chain: &Chain, index: usize) -> Option<Fit> {
    let groups = chain.groups();
    let place = groups.iter().position(|group| group.total >= 14)?;
    let (last, used) = (groups[place], &groups[..=place]);
    let is_joint = |group: &Group| !matches!(group.joint, Joint::Open | Joint::Close | Joint::Box);
    let joined = used[1..].iter().all(is_joint);
    // A joint may be missing: 35401182-7730-4912.
    let patterns =
        [vec![4, 6, 5], vec![4, 6, 4], vec![4, 4, 4, 4], vec![8, 4, 4], vec![4, 8, 4], vec![4, 4, 8]];
    if last.total > 19 || !joined || !is_regular(used, &patterns) || !ends(look, chain, place) {
        return None;
    }
    let digits = chain.digits(&last);
    let luhn = check::is_luhn(digits);
    let issued = look.scene.tables.issuers.iter().any(|issuer| {
        let begins = |(range, length): (&(u64, u64), &usize)| {
            let prefix = digits[..*length].iter().fold(0, |sum, digit| sum * 10 + u64::from(*digit));
            (range.0..=range.1).contains(&prefix)
        };
        issuer.digits.contains(&digits.len()) && issuer.prefixes.iter().zip(&issuer.prefix_digits).any(begins)
    });
    let groups_of_cards = patterns.iter().any(|it| used.iter().map(|group| group.len).eq(it.iter().copied()));
    let mut fit = Fit::new(index, last.end, 0.0);
    fit.check = Some(luhn);
    fit.shape = match (issued, luhn) {
        (true, true) => log_odds(0.9),
        (true, false) => -3.0,
        (false, true) => -2.4,
        (false, false) => -4.4,
    };
    if groups_of_cards && !luhn {
        fit.shape += 0.6;
    }
    if issued {
        fit.notes.push("evidence-card-issuer");
    }
    Some(fit)
}

/// The check digit of goods and books holds, too.
const ARTICLE: f32 = -3.0;

fn of_bare_invoice(look: &Look<'_>, chain: &Chain, index: usize) -> Option<Fit> {
    let place = chain.groups().iter().position(|group| group.total == 13)?;
    let groups = &chain.groups()[..=place];
    let joined =
        groups[1..].iter().all(|group| matches!(group.joint, Joint::Hyphen | Joint::Space | Joint::Line));
    let check = check::is_corporate_number(chain.digits(&groups[place]));
    let regular = is_regular(groups, &[vec![1, 4, 4, 4]]);
    if !joined || !(regular || check) || !ends(look, chain, place) {
        return None;
    }
    let mut fit = Fit::new(index, groups[place].end, shape_of_digits(13)).checked(Some(check));
    if check::is_article(chain.digits(&groups[place])) {
        fit.shape += ARTICLE;
    }
    Some(fit)
}

fn is_joined(look: &Look<'_>, at: usize) -> bool {
    look.peek(at + 1).is_some_and(|letter| letter.is_ascii_alphanumeric())
}
