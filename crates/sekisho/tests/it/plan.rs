//! `sekisho plan`.

use std::fs;

use expect_test::expect;

use crate::run::{json, sekisho};

#[test]
fn the_preset_shows_where_the_printed_figure_differs() {
    let answer = sekisho(&["plan", "size", "--preset", "ntt-2025-10-20"]);
    expect![[r#"
        重み 8ビットの大きさを 40.0 GB のGPU（1枚 5,000,000円）で割り、切り上げる計算です。KVキャッシュ・サーバー・電力・人件費は含みません。
        行                            パラメータ数      重み  GPU枚数  計算（円）  資料の値（円）  事実                 備考
        ────────────────────────────  ────────────  ────────  ───────  ──────────  ──────────────  ───────────────────  ────────────────────────────────
        tsuzumi 2（30B）                       30B   30.0 GB        1   5,000,000       5,000,000  F018 F019 F288 F289
        400B級（Llama-4想定）                 400B  400.0 GB       10  50,000,000      50,000,000  F020 F290 F291
        700B級（DeepSeek-v3.1想定）           700B  700.0 GB       18  90,000,000     100,000,000  F021 F292 F293       △ 資料の「約」の値と計算が異なる
        DeepSeek-V3.1（公開値 671B）          671B  671.0 GB       17  85,000,000        記載なし  F292
        出典: NTT 2025-10-20 資料（ベンダー試算）。10〜20倍の差は、この金額どうしの割り算です。
    "#]].assert_eq(&answer.stdout);
    assert_eq!(answer.status, 0);
}

#[test]
fn a_model_without_a_shape_gets_bounds_with_their_reason() {
    let answer = sekisho(&["plan", "size", "tsuzumi-2", "--quant", "INT8", "--gpu", "a100-40gb"]);
    expect![[r#"
        tsuzumi 2 (30B) — 重み INT8、KV f16、文脈長 8192トークン、同時 4系列、vllm
        内訳                       大きさ  計算
        ────────────  ───────────────────  ──────────────────────────────────────────────────────────────────────────────────
        重み                      30.0 GB  30Bパラメータ × 8.00ビット
        KVキャッシュ    2.7 GB 〜 58.7 GB  1トークンあたり 83.7 kB 〜 1.8 MB
        エンジン        1.9 GB 〜 12.2 GB  GPU1枚あたりの実測例（vllm-project/vllm issues 15783 and 21489 (read 2026-11-23)）
        合計          34.7 GB 〜 100.9 GB  GPU1枚に載せる場合

        GPU                 枚数  判定    1枚のメモリー                               最大の要素    同時系列  生成（1系列）  生成（合計）  入力の読取り
        ──────────────────  ────  ──────  ──────────────────────────────────────────  ────────────  ────────  ─────────────  ────────────  ────────────
        A100-40GB SXM/PCIe  1〜4  ○ 入る  │████████▓▒▒░░░░░░░░░░░░░░░░░░░░░░░······│  KVキャッシュ    4〜154        65〜189      130〜707   6240〜12480

        ・形状が未指定のため、KVキャッシュは近い規模の Tanuki-8x8B-dpo-v1.0（最小）と LLM-jp-3 13B（最大）から換算した範囲です。正確な値は提供者に層数・KVヘッド数・ヘッド次元を確認してください。
        ・文脈長の公表値がありません。
        ・エンジンの使用量は実測例の範囲です。同じエンジンとGPUで一度読み込むと確定できます。
    "#]].assert_eq(&answer.stdout);
}

#[test]
fn nothing_published_is_a_question_to_the_vendor() {
    let answer = sekisho(&["plan", "size", "cotomi-v3"]);
    expect![[r#"
        error[SK0302]: cotomi v3 の大きさは見積もれません
          原因: パラメータ数が公表されていません
          hint: 提供者にパラメータ数を確認し、`--params 30B` のように指定してください
    "#]]
    .assert_eq(&answer.stderr);
    assert_eq!(answer.status, 1);
}

#[test]
fn every_model_is_sized_or_says_why_not() {
    let models = json(&["catalog", "models"]);
    let (mut sized, mut silent) = (0, 0);
    for row in models.as_array().unwrap() {
        let id = row["model"]["id"].as_str().unwrap();
        let answer = sekisho(&["--json", "plan", "size", id, "--gpu", "h100"]);
        match answer.status {
            0 => {
                let plan: serde_json::Value = serde_json::from_str(&answer.stdout).unwrap();
                let bytes = |part: &str, end: &str| plan[part][end].as_u64().unwrap();
                assert!(
                    bytes("weights", "low") > 0 && bytes("weights", "low") <= bytes("weights", "high"),
                    "{id}"
                );
                assert!(bytes("kv", "low") <= bytes("kv", "high"), "{id}");
                assert!(!plan["reasons"].as_array().unwrap().is_empty(), "{id}");
                sized += 1;
            }
            1 => {
                assert!(answer.stderr.starts_with("error[SK0302]"), "{id}: {}", answer.stderr);
                silent += 1;
            }
            other => panic!("{id}: status {other}: {}", answer.stderr),
        }
    }
    assert_eq!(sized + silent, 66);
    assert!(sized >= 50, "{sized} sized, {silent} silent");
}

#[test]
fn hostile_model_files_are_refused_with_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in [
        ("empty.gguf", &b""[..]),
        ("text.gguf", b"this is no model"),
        ("huge.gguf", b"GGUF\x03\0\0\0\xff\xff\xff\xff\xff\xff\xff\x7f\xff\xff\xff\xff\xff\xff\xff\x7f"),
        ("long.safetensors", b"\xff\xff\xff\xff\xff\xff\xff\xff{}"),
    ] {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        let answer = sekisho(&["plan", "size", "--file", path.to_str().unwrap()]);
        assert_eq!(answer.status, 1, "{name}");
        assert!(
            answer.stderr.starts_with("error[SK0301]") && answer.stderr.contains("hint:"),
            "{}",
            answer.stderr
        );
    }
    assert_eq!(sekisho(&["plan", "size", "--file", "/no/such/model.gguf"]).status, 1);
}

#[test]
fn a_real_model_file_is_read_exactly() {
    let folder = format!("{}/../../../shared/models/check-ja-6m", env!("CARGO_MANIFEST_DIR"));
    if !std::path::Path::new(&folder).is_dir() {
        println!("skipped: {folder} is not here");
        return;
    }
    let gguf = format!("{folder}/check-ja-6m.F16.gguf");
    let plan = json(&["plan", "size", "--file", &gguf, "--context", "2048", "--concurrency", "1"]);
    assert_eq!(plan["weights"]["high"], 13_546_496);
    assert_eq!(plan["weights"]["low"], plan["weights"]["high"]);
    assert_eq!(plan["kv_per_token"]["high"], 3_072);
}

#[test]
fn one_command_shows_what_a_price_conflict_does_to_the_break_even() {
    let answer = sekisho(&["--lang", "en", "plan", "cost", "--preset", "minimal", "--offer", "opus"]);
    assert_eq!(answer.status, 0, "{}", answer.stderr);
    let shown = &answer.stdout[answer.stdout.find("Break-even with APIs").unwrap()..];
    expect![[r#"
        Break-even with APIs (million tokens a month, input and output together)
        model                      who says so              tier         input/1M  output/1M  yen/1M (mixed)        break-even  verdict              lacks
        ─────────────────────────  ───────────────────────  ───────────  ────────  ─────────  ──────────────  ────────────────  ───────────────────  ─────
        Anthropic Claude Opus 4.5  survey report F313 F314  undisclosed   2.5 USD   12.5 USD             750  318 (103〜1,616)  ？ capacity unknown
        Anthropic Claude Opus 4.5  public record            standard        5 USD     25 USD           1,500     159 (51〜808)  ？ capacity unknown
        Anthropic Claude Opus 4.5  public record            batch         2.5 USD   12.5 USD             750  318 (103〜1,616)  ？ capacity unknown
        Where sources disagree on a price, each has its own row. Where a price is undisclosed, nothing is compared.

        Sensitivity: Anthropic Claude Opus 4.5 (base 159 million tokens a month)
        item                           low  break-even moves                          high
        ─────────────────────────────  ───  ────────────────────────────────────────  ────
        Staff                          115    ████████┃████████████████████████        292
        Sources disagree on the price  159            ┃█████████████████████████████   318
        Input per output               106  ██████████┃█████████████                   233
        Cost per FTE                   137        ████┃████████                        203
        Redundancy                     159            ┃██████████                      215
        Exchange rate                  145         ███┃███                             177
        GPU price                      148          ██┃██                              170
        Server power                   155           █┃█                               166
        Electricity                    154           █┃█                               164
        Each row moves one item to both ends of its range. ┃ marks the base.
    "#]].assert_eq(shown);
}

/// The figures of an independent calculation, in million tokens a month.
#[test]
fn break_evens_agree_with_the_independent_calculation() {
    let answer = json(&["plan", "cost", "--preset", "minimal"]);
    let rows = answer["comparison"]["rows"].as_array().unwrap();
    for (offer, by_report, context, expected) in [
        ("openai-gpt-5.2", false, "", 330.0),
        ("google-gemini-3.1-pro-preview", false, "<200k", 353.0),
        ("anthropic-claude-opus-4.5", false, "", 159.0),
        ("anthropic-claude-opus-4.5", true, "", 318.0),
    ] {
        let found = rows.iter().find(|row| {
            row["offer"] == offer
                && row["prices"]["by_report"] == by_report
                && row["prices"]["context_tier"] == context
                && row["prices"]["service_tier"] != "batch"
        });
        let tokens =
            &found.unwrap_or_else(|| panic!("{offer} is missing"))["tokens_per_month"]["value"]["value"];
        let millions = tokens.as_f64().unwrap_or_else(|| panic!("{offer}: {found:?}")) / 1e6;
        assert!((millions / expected - 1.0).abs() < 0.01, "{offer}: {millions}");
    }
}

#[test]
fn the_printed_assumptions_can_be_given_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cost.toml");
    fs::write(&path, sekisho(&["plan", "cost", "--print-assumptions"]).stdout).unwrap();
    let file = path.to_str().unwrap();
    assert_eq!(sekisho(&["plan", "cost", "--assumptions", file]).status, 0);
    fs::write(&path, "version = 1\n[power]\npue = \"high\"\ncolour = 3\n[weather]\nrain = 1\n").unwrap();
    let answer = sekisho(&["plan", "cost", "--assumptions", file]);
    expect![[r#"
        error[SK0305]: cost.toml に 3件の問題があります
          原因: cost.toml:3: power.pue — expected a number or "未指定"
          原因: cost.toml:4: power.colour — unknown assumption
          原因: cost.toml:5: weather — unknown table
          hint: 示した行を直してください。項目名と単位は `sekisho plan cost --print-assumptions` で確認できます
    "#]].assert_eq(&answer.stderr.replace(file, "cost.toml"));
    assert_eq!(answer.status, 1);
}
