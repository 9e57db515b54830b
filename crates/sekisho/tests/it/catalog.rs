//! `sekisho catalog`.

use std::{fs, path::Path};

use expect_test::{Expect, expect};

use crate::run::{json, sekisho};

/// Checks both streams and the exit status of a call.
fn check(arguments: &[&str], expected: &Expect) {
    let answer = sekisho(arguments);
    expected
        .assert_eq(&format!("{}--- stderr\n{}--- status {}\n", answer.stdout, answer.stderr, answer.status));
}

#[test]
fn a_disputed_fact_shows_both_sides() {
    check(
        &["catalog", "facts", "--status", "conflict", "--line", "87"],
        &expect![[r#"
            番号  行   対象      項目           値                                                  記載者        検証状況・出典
            ────  ───  ────────  ─────────────  ──────────────────────────────────────────────────  ────────────  ─────────────────────────────────────
            F227  L87  中国電力  導入目的       問い合わせ対応（RAGを含む社内業務）                 調査レポート  × 公開情報と相違
            └                                   資料作成・確認業務（電力業務特化LLM）               公開情報      plus-web3 7474 (2026-01-26発表の記事)
            F232  L87  中国電力  使用LLM・方式  tsuzumi 2                                           調査レポート  × 公開情報と相違・出典が対応しない
            └                                   tsuzumi 2を自社の文書で追加学習した電力業務特化LLM  公開情報      plus-web3 7474 (2026-01-26発表の記事)
            --- stderr
            2件
            --- status 0
        "#]],
    );
}

#[test]
fn every_fact_number_can_be_typed() {
    let numbers: Vec<String> = (1..=428).map(|number| format!("F{number:03}")).collect();
    let mut arguments = vec!["catalog", "fact"];
    arguments.extend(numbers.iter().map(String::as_str));
    let rows = json(&arguments);
    assert_eq!(rows.as_array().unwrap().len(), 428);
    for (row, number) in rows.as_array().unwrap().iter().zip(&numbers) {
        assert_eq!(row["fact"].as_str(), Some(number.as_str()));
        assert!(row["status"].as_array().is_some_and(|status| !status.is_empty()));
    }
}

#[test]
fn every_reference_number_can_be_typed() {
    for number in [1, 52, 87] {
        let row = json(&["catalog", "sources", &format!("R{number}")]);
        assert_eq!(row["reference"]["number"], number);
        assert!(row["source"]["url"].as_str().is_some());
    }
    check(
        &["catalog", "sources", "R88"],
        &expect![[r"
            --- stderr
            error[SK0101]: 参照番号 R88 はありません
              hint: 参照番号は R1 から R87 までです
            --- status 1
        "]],
    );
}

/// Every model is in exactly one of the three groups, whatever the filter: nothing is dropped silently.
#[test]
fn a_filter_on_an_unknown_value_asks() {
    let filters: &[&[&str]] = &[
        &["--open-weights"],
        &["--commercial"],
        &["--max-params", "10B"],
        &["--min-context", "32k", "--on-prem"],
        &["--api", "--commercial", "--min-params", "1B"],
    ];
    for filter in filters {
        let rows = json(&[&["catalog", "models"], *filter].concat());
        let rows = rows.as_array().unwrap();
        assert_eq!(rows.len(), 66, "{filter:?}");
        for row in rows {
            let (verdict, unknown) =
                (row["verdict"].as_str().unwrap(), row["to_confirm"].as_array().unwrap());
            assert_eq!(
                verdict == "unknown",
                !unknown.is_empty() && row["against"].as_array().unwrap().is_empty()
            );
        }
    }
    let answer = sekisho(&["catalog", "models", "tsuzumi-2", "--min-context", "32k"]);
    assert!(answer.stdout.contains("？ 確認要: 文脈長"), "{}", answer.stdout);
    assert!(answer.stderr.contains("該当 0件、確認要 1件、対象外 65件"), "{}", answer.stderr);
}

#[test]
fn scales_are_never_mixed() {
    check(
        &["--lang", "en", "catalog", "benchmarks", "jglue"],
        &expect![[r#"
            JGLUE (JSQuAD, scale 0-1, version undisclosed)
              conditions that the sources do not state: harness, version, composition, judge
            model          score  who says so         status
            ─────────────  ─────  ──────────────────  ───────────────────────────────
            Takane (base)   0.93  survey report F280  △ more exact information exists

            JGLUE (average, scale 0-100, version Nejumi v1相当)
              conditions that the sources do not state: composition, judge
            model                 score  who says so         status
            ────────────────────  ─────  ──────────────────  ────────────────
            Tanuki-8x8B-dpo-v1.0     76  survey report F159  △ mind the scale

            JGLUE (average, scale 0-1, version undisclosed)
              conditions that the sources do not state: harness, version, composition, judge
            model          score  who says so         status
            ─────────────  ─────  ──────────────────  ────────────────
            Takane (base)   0.92  survey report F098  △ mind the scale
            Takane (base)   0.92  survey report F279  ？ not checked

            Note: the tables of JGLUE cannot be compared, for they differ in scale, part, harness, version. Values are never converted.
            --- stderr
            --- status 0
        "#]],
    );
}

#[test]
fn errors_say_what_to_do() {
    check(
        &["catalog", "models", "--max-params", "10円"],
        &expect![[r"
            --- stderr
            error[SK0103]: --max-params の値「10円」は数として読めません
              原因: 「円」は数に使えません
              hint: 10B、1.5B、130億、32k のように書いてください
            --- status 1
        "]],
    );
    check(
        &["--lang", "en", "catalog", "model", "sarashina2.2-9b"],
        &expect![[r#"
            --- stderr
            error[SK0101]: Models: nothing is called "sarashina2.2-9b"
              hint: near: sarashina2.2-0.5b, sarashina2.2-1b, sarashina2.2-3b, sarashina2.2-vision-3b
            --- status 1
        "#]],
    );
    check(
        &["catalog", "modls"],
        &expect![[r"
            --- stderr
            error[SK0002]: 「modls」という命令はありません
              hint: もしかして: model models
            --- status 1
        "]],
    );
}

const BAD: &str = r#"version = 1
id = "other"
name = { ja = "悪い例", en = "A bad example" }
colour = "red"

[[claim]]
field = "layers"
value = "many"
kind = "published"
status = ["confirmed"]
source = ["nowhere"]

[[claim]]
field = "licence"
value = "MIT"
kind = "rumour"
status = []

[[claim]]
field = "no_such_field"
value = true
kind = "published"
status = ["perhaps"]
source = ["survey"]
fact = "F001"

[[claim]]
field = "score"
value = 3
kind = "published"
status = ["not_checked"]
source = ["survey"]
"#;

#[test]
fn a_planted_bad_file_gives_every_problem_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "model/bad.toml", BAD);
    write(folder.path(), "model/broken.toml", "id = \nname = [\n");
    write(
        folder.path(),
        "model/newer.toml",
        "version = 2\nid = \"newer\"\nname = { ja = \"新\", en = \"New\" }\n",
    );
    write(folder.path(), "weather/rain.toml", "id = \"rain\"\n");
    let answer = sekisho(&["--catalog", folder.path().to_str().unwrap(), "catalog", "check"]);
    let shown = answer.stdout.replace(folder.path().to_str().unwrap(), "DIR");
    expect![[r#"
        DIR/model/bad.toml:1: id「other」とファイル名が違います。どちらかに合わせてください
        DIR/model/bad.toml:4: 「colour」という項目名はありません。綴りを確認するか、削除してください
        DIR/model/bad.toml:6: 「value」の型が違います（必要: integer of at least 0、実際: many）
        DIR/model/bad.toml:6: source「nowhere」がありません。綴りを確認するか、ファイルを追加してください
        DIR/model/bad.toml:13: 「status」がありません。追加してください
        DIR/model/bad.toml:13: 「licence」に出典がありません。source = ["..."] を加えてください
        DIR/model/bad.toml:16: 「kind」に「rumour」は使えません。次から選んでください: published derived vendor_estimate estimate unverified assumption
        DIR/model/bad.toml:19: 「status」に「perhaps」は使えません。次から選んでください: confirmed refinable conflict citation_mismatch citation_partial internal_inconsistency superseded scale_trap date_two_kinds uncited not_verifiable not_checked
        DIR/model/bad.toml:19: fact「F001」が二度あります（最初: data/catalog/topic/survey-report.toml:5）。一つにしてください
        DIR/model/bad.toml:19: 分類 model に項目「no_such_field」は定義されていません。綴りを確認するか、fields.toml に定義してください
        DIR/model/bad.toml:21: 「value」の型が違います（必要: string or finite number、実際: boolean）
        DIR/model/bad.toml:27: スコア「score」に score = { benchmark, part, harness, version, composition, judge } がありません。不明なものは未指定としてください
        DIR/model/bad.toml:27: 数値「score」に unit がありません
        DIR/model/broken.toml:1: TOMLとして読めません（string values must be quoted, expected literal string）。引用符・括弧・等号を確認してください
        DIR/model/broken.toml:1: 「name」がありません。追加してください
        DIR/model/broken.toml:1: 「version」がありません。追加してください
        DIR/model/broken.toml:2: TOMLとして読めません（unclosed array, expected `]`）。引用符・括弧・等号を確認してください
        DIR/model/broken.toml:2: 「name」の型が違います（必要: table、実際: array）
        DIR/model/newer.toml:1: 「version」に「2」は使えません。次から選んでください: 1
        DIR/weather/rain.toml:0: フォルダー「weather」は分類ではありません。model、adoption などのフォルダーに置いてください
    "#]].assert_eq(&shown);
    assert_eq!(answer.status, 1);
}

fn write(folder: &Path, file: &str, text: &str) {
    let path = folder.join(file);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

#[test]
fn the_organisations_own_facts_stand_beside_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let own = r#"version = 1
id = "tsuzumi-2"
name = { ja = "tsuzumi 2", en = "tsuzumi 2" }

[[claim]]
field = "context"
value = 32768
kind = "published"
status = ["not_checked"]
source = ["vendor-answer"]
as_of = "2026-04-01"
"#;
    let source = r#"version = 1
id = "vendor-answer"
name = { ja = "ベンダー回答（架空）", en = "Answer of the vendor (fictional)" }
source_kind = "vendor"
"#;
    write(folder.path(), "model/tsuzumi-2.toml", own);
    write(folder.path(), "source/vendor-answer.toml", source);
    let catalog = folder.path().to_str().unwrap();
    let checked = sekisho(&["--catalog", catalog, "catalog", "check"]);
    assert_eq!((checked.status, checked.stdout.as_str()), (0, ""));
    let rows = json(&["--catalog", catalog, "catalog", "models", "tsuzumi-2", "--min-context", "32k"]);
    let found = rows.as_array().unwrap().iter().find(|row| row["model"]["id"] == "tsuzumi-2").unwrap();
    assert_eq!(found["verdict"], "yes");
    let claims = found["model"]["claims"].as_array().unwrap();
    let contexts: Vec<_> = claims.iter().filter(|claim| claim["field"] == "context").collect();
    assert_eq!(contexts.len(), 2, "the undisclosed claim of the public record stays");
}

#[test]
fn exports_hold_every_claim() {
    let folder = tempfile::tempdir().unwrap();
    let out = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let entries = json(&["catalog", "export", "--format", "json"]);
    let count: usize =
        entries.as_array().unwrap().iter().map(|entry| entry["claims"].as_array().unwrap().len()).sum();
    let csv = sekisho(&["catalog", "export", "--format", "csv"]).stdout;
    assert!(csv.starts_with("\u{feff}class,entry,name,field,value,"));
    assert!(csv.lines().count() > count, "{} rows for {count} claims", csv.lines().count());
    let xlsx = out("catalog.xlsx");
    assert_eq!(sekisho(&["catalog", "export", "--format", "xlsx", "--out", &xlsx]).status, 0);
    assert!(fs::read(&xlsx).unwrap().starts_with(b"PK"));
    check(
        &["catalog", "export", "--format", "xlsx"],
        &expect![[r"
            --- stderr
            error[SK0002]: XLSXは標準出力に出せません
              hint: `--out catalog.xlsx` のように書き出し先を指定してください
            --- status 1
        "]],
    );
    let nowhere = "/proc/nowhere/catalog.csv";
    assert_eq!(sekisho(&["catalog", "export", "--format", "csv", "--out", nowhere]).status, 1);
}

#[test]
fn completions_name_the_commands() {
    let bash = sekisho(&["completions", "bash"]);
    assert!(bash.stdout.contains("--min-context") && bash.status == 0);
}
