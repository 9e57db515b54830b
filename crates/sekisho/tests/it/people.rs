//! The commands over the store through the real binary: people, keys, budgets, templates, copies, and what the audit log
//! says of it all.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use expect_test::{Expect, expect};
use serde_json::Value;

use crate::run::{Answer, sekisho_in};

const SAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/sample/gate/people.toml");

/// A folder with a store in it.
struct House {
    folder: tempfile::TempDir,
}

impl House {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn with_people() -> Self {
        let house = Self::new();
        house.ok(&["user", "import", SAMPLE]);
        house
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) -> String {
        let path = self.path(name);
        fs::write(&path, text).unwrap();
        path.display().to_string()
    }

    fn run(&self, arguments: &[&str]) -> Answer {
        let data = self.path("data").display().to_string();
        sekisho_in(self.folder.path(), &[arguments, &["--data", &data]].concat())
    }

    fn ok(&self, arguments: &[&str]) -> String {
        let answer = self.run(arguments);
        assert_eq!(answer.status, 0, "{arguments:?}: {}", answer.stderr);
        answer.stdout
    }

    fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.ok(&[&["--json"], arguments].concat())).unwrap()
    }

    /// Both streams and the status, without what differs from run to run.
    fn check(&self, arguments: &[&str], expected: &Expect) {
        let Answer { status, stdout, stderr } = self.run(arguments);
        let text = format!("{stdout}--- stderr\n{stderr}--- status {status}\n");
        expected.assert_eq(&steady(&text, self.folder.path()));
    }

    fn key_of(&self, user: &str) -> String {
        self.json(&["key", "list", user])[0]["id"].as_str().unwrap().to_owned()
    }
}

/// Folders, times and keys as words of the same width.
fn steady(text: &str, folder: &Path) -> String {
    let text = text.replace(&folder.display().to_string(), "DIR");
    let mut shown = String::new();
    for (index, part) in text.split_inclusive(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).enumerate()
    {
        let word = part.trim_end_matches(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
        let is_id = word.len() == 16 && word.chars().all(|c| matches!(c, 'a'..='z' | '2'..='7'));
        let is_key = word.len() == 72 && word.starts_with("sk_");
        let stand_in = match (is_id, is_key) {
            (true, _) => "k".repeat(16),
            (_, true) => format!("sk_{}_{}", "k".repeat(16), "s".repeat(52)),
            _ => word.to_owned(),
        };
        shown += &stand_in;
        shown += &part[word.len()..];
    }
    // 2026-11-24 21:06:50, whatever the digits.
    let mut steady = String::new();
    let mut rest = shown.as_str();
    while let Some(at) = rest.find(" 20").map(|at| at + 1).filter(|at| rest.len() >= at + 19) {
        let form: String =
            rest[at..].chars().take(19).map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
        let (before, after) = rest.split_at(at);
        steady += before;
        if form == "0000-00-00 00:00:00" {
            steady += "YYYY-MM-DD hh:mm:ss";
            rest = &after[19..];
        } else {
            steady += &after[..2];
            rest = &after[2..];
        }
    }
    steady + rest
}

#[test]
fn the_first_administrator_is_made_once() {
    let house = House::new();
    house.check(&["user", "list"], &expect![[r#"
        --- stderr
        error[SK0702]: DIR/data に保管庫がありません
          hint: `sekisho user bootstrap 名前 --data DIR/data` で最初の管理者を作るか、--data で別のフォルダーを指定してください
        --- status 1
    "#]]);
    let key = house.ok(&["user", "bootstrap", "yamada", "--title", "情報政策課 山田"]);
    assert!(key.starts_with("sk_") && key.trim_end().len() == 72, "{key}");
    let user = house.json(&["user", "show", "yamada"]);
    assert_eq!(user["roles"], serde_json::json!(["admin"]));
    assert_eq!(user["keys"][0]["state"], "valid");
    house.check(
        &["user", "bootstrap", "kato"],
        &expect![[r#"
        --- stderr
        error[SK0703]: 最初の管理者 kato を作れません
          原因: 最初の管理者は、すでに作られています
          hint: 次の管理者は `sekisho user add 名前 --group admin` で登録します
        --- status 1
    "#]],
    );
    assert_eq!(house.json(&["user", "list"]).as_array().unwrap().len(), 1);
}

#[test]
fn the_sample_organisation_is_imported_once() {
    let house = House::new();
    house.check(&["user", "import", SAMPLE], &expect![[r#"
        名前               名称                    鍵
        ─────────────────  ──────────────────────  ────────────────────────────────────────────────────────────────────────
        johoseisaku-shusa  情報政策課 主査         sk_kkkkkkkkkkkkkkkk_ssssssssssssssssssssssssssssssssssssssssssssssssssss
        somu-kakariin      総務課 係員             sk_kkkkkkkkkkkkkkkk_ssssssssssssssssssssssssssssssssssssssssssssssssssss
        fukushi-kakariin   福祉課 係員             sk_kkkkkkkkkkkkkkkk_ssssssssssssssssssssssssssssssssssssssssssssssssssss
        koho-kakariin      広報広聴課 係員         sk_kkkkkkkkkkkkkkkk_ssssssssssssssssssssssssssssssssssssssssssssssssssss
        vendor-dev         外部開発者のプログラム  sk_kkkkkkkkkkkkkkkk_ssssssssssssssssssssssssssssssssssssssssssssssssssss
        --- stderr
        保管庫を作りました: DIR/data/sekisho.db
        グループ 6、利用者 6、鍵 5 を登録しました（すでにあったもの 0）
        鍵は二度と示せません。いま本人に渡してください
        --- status 0
    "#]]);
    house.check(
        &["user", "list"],
        &expect![[r#"
        名前               名称                    種類      グループ     役割     区分の上限  状態
        ─────────────────  ──────────────────────  ────────  ───────────  ───────  ──────────  ────
        fukushi-kakariin   福祉課 係員             人        fukushi                           有効
        johoseisaku-shusa  情報政策課 主査         人        johoseisaku  admin                有効
        kansa-shokuin      監査委員事務局 職員     人        kansa        auditor              有効
        koho-kakariin      広報広聴課 係員         人        koho                              有効
        somu-kakariin      総務課 係員             人        somu                              有効
        vendor-dev         外部開発者のプログラム  システム  vendor                1           有効
        --- stderr
        --- status 0
    "#]],
    );
    house.check(
        &["group", "list"],
        &expect![[r#"
        名前         名称            役割     人数  状態
        ───────────  ──────────────  ───────  ────  ────
        fukushi      福祉課                      1  有効
        johoseisaku  情報政策課      admin       1  有効
        kansa        監査委員事務局  auditor     1  有効
        koho         広報広聴課                  1  有効
        somu         総務課                      1  有効
        vendor       外部開発者                  1  有効
        --- stderr
        --- status 0
    "#]],
    );
    let again = house.json(&["user", "import", SAMPLE]);
    assert_eq!(again, serde_json::json!({ "groups_added": [], "users_added": [], "keys": [] }));
    // A key that was revoked does not come back.
    let id = house.key_of("somu-kakariin");
    house.ok(&["key", "revoke", &id, "--yes"]);
    assert!(house.json(&["user", "import", SAMPLE])["keys"].as_array().unwrap().is_empty());
}

#[test]
fn every_mistake_of_a_file_is_told_with_its_line_and_nothing_is_added() {
    let house = House::new();
    let file = house.write(
        "people.toml",
        r#"version = 1
colour = "red"

[[group]]
name = "somu"
roles = ["boss"]
budget = { tokens = 5 }

[[group]]
title = "名前がない"

[[group]]
name = "SOMU"

[[user]]
name = "a b"
groups = ["somu", "keiri"]

[[user]]
name = "kato"
kind = "robot"
groups = "somu"
issuer = "https://idp.example"
key = { label = 3, expires = "明日" }

[[user]]
name = "kato"
budget = { yen_per_month = -5 }
"#,
    );
    house.check(&["user", "import", &file], &expect![[r#"
        --- stderr
        error[SK0002]: DIR/people.toml に問題が 16 件あります。何も登録していません
          原因: 2 行目: colour: この項目名はありません。使えるもの: version group user
          原因: 6 行目: group[1].roles[1]: 「boss」は使えません。次から選んでください: admin operator auditor approver
          原因: 7 行目: group[1].budget: tokens_per_month か yen_per_month を書いてください
          原因: 7 行目: group[1].budget.tokens: この項目名はありません。使えるもの: tokens_per_month yen_per_month
          原因: 9 行目: group[2].name: 必要な項目がありません
          原因: 12 行目: group[3]: 「SOMU」が二度あります（最初: 4 行目）
          原因: 15 行目: user[1]: 使えない名前があります。2 文字目の「 」（U+0020）は使えません
          原因: 17 行目: user[1].groups[2]: グループ keiri はファイルにも保管庫にもありません
          原因: 19 行目: user[2]: issuer と subject は、両方書くか、両方省いてください
          原因: 21 行目: user[2].kind: 「robot」は使えません。次から選んでください: user system
          原因: 22 行目: user[2].groups: 型が違います（必要: 配列、実際: 文字列）
          原因: 24 行目: user[2].key.expires: 「明日」は日付として読めません。2027-03-31 のように書いてください
          原因: 24 行目: user[2].key.label: 型が違います（必要: 文字列、実際: 整数）
          原因: 26 行目: user[3]: 「kato」が二度あります（最初: 19 行目）
          原因: 28 行目: user[3].budget: tokens_per_month か yen_per_month を書いてください
          原因: 28 行目: user[3].budget.yen_per_month: 扱える範囲の数ではありません
          hint: 見本: data/sample/gate/people.toml
        --- status 1
    "#]]);
    assert!(!house.path("data").exists());
}

#[test]
fn a_key_is_shown_once_and_its_bounds_are_kept() {
    let house = House::with_people();
    let arguments = [
        "key",
        "create",
        "kansa-shokuin",
        "--name",
        "監査の集計",
        "--models",
        "chonai,kokunai*",
        "--purposes",
        "監査",
        "--label",
        "2",
        "--label-max",
        "3B",
        "--expires",
        "2099-03-31",
    ];
    house.check(
        &arguments,
        &expect![[r#"
        sk_kkkkkkkkkkkkkkkk_ssssssssssssssssssssssssssssssssssssssssssssssssssss
        --- stderr
        kansa-shokuin の鍵 kkkkkkkkkkkkkkkk を作りました
        期限: YYYY-MM-DD hh:mm:ss
        この文字列は二度と示せません。いま安全な場所に控えてください
        --- status 0
    "#]],
    );
    house.check(&["key", "list", "kansa-shokuin"], &expect![[r#"
        鍵のID            利用者         用途        範囲                    期限                 最後の使用  状態
        ────────────────  ─────────────  ──────────  ──────────────────────  ───────────────────  ──────────  ────
        kkkkkkkkkkkkkkkk  kansa-shokuin  監査の集計  区分 2                  YYYY-MM-DD hh:mm:ss  未使用      有効
                                                     上限 3B
                                                     モデル chonai kokunai*
                                                     目的 監査
        --- stderr
        --- status 0
    "#]]);
    let key = house.json(&["key", "list", "kansa-shokuin"])[0].clone();
    // The end of the day in Japan.
    assert_eq!(key["expires"], "2099-03-31T15:00:00.000Z");
    assert_eq!(key["models"], serde_json::json!(["chonai", "kokunai*"]));
    house.check(&["key", "create", "kato", "--name", "x"], &expect![[r#"
        --- stderr
        error[SK0702]: 利用者 kato はありません
          hint: 登録されているもの: fukushi-kakariin, johoseisaku-shusa, kansa-shokuin, koho-kakariin, somu-kakariin, vendor-dev
        --- status 1
    "#]]);
    for (flags, said) in [
        (["--expires", "2020-01-01"], "SK0002"),
        (["--expires", "someday"], "SK0002"),
        (["--label", "2\u{202e}"], "SK0002"),
        (["--models", ""], "SK0002"),
    ] {
        let answer = house.run(&[&["key", "create", "kansa-shokuin", "--name", "x"], &flags[..]].concat());
        assert!(answer.status == 1 && answer.stderr.contains(said), "{flags:?}: {}", answer.stderr);
        assert!(answer.stdout.is_empty());
    }
}

#[test]
fn a_key_is_revoked_and_replaced_only_when_somebody_is_sure() {
    let house = House::with_people();
    let id = house.key_of("vendor-dev");
    house.check(
        &["key", "revoke", &id],
        &expect![[r#"
        --- stderr
        error[SK0002]: 端末ではないので確認できず、実行していません
          原因: vendor-dev の鍵 kkkkkkkkkkkkkkkk（user import）を失効させます。元に戻せません
          hint: 実行してよければ --yes を付けてください
        --- status 1
    "#]],
    );
    let whole = format!("sk_{id}_{}", "a".repeat(52));
    let answer = house.run(&["key", "revoke", &whole, "--yes"]);
    assert!(answer.status == 1 && !answer.stderr.contains(&whole), "{}", answer.stderr);
    let made = house.json(&["key", "rotate", &id, "--overlap-hours", "1", "--yes"]);
    assert_eq!((&made["replaces"], &made["models"]), (&id.clone().into(), &serde_json::json!(["kokunai"])));
    assert!(made["secret"].as_str().unwrap().contains(made["id"].as_str().unwrap()));
    let keys = house.json(&["key", "list", "vendor-dev"]);
    let old = keys.as_array().unwrap().iter().find(|key| key["id"] == id.as_str()).unwrap();
    assert!(old["expires"].is_string() && old["state"] == "valid");
    house.ok(&["key", "rotate", &id, "--overlap-hours", "0", "--yes"]);
    house.check(
        &["key", "rotate", &id, "--yes"],
        &expect![[r#"
        --- stderr
        error[SK0703]: 鍵 kkkkkkkkkkkkkkkk を替えられません
          原因: この鍵は失効したか、期限が切れています。新しい鍵を作ってください
        --- status 1
    "#]],
    );
    house.check(
        &["key", "revoke", &format!("sk_{id}"), "--yes"],
        &expect![[r#"
        --- stderr
        鍵 kkkkkkkkkkkkkkkk を失効させました
        --- status 0
    "#]],
    );
    house.check(
        &["key", "revoke", "nosuchkeynosuchk", "--yes"],
        &expect![[r#"
        --- stderr
        error[SK0702]: 鍵 kkkkkkkkkkkkkkkk はありません
          hint: sekisho key list
        --- status 1
    "#]],
    );
}

#[test]
fn people_join_change_and_are_disabled() {
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
