//! Readings of names in the other kana, and in Latin letters as passports and signatures have them.

/// Syllables and their Hepburn spelling, two letters before one.
const SYLLABLES: &str = "キャ kya キュ kyu キョ kyo シャ sha シュ shu ショ sho チャ cha チュ chu チョ cho ニャ nya ニュ nyu \
    ニョ nyo ヒャ hya ヒュ hyu ヒョ hyo ミャ mya ミュ myu ミョ myo リャ rya リュ ryu リョ ryo ギャ gya ギュ gyu ギョ gyo ジャ ja \
    ジュ ju ジョ jo ビャ bya ビュ byu ビョ byo ピャ pya ピュ pyu ピョ pyo ア a イ i ウ u エ e オ o カ ka キ ki ク ku ケ ke コ ko \
    サ sa シ shi ス su セ se ソ so タ ta チ chi ツ tsu テ te ト to ナ na ニ ni ヌ nu ネ ne ノ no ハ ha ヒ hi フ fu ヘ he ホ ho \
    マ ma ミ mi ム mu メ me モ mo ヤ ya ユ yu ヨ yo ラ ra リ ri ル ru レ re ロ ro ワ wa ヲ o ン n ガ ga ギ gi グ gu ゲ ge ゴ go \
    ザ za ジ ji ズ zu ゼ ze ゾ zo ダ da ヂ ji ヅ zu デ de ド do バ ba ビ bi ブ bu ベ be ボ bo パ pa ピ pi プ pu ペ pe ポ po";

/// The usual spellings of a katakana word in lower case: long vowels left out (`kudo`), written (`kudou`), and with h
/// (`ohno`). None when a letter has no spelling.
pub fn spellings(kana: &str) -> Vec<String> {
    let Some(written) = written(kana) else { return Vec::new() };
    let short = written.replace("ou", "o").replace("uu", "u").replace("oo", "o");
    let with_h = written.replace("ou", "oh").replace("oo", "oh");
    let mut all = vec![written, short, with_h];
    all.sort();
    all.dedup();
    all
}

fn written(kana: &str) -> Option<String> {
    let mut spelled = String::new();
    let mut rest = kana;
    let mut doubled = false;
    while let Some(letter) = rest.chars().next() {
        if letter == 'ー' || letter == 'ッ' {
            doubled = letter == 'ッ';
            rest = &rest[letter.len_utf8()..];
            continue;
        }
        let mut rows = SYLLABLES.split_whitespace();
        let mut row = std::iter::from_fn(|| Some((rows.next()?, rows.next()?)));
        let (syllable, latin) = row.find(|row| rest.starts_with(row.0))?;
        if doubled {
            spelled.push(if latin.starts_with('c') { 't' } else { latin.chars().next()? });
            doubled = false;
        }
        spelled.push_str(latin);
        rest = &rest[syllable.len()..];
    }
    Some(spelled)
}

/// Katakana as hiragana.
pub fn hiragana(katakana: &str) -> String {
    katakana.chars().map(|letter| shifted(letter, 'ァ'..='ヶ', -KANA_DISTANCE)).collect()
}

/// Hiragana as katakana.
pub fn katakana(hiragana: &str) -> String {
    hiragana.chars().map(|letter| shifted(letter, 'ぁ'..='ゖ', KANA_DISTANCE)).collect()
}

/// From a letter of hiragana to the same of katakana.
const KANA_DISTANCE: i32 = 0x60;

fn shifted(letter: char, of: std::ops::RangeInclusive<char>, distance: i32) -> char {
    let moved = u32::from(letter).checked_add_signed(distance).and_then(char::from_u32);
    if of.contains(&letter) { moved.unwrap_or(letter) } else { letter }
}

#[cfg(test)]
mod tests {
    use super::{hiragana, katakana, spellings};

    #[test]
    fn kana_goes_both_ways() {
        assert_eq!(hiragana("ケンイチロー"), "けんいちろー");
        assert_eq!(katakana("ゆづき"), "ユヅキ");
    }

    #[test]
    fn spells_as_people_do() {
        assert_eq!(spellings("クドウ"), ["kudo", "kudoh", "kudou"]);
        assert_eq!(spellings("ハットリ"), ["hattori"]);
        assert_eq!(spellings("オオノ"), ["ohno", "ono", "oono"]);
        assert!(spellings("佐藤").is_empty());
    }
}
