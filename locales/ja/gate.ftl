## sekisho serve、config、route、doctor の説明
cli-sekisho-serve = ゲートウェイを始めます。止めるには SIGTERM または Ctrl+C、設定を読み直すには SIGHUP
cli-sekisho-serve--config = 設定ファイル (TOML)。なければ環境変数 SEKISHO_CONFIG、それもなければ /etc/sekisho/sekisho.toml
cli-sekisho-serve--listen = 待ち受けるアドレス。設定の listen.address より優先します (例 127.0.0.1:7100)
cli-sekisho-serve--data = データのフォルダー。設定の data より優先します
cli-sekisho-config = 設定を調べます
cli-sekisho-config-show = 決まった値をすべて示します。鍵は示しません
cli-sekisho-config-show--config = 設定ファイル (TOML)
cli-sekisho-config-show--listen = serve に渡すのと同じ指定
cli-sekisho-config-show--data = serve に渡すのと同じ指定
cli-sekisho-config-show--origin = 値がどこから来たか (指定、環境変数、ファイルの行、既定) も示します
cli-sekisho-route = 送り先の判断を調べます
cli-sekisho-route-explain = ある要求がどう判断されるかを示します。何も送らず、何も記録しません
cli-sekisho-route-explain--config = 設定ファイル (TOML)
cli-sekisho-route-explain--listen = serve に渡すのと同じ指定
cli-sekisho-route-explain--data = serve に渡すのと同じ指定
cli-sekisho-route-explain--model = モデルの名前
cli-sekisho-route-explain--label = 要求が申告する区分。なければ、申告しない要求として調べます
cli-sekisho-route-explain--principal = だれの要求か (利用者またはシステムの名前)。なければポリシーは調べません
cli-sekisho-route-explain--purpose = 業務目的
cli-sekisho-doctor = 始める前に、設定と機器を調べます。× が 1 つでもあれば終了状態は 1
cli-sekisho-doctor--config = 設定ファイル (TOML)
cli-sekisho-doctor--listen = serve に渡すのと同じ指定
cli-sekisho-doctor--data = serve に渡すのと同じ指定

## 設定の問題
gate-settings-invalid = { $file } と、そこから参照するファイルに問題が { $count } 件あります
gate-hint-settings = すべて直したら、sekisho doctor で始める前の確認ができます
gate-hint-groups = ポリシーにあるグループを、先に sekisho group add または sekisho user import で登録してください
gate-problem-at = { $line } 行目: { $what }
gate-problem-unreadable = 読めません ({ $cause })
gate-problem-too-long = { $max } バイトを超えています
gate-problem-syntax = TOML として読めません ({ $detail })
gate-problem-unknown-key = この項目はありません。書き間違いではありませんか (ここにある項目: { $detail })
gate-problem-wrong-type = 値の型が違います ({ $detail })
gate-problem-version = 知らない版です。version = 1 と書いてください
gate-problem-missing = 必要な項目がありません
gate-problem-out-of-bounds = { $low } から { $high } までの値にしてください
gate-problem-not-one-of = 「{ $found }」は使えません。使えるもの: { $allowed }
gate-problem-duplicate = 「{ $found }」が二つあります
gate-problem-bad-name = 「{ $found }」は名前にできません。空白を含まない 128 文字以内にしてください
gate-problem-bad-address = 「{ $found }」はアドレスではありません。127.0.0.1:7100 のように書いてください
gate-problem-bad-origin = 「{ $found }」はログの名前にできません。空白と + を含まない、組織のドメイン名で始まる名前にしてください
gate-problem-no-such-label = 区分「{ $found }」はこの体系にありません。あるもの: { $allowed }
gate-problem-no-such-upstream = 上流「{ $found }」がありません。あるもの: { $allowed }
gate-problem-needs-one-of = { $keys } のどれか一つが必要です
gate-problem-pointless = { $beside } と一緒には使いません
gate-problem-open-to-others = 所有者のほかも読めます (権限 { $mode })。chmod 600 で閉じてください
gate-problem-no-variable = 環境変数 { $name } がありません
gate-problem-setup = 接続の準備ができません ({ $cause })
gate-problem-tls = 証明書または鍵を使えません ({ $cause })
gate-problem-script = 台本を使えません ({ $detail })
gate-problem-upstream = 上流の設定に問題があります
gate-problem-unused = 使われない鍵です。この上流は鍵を求めません
gate-problem-url = URL として使えません ({ $value })
gate-problem-plain-http = http では鍵も文章も暗号化されません。意図したものなら plain_http = true と書いてください
gate-problem-not-a-member = 「{ $value }」は要求の項目ではありません。chat.n のように書いてください
gate-problem-not-a-header = 「{ $value }」は設定できるヘッダーではありません
gate-problem-key-not-a-pair = 鍵が「UUID:秘密」の形ではありません
gate-problem-zero = 0 より大きくしてください
gate-problem-too-many = { $value } 以下にしてください
gate-access-problem-too-long = { $bytes-max } バイトを超えています
gate-access-problem-too-many = ポリシーが { $max } 件を超えています
gate-access-problem-syntax = Cedar として読めません ({ $detail })
gate-access-problem-invalid = スキーマに合いません ({ $detail })
gate-access-problem-template = ひな形 (?principal) は使えません
gate-access-problem-no-id = @id がありません
gate-access-problem-bad-id = @id は小文字、数字、ハイフンで書いてください
gate-access-problem-duplicate = 同じ @id が { $first-line } 行目にあります
gate-access-problem-unknown-name = 「{ $found }」という名前 ({ $field }) はありません。あるもの: { $known }
gate-access-problem-rank-out-of-bounds = 段階 { $found } の区分はありません (最も高いもの: { $highest })

## 動いている間
gate-listening =
    関所を開きました: { $url }
      設定 { $version }、モデル { $models }
      監査ログ { $origin } ({ $data })
gate-nobody =
    △ 利用者がまだいません。鍵がなければ、だれも使えません
      hint: sekisho user import または sekisho user add で登録してください
gate-recovered = 前回の終わり方を片付けました: ログの切れ端 { $bytes } バイト、終わらなかった記録 { $aborted } 件
gate-reloaded = 設定 { $version } に切り替えました ({ $cause })
gate-restart-needed = △ data、listen、audit.origin、大きさと時間の上限、log の変更は、次に始めたときから効きます
gate-reload-refused = × 新しい設定は使いません (問題 { $count } 件)。これまでの設定 { $version } のまま動いています
gate-unrecorded = × { $event } を監査ログに記録できませんでした ({ $cause })
gate-stopping = { $signal } を受けました。新しい接続を閉じ、動いている要求を最大 { $seconds } 秒待ちます。もう一度送ると待たずに終わります
gate-stopped = 止まりました (途中で切った接続 { $cut }、書けなかったログの行 { $dropped })

## 始められないとき
gate-runtime-failed = プログラムの準備ができません
gate-data-unwritable = データのフォルダー { $folder } を作れません
gate-hint-data = 書けるフォルダーを --data または設定の data で指定してください
gate-store-failed = 保管庫 { $file } を開けません
gate-store-close-failed = 保管庫を閉じられません
gate-hint-store = sekisho doctor で状態を調べられます
gate-journal-failed = 監査ログ { $folder } を開けません
gate-hint-journal = ほかの sekisho が動いていないか確認し、sekisho audit verify --dir { $folder } で調べてください
gate-listen-failed = { $address } で待ち受けられません
gate-hint-listen = ほかのプログラムが使っていないか確認するか、--listen で別のアドレスを指定してください

## 利用者に返す文
gate-error-sk0001 = ゲートウェイの内部で問題が起きました。管理者に要求の番号を伝えてください。
gate-error-sk0205 = 組織のルールにより、この内容は通せません。
gate-error-sk0205-rule = 組織のルール「{ $rule }」により、この内容は通せません ({ $param })。該当する部分を除いて、もう一度送ってください。
gate-error-sk0205-too-long = 長すぎるため判定できません ({ $param })。分けて送ってください。
gate-error-sk0205-unknown-label = 区分が分からないため判定できません。
gate-error-sk0401 = 監査ログに問題があるため、要求を受け付けていません。管理者に連絡してください。
gate-error-sk0402 = 監査ログに記録できないため、要求を受け付けていません。管理者に連絡してください。
gate-error-sk0403 = 監査ログの空きがないため、要求を受け付けていません。管理者に連絡してください。
gate-error-sk0408 = 監査ログの鍵を使えないため、要求を受け付けていません。管理者に連絡してください。
gate-error-sk0410 = 要求が大きすぎるか、記録できない文字を含むため、受け付けられません。
gate-error-sk0411 = 同時に動いている要求が多すぎます。少し待って、もう一度送ってください。
gate-error-sk0501 = 「{ $param }」を受け付けられません: { $what }。
gate-error-sk0501-body = 要求の本文を受け付けられません: { $what }。
gate-error-sk0502 = このアドレスはありません。/v1/chat/completions などの OpenAI 互換のアドレスを使ってください。
gate-error-sk0503 = 要求が大きすぎます (上限 { $max-bytes } バイト)。
gate-error-sk0504 = 鍵を確認できません。Authorization: Bearer の後に、有効な鍵を付けてください。
gate-error-sk0505 = この要求は許されていません。
gate-error-sk0505-ceiling = 区分 { $label } は、この利用者または鍵の上限 ({ $ceiling }) を超えています。
gate-error-sk0505-tenant = 部署「{ $tenant }」に属していません。
gate-error-sk0505-purpose-of-key = この鍵は、申告された業務目的には使えません。
gate-error-sk0505-policy = 組織のポリシーにより、モデル「{ $model }」へのこの要求は許されていません。{ $why }
gate-error-sk0506 = モデル「{ $model }」はありません。/v1/models で使えるモデルを確認してください。
gate-error-sk0507 = 区分 { $label } の内容を送ってよい先が、モデル「{ $model }」にはありません。別のモデルを選んでください。
gate-error-sk0508 = 申告された区分 { $declared } は、定められた区分 { $assigned } より低いため受け付けられません。区分は上げることだけができます。
gate-error-sk0509 = 要求が多すぎます。{ $retry-after } 秒待って、もう一度送ってください。
gate-error-sk0509-requests-per-minute = 1 分あたりの要求の数が上限に達しました。{ $retry-after } 秒待って、もう一度送ってください。
gate-error-sk0509-tokens-per-minute = 1 分あたりのトークン数が上限に達しました。{ $retry-after } 秒待って、もう一度送ってください。
gate-error-sk0509-concurrent-requests = 同時に送れる要求の数が上限に達しました。動いている要求が終わってから送ってください。
gate-error-sk0510 = 今月の予算を使い切りました。増やすには管理者に相談してください。
gate-error-sk0511 = 指定されたひな形は使えません。承認された版を指定してください。
gate-error-sk0512 = このモデルは「{ $what }」に対応していません。
gate-error-sk0513 = ゲートウェイは準備中か、止まるところです。少し待って、もう一度送ってください。
gate-error-sk0514 = 要求が最後まで届きませんでした。
gate-error-sk0601 = モデルのサーバーがエラーを返しました (状態 { $status })。
gate-error-sk0601-400 = モデルのサーバーが、この要求を受け付けませんでした。値の組み合わせを確認してください。
gate-error-sk0601-404 = モデルのサーバーに、このモデルがありません。管理者に連絡してください。
gate-error-sk0601-413 = モデルのサーバーには、この要求は大きすぎます。
gate-error-sk0601-422 = モデルのサーバーが、この要求を受け付けませんでした。値を確認してください。
gate-error-sk0601-429 = モデルのサーバーが混み合っています。少し待って、もう一度送ってください。
gate-error-sk0602 = モデルのサーバーにつながりません。少し待って、もう一度送ってください。
gate-error-sk0603 = モデルのサーバーの応答が時間内に届きませんでした ({ $phase })。
gate-error-sk0604 = モデルのサーバーの応答を読めませんでした。
gate-error-sk0701 = 保管庫を使えないため、要求を受け付けていません。管理者に連絡してください。
gate-invalid-json = JSON として読めません ({ $detail })
gate-invalid-type = 型が違うか、足りません ({ $detail })
gate-invalid-range = { $min } から { $max } までの値にしてください
gate-invalid-too-many = { $max } を超えています
gate-invalid-empty = 空です
gate-invalid-unknown = この値はありません
gate-invalid-value = 使える値は { $allowed } です
gate-invalid-conflict = 「{ $with }」と合いません

## config show
gate-config-key = 項目
gate-config-value = 値
gate-config-origin = どこから
gate-config-flag = 指定 { $value }
gate-config-environment = 環境変数 { $value }
gate-config-file = ファイルの { $value } 行目
gate-config-preset = 上流の種類 { $value }
gate-config-default = 既定

## route explain
gate-route-refused = この要求は通りません
gate-route-nobody = 「{ $name }」という利用者はいません
gate-hint-route-nobody = sekisho user list で一覧を確認できます
gate-route-undeclared = なし
gate-route-label = 区分: { $label } (申告: { $declared })。文章の中の表示により、さらに上がることがあります
gate-route-allowed = ポリシー: ○ 許可
gate-route-not-allowed = ポリシー: × 許すポリシーがありません
gate-route-forbidden = ポリシー: × 禁止
gate-route-policy = {"  "}{ $id } ({ $line } 行目): { $why }
gate-route-upstream = 上流
gate-route-place = 場所
gate-route-clearance = 格付け上限
gate-route-standing = 判断
gate-route-chosen = ○ { $upstream } に送ります
gate-place-on-prem = 庁内
gate-place-domestic = 国内
gate-place-abroad = 海外
gate-standing-open = 送れます
gate-standing-above = 区分が上限を超えます
gate-standing-disabled = 使っていません
