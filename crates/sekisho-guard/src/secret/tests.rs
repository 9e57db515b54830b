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
    fn keeps_its_promises((text, start, end) in crate::hold_check::texts(PIECES, 16)) {
        crate::hold_check::check(secrets_once(), &text, start, end)?;
    }
}

fn secrets_once() -> &'static Secrets {
    static ONCE: std::sync::LazyLock<Secrets> = std::sync::LazyLock::new(Secrets::built_in);
    &ONCE
}
