//! People and groups, and their budgets.

use expect_test::expect;

use super::house::House;

#[test]
fn a_user_is_added_once() {
    let house = House::with_people();
    let issuer = "https://idp.sekino.example";
    house.check(
        &[
            "user",
            "add",
            "kato",
            "--title",
            "総務課 加藤",
            "--group",
            "somu,koho",
            "--label-max",
            "2",
            "--issuer",
            issuer,
            "--subject",
            "0412",
        ],
        &expect![[r#"
            --- stderr
            利用者 kato を登録しました
            次に: sekisho key create kato --name 用途
            --- status 0
        "#]],
    );
    house.check(
        &["user", "add", "KATO"],
        &expect![[r#"
        --- stderr
        error[SK0703]: 利用者 KATO を登録できません
          原因: 利用者 KATO はすでにあります
          hint: 変更は `sekisho user set`、再び使うときは `sekisho user enable` です
        --- status 1
    "#]],
    );
    house.check(
        &["user", "add", "ａｄｍｉｎ"],
        &expect![[r#"
        --- stderr
        error[SK0002]: 利用者 ａｄｍｉｎ を登録できません
          原因: 利用者の名前として使えません。全角英数字や半角カナは、通常の文字で書いてください
        --- status 1
    "#]],
    );
    house.check(
        &["--lang", "en", "user", "add", "sato", "--issuer", issuer, "--subject", "0412"],
        &expect![[r#"
            --- stderr
            error[SK0703]: user sato cannot be added
              cause: user kato is there already
            --- status 1
        "#]],
    );
}

#[test]
fn people_join_leave_and_are_disabled() {
    let house = House::with_people();
    house.ok(&["user", "add", "kato", "--group", "somu,koho", "--label-max", "2"]);
    house.check(
        &["user", "join", "kato", "no-such"],
        &expect![[r#"
        --- stderr
        error[SK0702]: グループ no-such はありません
          hint: 登録されているもの: fukushi, johoseisaku, kansa, koho, somu, vendor
        --- status 1
    "#]],
    );
    house.ok(&["user", "leave", "kato", "koho"]);
    house.check(
        &["user", "leave", "kato", "koho"],
        &expect![[r#"
        --- stderr
        error[SK0702]: kato をグループ koho から外せません
          原因: 手で入れたグループではありません
          hint: 認証基盤から来たグループは、認証基盤で外してください
        --- status 1
    "#]],
    );
    house.ok(&["user", "join", "kato", "kansa"]);
    house.ok(&["user", "set", "kato", "--no-label-max", "--no-external", "--title", "監査 加藤"]);
    house.check(
        &["user", "disable", "kato"],
        &expect![[r#"
        --- stderr
        error[SK0002]: 端末ではないので確認できず、実行していません
          原因: 利用者 kato を止めます。この利用者の鍵もトークンも、直ちに受け付けなくなります
          hint: 実行してよければ --yes を付けてください
        --- status 1
    "#]],
    );
    house.ok(&["user", "disable", "kato", "--yes"]);
    house.check(
        &["user", "show", "kato"],
        &expect![[r#"
        名前           kato
        名称           監査 加藤
        種類           人
        グループ       kansa, somu
        役割           auditor
        登録           YYYY-MM-DD hh:mm:ss
        停止           YYYY-MM-DD hh:mm:ss
        --- stderr
        --- status 0
    "#]],
    );
    house.ok(&["user", "enable", "kato"]);
    house.ok(&["group", "set", "koho", "--role", "approver,operator"]);
    house.ok(&["group", "retire", "kansa", "--yes"]);
    assert_eq!(house.json(&["user", "show", "kato"])["groups"], serde_json::json!(["somu"]));
    house.check(
        &["user", "join", "somu-kakariin", "kansa"],
        &expect![[r#"
        --- stderr
        error[SK0702]: somu-kakariin をグループ kansa に入れられません
          原因: このグループは廃止されています
          hint: sekisho group reopen kansa
        --- status 1
    "#]],
    );
    house.ok(&["group", "reopen", "kansa"]);
    assert_eq!(house.json(&["user", "list", "--group", "kansa"]).as_array().unwrap().len(), 2);
}

#[test]
fn budgets_are_set_and_shown() {
    let house = House::with_people();
    house.ok(&[
        "budget",
        "set",
        "--user",
        "koho-kakariin",
        "--tokens-per-month",
        "500万",
        "--yen-per-month",
        "3,000",
    ]);
    house.ok(&["budget", "set", "--group", "somu", "--yen-per-month", "10", "--month", "2099-01"]);
    house.check(
        &["budget", "set", "--group", "somu"],
        &expect![[r#"
        --- stderr
        error[SK0002]: <--tokens-per-month <N>|--yen-per-month <N>> の指定が必要です
          hint: `--help` で使い方を確認できます
        --- status 1
    "#]],
    );
    house.check(
        &["budget", "set", "--group", "somu", "--tokens-per-month", "many"],
        &expect![[r#"
        --- stderr
        error[SK0002]: 数として読めません: many
          hint: 5000000、5,000,000、500万 のように、整数で書いてください
        --- status 1
    "#]],
    );
    house.check(
        &["budget", "show", "--month", "2099-01"],
        &expect![[r#"
        対象      名前           トークン  予約中        残り  円  予約中（円）  残り（円）
        ────────  ─────────────  ────────  ──────  ──────────  ──  ────────────  ──────────
        利用者    koho-kakariin         0       0   5,000,000   0             0       3,000
        グループ  fukushi               0       0   5,000,000   0             0      無制限
        グループ  koho                  0       0  20,000,000   0             0      無制限
        グループ  somu                  0       0      無制限   0             0          10
        グループ  vendor                0       0   1,000,000   0             0       5,000
        --- stderr
        2099-01 の予算と使用量
        --- status 0
    "#]],
    );
    house.check(&["budget", "show", "--month", "2099-01", "--csv"], &expect![[r#"
        ﻿month,of,name,model,requests,prompt_tokens,completion_tokens,unaccounted_tokens,tokens,yen,tokens_reserved,tokens_limit,tokens_left,yen_reserved,yen_limit,yen_left
        2099-01,user,koho-kakariin,,0,0,0,0,0,0,0,5000000,5000000,0,3000,3000
        2099-01,group,fukushi,,0,0,0,0,0,0,0,5000000,5000000,0,,
        2099-01,group,koho,,0,0,0,0,0,0,0,20000000,20000000,0,,
        2099-01,group,somu,,0,0,0,0,0,0,0,,,0,10,10
        2099-01,group,vendor,,0,0,0,0,0,0,0,1000000,1000000,0,5000,5000
        --- stderr
        --- status 0
    "#]]);
    house.ok(&["budget", "remove", "--group", "somu", "--month", "2099-01", "--yes"]);
    house.check(
        &["budget", "remove", "--group", "somu", "--month", "2099-01", "--yes"],
        &expect![[r#"
        --- stderr
        error[SK0702]: somu に、その予算はありません
          hint: sekisho budget show
        --- status 1
    "#]],
    );
}
