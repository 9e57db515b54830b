use proptest::prelude::*;
use sekisho_text::normal::Normal;

use super::{
    Names,
    cells::Cells,
    features::{FEATURES, Features},
    lexicon,
    model::{Model, Unreadable, shares},
};
use crate::{Detector, View, promise, table::Tracker};

fn found(text: &str) -> Vec<String> {
    let normal = Normal::of(text);
    let table = Tracker::default();
    let view = View { original: text, normal: &normal, at_start: true, at_end: true, table: &table, from: 0 };
    let mut spans = Vec::new();
    Names::new().look(&view, &mut spans).unwrap();
    spans.retain(|span| span.confidence >= 0.5);
    spans.into_iter().map(|span| text[span.range].to_owned()).collect()
}

/// Few and plain: how good the tagger is says the program that trains it; here it must work at all.
#[test]
fn plain_names() {
    for (text, names) in [
        ("担当の佐藤です。", vec!["佐藤"]),
        ("氏名：高橋　美咲\nフリガナ：タカハシ　ミサキ", vec!["高橋　美咲", "タカハシ　ミサキ"]),
        ("中村様からお電話がありました。", vec!["中村"]),
        ("マイケル・ジョンソンさんが来日した。", vec!["マイケル・ジョンソン"]),
        ("Best regards,\nTaro YAMADA", vec!["Taro YAMADA"]),
        ("山口県と福島県の担当課長が出席した。", vec![]),
        ("佐藤錦を二箱注文した。", vec![]),
        ("株式会社鈴木商店の決算", vec![]),
    ] {
        assert_eq!(found(text), names, "{text}");
    }
}

/// How sure it is lies between 0 and 1, and a name beside a title is surer than one that may be a place.
#[test]
fn how_sure_a_name_is() {
    let sure = |text: &str| crate::rule_card::spans_of(&Names::new(), text)[0].confidence;
    for text in ["担当の佐藤です。", "中村様からお電話がありました。", "坂口"] {
        assert!((0.0..=1.0).contains(&sure(text)), "{text}: {}", sure(text));
    }
    assert!(sure("中村様からお電話がありました。") > sure("坂口"));
}

/// The weights are those of these features: whoever changes a feature on purpose trains anew, and then changes this.
#[test]
fn the_weights_fit_the_features() {
    let texts = [
        "担当の佐藤さんと猫田、潮里です。",
        "氏名：長門　健一郎（ながと けんいちろう）",
        "参考人 匂坂 ケイ 電話 053-000-0000",
        "山田\t久米 ハルエ、マイケル・ジョンソン",
        "MINAKAWA / SOICHIRO, Haruto Onizuka and Mike Brown",
    ];
    let mut hash = 0_u64;
    let mut count = 0;
    for text in texts {
        let cells = Cells::of(text, &Normal::of(text));
        let mut features = Features::of(&cells, lexicon(), |_| true);
        let mut list = Vec::new();
        for at in 0..cells.as_slice().len() {
            features.list(at, &mut list);
            count += list.len();
            hash = list.iter().fold(hash, |hash, feature| {
                (hash ^ u64::from(*feature)).wrapping_mul(0x0000_0100_0000_01b3).rotate_left(5)
            });
        }
    }
    expect_test::expect!["7393 features, 5b23e0ea29fdbb01"]
        .assert_eq(&format!("{count} features, {hash:016x}"));
}

#[test]
fn names_that_are_in_no_list() {
    for (text, names) in
        [("氏名：鷺草路　瑛凪", vec!["鷺草路　瑛凪"]), ("患者の綴喜田さんが退院した。", vec!["綴喜田"])]
    {
        assert_eq!(found(text), names, "{text}");
    }
}

/// What the items of a list are, their neighbours say.
#[test]
fn names_in_lists() {
    for (text, names) in [
        ("当番：鶴ヶ峯、久保、田村", vec!["鶴ヶ峯", "久保", "田村"]),
        (
            "氏名／生年月日\n海老原 定／昭和20年9月9日\n藁科 美沙／平成2年5月17日",
            vec!["海老原 定", "藁科 美沙"],
        ),
        ("\"sei\":\"椎葉\",\"mei\":\"汐里\"", vec!["椎葉", "汐里"]),
        ("保護者　高 橋 美 咲", vec!["高 橋 美 咲"]),
    ] {
        assert_eq!(found(text), names, "{text}");
    }
}

/// Capitals, romanised field names, and pieces of codes.
#[test]
fn latin_letters_that_are_no_name() {
    for text in [
        "TEL 03-1234-5678　FAX 03-1234-5679",
        "DNSの設定を変更してください。",
        "カードはJCBのMASTERです。",
        "koyo_hoken status=shikaku_soshitsu",
        "部品 MA28440163XC を2個発注",
        "OTSU City, Shiga",
    ] {
        assert!(found(text).is_empty(), "{text}: {:?}", found(text));
    }
}

#[test]
fn names_in_a_column() {
    let text = "番号,氏名,区分\n1,四月一日 薫,甲\n2,Nguyen Thu Trang,乙\n3,,丙\n";
    assert!(found(text).contains(&"四月一日 薫".to_owned()));
    assert!(found(text).contains(&"Nguyen Thu Trang".to_owned()));
    assert!(!found(text).iter().any(|name| name == "甲" || name == "丙"));
}

#[test]
fn weights_come_back_as_they_were_written() {
    let features =
        [(3, [1.27, 0.0]), (400, [-0.635, 0.5]), (401, [0.0, 0.0]), (FEATURES as u32 - 1, [0.01, -1.0])];
    let bytes = Model::to_bytes(&features, 7, 9);
    let model = Model::parse(&bytes).unwrap();
    // The feature without weights is left out.
    assert_eq!((model.seed, model.sentences, model.features), (7, 9, 3));
    let judged = model.judge(&[3, 400, 5]);
    let expected = shares([1.27 - 0.635, 0.5]);
    assert!(judged.iter().zip(expected).all(|(one, other)| (one - other).abs() < 0.01), "{judged:?}");
    assert!((judged.iter().sum::<f32>() - 1.0).abs() < 1e-5);
}

#[test]
fn damaged_weights_are_refused() {
    let bytes = Model::to_bytes(&[(3, [1.0, 0.0]), (400, [-0.5, 0.5])], 7, 9);
    for end in 0..bytes.len() {
        let expected = if end < 8 { Unreadable::Version } else { Unreadable::Damaged };
        assert_eq!(Model::parse(&bytes[..end]).map(|model| model.features), Err(expected));
    }
    let longer = [&bytes[..], &[0]].concat();
    assert_eq!(Model::parse(&longer).map(|model| model.features), Err(Unreadable::Damaged));
}

#[test]
fn what_is_built_in_is_small() {
    assert!(super::WEIGHTS.len() <= 400 * 1024);
    assert!(Model::parse(super::WEIGHTS).unwrap().features > 0);
}

/// Pieces of names, and what stands around and inside them.
const PIECES: &[&str] = &[
    "佐藤",
    "鈴木",
    "山田",
    "太郎",
    "美咲",
    "花子",
    "タナカ",
    "ケンタ",
    "ﾔﾏﾀﾞ",
    "マイケル",
    "・",
    "ジョンソン",
    "Taro",
    "YAMADA",
    " ",
    "　",
    "\n",
    "様",
    "さん",
    "課長",
    "氏名",
    "：",
    ":",
    "担当",
    "の",
    "は",
    "が",
    "です",
    "。",
    "、",
    "山口県",
    "株式会社",
    "商店",
    "町",
    "駅",
    "123",
    "-",
    "ー",
    "﨑",
    "\u{200b}",
    "\u{200b}\u{200b}\u{200b}\u{200b}\u{200b}\u{200b}",
    "か\u{3099}",
    "ﷺ",
    "a",
    "クリストファー",
    "さくら",
    "（",
    "）",
    "森",
    "林",
    "\t",
    "a\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn keeps_the_promises(
        pieces in prop::collection::vec(prop::sample::select(PIECES), 0..40),
        cuts in prop::collection::vec(0_usize..500, 0..4),
    ) {
        let text = pieces.concat();
        prop_assert_eq!(promise::check(&Names::new(), &text, &cuts), Ok(()));
    }

    #[test]
    fn takes_any_text(text in "\\PC{0,80}", cuts in prop::collection::vec(0_usize..200, 0..3)) {
        prop_assert_eq!(promise::check(&Names::new(), &text, &cuts), Ok(()));
    }
}
