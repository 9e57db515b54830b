//! Sentences, from `locales/`. The verifier shares no code with the rest, so it reads the plain lines it needs itself.

const JA: &str = include_str!("../../../locales/ja/verify.ftl");
const EN: &str = include_str!("../../../locales/en/verify.ftl");

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lang {
    Ja,
    En,
}

impl Lang {
    pub(crate) fn parse(text: &str) -> Self {
        if text.to_ascii_lowercase().starts_with("en") { Self::En } else { Self::Ja }
    }

    /// `verify-<key>` with `{$name}` replaced; a key without text shows itself.
    pub(crate) fn say(self, key: &str, fields: &[(&str, String)]) -> String {
        let file = if self == Self::Ja { JA } else { EN };
        let wanted = format!("verify-{key}");
        let line = file.lines().filter_map(|line| line.split_once(" = ")).find(|row| row.0 == wanted);
        let mut text = line.map_or(wanted, |row| row.1.to_owned());
        for (name, value) in fields {
            text = text.replace(&format!("{{ ${name} }}"), value);
        }
        text
    }
}
