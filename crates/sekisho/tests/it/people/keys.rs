//! Keys: shown once, bound, replaced, revoked.

use expect_test::expect;

use super::house::House;

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
