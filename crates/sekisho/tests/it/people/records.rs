//! Templates, copies, and what the audit log says of it all.

use std::{
    io::{BufRead, BufReader, Write},
    process::{Command, Stdio},
};

use expect_test::expect;
use serde_json::Value;

use super::house::House;
use crate::run::sekisho_in;

#[test]
fn a_template_needs_four_eyes() {
    let house = House::with_people();
    let file = house.write("summary.txt", "次の会議の記録を三行に要約してください。\n");
    house.check(
        &["template", "add", "要約", &file, "--by", "koho-kakariin"],
        &expect![[r#"
        --- stderr
        草案 要約@1 を作りました
        次に、別の人が: sekisho template approve 要約@1 --by 承認者
        --- status 0
    "#]],
    );
    house.check(
        &["template", "show", "要約"],
        &expect![[r#"
        --- stderr
        error[SK0511]: ひな形 要約 には承認された版がありません
          hint: sekisho template list 要約
        --- status 1
    "#]],
    );
    house.check(&["template", "approve", "要約@1", "--by", "johoseisaku-shusa"], &expect![[r#"
        --- stderr
        error[SK0505]: ひな形 要約@1 を johoseisaku-shusa が承認することはできません
          原因: johoseisaku-shusa は approver の役割を持っていません
          hint: `sekisho group add` または `group set` で、承認する人のグループに --role approver を付けてください
        --- status 1
    "#]]);
    house.ok(&["group", "add", "shonin", "--role", "approver"]);
    house.ok(&["user", "join", "johoseisaku-shusa", "shonin"]);
    house.ok(&["user", "join", "koho-kakariin", "shonin"]);
    house.check(
        &["template", "approve", "要約@1", "--by", "koho-kakariin"],
        &expect![[r#"
        --- stderr
        error[SK0505]: ひな形 要約@1 を koho-kakariin が承認することはできません
          原因: 草案を書いた人は承認できません
        --- status 1
    "#]],
    );
    let file = house.write("summary.txt", "次の会議の記録を二行に要約してください。\n");
    house.ok(&["template", "edit", "要約@1", &file, "--by", "koho-kakariin"]);
    house.check(
        &["template", "approve", "要約@1", "--by", "johoseisaku-shusa", "--revision", "1"],
        &expect![[r#"
            --- stderr
            error[SK0703]: ひな形 要約@1 を johoseisaku-shusa が承認することはできません
              原因: 読んだ後に草案が書き換えられました（読んだ改訂 1、いまの改訂 2）
            --- status 1
        "#]],
    );
    house.check(
        &["template", "approve", "要約@1", "--by", "johoseisaku-shusa", "--revision", "2"],
        &expect![[r#"
            --- stderr
            ひな形 要約@1 を承認しました
            --- status 0
        "#]],
    );
    house.check(
        &["template", "show", "要約"],
        &expect![[r#"
        次の会議の記録を二行に要約してください。
        --- stderr
        要約@1（承認済み、改訂 2、作成 koho-kakariin）
        --- status 0
    "#]],
    );
    house.check(
        &["template", "edit", "要約@1", &file, "--by", "koho-kakariin"],
        &expect![[r#"
        --- stderr
        error[SK0511]: ひな形を変更できません
          原因: この版は、いまその操作ができる状態ではありません
        --- status 1
    "#]],
    );
    house.ok(&["template", "retire", "要約@1", "--by", "johoseisaku-shusa", "--yes"]);
    house.check(
        &["template", "list"],
        &expect![[r#"
        ひな形  状態  作成           登録                 承認               廃止
        ──────  ────  ─────────────  ───────────────────  ─────────────────  ─────────────────
        要約@1  廃止  koho-kakariin  YYYY-MM-DD hh:mm:ss  johoseisaku-shusa  johoseisaku-shusa
        --- stderr
        --- status 0
    "#]],
    );
}

#[test]
fn a_store_comes_back_from_its_copy() {
    let house = House::with_people();
    let (copy, pepper) = (house.path("copy.db"), house.path("pepper"));
    let (copy, pepper) = (copy.to_str().unwrap(), pepper.to_str().unwrap());
    house.check(
        &["backup", copy, "--pepper", pepper],
        &expect![[r#"
        --- stderr
        保管庫を DIR/copy.db に控えました
        ペッパーを DIR/pepper に控えました。保管庫の控えとは別の場所に置いてください
        監査ログは含みません。audit/log と audit/keys は別に控えてください (docs/audit.ja.md)
        --- status 0
    "#]],
    );
    house.check(
        &["backup", copy],
        &expect![[r#"
        --- stderr
        error[SK0703]: DIR/copy.db に控えられません
          原因: ファイル DIR/copy.db はすでにあります
        --- status 1
    "#]],
    );
    house.check(
        &["restore", copy, "--pepper", pepper],
        &expect![[r#"
        --- stderr
        error[SK0703]: DIR/copy.db から戻せません
          原因: ファイル DIR/data/sekisho.db はすでにあります
        --- status 1
    "#]],
    );
    let elsewhere = House::new();
    let wrong = elsewhere.run(&["restore", copy, "--pepper", copy]);
    assert!(wrong.status == 2 && wrong.stderr.contains("SK0701"), "{}", wrong.stderr);
    assert!(!elsewhere.path("data/sekisho.db").exists());
    let restored = elsewhere.json(&["restore", copy, "--pepper", pepper]);
    assert_eq!((&restored["users"], &restored["keys"]), (&6.into(), &5.into()));
    assert_eq!(elsewhere.json(&["key", "list"]), house.json(&["key", "list"]));
}

#[test]
fn the_audit_log_says_who_changed_what() {
    let house = House::with_people();
    let audit = house.path("data/audit").display().to_string();
    let run = |arguments: &[&str]| sekisho_in(house.folder.path(), arguments);
    let found = |event: &str| -> Vec<Value> {
        let answer = run(&["--json", "audit", "search", &audit, "--event", event]);
        assert_eq!(answer.status, 0, "{}", answer.stderr);
        serde_json::from_str::<Value>(&answer.stdout).unwrap()["records"].as_array().unwrap().clone()
    };
    assert_eq!(run(&["audit", "init", &audit, "--origin", "gate.sekino.example/1"]).status, 0);
    // What was done before there was a log is in it afterwards.
    house.ok(&["user", "disable", "vendor-dev", "--yes"]);
    assert_eq!((found("user.added").len(), found("key.created").len()), (6, 5));
    let disabled = found("user.disabled");
    let shown = run(&["--json", "audit", "show", &audit, disabled[0]["record"].as_str().unwrap()]);
    let shown: Value = serde_json::from_str(&shown.stdout).unwrap();
    assert!(shown["event"]["principal"].as_str().unwrap().starts_with("os:"), "{shown}");
    assert_eq!(shown["event"]["detail"]["subject"], "vendor-dev");

    // While another process holds the log, the change waits.
    let mut writer = Command::new(env!("CARGO_BIN_EXE_sekisho"))
        .args(["audit", "record", &audit])
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut input = writer.stdin.take().unwrap();
    writeln!(input, r#"{{"event":{{"principal":"a","event":"b.c"}}}}"#).unwrap();
    let mut line = String::new();
    BufReader::new(writer.stdout.take().unwrap()).read_line(&mut line).unwrap();
    house.check(
        &["user", "enable", "vendor-dev"],
        &expect![[r#"
        --- stderr
        変更は保管庫に控えました。動いているゲートが監査ログに記録します
        利用者 vendor-dev を使えるようにしました
        --- status 0
    "#]],
    );
    assert!(found("user.enabled").is_empty());
    drop(input);
    writer.wait().unwrap();
    house.ok(&["budget", "set", "--group", "somu", "--tokens-per-month", "5"]);
    assert_eq!((found("user.enabled").len(), found("budget.set").len()), (1, 5));
}
