//! Text that would play tricks on the terminal, and folders that hold no log.

use expect_test::expect;

use super::desk::Desk;

#[test]
fn a_recorded_escape_does_not_reach_the_terminal() {
    let desk = Desk::with_log();
    let line =
        r#"{"open":{"principal":"x","input":"\u001b[2J\u202e消\n二行目"},"close":{"outcome":"failed"}}"#;
    desk.run_with(&["audit", "record", "log"], line);
    let record = desk.record_of("x");
    let shown = desk.ok(&["audit", "show", "log", &record]);
    assert!(shown.contains("<U+001B>[2J<U+202E>消\n    二行目"), "{shown}");
    assert!(!shown.contains('\u{1b}') && !shown.contains('\u{202e}'));
}

#[test]
fn a_folder_without_a_log_and_a_name_that_is_none() {
    let desk = Desk::new();
    desk.check(
        &["audit", "status", "nowhere"],
        &expect![[r#"
        --- stderr
        error[SK0003]: nowhere に監査ログがありません
          hint: `sekisho audit init nowhere --origin 名前` で作れます
        --- status 1
    "#]],
    );
    desk.check(
        &["--lang", "en", "audit", "init", "log", "--origin", "two words"],
        &expect![[r#"
        --- stderr
        error[SK0002]: not usable as a name: two words
          hint: use a name of up to 255 bytes without spaces and + (audit.city.example.jp/2026)
        --- status 1
    "#]],
    );
    desk.write(
        "bad.toml",
        "version = 1\nstarts = \"record\"\n[[class]]\nid = 0\nname_ja = \"\"\nname_en = \"x\"\n",
    );
    desk.check(
        &["audit", "init", "log", "--origin", super::desk::ORIGIN, "--retention", "bad.toml"],
        &expect![[r#"
            --- stderr
            error[SK0407]: bad.toml に問題が 5 件あります
              原因: 3 行目: 区分 0 には years (1 から 1000) か unlimited = true のどちらかが要ります
              原因: 3 行目: 区分 0 に名前がありません
              原因: 3 行目: 区分の番号 0 は使えません (1 から 255 で、重ならないように)
              原因: 要求 (kind = "request") のための、条件のないルールが最後に要ります
              原因: できごと (kind = "event") のための、条件のないルールが最後に要ります
            --- status 1
        "#]],
    );
    assert!(!desk.path("log").exists(), "nothing is left of a log that was not made");
}
