## sekisho audit の説明
cli-sekisho-audit = 何が通り、何が止まったかを記録し、書き換えられていないことを証明する
cli-sekisho-audit-init = 新しい監査ログを作り、公開鍵を示します。公開鍵は紙に控え、監査する人に渡してください
cli-sekisho-audit-init--origin = ログの名前。組織のドメイン名で始めます (例 audit.city.example.jp/2026)
cli-sekisho-audit-init--retention = 組織の保存期間区分のファイル (TOML)。なければ付属のもの
cli-sekisho-audit-status = ログの現在の状態。記録数、根のハッシュ、証人の副署など
cli-sekisho-audit-record = 記録を 1 行 1 件の JSON で受け取り、ディスクに書き終えてから記録番号を返します
cli-sekisho-audit-record--file = 記録のファイル (JSONL)。- は標準入力
cli-sekisho-audit-search = 条件に合う記録の一覧。条件をいくつも指定すると、すべてに合うもの
cli-sekisho-audit-search--limit = 一度に示す件数 (1 から 10000)
cli-sekisho-audit-search--after = 前の一覧の続き。前の一覧の終わりに示される目印
cli-sekisho-audit-search--ids = 記録番号だけを 1 行に 1 件
cli-sekisho-audit-search--held = 保全中の記録だけ (ほかの条件とは併せて使えません)
cli-sekisho-audit-show = 1 件の記録のすべて。内容、消去や保全の経緯、ログの中の位置
cli-sekisho-audit-export = 条件に合う記録を、証明とともに書き出します
cli-sekisho-audit-export--format = 形式: jsonl (証明を含む)、csv (表計算ソフト用)
cli-sekisho-audit-export--out = 書き出すファイル。- は標準出力
cli-sekisho-audit-export--proofs = 証明のファイルを 1 件ずつ置くフォルダー
cli-sekisho-audit-prove = 1 件の記録の証明を書き出します。受け取った人は、ログも鍵もなしで確かめられます
cli-sekisho-audit-prove--out = 証明を置くフォルダー
cli-sekisho-audit-verify = 検証プログラム sekisho-verify で、ログ全体が書き換えられていないかを確かめます
cli-sekisho-audit-verify--flags = sekisho-verify への指定 (例 --key、--trust、--witness)
cli-sekisho-audit-checkpoint = いまのログを確定する 3 行と QR コード。紙に残すためのもの
cli-sekisho-audit-checkpoint--html = A4 判 1 枚のページを書き出すファイル
cli-sekisho-audit-erase = 記録の鍵を捨て、読めなくします。消したことと根拠は残り、証明は以前と同じく確かめられます
cli-sekisho-audit-hold = 記録を保全します。解除するまで、消去も期限切れの整理もできません
cli-sekisho-audit-release = 記録の保全を解除します
cli-sekisho-audit-expire = 保存期間を過ぎた記録を消去します。保全中のものは残します
cli-sekisho-audit-erase--whole-class = 保存期間区分の番号。その区分のすべての記録と、区分の鍵を消去します
cli-sekisho-audit-rotate-key = 署名の鍵を新しいものに替え、公開鍵を示します。古い鍵が新しい鍵を紹介し、それまでの署名は古い鍵で確かめられます
cli-sekisho-audit-witness = 別の機器の証人。過去と食い違わないチェックポイントだけに副署します
cli-sekisho-audit-witness-serve = 証人として、ログからの問い合わせに答え続けます
cli-sekisho-audit-witness-serve--listen = 待ち受けるアドレス (例 192.0.2.10:7140)。ポート 0 は空いているもの
cli-sekisho-audit-witness-answer = ネットワークにつながない証人として、ファイルで受け取った問い合わせに答えます
cli-sekisho-audit-witness-answer--request = 問い合わせのファイル (ask --out が書き出したもの)
cli-sekisho-audit-witness-answer--out = 副署したチェックポイントを書き出すファイル
cli-sekisho-audit-witness-ask = いちばん新しいチェックポイントを証人に送り、副署を確かめて保存します
cli-sekisho-audit-witness-ask--url = 証人のアドレス (例 http://192.0.2.10:7140)
cli-sekisho-audit-witness-ask--key = 証人の公開鍵、または公開鍵を書いたファイル
cli-sekisho-audit-witness-ask--out = 送らずに、問い合わせをファイルに書き出します (ネットワークにつながない証人のため)
cli-sekisho-audit-witness-ask--since = --out の問い合わせで、証人が前に副署した記録数
cli-sekisho-audit-witness-ask--answer = 証人がファイルで返した、副署したチェックポイント
cli-sekisho--dir = ログのフォルダー (log/、keys/、index/ のあるところ)
cli-sekisho-audit-witness-serve--dir = 証人が見たものを覚えておくフォルダー
cli-sekisho-audit-witness-answer--dir = 証人が見たものを覚えておくフォルダー
cli-sekisho-audit-witness-serve--name = 証人の名前 (例 witness.city.example.jp)
cli-sekisho-audit-witness-answer--name = 証人の名前 (例 witness.city.example.jp)
cli-sekisho-audit-witness-serve--log = 副署するログの公開鍵、または公開鍵を書いたファイル。何度でも指定できます
cli-sekisho-audit-witness-answer--log = 副署するログの公開鍵、または公開鍵を書いたファイル。何度でも指定できます
cli-sekisho--record = 記録番号 (16 進 32 桁)
cli-sekisho--records = 記録番号 (16 進 32 桁)。- は標準入力から 1 行に 1 件
cli-sekisho--by = だれが行うか。ログに残り、消せません
cli-sekisho--ground = 根拠 (条項、決裁番号など)。ログに残り、消せません
cli-sekisho--yes = 確認を求めずに実行します
cli-sekisho--from = この日時以後。2026-11-24 または 2026-11-24T10:00。時差を書かなければ日本時間
cli-sekisho--to = この日時より前。日付だけなら、その日を含みます
cli-sekisho--principal = だれが (職員番号、システム名など)
cli-sekisho--tenant = どの部署、事業のために
cli-sekisho--purpose = 業務目的
cli-sekisho--label-scheme = 機密区分の体系のid
cli-sekisho--label = 入力または回答の機密区分
cli-sekisho--model = モデルのid
cli-sekisho--upstream = 送り先のid
cli-sekisho--verdict = 判定: pass、flag、mask、refuse
cli-sekisho--outcome = 結果: answered、refused、failed、cancelled、aborted
cli-sekisho--rule = 判定に加わったルールのid
cli-sekisho--code = 誤りの番号 (例 SK0203)
cli-sekisho--event = できごとの名前 (例 policy.loaded)
cli-sekisho--kind = 記録の種類: request、event、erase、hold、release、key
cli-sekisho--class = 保存期間区分の番号
cli-sekisho--contains = 入力、回答などに含まれる文字。鍵で開いて調べるので時間がかかります
cli-sekisho--erased = 消去したものだけ
cli-sekisho--kept = 消去していないものだけ
cli-sekisho--oldest = 古い順

## 開く、状態
audit-no-log = { $dir } に監査ログがありません
audit-hint-no-log = `sekisho audit init { $dir } --origin 名前` で作れます
audit-open-failed = { $dir } の監査ログを開けません
audit-read-failed = 監査ログを読めません
audit-unreadable = { $file } を読めません
audit-origin-unreadable = { $file } からログの名前と公開鍵を読めません
audit-recovered = 前回の終了時に書きかけだった { $count } バイトを取り除きました (受領の返答をする前のものです)
audit-aborted = 前回の終了時に終わっていなかった要求 { $count } 件を、中断として閉じました
audit-finished-erasures = 前回の終了時に途中だった消去 { $count } 件を済ませました
audit-exists = { $dir } にはすでに監査ログがあります
audit-hint-exists = 状態は `sekisho audit status { $dir }` で確認できます
audit-origin-bad = 名前として使えません: { $origin }
audit-hint-origin = 空白と + を含まない 255 バイトまでの名前にしてください (例 audit.city.example.jp/2026)
audit-made =
    { $dir } に監査ログ「{ $origin }」を作りました。上の 1 行が公開鍵です

      1. 公開鍵を紙に控え、監査する人に渡してください。鍵ごと差し替えられたことは、これがないと分かりません
      2. keys/ には署名と解読の鍵があります。log/ とは別に、期限の切れる形で控えを取ってください
         古い控えが 1 つでも残る間は、消去した記録を読めてしまいます
      3. 別の機器に証人を置いてください (sekisho audit witness serve)
         フォルダーごと昔に戻されたことは、証人か紙の控えがないと分かりません
audit-status-origin = 名前
audit-status-key = 公開鍵
audit-status-entries = 記録数 (葉)
audit-status-root = 根のハッシュ
audit-status-published = 公表済み
audit-status-open = 処理中の要求
audit-status-held = 保全中の記録
audit-status-log-bytes = ログの大きさ
audit-status-index-bytes = 索引の大きさ
audit-status-witness = 証人の副署
audit-status-cosigned = { $name } ({ $time })
audit-status-no-witness = いまのチェックポイントに証人の副署がありません。フォルダーごとの巻き戻しに備え、`sekisho audit witness ask { $dir }` で副署を受けてください

## 保存期間区分のファイル
audit-retention-missing = { $file } がないので、付属の保存期間区分を使います
audit-retention-invalid = { $file } に問題が { $count } 件あります
audit-retention-there = { $file } がすでにあり、指定されたファイルと内容が違います
audit-retention-at = { $line } 行目: { $what }
audit-retention-too-long = 大きすぎます (1 MiB まで)
audit-retention-syntax = { $value }
audit-retention-version = version は 1 にしてください
audit-retention-too-many = 区分またはルールが多すぎます
audit-retention-class-id = 区分の番号 { $value } は使えません (1 から 255 で、重ならないように)
audit-retention-period = 区分 { $value } には years (1 から 1000) か unlimited = true のどちらかが要ります
audit-retention-name = 区分 { $value } に名前がありません
audit-retention-no-such-class = 区分 { $value } はありません
audit-retention-rule-member = 要求のルールに event、できごとのルールに scheme や label は書けません
audit-retention-no-last-request-rule = 要求 (kind = "request") のための、条件のないルールが最後に要ります
audit-retention-no-last-event-rule = できごと (kind = "event") のための、条件のないルールが最後に要ります

## 記録する
audit-line-bad = { $line } 行目を記録できません: { $cause }
audit-line-too-long = { $mib } MiB を超えています
audit-line-form = open と close の組か、event のどちらか一方が要ります
audit-lines-bad = 記録できない行が { $count } 行ありました
audit-hint-lines = 1 行に 1 件、{"{"}"open": {"{"}…{"}"}, "close": {"{"}…{"}"}{"}"} または {"{"}"event": {"{"}…{"}"}{"}"} の形で渡してください
audit-record-stopped = { $line } 行目から記録できません。ここまでの { $count } 件は記録済みです
audit-recorded = { $count } 件を記録しました

## 探す、見る
audit-found = { $count } 件
audit-held-more = 保全中の記録はほかに { $count } 件あります (--limit で増やせます)
audit-next = 続きがあります: --after { $cursor }
audit-not-a-time = 日時として読めません: { $text }
audit-hint-time = 2026-11-24、2026-11-24T10:00、2026-11-24T01:00:00Z のように書いてください
audit-not-a-cursor = 続きの目印として読めません: { $text }
audit-hint-cursor = 前の一覧の終わりに示された目印を、そのまま指定してください
audit-not-a-record = 記録番号として読めません: { $text }
audit-hint-record-id = 記録番号は 16 進 32 桁です。`sekisho audit search` で探せます
audit-show-failed = 記録 { $record } を示せません
audit-title-time = 日時 (日本時間)
audit-title-end = 終わり
audit-title-record = 記録番号
audit-title-kind = 種類
audit-title-principal = だれが
audit-title-purpose = 目的
audit-title-label = 区分
audit-title-model = モデル
audit-title-verdict = 判定
audit-title-state = 状態
audit-title-class = 保存期間
audit-title-erased = 消去
audit-title-held = 保全
audit-title-entry = 位置
audit-title-bytes = バイト
audit-title-hash = 葉のハッシュ
audit-kind-request = 要求
audit-kind-event = できごと
audit-kind-erase = 消去
audit-kind-hold = 保全
audit-kind-release = 保全解除
audit-kind-key = 鍵の交代
audit-verdict-pass = ○ 通す
audit-verdict-flag = △ 通して記録
audit-verdict-mask = △ 隠して通す
audit-verdict-refuse = × 止める
audit-outcome-answered = 回答した
audit-outcome-refused = 断った
audit-outcome-failed = 失敗
audit-outcome-cancelled = 取り消し
audit-outcome-aborted = 中断
audit-state-erased = 消去済み
audit-state-open = 処理中
audit-state-held = ◆ 保全中
audit-class-until = { $name } ({ $day } まで)
audit-class-forever = { $name } (期限なし)
audit-class-unknown = 区分 { $class } (保存期間のファイルにありません)
audit-erased-by = { $time } { $by } 根拠: { $ground } (位置 { $entry })
audit-held-by = 位置 { $entry } の記録による
audit-leaves = ログの中の位置
audit-erased-still-proves = 内容は読めませんが、記録がそこにあったことの証明は以前と同じく確かめられます
audit-part-open = 要求
audit-part-close = 結果
audit-part-event = できごと
audit-part-statement = 通知 (署名つき、平文)
audit-member-principal = だれが
audit-member-tenant = 部署、事業
audit-member-purpose = 目的
audit-member-scheme = 区分の体系
audit-member-label = 区分
audit-member-model = モデル
audit-member-upstream = 送り先
audit-member-verdict = 判定
audit-member-rules = ルール
audit-member-sources = 資料
audit-member-input = 入力
audit-member-output = 回答
audit-member-outcome = 結果
audit-member-code = 番号
audit-member-prompt-tokens = 入力トークン
audit-member-completion-tokens = 出力トークン
audit-member-cost-yen = 費用 (円)
audit-member-ttft-ms = 最初まで (ms)
audit-member-latency-ms = 全体 (ms)
audit-member-event = できごと
audit-member-detail = 詳細
audit-member-by = だれが
audit-member-ground = 根拠
audit-member-records = 対象の記録

## 書き出す、証明する、検証する
audit-exported = { $count } 件を書き出しました
audit-prove-failed = 記録 { $record } の証明を作れません
audit-prove-next = 受け取った人は次のように確かめます。公開鍵は、この画面からではなく、紙など別の経路で渡してください
      sekisho-verify proof { $file } --key { $key }
audit-verifier-failed = 検証プログラム sekisho-verify を動かせません
audit-verifier-missing = sekisho と同じフォルダーにも、PATH にもありません
audit-hint-verifier = sekisho-verify を sekisho と同じフォルダーに置いてください。書き込む側とコードを共有しない、別のプログラムです

## チェックポイント
audit-checkpoint-next = 上の 3 行 (名前、記録数、根のハッシュ) を紙に残してください。後日 sekisho audit verify に --trust で渡すと、それより前が書き換えられていないことを確かめられます。A4 判にするには --html FILE
audit-sheet-title = 監査ログのチェックポイント
audit-sheet-lead = { $time } (日本時間) に書き出した、監査ログ「{ $origin }」の控えです。この 3 行は、この時点までのすべての記録を確定します。
audit-sheet-origin = 名前
audit-sheet-size = 記録数
audit-sheet-root = 根のハッシュ (Base64)
audit-sheet-qr = 左の 3 行と同じ内容
audit-sheet-key = ログの公開鍵
audit-sheet-what = この紙の扱い
audit-sheet-step-1 = 画面の 3 行とこの紙の 3 行が同じであることを、2 人で確かめて署名または押印します。
audit-sheet-step-2 = ログを運用する人が単独では触れない場所に綴じます。内容は秘密ではなく、写しを配っても差し支えありません。
audit-sheet-step-3 = 検証するときは、3 行をそのままファイルに書き写し、sekisho-verify log フォルダー --key 公開鍵 --trust ファイル と実行します。
audit-sheet-step-4 = 「○」なら、この時点までの記録は、その後も書き換えられていません。「×」なら、log/ と keys/ に触れずに写しを取り、監査の責任者に知らせます。
audit-sheet-role = 役割
audit-sheet-day = 日付
audit-sheet-name = 氏名
audit-sheet-stamp = 署名・印
audit-sheet-printed-by = 出力者
audit-sheet-checked-by = 確認者

## 消去、保全
audit-erase-ask = { $count } 件の記録を消去します。鍵を捨てるので、内容は二度と読めません。取り消せません
audit-release-ask = { $count } 件の記録の保全を解除します。解除すると、消去や期限切れの整理の対象になります
audit-expire-ask = 保存期間を過ぎた記録をすべて消去します。鍵を捨てるので、内容は二度と読めません。取り消せません
audit-erase-class-ask = 保存期間区分 { $class } ({ $name }) のすべての記録と、区分の鍵を消去します。内容は二度と読めません。取り消せません
audit-rotate-ask = 署名の鍵を新しいものに替えます。古い秘密鍵は上書きして捨てます。取り消せません
audit-ask-reason = 次のとおりログに残します。行う人: { $by }、根拠: { $ground }
audit-ask = 実行するには「はい」または yes と入力してください
audit-not-asked = 端末ではないので確認できず、実行していません
audit-hint-yes = 実行してよければ --yes を付けてください
audit-not-done = 実行していません
audit-erase-failed = { $count } 件の記録を消去できません。何も消去していません
audit-hold-failed = { $count } 件の記録を保全できません
audit-release-failed = { $count } 件の記録の保全を解除できません
audit-expire-failed = 期限切れの整理が終わりません
audit-erase-class-failed = 保存期間区分 { $class } ({ $name }) を消去できません
audit-erase-class-done = 保存期間区分 { $class } ({ $name }) の { $count } 件と区分の鍵を消去しました。消去したことと根拠は、ログに署名つきで残りました
audit-rotate-failed = 署名の鍵を替えられません
audit-rotate-done =
    上の 1 行が新しい公開鍵です。{ $entries } 件を超える時点のチェックポイントは、この鍵で署名されます

      1. 公開鍵を紙に控え、監査する人に渡してください。最初の公開鍵も捨てないでください。検証は最初の鍵から始まります
      2. 証人を、--log に新しい公開鍵を加えて始め直してください (前の鍵と両方)
      3. keys/ の控えを取り直してください
audit-erase-done = { $count } 件を消去しました。消去したことと根拠は、ログに署名つきで残りました
audit-hold-done = { $count } 件を保全しました
audit-release-done = { $count } 件の保全を解除しました
audit-expire-done = { $count } 件を消去しました。保全中のため残したもの: { $held } 件
audit-too-many-records = 一度に扱えるのは { $max } 件までです
audit-no-records = 記録番号がありません

## なぜできないか
audit-why-locked = 別のプロセス (ゲートウェイなど) がこのログに書き込んでいます。書き手は 1 つだけです
audit-hint-locked = 探す、見る、書き出す、証明する、検証するのはそのままできます。記録、消去、保全、鍵の交代は、書き込んでいるプロセスを止めてから行ってください
audit-why-rolled-back = { $published } 件まで公表したのに、{ $found } 件しかありません。ログが昔の状態に戻されたか、壊れています
audit-hint-rolled-back = log/ と keys/ に触れずに写しを取り、`sekisho audit verify { $dir }` で確かめてください
audit-why-damaged = 記録済みの部分に、あってはならない食い違いがあります
audit-hint-damaged = log/ と keys/ に触れずに写しを取り、`sekisho audit verify { $dir }` でどこから食い違うかを確かめてください
audit-why-no-such-record = 記録 { $record } はありません
audit-hint-no-such-record = `sekisho audit search { $dir }` で探せます
audit-why-still-open = 記録 { $record } は処理中です。終わってから消去できます
audit-why-on-hold = 記録 { $record } は保全中です
audit-hint-on-hold = 経緯は `sekisho audit show { $dir } 記録番号` で、解除は `sekisho audit release` で行えます
audit-why-not-on-hold = 記録 { $record } は保全されていません
audit-why-erased = 記録 { $record } は消去済みです
audit-hint-erased = 経緯は `sekisho audit show { $dir } 記録番号` で確認できます
audit-why-no-such-class = 保存期間区分 { $class } は { $dir }/retention.toml にありません
audit-why-log-gone = 鍵 (keys/) はありますが、ログ (log/) がありません
audit-hint-log-gone = log/ を控えから戻してください。新しく始めるなら、別のフォルダーに作ってください
audit-why-key-lost = 位置 { $index } の鍵がありませんが、消去の記録もありません
audit-hint-key-lost = keys/ を、ログと同じか新しい控えから戻してください
audit-why-no-space = ディスクに空きがありません
audit-hint-no-space = 空きを作ってから、もう一度実行してください。記録済みのものは失われていません
audit-why-poisoned = ディスクへの書き込みが失敗したため、記録を止めました。失敗した書き込みはやり直しません
audit-hint-poisoned = ディスクを調べてから、もう一度実行してください。始めるときに、書きかけのものを調べて整えます

## 鍵
audit-not-a-key = 公開鍵として読めません: { $key }
audit-hint-key = 公開鍵の 1 行 (名前+16進+Base64) か、それを書いたファイルを指定してください。ログの公開鍵は log/origin の 2 行目です
audit-not-a-log-key = これは証人の鍵です。ログの鍵を指定してください: { $key }
audit-not-a-witness-key = これはログの鍵です。証人の鍵を指定してください: { $key }
audit-hint-witness-key = 証人の公開鍵は、証人を始めたときに示されます
audit-key-open = ほかの利用者が読める状態です。chmod 600 にしてください

## 証人
audit-witness-failed = 証人を始められません
audit-witness-folder = { $dir } を証人のフォルダーとして使えません
audit-witness-busy = { $dir } は別の証人のプロセスが使っています
audit-hint-witness-busy = そのプロセスを止めるか、別のフォルダーを指定してください
audit-witness-key = 証人の鍵 { $file } を使えません
audit-witness-other-name = 名前が違います。この鍵は { $name } のものです
audit-listen-failed = { $address } で待ち受けられません
audit-witness-started = 上は証人の公開鍵とアドレスです。副署するログ: { $logs }。Ctrl-C で止まります
audit-witness-stopped = 証人を止めました
audit-witness-refuses = 副署できません
audit-hint-since = 証人が前に副署したのは { $size } 件の時点です。`sekisho audit witness ask DIR --out FILE --since { $size }` で作り直してください
audit-hint-evidence = 受け取った問い合わせを、2 つの歴史の証拠として { $file } に残しました
audit-witness-answered = ログ「{ $origin }」の { $size } 件の時点に副署しました。上は証人の公開鍵です
audit-ask-carry = このファイルを証人に渡し、`sekisho audit witness answer` が書き出したものを --answer で読ませてください
audit-ask-bad-answer = 証人の答えに、正しい副署がありません
audit-ask-cosigned = ○ { $witness } が { $size } 件の時点に副署しました ({ $time })
audit-ask-published-anew = その間に新しいチェックポイントが公表されたため、副署は保存していません。もう一度実行してください
audit-ask-not-stored = 証人は副署しましたが、保存できません
audit-ask-rolled-back = 証人は { $seen } 件の時点を覚えていますが、このログには { $here } 件しかありません
audit-why-ask-rolled-back = ログが昔の状態に戻されています。控えから戻した場合も同じです
audit-hint-ask-damaged = log/ と keys/ に触れずに写しを取り、監査の責任者に知らせてください。{ $dir } だけを調べても、戻される前のことは分かりません
audit-ask-not-http = http:// で始まるアドレスではありません: { $url }
audit-hint-http = チェックポイントは公開してよく、署名で守られているので、暗号化しない http だけを使います
audit-ask-unreachable = 証人 { $url } から答えがありません
audit-hint-unreachable = 証人が動いているか、アドレスとポートが正しいかを確かめてください
audit-ask-refused = 証人 { $url } は副署しませんでした ({ $status })
audit-why-ask-not-signed = 証人は、このログの別の公開鍵を登録しています
audit-hint-ask-not-signed = 証人の --log に、{ $dir }/log/origin の公開鍵を指定して始め直してください
audit-why-ask-unknown-log = 証人は、このログを知りません
audit-hint-ask-unknown-log = 証人を、--log に { $dir }/log/origin の公開鍵を加えて始め直してください
audit-why-ask-faster = 同じログのほかの問い合わせが先に進みました
audit-hint-ask-faster = もう一度実行してください
audit-why-ask-other-history = 証人が前に副署した歴史と、このログの歴史が食い違います。過去の記録が書き換えられています
audit-why-ask-other = 証人が答えられません
audit-hint-ask-other = しばらくしてからもう一度実行し、続くなら証人の記録を調べてください
audit-not-a-checkpoint = { $file } はチェックポイントではありません
audit-ask-grown = この副署は、いま公表しているチェックポイントのものではありません
audit-why-ask-grown = 問い合わせを書き出したあとに、ログが伸びています
audit-hint-ask-grown = { $file } はそのまま控えとして使えます: `sekisho-verify log DIR/log --trust { $file }`

## 記録できない行
audit-record-line = { $member } が空か、長すぎるか、1 行ではありません
audit-record-too-many = { $member } が { $max } 個を超えています
audit-record-too-large = 大きすぎます ({ $bytes } バイト)
audit-record-taken = 追加の項目 { $member } は、決まった項目と同じ名前です
audit-record-not-finite = { $member } が数ではありません
audit-record-class = 保存期間区分 { $class } がありません
audit-record-size = 大きすぎて、1 つの記録にできません
