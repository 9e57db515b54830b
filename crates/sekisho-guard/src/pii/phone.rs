//! Telephone numbers of the Japanese numbering plan.

use super::{
    chain::{Chain, Group, Joint},
    data::{PhoneFile, Tables},
    scene::Look,
};

/// A telephone number at the beginning of a chain.
pub(super) struct Phone {
    pub(super) end: usize,
    /// How sure without any cue; none where a cue is needed.
    pub(super) alone: Option<f32>,
    /// Only the part within an area: 1234-5678.
    pub(super) local: bool,
}

/// The country's number before, with or without the plus; the 0 falls away then.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Before {
    Nothing,
    /// `+81`
    Country,
    /// `+` and the number of another country.
    Abroad,
    /// `(03)`: the chain begins behind the bracket.
    Bracket,
}

/// Reads a telephone number from the first groups of a chain.
pub(super) fn read(look: &Look<'_>, chain: &Chain, before: Before) -> Option<Phone> {
    let [first, ..] = chain.groups() else { return None };
    // Without a 0, only 1234-5678 is left.
    if before == Before::Nothing && chain.digits(first)[0] != 0 && chain.groups().len() == 1 {
        return None;
    }
    let mut best = None;
    for (index, last) in chain.groups().iter().enumerate() {
        let groups = &chain.groups()[..=index];
        if before == Before::Bracket && !closes_first(groups) {
            continue;
        }
        let Some(joint) = joint_of(groups, before) else { break };
        if !ends(look, chain, index) {
            continue;
        }
        let found = judge(groups, chain.digits(last), joint, before, look.scene.tables);
        best = found.map(|(alone, local)| Phone { end: last.end, alone, local }).or(best);
    }
    best
}

/// What joins the groups; none where they are joined as no telephone number is.
fn joint_of(groups: &[Group], before: Before) -> Option<Joint> {
    let mut joint = Joint::First;
    let mut opened = before == Before::Bracket;
    for group in &groups[1..] {
        match group.joint {
            Joint::Open if !opened => opened = true,
            Joint::Close if opened => joint = Joint::Hyphen,
            Joint::Hyphen => joint = Joint::Hyphen,
            Joint::Middle if joint != Joint::Hyphen => joint = Joint::Dot,
            Joint::Dot | Joint::Space | Joint::Line if joint != Joint::Hyphen => joint = group.joint,
            Joint::Space | Joint::Line => {}
            _ => return None,
        }
    }
    Some(joint)
}

fn closes_first(groups: &[Group]) -> bool {
    // (0) is a part of +81(0)3.
    groups[0].len > 1 && groups.get(1).is_some_and(|group| group.joint == Joint::Close)
}

/// Whether the number ends with this group.
fn ends(look: &Look<'_>, chain: &Chain, index: usize) -> bool {
    let tight = |group: &Group| matches!(group.joint, Joint::Hyphen | Joint::Dot | Joint::Close);
    let goes_on = chain.groups().get(index + 1).is_some_and(tight);
    let next = look.peek(chain.groups()[index].end);
    !goes_on && next.is_none_or(|letter| !letter.is_ascii_alphabetic() && !"@_%円¥".contains(letter))
}

/// How sure the number is by itself, and whether it lacks its area.
fn judge(
    groups: &[Group],
    digits: &[u8],
    joint: Joint,
    before: Before,
    tables: &Tables,
) -> Option<(Option<f32>, bool)> {
    let mut national = String::with_capacity(12);
    if before == Before::Country && digits.first() != Some(&0) {
        national.push('0');
    }
    national.extend(digits.iter().map(|digit| char::from(b'0' + digit)));
    let lengths: Vec<usize> = groups.iter().map(|group| group.len).collect();
    if before == Before::Abroad {
        let alone = match joint {
            Joint::Hyphen | Joint::Space if groups.len() > 2 => 0.8,
            _ => 0.55,
        };
        return (10..=15).contains(&digits.len()).then_some((Some(alone), false));
    }
    if before == Before::Country {
        return is_national(&national, &tables.phone).then_some((Some(0.95), false));
    }
    if !national.starts_with('0') {
        // 1234-5678, known only by a cue close by.
        let local = joint == Joint::Hyphen && matches!(lengths[..], [2..=4, 4]) && digits.len() <= 8;
        return local.then_some((None, true));
    }
    if !is_national(&national, &tables.phone) {
        return None;
    }
    let grouped = is_grouped(&national, &lengths, &tables.phone);
    let alone = match joint {
        Joint::First => is_mobile(&national).then_some(0.6),
        Joint::Hyphen if grouped => Some(0.95),
        // 090-12345678 and other habits.
        Joint::Hyphen => (lengths.len() == 2 && national.len() == 11).then_some(0.7),
        Joint::Space | Joint::Dot if grouped && is_mobile(&national) => Some(0.9),
        Joint::Space | Joint::Dot if grouped => Some(0.65),
        _ => None,
    };
    Some((alone, false))
}

fn is_mobile(number: &str) -> bool {
    number.len() == 11 && ["070", "080", "090"].iter().any(|prefix| number.starts_with(prefix))
}

/// Whether a number has a length and a beginning of the plan.
fn is_national(number: &str, phone: &PhoneFile) -> bool {
    let starts = |prefixes: &[&str]| prefixes.iter().any(|prefix| number.starts_with(prefix));
    match number.len() {
        11 => starts(&["070", "080", "090", "050", "0800", "020", "060"]),
        10 => {
            let special = ["0120", "0570", "0990", "0180", "0170"];
            let mobile = starts(&["070", "080", "090", "050", "020", "060", "00"]);
            starts(&special) || (!mobile && !area_lengths(number, phone).is_empty())
        }
        _ => false,
    }
}

/// How many digits the area of a number of ten digits may have.
fn area_lengths(number: &str, phone: &PhoneFile) -> Vec<usize> {
    let known = |areas: &[String]| areas.iter().any(|area| number.starts_with(area.as_str()));
    let mut lengths = Vec::new();
    if known(&phone.area_2) {
        lengths.push(2);
    }
    if known(&phone.area_3) {
        lengths.push(3);
    }
    if known(&phone.area_5) {
        lengths.push(5);
    }
    // 03 and 06 have no longer areas; every other beginning has some with four digits.
    if !number.starts_with("03") && !number.starts_with("06") && !number.starts_with("00") {
        lengths.push(4);
    }
    lengths
}

/// Whether the groups are those of the plan: 3-4-4, 2-4-4, 0120-123-456.
fn is_grouped(number: &str, lengths: &[usize], phone: &PhoneFile) -> bool {
    let starts = |prefixes: &[&str]| prefixes.iter().any(|prefix| number.starts_with(prefix));
    if number.len() == 11 {
        return lengths == [3, 4, 4] || (number.starts_with("0800") && lengths == [4, 3, 4]);
    }
    if starts(&["0120", "0570", "0990", "0180", "0170"]) {
        return matches!(lengths, [4, 3, 3] | [4, 2, 4] | [4, 6]);
    }
    let areas = area_lengths(number, phone);
    matches!(lengths, [area, rest, 4] if areas.contains(area) && area + rest == 6)
        || matches!(lengths, [area, rest] if areas.contains(area) && area + rest == 10)
}
