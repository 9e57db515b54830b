use std::{collections::BTreeSet, fs};

use sekisho_catalog::{Catalog, Class, FactId};

use super::{html, markdown, value::is_japanese};
use crate::words::{Lang, Words};

fn page(lang: Lang) -> String {
    html(&Catalog::load(None).0, &Words::new(lang))
}

/// Values of an attribute, in order.
fn attributes<'a>(page: &'a str, name: &str) -> Vec<&'a str> {
    let opening = format!(" {name}=\"");
    page.split(&opening).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

/// The page without what stands between `open` and `close`.
fn without(page: &str, open: &str, close: &str) -> String {
    let mut out = String::new();
    let mut rest = page;
    while let Some((before, after)) = rest.split_once(open) {
        out.push_str(before);
        rest = after.split_once(close).map_or("", |(_, rest)| rest);
    }
    out.push_str(rest);
    out
}

/// What a reader sees of the page, and what a screen reader reads from attributes.
fn words_of(page: &str) -> String {
    let body = without(&without(page, "<style>", "</style>"), "<span lang=\"ja\">", "</span>");
    let mut text = without(&body.replace('<', "\n<"), "<", ">");
    for name in ["title", "aria-label"] {
        for attribute in attributes(&body, name) {
            text.push('\n');
            text.push_str(attribute);
        }
    }
    text
}

#[test]
fn every_link_within_the_page_arrives() {
    for lang in [Lang::Ja, Lang::En] {
        let page = page(lang);
        let list = attributes(&page, "id");
        let ids: BTreeSet<&str> = list.iter().copied().collect();
        assert_eq!(ids.len(), list.len(), "an id stands twice");
        for href in attributes(&page, "href") {
            match href.strip_prefix('#') {
                Some(id) => assert!(ids.contains(id), "nothing has the id {id}"),
                None => assert!(href.starts_with("https://") || href.starts_with("http://"), "{href}"),
            }
        }
        for label in attributes(&page, "aria-labelledby") {
            assert!(ids.contains(label), "nothing has the id {label}");
        }
    }
}

#[test]
fn every_fact_reference_source_and_model_has_its_place() {
    let (catalog, _) = Catalog::load(None);
    let page = page(Lang::Ja);
    let ids: BTreeSet<&str> = attributes(&page, "id").into_iter().collect();
    for number in 1..=428 {
        assert!(ids.contains(FactId(number).to_string().as_str()), "F{number}");
    }
    for number in 1..=87 {
        assert!(ids.contains(format!("R{number}").as_str()), "R{number}");
    }
    for (class, prefix) in [(Class::Source, "source"), (Class::Model, "model")] {
        for entity in catalog.of(class) {
            assert!(ids.contains(format!("{prefix}-{}", entity.id).as_str()), "{}", entity.id);
        }
    }
}

/// Every fact is shown in its chapter too, not only in the list at the end.
#[test]
fn every_fact_of_a_chapter_is_linked_from_it() {
    let (catalog, _) = Catalog::load(None);
    let page = page(Lang::Ja);
    let before_lists = page.split("<section id=\"disputes\"").next().expect("the chapter stands");
    let linked: BTreeSet<&str> = attributes(before_lists, "href").into_iter().collect();
    let missing: Vec<String> = catalog
        .claims()
        // Facts of the survey's first page and of its list of sources have no chapter of their own.
        .filter(|(_, claim)| claim.line.is_some_and(|line| (21..=200).contains(&line)))
        .filter_map(|(_, claim)| claim.fact)
        .map(|fact| fact.to_string())
        .filter(|fact| !linked.contains(format!("#{fact}").as_str()))
        .collect();
    assert_eq!(missing, Vec::<String>::new());
}

/// Numbers in running text are links; names (`tsuzumi 2`, `JGLUE`, `400B`) and the words of a scale may hold digits.
#[test]
fn numbers_in_the_text_lead_somewhere() {
    const NAMES: &[&str] = &[
        "Claude Opus 4.5",
        "400B",
        "700B",
        "30B",
        "tsuzumi 2",
        "tanuki-8x8b",
        "Nejumi v1",
        "0から1",
        "0から100",
        "0 to 1",
        "0 to 100",
        "0でも",
        "ELYZA Tasks 100",
        "Nejumi LLMリーダーボード3",
        "Nejumi LLM Leaderboard 3",
        "推奨1",
        "推奨2",
        "推奨3",
        "要素1",
        "要素2",
        "要素3",
        "要素4",
        "Recommendation 1",
        "Recommendation 2",
        "Recommendation 3",
        "Element 1",
        "Element 2",
        "Element 3",
        "Element 4",
    ];
    for lang in [Lang::Ja, Lang::En] {
        let page = page(lang);
        for opening in ["<p>", "<li>", "<p class=\"finding\">", "<p class=\"note\" role=\"note\">", "<dd>"] {
            for part in page.split(opening).skip(1) {
                let part =
                    part.split("</p>").next().and_then(|part| part.split("</li>").next()).unwrap_or_default();
                let part = part.split("</dd>").next().unwrap_or_default();
                let mut text = without(&without(part, "<a ", "</a>"), "<", ">");
                // Longest first, so that `0 to 1` does not leave the end of `0 to 100`.
                let mut names = NAMES.to_vec();
                names.sort_by_key(|name| std::cmp::Reverse(name.len()));
                for name in names {
                    text = text.replace(name, "");
                }
                assert!(!text.chars().any(|c| c.is_ascii_digit()), "{text}");
            }
        }
    }
}

#[test]
fn no_key_is_left_without_its_words() {
    for lang in [Lang::Ja, Lang::En] {
        let words = Words::new(lang);
        let (catalog, _) = Catalog::load(None);
        for text in [words_of(&html(&catalog, &words)), markdown(&catalog, &words)] {
            for prefix in ["report-", "chart-", "html-", "status-", "kind-", "voice-", "date-"] {
                let left = text.match_indices(prefix).find(|(at, _)| {
                    // `#report-...` never occurs, but hyphenated names may end in one of these words.
                    !text[..*at]
                        .ends_with(|c: char| c.is_ascii_alphanumeric() || c == '-' || c == '/' || c == '#')
                        && text[at + prefix.len()..].starts_with(|c: char| c.is_ascii_lowercase())
                });
                assert_eq!(left.map(|(at, _)| text[at..].chars().take(60).collect::<String>()), None);
            }
        }
    }
}

#[test]
fn english_is_english() {
    let text = words_of(&page(Lang::En));
    let japanese: Vec<&str> =
        text.lines().filter(|line| is_japanese(&line.replace("関所", ""))).map(str::trim).take(10).collect();
    assert_eq!(japanese, Vec::<&str>::new());
}

#[test]
fn both_languages_have_one_structure() {
    let tags = |lang| {
        let page = page(lang);
        // Words that are Japanese only are marked in one language; bracketed remarks may exist in one language.
        let page = page.replace("<span lang=\"ja\">", "");
        let tags = page.split('<').skip(1).filter_map(|tag| tag.split([' ', '>']).next().map(str::to_owned));
        tags.filter(|tag| !matches!(tag.as_str(), "span" | "/span" | "small" | "/small")).collect::<Vec<_>>()
    };
    assert_eq!(tags(Lang::Ja), tags(Lang::En));
    let ids = |lang| attributes(&page(lang), "id").into_iter().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(ids(Lang::Ja), ids(Lang::En));
}

#[test]
fn nothing_runs_and_nothing_is_fetched() {
    for lang in [Lang::Ja, Lang::En] {
        let page = page(lang);
        for forbidden in
            ["<script", "<img", "<link", "<iframe", "@import", "url(http", " src=", " onload", "javascript:"]
        {
            assert!(!page.contains(forbidden), "{forbidden}");
        }
        assert!(page.contains("default-src &#39;none&#39;") || page.contains("default-src 'none'"));
        let sources: BTreeSet<String> =
            Catalog::load(None).0.of(Class::Source).filter_map(|source| source.url.clone()).collect();
        for href in attributes(&page, "href").into_iter().filter(|href| href.contains("://")) {
            assert!(sources.contains(&href.replace("&amp;", "&")), "{href} is not a source");
        }
    }
}

#[test]
fn scales_and_tiers_never_share_a_picture() {
    let page = page(Lang::Ja);
    let figure = |id: &str| {
        let rest = page.split(&format!("<figure id=\"{id}\"")).nth(1).expect(id);
        rest.split("</svg>").next().unwrap_or_default().to_owned()
    };
    let (small, large) = (figure("score-jglue-0-1"), figure("score-jglue-0-100"));
    assert!(small.contains("Takane") && !small.contains("Tanuki"));
    assert!(large.contains("Tanuki") && !large.contains("Takane"));
    let (standard, batch) = (figure("prices-standard"), figure("prices-batch"));
    assert!(standard.contains("$5.00") && standard.contains("× $2.50"));
    assert!(batch.contains("$2.50") && !batch.contains("$5.00"));
    assert_eq!(standard.matches("class=\"hollow\"").count(), 7, "offers that publish no price");
}

#[test]
fn events_stand_in_order_of_date() {
    let text = markdown(&Catalog::load(None).0, &Words::new(Lang::Ja));
    let table = text.split("<a id=\"event-table\"></a>").nth(1).expect("the table");
    let place = |fact: &str| table.find(fact).expect("the event");
    assert!(place("#F276") < place("#F275"), "January comes before February");
    assert!(text.contains("日付順に直しました"));
}

#[test]
fn the_same_data_gives_the_same_bytes() {
    assert_eq!(page(Lang::Ja), page(Lang::Ja));
}

#[test]
fn hostile_data_stays_text() {
    let folder = tempfile::tempdir().expect("a folder");
    let attack = "<script>alert(1)</script>";
    for class in ["model", "adoption", "source", "event", "price", "benchmark", "series"] {
        fs::create_dir(folder.path().join(class)).expect("a folder");
        let file = format!(
            "version = 1\nid = 'x\"><script>alert(2)</script>'\nname = {{ ja = '{attack}', en = '{attack}' }}\n\
             url = 'javascript:alert(3)'\nsource_kind = '{attack}'\n\
             [[claim]]\nfield = 'event'\nvalue = '{attack}'\nas_of = '2026-01'\nkind = 'published'\nstatus = ['conflict']\nsource = ['{attack}']\n\
             [[claim]]\nfield = 'licence'\nvalue = '|[x](javascript:alert(4))'\nkind = 'published'\nstatus = ['not_checked']\nsource = ['survey']\n\
             [[claim]]\nfield = 'score'\nvalue = 1e308\nscale = '0-1e308'\nkind = 'published'\nstatus = ['not_checked']\nsource = ['survey']\nscore = {{ benchmark = '{attack}', part = '{attack}', harness = 'h', version = 'v', composition = 'c', judge = 'j' }}\n\
             [[claim]]\nfield = 'input_price'\nvalue = -5.0\nunit = 'USD/1M tokens'\nkind = 'published'\nstatus = ['not_checked']\nsource = ['survey']\nprice = {{ currency = 'USD', service_tier = 'standard', context_tier = '{attack}' }}\n\
             [[claim]]\nfield = 'release_date'\nvalue = '9999-12-31'\nkind = 'published'\nstatus = ['not_checked']\nsource = ['survey']\ndate_kind = 'offered'\n"
        );
        fs::write(folder.path().join(class).join("x.toml"), file).expect("a file");
    }
    let (catalog, problems) = Catalog::load(Some(folder.path()));
    assert!(!problems.is_empty());
    assert_eq!(catalog.of(Class::Model).count(), 67, "the hostile model is read");
    for lang in [Lang::Ja, Lang::En] {
        let words = Words::new(lang);
        let page = html(&catalog, &words);
        assert!(page.contains("&lt;script&gt;alert(1)"));
        assert!(!page.contains("<script") && !page.contains("href=\"javascript:"));
        let text = markdown(&catalog, &words);
        // An escaped bracket opens no link.
        assert!(!text.contains("<script") && !text.replace(r"\](", "").contains("](javascript:"));
    }
}
