use super::Secrets;

#[test]
fn the_built_in_rules_pass_their_own_tests() {
    let (secrets, problems) = Secrets::load(super::BUILT_IN);
    assert_eq!(problems, []);
    assert_eq!(secrets.unwrap().failed_tests(), []);
}

const PIECES: &[&str] = &[
    "password",
    "=",
    "パスワード",
    "：",
    "は",
    " ",
    "\"",
    "Xk92mfa!",
    "12345678",
    "文字",
    "暗証番号",
    "4821",
    "桁",
    "-----BEGIN ",
    "PRIVATE KEY-----",
    "\n",
    "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC",
    "-----END ",
    "AQ==",
    "postgres://app:",
    "s3cr3tPw",
    "@db",
    "/",
    "https://",
    ":8080",
    "Bearer ",
    "a8Fk29dLq0ZmX71vTn4B",
    "Basic ",
    "dXNlcjpwQHNzdzByZA==",
    "ghp_",
    "k29XmQ8zP01LfT73bVn5RwYc4Hd6Gs0JaEuT",
    "sk-",
    "sk_",
    "AKIA",
    "Q3EGRT7ZK2M9WXNB",
    "eyJhbGciOiJIUzI1NiJ9",
    ".",
    "eyJzdWIiOiIxMjM0NTY3ODkwIn0",
    "api_key",
    "AccountKey",
    "\\n",
    "(",
    ")",
    "Private-Lines: ",
    "8\n",
    "Proc-Type: 4,ENCRYPTED",
    "（仮）",
    "\u{200b}",
    "は\u{309a}",
];

proptest::proptest! {
    #[test]
    fn keeps_its_promises(case in crate::hold_check::texts(PIECES, 16)) {
        crate::hold_check::check(secrets_once(), &case)?;
    }
}

fn secrets_once() -> &'static Secrets {
    static ONCE: std::sync::LazyLock<Secrets> = std::sync::LazyLock::new(Secrets::built_in);
    &ONCE
}

/// What is found: rule, the secret as written, and the word that announced it.
fn found(text: &str) -> Vec<(String, &str, Option<&str>)> {
    let row = |span: crate::Span| {
        (
            span.rule.trim_start_matches("secret/").to_owned(),
            &text[span.range],
            span.evidence.cue.map(|cue| &text[cue]),
        )
    };
    crate::rule_card::spans_of(secrets_once(), text).into_iter().map(row).collect()
}

#[test]
fn a_secret_is_cut_out_exactly() {
    let one = |rule: &str, secret, cue| vec![(rule.to_owned(), secret, cue)];
    assert_eq!(found("初期パスワードは「Ab12cd34」です"), one("password", "Ab12cd34", Some("パスワード")));
    assert_eq!(found("ＰＷ：ｑｗｅｒ１２３４、以上"), one("password", "ｑｗｅｒ１２３４", Some("ＰＷ")));
    assert_eq!(found("postgres://app:s3cr3tPw@db/x"), one("url-password", "s3cr3tPw", Some("://")));
    assert_eq!(found("暗証番号：4821-5930。"), one("pin", "4821-5930", Some("暗証番号")));
    let token = "ghp_k29XmQ8zP01LfT73bVn5RwYc4Hd6Gs0JaEuT";
    assert_eq!(found(&format!("token = \"{token}\"")).len(), 1);
    assert_eq!(found(&format!("鍵は{token}です")), one("github-token", token, None));
    assert_eq!(found("鍵はghp_k29XmQ8zP01LfT73\u{200b}bVn5RwYc4Hd6Gs0JaEuTです").len(), 1);
}

#[test]
fn a_sentence_may_end_behind_a_credential() {
    let token = "a8Fk29dLq0ZmX71vTn4B";
    let expected = [("authorization".to_owned(), token, Some("Bearer "))];
    assert_eq!(found(&format!("Authorization: Bearer {token}.")), expected);
    assert_eq!(found(&format!("Authorization: Bearer {token}...")), expected);
}

/// Unseen characters count: a stream has forgotten a cue that stands further back.
#[test]
fn a_cue_stands_near() {
    let spread = |chars: usize| format!("password={}Xk92mfa!", "\u{200b}".repeat(chars - 9));
    let count = |chars: usize| found(&spread(chars)).len();
    assert_eq!((count(super::CUE_CHARS_MAX), count(super::CUE_CHARS_MAX + 1)), (1, 0));
}

#[test]
fn a_key_block_is_taken_whole() {
    let line = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj\n";
    let block = format!(
        "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\n{}AQ==\n-----END RSA PRIVATE KEY-----",
        line.repeat(20)
    );
    assert_eq!(found(&format!("鍵:\n{block}\n以上")), [("private-key".to_owned(), block.as_str(), None)]);
    let open = format!("-----BEGIN PRIVATE KEY-----\n{line}次の行は文章です");
    assert_eq!(found(&open)[0].1, open.trim_end_matches("\n次の行は文章です"));
    // As long as PKCS #8 with an RSA key of 8,192 bits: about 4,700 bytes.
    let largest = format!("-----BEGIN PRIVATE KEY-----\n{}-----END PRIVATE KEY-----", line.repeat(97));
    assert_eq!(found(&largest)[0].1, largest);
    let long = format!("-----BEGIN PRIVATE KEY-----\n{}", line.repeat(200));
    assert_eq!(found(&long)[0].1.chars().count(), super::HOLD_CHARS_MAX);
}

#[test]
fn every_problem_of_a_file_is_told() {
    let text = "version = 1\n[cues]\npassword = [\"pw\"]\nother = 1\n[[token]]\nid = \"secret/t\"\nwhy = { ja = \"a\", en = \"a\" }\nstart = [\"a\"]\nletters = \"greek\"\nleast = 0\n";
    let (_, problems) = Secrets::load(text);
    expect_test::expect![[r#"
        2 cues: NoSuchWords { found: "secret/password" }
        4 cues.other: UnknownKey { known: ["password", "pin", "key"] }
        8 token[1].start[1]: BadWord { found: "a" }
        9 token[1].letters: NotOneOf { found: "greek", allowed: ["alnum", "upper", "hex", "word", "dotted", "base64", "path"] }
        10 token[1].least: OutOfBounds { low: 1.0, high: 8192.0 }
    "#]].assert_eq(&crate::hold_check::told(&problems));
}
