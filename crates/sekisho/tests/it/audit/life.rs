//! What an operator does with a log, from its first day on.

use std::{fs, os::unix::fs::PermissionsExt};

use expect_test::expect;

use super::desk::{Desk, ORIGIN, RECORDS, masked, transcript};

#[test]
fn a_new_log_says_what_to_do_with_its_keys() {
    let desk = Desk::new();
    desk.check(
        &["audit", "init", "log", "--origin", ORIGIN],
        &expect![[r#"
        audit.sekino.example/2026:KEY
        --- stderr
        log に監査ログ「audit.sekino.example/2026」を作りました。上の 1 行が公開鍵です

        1. 公開鍵を紙に控え、監査する人に渡してください。鍵ごと差し替えられたことは、これがないと分かりません
        2. keys/ には署名と解読の鍵があります。log/ とは別に、期限の切れる形で控えを取ってください
           古い控えが 1 つでも残る間は、消去した記録を読めてしまいます
        3. 別の機器に証人を置いてください (sekisho audit witness serve)
           フォルダーごと昔に戻されたことは、証人か紙の控えがないと分かりません
        --- status 0
    "#]],
    );
    let mode = |name: &str| fs::metadata(desk.path(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("log/keys"), mode("log/keys/signing.key"), mode("log/index")), (0o700, 0o600, 0o700));
    desk.check(
        &["audit", "init", "log", "--origin", ORIGIN],
        &expect![[r#"
        --- stderr
        error[SK0004]: log にはすでに監査ログがあります
          hint: 状態は `sekisho audit status log` で確認できます
        --- status 1
    "#]],
    );
    desk.check(&["--lang", "en", "audit", "status", "log"], &expect![[r#"
        name               audit.sekino.example/2026
        verifier key       audit.sekino.example/2026:KEY
        entries            0
        root hash          HASH........................................
        published          0
        open requests      0
        records on hold    0
        size of the log    0 B
        size of index      0 B
        --- stderr
        No witness has cosigned this checkpoint. Have it cosigned with `sekisho audit witness ask log`, against the whole folder being put back
        --- status 0
    "#]]);
}

#[test]
fn records_go_in_and_bad_lines_are_named() {
    let desk = Desk::new();
    desk.ok(&["audit", "init", "log", "--origin", ORIGIN]);
    let lines = format!(
        "{RECORDS}not json\n{}\n{}\n{}\n",
        r#"{"open":{"principal":"shokuin-1"}}"#,
        r#"{"event":{"principal":"two\nlines","event":"x.y"}}"#,
        r#"{"event":{"principal":"a","event":"x.y"},"class":99}"#,
    );
    expect![[r#"
        RECORD..........................
        RECORD..........................
        RECORD..........................
        RECORD..........................
        --- stderr
        6 行目を記録できません: expected ident at line 1 column 2
        7 行目を記録できません: open と close の組か、event のどちらか一方が要ります
        8 行目を記録できません: principal が空か、長すぎるか、1 行ではありません
        9 行目を記録できません: 保存期間区分 99 がありません
        4 件を記録しました
        error[SK0410]: 記録できない行が 4 行ありました
          hint: 1 行に 1 件、{"open": {…}, "close": {…}} または {"event": {…}} の形で渡してください
        --- status 1
    "#]]
    .assert_eq(&transcript(&desk.run_with(&["audit", "record", "log"], &lines)));
    expect![[r#"
        日時 (日本時間)      記録番号                          種類      だれが        目的            区分  モデル       判定                   状態
        ───────────────────  ────────────────────────────────  ────────  ────────────  ──────────────  ────  ───────────  ─────────────────────  ────────
        TIME...............  RECORD..........................  できごと  joho-admin    policy.loaded
        TIME...............  RECORD..........................  要求      shokuin-0412  議事録の要約    2     llm-jp-4-8b  ○ 通す                 回答した
        TIME...............  RECORD..........................  要求      shokuin-0733  通知文の下書き  3A    llm-jp-4-8b  △ 隠して通す → ○ 通す  回答した
        TIME...............  RECORD..........................  要求      gaibu-key-1                   3B                 × 止める               断った
        --- stderr
        4 件
        --- status 0
    "#]].assert_eq(&transcript(&desk.run(&["audit", "search", "log", "--oldest"])));
}

#[test]
fn a_search_goes_on_where_it_ended() {
    let desk = Desk::with_log();
    let all = desk.ok(&["audit", "search", "log", "--ids"]);
    let mut pages = String::new();
    let mut after: Vec<String> = Vec::new();
    loop {
        let mut arguments = vec!["audit", "search", "log", "--limit", "1"];
        arguments.extend(after.iter().map(String::as_str));
        let page = desk.json(&arguments);
        for record in page["records"].as_array().unwrap() {
            assert!(record["open"].get("input").is_none(), "a list shows no texts");
            pages += &format!("{}\n", record["record"].as_str().unwrap());
        }
        match page["next"].as_str() {
            Some(next) => after = vec!["--after".to_owned(), next.to_owned()],
            None => break,
        }
    }
    assert_eq!(pages, all);
    assert_eq!(all.lines().count(), 4);

    let count =
        |filter: &[&str]| desk.ok(&[&["audit", "search", "log", "--ids"], filter].concat()).lines().count();
    assert_eq!(count(&["--verdict", "mask"]), 1);
    assert_eq!(count(&["--model", "llm-jp-4-8b"]), 2);
    assert_eq!(count(&["--tenant", "福祉課", "--outcome", "answered"]), 1);
    assert_eq!(count(&["--contains", "花子"]), 1);
    assert_eq!(count(&["--kind", "event"]), 1);
    assert_eq!(count(&["--from", "2020-01-01", "--to", "2020-12-31"]), 0);
    desk.check(
        &["audit", "search", "log", "--from", "昨日"],
        &expect![[r#"
        --- stderr
        error[SK0002]: 日時として読めません: 昨日
          hint: DAY.......、DAY.......T10:00、DAY.......T01:00:00Z のように書いてください
        --- status 1
    "#]],
    );
    desk.check(
        &["--lang", "en", "audit", "search", "log", "--verdict", "maybe"],
        &expect![[r#"
        --- stderr
        error[SK0002]: --verdict <WORD> cannot be "maybe"
          hint: allowed words: pass flag mask refuse
        --- status 1
    "#]],
    );
}

#[test]
fn a_record_is_shown_proved_and_checked_without_the_log() {
    let desk = Desk::with_log();
    let record = desk.record_of("shokuin-0733");
    desk.check(
        &["audit", "show", "log", &record],
        &expect![[r#"
        記録番号           RECORD..........................
        種類               要求
        日時 (日本時間)    TIME...............
        終わり             TIME...............
        状態               回答した
        保存期間           5年 (DAY....... まで)

        要求
          だれが             shokuin-0733
          部署、事業         福祉課
          目的               通知文の下書き
          区分の体系         jichitai-2024
          区分               3A
          モデル             llm-jp-4-8b
          判定               △ 隠して通す
          ルール             pii-mask
          入力               関野花子さん（架空）への通知文

        結果
          区分               3A
          結果               回答した
          判定               ○ 通す
          回答               〔氏名1〕様

        ログの中の位置
        位置  種類   バイト  葉のハッシュ
        ────  ─────  ──────  ────────────────────────────────────────────
           1  open      408  HASH........................................
           5  close     299  HASH........................................
        --- stderr
        --- status 0
    "#]],
    );
    desk.check(&["audit", "prove", "log", &record, "--out", "proofs"], &expect![[r#"
        proofs/RECORD..........................-1-open.tlog-proof
        proofs/RECORD..........................-5-close.tlog-proof
        --- stderr
        proofs/RECORD..........................-1-open.tlog-proof に書き出しました
        proofs/RECORD..........................-5-close.tlog-proof に書き出しました
        受け取った人は次のように確かめます。公開鍵は、この画面からではなく、紙など別の経路で渡してください
        sekisho-verify proof proofs/RECORD..........................-1-open.tlog-proof --key audit.sekino.example/2026:KEY
        --- status 0
    "#]]);
    let mut proofs: Vec<String> = fs::read_dir(desk.path("proofs"))
        .unwrap()
        .map(|entry| entry.unwrap().path().display().to_string())
        .collect();
    proofs.sort();
    assert_eq!(proofs.len(), 2);
    for proof in &proofs {
        let answer = desk.verify(&["proof", proof, "--key", &desk.key()]);
        assert_eq!(answer.status, 0, "{}", answer.stdout);
        assert!(answer.stdout.contains(&record), "{}", answer.stdout);
    }
    // One character of the leaf, and it proves nothing.
    let text = fs::read_to_string(&proofs[0]).unwrap();
    let at = text.find("extra ").unwrap() + 60;
    let other = if &text[at..=at] == "A" { "B" } else { "A" };
    fs::write(&proofs[0], format!("{}{other}{}", &text[..at], &text[at + 1..])).unwrap();
    assert_eq!(desk.verify(&["proof", &proofs[0], "--key", &desk.key()]).status, 1);

    desk.check(
        &["audit", "show", "log", "0123"],
        &expect![[r#"
        --- stderr
        error[SK0002]: 記録番号として読めません: 0123
          hint: 記録番号は 16 進 32 桁です。`sekisho audit search` で探せます
        --- status 1
    "#]],
    );
    desk.check(
        &["audit", "show", "log", &"0".repeat(32)],
        &expect![[r#"
        --- stderr
        error[SK0404]: 記録 RECORD.......................... を示せません
          原因: 記録 RECORD.......................... はありません
          hint: `sekisho audit search log` で探せます
        --- status 1
    "#]],
    );
}

#[test]
fn a_list_of_holds_that_is_cut_short_says_so() {
    let desk = Desk::with_log();
    for principal in ["shokuin-0412", "shokuin-0733"] {
        let record = desk.record_of(principal);
        desk.ok(&["audit", "hold", "log", &record, &record, "--by", "総務課長", "--ground", "訴訟（架空）"]);
    }
    let held = |more: &[&str]| {
        desk.run(&[&["--lang", "en", "audit", "search", "log", "--held", "--ids"], more].concat())
    };
    let cut = held(&["--limit", "1"]);
    assert_eq!(cut.stdout.lines().count(), 1);
    assert!(cut.stderr.contains("1 more records are on hold"), "{}", cut.stderr);
    let whole = held(&[]);
    assert_eq!((whole.stdout.lines().count(), whole.stderr.as_str()), (2, ""));
}

#[test]
fn a_hold_keeps_what_somebody_wants_erased() {
    let desk = Desk::with_log();
    let record = desk.record_of("shokuin-0733");
    let of = |verb: &str, ground: &str, yes: &[&str]| {
        let arguments = ["audit", verb, "log", &record, "--by", "総務課長", "--ground", ground];
        transcript(&desk.run(&[&arguments, yes].concat()))
    };
    let mut text = of("hold", "訴訟（架空）令和8年第1号", &[]);
    text += &of("erase", "本人の請求（架空）", &["--yes"]);
    text += &transcript(&desk.run(&["audit", "search", "log", "--held"]));
    text += &of("release", "訴訟の終結", &[]);
    text += &of("release", "訴訟の終結", &["--yes"]);
    text += &of("erase", "本人の請求（架空）", &["--yes"]);
    text += &of("erase", "二度目", &["--yes"]);
    text += &transcript(&desk.run(&["audit", "show", "log", &record]));
    expect![[r#"
        --- stderr
        1 件を保全しました
        --- status 0
        --- stderr
        error[SK0405]: 1 件の記録を消去できません。何も消去していません
          原因: 記録 RECORD.......................... は保全中です
          hint: 経緯は `sekisho audit show log 記録番号` で、解除は `sekisho audit release` で行えます
        --- status 1
        日時 (日本時間)      記録番号                          種類  だれが        目的            区分  モデル       判定                   状態
        ───────────────────  ────────────────────────────────  ────  ────────────  ──────────────  ────  ───────────  ─────────────────────  ─────────────────
        TIME...............  RECORD..........................  要求  shokuin-0733  通知文の下書き  3A    llm-jp-4-8b  △ 隠して通す → ○ 通す  回答した ◆ 保全中
        --- stderr
        1 件
        --- status 0
        --- stderr
        error[SK0002]: 端末ではないので確認できず、実行していません
          原因: 1 件の記録の保全を解除します。解除すると、消去や期限切れの整理の対象になります
          hint: 実行してよければ --yes を付けてください
        --- status 1
        --- stderr
        1 件の保全を解除しました
        --- status 0
        --- stderr
        1 件を消去しました。消去したことと根拠は、ログに署名つきで残りました
        --- status 0
        --- stderr
        error[SK0406]: 1 件の記録を消去できません。何も消去していません
          原因: 記録 RECORD.......................... は消去済みです
          hint: 経緯は `sekisho audit show log 記録番号` で確認できます
        --- status 1
        記録番号           RECORD..........................
        種類               要求
        日時 (日本時間)    TIME...............
        終わり             TIME...............
        状態               消去済み
        保存期間           5年 (DAY....... まで)
        消去               TIME............... 総務課長 根拠: 本人の請求（架空） (位置 10)

        ログの中の位置
        位置  種類   バイト  葉のハッシュ
        ────  ─────  ──────  ────────────────────────────────────────────
           1  open      408  HASH........................................
           5  close     299  HASH........................................
        --- stderr
        内容は読めませんが、記録がそこにあったことの証明は以前と同じく確かめられます
        --- status 0
    "#]].assert_eq(&text);
    assert_eq!(desk.ok(&["audit", "search", "log", "--erased", "--ids"]), format!("{record}\n"));
    assert_eq!(
        desk.ok(&["audit", "search", "log", "--contains", "花子", "--ids"]),
        "",
        "nobody reads it again"
    );

    // What was erased is proved as before, and the log still verifies.
    desk.ok(&["audit", "prove", "log", &record, "--out", "proofs"]);
    let key = desk.key();
    let verified = transcript(&desk.run(&["audit", "verify", "log", "--key", &key]));
    // How many records went into one commit is a matter of time.
    let verified: Vec<&str> =
        verified.lines().filter(|line| !line.contains("コミット数") && !line.contains("署名:")).collect();
    expect![[r#"
          ログの名前: audit.sekino.example/2026
          記録数: 11
          根のハッシュ: HASH........................................
          種類別: close 3, erase 1, event 2, hold 1, open 3, release 1
          ファイル数: 1
          消去した記録: 2
          閉じていない記録: 0
          鍵で開けた記録: 6
        ○ 検証できました。書き換えは見つかりません
        --- stderr
        --- status 0"#]]
    .assert_eq(&verified.join("\n"));
    let expired = desk.run(&["audit", "expire", "log", "--by", "a", "--ground", "b", "--yes"]);
    assert!(expired.stderr.starts_with("0 件を消去しました"), "{}", expired.stderr);
}

#[test]
fn many_records_are_named_on_the_standard_input() {
    let desk = Desk::with_log();
    let ids = desk.ok(&["audit", "search", "log", "--kind", "request", "--ids"]);
    let arguments = ["audit", "hold", "log", "-", "--by", "監査委員事務局", "--ground", "定期監査（架空）"];
    let answer = desk.run_with(&arguments, &ids);
    assert_eq!((answer.status, answer.stderr.as_str()), (0, "3 件を保全しました\n"));
    assert_eq!(desk.json(&["audit", "status", "log"])["held_records"], 3);
    let answer = desk.run_with(&arguments, "");
    assert_eq!(answer.status, 1, "{}", answer.stderr);
}

#[test]
fn an_export_carries_its_proofs() {
    let desk = Desk::with_log();
    let lines = desk.ok(&["audit", "export", "log", "--oldest"]);
    let rows: Vec<serde_json::Value> =
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(rows.len(), 5, "a checkpoint and four records");
    assert!(rows[0]["checkpoint"].as_str().unwrap().starts_with(ORIGIN));
    assert_eq!(rows[0]["verifier_key"], desk.key());
    for row in &rows[1..] {
        for leaf in row["leaves"].as_array().unwrap() {
            assert!(leaf["leaf"].is_string() && leaf["proof"].is_array(), "{leaf}");
        }
    }
    desk.ok(&["audit", "export", "log", "--format", "csv", "--out", "out/log.csv", "--proofs", "out/proofs"]);
    let csv = fs::read_to_string(desk.path("out/log.csv")).unwrap();
    expect![[r#"
        record,kind,time,end,class,erased,held,principal,tenant,purpose,label,answer_label,model,upstream,verdict_in,verdict_out,outcome,code,rules,event,prompt_tokens,completion_tokens,cost_yen,latency_ms,input,output,entries
        RECORD..........................,request,TIME....................,TIME....................,3,,,gaibu-key-1,,,3B,,,,refuse,,refused,SK0203,label-ceiling,,,,,,,,2 6
        RECORD..........................,request,TIME....................,TIME....................,3,,,shokuin-0733,福祉課,通知文の下書き,3A,3A,llm-jp-4-8b,,mask,pass,answered,,pii-mask,,,,,,関野花子さん（架空）への通知文,〔氏名1〕様,1 5
        RECORD..........................,request,TIME....................,TIME....................,3,,,shokuin-0412,総務課,議事録の要約,2,2,llm-jp-4-8b,chonai,pass,pass,answered,,,,120,34,,820,架空の会議の議事録を三行に要約してください。,一、予算。二、人事。三、その他。,0 4
        RECORD..........................,event,TIME....................,TIME....................,4,,,joho-admin,,,,,,,,,,,,policy.loaded,,,,,,,3
    "#]].assert_eq(&masked(csv.trim_start_matches('\u{feff}')));
    for entry in fs::read_dir(desk.path("out/proofs")).unwrap() {
        let proof = entry.unwrap().path().display().to_string();
        assert_eq!(desk.verify(&["proof", &proof, "--key", &desk.key()]).status, 0);
    }
    assert!(!desk.path("out/log.csv.part").exists());
}

#[test]
fn a_checkpoint_on_paper_is_three_lines() {
    let desk = Desk::with_log();
    let paper = desk.ok(&["audit", "checkpoint", "log"]);
    assert_eq!(paper.lines().count(), 3);
    desk.write("paper.txt", &paper);
    let answer = desk.run(&["audit", "checkpoint", "log", "--html", "sheet.html"]);
    expect![[r#"
        audit.sekino.example/2026
        7
        HASH........................................
        --- stderr
        sheet.html に書き出しました
        --- status 0
    "#]]
    .assert_eq(&transcript(&answer));
    let sheet = fs::read_to_string(desk.path("sheet.html")).unwrap();
    for line in paper.lines() {
        assert!(sheet.contains(&format!("<dd>{line}</dd>")), "{line}");
    }
    assert!(sheet.contains("<svg class=\"qr\"") && sheet.contains("確認者") && sheet.contains(&desk.key()));
    assert!(!sheet.contains("<script") && !sheet.contains("http://") && !sheet.contains("https://"));

    // The log grows, and the paper still fits.
    desk.run_with(&["audit", "record", "log"], RECORDS);
    let key = desk.key();
    let answer = desk.run(&["audit", "verify", "log", "--key", &key, "--trust", "paper.txt"]);
    assert_eq!(answer.status, 0, "{}", answer.stdout);
}
