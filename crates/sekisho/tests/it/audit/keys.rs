//! A new signing key, and a retention class that goes with its key.

use std::fs;

use expect_test::expect;

use super::{
    desk::{Desk, RECORDS, transcript},
    forge::python_finds,
    witness::{Running, ask},
};

const BY: [&str; 4] = ["--by", "情報政策課長", "--ground", "鍵の管理規程 第5条（架空）"];

fn rotate(desk: &Desk) -> String {
    desk.ok(&[&["audit", "rotate-key", "log", "--yes"][..], &BY].concat()).trim().to_owned()
}

#[test]
fn the_signing_key_changes_and_everything_verifies_from_the_first_one_on() {
    let desk = Desk::with_log();
    let first = desk.key();
    let record = desk.record_of("shokuin-0733");
    desk.check(
        &[&["audit", "rotate-key", "log"][..], &BY].concat(),
        &expect![[r#"
        --- stderr
        error[SK0002]: 端末ではないので確認できず、実行していません
          原因: 署名の鍵を新しいものに替えます。古い秘密鍵は上書きして捨てます。取り消せません
          hint: 実行してよければ --yes を付けてください
        --- status 1
    "#]],
    );
    let second = rotate(&desk);
    desk.run_with(&["audit", "record", "log"], RECORDS);
    assert!(second != first && desk.key() == first, "`origin` is never rewritten");
    let third = rotate(&desk);
    desk.run_with(&["audit", "record", "log"], RECORDS);
    assert_eq!(desk.json(&["audit", "status", "log"])["verifier_key"], third);
    assert_eq!(desk.json(&["audit", "checkpoint", "log"])["verifier_key"], third);
    assert_eq!(desk.ok(&["audit", "search", "log", "--kind", "key", "--ids"]).lines().count(), 2);

    // Whoever has the first key verifies all of it, with either program; none of the others will do.
    let log = desk.path("log/log");
    for (key, status) in [(&first, 0), (&second, 1), (&third, 1)] {
        assert_eq!(desk.run(&["audit", "verify", "log", "--key", key]).status, status);
        if let Some((finds, said)) = python_finds(&log, key) {
            assert_eq!(finds, status != 0, "{said}");
        }
    }
    // A proof is verified with the key of its checkpoint, which is named with it.
    let proved = desk.json(&["audit", "prove", "log", &record, "--out", "proofs"]);
    assert_eq!(proved["verifier_key"], third);
    let proof = proved["files"][0].as_str().unwrap();
    assert_eq!(desk.verify(&["proof", proof, "--key", &third]).status, 0);
    assert_eq!(desk.verify(&["proof", proof, "--key", &first]).status, 1);

    // The list of keys is derived: a start makes it again, a wrong one is found.
    let list = fs::read_to_string(log.join("vkeys")).unwrap();
    assert_eq!(list, format!("8 {second}\n16 {third}\n"));
    fs::write(log.join("vkeys"), list.replace("16 ", "15 ")).unwrap();
    assert_eq!(desk.run(&["audit", "verify", "log", "--key", &first]).status, 1);
    fs::remove_file(log.join("vkeys")).unwrap();
    assert_eq!(desk.run(&["audit", "verify", "log", "--key", &first]).status, 0);
    desk.ok(&["audit", "show", "log", &record]);
    desk.run_with(&["audit", "record", "log"], RECORDS);
    assert_eq!(fs::read_to_string(log.join("vkeys")).unwrap(), list);
}

#[test]
fn a_witness_is_told_of_a_new_key_by_its_operator() {
    let desk = Desk::with_log();
    let witness = Running::start(&desk);
    assert!(ask(&desk, "log", &witness).contains("--- status 0"));
    let second = rotate(&desk);
    desk.run_with(&["audit", "record", "log"], RECORDS);
    let refused = ask(&desk, "log", &witness);
    assert!(refused.contains("証人は、このログの別の公開鍵を登録しています"), "{refused}");
    drop(witness);
    let witness = Running::start_with(&desk, &["--log", &second]);
    let answer = ask(&desk, "log", &witness);
    assert!(answer.contains("--- status 0"), "{answer}");
}

/// Whoever has kept the key that was given up cannot go on with the log.
#[test]
fn the_key_that_was_given_up_signs_nothing_more() {
    let desk = Desk::with_log();
    fs::copy(desk.path("log/keys/signing.key"), desk.path("old.key")).unwrap();
    rotate(&desk);
    fs::copy(desk.path("old.key"), desk.path("log/keys/signing.key")).unwrap();
    let answer = desk.run_with(&["audit", "record", "log"], RECORDS);
    assert_eq!(answer.status, 1, "{}", answer.stderr);
}

#[test]
fn a_retention_class_goes_with_its_key_and_the_log_says_so() {
    let desk = Desk::with_log();
    let erase = |yes: &[&str]| {
        let arguments = [
            "audit",
            "erase",
            "log",
            "--whole-class",
            "3",
            "--by",
            "総務課長",
            "--ground",
            "廃棄決裁 第7号（架空）",
        ];
        transcript(&desk.run(&[&arguments, yes].concat()))
    };
    let record = desk.record_of("shokuin-0733");
    let mut text = erase(&[]);
    desk.ok(&["audit", "hold", "log", &record, "--by", "法務課", "--ground", "訴訟（架空）"]);
    text += &erase(&["--yes"]);
    desk.ok(&["audit", "release", "log", &record, "--by", "法務課", "--ground", "終結", "--yes"]);
    text += &erase(&["--yes"]);
    text += &transcript(&desk.run(&["audit", "search", "log", "--kind", "erase"]));
    text += &transcript(&desk.run(&["audit", "search", "log", "--event", "erase.refused"]));
    expect![[r#"
        --- stderr
        error[SK0002]: 端末ではないので確認できず、実行していません
          原因: 保存期間区分 3 (5年) のすべての記録と、区分の鍵を消去します。内容は二度と読めません。取り消せません
          hint: 実行してよければ --yes を付けてください
        --- status 1
        --- stderr
        error[SK0405]: 保存期間区分 3 (5年) を消去できません
          原因: 記録 RECORD.......................... は保全中です
          hint: 経緯は `sekisho audit show log 記録番号` で、解除は `sekisho audit release` で行えます
        --- status 1
        --- stderr
        保存期間区分 3 (5年) の 3 件と区分の鍵を消去しました。消去したことと根拠は、ログに署名つきで残りました
        --- status 0
        日時 (日本時間)      記録番号                          種類  だれが    目的                    区分  モデル  判定  状態
        ───────────────────  ────────────────────────────────  ────  ────────  ──────────────────────  ────  ──────  ────  ────
        TIME...............  RECORD..........................  消去  総務課長  廃棄決裁 第7号（架空）
        TIME...............  RECORD..........................  消去  総務課長  廃棄決裁 第7号（架空）
        --- stderr
        2 件
        --- status 0
        日時 (日本時間)      記録番号                          種類      だれが    目的           区分  モデル  判定  状態
        ───────────────────  ────────────────────────────────  ────────  ────────  ─────────────  ────  ──────  ────  ────
        TIME...............  RECORD..........................  できごと  総務課長  erase.refused
        --- stderr
        1 件
        --- status 0
    "#]].assert_eq(&text);
    assert!(!desk.path("log/keys/class/3.key").exists());
    assert_eq!(desk.run(&["audit", "show", "log", &record]).status, 0);
    // New records of the class have a new key.
    desk.run_with(&["audit", "record", "log"], RECORDS);
    assert_eq!(
        desk.run(&["audit", "search", "log", "--contains", "花子", "--ids"]).stdout.lines().count(),
        1
    );
    let verified = desk.run(&["audit", "verify", "log", "--key", &desk.key()]);
    assert_eq!(verified.status, 0, "{}", verified.stdout);
    if let Some((finds, said)) = python_finds(&desk.path("log/log"), &desk.key()) {
        assert!(!finds, "{said}");
    }
    // The key of the class brought back from a backup, or taken away without a word, is found.
    fs::remove_file(desk.path("log/keys/class/3.key")).unwrap();
    let answer = desk.run(&["--json", "audit", "verify", "log"]);
    assert!(answer.stdout.contains("key-destroyed-silently"), "{}", answer.stdout);
}
