//! Number plates of cars: 品川 300 あ 12-34.

use sekisho_text::normal::is_hyphen;

use super::scene::Look;

const SPACES_MAX: usize = 2;

/// Where a plate ends that begins with the look, area first.
pub(super) fn read(look: &Look<'_>) -> Option<usize> {
    let areas = look.scene.tables.areas.get(&look.peek(look.start)?)?;
    // No area is the beginning of another one that is followed by a digit, so their order does not matter.
    let mut here = areas.iter().filter(|area| look.reads(look.start, area));
    here.find_map(|area| read_behind_area(look, look.start + area.len()))
}

/// Where a plate ends of which the area is told elsewhere: 300 あ 12-34.
pub(super) fn read_behind_area(look: &Look<'_>, at: usize) -> Option<usize> {
    let at = skip_spaces(look, at);
    // 300, 50, 30A
    let first = look.peek(at)?.is_ascii_digit().then_some(at + 1)?;
    let class_end = look.skip(first, 2, |letter| letter.is_ascii_digit() || letter.is_ascii_uppercase());
    let at = skip_spaces(look, class_end);
    let kana = look.peek(at)?;
    let at =
        look.scene.tables.plate_kana.contains(kana).then_some(skip_spaces(look, at + kana.len_utf8()))?;
    read_serial(look, at)
}

/// 12-34, ・・12, 1234: dots fill empty places.
fn read_serial(look: &Look<'_>, start: usize) -> Option<usize> {
    let is_digit = |letter: char| letter.is_ascii_digit();
    let first = look.skip(start, 3, |letter| "・·.".contains(letter));
    let mut end = look.skip(first, 4, is_digit);
    let digits = end - first;
    if let Some(hyphen) = look.peek(end).filter(|letter| *letter == '-' || is_hyphen(*letter)) {
        let second = end + hyphen.len_utf8();
        let after = look.skip(second, 3, is_digit);
        if digits > 2 || after - second != 2 {
            return None;
        }
        end = after;
    }
    let goes_on = look.peek(end).is_some_and(|letter| letter.is_ascii_alphanumeric() || letter == '-');
    (digits > 0 && !goes_on).then_some(end)
}

fn skip_spaces(look: &Look<'_>, at: usize) -> usize {
    look.skip_spaces(at, SPACES_MAX)
}
