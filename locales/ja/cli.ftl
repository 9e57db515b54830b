## 検証状況
status-confirmed = 確認済み
status-refinable = より詳しい情報あり
status-conflict = 公開情報と相違
status-citation_mismatch = 出典が対応しない
status-citation_partial = 出典が一部のみ対応
status-internal_inconsistency = 資料内で不一致
status-superseded = その後変更あり
status-scale_trap = 尺度に注意
status-date_two_kinds = 日付の種類が二つ
status-uncited = 出典なし
status-not_verifiable = 検証できない
status-not_checked = 未検証

## 値の種類
kind-published = 公表値
kind-derived = 計算値
kind-vendor_estimate = ベンダー試算
kind-estimate = 推定
kind-unverified = 未確認
kind-assumption = 仮定

## 日付の種類
date-announced = 発表
date-offered = 提供開始
date-started = 開始
date-published = 公開
date-updated = 更新
date-unstated = 種類の記載なし

## 分類
class-model = モデル
class-series = 系列
class-adoption = 導入事例
class-benchmark = ベンチマーク
class-product = 製品・サービス
class-organisation = 組織
class-event = 出来事
class-price = 価格
class-gpu = GPU
class-source = 出典
class-topic = 論点

undisclosed = 未指定
to-confirm = 確認要
voice-survey = 調査レポート
voice-public = 公開情報
voice-own = 自組織
cli-disputed-mark = △

## 命令の説明
cli-sekisho = 国産LLMを選び、動かし、統制し、測る
cli-sekisho-catalog = 国産LLMについて分かっていることを、出典と確からしさとともに調べる
cli-sekisho-catalog-models = モデルの一覧。条件で絞る（未指定の値は「確認要」として残す）
cli-sekisho-catalog-models--name = 名称またはidに含まれる語
cli-sekisho-catalog-models--open-weights = 公開重みのもの
cli-sekisho-catalog-models--commercial = 商用利用できるもの
cli-sekisho-catalog-models--on-prem = 自組織または専有環境で動かせるもの（公開重みを含む）
cli-sekisho-catalog-models--api = APIで提供されるもの
cli-sekisho-catalog-models--gguf = 公式のGGUFがあるもの
cli-sekisho-catalog-models--max-params = パラメータ数の上限（例: 10B、130億）
cli-sekisho-catalog-models--min-params = パラメータ数の下限（例: 1B）
cli-sekisho-catalog-models--min-context = 文脈長の下限（トークン。例: 32k）
cli-sekisho-catalog-models--licence = ライセンスに含まれる語（例: MIT）
cli-sekisho-catalog-models--developer = 開発元に含まれる語（例: 富士通）
cli-sekisho-catalog-models--series = 系列に含まれる語（例: Sarashina）
cli-sekisho-catalog-model = 一つのモデルについての記載をすべて示す
cli-sekisho-catalog-model--id = モデルのidまたは名称
cli-sekisho-catalog-compare = 2〜8個のモデルを並べる
cli-sekisho-catalog-compare--ids = モデルのidまたは名称
cli-sekisho-catalog-adoptions = 導入事例。調査レポートと公開情報を並べて示す
cli-sekisho-catalog-adoptions--sector = 業界（例: 自治体）
cli-sekisho-catalog-adoptions--environment = 実行環境（例: オンプレミス）
cli-sekisho-catalog-adoptions--stage = 段階（例: PoC）
cli-sekisho-catalog-adoptions--by = 数える単位（sector、environment、stage）
cli-sekisho-catalog-benchmarks = 評価スコア。尺度や条件の違うものは別の表にする
cli-sekisho-catalog-benchmarks--benchmark = ベンチマークのidまたは名称
cli-sekisho-catalog-prices = 価格。区分・通貨・単位とともに示す
cli-sekisho-catalog-prices--offer = 価格のidまたは名称
cli-sekisho-catalog-timeline = 出来事を日付の順に示す
cli-sekisho-catalog-timeline--releases = モデルの公開・提供開始も加える
cli-sekisho-catalog-timeline--from = この日から（年、年月、年月日）
cli-sekisho-catalog-timeline--to = この日まで（年、年月、年月日）
cli-sekisho-catalog-products = 製品・サービス
cli-sekisho-catalog-products--product = 製品のidまたは名称
cli-sekisho-catalog-gpus = GPUの諸元
cli-sekisho-catalog-sources = 出典。R52のように調査レポートの参照番号でも引ける
cli-sekisho-catalog-sources--source = 出典のid、名称、または参照番号
cli-sekisho-catalog-facts = 調査レポートの事実の一覧
cli-sekisho-catalog-facts--word = 対象・項目・値に含まれる語
cli-sekisho-catalog-facts--status = 検証状況（例: conflict）
cli-sekisho-catalog-facts--kind = 値の種類（例: estimate）
cli-sekisho-catalog-facts--line = 調査レポートの行
cli-sekisho-catalog-facts--cites = 引用している参照番号（例: R52）
cli-sekisho-catalog-fact = 事実を番号で示し、相違する記載を並べる
cli-sekisho-catalog-fact--numbers = 事実の番号（例: F213）
cli-sekisho-catalog-check = データファイルの問題をすべて示す
cli-sekisho-catalog-export = 全体をファイルに書き出す
cli-sekisho-catalog-export--format = 形式（json、csv、xlsx、html、md）
cli-sekisho-catalog-export--out = 書き出し先（なければ標準出力）
cli-sekisho-report = 調査レポートをデータから作り直す
cli-sekisho-report--format = 形式（html、md。既定はhtml）
cli-sekisho-report--out = 書き出し先（なければ標準出力）
cli-sekisho-completions = シェルの補完を出力する
cli-sekisho-completions--shell = シェル（bash、elvish、fish、powershell、zsh）
cli-sekisho--lang = 表示言語（ja、en。既定はja、環境変数はSEKISHO_LANG）
cli-sekisho--json = 結果をJSONで出力する
cli-sekisho--catalog = 自組織の事実を重ねるフォルダー

cli-usage = 使い方
cli-commands = 命令
cli-options = 選択肢
cli-arguments = 引数
cli-help = この説明を表示する
cli-version = 版を表示する

## 誤りの表示
cli-cause = 原因
cli-error-subcommand = 「{ $name }」という命令はありません
cli-error-argument = 「{ $name }」という指定はありません
cli-error-missing = { $name } の指定が必要です
cli-error-value = { $name } に「{ $value }」は指定できません
cli-error-usage = 指定の組み合わせを読み取れません
cli-hint-suggested = もしかして: { $words }
cli-hint-allowed = 指定できる語: { $words }
cli-hint-help = `--help` で使い方を確認できます
cli-stdout-failed = 標準出力に書き込めません
cli-unwritable = { $file } に書き込めません
cli-hint-unwritable = 書き込める場所を `--out` で指定してください
cli-written = { $file } に書き出しました
cli-no-such-entry = { $class }に「{ $wanted }」は見つかりません
cli-several-entries = { $class }で「{ $wanted }」に当たるものが複数あります
cli-hint-candidates = 近いもの: { $ids }
cli-hint-list = `sekisho catalog models` などの一覧でidを確認してください
cli-bad-count = { $flag } の値「{ $value }」は数として読めません
cli-bad-character = 「{ $character }」は数に使えません
cli-hint-count = 10B、1.5B、130億、32k のように書いてください
cli-bad-word = { $flag } に「{ $value }」は指定できません
