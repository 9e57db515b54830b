use expect_test::{Expect, expect};
use proptest::prelude::*;
use sekisho_text::normal::Normal;

use super::Addresses;
use crate::{Detector, View, promise, table::Tracker};

fn found(text: &str) -> Vec<String> {
    let normal = Normal::of(text);
    let table = Tracker::default();
    let view = View { original: text, normal: &normal, at_start: true, at_end: true, table: &table };
    let mut spans = Vec::new();
    Addresses::new().detect(&view, &mut spans).unwrap();
    spans.into_iter().map(|span| text[span.range].to_owned()).collect()
}

fn check(texts: &[&str], expected: &Expect) {
    let lines: Vec<String> = texts.iter().map(|text| found(text).join(" | ").replace('\n', "\\n")).collect();
    expected.assert_eq(&format!("{}\n", lines.join("\n")));
}

#[test]
fn addresses_in_their_forms() {
    check(
        &[
            "住所は関野市本町3-5-1 グリーンハイツ203号室です。",
            "三重県関野市大字下川１２３番地４に転入",
            "送付先：関野市若葉台二丁目十五番地三号",
            "北海道札幌市中央区北1条西2丁目",
            "京都市中京区寺町通御池上る上本能寺前町488番地",
            "岩手県滝沢市字鵜飼第10地割22番地3",
            "福岡市博多区博多駅前2-1-1 関野ビル5階に移転",
            "千葉県市川市八幡1丁目1番1号\nサンライズマンション402号室",
            "三重県鈴鹿市住吉\n　4丁目12-\n　7",
            "横浜市青葉区美しが丘1‐2‐3 A棟305",
            "届け先は本町3-5-1でお願いします。",
            "北海道士幌郡士幌町字士幌西2線157番地",
            "沖縄県那覇市泉崎1-2-3 コーポ比嘉101",
            "関野町字北原無番地",
            "Ship to 2-14-9 Minami-Aoyama, Minato-ku, Tokyo.",
            "本籍　東京都新宿区西新宿町",
        ],
        &expect![[r#"
            関野市本町3-5-1 グリーンハイツ203号室
            三重県関野市大字下川１２３番地４
            関野市若葉台二丁目十五番地三号
            北海道札幌市中央区北1条西2丁目
            京都市中京区寺町通御池上る上本能寺前町488番地 | 上本能寺前町488番地
            岩手県滝沢市字鵜飼第10地割22番地3
            福岡市博多区博多駅前2-1-1 関野ビル5階
            千葉県市川市八幡1丁目1番1号\nサンライズマンション402号室
            三重県鈴鹿市住吉\n　4丁目12-\n　7
            横浜市青葉区美しが丘1‐2‐3 A棟305
            本町3-5-1
            北海道士幌郡士幌町字士幌西2線157番地
            沖縄県那覇市泉崎1-2-3 コーポ比嘉101
            関野町字北原無番地
            2-14-9 Minami-Aoyama, Minato-ku, Tokyo
            東京都新宿区西新宿町
        "#]],
    );
}

#[test]
fn what_is_no_address() {
    for text in [
        "令和6年4月1日から施行する。",
        "第3条第2項の規定による。",
        "試合は3-2で勝利した。",
        "県道12号の拡幅工事",
        "区分2-1に該当する。",
        "都市計画法第29条",
        "市町村3-2の補助率",
        "電話は03-1234-5678です。",
        "東京都港区は特別区の一つである。",
        "神奈川県横浜市に出張した。",
        "国道1号線を北へ進む。",
        "銀座四丁目の交差点",
        "関野市一般会計補正予算（第3号）",
        "関野市役所03-1234-5678",
        "中学校区3つを統合する。",
        "人口は3万5千人である。",
    ] {
        assert_eq!(found(text), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn says_what_it_was_judged_by() {
    let text = "住所：三重県関野市本町3-5-1 関野ビル5階";
    let normal = Normal::of(text);
    let view =
        View { original: text, normal: &normal, at_start: true, at_end: true, table: &Tracker::default() };
    let mut spans = Vec::new();
    Addresses::new().detect(&view, &mut spans).unwrap();
    assert_eq!(spans.len(), 1);
    assert_eq!(spans[0].evidence.cue.clone().map(|cue| &text[cue]), Some("住所"));
    assert_eq!(
        spans[0].evidence.notes,
        ["evidence-prefecture", "evidence-municipality", "evidence-building"]
    );
}

/// Pieces of addresses, and what stands around and inside them.
const PIECES: &[&str] = &[
    "住所",
    "：",
    "〒",
    "東京都",
    "北海道",
    "札幌市",
    "関野市",
    "本町",
    "美しが丘",
    "北1条",
    "西2丁目",
    "大字下川",
    "字北原",
    "三丁目",
    "５番地",
    "1号",
    "3-5-1",
    "３－５",
    "の",
    "-",
    "12",
    "\n",
    "　",
    " ",
    "グリーンハイツ",
    "203",
    "号室",
    "関野ビル",
    "5F",
    "A棟",
    "第10地割",
    "寺町通",
    "上る",
    "。",
    "、",
    "に",
    "は",
    "です",
    "市",
    "区",
    "町",
    "郡",
    "\u{200b}",
    "が\u{3099}",
    "\u{200b}\u{200b}\u{200b}",
    "Minato-ku",
    ", ",
    "Tokyo",
    "田中",
    "電話",
    "0",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn keeps_the_promises(
        pieces in prop::collection::vec(prop::sample::select(PIECES), 0..40),
        cuts in prop::collection::vec(0_usize..500, 0..4),
    ) {
        let text = pieces.concat();
        prop_assert_eq!(promise::check(&Addresses::new(), &text, &cuts), Ok(()));
    }

    #[test]
    fn takes_any_text(text in "\\PC{0,80}", cuts in prop::collection::vec(0_usize..200, 0..3)) {
        prop_assert_eq!(promise::check(&Addresses::new(), &text, &cuts), Ok(()));
    }
}
