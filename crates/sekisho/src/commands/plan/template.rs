//! `sekisho plan template`.

use sekisho_base::Code;

use crate::{
    cli::TemplateArgs,
    commands::files,
    failure::{Failure, Outcome},
    requirements,
    terminal::Terminal,
    words::Lang,
};

const JA: &str = include_str!("../../../../../locales/ja/requirements.toml");
const EN: &str = include_str!("../../../../../locales/en/requirements.toml");

/// Writes an empty requirements file, or an existing one in the other form.
pub(crate) fn run(args: &TemplateArgs, terminal: &mut Terminal<'_>) -> Outcome {
    let words = terminal.words;
    let opened = args.from.as_deref().map(|path| requirements::open(path, words)).transpose()?;
    let (path, content) = if let Some(path) = &args.xlsx {
        let filled = opened.as_ref().map(|opened| &opened.requirements);
        let content = requirements::workbook(words, filled)
            .map_err(|error| Failure::new(Code::Internal, "XLSX").cause(error.to_string()))?;
        (path, content)
    } else {
        let empty = if words.lang == Lang::Ja { JA } else { EN };
        let text = opened.map_or_else(|| empty.to_owned(), |opened| opened.toml);
        match &args.toml {
            None => return terminal.print(&text),
            Some(path) => (path, text.into_bytes()),
        }
    };
    files::save(path, &content, terminal)
}

#[cfg(test)]
mod tests {
    use sekisho_catalog::plan::choose::Requirements;

    use super::{EN, JA};

    #[test]
    fn both_templates_are_requirements_and_the_same() {
        let [ja, en] = [JA, EN].map(|text| {
            let (requirements, problems) = Requirements::parse(text);
            assert!(problems.is_empty(), "{problems:#?}");
            requirements
        });
        let ids = |one: &Requirements| one.criteria.iter().map(|one| one.id.clone()).collect::<Vec<_>>();
        assert_eq!(ids(&ja), ids(&en));
        assert_eq!(ja.constraints.len(), en.constraints.len());
    }
}
