//! `sekisho plan choose` and `sekisho plan template`.

use std::{fs, path::Path};

use expect_test::{Expect, expect};
use tempfile::TempDir;

use crate::run::{Answer, sekisho, sekisho_in};

/// Three models, two constraints, two benchmarks and a field: every part of the answer has something to say.
const SMALL: &str = r#"
version = 1
title = "要約に使うモデル"
organisation = "関野市"
date = 2026-04-01
author = "情報政策課"
fictional = true
candidates = ["cotomi-pro", "llm-jp-3-13b", "tsuzumi-2"]
[draws]
count = 200
[[constraint]]
id = "runs-inside"
axis = "sovereignty"
field = "access"
op = "any_of"
values = ["open_weights", "on_prem"]
why = "庁内の文書を外に出せない"
[[constraint]]
id = "supported"
axis = "control"
field = "vendor_support"
op = "is"
value = "yes"
why = "職員が少ない"
[[criterion]]
id = "long"
axis = "performance"
field = "context"
goal = "max"
range = { low = 0, high = 16384 }
why = "会議録は長い"
[[criterion]]
id = "origin"
axis = "sovereignty"
field = "origin"
goal = "order"
order = ["domestic_scratch", "domestic_retrofit", "foreign"]
why = "学習の経緯を確かめたい"
"#;

const BENCHMARK: &str = r#"
[[criterion]]
id = "conversation"
axis = "performance"
benchmark = { benchmark = "japanese-mt-bench", part = "overall", scale = "1-10" }
goal = "max"
why = "会話"
"#;

fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        fs::write(folder.path().join(name), content).unwrap();
    }
    folder
}

fn choose(toml: &str, more: &[&str]) -> Answer {
    let folder = folder(&[("r.toml", toml.as_bytes())]);
    sekisho_in(folder.path(), &[&["plan", "choose", "r.toml"], more].concat())
}

/// Checks what a call that must fail says.
fn check_refusal(answer: &Answer, expected: &Expect) {
    expected.assert_eq(&answer.stderr);
    assert_eq!((answer.status, answer.stdout.as_str()), (1, ""));
}

#[test]
fn the_terminal_says_who_is_first_and_what_is_not_known() {
    let answer = choose(SMALL, &[]);
    assert_eq!(answer.status, 0, "{}", answer.stderr);
    expect![[r#"
        要約に使うモデル【架空の例】
        関野市　情報政策課　2026年（令和8年）4月1日

        必須要件
        求めること                                            軸                  満たす  確認要  満たさない
        ────────────────────────────────────────────────────  ──────────────────  ──────  ──────  ──────────
        提供形態が次のいずれかである: 公開重み、オンプレミス  主権性・機密性           2       0           1
        提供者の支援が「あり」である                          統制（監査・安全）       0       2           0

        順位
        位  モデル            1位受容度  平均順位  確信度  不明の重み  図
        ──  ───────────────  ──────────  ────────  ──────  ──────────  ─────────────
         1  tsuzumi 2 (30B)  65.0% ±3.4       1.4   62.5%      100.0%  █████████████
         2  LLM-jp-3 13B     35.0% ±3.4       1.6   41.0%       49.4%  ███████

        候補から外れたモデル（1件）
        × 提供形態が次のいずれかである: 公開重み、オンプレミス（1件）
            cotomi Pro

        ベンダーへの質問（確認要、2件）
        ？ tsuzumi 2 (30B)
            次を満たしますか: 提供者の支援が「あり」である（公表されていません）
        ？ LLM-jp-3 13B
            次を満たしますか: 提供者の支援が「あり」である（公表されていません）

        1位を変える不明な値（3件）
        △ tsuzumi 2 (30B)の「文脈長」が「0トークン」なら、1位はLLM-jp-3 13B（77.0%）に変わる
        △ LLM-jp-3 13Bの「由来」が「国内でゼロから」なら、1位はLLM-jp-3 13B（60.0%）に変わる
        △ tsuzumi 2 (30B)の「由来」が「海外」なら、1位はLLM-jp-3 13B（58.0%）に変わる

        乱数の種 1、試行 200回
    "#]]
    .assert_eq(&answer.stdout);
}

#[test]
fn english_says_the_same() {
    let answer = choose(SMALL, &["--lang", "en"]);
    expect![[r#"
        要約に使うモデル[fictional example]
        関野市, 情報政策課, 2026-04-01

        Hard constraints
        asked for                                       axis                             met  to confirm  not met
        ──────────────────────────────────────────────  ───────────────────────────────  ───  ──────────  ───────
        provision is one of: open weights, on-premises  sovereignty and confidentiality    2           0        1
        vendor support is “yes”                         control (audit and safety)         0           2        0

        Ranking
        rank  model            first-rank share  mean rank  confidence  weight on unknowns  picture
        ────  ───────────────  ────────────────  ─────────  ──────────  ──────────────────  ─────────────
           1  tsuzumi 2 (30B)        65.0% ±3.4        1.4       62.5%              100.0%  █████████████
           2  LLM-jp-3 13B           35.0% ±3.4        1.6       41.0%               49.4%  ███████

        Excluded models (1)
        × provision is one of: open weights, on-premises (1)
            cotomi Pro

        Questions to vendors (to confirm, 2)
        ？ tsuzumi 2 (30B)
            Does this hold: vendor support is “yes”? (not published)
        ？ LLM-jp-3 13B
            Does this hold: vendor support is “yes”? (not published)

        Unknowns that would change the first (3)
        △ if “context length” of tsuzumi 2 (30B) is “0 tokens”, the first becomes LLM-jp-3 13B (77.0%)
        △ if “origin” of LLM-jp-3 13B is “from scratch in Japan”, the first becomes LLM-jp-3 13B (60.0%)
        △ if “origin” of tsuzumi 2 (30B) is “foreign”, the first becomes LLM-jp-3 13B (58.0%)

        seed 1, 200 draws
    "#]].assert_eq(&answer.stdout);
}

#[test]
fn every_sample_gives_the_same_bytes_twice() {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/sample/requirements");
    let Ok(entries) = fs::read_dir(&samples) else {
        println!("skipped: there are no samples in {}", samples.display());
        return;
    };
    let mut texts = vec![("small".to_owned(), SMALL.to_owned())];
    for entry in entries {
        let path = entry.unwrap().path();
        // A tenth of the draws says as much about bytes.
        let text = fs::read_to_string(&path).unwrap().replace("count = 10000", "count = 1000");
        texts.push((path.display().to_string(), text));
    }
    assert!(texts.len() > 1, "no sample in {}", samples.display());
    for (name, text) in texts {
        let folder = folder(&[("r.toml", text.as_bytes())]);
        let run = |html: &str, docx: &str| {
            let answer = sekisho_in(
                folder.path(),
                &["plan", "choose", "r.toml", "--json", "--html", html, "--docx", docx],
            );
            assert_eq!(answer.status, 0, "{name}: {}", answer.stderr);
            let read = |file: &str| fs::read(folder.path().join(file)).unwrap();
            (answer.stdout, read(html), read(docx))
        };
        let (one, other) = (run("1.html", "1.docx"), run("2.html", "2.docx"));
        assert!(one == other, "{name} differs from one run to the next");
        let html = String::from_utf8(one.1).unwrap();
        assert!(html.contains("<svg") && !html.contains("<script"), "{name}");
        assert!(one.2.starts_with(b"PK"), "{name}");
        // A file that XML cannot hold would not open: every part of the DOCX is stored, so it can be read as it is.
        let docx = String::from_utf8_lossy(&one.2).into_owned();
        assert!(
            docx.contains("稟議添付用") && docx.contains("<w:document") && docx.contains("<w:tblHeader />"),
            "{name}"
        );
    }
}

#[test]
fn a_workbook_decides_like_the_file_it_was_made_from() {
    let folder = folder(&[("r.toml", format!("{SMALL}{BENCHMARK}").replace("[draws]", ALLOWED).as_bytes())]);
    let run = |arguments: &[&str]| {
        let answer = sekisho_in(folder.path(), arguments);
        assert_eq!(answer.status, 0, "{}", answer.stderr);
        answer.stdout
    };
    for lang in ["ja", "en"] {
        run(&["plan", "template", "--lang", lang, "--from", "r.toml", "--xlsx", "r.xlsx"]);
        let from_book = run(&["plan", "choose", "r.xlsx", "--json"]);
        assert_eq!(from_book, run(&["plan", "choose", "r.toml", "--json"]));
        run(&["plan", "template", "--from", "r.xlsx", "--toml", "back.toml"]);
        assert_eq!(from_book, run(&["plan", "choose", "back.toml", "--json"]));
    }
}

const ALLOWED: &str = "[single_benchmark]\nallow = true\nreason = \"ほかにない\"\n[draws]";

#[test]
fn a_single_benchmark_is_refused_without_a_reason_and_printed_with_one() {
    let text = format!("{SMALL}{BENCHMARK}");
    check_refusal(
        &choose(&text, &[]),
        &expect![[r#"
        error[SK0304]: 候補の順位を決められません
          原因: 順位がただ一つのベンチマーク（japanese-mt-bench）に基づいています
          hint: 別のベンチマークを評価項目（[[criterion]]）に加えるか、理由を書いて認めてください: [single_benchmark] allow = true、reason = "…"
    "#]],
    );
    let answer = choose(&text.replace("[draws]", ALLOWED), &[]);
    assert_eq!(answer.status, 0, "{}", answer.stderr);
    assert!(answer.stdout.contains("単一ベンチマークで比べる理由: ほかにない"));
}

#[test]
fn every_problem_is_listed_with_its_line() {
    let text = SMALL
        .replace("date = 2026-04-01", "date = \"2026-04-01\"")
        .replace("op = \"is\"", "op = \"at_least\"")
        .replace("goal = \"max\"", "goal = \"up\"")
        .replace("low = 0, high = 16384", "low = 9, high = 1")
        .replace("author = \"情報政策課\"", "autor = \"情報政策課\"")
        .replace("[\"domestic_scratch\", ", "[");
    check_refusal(
        &choose(&text, &[]),
        &expect![[r#"
            error[SK0303]: 要件ファイルに問題が7件あります
              原因: 1行目 author: 必要な項目がありません。書き加えてください
              原因: 5行目 date: 値の型が違います（文字列）。引用符のない日付（例: 2026-04-01）を書いてください
              原因: 6行目 autor: この名前の項目はありません。使えるのは version title organisation author date fictional candidates single_benchmark draws constraint criterion です
              原因: 22行目 constraint[2].op: この項目は符号です。is any_of not のいずれかにしてください
              原因: 29行目 criterion[1].goal: 「up」は使えません。次のいずれかにしてください: max min order
              原因: 30行目 criterion[1].range: 下限が上限より小さくなるように直してください
              原因: 37行目 criterion[2].order: 順序に足りない符号があります: domestic_scratch
              hint: 上の問題をすべて直してください。ひな型は `sekisho plan template` で出力できます
        "#]],
    );
    check_refusal(
        &choose("version = 1\ntitle = \"\n", &["--lang", "en"]),
        &expect![[r#"
            error[SK0303]: the requirements file has 6 problems
              cause: line 1 author: something that must be there is missing; add it
              cause: line 1 criterion: something that must be there is missing; add it
              cause: line 1 date: something that must be there is missing; add it
              cause: line 1 organisation: something that must be there is missing; add it
              cause: line 2: not readable as TOML (invalid basic string, expected `"`); check quotes and brackets
              cause: line 2 title: empty; write a value
              hint: mend all of the above; `sekisho plan template` prints a template
        "#]],
    );
}

#[test]
fn other_refusals_say_what_to_write() {
    let unknown = SMALL.replace("cotomi-pro", "no-such-model");
    check_refusal(
        &choose(&unknown, &[]),
        &expect![[r#"
        error[SK0101]: 候補の順位を決められません
          原因: カタログにないモデルです: no-such-model
          hint: `sekisho catalog models` でidを確かめてください
    "#]],
    );
    let strict = SMALL.replace("op = \"is\"\nvalue = \"yes\"", "op = \"is\"\nvalue = \"no\"").replace(
        "field = \"vendor_support\"\nop = \"is\"\nvalue = \"no\"",
        "field = \"release_year\"\nop = \"at_least\"\nvalue = 2100",
    );
    check_refusal(
        &choose(&strict, &[]),
        &expect![[r#"
        error[SK0306]: 候補の順位を決められません
          原因: すべての必須要件を満たすモデルがありません
          原因: × 提供形態が次のいずれかである: 公開重み、オンプレミス（1件）
          原因: × 公開年が2100年以上（3件）
          hint: 外れたモデルの多い要件から、必須を評価項目に移せないか検討してください
    "#]],
    );
    check_refusal(
        &sekisho(&["plan", "choose", "absent.toml"]),
        &expect![[r#"
        error[SK0003]: 要件ファイル absent.toml を読めません
          原因: No such file or directory (os error 2)
          hint: ファイル名と読み取り権限を確かめてください
    "#]],
    );
    check_refusal(
        &sekisho(&["plan", "choose", "Cargo.lock"]),
        &expect![[r#"
        error[SK0002]: Cargo.lock の形式が分かりません
          hint: 拡張子を .toml または .xlsx にしてください
    "#]],
    );
}

#[test]
fn a_bad_workbook_is_told_by_sheet_and_cell() {
    let folder = folder(&[("bad.xlsx", b"PK\x03\x04 not a book"), ("r.toml", SMALL.as_bytes())]);
    let run = |arguments: &[&str]| sekisho_in(folder.path(), arguments);
    check_refusal(
        &run(&["plan", "choose", "bad.xlsx"]),
        &expect![[r#"
        error[SK0303]: 要件ファイル bad.xlsx を読めません
          原因: XLSXとして読めません (Zip error: invalid Zip archive: Could not find EOCD)
          hint: Excelで開いて .xlsx 形式で保存し直すか、`sekisho plan template --xlsx` のひな型に書き写してください
    "#]],
    );
    assert_eq!(run(&["plan", "template", "--xlsx", "empty.xlsx"]).status, 0);
    check_refusal(
        &run(&["plan", "choose", "empty.xlsx"]),
        &expect![[r#"
        error[SK0303]: 要件ファイルに問題が5件あります
          原因: シート「基本情報」のセルB5 author: 必要な項目がありません。書き加えてください
          原因: シート「評価項目」のセルA3 criterion: 必要な項目がありません。書き加えてください
          原因: シート「基本情報」のセルB4 date: 必要な項目がありません。書き加えてください
          原因: シート「基本情報」のセルB3 organisation: 必要な項目がありません。書き加えてください
          原因: シート「基本情報」のセルB2 title: 必要な項目がありません。書き加えてください
          hint: 上の問題をすべて直してください。ひな型は `sekisho plan template` で出力できます
    "#]],
    );
    fs::write(folder.path().join("large.xlsx"), vec![0; 8 * 1024 * 1024 + 1]).unwrap();
    check_refusal(
        &run(&["plan", "choose", "large.xlsx"]),
        &expect![[r#"
        error[SK0303]: large.xlsx は大きすぎます（上限 8388608バイト）
          hint: ひな型に必要な値だけを書き写してください
    "#]],
    );
}

#[test]
fn a_wrong_cell_is_named() {
    let mut book = rust_xlsxwriter::Workbook::new();
    let mut sheet = |name: &str, rows: &[&[&str]]| {
        let sheet = book.add_worksheet();
        sheet.set_name(name).unwrap();
        for (row, cells) in rows.iter().enumerate() {
            for (column, cell) in cells.iter().enumerate() {
                sheet.write(row as u32, column as u16, *cell).unwrap();
            }
        }
    };
    let basics: &[&[&str]] = &[
        &["項目", "値"],
        &["件名", "題"],
        &["組織", "関野市"],
        &["日付", "２０２６年４月１日"],
        &["作成者", "係"],
        &["架空の例", "たぶん"],
        &["試行の数", "1万"],
    ];
    sheet("基本情報", basics);
    let constraints: &[&[&str]] = &[
        &["理由", "値", "条件", "見る項目", "軸", "id"],
        &["例", "1", "以上", "文脈長", "性能", "（記入例）x"],
        &["理由", "たくさん", "以上", "文脈長", "性能", "a"],
        &["理由", "公開重み、紙", "いずれかである", "提供形態", "統制", "b"],
    ];
    sheet("必須要件", constraints);
    let criteria: &[&[&str]] = &[
        &["id", "軸", "見る項目", "良い方向", "理由", "重みの下限"],
        &["c", "コスト", "入力の単価", "小さいほど良い", "", "0.5"],
    ];
    sheet("評価項目", criteria);
    let folder = folder(&[("r.xlsx", &book.save_to_buffer().unwrap())]);
    check_refusal(
        &sekisho_in(folder.path(), &["plan", "choose", "r.xlsx"]),
        &expect![[r#"
        error[SK0303]: 要件ファイルに問題が6件あります
          原因: シート「基本情報」のセルB6 fictional: 値の型が違います（文字列）。true または falseを書いてください
          原因: シート「必須要件」のセルB3 constraint[1].value: 値の型が違います（文字列）。数を書いてください
          原因: シート「必須要件」のセルE4 constraint[2].axis: 「統制」は使えません。次のいずれかにしてください: sovereignty performance cost control
          原因: シート「必須要件」のセルB4 constraint[2].values[2]: 「紙」は使えません。次のいずれかにしてください: open_weights api on_prem private_cloud internal_only marketplace
          原因: シート「評価項目」のセルE2 criterion[1].why: 必要な項目がありません。書き加えてください
          原因: シート「評価項目」のセルA2 criterion[1].weight.high: 必要な項目がありません。書き加えてください
          hint: 上の問題をすべて直してください。ひな型は `sekisho plan template` で出力できます
    "#]],
    );
}

#[test]
fn the_template_can_be_used_as_it_is() {
    for lang in ["ja", "en"] {
        let template = sekisho(&["plan", "template", "--lang", lang]);
        assert_eq!(template.status, 0);
        let answer = choose(&template.stdout.replace("count = 10000", "count = 100"), &["--lang", lang]);
        assert_eq!(answer.status, 0, "{}", answer.stderr);
    }
}
