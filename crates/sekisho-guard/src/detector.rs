//! The seam: what looks at text and says what stands where.

use std::{borrow::Cow, ops::Range};

use sekisho_text::normal::Normal;

use crate::{Kind, table::Tracker};

/// From this confidence on a span is reported; one below is weak, and is there for who asks for weak ones.
pub const SURE_FROM: f32 = 0.5;

/// A part of a text that is something.
#[derive(Debug, Clone, PartialEq)]
pub struct Span {
    /// What it is.
    pub kind: Kind,
    /// Where: bytes of the ORIGINAL text, on character boundaries.
    pub range: Range<usize>,
    /// How sure, 0 to 1. Below [`SURE_FROM`] a span is reported only when the policy asks for weak ones.
    pub confidence: f32,
    /// Which rule said so, for example `pii/my-number`.
    pub rule: Cow<'static, str>,
    /// What it was judged by.
    pub evidence: Evidence,
}

impl Span {
    /// Sorts spans by place, kind and rule: detectors report in any order.
    pub(crate) fn sort(spans: &mut [Self]) {
        spans.sort_by(|one, other| {
            let key = |span: &Self| (span.range.start, span.range.end, span.kind);
            key(one).cmp(&key(other)).then_with(|| one.rule.cmp(&other.rule))
        });
    }
}

/// What a judgement rests on; `sekisho guard explain` words it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Evidence {
    /// A word that says what the span is, as bytes of the original text.
    pub cue: Option<Range<usize>>,
    /// The check digit was computed, and this came out.
    pub check_digit: Option<bool>,
    /// The head of the table column in which the span stands named its kind.
    pub column: bool,
    /// Other facts, as keys of `locales/*/guard.ftl` (`evidence-prefecture`).
    pub notes: Vec<&'static str>,
}

/// A stretch of text as a detector sees it: as written and normalised, and whether more lies around it.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    /// As written. Spans are ranges of this.
    pub original: &'a str,
    /// [`Normal`] of `original`.
    pub normal: &'a Normal,
    /// Whether the text begins here; otherwise more came before, which is not shown any more.
    pub at_start: bool,
    /// Whether the text ends here; otherwise more may come.
    pub at_end: bool,
    /// Which table the view begins in, if in any.
    pub table: &'a Tracker,
    /// Only spans that start at this byte or later are asked for; those before are known.
    pub from: usize,
}

/// How far a detector looks, in characters of the original text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reach {
    /// A span does not depend on characters more than this many before its start.
    pub behind_chars: usize,
    /// What [`Detector::look`] gives back is never more than this many characters before the end of the view.
    pub hold_chars_max: usize,
}

/// The detector could not judge. The caller must treat the text as not judged, and so must not let it pass.
#[derive(Debug, thiserror::Error)]
#[error("detector {detector} could not judge")]
pub struct Unavailable {
    /// Its name.
    pub detector: &'static str,
    /// Why.
    #[source]
    pub source: Box<dyn std::error::Error + Send + Sync>,
}

/// Looks at text. Rules, a tagger, a classifier or a language model that judges are all this.
///
/// # The promise that makes streaming equal to batch
/// 1. **Bounded memory.** When the text before `start - reach().behind_chars` of a span is cut off (`at_start` false,
///    `table` advanced over it), the same span is found with the same evidence kind.
/// 2. **Settled means final.** When `view.at_end` is false, each span that starts before what `look` gives back is found
///    unchanged in every continuation of the text, and no other span starting before it is found in any.
/// 3. **Bounded delay.** What `look` gives back lies at most `reach().hold_chars_max` characters before the end, unless it
///    lies before `view.from`.
/// 4. Spans lie wholly in the view, on character boundaries, and are never empty.
/// 5. **From means from.** The spans that start at `view.from` or later are the same whatever `view.from` is.
///
/// A property test in `stream` holds every detector to it.
pub trait Detector: Send + Sync {
    /// A short name for messages, for example `pii`.
    fn name(&self) -> &'static str;

    /// How far it looks.
    fn reach(&self) -> Reach;

    /// Adds the spans in `view` that start at `view.from` or later to `found`, in any order, overlaps allowed; earlier ones
    /// are passed over by whoever asks. Gives the byte of `view.original` before which nothing can change any more, whatever
    /// text follows; when `view.at_end` is true that is all of it, and what is given back is not used.
    ///
    /// One call does both, since both need the same reading of the text.
    ///
    /// # Errors
    /// [`Unavailable`] when no judgement is possible (a classifier that is down). Text then does not pass.
    fn look(&self, view: &View<'_>, found: &mut Vec<Span>) -> Result<usize, Unavailable>;
}
