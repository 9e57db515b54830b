## Help of sekisho serve, config, route and doctor
cli-sekisho-serve = Start the gate. SIGTERM or Ctrl+C stops it, SIGHUP makes it read its settings again
cli-sekisho-serve--config = Settings file (TOML); else the variable SEKISHO_CONFIG, else /etc/sekisho/sekisho.toml
cli-sekisho-serve--listen = Address to listen on, over listen.address of the settings (127.0.0.1:7100)
cli-sekisho-serve--data = Folder of the data, over data of the settings
cli-sekisho-config = Look into settings
cli-sekisho-config-show = Show every settled value. Keys are not shown
cli-sekisho-config-show--config = Settings file (TOML)
cli-sekisho-config-show--listen = As given to serve
cli-sekisho-config-show--data = As given to serve
cli-sekisho-config-show--origin = Show too where each value is from: flag, variable, line of the file, default
cli-sekisho-route = Look into decisions about where requests go
cli-sekisho-route-explain = Show how a request would be judged. Sends nothing and records nothing
cli-sekisho-route-explain--config = Settings file (TOML)
cli-sekisho-route-explain--listen = As given to serve
cli-sekisho-route-explain--data = As given to serve
cli-sekisho-route-explain--model = Name of the model
cli-sekisho-route-explain--label = Label that the request declares; without it, a request that declares none
cli-sekisho-route-explain--principal = Whose request (name of a user or system); without it, policies are not asked
cli-sekisho-route-explain--purpose = Purpose
cli-sekisho-doctor = Check settings and machine before anything starts. Exit status 1 if any line has ×
cli-sekisho-doctor--config = Settings file (TOML)
cli-sekisho-doctor--listen = As given to serve
cli-sekisho-doctor--data = As given to serve

## Problems of settings
gate-settings-invalid = { $file } and the files it names have { $count } problems
gate-hint-settings = when all are mended, `sekisho doctor` checks everything before the start
gate-hint-groups = make the groups that the policies speak of first, with `sekisho group add` or `sekisho user import`
gate-problem-at = line { $line }: { $what }
gate-problem-unreadable = cannot be read ({ $cause })
gate-problem-too-long = more than { $max } bytes
gate-problem-syntax = not TOML ({ $detail })
gate-problem-unknown-key = there is no such key; a slip? (keys here: { $detail })
gate-problem-wrong-type = a value of another type ({ $detail })
gate-problem-version = an unknown version; write version = 1
gate-problem-missing = must be there, and is not
gate-problem-out-of-bounds = must be from { $low } to { $high }
gate-problem-not-one-of = "{ $found }" cannot be used; one of: { $allowed }
gate-problem-duplicate = "{ $found }" stands here twice
gate-problem-bad-name = "{ $found }" cannot be a name; at most 128 characters without spaces
gate-problem-bad-address = "{ $found }" is no address; write one like 127.0.0.1:7100
gate-problem-bad-origin = "{ $found }" cannot name a log; begin with a domain name of yours, without spaces and +
gate-problem-no-such-label = the scheme has no label "{ $found }"; it has: { $allowed }
gate-problem-no-such-upstream = there is no upstream "{ $found }"; there are: { $allowed }
gate-problem-needs-one-of = one of { $keys } must be there
gate-problem-pointless = has no meaning beside { $beside }
gate-problem-open-to-others = others than its owner can read it (mode { $mode }); close it with chmod 600
gate-problem-no-variable = there is no environment variable { $name }
gate-problem-setup = the connection cannot be prepared ({ $cause })
gate-problem-tls = certificate or key cannot be used ({ $cause })
gate-problem-script = the script cannot be used ({ $detail })
gate-problem-upstream = the settings of the upstream have problems
gate-problem-unused = nothing uses this key: the upstream asks for none
gate-problem-url = cannot be used as a URL ({ $value })
gate-problem-plain-http = http encrypts neither keys nor texts; if that is meant, write plain_http = true
gate-problem-not-a-member = "{ $value }" is no member of a request; write it like chat.n
gate-problem-not-a-header = "{ $value }" is no header that settings may set
gate-problem-key-not-a-pair = the key has not the form UUID:secret
gate-problem-zero = must be more than 0
gate-problem-too-many = must be at most { $value }
gate-access-problem-too-long = more than { $bytes-max } bytes
gate-access-problem-too-many = more than { $max } policies
gate-access-problem-syntax = not Cedar ({ $detail })
gate-access-problem-invalid = not what the schema allows ({ $detail })
gate-access-problem-template = templates (?principal) cannot be used
gate-access-problem-no-id = without @id
gate-access-problem-bad-id = an @id has small letters, digits and hyphens only
gate-access-problem-duplicate = the same @id stands on line { $first-line }
gate-access-problem-unknown-name = there is no { $field } named "{ $found }"; there are: { $known }
gate-access-problem-rank-out-of-bounds = no label has rank { $found }; the highest is { $highest }

## While it runs
gate-listening =
    the gate is open: { $url }
      settings { $version }, models { $models }
      audit log { $origin } ({ $data })
gate-nobody =
    △ there are no users yet; nobody can come in without a key
      hint: add them with `sekisho user import` or `sekisho user add`
gate-recovered = tidied up after the last end: { $bytes } bytes cut off the log, { $aborted } records that had not ended
gate-reloaded = settings { $version } are in force ({ $cause })
gate-restart-needed = △ changes of data, listen, audit.origin, limits of size and time, and log take effect at the next start
gate-reload-refused = × the new settings are not used ({ $count } problems); { $version } stays in force
gate-unrecorded = × { $event } could not be recorded in the audit log ({ $cause })
gate-stopping = { $signal }: no new connections; running requests have up to { $seconds } seconds. Once more ends them at once
gate-stopped = stopped ({ $cut } connections cut off, { $dropped } lines of log dropped)

## When it cannot start
gate-runtime-failed = the program could not be set up
gate-data-unwritable = the data folder { $folder } cannot be made
gate-hint-data = name a folder that can be written with --data, or data in the settings
gate-store-failed = the store { $file } cannot be opened
gate-store-close-failed = the store cannot be closed
gate-hint-store = `sekisho doctor` looks at its state
gate-journal-failed = the audit log { $folder } cannot be opened
gate-hint-journal = see that no other sekisho runs, and check it with `sekisho audit verify --dir { $folder }`
gate-listen-failed = cannot listen on { $address }
gate-hint-listen = see whether another program has it, or name another address with --listen

## What clients read
gate-error-sk0001 = Something went wrong inside the gate. Give the request id to whoever runs it.
gate-error-sk0205 = The rules of the organisation do not let this pass.
gate-error-sk0205-rule = The rule "{ $rule }" of the organisation does not let this pass ({ $param }). Take out what it is about and send again.
gate-error-sk0205-too-long = Too long to be judged ({ $param }). Send it in parts.
gate-error-sk0205-unknown-label = It cannot be judged, since its label is not known.
gate-error-sk0401 = The audit log has a problem, so no requests are taken. Tell whoever runs the gate.
gate-error-sk0402 = The audit log takes no records, so no requests are taken. Tell whoever runs the gate.
gate-error-sk0403 = The audit log has no space left, so no requests are taken. Tell whoever runs the gate.
gate-error-sk0408 = The keys of the audit log cannot be used, so no requests are taken. Tell whoever runs the gate.
gate-error-sk0410 = The request is too large to be recorded, or holds characters that cannot be.
gate-error-sk0411 = Too many requests are running. Wait a little and send again.
gate-error-sk0501 = "{ $param }" cannot be taken: { $what }.
gate-error-sk0501-body = The body of the request cannot be taken: { $what }.
gate-error-sk0502 = There is nothing at this address. Use one of the OpenAI-compatible ones, such as /v1/chat/completions.
gate-error-sk0503 = The request is too large (at most { $max-bytes } bytes).
gate-error-sk0504 = The key is not known. Send a valid one after Authorization: Bearer.
gate-error-sk0505 = This is not allowed.
gate-error-sk0505-ceiling = Label { $label } is above the ceiling of this user or key ({ $ceiling }).
gate-error-sk0505-tenant = You are not in the group "{ $tenant }".
gate-error-sk0505-purpose-of-key = This key is not for the purpose that was declared.
gate-error-sk0505-policy = The policies of the organisation do not allow this request to the model "{ $model }". { $why }
gate-error-sk0506 = There is no model "{ $model }". See /v1/models for those there are.
gate-error-sk0507 = The model "{ $model }" runs nowhere that may receive content of label { $label }. Choose another model.
gate-error-sk0508 = The declared label { $declared } is lower than the assigned one, { $assigned }. Labels can only be raised.
gate-error-sk0509 = Too many requests. Wait { $retry-after } seconds and send again.
gate-error-sk0509-requests-per-minute = The limit of requests in a minute is reached. Wait { $retry-after } seconds and send again.
gate-error-sk0509-tokens-per-minute = The limit of tokens in a minute is reached. Wait { $retry-after } seconds and send again.
gate-error-sk0509-concurrent-requests = The limit of simultaneous requests is reached. Send again when one has ended.
gate-error-sk0510 = The budget of this month is used up. Ask whoever runs the gate for more.
gate-error-sk0511 = This template cannot be used. Name an approved version.
gate-error-sk0512 = This model does not do "{ $what }".
gate-error-sk0513 = The gate is starting or stopping. Wait a little and send again.
gate-error-sk0514 = The request did not arrive to its end.
gate-error-sk0601 = The model's server answered with an error (status { $status }).
gate-error-sk0601-400 = The model's server did not take this request. Check how its values go together.
gate-error-sk0601-404 = The model's server does not have this model. Tell whoever runs the gate.
gate-error-sk0601-413 = This request is too large for the model's server.
gate-error-sk0601-422 = The model's server did not take this request. Check its values.
gate-error-sk0601-429 = The model's server is busy. Wait a little and send again.
gate-error-sk0602 = The model's server cannot be reached. Wait a little and send again.
gate-error-sk0603 = The model's server did not answer in time ({ $phase }).
gate-error-sk0604 = The answer of the model's server could not be read.
gate-error-sk0701 = The store cannot be used, so no requests are taken. Tell whoever runs the gate.
gate-invalid-json = it is not JSON ({ $detail })
gate-invalid-type = of another type, or missing ({ $detail })
gate-invalid-range = must be from { $min } to { $max }
gate-invalid-too-many = more than { $max }
gate-invalid-empty = empty
gate-invalid-unknown = there is no such value
gate-invalid-value = must be one of { $allowed }
gate-invalid-conflict = does not agree with "{ $with }"

## config show
gate-config-key = key
gate-config-value = value
gate-config-origin = from
gate-config-flag = flag { $value }
gate-config-environment = variable { $value }
gate-config-file = line { $value } of the file
gate-config-preset = kind of upstream { $value }
gate-config-default = default

## route explain
gate-route-refused = this request would not pass
gate-route-nobody = there is no user "{ $name }"
gate-hint-route-nobody = `sekisho user list` shows all of them
gate-route-undeclared = none
gate-route-label = label: { $label } (declared: { $declared }); markings in the text can raise it further
gate-route-allowed = policy: ○ permitted
gate-route-not-allowed = policy: × no policy permits it
gate-route-forbidden = policy: × forbidden
gate-route-policy = {"  "}{ $id } (line { $line }): { $why }
gate-route-upstream = upstream
gate-route-place = place
gate-route-clearance = clearance
gate-route-standing = decision
gate-route-chosen = ○ it would go to { $upstream }
gate-place-on-prem = on the premises
gate-place-domestic = in Japan
gate-place-abroad = abroad
gate-standing-open = may receive it
gate-standing-above = the label is above its clearance
gate-standing-disabled = not in use
