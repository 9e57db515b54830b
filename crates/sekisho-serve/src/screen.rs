//! Screening of requests and answers with the guard: one place for the way in and the way out.

use std::{collections::BTreeMap, sync::Arc};

use sekisho_base::Code;
use sekisho_guard::{
    Action, Context, Detector, Direction, End, Event, Finding, Guard, Kind, Label, Policy, Refusal as Stop,
    Restorer, Scheme, Stream, Vault, scan,
};
use sekisho_llm::{Error, Refusal, Request};

use crate::texts::{self, Visitor};

/// What screening found, in numbers and names: for the record, and never what stood in the text.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Found {
    /// The strongest action.
    pub(crate) action: Option<Action>,
    /// Ids of the rules that took part, in the order of their first part.
    pub(crate) rules: Vec<String>,
    /// How often what was found.
    pub(crate) kinds: BTreeMap<&'static str, u64>,
    /// What could not be judged: pictures, token ids.
    pub(crate) opaque: Vec<String>,
}

/// Rules and opaque parts that one record names at most.
const NAMED_MAX: usize = 64;

impl Found {
    fn take(&mut self, finding: &Finding) {
        *self.kinds.entry(finding.span.kind.name()).or_default() += 1;
        for rule in &finding.rules {
            self.name_rule(&rule.id);
        }
    }

    fn name_rule(&mut self, id: &str) {
        if self.rules.len() < NAMED_MAX && !self.rules.iter().any(|known| known == id) {
            self.rules.push(id.to_owned());
        }
    }

    fn act(&mut self, action: Action) {
        self.action = self.action.max(Some(action));
    }
}

/// A request that was screened: its texts are what may go on.
#[derive(Debug)]
pub(crate) struct Screened {
    pub(crate) label: Label,
    pub(crate) found: Found,
    /// What masks stand for, where the policy lets them be put back.
    pub(crate) vault: Vault,
}

/// Screens the way in. The label is raised to what the markings in the text say, and the text then judged under that.
///
/// # Errors
/// A refusal of the guard, with what was found so far; errors of [`texts::visit_request`].
pub(crate) fn screen_request(
    guard: &Guard,
    markings: &[Arc<dyn Detector>],
    label: &Label,
    request: &mut Request,
) -> Result<Screened, (Box<Found>, Error)> {
    let mut reader = ReadMarkings { markings, label: label.clone() };
    texts::visit_request(request, &mut reader).map_err(|error| (Box::default(), error))?;
    let mut screener =
        ScreenTexts { guard, label: reader.label, found: Found::default(), vault: Vault::new() };
    match texts::visit_request(request, &mut screener) {
        Ok(()) => Ok(Screened { label: screener.label, found: screener.found, vault: screener.vault }),
        Err(error) => Err((Box::new(screener.found), error)),
    }
}

/// Looks for the highest label that a marking states.
struct ReadMarkings<'a> {
    markings: &'a [Arc<dyn Detector>],
    label: Label,
}

/// A marking below this is reported, and does not raise a label.
const MARKING_CONFIDENCE_MIN: f32 = 0.8;

impl Visitor for ReadMarkings<'_> {
    fn text(&mut self, param: &dyn Fn() -> String, _: Direction, text: &mut String) -> Result<(), Error> {
        let scheme = self.label.scheme().clone();
        if self.label == scheme.highest() {
            return Ok(());
        }
        let spans = scan(self.markings, text).map_err(|stop| refusal(&stop, &param()))?;
        for span in spans.iter().filter(|span| span.kind == Kind::Marking) {
            if span.confidence >= MARKING_CONFIDENCE_MIN {
                // A marking that this scheme does not know counts as the highest.
                let marked = scheme.parse_label(&text[span.range.clone()]);
                self.label = scheme.inherit([Some(&self.label), marked.as_ref()]);
            }
        }
        Ok(())
    }

    fn opaque(&mut self, _: &dyn Fn() -> String, _: &str) -> Result<(), Error> {
        Ok(())
    }
}

struct ScreenTexts<'a> {
    guard: &'a Guard,
    label: Label,
    found: Found,
    vault: Vault,
}

impl Visitor for ScreenTexts<'_> {
    fn text(
        &mut self,
        param: &dyn Fn() -> String,
        direction: Direction,
        text: &mut String,
    ) -> Result<(), Error> {
        let context = Context { label: self.label.clone(), direction };
        let verdict = self.guard.screen(text, &context, Some(&self.vault));
        self.found.act(verdict.action);
        for finding in &verdict.findings {
            self.found.take(finding);
        }
        match verdict.text() {
            Ok(released) if released == text => Ok(()),
            Ok(released) => {
                released.clone_into(text);
                Ok(())
            }
            Err(stop) => {
                if let Stop::Rule { rule, .. } = stop {
                    self.found.name_rule(rule);
                }
                Err(refusal(stop, &param()))
            }
        }
    }

    fn opaque(&mut self, param: &dyn Fn() -> String, kind: &str) -> Result<(), Error> {
        if self.found.opaque.len() < NAMED_MAX {
            self.found.opaque.push(format!("{}:{kind}", param()));
        }
        Ok(())
    }
}

/// The refusal of the guard in the words of the gate. Says which rule and where, never what stood there.
fn refusal(stop: &Stop, param: &str) -> Error {
    let refusal = Refusal::new(Code::GuardRefused).with("param", param);
    Error::Refused(match stop {
        Stop::Rule { rule, kind, .. } => refusal.with("rule", rule.as_str()).with("kind", kind.name()),
        Stop::Detector { detector, .. } => refusal.with("detector", *detector),
        Stop::UnknownLabel => refusal.with("reason", "unknown_label"),
        Stop::TooLong => refusal.with("reason", "too_long"),
    })
}

/// Screens one text of an answer while it flows, and puts masks back.
pub(crate) struct OutText {
    stream: Option<Stream>,
    restorer: Option<Restorer>,
}

/// What became of a part of an answer.
#[derive(Debug, Default)]
pub(crate) struct Out {
    /// What may go to the one who asked.
    pub(crate) text: String,
    /// Set when nothing may follow.
    pub(crate) refusal: Option<Error>,
}

impl OutText {
    /// A text of the way out, under `label`. Masks that `vault` knows are put back.
    pub(crate) fn new(guard: &Guard, label: &Label, vault: &Vault) -> Self {
        Self::in_steps(sekisho_guard::STEP_CHARS, guard, label, vault)
    }

    fn in_steps(chars: usize, guard: &Guard, label: &Label, vault: &Vault) -> Self {
        let context = Context { label: label.clone(), direction: Direction::Output };
        let vault = (!vault.is_empty()).then(|| vault.clone());
        let restorer = vault.clone().map(Restorer::new);
        Self { stream: Some(guard.stream(context, vault).in_steps(chars)), restorer }
    }

    /// A text that is complete.
    pub(crate) fn whole(guard: &Guard, label: &Label, vault: &Vault, text: &str, found: &mut Found) -> Out {
        let mut screening = Self::in_steps(usize::MAX, guard, label, vault);
        let mut out = screening.push(text, found);
        if out.refusal.is_none() {
            let rest = screening.finish(found);
            out.text.push_str(&rest.text);
            out.refusal = rest.refusal;
        }
        out
    }

    /// Takes more, and gives what may go on.
    pub(crate) fn push(&mut self, piece: &str, found: &mut Found) -> Out {
        let Some(stream) = &mut self.stream else { return Out::default() };
        let released = stream.push(piece);
        let mut out = self.take(released.events, released.end, found);
        out.text = match &mut self.restorer {
            Some(restorer) => restorer.push(&released.text),
            None => released.text,
        };
        out
    }

    /// The text has ended: gives the rest.
    pub(crate) fn finish(&mut self, found: &mut Found) -> Out {
        let Some(stream) = self.stream.take() else { return Out::default() };
        let released = stream.finish();
        let mut out = self.take(released.events, released.end, found);
        out.text = match self.restorer.take() {
            Some(mut restorer) => {
                let text = restorer.push(&released.text);
                text + &restorer.finish()
            }
            None => released.text,
        };
        out
    }

    fn take(&mut self, events: Vec<Event>, end: Option<End>, found: &mut Found) -> Out {
        for event in &events {
            match event {
                Event::Found(finding) => {
                    found.act(finding.action);
                    found.take(finding);
                }
                Event::Masked(_) => {}
            }
        }
        match end {
            Some(End::Refused(stop)) => {
                self.stream = None;
                found.act(Action::Refuse);
                if let Stop::Rule { rule, .. } = &stop {
                    found.name_rule(rule);
                }
                Out { text: String::new(), refusal: Some(refusal(&stop, "choices")) }
            }
            Some(End::Complete(action)) => {
                found.act(action);
                Out::default()
            }
            None => Out::default(),
        }
    }
}

/// The word of a record for an action.
pub(crate) fn verdict(action: Option<Action>) -> sekisho_audit::record::Verdict {
    use sekisho_audit::record::Verdict;
    match action {
        Some(Action::Refuse) => Verdict::Refuse,
        Some(Action::Mask) => Verdict::Mask,
        Some(Action::Flag) => Verdict::Flag,
        _ => Verdict::Pass,
    }
}

/// A guard and what belongs to it.
#[derive(Clone)]
pub struct Screen {
    pub(crate) scheme: Scheme,
    pub(crate) guard: Guard,
    pub(crate) markings: Arc<[Arc<dyn Detector>]>,
}

impl Screen {
    /// Screening under one scheme, with all detectors that come with the program and those of the organisation.
    ///
    /// # Errors
    /// [`sekisho_guard::Error`] when a test of a rule comes out differently.
    pub fn new(
        scheme: Scheme,
        detectors: Vec<Arc<dyn Detector>>,
        policy: Policy,
    ) -> Result<Self, sekisho_guard::Error> {
        let markings: Arc<[Arc<dyn Detector>]> =
            Arc::from([Arc::new(sekisho_guard::Markings::built_in()) as Arc<dyn Detector>]);
        Ok(Self { scheme, guard: Guard::new(detectors, policy)?, markings })
    }
}
