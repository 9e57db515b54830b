//! What happens to a text on its way: capitals are lost, spaces get wide or narrow, a scanner puts one between all letters.

use super::{draw::Stream, grammar::Text};

/// Changes some of the texts; what is a person stays one.
pub(crate) fn worn(text: Text, stream: &mut Stream) -> Text {
    match stream.below(100) {
        0..3 => mapped(&text, |letter, _| letter.to_ascii_lowercase().to_string()),
        3..5 => mapped(&text, |letter, _| letter.to_ascii_uppercase().to_string()),
        5..9 => mapped(&text, |letter, _| if letter == '　' { ' ' } else { letter }.to_string()),
        9..11 => mapped(&text, |letter, _| if letter == ' ' { '　' } else { letter }.to_string()),
        11..14 => mapped(&text, spaced),
        14..17 => mapped(&text, |letter, _| {
            match letter {
                '、' => "，",
                '。' => "．",
                _ => return letter.to_string(),
            }
            .to_owned()
        }),
        17..20 => mapped(&text, |letter, _| if letter == '。' { String::new() } else { letter.to_string() }),
        20..22 => mapped(&text, |letter, _| if letter == '、' { String::new() } else { letter.to_string() }),
        22..25 => {
            mapped(&text, |letter, _| if letter == '：' { ":" } else { return letter.to_string() }.to_owned())
        }
        _ => text,
    }
}

/// A space behind each letter of Japanese, as scanned forms have it.
fn spaced(letter: char, next: Option<char>) -> String {
    let is_wide = |letter: char| letter >= 'ぁ' && letter != '　';
    if is_wide(letter) && next.is_some_and(is_wide) { format!("{letter} ") } else { letter.to_string() }
}

fn mapped(text: &Text, change: impl Fn(char, Option<char>) -> String) -> Text {
    let mut written = String::with_capacity(text.written.len());
    // Where each byte of the old text went.
    let mut moved = vec![0; text.written.len() + 1];
    let mut letters = text.written.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        moved[at] = written.len();
        let next = letters.peek().map(|next| next.1);
        written += &change(letter, next);
    }
    moved[text.written.len()] = written.len();
    let persons = text.persons.iter().map(|person| {
        let end = moved[person.end];
        // A space that was put behind the last letter is not part of the name.
        let kept = written[moved[person.start]..end].trim_end().len();
        moved[person.start]..moved[person.start] + kept
    });
    let persons = persons.collect();
    Text { written, persons }
}
