## Help of sekisho audit
cli-sekisho-audit = Record what passed and what was stopped, and prove that nobody changed the record
cli-sekisho-audit-init = Make a new audit log and show its verifier key: put it on paper and give it to whoever audits
cli-sekisho-audit-init--origin = Name of the log, beginning with a domain of the organisation (audit.city.example.jp/2026)
cli-sekisho-audit-init--retention = The organisation's own retention classes (TOML); else those that come with the program
cli-sekisho-audit-status = How the log stands: entries, root hash, cosignatures of witnesses
cli-sekisho-audit-record = Take records as JSON, one a line, and give back their ids once they are durable
cli-sekisho-audit-record--file = File of records (JSONL); - is the standard input
cli-sekisho-audit-search = List records; all conditions that are given must hold
cli-sekisho-audit-search--limit = How many to list (1 to 10000)
cli-sekisho-audit-search--after = Where the list before ended, as it says at its end
cli-sekisho-audit-search--ids = Record ids only, one a line
cli-sekisho-audit-search--held = Records on legal hold (without other conditions)
cli-sekisho-audit-show = One record, whole: what is in it, what became of it, where it stands in the log
cli-sekisho-audit-export = Write records out together with their proofs
cli-sekisho-audit-export--format = Format: jsonl (with proofs), csv (for spreadsheets)
cli-sekisho-audit-export--out = File to write; - is the standard output
cli-sekisho-audit-export--proofs = Folder for one file per proof
cli-sekisho-audit-prove = Write the proof of one record; whoever receives it needs neither log nor keys
cli-sekisho-audit-prove--out = Folder for the proofs
cli-sekisho-audit-verify = Check with the verifier, sekisho-verify, that nothing in the whole log was changed
cli-sekisho-audit-verify--flags = What to tell sekisho-verify (--key, --trust, --witness)
cli-sekisho-audit-checkpoint = Three lines and a QR code that fix what the log is now, for paper
cli-sekisho-audit-checkpoint--html = File for one A4 sheet
cli-sekisho-audit-erase = Destroy the keys of records, so that nobody can read them; that and why stays, and every proof still holds
cli-sekisho-audit-hold = Put records on legal hold: until released they can be neither erased nor expired
cli-sekisho-audit-release = Lift the legal hold on records
cli-sekisho-audit-expire = Erase records past their retention period; what is on hold stays
cli-sekisho-audit-erase--whole-class = Number of a retention class: erase all its records, and the key of the class
cli-sekisho-audit-rotate-key = Change the key that signs, and print the new verifier key; the old one introduces it and still verifies what it signed
cli-sekisho-audit-witness = A witness on another host, which cosigns only what goes on from all it has seen
cli-sekisho-audit-witness-serve = Be a witness, and answer logs until stopped
cli-sekisho-audit-witness-serve--listen = Address to listen on (192.0.2.10:7140); port 0 is any free one
cli-sekisho-audit-witness-answer = Be a witness without a network: answer a request that came as a file
cli-sekisho-audit-witness-answer--request = The request (as ask --out wrote it)
cli-sekisho-audit-witness-answer--out = File for the cosigned checkpoint
cli-sekisho-audit-witness-ask = Send the newest checkpoint to a witness, check its cosignature, and keep it
cli-sekisho-audit-witness-ask--url = Address of the witness (http://192.0.2.10:7140)
cli-sekisho-audit-witness-ask--key = Verifier key of the witness, or a file that holds it
cli-sekisho-audit-witness-ask--out = Write the request to a file instead of sending it (for a witness without a network)
cli-sekisho-audit-witness-ask--since = With --out: the entries the witness cosigned last
cli-sekisho-audit-witness-ask--answer = The cosigned checkpoint that the witness gave back as a file
cli-sekisho--dir = Folder of the log (the one that holds log/, keys/ and index/)
cli-sekisho-audit-witness-serve--dir = Folder where the witness remembers what it has seen
cli-sekisho-audit-witness-answer--dir = Folder where the witness remembers what it has seen
cli-sekisho-audit-witness-serve--name = Name of the witness (witness.city.example.jp)
cli-sekisho-audit-witness-answer--name = Name of the witness (witness.city.example.jp)
cli-sekisho-audit-witness-serve--log = Verifier key of a log to cosign, or a file that holds it; may be given often
cli-sekisho-audit-witness-answer--log = Verifier key of a log to cosign, or a file that holds it; may be given often
cli-sekisho--record = Record id (32 hexadecimal digits)
cli-sekisho--records = Record ids (32 hexadecimal digits); - reads them from the standard input, one a line
cli-sekisho--by = Who does it; stays in the log for good
cli-sekisho--ground = On what ground (article, decision number); stays in the log for good
cli-sekisho--yes = Do it without asking
cli-sekisho--from = At or after: 2026-11-24 or 2026-11-24T10:00; Japan time unless a zone is written
cli-sekisho--to = Before; a date alone includes that day
cli-sekisho--principal = Who (staff number, name of a system)
cli-sekisho--tenant = For which department or project
cli-sekisho--purpose = The declared purpose
cli-sekisho--label-scheme = Id of the label scheme
cli-sekisho--label = Label of the input or of the answer
cli-sekisho--model = Id of the model
cli-sekisho--upstream = Id of where it was sent
cli-sekisho--verdict = Verdict: pass, flag, mask, refuse
cli-sekisho--outcome = Outcome: answered, refused, failed, cancelled, aborted
cli-sekisho--rule = Id of a rule that took part
cli-sekisho--code = Error code (SK0203)
cli-sekisho--event = Name of an event (policy.loaded)
cli-sekisho--kind = What the record is: request, event, erase, hold, release, key
cli-sekisho--class = Number of the retention class
cli-sekisho--contains = Text within input, answer or anything else; decrypts, so it takes time
cli-sekisho--erased = Only what was erased
cli-sekisho--kept = Only what was not erased
cli-sekisho--oldest = Oldest first

## Opening, status
audit-no-log = there is no audit log in { $dir }
audit-hint-no-log = `sekisho audit init { $dir } --origin NAME` makes one
audit-open-failed = the audit log in { $dir } cannot be opened
audit-read-failed = the audit log cannot be read
audit-unreadable = { $file } cannot be read
audit-origin-unreadable = { $file } does not give the name and the key of the log
audit-recovered = Removed { $count } bytes that were being written at the last stop (nobody had been told of them)
audit-aborted = Closed { $count } requests as aborted that had not ended at the last stop
audit-finished-erasures = Finished { $count } erasures that were under way at the last stop
audit-exists = there is an audit log in { $dir } already
audit-hint-exists = `sekisho audit status { $dir }` shows how it stands
audit-origin-bad = not usable as a name: { $origin }
audit-hint-origin = use a name of up to 255 bytes without spaces and + (audit.city.example.jp/2026)
audit-made =
    Made the audit log "{ $origin }" in { $dir }. The line above is its verifier key

      1. Put the verifier key on paper and give it to whoever audits: without it, nobody sees that the keys were swapped
      2. keys/ holds the keys for signing and reading. Back it up apart from log/, in backups that expire:
         as long as one old backup exists, an erased record can be read
      3. Put a witness on another host (sekisho audit witness serve):
         without one, or paper, nobody sees that the whole folder was put back to an older state
audit-status-origin = name
audit-status-key = verifier key
audit-status-entries = entries
audit-status-root = root hash
audit-status-published = published
audit-status-open = open requests
audit-status-held = records on hold
audit-status-log-bytes = size of the log
audit-status-index-bytes = size of index
audit-status-witness = cosigned by
audit-status-cosigned = { $name } ({ $time })
audit-status-no-witness = No witness has cosigned this checkpoint. Have it cosigned with `sekisho audit witness ask { $dir }`, against the whole folder being put back

## Retention file
audit-retention-missing = { $file } is not there; the retention classes that come with the program are used
audit-retention-invalid = { $file } has { $count } problems
audit-retention-there = { $file } is there already, and is not the file that was given
audit-retention-at = line { $line }: { $what }
audit-retention-too-long = too large (1 MiB at most)
audit-retention-syntax = { $value }
audit-retention-version = version must be 1
audit-retention-too-many = too many classes or rules
audit-retention-class-id = class number { $value } cannot be used (1 to 255, each once)
audit-retention-period = class { $value } needs either years (1 to 1000) or unlimited = true
audit-retention-name = class { $value } has no name
audit-retention-no-such-class = there is no class { $value }
audit-retention-rule-member = a rule for requests has no event, and one for events neither scheme nor label
audit-retention-no-last-request-rule = a last rule without conditions is needed for requests (kind = "request")
audit-retention-no-last-event-rule = a last rule without conditions is needed for events (kind = "event")

## Recording
audit-line-bad = line { $line } cannot be recorded: { $cause }
audit-line-too-long = more than { $mib } MiB
audit-line-form = either open and close together, or event
audit-lines-bad = { $count } lines could not be recorded
audit-hint-lines = one record a line: {"{"}"open": {"{"}…{"}"}, "close": {"{"}…{"}"}{"}"} or {"{"}"event": {"{"}…{"}"}{"}"}
audit-record-stopped = nothing can be recorded from line { $line } on; { $count } records before it are durable
audit-recorded = { $count } records

## Finding and showing
audit-found = { $count } records
audit-held-more = { $count } more records are on hold (--limit shows more)
audit-next = There is more: --after { $cursor }
audit-not-a-time = not a time: { $text }
audit-hint-time = write 2026-11-24, 2026-11-24T10:00 or 2026-11-24T01:00:00Z
audit-not-a-cursor = not where a list ended: { $text }
audit-hint-cursor = give what the list before said at its end
audit-not-a-record = not a record id: { $text }
audit-hint-record-id = a record id is 32 hexadecimal digits; `sekisho audit search` finds them
audit-show-failed = record { $record } cannot be shown
audit-title-time = time (Japan)
audit-title-end = end
audit-title-record = record
audit-title-kind = kind
audit-title-principal = who
audit-title-purpose = purpose
audit-title-label = label
audit-title-model = model
audit-title-verdict = verdict
audit-title-state = state
audit-title-class = retention
audit-title-erased = erased
audit-title-held = hold
audit-title-entry = entry
audit-title-bytes = bytes
audit-title-hash = leaf hash
audit-kind-request = request
audit-kind-event = event
audit-kind-erase = erasure
audit-kind-hold = hold
audit-kind-release = release
audit-kind-key = change of key
audit-verdict-pass = ○ pass
audit-verdict-flag = △ pass and tell
audit-verdict-mask = △ mask
audit-verdict-refuse = × refuse
audit-outcome-answered = answered
audit-outcome-refused = refused
audit-outcome-failed = failed
audit-outcome-cancelled = cancelled
audit-outcome-aborted = aborted
audit-state-erased = erased
audit-state-open = open
audit-state-held = ◆ on hold
audit-class-until = { $name } (until { $day })
audit-class-forever = { $name } (without end)
audit-class-unknown = class { $class } (not in the retention file)
audit-erased-by = { $time } by { $by }, ground: { $ground } (entry { $entry })
audit-held-by = by entry { $entry }
audit-leaves = Place in the log
audit-erased-still-proves = Nobody can read what it was; that it stood there is proved as before
audit-part-open = Request
audit-part-close = Result
audit-part-event = Event
audit-part-statement = Statement (signed, in clear)
audit-member-principal = who
audit-member-tenant = department
audit-member-purpose = purpose
audit-member-scheme = label scheme
audit-member-label = label
audit-member-model = model
audit-member-upstream = sent to
audit-member-verdict = verdict
audit-member-rules = rules
audit-member-sources = sources
audit-member-input = input
audit-member-output = answer
audit-member-outcome = outcome
audit-member-code = code
audit-member-prompt-tokens = prompt tokens
audit-member-completion-tokens = answer tokens
audit-member-cost-yen = cost (yen)
audit-member-ttft-ms = to first (ms)
audit-member-latency-ms = in all (ms)
audit-member-event = event
audit-member-detail = detail
audit-member-by = by
audit-member-ground = ground
audit-member-records = records

## Exporting, proving, verifying
audit-exported = { $count } records written
audit-prove-failed = record { $record } cannot be proved
audit-prove-next = Whoever receives this checks it so. Hand the verifier key over another way, on paper say, and not with the proof
      sekisho-verify proof { $file } --key { $key }
audit-verifier-failed = the verifier, sekisho-verify, does not run
audit-verifier-missing = it is neither in the folder of sekisho nor in PATH
audit-hint-verifier = put sekisho-verify beside sekisho; it is a program apart that shares no code with the writer

## Checkpoint
audit-checkpoint-next = Keep the three lines above (name, entries, root hash) on paper. Given to sekisho audit verify with --trust one day, they show that nothing before them was changed. For an A4 sheet: --html FILE
audit-sheet-title = Checkpoint of the audit log
audit-sheet-lead = Copy of the audit log "{ $origin }", written at { $time } (Japan time). These three lines fix every record up to then.
audit-sheet-origin = Name
audit-sheet-size = Entries
audit-sheet-root = Root hash (Base64)
audit-sheet-qr = The same three lines
audit-sheet-key = Verifier key of the log
audit-sheet-what = What to do with this sheet
audit-sheet-step-1 = Two people see that the three lines on the screen and on this sheet are the same, and sign or stamp it.
audit-sheet-step-2 = File it where those who run the log cannot reach it alone. Nothing on it is secret; copies may be handed out.
audit-sheet-step-3 = To verify, type the three lines into a file as they stand and run sekisho-verify log FOLDER --key KEY --trust FILE.
audit-sheet-step-4 = "○" says that no record up to this point has been changed since. At "×", copy log/ and keys/ without touching them and tell whoever is responsible for auditing.
audit-sheet-role = Role
audit-sheet-day = Date
audit-sheet-name = Name
audit-sheet-stamp = Signature
audit-sheet-printed-by = Printed by
audit-sheet-checked-by = Checked by

## Erasing and holding
audit-erase-ask = This erases { $count } records. Their keys are destroyed, nobody will read them again, and it cannot be undone
audit-release-ask = This lifts the hold on { $count } records. They can then be erased or expire
audit-expire-ask = This erases every record past its retention period. Their keys are destroyed, nobody will read them again, and it cannot be undone
audit-erase-class-ask = This erases every record of retention class { $class } ({ $name }) and the key of the class. Nobody will read them again, and it cannot be undone
audit-rotate-ask = This changes the key that signs. The old private key is overwritten, and it cannot be undone
audit-ask-reason = The log will say: by { $by }, ground { $ground }
audit-ask = Type yes to go on
audit-not-asked = nothing was done, since nobody can be asked: this is no terminal
audit-hint-yes = add --yes to go on
audit-not-done = nothing was done
audit-erase-failed = { $count } records cannot be erased; none was
audit-hold-failed = { $count } records cannot be put on hold
audit-release-failed = the hold on { $count } records cannot be lifted
audit-expire-failed = expiry did not finish
audit-erase-class-failed = retention class { $class } ({ $name }) cannot be erased
audit-erase-class-done = Erased { $count } records of retention class { $class } ({ $name }) and the key of the class. That and why stands in the log, signed
audit-rotate-failed = the key cannot be changed
audit-rotate-done =
    The line above is the new verifier key. It signs checkpoints of more than { $entries } entries

      1. Write it on paper for the auditor. Keep the first one, too: verifying begins with it
      2. Start the witness again with the new key in --log, beside the one before
      3. Back up keys/ again
audit-erase-done = Erased { $count } records. That and why stands in the log, signed
audit-hold-done = Put { $count } records on hold
audit-release-done = Lifted the hold on { $count } records
audit-expire-done = Erased { $count } records. Kept because on hold: { $held }
audit-too-many-records = { $max } records at most at once
audit-no-records = there are no record ids

## Why not
audit-why-locked = another process (the gateway, say) writes to this log, and a log has one writer
audit-hint-locked = searching, showing, exporting, proving and verifying work meanwhile; stop the writer to record, erase, hold or change the key
audit-why-rolled-back = { $published } entries were published and only { $found } are there: the log was put back, or is damaged
audit-hint-rolled-back = copy log/ and keys/ without touching them, and look with `sekisho audit verify { $dir }`
audit-why-damaged = what was recorded does not hold together
audit-hint-damaged = copy log/ and keys/ without touching them, and see with `sekisho audit verify { $dir }` from where on it does not hold
audit-why-no-such-record = there is no record { $record }
audit-hint-no-such-record = `sekisho audit search { $dir }` finds records
audit-why-still-open = record { $record } is still open, and can be erased once it has ended
audit-why-on-hold = record { $record } is on legal hold
audit-hint-on-hold = `sekisho audit show { $dir } RECORD` shows since when; `sekisho audit release` lifts it
audit-why-not-on-hold = record { $record } is not on hold
audit-why-erased = record { $record } has been erased
audit-hint-erased = `sekisho audit show { $dir } RECORD` shows when and why
audit-why-no-such-class = retention class { $class } is not in { $dir }/retention.toml
audit-why-log-gone = the keys (keys/) are there, and the log (log/) is not
audit-hint-log-gone = put log/ back from a copy; to begin anew, take another folder
audit-why-key-lost = the key of entry { $index } is gone, and no erasure names it
audit-hint-key-lost = put keys/ back from a copy as new as the log or newer
audit-why-no-space = the disk has no room
audit-hint-no-space = make room and try again; nothing that was recorded is lost
audit-why-poisoned = a write to the disk failed, so recording has stopped; a failed write is not tried again
audit-hint-poisoned = look at the disk, then start again: what was half written is put right at the start

## Keys
audit-not-a-key = not a verifier key: { $key }
audit-hint-key = give the line of the verifier key (name+hex+Base64), or a file that holds it; that of a log is line 2 of log/origin
audit-not-a-log-key = this is the key of a witness; give that of a log: { $key }
audit-not-a-witness-key = this is the key of a log; give that of the witness: { $key }
audit-hint-witness-key = a witness shows its verifier key when it starts
audit-key-open = others can read it; make it chmod 600

## Witnesses
audit-witness-failed = the witness cannot start
audit-witness-folder = { $dir } cannot be the folder of a witness
audit-witness-busy = another witness process has { $dir }
audit-hint-witness-busy = stop that process, or give another folder
audit-witness-key = the key of the witness, { $file }, cannot be used
audit-witness-other-name = it has another name: { $name }
audit-listen-failed = cannot listen on { $address }
audit-witness-started = Above are key and address of the witness. Logs it cosigns: { $logs }. Ctrl-C stops it
audit-witness-stopped = The witness has stopped
audit-witness-refuses = no cosignature
audit-hint-since = the witness last cosigned { $size } entries; make the request again with `sekisho audit witness ask DIR --out FILE --since { $size }`
audit-hint-evidence = the request is kept in { $file }, as evidence of two histories
audit-witness-answered = Cosigned { $size } entries of the log "{ $origin }". Above is the key of the witness
audit-ask-carry = Take this file to the witness, and give --answer what its `sekisho audit witness answer` writes
audit-ask-bad-answer = the answer of the witness holds no valid cosignature
audit-ask-cosigned = ○ { $witness } cosigned { $size } entries ({ $time })
audit-ask-published-anew = A newer checkpoint was published meanwhile, so the cosignature was not kept; ask again
audit-ask-not-stored = the witness has cosigned, but that cannot be kept
audit-ask-rolled-back = the witness remembers { $seen } entries, and this log has only { $here }
audit-why-ask-rolled-back = the log was put back to an older state; a restored backup is that too
audit-hint-ask-damaged = copy log/ and keys/ without touching them, and tell whoever is responsible for auditing; { $dir } alone cannot show what was there before
audit-ask-not-http = not an address that begins with http://: { $url }
audit-hint-http = a checkpoint is public and signed, so plain http is all that is used
audit-ask-unreachable = the witness { $url } does not answer
audit-hint-unreachable = see whether the witness runs, and whether address and port are right
audit-ask-refused = the witness { $url } gave no cosignature ({ $status })
audit-why-ask-not-signed = the witness has another verifier key for this log
audit-hint-ask-not-signed = start the witness again with the verifier key in { $dir }/log/origin as --log
audit-why-ask-unknown-log = the witness does not know this log
audit-hint-ask-unknown-log = start the witness again with the verifier key in { $dir }/log/origin as one more --log
audit-why-ask-faster = another request for the same log was faster
audit-hint-ask-faster = ask again
audit-why-ask-other-history = what the witness cosigned and what this log holds are two histories: something recorded was changed
audit-why-ask-other = the witness cannot answer
audit-hint-ask-other = ask again after a while; if it stays so, look at what the witness says on its host
audit-not-a-checkpoint = { $file } is not a checkpoint
audit-ask-grown = this cosignature is not for the checkpoint that is published now
audit-why-ask-grown = the log has grown since the request was written
audit-hint-ask-grown = { $file } is good to keep as it is: `sekisho-verify log DIR/log --trust { $file }`

## Lines that cannot be recorded
audit-record-line = { $member } is empty, too long, or not one line
audit-record-too-many = { $member } has more than { $max } items
audit-record-too-large = too large ({ $bytes } bytes)
audit-record-taken = the additional member { $member } has a name that is taken
audit-record-not-finite = { $member } is not a number
audit-record-class = there is no retention class { $class }
audit-record-size = too large for one record
