//! A witness on another host, and what only a witness finds.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Command, Stdio},
};

use expect_test::expect;

use super::desk::{Desk, RECORDS, masked, transcript};

const NAME: &str = "witness.kansa.example";
/// A witness with a port of its own.
const SERVE: [&str; 10] = [
    "audit",
    "witness",
    "serve",
    "witness",
    "--name",
    NAME,
    "--log",
    "log/log/origin",
    "--listen",
    "127.0.0.1:0",
];
/// A witness that is given a file.
const ANSWER: [&str; 12] = [
    "audit",
    "witness",
    "answer",
    "witness",
    "--name",
    NAME,
    "--log",
    "log/log/origin",
    "--request",
    "request.txt",
    "--out",
    "cosigned.txt",
];

/// A witness that runs; killed when dropped.
pub(super) struct Running {
    child: Child,
    pub(super) key: String,
    url: String,
}

impl Running {
    pub(super) fn start(desk: &Desk) -> Self {
        Self::start_with(desk, &[])
    }

    /// With more flags.
    pub(super) fn start_with(desk: &Desk, flags: &[&str]) -> Self {
        let mut child = desk
            .command(&[&SERVE[..], flags].concat())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let (key, url) = (lines.next().unwrap().unwrap(), lines.next().unwrap().unwrap());
        Self { child, key, url }
    }

    /// Asks it to stop as systemd does, and gives what it said.
    fn stop(mut self) -> (Option<i32>, String) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").arg(&id).status().unwrap().success());
        let mut said = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        (self.child.wait().unwrap().code(), said)
    }

    /// A bare HTTP exchange.
    fn http(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(self.url.strip_prefix("http://").unwrap()).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let shown = answer.lines().filter(|line| !line.starts_with("date:"));
        shown.fold(String::new(), |text, line| text + line + "\n")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(super) fn ask(desk: &Desk, log: &str, witness: &Running) -> String {
    let arguments = ["audit", "witness", "ask", log, "--url", &witness.url, "--key", &witness.key];
    transcript(&desk.run(&arguments))
}

#[test]
fn a_log_that_was_put_back_verifies_alone_and_the_witness_refuses_it() {
    let desk = Desk::with_log();
    let witness = Running::start(&desk);
    let mut text = ask(&desk, "log", &witness);
    desk.copy("log", "older");
    desk.run_with(&["audit", "record", "log"], RECORDS);
    text += &ask(&desk, "log", &witness);
    // Nothing new: the witness says the same again, and the newer line takes the place of the older.
    text += &ask(&desk, "log", &witness);
    let checkpoint = fs::read_to_string(desk.path("log/log/checkpoint")).unwrap();
    assert_eq!(checkpoint.matches(NAME).count(), 1, "{checkpoint}");
    let key = desk.key();
    let verify = || desk.run(&["audit", "verify", "log", "--key", &key, "--witness", &witness.key]);
    assert_eq!(verify().status, 0);
    // A checkpoint may be missing, but not the cosignature that somebody asks for.
    fs::remove_file(desk.path("log/log/checkpoint")).unwrap();
    let without = verify();
    assert!(without.status == 1 && without.stdout.contains("[not-witnessed]"), "{}", without.stdout);

    // The administrator puts the whole folder back, keys and all.
    fs::remove_dir_all(desk.path("log")).unwrap();
    desk.copy("older", "log");
    let alone = desk.run(&["audit", "verify", "log", "--key", &key]);
    assert_eq!(alone.status, 0, "nothing in the folder can show it: {}", alone.stdout);
    text += &ask(&desk, "log", &witness);
    // And lets it grow past what the witness has seen.
    for _ in 0..2 {
        desk.run_with(&["audit", "record", "log"], RECORDS);
    }
    text += &ask(&desk, "log", &witness);
    expect![[r#"
        ○ witness.kansa.example が 7 件の時点に副署しました (TIME...............)
        --- stderr
        --- status 0
        ○ witness.kansa.example が 14 件の時点に副署しました (TIME...............)
        --- stderr
        --- status 0
        ○ witness.kansa.example が 14 件の時点に副署しました (TIME...............)
        --- stderr
        --- status 0
        --- stderr
        error[SK0401]: 証人は 14 件の時点を覚えていますが、このログには 7 件しかありません
          原因: ログが昔の状態に戻されています。控えから戻した場合も同じです
          hint: log/ と keys/ に触れずに写しを取り、監査の責任者に知らせてください。log だけを調べても、戻される前のことは分かりません
        --- status 1
        --- stderr
        error[SK0401]: 証人 http://127.0.0.1:PORT は副署しませんでした (422)
          原因: 証人が前に副署した歴史と、このログの歴史が食い違います。過去の記録が書き換えられています
          hint: log/ と keys/ に触れずに写しを取り、監査の責任者に知らせてください。log だけを調べても、戻される前のことは分かりません
        --- status 1
    "#]].assert_eq(&text);

    let kept: Vec<_> = fs::read_dir(desk.path("witness/refused")).unwrap().collect();
    assert_eq!(kept.len(), 1, "the second history is kept as evidence");
    let (status, said) = witness.stop();
    assert_eq!(status, Some(0));
    let said: String = masked(&said)
        .lines()
        .filter(|line| !line.contains("kept as evidence"))
        .fold(String::new(), |text, line| text + line + "\n");
    expect![[r#"
        上は証人の公開鍵とアドレスです。副署するログ: audit.sekino.example/2026。Ctrl-C で止まります
        TIME.................... 200 audit.sekino.example/2026 old=0 size=7 latest=7
        TIME.................... 409 audit.sekino.example/2026 old=0 size=14 latest=7
        TIME.................... 200 audit.sekino.example/2026 old=7 size=14 latest=14
        TIME.................... 409 audit.sekino.example/2026 old=0 size=14 latest=14
        TIME.................... 200 audit.sekino.example/2026 old=14 size=14 latest=14
        TIME.................... 409 audit.sekino.example/2026 old=0 size=7 latest=14
        TIME.................... 409 audit.sekino.example/2026 old=0 size=21 latest=14
        TIME.................... 422 audit.sekino.example/2026 old=14 size=21 latest=14
        証人を止めました
    "#]]
    .assert_eq(&said);
}

#[test]
fn a_witness_remembers_over_a_restart_and_has_its_folder_for_itself() {
    let desk = Desk::with_log();
    let first = Running::start(&desk);
    ask(&desk, "log", &first);
    let key = first.key.clone();
    desk.check(
        &SERVE,
        &expect![[r#"
        --- stderr
        error[SK0411]: witness は別の証人のプロセスが使っています
          hint: そのプロセスを止めるか、別のフォルダーを指定してください
        --- status 1
    "#]],
    );
    assert_eq!(first.stop().0, Some(0));
    let again = Running::start(&desk);
    assert_eq!(again.key, key);
    let get = "GET / HTTP/1.1\r\nhost: w\r\nconnection: close\r\n\r\n";
    expect![[r#"
        HTTP/1.1 200 OK
        content-type: text/plain; charset=utf-8
        content-length: 142
        connection: close

        witness witness.kansa.example
        key witness.kansa.example:KEY
        log audit.sekino.example/2026 7
    "#]]
    .assert_eq(&masked(&again.http(get)));
}

#[test]
fn what_is_no_question_gets_the_answers_of_the_protocol() {
    let desk = Desk::with_log();
    let witness = Running::start(&desk);
    let post = |body: &str| {
        let length = body.len();
        let head = format!(
            "POST /add-checkpoint HTTP/1.1\r\nhost: w\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n"
        );
        witness.http(&(head + body)).lines().next().unwrap().to_owned()
    };
    assert_eq!(post("old"), "HTTP/1.1 400 Bad Request");
    assert_eq!(post(&"x".repeat(70_000)), "HTTP/1.1 413 Payload Too Large");
    let signed = fs::read_to_string(desk.path("log/log/checkpoint")).unwrap();
    assert_eq!(post(&format!("old 9\n\n{signed}")), "HTTP/1.1 400 Bad Request");
    assert_eq!(post(&format!("old 0\n\n{}", signed.replacen('7', "8", 1))), "HTTP/1.1 403 Forbidden");
    assert_eq!(post(&format!("old 0\n\n{}", signed.replace("sekino", "betsu"))), "HTTP/1.1 404 Not Found");
    assert_eq!(post(&format!("old 0\n\n{signed}")), "HTTP/1.1 200 OK");
    let conflict = witness.http(&format!(
        "POST /add-checkpoint HTTP/1.1\r\nhost: w\r\nconnection: close\r\ncontent-length: {}\r\n\r\nold 0\n\n{signed}",
        signed.len() + 7
    ));
    expect![[r#"
        HTTP/1.1 409 Conflict
        content-type: text/x.tlog.size
        content-length: 2
        connection: close

        7
    "#]]
    .assert_eq(&conflict);
}

#[test]
fn who_does_not_answer_is_named() {
    let desk = Desk::with_log();
    let key = Running::start(&desk).key.clone();
    let ask = |url: &str, key: &str| {
        transcript(&desk.run(&["audit", "witness", "ask", "log", "--url", url, "--key", key]))
    };
    let mut text = ask("https://witness.example", &key);
    text += &ask("http://127.0.0.1:1", &desk.key());
    text += &transcript(&desk.run(&["--lang", "en", "audit", "witness", "ask", "log"]));
    expect![[r#"
        --- stderr
        error[SK0002]: http:// で始まるアドレスではありません: https://witness.example
          hint: チェックポイントは公開してよく、署名で守られているので、暗号化しない http だけを使います
        --- status 1
        --- stderr
        error[SK0002]: これはログの鍵です。証人の鍵を指定してください: audit.sekino.example/2026:KEY
          hint: 証人の公開鍵は、証人を始めたときに示されます
        --- status 1
        --- stderr
        error[SK0002]: <--url <URL>|--out <FILE>|--answer <FILE>> must be given
          hint: `--help` shows how to call it
        --- status 1
    "#]]
    .assert_eq(&text);
    let answer = desk.run(&["audit", "witness", "ask", "log", "--url", "http://127.0.0.1:1", "--key", &key]);
    assert!(answer.stderr.starts_with("error[SK0412]"), "{}", answer.stderr);
}

#[test]
fn a_witness_without_a_network_answers_files() {
    let desk = Desk::with_log();
    desk.ok(&["audit", "witness", "ask", "log", "--out", "request.txt"]);
    let key = desk.ok(&ANSWER).trim().to_owned();
    desk.check(
        &["audit", "witness", "ask", "log", "--answer", "cosigned.txt", "--key", &key],
        &expect![[r#"
            ○ witness.kansa.example が 7 件の時点に副署しました (TIME...............)
            --- stderr
            --- status 0
        "#]],
    );

    // The log grows between question and answer: the answer is good to keep, and no longer for the newest checkpoint.
    desk.ok(&["audit", "witness", "ask", "log", "--out", "request.txt", "--since", "7"]);
    desk.ok(&ANSWER);
    desk.run_with(&["audit", "record", "log"], RECORDS);
    desk.check(
        &["audit", "witness", "ask", "log", "--answer", "cosigned.txt", "--key", &key],
        &expect![[r#"
            --- stderr
            error[SK0409]: この副署は、いま公表しているチェックポイントのものではありません
              原因: 問い合わせを書き出したあとに、ログが伸びています
              hint: cosigned.txt はそのまま控えとして使えます: `sekisho-verify log DIR/log --trust cosigned.txt`
            --- status 1
        "#]],
    );
    let log_key = desk.key();
    let trusted = desk.run(&["audit", "verify", "log", "--key", &log_key, "--trust", "cosigned.txt"]);
    assert_eq!(trusted.status, 0, "{}", trusted.stdout);

    // A question that starts elsewhere than where the witness stands.
    desk.ok(&["audit", "witness", "ask", "log", "--out", "request.txt"]);
    desk.check(&ANSWER, &expect![[r#"
        --- stderr
        error[SK0412]: 副署できません
          原因: the last cosigned checkpoint has 7 entries
          hint: 証人が前に副署したのは 7 件の時点です。`sekisho audit witness ask DIR --out FILE --since 7` で作り直してください
        --- status 1
    "#]]);
}
