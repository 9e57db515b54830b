use expect_test::{Expect, expect};
use proptest::prelude::*;
use sekisho_text::normal::Normal;

use super::Addresses;
use crate::{Detector, View, promise, table::Tracker};

fn found(text: &str) -> Vec<String> {
    let normal = Normal::of(text);
    let table = Tracker::default();
    let view = View { original: text, normal: &normal, at_start: true, at_end: true, table: &table, from: 0 };
    let mut spans = Vec::new();
    Addresses::new().look(&view, &mut spans).unwrap();
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
fn addresses_without_a_number() {
    check(
        &[
            "自宅：福井県鯖江市神明町",
            "三鷹市下連雀在住の男性（45）",
            "実家は愛媛県今治市大西町にあります。",
            "町田市鶴間から大和市下鶴間へ引っ越した。",
            "小平市花小金井のアパートで一人暮らし",
            "西東京市ひばりが丘北の住宅街",
            "神戸市北区有馬町字池の尻",
            "品番,住所,電話\n1,神明町,2",
        ],
        &expect![[r#"
            福井県鯖江市神明町
            三鷹市下連雀
            愛媛県今治市大西町
            町田市鶴間 | 大和市下鶴間
            小平市花小金井
            西東京市ひばりが丘北
            神戸市北区有馬町字池の尻
            神明町
        "#]],
    );
}

#[test]
fn numbers_and_rooms() {
    check(
        &[
            "待ち合わせは北24条西5丁目のとこね",
            "旭川市九条通11丁目左1号",
            "石川県輪島市門前町道下27字1番地",
            "福井県大野市蕨生第38号12番地",
            "高知県高岡郡四万十町窪川甲1234番地ロ、",
            "堺市北区百舌鳥赤畑町1丁3番地1",
            "新潟市中央区学校町通1番町602番地1",
            "京都市東山区大和大路通四条下る4丁目小松町11-2",
            "東京都港区六本木六ノ十ノ一",
            "住所は、練馬区の貫井三丁目の二十八の六、いずみ荘の一〇二です。",
            "神奈川県茅ヶ崎市下寺尾字中里1121番地先路上",
            "西脇市黒田庄町喜多381\nA774 佐藤",
            "京都市左京区田中門前町45 コーポ田中 2-C",
            "東京都墨田区押上1-1-2、スカイハイツ301号室",
            "東京都文京区本郷3-2-1（本郷ハイツ205）",
            "岐阜県岐阜市薮田南5丁目14-53 サンライズ薮田2F-B",
            "川崎市川崎区浅野町4番12号　京浜ハイム弐番館\n806号室",
            "本籍 東京都文京区春日一丁目無番地",
        ],
        &expect![[r#"
            北24条西5丁目
            旭川市九条通11丁目左1号
            石川県輪島市門前町道下27字1番地
            福井県大野市蕨生第38号12番地
            高知県高岡郡四万十町窪川甲1234番地ロ
            堺市北区百舌鳥赤畑町1丁3番地1
            新潟市中央区学校町通1番町602番地1
            京都市東山区大和大路通四条下る4丁目小松町11-2
            東京都港区六本木六ノ十ノ一
            練馬区の貫井三丁目の二十八の六、いずみ荘の一〇二 | 貫井三丁目の二十八の六、いずみ荘の一〇二
            神奈川県茅ヶ崎市下寺尾字中里1121番地
            西脇市黒田庄町喜多381
            京都市左京区田中門前町45 コーポ田中 2-C
            東京都墨田区押上1-1-2、スカイハイツ301号室
            東京都文京区本郷3-2-1（本郷ハイツ205）
            岐阜県岐阜市薮田南5丁目14-53 サンライズ薮田2F-B
            川崎市川崎区浅野町4番12号　京浜ハイム弐番館\n806号室
            東京都文京区春日一丁目無番地
        "#]],
    );
}

#[test]
fn what_belongs_to_the_address_and_what_does_not() {
    check(
        &[
            // A room whose letter is all that names it; a number behind a lot and a space is something else.
            "東京都港区芝1-2-3 A305",
            "東京都港区芝1-2-3 A-305",
            "関野市本町12番地 3",
            "関野市本町12番地 3号",
            // A word before a municipality, and a prefecture that there is not.
            "現場平塚市真田2-8-11",
            "霧ヶ原県みどり市本町1-2-3",
            "緑が丘2-8-101",
            // Two known places make an address of a lot, and so does the ending of a place.
            "Send it to 3-2 Chuo, Yokohama, Kanagawa.",
            "310-4 Oaza, Sayama-shi, Saitama-ken",
        ],
        &expect![[r#"
            東京都港区芝1-2-3 A305
            東京都港区芝1-2-3 A-305
            関野市本町12番地
            関野市本町12番地 3号
            平塚市真田2-8-11
            霧ヶ原県みどり市本町1-2-3 | 市本町1-2-3
            緑が丘2-8-101
            3-2 Chuo, Yokohama, Kanagawa
            310-4 Oaza, Sayama-shi, Saitama-ken
        "#]],
    );
}

#[test]
fn other_scripts_and_layouts() {
    check(
        &[
            "東 京 都 新 宿 区 歌 舞 伎 町 1 - 4 - 1",
            "愛知県 名古屋市 東区 泉 1-2-3",
            "宮川市大字細谷\n字前畑 503",
            "移転先は霧ヶ原県瀬戸見市本町通り七番街区２の旧庁舎で",
            "みどりの市あおば町1-2",
            "大阪府,枚方市,大垣内町2-1-20",
            "{\"addr1\":\"徳島県徳島市沖浜東\",\"addr2\":\"2丁目16\"}",
            "ﾌｸｼﾏｹﾝ ｽｶｶﾞﾜｼ ﾅｶｼﾞｭｸ 214-7",
            "とうきょうとちよだくかすみがせき1-2-3",
            "Room 803, Park Heights Ebisu, 1-22-8 Ebisu-minami, Shibuya-ku, Tokyo 150-0022",
            "Yamashita-cho 70-6, Naka Ward, Yokohama, Kanagawa",
            "ADDR: 2-8-1 MARUNOUCHI, CHIYODA-KU, TOKYO",
            "2-chome-5-1 Chuo, Aoba Ward, Sendai, Miyagi",
            "12 Nguyen Trai Street, Ward 3, Da Lat, Vietnam",
            "ship to 221B Baker Street, London",
        ],
        &expect![[r#"
            東 京 都 新 宿 区 歌 舞 伎 町 1 - 4 - 1 | 京 都 新 宿 区 歌 舞 伎 町 1 - 4 - 1 | 都 新 宿 区 歌 舞 伎 町 1 - 4 - 1 | 新 宿 区 歌 舞 伎 町 1 - 4 - 1 | 宿 区 歌 舞 伎 町 1 - 4 - 1 | 区 歌 舞 伎 町 1 - 4 - 1 | 歌 舞 伎 町 1 - 4 - 1 | 舞 伎 町 1 - 4 - 1
            愛知県 名古屋市 東区 泉 1-2-3 | 名古屋市 東区 泉 1-2-3 | 東区 泉 1-2-3
            宮川市大字細谷\n字前畑 503
            霧ヶ原県瀬戸見市本町通り七番街区２
            みどりの市あおば町1-2
            大垣内町2-1-20
            徳島県徳島市沖浜東 | 2丁目16
            ﾌｸｼﾏｹﾝ ｽｶｶﾞﾜｼ ﾅｶｼﾞｭｸ 214-7
            とうきょうとちよだくかすみがせき1-2-3
            Room 803, Park Heights Ebisu, 1-22-8 Ebisu-minami, Shibuya-ku, Tokyo | Park Heights Ebisu, 1-22-8 Ebisu-minami, Shibuya-ku, Tokyo | Heights Ebisu, 1-22-8 Ebisu-minami, Shibuya-ku, Tokyo | 1-22-8 Ebisu-minami, Shibuya-ku, Tokyo
            Yamashita-cho 70-6, Naka Ward, Yokohama, Kanagawa
            2-8-1 MARUNOUCHI, CHIYODA-KU, TOKYO
            2-chome-5-1 Chuo, Aoba Ward, Sendai, Miyagi
            12 Nguyen Trai Street, Ward 3, Da Lat, Vietnam
            221B Baker Street, London
        "#]],
    );
}

#[test]
fn each_column_is_one_span() {
    check(
        &[
            r#"{"pref":"福岡県","city":"久留米市","street":"城南町15-3"}"#,
            "福岡県,久留米市城南町,15-3,サンコーポ201",
            "| 東京都 | 港区芝 | 1-2-3 |",
            "熊谷市,川口市",
        ],
        &expect![[r#"
            城南町15-3
            久留米市城南町 | 15-3 | サンコーポ201
            港区芝 | 1-2-3

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
        "政権の一丁目一番地の課題",
        "広島市内で3-2の勝利",
        "茨城県南部で震度3",
        "東京都道318号",
        "要介護状態区分 1",
        "調布市 き 30-72",
        "川崎市川崎区、幸区、中原区の3区",
        "熊谷市,川口市,1200,3500",
        "東京都港区に本社を置く。",
        "Version 3-2 Beta, Tokyo release",
        "3-2 Beta, Town Hall, Tokyo",
        "Room 12, Building 3, Kyoto University",
        "He moved from Minato-ku, Tokyo to Osaka.",
        "横浜市営バス8系統",
        "甲区3番 所有権移転",
    ] {
        assert_eq!(found(text), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn says_what_it_was_judged_by() {
    let text = "住所：三重県関野市本町3-5-1 関野ビル5階";
    let normal = Normal::of(text);
    let view = View {
        original: text,
        normal: &normal,
        at_start: true,
        at_end: true,
        table: &Tracker::default(),
        from: 0,
    };
    let mut spans = Vec::new();
    Addresses::new().look(&view, &mut spans).unwrap();
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
    "東 京 都 港 区 ",
    "芝 1 - 2",
    "Room 5, ",
    "Park Heights, ",
    "2-14-9 Minami-Aoyama",
    "12 Main St., ",
    "フクシマケン ",
    "スカガワシ",
    "\",\"city\":\"",
    "氏名,住所,電話\n",
    ",",
    "霧ヶ原県",
    "の自宅",
    "から",
    "引っ越した",
    "左1号",
    "三〇一",
    "（",
    "）",
    "#",
    "無番地",
];

/// Found by `keeps_the_promises`.
#[test]
fn a_border_behind_the_last_part_is_none_within() {
    let text = "住所東 京 都 港 区 東 京 都 港 区 \u{3000}, 住所";
    assert_eq!(promise::check(&Addresses::new(), text, &[]), Ok(()));
}

/// The list knows うきは市, and nothing else that is read here goes past its は.
#[test]
fn a_municipality_that_breaks_off_is_waited_for() {
    let text = "うきは市浮羽町3-5-1";
    assert_eq!(found(text)[0], text);
    let cuts: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
    assert_eq!(promise::check(&Addresses::new(), text, &cuts), Ok(()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2500))]

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
