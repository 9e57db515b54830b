//! One character folded by itself.

use unicode_normalization::char::{decompose_compatible, is_combining_mark};

use sekisho_text::normal::is_unseen;

use super::Form;

/// Gives the letters that `character` folds to; none for marks and unseen characters.
pub(super) fn fold_letter(character: char, form: Form, give: &mut impl FnMut(char)) {
    match character {
        '\0'..='\x7f' => give(ascii(character, form)),
        'ぁ'..='ゖ' | 'ァ'..='ヶ' | '一'..='鿿' | '、' | '。' | '「' | '」' | 'ー' => {
            give(other(character, form));
        }
        '\u{ff01}'..='\u{ff5e}' => {
            give(ascii(char::from_u32(character as u32 - 0xfee0).unwrap_or(character), form));
        }
        '\u{3099}' | '\u{309a}' | '゛' | '゜' | 'ﾞ' | 'ﾟ' => {
            if form.keep_voicing {
                give(character);
            }
        }
        _ if is_unseen(character) || is_combining_mark(character) => {}
        _ => decompose_compatible(character, |part| {
            if part.is_ascii() {
                give(ascii(part, form));
            } else if !is_combining_mark(part) && !is_unseen(part) {
                give(other(part, form));
            }
        }),
    }
}

fn ascii(character: char, form: Form) -> char {
    let character = if form.keep_case { character } else { character.to_ascii_lowercase() };
    if !form.look_alikes {
        return character;
    }
    match character {
        '0' => 'o',
        '1' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        other => other,
    }
}

fn other(character: char, form: Form) -> char {
    let character = match character {
        'ァ'..='ヶ' => char::from_u32(character as u32 - 0x60).unwrap_or(character),
        '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' | '﹣' => '-',
        '“' | '”' | '„' => '"',
        '‘' | '’' => '\'',
        '〜' => '~',
        _ => character,
    };
    let character = match character {
        'ぁ' | 'ぃ' | 'ぅ' | 'ぇ' | 'ぉ' | 'っ' | 'ゃ' | 'ゅ' | 'ょ' | 'ゎ' => {
            char::from_u32(character as u32 + 1).unwrap_or(character)
        }
        'ゕ' => 'か',
        'ゖ' => 'け',
        'ゔ' if !form.keep_voicing => 'う',
        'が'..='ぽ' if !form.keep_voicing => unvoiced(character),
        _ if !character.is_ascii() && !form.keep_case => lower(character),
        _ => character,
    };
    if form.look_alikes { look_alike(character) } else { character }
}

fn lower(character: char) -> char {
    if ('\u{3000}'..'\u{a000}').contains(&character) {
        return character;
    }
    character.to_lowercase().next().unwrap_or(character)
}

/// か for が. The block of hiragana puts each voiced kana right after its plain one, but for っ and the は row.
fn unvoiced(kana: char) -> char {
    let code = kana as u32;
    let step = match kana {
        'が'..='ぢ' if code.is_multiple_of(2) => 1,
        'つ'..='ど' if matches!(kana, 'づ' | 'で' | 'ど') => 1,
        'ば' | 'び' | 'ぶ' | 'べ' | 'ぼ' => 1,
        'ぱ' | 'ぴ' | 'ぷ' | 'ぺ' | 'ぽ' => 2,
        _ => 0,
    };
    char::from_u32(code - step).unwrap_or(kana)
}

/// The letter that a person would read in place of one of another script.
fn look_alike(character: char) -> char {
    match character {
        'а' | 'α' | 'ɑ' => 'a',
        'в' | 'ь' | 'β' => 'b',
        'с' | 'ϲ' => 'c',
        'ԁ' => 'd',
        'е' | 'ε' | 'ё' => 'e',
        'ɡ' => 'g',
        'һ' | 'н' => 'h',
        'і' | 'ι' | 'ı' | 'ɪ' | 'ӏ' => 'i',
        'ј' => 'j',
        'к' | 'κ' => 'k',
        'м' => 'm',
        'ո' | 'ɴ' | 'η' => 'n',
        'о' | 'ο' | 'σ' | 'օ' | 'ᴏ' => 'o',
        'р' | 'ρ' => 'p',
        'ԛ' => 'q',
        'г' | 'ʀ' => 'r',
        'ѕ' | 'ꜱ' => 's',
        'т' | 'τ' | 'ᴛ' => 't',
        'υ' | 'ս' | 'ᴜ' => 'u',
        'ν' | 'ѵ' | 'ᴠ' => 'v',
        'ԝ' | 'ω' | 'ᴡ' => 'w',
        'х' | 'χ' => 'x',
        'у' | 'γ' | 'ʏ' => 'y',
        'ᴢ' => 'z',
        // Kanji that look like katakana.
        '力' => 'か',
        '口' => 'ろ',
        '二' => 'に',
        '工' => 'え',
        '夕' => 'た',
        '卜' => 'と',
        '八' => 'は',
        '一' => 'ー',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::{Form, fold_letter};

    fn fold(text: &str, form: Form) -> String {
        let mut folded = String::new();
        text.chars().for_each(|character| fold_letter(character, form, &mut |letter| folded.push(letter)));
        folded
    }

    #[test]
    fn kana_lose_size_and_voice() {
        let all: String = ('ぁ'..='ゔ').collect();
        assert_eq!(
            fold(&all, Form::WORDS),
            "ああいいううええおおかかききくくけけここささししすすせせそそたたちちつつつててとと\
             なにぬねのはははひひひふふふへへへほほほまみむめもややゆゆよよらりるれろわわゐゑをんう"
        );
        assert_eq!(fold("ﾌﾟﾛﾝﾌﾟﾄ", Form::WORDS), fold("プロンプト", Form::WORDS));
        assert_eq!(fold("が\u{3099}か\u{3099}", Form::WORDS), "かか");
        assert_eq!(fold("ガス", Form::VOICED), "がす");
    }

    #[test]
    fn letters_meet_their_look_alikes() {
        assert_eq!(fold("ＩＧＮＯＲＥ", Form::WORDS), "ignore");
        assert_eq!(fold("1gn0r3 іgnоrе", Form::DISGUISED), "ignore ignore");
        assert_eq!(fold("プ口ンプト", Form::DISGUISED), fold("プロンプト", Form::DISGUISED));
        assert_eq!(fold("é㍻①", Form::WORDS), "e平成1");
        assert_eq!(fold("don’t —", Form::WORDS), "don't -");
    }
}
