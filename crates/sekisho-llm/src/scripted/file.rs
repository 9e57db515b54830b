//! A script as TOML text.

use std::time::Duration;

use serde::Deserialize;
use toml::Spanned;

use super::script::{
    CHUNK_CHARS_DEFAULT, Call, DIMENSIONS_DEFAULT, FORMATS, Fault, Format, Pace, Rule, Say, Script, When,
};
use super::vectors::DIMENSIONS_MAX;
use crate::wire::OneOrMany;

/// Bytes of a script file at most.
pub const SCRIPT_BYTES_MAX: usize = 1 << 20;
/// Rules of a script file at most.
pub const RULES_MAX: usize = 1_000;
/// Latest that a script may let anything happen, in milliseconds.
pub const WAIT_MS_MAX: u64 = 86_400_000;
const VERSION: u32 = 1;

/// Something wrong in a script file: where, and what.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("line {line}, `{path}`: {kind}")]
pub struct Problem {
    /// Counted from 1. Of a rule the line where it begins.
    pub line: usize,
    /// The key as a path, `rule[2].fault`.
    pub path: String,
    /// What is wrong.
    pub kind: ProblemKind,
}

/// What can be wrong in a script file.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ProblemKind {
    /// The file is longer than is read.
    #[error("more than {max} bytes")]
    TooLong {
        /// The limit.
        max: usize,
    },
    /// Not TOML, a key that means nothing here, a value of another type.
    #[error("{detail}")]
    Parse {
        /// From the parser.
        detail: String,
    },
    /// Written for another version of this format.
    #[error("version {found}, not {VERSION}")]
    Version {
        /// As written.
        found: u32,
    },
    /// A list that is too long.
    #[error("more than {max}")]
    TooMany {
        /// The limit.
        max: usize,
    },
    /// A number outside its bounds.
    #[error("must be between {min} and {max}")]
    Range {
        /// Smallest allowed.
        min: f64,
        /// Largest allowed.
        max: f64,
    },
    /// A word outside the list that is allowed here.
    #[error("none of {allowed:?}")]
    NotOneOf {
        /// The list.
        allowed: Vec<&'static str>,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ScriptFile {
    version: u32,
    seed: Option<u64>,
    #[serde(default)]
    models: Vec<String>,
    dimensions: Option<u32>,
    #[serde(default)]
    rule: Vec<Spanned<toml::Value>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleFile {
    model: Option<String>,
    contains: Option<String>,
    format: Option<String>,
    last_role: Option<String>,
    times: Option<u64>,
    chance: Option<f64>,
    text: Option<OneOrMany>,
    reasoning: Option<String>,
    #[serde(default)]
    tool_calls: Vec<CallFile>,
    finish_reason: Option<String>,
    #[serde(default)]
    first_byte_ms: u64,
    #[serde(default)]
    chunk_ms: u64,
    #[serde(default)]
    jitter_ms: u64,
    chunk_chars: Option<usize>,
    fault: Option<FaultFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CallFile {
    name: String,
    #[serde(default)]
    arguments: String,
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
enum FaultFile {
    Status {
        status: u16,
        retry_after_ms: Option<u64>,
        #[serde(default)]
        message: String,
    },
    Unreachable {},
    Unsupported {},
    Drop {
        after_chunks: Option<usize>,
    },
    Cut {
        after_chunks: Option<usize>,
    },
    Malformed {
        after_chunks: Option<usize>,
    },
    Hang {
        after_chunks: Option<usize>,
    },
}

/// What was found wrong so far.
struct Reader<'t> {
    text: &'t str,
    problems: Vec<Problem>,
}

impl Script {
    /// Reads a script.
    ///
    /// ```toml
    /// version = 1
    /// seed = 7                     # optional, as everything below
    /// models = ["demo", "demo-embedding"]
    /// dimensions = 256
    ///
    /// [[rule]]                     # the first rule that fits decides
    /// format = "chat"              # chat, completion, embedding, rerank, tokenize, detokenize
    /// model = "demo"
    /// contains = "天気"
    /// last_role = "user"
    /// tool_calls = [{ name = "weather", arguments = '{"city":"東京"}' }]
    ///
    /// [[rule]]
    /// chance = 0.01                # this share of requests
    /// times = 3                    # and no more than so many
    /// fault = { kind = "status", status = 503, retry_after_ms = 2000 }
    ///
    /// [[rule]]
    /// text = ["「{last_user}」ですね。", "{last_user}…"]   # or one text
    /// reasoning = "まず質問を読む。"
    /// first_byte_ms = 80
    /// chunk_ms = 20
    /// jitter_ms = 10
    /// chunk_chars = 3
    /// fault = { kind = "drop", after_chunks = 5 }          # unreachable, unsupported, drop, cut, malformed, hang
    /// ```
    ///
    /// ```
    /// use sekisho_llm::scripted::Script;
    ///
    /// let script = Script::parse_toml("version = 1\n[[rule]]\ntext = 'はい'\nchunk_ms = 20").unwrap();
    /// assert_eq!(script.rules[0].say.texts, ["はい"]);
    /// let problems = Script::parse_toml("version = 1\n[[rule]]\ntxt = ''\n[[rule]]\nchance = 2.0").unwrap_err();
    /// assert_eq!((problems[0].line, problems[1].path.as_str()), (2, "rule[1].chance"));
    /// ```
    ///
    /// # Errors
    /// Everything that is wrong with it; of each rule the first.
    pub fn parse_toml(text: &str) -> Result<Self, Vec<Problem>> {
        let mut reader = Reader { text, problems: Vec::new() };
        if text.len() > SCRIPT_BYTES_MAX {
            reader.note(0, "", ProblemKind::TooLong { max: SCRIPT_BYTES_MAX });
            return Err(reader.problems);
        }
        let file: ScriptFile = match toml::from_str(text) {
            Ok(file) => file,
            Err(error) => {
                let at = error.span().map_or(0, |span| span.start);
                reader.note(at, "", ProblemKind::Parse { detail: error.message().to_owned() });
                return Err(reader.problems);
            }
        };
        if file.version != VERSION {
            reader.note(0, "version", ProblemKind::Version { found: file.version });
        }
        let dimensions = file.dimensions.unwrap_or(DIMENSIONS_DEFAULT);
        reader.bounds(0, "dimensions", f64::from(dimensions), (1.0, f64::from(DIMENSIONS_MAX)));
        if file.rule.len() > RULES_MAX {
            reader.note(file.rule[RULES_MAX].span().start, "rule", ProblemKind::TooMany { max: RULES_MAX });
        }
        let rules = file.rule.into_iter().take(RULES_MAX).enumerate();
        let rules = rules.filter_map(|(index, rule)| reader.rule(index, rule)).collect();
        if !reader.problems.is_empty() {
            return Err(reader.problems);
        }
        Ok(Self { seed: file.seed.unwrap_or(1), models: file.models, dimensions, rules })
    }
}

impl Reader<'_> {
    fn note(&mut self, at: usize, path: &str, kind: ProblemKind) {
        let line = 1 + self.text.bytes().take(at).filter(|byte| *byte == b'\n').count();
        self.problems.push(Problem { line, path: path.to_owned(), kind });
    }

    fn bounds(&mut self, at: usize, path: &str, value: f64, (min, max): (f64, f64)) {
        if !(min..=max).contains(&value) {
            self.note(at, path, ProblemKind::Range { min, max });
        }
    }

    fn rule(&mut self, index: usize, value: Spanned<toml::Value>) -> Option<Rule> {
        let at = value.span().start;
        let path = format!("rule[{index}]");
        let rule: RuleFile = match serde_path_to_error::deserialize(value.into_inner()) {
            Ok(rule) => rule,
            Err(error) => {
                let inner = error.path().to_string();
                let path = if inner == "." { path } else { format!("{path}.{inner}") };
                self.note(at, &path, ProblemKind::Parse { detail: error.inner().message().to_owned() });
                return None;
            }
        };
        let known = self.problems.len();
        let mut bounds = |key: &str, value: f64, range| {
            self.bounds(at, &format!("{path}.{key}"), value, range);
        };
        bounds("chance", rule.chance.unwrap_or(0.0), (0.0, 1.0));
        bounds("chunk_chars", rule.chunk_chars.unwrap_or(1) as f64, (1.0, 1e6));
        for (key, wait_ms) in [
            ("first_byte_ms", rule.first_byte_ms),
            ("chunk_ms", rule.chunk_ms),
            ("jitter_ms", rule.jitter_ms),
        ] {
            bounds(key, wait_ms as f64, (0.0, WAIT_MS_MAX as f64));
        }
        if let Some(FaultFile::Status { status, retry_after_ms, .. }) = &rule.fault {
            bounds("fault.status", f64::from(*status), (100.0, 599.0));
            bounds("fault.retry_after_ms", retry_after_ms.unwrap_or(0) as f64, (0.0, WAIT_MS_MAX as f64));
        }
        let format = match &rule.format {
            None => None,
            Some(name) => {
                let found = FORMATS.iter().find(|row| row.0 == name).map(|row| row.1);
                if found.is_none() {
                    let allowed = FORMATS.iter().map(|row| row.0).collect();
                    self.note(at, &format!("{path}.format"), ProblemKind::NotOneOf { allowed });
                }
                found
            }
        };
        (self.problems.len() == known).then(|| settle(rule, format))
    }
}

fn settle(rule: RuleFile, format: Option<Format>) -> Rule {
    Rule {
        when: When {
            model: rule.model,
            contains: rule.contains,
            format,
            last_role: rule.last_role,
            times: rule.times,
            chance: rule.chance,
        },
        say: Say {
            texts: rule.text.map(|text| text.as_slice().to_vec()).unwrap_or_default(),
            reasoning: rule.reasoning,
            calls: rule
                .tool_calls
                .into_iter()
                .map(|call| Call { name: call.name, arguments: call.arguments })
                .collect(),
            finish_reason: rule.finish_reason,
        },
        pace: Pace {
            first_byte: Duration::from_millis(rule.first_byte_ms),
            chunk: Duration::from_millis(rule.chunk_ms),
            jitter: Duration::from_millis(rule.jitter_ms),
            chunk_chars: rule.chunk_chars.unwrap_or(CHUNK_CHARS_DEFAULT),
        },
        fault: rule.fault.map(|fault| match fault {
            FaultFile::Status { status, retry_after_ms, message } => {
                Fault::Status { status, retry_after: retry_after_ms.map(Duration::from_millis), message }
            }
            FaultFile::Unreachable {} => Fault::Unreachable,
            FaultFile::Unsupported {} => Fault::Unsupported,
            FaultFile::Drop { after_chunks } => Fault::Drop { after: after_chunks },
            FaultFile::Cut { after_chunks } => Fault::Cut { after: after_chunks },
            FaultFile::Malformed { after_chunks } => Fault::Malformed { after: after_chunks },
            FaultFile::Hang { after_chunks } => Fault::Hang { after: after_chunks },
        }),
    }
}
