//! `sekisho guard`: what stands in a text, what the rules do with it, and how good and fast that is.

mod bench;
mod rules;
mod scan;
mod score;
mod test;

use std::{
    fs,
    io::{self, Read},
    path::Path,
    sync::Arc,
};

use sekisho_base::Code;
use sekisho_guard::{Detector, Error, Guard, Kind, Policy, Problem, ProblemKind, Scheme};
use serde_json::Value;

use crate::{
    cli::{GuardCommand, GuardFiles},
    failure::{Failure, Outcome},
    terminal::Terminal,
    words::Words,
};

/// Bytes of a text or of one line of JSONL.
const TEXT_BYTES_MAX: u64 = 64 << 20;
/// Runs one guard command.
pub(crate) fn run(command: GuardCommand, terminal: &mut Terminal<'_>) -> Outcome {
    match command {
        GuardCommand::Scan(args) if args.jsonl => scan::lines(&args, terminal),
        GuardCommand::Scan(args) => scan::text(&args, terminal),
        GuardCommand::Explain(args) => scan::explain(&args, terminal),
        GuardCommand::Test(args) => test::run(&args, terminal),
        GuardCommand::Check(files) => rules::check(&files, terminal),
        GuardCommand::Rules(files) => rules::list(&files, terminal),
        GuardCommand::Labels(files) => rules::labels(&files, terminal),
        GuardCommand::Score(args) => score::run(&args, terminal),
        GuardCommand::Bench(args) => bench::run(&args, terminal),
    }
}

/// The built-in detectors, and the organisation's topics where it gives them.
fn detectors(topics: Option<&Path>, words: &Words) -> Outcome<Vec<Arc<dyn Detector>>> {
    let mut detectors = sekisho_guard::built_in_detectors();
    if let Some(path) = topics {
        let topics = sekisho_guard::Topics::parse(&read(path, words)?);
        let failed = |error: Error| invalid(Code::TopicsInvalid, path, error.problems(), words);
        detectors.push(Arc::new(topics.map_err(failed)?));
    }
    Ok(detectors)
}

/// A guard from the files of the organisation, or from the built-in ones where it gives none.
fn guard(files: &GuardFiles, words: &Words) -> Outcome<Guard> {
    let scheme = scheme(files.scheme.as_deref(), words)?;
    let built_in = Path::new("data/guard/policy/default.toml");
    let (path, text) = match &files.policy {
        Some(path) => (path.as_path(), read(path, words)?),
        None => (built_in, Policy::default_text().to_owned()),
    };
    let failed = |error: Error| invalid(Code::PolicyInvalid, path, error.problems(), words);
    let policy = Policy::parse(&text, &scheme).map_err(failed)?;
    Guard::new(detectors(files.topics.as_deref(), words)?, policy).map_err(failed)
}

/// A scheme of labels by its id, or from a file; the first built-in one where nothing is said.
fn scheme(wanted: Option<&str>, words: &Words) -> Outcome<Scheme> {
    let mut built_in = Scheme::built_in();
    let Some(wanted) = wanted else { return Ok(built_in.remove(0)) };
    let known: Vec<String> = built_in.iter().map(|scheme| scheme.id().to_owned()).collect();
    if let Some(at) = known.iter().position(|id| id == wanted) {
        return Ok(built_in.remove(at));
    }
    let path = Path::new(wanted);
    let text = read(path, words).map_err(|failure| {
        failure.hint(words.f("guard-hint-schemes", &[("ids", known.join(", ").into())]))
    })?;
    Scheme::parse(&text).map_err(|error| invalid(Code::LabelsInvalid, path, error.problems(), words))
}

/// A text from a file or, for `-`, from standard input.
fn read(path: &Path, words: &Words) -> Outcome<String> {
    let mut bytes = Vec::new();
    let outcome = if path == Path::new("-") {
        io::stdin().lock().take(TEXT_BYTES_MAX + 1).read_to_end(&mut bytes)
    } else {
        fs::File::open(path).and_then(|file| file.take(TEXT_BYTES_MAX + 1).read_to_end(&mut bytes))
    };
    let shown = path.display().to_string();
    let failed = |cause: String| {
        Failure::new(Code::FileUnreadable, words.f("guard-unreadable", &[("file", shown.clone().into())]))
            .cause(cause)
    };
    outcome.map_err(|error| failed(error.to_string()))?;
    if bytes.len() as u64 > TEXT_BYTES_MAX {
        let limit = (TEXT_BYTES_MAX >> 20).to_string();
        return Err(failed(words.f("guard-too-long", &[("mib", limit.into())])));
    }
    String::from_utf8(bytes).map_err(|error| {
        failed(words.f("guard-not-utf8", &[("at", error.utf8_error().valid_up_to().to_string().into())]))
    })
}

/// A file that is not taken, with everything that is wrong in it.
fn invalid(code: Code, path: &Path, problems: &[Problem], words: &Words) -> Failure {
    let args = [("file", path.display().to_string().into()), ("count", problems.len().into())];
    let mut failure = Failure::new(code, words.f("guard-file-invalid", &args));
    for one in problems {
        failure = failure.cause(problem(one, words));
    }
    failure
}

/// A problem in a sentence: line, key, what is wrong.
pub(crate) fn problem(problem: &Problem, words: &Words) -> String {
    // The fields of a problem are those of its JSON form, and its sentence takes them by the same names.
    let fields = serde_json::to_value(&problem.kind).unwrap_or_default();
    let plain = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            items.iter().map(|item| item.as_str().unwrap_or_default()).collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    };
    let args: Vec<_> = fields
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, value)| (name.replace('_', "-"), plain(value)))
        .collect();
    let args: Vec<_> = args.iter().map(|(name, value)| (name.as_str(), value.clone().into())).collect();
    let text = words.f(&format!("guard-problem-{}", problem_name(&problem.kind)), &args);
    let place = if problem.path.is_empty() { String::new() } else { format!("{}: ", problem.path) };
    words.f("guard-problem-at", &[("line", problem.line.into()), ("what", format!("{place}{text}").into())])
}

fn problem_name(kind: &ProblemKind) -> String {
    let value = serde_json::to_value(kind).unwrap_or_default();
    value["problem"].as_str().unwrap_or_default().replace('_', "-")
}

/// `個人番号`: a kind as people call it.
fn kind(kind: Kind, words: &Words) -> String {
    words.t(&format!("guard-kind-{}", kind.name().to_lowercase().replace('_', "-")))
}

/// Code points before byte `at`, counted on from the last place.
struct CodePoints<'t> {
    text: &'t str,
    byte: usize,
    count: usize,
}

impl<'t> CodePoints<'t> {
    fn new(text: &'t str) -> Self {
        Self { text, byte: 0, count: 0 }
    }

    /// Places are asked for in ascending order mostly; going back starts again.
    fn before(&mut self, at: usize) -> usize {
        if at < self.byte {
            (self.byte, self.count) = (0, 0);
        }
        self.count += self.text[self.byte..at].chars().count();
        self.byte = at;
        self.count
    }
}
