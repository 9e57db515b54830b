//! The first administrator, and a file of people.

use expect_test::expect;

use super::house::{House, SAMPLE};

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
        error[SK0002]: DIR/people.toml に問題が 14 件あります。何も登録していません
          原因: 2 行目: colour: この項目名はありません。使えるもの: version group user
          原因: 6 行目: group[1].roles[1]: 「boss」は使えません。次から選んでください: admin operator auditor approver
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
          原因: 28 行目: user[3].budget.yen_per_month: 扱える範囲の数ではありません
          hint: 見本: data/sample/gate/people.toml
        --- status 1
    "#]]);
    assert!(!house.path("data").exists());
}
