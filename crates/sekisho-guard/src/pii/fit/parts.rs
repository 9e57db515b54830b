//! 記号 and 番号: the two numbers of an insurance card or a postal account, together or apart.

use super::{Fit, GOES_ON, ends, is_date, log_odds};
use crate::pii::{
    chain::{Chain, Group, Joint},
    scene::Look,
};

/// 記号・番号 of an insured person in one piece: 12345・678.
pub(in crate::pii) fn of_insured(look: &Look<'_>, chain: &Chain, index: usize) -> Option<Fit> {
    let groups = chain.groups();
    let first = groups.first().filter(|group| (1..=8).contains(&group.len))?;
    let joins =
        |group: &&Group| matches!(group.joint, Joint::Hyphen | Joint::Middle | Joint::Space | Joint::Slash);
    let second = groups.get(1).filter(joins).filter(|group| group.len <= 8);
    let third = second.and(groups.get(2)).filter(|group| group.joint == Joint::Hyphen && group.len == 2);
    let last = third.or(second).unwrap_or(first);
    let place = groups.iter().position(|group| group.end == last.end)?;
    if last.total < 4 || !ends(look, chain, place) || is_date(&groups[..=place], chain.digits(last)) {
        return None;
    }
    let mut fit = Fit::new(index, last.end, shape_of_card(last.total)).near();
    // 0091 004 478 is one number, and no pair with something behind.
    if groups.get(place + 1).is_some_and(|next| next.joint == Joint::Space && next.len > 2) {
        fit.shape += GOES_ON;
    }
    Some(fit)
}

/// 記号 and 番号 together have hardly ten digits.
fn shape_of_card(digits: usize) -> f32 {
    if digits < 10 { -4.1 } else { -5.0 }
}

/// ゆうちょ銀行: 記号 and 番号 in one piece, 12340-12345671, or 番号 with its own cue.
pub(super) fn of_postal_account(look: &Look<'_>, chain: &Chain, index: usize) -> Option<Fit> {
    /// 02270-4-118306: an account for transfers.
    const TRANSFER: f32 = 0.4;
    /// A 番号 that does not end in 1.
    const OTHER_END: f32 = 0.1;
    let [symbol, number, ..] = chain.groups() else { return None };
    // A single check number may stand between: 12340-1-12345671.
    let (place, number) = match chain.groups().get(2) {
        Some(third) if number.len == 1 && number.joint == Joint::Hyphen => (2, third),
        _ => (1, number),
    };
    let digits = chain.digits(number);
    let joined = matches!(number.joint, Joint::Hyphen | Joint::Space | Joint::Middle | Joint::Slash);
    let is_transfer = place == 2 && symbol.len == 5 && digits[0] == 0 && (1..=6).contains(&number.len);
    let form = is_transfer || is_postal_symbol(symbol, digits) && (2..=8).contains(&number.len);
    if !joined || !form || !ends(look, chain, place) {
        return None;
    }
    let share = match digits.last() {
        _ if is_transfer => TRANSFER,
        Some(1) => 0.45,
        _ => OTHER_END,
    };
    Some(Fit::new(index, number.end, log_odds(share)))
}

/// The first group as 記号 of ゆうちょ銀行: five digits, 1xxx0.
pub(in crate::pii) fn is_postal_symbol(first: &Group, digits: &[u8]) -> bool {
    first.len == 5 && digits[0] == 1 && digits[4] == 0
}

/// One of the two numbers of 「記号 12345 番号 678」, of at least `least` digits.
pub(in crate::pii) fn of_half(look: &Look<'_>, chain: &Chain, rule: usize, least: usize) -> Option<Fit> {
    let groups = chain.groups();
    // 番号 5 6 1, as in boxes.
    let boxes = groups.iter().take_while(|group| group.len == 1).count();
    let is_boxes = boxes > 1 && groups[1..boxes].iter().all(|group| group.joint == Joint::Space);
    let goes_on = |group: &&Group| group.joint == Joint::Hyphen;
    let tight = if is_boxes { boxes - 1 } else { groups.iter().skip(1).take_while(goes_on).count() };
    let last = groups.get(tight).filter(|group| (least..=10).contains(&group.total))?;
    ends(look, chain, tight).then(|| Fit::new(rule, last.end, shape_of_card(last.total)).near())
}
