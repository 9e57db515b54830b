//! All text for people, from `locales/`: Japanese is the original, English the translation.

use std::fmt;

use clap::ValueEnum;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};
use sekisho_catalog::Bilingual;

/// Language of everything that people read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Lang {
    /// 日本語
    Ja,
    /// English
    En,
}

impl Lang {
    /// The code in `--lang`, `SEKISHO_LANG` and the `lang` attribute of HTML.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Ja => "ja",
            Self::En => "en",
        }
    }
}

impl fmt::Display for Lang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

macro_rules! locale_files {
    ($lang:literal) => {
        &[
            include_str!(concat!("../../../locales/", $lang, "/cli.ftl")),
            include_str!(concat!("../../../locales/", $lang, "/catalog.ftl")),
            include_str!(concat!("../../../locales/", $lang, "/report.ftl")),
            include_str!(concat!("../../../locales/", $lang, "/plan.ftl")),
            include_str!(concat!("../../../locales/", $lang, "/guard.ftl")),
            include_str!(concat!("../../../locales/", $lang, "/audit.ftl")),
            include_str!(concat!("../../../locales/", $lang, "/gate.ftl")),
            include_str!(concat!("../../../locales/", $lang, "/people.ftl")),
        ]
    };
}
const JA: &[&str] = locale_files!("ja");
const EN: &[&str] = locale_files!("en");

/// The words of one language.
pub(crate) struct Words {
    /// Which language.
    pub(crate) lang: Lang,
    bundle: FluentBundle<FluentResource>,
}

impl Words {
    /// The words of `lang`, which travel inside the binary.
    pub(crate) fn new(lang: Lang) -> Self {
        let code = lang.code().parse().expect("ja and en are language codes");
        let mut bundle = FluentBundle::new_concurrent(vec![code]);
        // Isolation marks are for mixed writing directions; in a terminal and in copied text they are noise.
        bundle.set_use_isolating(false);
        for text in if lang == Lang::Ja { JA } else { EN } {
            let resource =
                FluentResource::try_new((*text).to_owned()).expect("a test parses every locale file");
            bundle.add_resource(resource).expect("a test checks that no key stands twice");
        }
        Self { lang, bundle }
    }

    /// Whether there is a text of that key.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.bundle.has_message(key)
    }

    /// The text of a key. An unknown key shows itself, so that a slip is seen and nothing else breaks.
    pub(crate) fn t(&self, key: &str) -> String {
        self.format(key, None)
    }

    /// The text of a key with its arguments.
    pub(crate) fn f(&self, key: &str, args: &[(&str, FluentValue<'_>)]) -> String {
        let mut all = FluentArgs::new();
        for (name, value) in args {
            all.set(*name, value.clone());
        }
        self.format(key, Some(&all))
    }

    fn format(&self, key: &str, args: Option<&FluentArgs<'_>>) -> String {
        let Some(pattern) = self.bundle.get_message(key).and_then(|message| message.value()) else {
            return key.to_owned();
        };
        self.bundle.format_pattern(pattern, args, &mut Vec::new()).into_owned()
    }

    /// The half of a text of a label, rule or topic file.
    pub(crate) fn pick_pair<'a>(&self, text: &'a sekisho_guard::Words) -> &'a str {
        match self.lang {
            Lang::Ja => &text.ja,
            Lang::En => &text.en,
        }
    }

    /// The half of a text that data files give in both languages.
    pub(crate) fn pick<'a>(&self, text: &'a Bilingual) -> &'a str {
        match self.lang {
            Lang::Ja => &text.ja,
            Lang::En => &text.en,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Lang, Words};

    #[test]
    fn both_languages_load_and_format() {
        for lang in [Lang::Ja, Lang::En] {
            let words = Words::new(lang);
            assert!(words.has("status-confirmed"));
            assert_ne!(words.t("status-confirmed"), "status-confirmed");
            assert_eq!(words.t("no-such-key"), "no-such-key");
        }
    }
}
