use super::Topics;

const SAMPLE: &str = include_str!("../../../../data/sample/guard/topics.toml");

#[test]
fn the_sample_passes_its_own_tests() {
    let (topics, problems) = Topics::load(SAMPLE);
    assert_eq!(problems, []);
    assert_eq!(topics.unwrap().failed_tests(), []);
}

const PIECES: &[&str] = &[
    "合併比率",
    "の開示例",
    "デューデリジェンス",
    "とは",
    "てゅーてりしぇんす",
    "関所銀行",
    "関所HD",
    "合併",
    "統合",
    "投票して",
    "候補",
    "買収価格",
    "ﾃﾞｭｰﾃﾞﾘｼﾞｪﾝｽ",
    "投票",
    "先",
    "\u{3099}",
    "は",
    "                              ",
];

proptest::proptest! {
    #[test]
    fn keeps_its_promises((text, start, end) in crate::hold_check::texts(PIECES, 16)) {
        static ONCE: std::sync::LazyLock<Topics> = std::sync::LazyLock::new(|| Topics::load(SAMPLE).0.unwrap());
        crate::hold_check::check(&*ONCE, &text, start, end)?;
    }
}

#[test]
fn spelling_does_not_matter_but_voicing_does() {
    let (topics, problems) = Topics::load(
        "version = 1\n[[topic]]\nid = \"topic/t\"\ntitle = { ja = \"あ\", en = \"a\" }\nwords = [\"カス\", \"サーバー\", \"project x\"]\n",
    );
    assert_eq!(problems, []);
    let topics = topics.unwrap();
    let finds = |text: &str| !crate::rule_card::spans_of(&topics, text).is_empty();
    for text in ["かす", "ｶｽ", "サーバの", "ｻｰﾊﾞｰ", "ＰＲＯＪＥＣＴ　Ｘ", "project\nx", "カ\u{200b}ス"]
    {
        assert!(finds(text), "{text}");
    }
    for text in ["ガス", "ｶﾞｽ", "カス\u{3099}", "project xy", "サンバー"] {
        assert!(!finds(text), "{text}");
    }
}

#[test]
fn every_problem_of_a_file_is_told() {
    let text = "version = 1\n[[topic]]\nid = \"topic/a\"\ntitle = { ja = \"あ\" }\n[[topic]]\nid = \"topic/a\"\ntitle = { ja = \"あ\", en = \"a\" }\nwords = [\"\", 3]\n[[topic.near]]\none = [\"x\"]\nwithin = 99\nwords = 1\n[[topic]\n";
    let (_, problems) = Topics::load(text);
    let told: Vec<(usize, String)> =
        problems.iter().map(|problem| (problem.line, format!("{:?}", problem.kind))).collect();
    expect_test::expect![[r#"
        [
            (
                2,
                "MissingKey { key: \"words\" }",
            ),
            (
                4,
                "MissingKey { key: \"en\" }",
            ),
            (
                5,
                "Duplicate { id: \"topic/a\" }",
            ),
            (
                8,
                "WrongType { key: \"words\", expected: \"string\", found: \"integer\" }",
            ),
            (
                8,
                "BadWord { word: \"\" }",
            ),
            (
                9,
                "MissingKey { key: \"other\" }",
            ),
            (
                11,
                "BadValue { key: \"within\", found: \"99\", allowed: \"0 .. 64\" }",
            ),
            (
                12,
                "UnknownKey { key: \"words\" }",
            ),
            (
                13,
                "Syntax { message: \"unclosed array table, expected `]`\" }",
            ),
            (
                13,
                "MissingKey { key: \"id\" }",
            ),
            (
                13,
                "MissingKey { key: \"title\" }",
            ),
            (
                13,
                "MissingKey { key: \"words\" }",
            ),
        ]
    "#]]
    .assert_debug_eq(&told);
}
