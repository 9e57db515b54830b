//! Check digits. Each function takes the digits as numbers 0 to 9 and says whether they fit together; digits of another
//! length never do.

use super::data::{Check, Tables};

/// Whether the digits satisfy the check.
pub(super) fn holds(check: Check, digits: &[u8]) -> bool {
    match check {
        Check::MyNumber => is_my_number(digits),
        Check::Corporate => is_corporate_number(digits),
        Check::License => is_license(digits),
        Check::Luhn => is_luhn(digits),
    }
}

/// 個人番号: 総務省令第85号 (2014) 第5条. With the n-th digit of the first eleven counted from the right as P and weights
/// Q = n + 1 up to the sixth, n - 5 from the seventh: 11 - (ΣPQ mod 11), or 0 where the remainder is 0 or 1.
pub(super) fn is_my_number(digits: &[u8]) -> bool {
    digits.len() == 12 && digits[11] == my_number_digit(&digits[..11])
}

/// The check digit of eleven digits.
pub(super) fn my_number_digit(body: &[u8]) -> u8 {
    let sum: u32 = (1..).zip(body.iter().rev()).map(|(n, p)| u32::from(*p) * weight(n)).sum();
    match sum % 11 {
        0 | 1 => 0,
        rest => (11 - rest) as u8,
    }
}

fn weight(n: u32) -> u32 {
    if n <= 6 { n + 1 } else { n - 5 }
}

/// 法人番号: 財務省令第70号 (2014) 第2条. The check digit stands first: 9 - (ΣPQ mod 9), where Q is 1 for odd and 2 for even
/// places of the other twelve, counted from the right.
pub(super) fn is_corporate_number(digits: &[u8]) -> bool {
    digits.len() == 13 && digits[0] == corporate_digit(&digits[1..])
}

/// The check digit of twelve digits.
pub(super) fn corporate_digit(body: &[u8]) -> u8 {
    let sum: u32 = body.iter().rev().enumerate().map(|(n, p)| u32::from(*p) * (1 + n as u32 % 2)).sum();
    (9 - sum % 9) as u8
}

/// 運転免許証番号: the eleventh digit checks the first ten with weights 5,4,3,2,7,6,5,4,3,2; the last counts reissues.
pub(super) fn is_license(digits: &[u8]) -> bool {
    digits.len() == 12 && digits[10] == license_digit(&digits[..10])
}

/// Whether the first two digits name a 公安委員会 that issues licences.
pub(super) fn is_license_office(digits: &[u8], tables: &Tables) -> bool {
    let [first, second, ..] = digits else { return false };
    let prefix = u64::from(*first) * 10 + u64::from(*second);
    tables.license_prefixes.iter().any(|(first, last)| (*first..=*last).contains(&prefix))
}

/// The check digit of ten digits.
pub(super) fn license_digit(body: &[u8]) -> u8 {
    let sum: u32 = body.iter().zip([5, 4, 3, 2, 7, 6, 5, 4, 3, 2]).map(|(p, q)| u32::from(*p) * q).sum();
    ((11 - sum % 11) % 10) as u8
}

/// Numbers of goods and books with a Japanese prefix or that of books (JAN, ISBN-13): weights 1 and 3 in turn.
pub(super) fn is_article(digits: &[u8]) -> bool {
    let sum: u32 = digits.iter().zip([1, 3].iter().cycle()).map(|(p, q)| u32::from(*p) * q).sum();
    digits.len() == 13 && matches!(digits[..2], [4, 5 | 9] | [9, 7]) && sum.is_multiple_of(10)
}

/// Luhn (ISO/IEC 7812-1 annex B), with which cards and 保険者番号 are checked.
pub(super) fn is_luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| {
            let digit = u32::from(*digit);
            if place.is_multiple_of(2) { digit } else { digit * 2 / 10 + digit * 2 % 10 }
        })
        .sum();
    !digits.is_empty() && sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests;
