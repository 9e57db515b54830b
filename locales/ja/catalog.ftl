## モデルの一覧
models-id = id
models-name = 名称
models-params = パラメータ数
models-context = 文脈長
models-licence = ライセンス
models-commercial = 商用利用
models-access = 提供形態
models-verdict = 判定
models-match = 該当
models-no-match = 対象外
models-comparison = （比較用）
models-counts = 該当 { $yes }件、確認要 { $unknown }件、対象外 { $no }件。確認要は、値が未指定のため判定していないものです。
models-legend = △ は、異なる記載または注意のある値です。`sekisho catalog model ID` で両方の記載と出典を確認できます。

compare-field = 項目

## 記載
claim-class = 分類
claim-entry = id
claim-name = 名称
claim-field = 項目
claim-value = 値
claim-printed = 出典での表記
claim-unit = 単位
claim-scale = 尺度
claim-as-of = 時点
claim-date-kind = 日付の種類
claim-kind = 値の種類
claim-status = 検証状況
claim-voice = 記載者
claim-source = 出典
claim-locator = 箇所・計算方法
claim-fact = 事実番号
claim-line = レポートの行
claim-cites = 引用番号
claim-tier = 価格区分
claim-benchmark = ベンチマーク
claim-part = 対象部分
claim-harness = 評価プログラム
claim-version = 版
claim-composition = 構成
claim-judge = 判定者
claim-checked-against = 照合した資料
claim-against = 相違・補足する事実
claim-note = 備考
claim-cited-page = 引用先
claim-mismatch = 引用先との不一致
claim-place = データの場所
entry-silent = 未指定（{ $source }）: { $fields }
entry-legend = 同じ項目に並ぶ記載は、どれも消さずに示しています。

relation-series = 系列
relation-organisation = 組織
relation-model = モデル
relation-product = 製品

products-id = id
products-name = 名称
products-by = 提供者
products-models = モデル
products-access = 提供形態

gpus-name = 名称
gpus-note = 備考

sources-id = id
sources-name = 名称
sources-kind = 種類
sources-references = 参照番号
sources-claims = 記載数
sources-url = URL
sources-legend = × は、引用先の内容が引用元と対応しない参照です。
sources-cited-for = この参照を引用している事実:
sources-citation = 記述への引用
sources-on-entity = 名称「{ $entity }」({ $line }行目)への脚注
sources-line = 参照一覧{ $line }行目
sources-no-reference = 参照番号 { $number } はありません
sources-hint = 参照番号は R1 から R87 までです
source-vendor = 提供者
source-government = 政府・公的機関
source-industry = 業界団体
source-model_page = モデルの配布ページ
source-third_party = 第三者
source-media = 報道
source-paper = 論文
source-community = 有志の資料
source-own = Sekisho

## 事実
facts-fact = 番号
facts-line = 行
facts-entry = 対象
facts-field = 項目
facts-value = 値
facts-voice = 記載者
facts-status = 検証状況・出典
facts-count = { $count }件
fact-missing = 事実 { $number } はありません
fact-hint = 番号は F001 から F428 までです。`sekisho catalog facts 語` で探せます
fact-beside = 並ぶ記載

## 導入事例
adoptions-organisation = 組織
adoptions-organisations = 組織
adoptions-voice = 記載者
adoptions-count = 件数
adoptions-counts = { $count }件（うち確認要 { $unknown }件）

## 評価スコア
scores-heading = { $name }（{ $part }、尺度 { $scale }、版 { $version }）
scores-unstated = 出典に記載のない条件
scores-model = モデル
scores-score = スコア
scores-fact = 記載者
scores-not-comparable = ※ { $name } の表どうしは比較できません。{ $reasons } が違うためです。値の換算はしません。
scores-without = 公表スコアの記載がないもの: { $names }
difference-scale = 尺度
difference-part = 対象部分
difference-harness = 評価プログラム
difference-version = 版
difference-composition = 構成
difference-judge = 判定者

## 価格
prices-offer = 提供
prices-field = 項目
prices-value = 価格
prices-unit = 単位
prices-tier = 区分
prices-context = 入力長
prices-as-of = 時点
prices-voice = 記載者
prices-status = 検証状況
prices-legend = 通貨は換算していません。未指定の価格は比較に使いません。
tier-standard = 標準
tier-batch = 一括処理
tier-cached = キャッシュ
tier-all = すべて
tier-priority = 優先

## 時系列
timeline-date = 日付
timeline-kind = 種類
timeline-what = 出来事
timeline-voice = 記載者
timeline-status = 検証状況
timeline-hint = `--releases` でモデルの公開・提供開始も示します
timeline-hint-date = 2025、2025-10、2025-10-20 のように書いてください

## 書き出し
export-xlsx-needs-file = XLSXは標準出力に出せません
export-hint-file = `--out catalog.xlsx` のように書き出し先を指定してください

## 点検
catalog-has-problems = 警告: データファイルに { $count }件の問題があります。`sekisho catalog check` で確認してください。
check-size = { $entries }件の項目、{ $claims }件の記載を調べました。
check-clean = 問題はありません。
check-found = { $count }件の問題があります
check-hint = 示した行を直してから、もう一度 `sekisho catalog check` を実行してください

problem-unreadable = 読み込めません（{ $cause }）。ファイルの権限と文字コード（UTF-8）を確認してください
problem-too-long = 長すぎます（上限 { $max } バイト）。ファイルを分けてください
problem-syntax = TOMLとして読めません（{ $message }）。引用符・括弧・等号を確認してください
problem-unknown-key = 「{ $key }」という項目名はありません。綴りを確認するか、削除してください
problem-missing-key = 「{ $key }」がありません。追加してください
problem-wrong-type = 「{ $key }」の型が違います（必要: { $expected }、実際: { $found }）
problem-not-one-of = 「{ $key }」に「{ $found }」は使えません。次から選んでください: { $allowed }
problem-unknown-class = フォルダー「{ $folder }」は分類ではありません。model、adoption などのフォルダーに置いてください
problem-id-differs = id「{ $id }」とファイル名が違います。どちらかに合わせてください
problem-duplicate = { $what }「{ $id }」が二度あります（最初: { $first }）。一つにしてください
problem-no-such-entry = { $what }「{ $id }」がありません。綴りを確認するか、ファイルを追加してください
problem-undefined-field = 分類 { $class } に項目「{ $field }」は定義されていません。綴りを確認するか、fields.toml に定義してください
problem-no-source = 「{ $field }」に出典がありません。source = ["..."] を加えてください
problem-score-tag = スコア「{ $field }」に score = {"{"} benchmark, part, harness, version, composition, judge {"}"} がありません。不明なものは未指定としてください
problem-price-tag = 価格「{ $field }」に price = {"{"} currency, service_tier, context_tier {"}"} がありません。不明なものは未指定としてください
problem-date-kind = 日付「{ $field }」に date_kind がありません（announced offered started published updated unstated）
problem-unit = 数値「{ $field }」に unit がありません
problem-bad-date = 「{ $found }」は日付として読めません。2025、2025-10、2025-10-20 のように書いてください
problem-outside-scale = 値 { $value } は尺度 { $scale } の外です。値か scale を確認してください
