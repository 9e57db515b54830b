use super::Topics;
use crate::{Problem, ProblemKind};

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
    fn keeps_its_promises(case in crate::hold_check::texts(PIECES, 16)) {
        static ONCE: std::sync::LazyLock<Topics> = std::sync::LazyLock::new(|| Topics::load(SAMPLE).0.unwrap());
        crate::hold_check::check(&*ONCE, &case)?;
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
    expect_test::expect![[r#"
        2 topic[1].words: Missing
        4 topic[1].title.en: Missing
        6 topic[2].id: Duplicate { found: "topic/a", first_line: 3 }
        8 topic[2].words[1]: Empty
        8 topic[2].words[2]: WrongType { expected: "string", found: "integer" }
        9 topic[2].near[1].other: Missing
        11 topic[2].near[1].within: OutOfBounds { low: 0.0, high: 64.0 }
        12 topic[2].near[1].words: UnknownKey { known: ["one", "other", "within"] }
        13 : Syntax { message: "unclosed array table, expected `]`" }
        13 topic[3].id: Missing
        13 topic[3].title: Missing
        13 topic[3].words: Missing
    "#]]
    .assert_eq(&crate::hold_check::told(&problems));
}

/// Lists of words have numbers, and these do not begin again.
#[test]
fn more_lists_than_there_are_numbers_are_refused() {
    let pairs = "[[topic.near]]\none = [\"甲乙\"]\nother = [\"丙丁\"]\n".repeat(super::PAIRS_MAX);
    let topics = (0..301).map(|number| {
        format!("[[topic]]\nid = \"topic/t{number}\"\ntitle = {{ ja = \"例\", en = \"sample\" }}\n{pairs}")
    });
    let (topics, problems) = Topics::load(&format!("version = 1\n{}", topics.collect::<String>()));
    assert!(topics.is_none());
    let max = crate::lexicon::CLASSES_MAX;
    assert!(
        matches!(&problems[..], [Problem { kind: ProblemKind::TooMany { max: told }, .. }] if *told == max)
    );
}

#[test]
fn a_file_that_fails_its_own_tests_is_not_taken() {
    let with = |tests: &str| {
        let text = "version = 1\n[[topic]]\nid = \"topic/t\"\ntitle = { ja = \"あ\", en = \"a\" }\nwords = [\"買収\"]\n";
        Topics::parse(&format!("{text}{tests}"))
            .map(|_| ())
            .map_err(|error| crate::hold_check::told(error.problems()))
    };
    assert_eq!(with("hits = [\"買収の話\"]\nbenign = [\"予算の話\"]\n"), Ok(()));
    expect_test::expect![[r#"
        6 topic[1].hits[1]: TestFailed { rule: "topic/t", expected: "hit", found: "no hit" }
        7 topic[1].benign[1]: TestFailed { rule: "topic/t", expected: "no hit", found: "hit" }
    "#]]
    .assert_eq(&with("hits = [\"予算\"]\nbenign = [\"買収\"]\n").unwrap_err());
}
