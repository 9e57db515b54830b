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

    /// `verify-<key>` with `{ $name }` replaced and `\n` as a line end; a key without text shows itself. What stands in the
    /// fields comes from the log, and is made fit for a terminal here.
    pub(crate) fn say(self, key: &str, fields: &[(&str, String)]) -> String {
        let file = if self == Self::Ja { JA } else { EN };
        let wanted = format!("verify-{key}");
        let line = file.lines().filter_map(|line| line.split_once(" = ")).find(|row| row.0 == wanted);
        let mut text = line.map_or(wanted, |row| row.1.replace("\\n", "\n"));
        for (name, value) in fields {
            text = text.replace(&format!("{{ ${name} }}"), &printable(value));
        }
        text
    }
}

/// What somebody else wrote, for one line of a terminal: nothing in it moves the cursor, changes a colour or turns the
/// direction of writing. What was there is shown by its number.
pub(crate) fn printable(text: &str) -> String {
    let turns = |c| matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() || turns(c) {
            shown += &format!("<U+{:04X}>", c as u32);
        } else {
            shown.push(c);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::Lang;

    #[test]
    fn what_the_log_says_does_not_speak_to_the_terminal() {
        let path = "\u{1b}[2J\n○ Verified\u{9b}\u{202e}\\n".to_owned();
        let said = Lang::En.say("file-unknown", &[("path", path)]);
        assert_eq!(said.lines().count(), 1, "{said}");
        assert!(said.ends_with("<U+001B>[2J<U+000A>○ Verified<U+009B><U+202E>\\n"), "{said}");
        assert!(Lang::En.say("help", &[]).lines().count() > 10);
    }
}
