## ページの枠
html-skip = 本文へ移動
html-contents = 目次
html-top = 本文の先頭へ
html-footer = この文書は関所（Sekisho）が目録から作成しました。外部への通信もスクリプトもありません。
html-open = （
html-close = ）
html-colon = ：

## 図の枠
chart-unit = 単位：
chart-period = 時点：
chart-source = 出典：
chart-data = 図のデータを表で見る

## 見出し
report-title = 国産LLMの採用状況
report-lead = 基準日：{ $date }
report-lead-origin = 調査レポートの内容を、関所（Sekisho）の目録から作り直した文書です。値は事実番号（F）と出典（R、S）につながり、公開情報と食い違うものは両方を並べます。
report-summary-title = 要約
report-axes-title = 四つの判断軸
report-method-title = 調査の範囲と方法
report-models-title = 国産LLMの一覧
report-adoptions-title = 導入事例
report-timeline-title = 時系列
report-benchmarks-title = 日本語性能の指標
report-requirements-title = 推論の要件と費用
report-controls-title = セキュリティと統制
report-prices-title = 価格と海外LLMとの比較
report-business-title = 事業モデル
report-barriers-title = 採用の障壁
report-outlook-title = 見通し
report-recommendations-title = 推奨事項
report-disputes-title = 相違、未確認、推定、仮定
report-sources-title = 出典
report-facts-title = 事実一覧

## 表の列
report-column-about = 対象
report-column-field = 項目
report-column-value = 値
report-column-kind = 値の種類
report-column-status = 検証状況
report-column-note = 備考
report-column-count = 件数
report-column-model = モデル
report-column-series = 系列
report-column-organisation = 導入組織
report-column-cites = 参照
report-column-date = 日付
report-column-date-kind = 日付の種類
report-column-voice = 情報の出所
report-column-benchmark = ベンチマーク
report-column-part = 部分
report-column-scale = 尺度
report-column-harness = 評価プログラム
report-column-version = 版
report-column-composition = 構成
report-column-judge = 採点者
report-column-as-of = 時点
report-column-offer = 提供
report-column-price = 価格
report-column-unit = 単位
report-column-service-tier = サービス区分
report-column-context-tier = 入力長の区分
report-column-fact = 番号
report-column-reference = 参照番号
report-column-source = 出典
report-column-address = アドレス
report-column-use = 使われ方
report-column-mismatch = 不一致
report-column-facts = 引用する事実
report-column-source-number = 番号
report-column-source-kind = 種類
report-column-references = 参照番号

## 要約
report-summary-counts = この文書は{ $facts }の事実、{ $models }のモデル、{ $adoptions }の導入事例、{ $sources }の出典からできています。
report-summary-use = 企業の言語系生成AIの導入（準備中を含む）は{ $rate }で、導入済み企業の{ $share }が効果ありと答えています。課題は{ $challenge }です。
report-summary-growth = 国産LLMの採用が伸びやすいのは{ $domains }です。背景は{ $drivers }です。
report-summary-axes = 採用を決める軸は四つあります。{ $one }、{ $two }、{ $three }、{ $four }です。
report-summary-ministry = 中央省庁のパブリックコメント業務の実証（{ $year }年）では、{ $characters }の分類と要約が{ $minutes }で終わり、条文の特定は{ $share }でした。
report-summary-gpu = NTTは、{ $size }のモデルなら推論は{ $count }で足り、費用は{ $small }、400B級は{ $middle }、700B級は{ $large }と試算しています。比は{ $ratio }です。いずれもベンダーの試算で、重みだけの計算です。
report-summary-orders = NTTの国内相談は{ $enquiries }、国内と海外の受注は{ $orders }です。範囲が違うため、割って成約率にはできません。{ $period }。
report-summary-share = 国産LLMの公的なシェア統計は{ $statistics }、採用割合の統計は{ $rate }とされ、{ $method }とされています。
report-summary-price = Claude Opus 4.5の入力価格は、調査レポートでは{ $survey }、公開情報の標準価格では{ $public }です。
report-summary-chugoku = 中国電力の目的は、調査レポートでは{ $survey }、公開情報では{ $public }です。
report-verdict-pass = 確認済み
report-verdict-mask = 条件付き
report-verdict-refuse = 相違・不一致
report-verdict-unknown = 検証できない
report-verdict-unchecked = 未検証
report-checks-title = 調査レポートの事実{ $all }のうち、確認済みは{ $pass }、相違・不一致は{ $refuse }、未検証は{ $unchecked }
report-checks-note = 一つの事実に複数の検証結果があるときは、最も重いものを数えています。未検証は、誤りという意味ではありません。
report-checks-caption = 検証状況ごとの事実の件数
report-reading = 値の後ろの記号が検証状況です。値を押すと事実一覧または出典に移ります。未公表の扱いの原則：{ $rule }。
report-legend-pass = 引用された出典のほかにも、同じ内容の資料があります
report-legend-mask = 値は使えますが、断りが要ります
report-legend-refuse = そのままでは使えません
report-legend-unknown = 公開されている資料では確かめられません
report-legend-unchecked = まだ誰も確かめていません
report-legend-undisclosed = 公表されていない値です。0でも空白でもなく、推測もしません。図では中が空の棒で示します。

## 判断軸
report-axes-see = { "関連する章：" }
report-axes-note = 推奨事項では軸の名前が異なります：{ $other }。

## 記述の表
report-statements-caption = 調査レポートの記述。公開情報に別の値があるものは両方を示します。

## モデル
report-models-survey-title = 調査レポートの一覧
report-models-survey-lead = 調査レポートが主要とした{ $count }の系列・モデルです。選定の基準：{ $basis }。
report-models-survey-caption = 主要な国産LLM（調査レポートの表）
report-models-all-title = 目録の全モデル
report-models-all-lead = 目録にある{ $count }のモデルです。うち{ $compared }は比較のための海外モデルです。{ $undisclosed }。
report-models-all-caption = 目録の全モデル：ライセンスと利用条件は別の欄です。値が食い違うものは両方を示します。
report-comparison = 比較用
report-no-claim = 記載なし
report-no-series = 系列なし

## 導入事例
report-adoptions-lead = 公表された{ $count }の事例です。採用割合を示す統計は{ $caveat }ため、件数は普及率ではありません。
report-adoptions-caption = 導入事例（公表された範囲）
report-adoptions-rest-title = そのほかの公表値
report-adoptions-patterns-title = 採用の型
report-counts-title = 業界、実行環境、導入形態ごとの件数
report-counts-finding = { $field }：最も多いのは{ $label }で、{ $total }のうち{ $count }
report-counts-note = 公表された事例の数で、市場の割合ではありません。公開情報で分かったものは、斜線の棒に分けて示します。
report-counts-caption = 件数
report-counts-both = 公開情報を反映

## 時系列
report-timeline-lead = 調査レポートの年表にある{ $count }の出来事を日付順に並べました。年表の根拠は{ $basis }とされています。
report-timeline-moved = 調査レポートの年表では{ $first }が{ $second }より前に並んでいます。ここでは日付順に直しました。
report-events-finding = 年表の{ $count }の出来事は{ $first }から{ $last }まで
report-events-caption = 年表の出来事
report-timeline-precision = 線の幅は、月または年までしか分からない日付の範囲です。
report-releases-finding = 日付の分かる{ $models }の国産モデルを、{ $series }の系列に分けて並べた
report-releases-note = 一つのモデルに種類の違う日付があれば、それぞれ示します。同じ日のモデルは一つの記号にまとめました。
report-releases-caption = 国産モデルの公開・提供開始日
report-years = { $from }年から{ $to }年

## ベンチマーク
report-benchmarks-lead = 評価は{ $trend }に向かっています。図は、ベンチマークと尺度ごとに分けました。
report-scale-trap = JGLUEの値として、Takaneは{ $small }、tanuki-8x8bは{ $large }を公表しています。前者は0から1、後者は0から100の尺度で、後者はNejumi v1相当の設定です。課題の構成、例示の数、評価プログラムが公表されていないため、桁をそろえても比べられません。同じ軸には描きません。
report-scores-title = スコア
report-scores-caption = スコアと測り方
report-scores-rest-title = 図にできない値
report-scores-rest-caption = 満点や数値の公表がないもの
report-score-one = { $benchmark }（尺度 { $scale }）：値を公表しているのは{ $model }だけ
report-score-many = { $benchmark }（尺度 { $scale }）：{ $count }のモデルが値を公表。測り方が公表されていないため、順位は付けられない
report-score-others = そのほかの国産モデル
report-score-silent = そのほかの国産モデル{ $count }の値は未指定です。
report-score-note = 誤差の範囲は公表されていません。部分（総合、カテゴリーなど）が違う値は比べられません。
report-benchmarks-statements-title = 評価についての記述
report-part-average = 平均
report-part-overall = 総合
report-part-total = 合計
report-part-category = カテゴリー
report-part-category-A = カテゴリーA（名称の記載なし）
report-part-category-B = カテゴリーB（名称の記載なし）

## 推論の要件
report-requirements-lead = 容量の計算式は{ $rule }で、tsuzumi 2では{ $memory }とされています。{ $caveat }。
report-costs-finding = 推論用GPUの費用の試算は、30Bで{ $small }、400B級で{ $middle }、700B級で{ $large }。同じ計算規則なら700B級は{ $rule }
report-costs-note = 斜線はSekishoによる計算値です。試算は重みだけのGPU費用で、KVキャッシュ、筐体、電力、人件費を含みません。誤差の範囲は公表されていません。
report-costs-caption = 推論用GPUの費用

## 価格
report-prices-lead = 国産LLMの価格は{ $disclosure }とされています。比較の規則：{ $rule }。{ $exchange }。
report-prices-conflict = 調査レポートはClaude Opus 4.5を入力{ $in }、出力{ $out }としますが、公開情報の標準価格は入力{ $standard-in }、出力{ $standard-out }です。調査レポートの値は一括処理の価格（入力{ $batch-in }、出力{ $batch-out }）と同じです。
report-prices-standard-finding = 標準の価格：海外の{ $offers }は公表、国内の{ $silent }は未指定
report-prices-standard-note = ×の網掛けは、公開情報と食い違う調査レポートの値です。点線の枠は入力・出力とも未指定で、無料という意味ではありません。区分の記載がない調査レポートの値も、ここに示します。出所の名前がない棒は、調査レポートと公開情報が一致した値です。
report-prices-batch-finding = 一括処理の価格：公表は{ $offers }
report-prices-batch-note = 一括処理は即時の応答ではないため、標準の価格とは比べられません。
report-prices-cached-finding = キャッシュ済み入力の価格：公表は{ $offers }
report-prices-cached-note = 前と同じ入力を再利用した部分だけの価格です。標準の価格とは比べられません。
report-prices-caption = APIの価格一覧
report-prices-part-caption = 図に示した価格
report-prices-statements-title = 価格と海外LLMについての記述
report-tier-standard = 標準
report-tier-batch = 一括処理
report-tier-cached = キャッシュ
report-tier-priority = 優先
report-tier-all = すべて

## 障壁と推奨
report-barriers-lead = 導入は{ $rate }に達しましたが、課題は{ $challenge }で、{ $bottleneck }とされています。
report-recommendations-note = 調査レポートの推奨です。判断は、読む組織が自らの要件で行ってください。

## 相違と未確認
report-disputes-lead = 調査レポートの値を書き換えず、食い違う値を横に並べます。どちらが正しいかは、出典を見て判断してください。
report-disputes-conflict-title = 公開情報と相違
report-disputes-conflict-lead = 公開情報が別の値を示すか、その後変わったものは{ $count }です。
report-disputes-citation-title = 出典が対応しない、または出典がない
report-disputes-citation-lead = 引用した先に記述がない、一部しかない、または確かめられないものは{ $count }です。
report-disputes-inconsistency-title = 資料内の不一致
report-disputes-inconsistency-lead = 調査レポートの中で食い違うか、日付の種類が二つあるものは{ $count }です。
report-disputes-scale-title = 比べられない値
report-disputes-scale-lead = 比べられそうに見えて、尺度や範囲が違うものは{ $count }です。
report-disputes-finer-title = より詳しい情報があるもの
report-disputes-finer-lead = 誤りではなく、公開情報のほうが詳しいものは{ $count }です。
report-disputes-unverified-title = 未指定・未確認
report-disputes-unverified-lead = 調査レポートが未指定または未確認としたものは{ $count }です。
report-disputes-vendor-title = ベンダーの試算
report-disputes-vendor-lead = ベンダーが条件を置いて計算したものは{ $count }です。
report-disputes-estimate-title = 推定
report-disputes-estimate-lead = 調査レポートの読み取りや推測は{ $count }です。
report-disputes-assumption-title = 仮定
report-disputes-assumption-lead = 計算や整理のために置いた前提は{ $count }です。

## 出典と事実
report-sources-lead = 調査レポートの参照番号は{ $count }あり、うち{ $mismatched }は引用した箇所と対応しません。{ $named }は組織名に付いた脚注です。
report-references-title = 調査レポートの参照番号
report-references-caption = 参照番号と引用先
report-reference-statement = 記述の出典
report-reference-name = 名称の脚注：{ $entity }（{ $line }行）
report-source-list-title = 出典の一覧
report-source-list-caption = 目録が使う出典
report-source-vendor = 提供元
report-source-model_page = モデルの配布ページ
report-source-third_party = 第三者
report-source-media = 報道
report-source-community = コミュニティ
report-source-government = 官公庁
report-source-own = Sekisho
report-source-paper = 論文
report-source-industry = 業界団体
report-facts-lead = 調査レポートの事実{ $count }の一覧です。各行は番号で参照できます。
report-facts-caption = 調査レポートの事実
report-survey-line = 調査レポート{ $line }行
report-line = { $line }行
report-same = 同上
report-checked-against = { "照合先：" }

## 数、単位、日付
report-count = { $count }件
report-count-models = { $count }件
report-unit-none = { $value }
report-unit-percent = { $value }%
report-unit-percent-opinions = 意見の{ $value }%
report-over = { $value }超
report-unit-billion = { $value }B
report-unit-oku = { $value }億
report-unit-gb = { $value } GB
report-unit-gpu = { $value } GPU
report-unit-jpy = { $value }円
report-unit-jpy-10k = { $value }円/1万トークン
report-unit-usd-1m = { $value }米ドル/100万トークン
report-unit-bit = { $value }ビット
report-unit-characters = { $value }字
report-unit-cases = { $value }件
report-unit-people = { $value }人
report-unit-minutes = { $value }分
report-unit-kinds = { $value }種類
report-unit-types = { $value }類型
report-unit-points = { $value }点
report-unit-times = { $value }倍
report-unit-name-date = 日付
report-unit-name-month = 年月
report-unit-name-year = 年
report-unit-name-fiscal-year = 年度
report-unit-name-ratio = 比
report-unit-name-share = 割合
report-unit-name-score = 点
report-unit-name-facts = 事実の件数
report-unit-name-adoptions = 事例の件数
report-unit-name-points = 点（{ $scale }）
report-unit-name-million-yen = 百万円
report-unit-name-usd = 米ドル/100万トークン
report-scale-full-marks = 満点の記載なし
report-scale-prompt-200k = 入力200k未満
report-scale-since-2023-11 = 2023-11からの累計
report-scale-range = 1-10（幅）
report-date-year = { $year }年
report-date-month = { $year }年{ $month }月
report-date-day = { $year }年{ $month }月{ $day }日
report-month-1 = 1
report-month-2 = 2
report-month-3 = 3
report-month-4 = 4
report-month-5 = 5
report-month-6 = 6
report-month-7 = 7
report-month-8 = 8
report-month-9 = 9
report-month-10 = 10
report-month-11 = 11
report-month-12 = 12
