//! Drawing the words of the sentences.

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};
use sekisho_guard::names::{lexicon, lexicon::Class, romaji};

/// Numbers from a seed.
pub(crate) struct Stream(ChaCha8Rng);

impl Stream {
    pub(crate) fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    pub(crate) fn number(&mut self) -> u64 {
        self.0.next_u64()
    }

    pub(crate) fn below(&mut self, count: usize) -> usize {
        ((u128::from(self.0.next_u64()) * count as u128) >> 64) as usize
    }

    /// Whether a thing happens that happens so often in a hundred times.
    pub(crate) fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub(crate) fn one_of<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }
}

/// The surnames that are met most stand first in the list; so many are drawn more often.
const COMMON: usize = 260;

/// What many surnames end with, and many given names.
const SURNAME_ENDINGS: [&str; 44] = [
    "田", "野", "村", "山", "川", "原", "井", "沢", "島", "崎", "橋", "本", "谷", "坂", "木", "塚", "岡",
    "森", "林", "池", "浦", "口", "倉", "瀬", "尾", "上", "下", "内", "屋", "納", "戸", "津", "永", "藤",
    "浜", "宮", "関", "江", "辺", "部", "場", "間", "渕", "柳",
];
const GIVEN_ENDINGS: [&str; 44] = [
    "子",
    "美",
    "香",
    "奈",
    "恵",
    "代",
    "江",
    "乃",
    "織",
    "花",
    "希",
    "音",
    "菜",
    "実",
    "里",
    "穂",
    "郎",
    "太郎",
    "次郎",
    "之助",
    "衛門",
    "左衛門",
    "吉",
    "平",
    "介",
    "助",
    "也",
    "哉",
    "人",
    "斗",
    "太",
    "樹",
    "輝",
    "彦",
    "夫",
    "雄",
    "男",
    "志",
    "之",
    "作",
    "蔵",
    "一",
    "二",
    "三",
];

/// Lists from which words are drawn.
pub(crate) struct Words {
    surnames: Vec<&'static str>,
    given: Vec<&'static str>,
    given_hiragana: Vec<&'static str>,
    /// Given names of one kanji: few in the list, many in life.
    given_short: Vec<&'static str>,
    given_kana: Vec<&'static str>,
    surnames_kana: Vec<&'static str>,
    foreign: Vec<&'static str>,
    romaji: Vec<&'static str>,
    prefectures: Vec<&'static str>,
    municipalities: Vec<&'static str>,
    districts: Vec<&'static str>,
    regions: Vec<&'static str>,
    orgs: Vec<&'static str>,
    words: Vec<&'static str>,
    /// Kanji that occur in surnames and in given names, as often as they do.
    surname_kanji: Vec<char>,
    given_kanji: Vec<char>,
    /// Kanji of words that are no names.
    word_kanji: Vec<char>,
    katakana_words: Vec<&'static str>,
    /// Words in Latin letters that are no names.
    latin: Vec<&'static str>,
    /// Surnames of three letters and more.
    long_surnames: Vec<&'static str>,
}

impl Words {
    pub(crate) fn new() -> Self {
        let list = |class| lexicon().words(class).collect::<Vec<_>>();
        let surnames = list(Class::Surname);
        let given = list(Class::Given);
        let words = list(Class::Word);
        let kanji =
            |names: &[&str]| names.iter().flat_map(|name| name.chars()).filter(|it| *it > 'ヿ').collect();
        Self {
            surname_kanji: kanji(&surnames),
            given_kanji: kanji(&given),
            given_short: given.iter().copied().filter(|name| name.chars().count() == 1).collect(),
            word_kanji: kanji(&words),
            latin: list(Class::Latin),
            katakana_words: words
                .iter()
                .copied()
                .filter(|word| word.chars().all(|it| ('ァ'..='ー').contains(&it)))
                .collect(),
            long_surnames: surnames.iter().copied().filter(|name| name.chars().count() > 2).collect(),
            surnames,
            given,
            given_hiragana: list(Class::GivenHiragana),
            given_kana: list(Class::GivenKana),
            surnames_kana: list(Class::SurnameKana),
            foreign: list(Class::Foreign),
            romaji: list(Class::Romaji),
            prefectures: list(Class::Prefecture),
            municipalities: list(Class::Municipality),
            districts: list(Class::District),
            regions: list(Class::Region),
            orgs: list(Class::Org),
            words,
        }
    }

    /// A word of a kind that the grammar does not spell out, and whether it is a person.
    pub(crate) fn draw(&self, kind: &str, stream: &mut Stream) -> Option<(String, bool)> {
        let text = match kind {
            "full" => return Some((self.full(stream), true)),
            "sur" => return Some((self.surname(stream), true)),
            "given" => return Some((self.given(stream), true)),
            "kana" => return Some((self.kana(stream), true)),
            "kanas" => return Some((self.kana_surname(stream), true)),
            "romas" => {
                let surname = self.kana_surname(stream);
                return Some((capital(&spelled(&surname, stream)), true));
            }
            "ROMAS" => {
                let name = if stream.percent(60) {
                    spelled(&self.kana_surname(stream), stream)
                } else {
                    self.romaji[stream.below(self.romaji.len())].to_owned()
                };
                return Some((name.to_uppercase(), true));
            }
            "slashname" => return Some((self.slash_name(stream), true)),
            "foreignlatin" => {
                let parts: Vec<String> = (0..2 + stream.below(2))
                    .map(|_| capital(&self.romaji[stream.below(self.romaji.len())].to_lowercase()))
                    .collect();
                let mut name = parts.join(" ");
                if stream.percent(12) {
                    // Soo-ah, Jean-Luc
                    name = format!("{name}-{}", self.short_roman(stream));
                }
                return Some((if stream.percent(50) { name.to_uppercase() } else { name }, true));
            }
            "givenhira" => return Some(((*stream.one_of(&self.given_hiragana)).to_owned(), true)),
            "hiras" => return Some((romaji::hiragana(&self.kana_surname(stream)), true)),
            "GIVEN" => return Some((self.roman_given(stream).to_uppercase(), true)),
            "givenkata" => return Some(((*stream.one_of(&self.given_kana)).to_owned(), true)),
            "foreignpart" => return Some((self.foreign_part(stream), true)),
            "romagiven" => return Some((self.roman_given(stream), true)),
            "givenhira0" => (*stream.one_of(&self.given_hiragana)).to_owned(),
            "givenkata0" => (*stream.one_of(&self.given_kana)).to_owned(),
            "kanas0" => self.kana_surname(stream),
            "foreignpart0" => self.foreign_part(stream),
            "romas0" => capital(&spelled(&self.kana_surname(stream), stream)),
            "email" => self.mail(stream),
            "hira" => return Some((romaji::hiragana(&self.kana(stream)), true)),
            "foreign" => return Some((self.foreign(stream), true)),
            "romaji" => return Some((self.romaji(stream), true)),
            "sur0" => self.surname(stream),
            "given0" => self.given(stream),
            "pref" => (*stream.one_of(&self.prefectures)).to_owned(),
            "muni" => (*stream.one_of(&self.municipalities)).to_owned(),
            "district" => (*stream.one_of(&self.districts)).to_owned(),
            "region" => (*stream.one_of(&self.regions)).to_owned(),
            "org" => (*stream.one_of(&self.orgs)).to_owned(),
            "word" => (*stream.one_of(&self.words)).to_owned(),
            "compound" => {
                let count = 2 + stream.below(3);
                (0..count).map(|_| *stream.one_of(&self.word_kanji)).collect()
            }
            "english" => self.english(stream),
            "kataword" => (*stream.one_of(&self.katakana_words)).to_owned(),
            "placeshort" => self.short_place(stream),
            _ => numbers(kind, stream)?,
        };
        Some((text, false))
    }

    /// A word in Latin letters, as it stands in a text, in a heading, or in a record.
    fn english(&self, stream: &mut Stream) -> String {
        let word = *stream.one_of(&self.latin);
        match stream.below(10) {
            0..4 => word.to_owned(),
            4..7 => capital(word),
            _ => word.to_uppercase(),
        }
    }

    fn short_place(&self, stream: &mut Stream) -> String {
        let list = if stream.percent(40) { &self.prefectures } else { &self.municipalities };
        let place = *stream.one_of(list);
        let short: String = place.chars().take(place.chars().count() - 1).collect();
        if short.chars().count() < 2 { place.to_owned() } else { short }
    }

    fn surname(&self, stream: &mut Stream) -> String {
        match stream.below(100) {
            0..30 => self.surnames[stream.below(COMMON)].to_owned(),
            30..40 => (*stream.one_of(&self.long_surnames)).to_owned(),
            40..80 => (*stream.one_of(&self.surnames)).to_owned(),
            80..84 => {
                // Half of the surnames are names of places, and any place may be one.
                let place = self.short_place(stream);
                if place.chars().count() < 4 { place } else { (*stream.one_of(&self.surnames)).to_owned() }
            }
            84..91 => {
                let mut name: String =
                    (0..=stream.below(2)).map(|_| *stream.one_of(&self.word_kanji)).collect();
                name += *stream.one_of(&SURNAME_ENDINGS);
                name
            }
            _ => {
                let count = [2, 2, 2, 2, 3, 1][stream.below(6)];
                (0..count).map(|_| *stream.one_of(&self.surname_kanji)).collect()
            }
        }
    }

    fn given(&self, stream: &mut Stream) -> String {
        match stream.below(100) {
            0..6 => (*stream.one_of(&self.given_short)).to_owned(),
            6..72 => (*stream.one_of(&self.given)).to_owned(),
            72..80 => (*stream.one_of(&self.given_hiragana)).to_owned(),
            80..83 => (*stream.one_of(&self.given_kana)).to_owned(),
            83..88 => {
                let list = if stream.percent(50) { &self.given_kanji } else { &self.word_kanji };
                let mut name = stream.one_of(list).to_string();
                name += *stream.one_of(&GIVEN_ENDINGS);
                name
            }
            88 | 89 => {
                let list = if stream.percent(50) { &self.given_kana } else { &self.given_hiragana };
                let kana: String = stream.one_of(list).chars().take(2).collect();
                format!("{kana}{}", stream.one_of(&["子", "子", "江", "代", "美", "香"]))
            }
            _ => {
                let count = [2, 2, 2, 2, 3, 1][stream.below(6)];
                (0..count).map(|_| *stream.one_of(&self.given_kanji)).collect()
            }
        }
    }

    fn full(&self, stream: &mut Stream) -> String {
        let gap = ["", "", "", "", "", "", " ", "　", "　", " "][stream.below(10)];
        format!("{}{gap}{}", self.surname(stream), self.given(stream))
    }

    fn kana(&self, stream: &mut Stream) -> String {
        let gap = ["", " ", " ", "　", "　"][stream.below(5)];
        format!("{}{gap}{}", self.kana_surname(stream), stream.one_of(&self.given_kana))
    }

    fn kana_surname(&self, stream: &mut Stream) -> String {
        if stream.percent(75) {
            return (*stream.one_of(&self.surnames_kana)).to_owned();
        }
        // Two halves of known readings make one that is not in the list.
        let halves: Vec<char> = stream.one_of(&self.surnames_kana).chars().collect();
        let others: Vec<char> = stream.one_of(&self.surnames_kana).chars().collect();
        halves[..halves.len().div_ceil(2)].iter().chain(&others[others.len() / 2..]).collect()
    }

    fn foreign(&self, stream: &mut Stream) -> String {
        let parts = [1, 2, 2, 2, 2, 2, 2, 3][stream.below(8)];
        let gap = ["・", "・", "・", "・", " ", "　", "＝"][stream.below(7)];
        let mut parts: Vec<String> = (0..parts).map(|_| self.foreign_part(stream)).collect();
        if parts.len() > 1 && stream.percent(12) {
            let between = [
                "デ",
                "ダ",
                "ドス",
                "ファン",
                "フォン",
                "デル",
                "ラ",
                "アル",
                "ビン",
                "ファン・デン",
                "デ・ラ",
                "ル",
            ];
            parts.insert(1, stream.one_of(&between).replace('・', gap));
        }
        parts.join(gap)
    }

    fn foreign_part(&self, stream: &mut Stream) -> String {
        if stream.percent(75) {
            return (*stream.one_of(&self.foreign)).to_owned();
        }
        let halves: Vec<char> = stream.one_of(&self.foreign).chars().collect();
        let others: Vec<char> = stream.one_of(&self.foreign).chars().collect();
        halves[..halves.len().div_ceil(2)].iter().chain(&others[others.len() / 2..]).collect()
    }

    /// As passports and tickets have it: KOMAKI/RYUHEI, FUKUYAMA, Itsuki.
    fn slash_name(&self, stream: &mut Stream) -> String {
        let given = spelled(self.given_kana[stream.below(self.given_kana.len())], stream);
        let surname = spelled(&self.kana_surname(stream), stream).to_uppercase();
        match stream.below(3) {
            0 => format!("{surname}/{}", given.to_uppercase()),
            1 => format!("{surname}, {}", capital(&given)),
            _ => format!("{surname} {}", given.to_uppercase()),
        }
    }

    /// A short name in Latin letters, in lower case: the second half of Soo-ah.
    fn short_roman(&self, stream: &mut Stream) -> String {
        const TRIES: usize = 20;
        let mut drawn = (0..TRIES).map(|_| *stream.one_of(&self.romaji));
        drawn.find(|name| name.len() < 5).unwrap_or("ah").to_lowercase()
    }

    /// As one is called in a chat or a letter: Takehiro, Priya.
    fn roman_given(&self, stream: &mut Stream) -> String {
        if stream.percent(50) {
            capital(&spelled(self.given_kana[stream.below(self.given_kana.len())], stream))
        } else {
            capital(&self.romaji[stream.below(self.romaji.len())].to_lowercase())
        }
    }

    fn mail(&self, stream: &mut Stream) -> String {
        let given = spelled(self.given_kana[stream.below(self.given_kana.len())], stream);
        let surname = spelled(&self.kana_surname(stream), stream);
        let user = match stream.below(6) {
            0 => (*stream.one_of(&["info", "support", "contact", "soumu", "jinji-kyuyo", "keiri.hinoki"]))
                .to_owned(),
            1 => format!("{given}.{surname}"),
            2 => format!("{}_{surname}", &given[..1]),
            3 => format!("{surname}-{}", &given[..1]),
            4 => surname,
            _ => format!("{}.{surname}", &given[..1]),
        };
        let host = *stream.one_of(&["example.jp", "example.com", "mail.example.co.jp", "city.example.lg.jp"]);
        format!("{user}@{host}")
    }

    fn romaji(&self, stream: &mut Stream) -> String {
        let (given, surname) = if stream.percent(68) {
            let given = *stream.one_of(&self.given_kana);
            let surname = self.kana_surname(stream);
            (spelled(given, stream), spelled(&surname, stream))
        } else {
            ((*stream.one_of(&self.romaji)).to_lowercase(), (*stream.one_of(&self.romaji)).to_lowercase())
        };
        let (given, surname) = (capital(&given), capital(&surname));
        match stream.below(14) {
            12 => format!("{given} {} {surname}", capital(self.romaji[stream.below(self.romaji.len())])),
            13 => format!("{surname} {} {given}", capital(self.romaji[stream.below(self.romaji.len())])),
            0..5 => format!("{given} {surname}"),
            5 | 6 => format!("{given} {}", surname.to_uppercase()),
            7 => format!("{} {given}", surname.to_uppercase()),
            8 => format!("{surname} {given}"),
            9 if stream.percent(25) => format!("{} {}", given[..1].to_uppercase(), surname.to_uppercase()),
            9 => format!("{} {}", given.to_uppercase(), surname.to_uppercase()),
            10 => surname,
            _ => format!("{}. {surname}", &given[..1]),
        }
    }
}

fn spelled(kana: &str, stream: &mut Stream) -> String {
    let all = romaji::spellings(kana);
    if all.is_empty() { "ken".to_owned() } else { stream.one_of(&all).clone() }
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Digits in full width, as forms have them.
fn wide(text: &str) -> String {
    let widen = |letter: char| match letter {
        '0'..='9' => char::from_u32(u32::from(letter) + 0xfee0).unwrap_or(letter),
        '-' => '－',
        _ => letter,
    };
    text.chars().map(widen).collect()
}

/// Numbers, days, addresses of mail: everything that is made of digits and letters.
fn numbers(kind: &str, stream: &mut Stream) -> Option<String> {
    let text = match kind {
        "num" => (1 + stream.below(300)).to_string(),
        "num1" => (1 + stream.below(9)).to_string(),
        "age" => (1 + stream.below(98)).to_string(),
        "money" => format!("{}円", (1 + stream.below(90_000))),
        "zip" => format!("{:0>3}-{:0>4}", stream.below(999), stream.below(9_999)),
        "phone" => match stream.below(3) {
            0 => format!(
                "0{}-{}-{}",
                3 + stream.below(6),
                1000 + stream.below(9000),
                1000 + stream.below(9000)
            ),
            1 => format!(
                "0{}-{}-{}",
                11 + stream.below(88),
                100 + stream.below(900),
                1000 + stream.below(9000)
            ),
            _ => format!("090-{}-{}", 1000 + stream.below(9000), 1000 + stream.below(9000)),
        },
        "date" => match stream.below(4) {
            0 => format!("令和{}年{}月{}日", 1 + stream.below(8), 1 + stream.below(12), 1 + stream.below(28)),
            1 => format!("{}年{}月{}日", 1940 + stream.below(88), 1 + stream.below(12), 1 + stream.below(28)),
            2 => format!("{}月{}日", 1 + stream.below(12), 1 + stream.below(28)),
            _ => format!("{}/{}/{}", 1940 + stream.below(88), 1 + stream.below(12), 1 + stream.below(28)),
        },
        "time" => format!("{}時{}分", stream.below(24), stream.below(60)),
        "weekday" => {
            (*stream.one_of(&["月曜", "火曜", "水曜", "木曜", "金曜", "土曜", "日曜", "月", "金"])).to_owned()
        }
        _ => return None,
    };
    Some(if stream.percent(20) { wide(&text) } else { text })
}
