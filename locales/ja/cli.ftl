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
