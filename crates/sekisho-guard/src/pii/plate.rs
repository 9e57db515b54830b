//! Number plates: of cars (品川 300 あ 12-34), of small motorcycles (調布市 き 30-72), and of cars in Latin letters.

use sekisho_text::normal::is_hyphen;

use super::{chain::digit_of, judge, scene::Look};

/// Characters between the parts of a plate.
const JOINT_MAX: usize = 2;
/// 東京都八丈島八丈町 and every other municipality with its prefecture.
const TOWN_CHARS_MAX: usize = 10;
/// Letters of an area: Owari-Komaki.
const LATIN_AREA_MAX: usize = 14;
/// Kana that also stand between words.
const PARTICLES: &str = "のはとものへにでをがや";
const VOWELS: [char; 5] = ['a', 'i', 'u', 'e', 'o'];

/// Where a plate ends that begins with the look, area first.
pub(super) fn read(look: &Look<'_>) -> Option<usize> {
    let areas = look.scene.tables.areas.get(&look.peek(look.start)?)?;
    // No area is the beginning of another one that is followed by a digit, so their order does not matter.
    areas.iter().find_map(|area| {
        let at = read_apart(look, area)?;
        read_behind_area(look, at).or_else(|| read_motorcycle(look, at))
    })
}

/// 品川 あ 12-34: motorcycles have no class.
fn read_motorcycle(look: &Look<'_>, at: usize) -> Option<usize> {
    let kana = look.skip_spaces(at, JOINT_MAX);
    let letter = look.peek(kana).filter(|letter| look.scene.tables.plate_kana.contains(*letter))?;
    (kana > at).then(|| read_behind_kana(look, kana, letter)).flatten()
}

/// The serial behind a kana that nothing but its place makes a part of a plate.
fn read_behind_kana(look: &Look<'_>, kana: usize, letter: char) -> Option<usize> {
    let behind = kana + letter.len_utf8();
    let serial = skip_joint(look, behind);
    let end = read_serial(look, serial)?;
    // 「大阪 に 12-34」: words between words are written so too.
    let is_evident =
        serial > behind && look.scene.text[serial..end].contains('-') && !PARTICLES.contains(letter);
    (is_evident || has_cue(look)).then_some(end)
}

/// Whether a word for plates stands close by.
pub(super) fn has_cue(look: &Look<'_>) -> bool {
    judge::plate_cue(look).is_some()
}

/// Where the plate of a small motorcycle ends, which municipalities give out: no class, and any kana.
pub(super) fn read_small(look: &Look<'_>) -> Option<usize> {
    let at = skip_joint(look, town_end(|at| look.peek(at), look.start)?);
    let kana = look.peek(at).filter(|letter| is_kana(*letter))?;
    read_behind_kana(look, at, kana)
}

/// Where a town ends that begins at `at`: 市, 区, 町 or 村 behind a name.
pub(super) fn town_end(peek: impl Fn(usize) -> Option<char>, start: usize) -> Option<usize> {
    let is_name = |letter: char| matches!(letter, '一'..='龠' | '々' | 'ヶ' | 'ケ' | 'ノ');
    let mut at = start;
    for place in 0..TOWN_CHARS_MAX {
        let letter = peek(at).filter(|letter| is_name(*letter))?;
        at += letter.len_utf8();
        let ends = place > 0 && matches!(letter, '市' | '区' | '町' | '村');
        if ends && peek(at).is_none_or(|next| !matches!(next, '一'..='龠' | 'ァ'..='ヺ')) {
            return Some(at);
        }
    }
    None
}

/// Where a plate in Latin letters ends: Kashiwa 330 ta 45-19. Much else is written so, and a word must say what it is.
pub(super) fn read_latin(look: &Look<'_>) -> Option<usize> {
    look.peek(look.start).filter(char::is_ascii_uppercase)?;
    let area = look.skip(look.start, LATIN_AREA_MAX, |letter| letter.is_ascii_alphabetic() || letter == '-');
    let class = look.skip(area, 1, |letter| letter == ' ');
    let class_end = look.skip(class, 3, |letter| letter.is_ascii_digit());
    let kana = look.skip(class_end, 1, |letter| letter == ' ');
    let kana_end = look.skip(kana, 3, |letter| letter.is_ascii_alphabetic());
    let serial = look.skip(kana_end, 1, |letter| letter == ' ');
    let apart = area >= look.start + 3
        && class > area
        && class_end > class + 1
        && kana > class_end
        && serial > kana_end;
    let syllable = look.scene.text[kana..kana_end].to_ascii_lowercase();
    (apart && syllable.ends_with(VOWELS) && has_cue(look)).then(|| read_serial(look, serial)).flatten()
}

/// Where a plate ends of which the area is told elsewhere: 300 あ 12-34.
pub(super) fn read_behind_area(look: &Look<'_>, at: usize) -> Option<usize> {
    let at = skip_joint(look, at);
    // 300, 50, 30A
    let mut class_end = at;
    for place in 0..3 {
        let next = if place > 0 { look.skip_spaces(class_end, 1) } else { class_end };
        let takes = |letter: char| digit_of(letter).is_some() || (place > 0 && letter.is_ascii_uppercase());
        let Some(letter) = look.peek(next).filter(|letter| takes(*letter)) else { break };
        class_end = next + letter.len_utf8();
    }
    let at = (class_end > at).then(|| skip_joint(look, class_end))?;
    let kana = look.peek(at).filter(|letter| look.scene.tables.plate_kana.contains(*letter))?;
    // 「ぬの、三三の二九」, as people read it aloud.
    let behind = look.skip(at + kana.len_utf8(), 1, |letter| letter == 'の' && kana != 'の');
    read_serial(look, skip_joint(look, behind))
}

/// 12-34, ・・12, 1234: dots fill empty places.
fn read_serial(look: &Look<'_>, start: usize) -> Option<usize> {
    let dots = look.skip(start, 3, |letter| "・·.".contains(letter));
    let first = if dots > start { look.skip_spaces(dots, 1) } else { dots };
    let (mut end, digits) = read_digits(look, first);
    if let Some(second) = serial_joint(look, end) {
        let (after, count) = read_digits(look, second);
        if digits > 2 || count != 2 {
            return None;
        }
        end = after;
    }
    let goes_on = look
        .peek(end)
        .is_some_and(|letter| letter.is_ascii_alphanumeric() || letter == '-' || digit_of(letter).is_some());
    (digits > 0 && !goes_on).then_some(end)
}

/// Where the second half of a serial begins, if a hyphen stands before it.
fn serial_joint(look: &Look<'_>, end: usize) -> Option<usize> {
    let at = look.skip_spaces(end, 1);
    let hyphen = look.peek(at).filter(|letter| *letter == '-' || is_hyphen(*letter) || *letter == 'の')?;
    let second = look.skip_spaces(at + hyphen.len_utf8(), 1);
    let is_second = hyphen != 'の' || read_digits(look, second).1 == 2;
    is_second.then_some(second)
}

/// Up to four digits, together or one by one, and how many.
fn read_digits(look: &Look<'_>, start: usize) -> (usize, usize) {
    let one = |at: usize| look.peek(at).filter(|letter| digit_of(*letter).is_some());
    let Some(first) = one(start) else { return (start, 0) };
    let (mut end, mut count) = (start + first.len_utf8(), 1);
    let gap = look.skip_spaces(end, 1) - end;
    while count < 4 {
        let next = if gap > 0 { look.skip_spaces(end, 1) } else { end };
        let Some(letter) = one(next) else { break };
        end = next + letter.len_utf8();
        count += 1;
    }
    (end, count)
}

/// Behind `word`, of which the characters may stand apart: 石 川.
fn read_apart(look: &Look<'_>, word: &str) -> Option<usize> {
    let mut at = look.start;
    for (place, letter) in word.chars().enumerate() {
        let next = if place > 0 { look.skip_spaces(at, 1) } else { at };
        at = (look.peek(next)? == letter).then_some(next + letter.len_utf8())?;
    }
    Some(at)
}

pub(super) fn is_kana(letter: char) -> bool {
    matches!(letter, 'あ'..='ん' | 'ア'..='ン')
}

fn skip_joint(look: &Look<'_>, at: usize) -> usize {
    look.skip(at, JOINT_MAX, |letter| matches!(letter, ' ' | '、'))
}
