//! The window that moves along a text.

use std::{
    collections::HashMap,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use sekisho_text::normal::Normal;

use super::{
    Failure, Finding, Refusal, Replacement,
    sweep::{Step, Sweep},
};
use crate::{
    Action, Context, Detector, Direction, Event, Policy, SURE_FROM, Span, Unavailable, Vault, View,
    mask::{Placeholder, Stands, look_alikes},
    promise::moved,
    table::Tracker,
    window,
};

/// What goes out.
#[derive(Debug, Default)]
pub(crate) struct Output {
    pub(crate) text: String,
    pub(crate) events: Vec<Event>,
}

impl Output {
    pub(crate) fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.events
            .iter()
            .filter_map(|event| if let Event::Found(finding) = event { Some(finding) } else { None })
    }

    pub(crate) fn replacements(&self) -> impl Iterator<Item = &Replacement> {
        self.events.iter().filter_map(|event| if let Event::Masked(one) = event { Some(one) } else { None })
    }
}

/// Screens one text, whole or in pieces.
///
/// Places are bytes of the whole original text. The window holds what is not out yet, and before it as much as the
/// detectors look back.
pub(crate) struct Engine {
    policy: Arc<Policy>,
    detectors: Arc<[Arc<dyn Detector>]>,
    context: Context,
    vault: Option<Vault>,
    /// The placeholders that a model could know when its answer began; none for texts that are no answer.
    own_placeholders: HashMap<Stands, u32>,
    behind_chars: usize,
    window: String,
    /// Where the window begins.
    base: usize,
    /// The table in which the window begins.
    table: Tracker,
    /// Everything that starts before is known.
    settled: usize,
    sweep: Sweep,
    /// Bytes of masked text that are out.
    masked_bytes: usize,
    /// What went out last in place of something.
    last_placeholder: Option<Placeholder>,
    action: Action,
    refusal: Option<Refusal>,
    /// Characters that were taken since the last look.
    unseen_chars: usize,
}

impl Engine {
    pub(crate) fn new(
        policy: Arc<Policy>,
        detectors: Arc<[Arc<dyn Detector>]>,
        context: Context,
        vault: Option<Vault>,
    ) -> Self {
        let behind = detectors.iter().map(|detector| detector.reach().behind_chars).max();
        let label = context.label.known_in(policy.scheme());
        let refusal = label.is_none().then_some(Refusal::UnknownLabel);
        let context = Context { label: label.unwrap_or_else(|| policy.scheme().highest()), ..context };
        let answers = vault.as_ref().filter(|_| context.direction == Direction::Output);
        Self {
            own_placeholders: answers.map(Vault::last_numbers).unwrap_or_default(),
            behind_chars: behind.unwrap_or(0).max(1),
            policy,
            detectors,
            context,
            vault,
            window: String::new(),
            base: 0,
            table: Tracker::default(),
            settled: 0,
            sweep: Sweep::default(),
            masked_bytes: 0,
            last_placeholder: None,
            action: Action::Pass,
            refusal,
            unseen_chars: 0,
        }
    }

    pub(crate) fn take(&mut self, text: &str) {
        if self.refusal.is_none() {
            self.window.push_str(text);
            self.unseen_chars += text.chars().count();
        }
    }

    /// Characters that were taken since the last look.
    pub(crate) fn unseen_chars(&self) -> usize {
        self.unseen_chars
    }

    /// The strongest action so far.
    pub(crate) fn action(&self) -> Action {
        if self.refusal.is_some() { Action::Refuse } else { self.action }
    }

    pub(crate) fn refusal(&self) -> Option<&Refusal> {
        self.refusal.as_ref()
    }

    pub(crate) fn policy(&self) -> &Arc<Policy> {
        &self.policy
    }

    /// Ends: what is held back is dropped.
    pub(crate) fn refuse(&mut self, refusal: Refusal) {
        self.refusal = Some(refusal);
        self.window = String::new();
        self.sweep = Sweep::default();
    }

    /// Characters that were taken and are not out.
    pub(crate) fn held_chars(&self) -> usize {
        let from = self.sweep.out().saturating_sub(self.base).min(self.window.len());
        self.window[from..].chars().count()
    }

    /// Bytes in the window; for tests of bounded memory.
    #[cfg(test)]
    pub(crate) fn window_bytes(&self) -> usize {
        self.window.len()
    }

    /// Lets out what has settled.
    pub(crate) fn advance(&mut self, at_end: bool, output: &mut Output) {
        if self.refusal.is_some() {
            return;
        }
        let result = self.look(at_end);
        match result {
            Ok(Some(settled)) => self.let_out(settled, output),
            Ok(None) => {}
            Err(refusal) => self.refuse(refusal),
        }
        if self.refusal.is_none() && !at_end {
            self.drop_what_is_behind();
        }
    }

    /// Looks at the window, and queues what starts in the stretch that is settled now; nothing when none is.
    fn look(&mut self, at_end: bool) -> Result<Option<usize>, Refusal> {
        self.unseen_chars = 0;
        let end = if at_end { self.window.len() } else { window::final_end(&self.window) };
        let original = &self.window[..end];
        if !at_end && self.base + end <= self.settled {
            return Ok(None);
        }
        let normal = Normal::of(original);
        let (at_start, from) = (self.base == 0, self.settled - self.base);
        let view = View { original, normal: &normal, at_start, at_end, table: &self.table, from };
        let (look_alikes, look_alikes_settled) = match &self.vault {
            Some(_) => look_alikes(original),
            None => (Vec::new(), end),
        };
        let (found, settled) = look_with_all(&self.detectors, &view)?;
        let settled = self.base + if at_end { end } else { settled.min(look_alikes_settled) };
        if !at_end && settled <= self.settled {
            return Ok(None);
        }
        let fresh = self.settled..settled;
        for span in found.into_iter().map(|span| moved(span, self.base)) {
            if fresh.contains(&span.range.start) {
                let written = &self.window[span.range.start - self.base..span.range.end - self.base];
                let judged = self.policy.judge(&span, written, &self.context);
                if span.confidence < SURE_FROM && judged.rules.is_empty() {
                    continue;
                }
                let finding = Finding { span, action: judged.action, rules: judged.rules };
                self.sweep.add(finding, judged.reversible);
            }
        }
        for one in look_alikes {
            let range = self.base + one.start..self.base + one.end;
            if !fresh.contains(&range.start) {
                continue;
            }
            if self.is_own_placeholder(one.stands, one.number) {
                self.sweep.keep(range);
            } else {
                self.sweep.cover_look_alike(range);
            }
        }
        self.settled = settled;
        Ok(Some(settled))
    }

    /// A model's answer may name what this conversation masked before; anywhere else, and for numbers given while it is
    /// screened, the form is only text that looks like it.
    fn is_own_placeholder(&self, stands: Stands, number: u32) -> bool {
        self.own_placeholders.get(&stands).is_some_and(|last| number <= *last)
    }

    fn let_out(&mut self, settled: usize, output: &mut Output) {
        while let Some(step) = self.sweep.next(settled) {
            match step {
                Step::Raw(range) => {
                    let text = &self.window[range.start - self.base..range.end - self.base];
                    output.text.push_str(text);
                    self.masked_bytes += text.len();
                }
                Step::Replace { range, stands, reversible } => {
                    let original = &self.window[range.start - self.base..range.end - self.base];
                    let placeholder = self.placeholder(stands, reversible, original);
                    self.last_placeholder = Some(placeholder);
                    let placeholder = placeholder.to_string();
                    let masked = self.masked_bytes..self.masked_bytes + placeholder.len();
                    self.masked_bytes = masked.end;
                    output.text.push_str(&placeholder);
                    let kind = if let Stands::For(kind) = stands { Some(kind) } else { None };
                    output.events.push(Event::Masked(Replacement {
                        original: range,
                        masked,
                        kind,
                        placeholder,
                    }));
                }
                Step::Forget => {
                    if let (Some(vault), Some(last)) = (&self.vault, self.last_placeholder) {
                        vault.forget(last);
                    }
                }
                Step::Report(finding) => {
                    self.action = self.action.max(finding.action);
                    let refusal = refusal_of(&finding);
                    output.events.push(Event::Found(*finding));
                    if let Some(refusal) = refusal {
                        return self.refuse(refusal);
                    }
                }
            }
        }
    }

    /// What a model wrote is never masked with a way back: the restorer behind would undo it at once.
    fn placeholder(&self, stands: Stands, reversible: bool, original: &str) -> Placeholder {
        let is_answer = self.context.direction == Direction::Output && stands != Stands::ForText;
        match &self.vault {
            Some(vault) if reversible && !is_answer => vault.placeholder(stands, original),
            _ => Placeholder { stands, number: None },
        }
    }

    fn drop_what_is_behind(&mut self) {
        let settled = self.settled - self.base;
        let start = window::clean_start(&self.window, settled, self.behind_chars);
        self.table.advance(&self.window[..start]);
        self.window.drain(..start);
        self.base += start;
    }
}

fn refusal_of(finding: &Finding) -> Option<Refusal> {
    let rule = finding.rules.first().filter(|_| finding.action == Action::Refuse)?;
    let (kind, range) = (finding.span.kind, finding.span.range.clone());
    Some(Refusal::Rule { rule: rule.id.clone(), kind, range })
}

/// Everything that the detectors find in a whole text, from the left, without any rule; overlaps included
/// ([`disjoint`](crate::disjoint) removes them).
///
/// # Errors
/// [`Refusal`] when a detector failed or the text is too long.
pub fn scan(detectors: &[Arc<dyn Detector>], text: &str) -> Result<Vec<Span>, Refusal> {
    if text.len() > super::TEXT_BYTES_MAX {
        return Err(Refusal::TooLong);
    }
    let normal = Normal::of(text);
    let table = Tracker::default();
    let view = View { original: text, normal: &normal, at_start: true, at_end: true, table: &table, from: 0 };
    let (mut found, _) = look_with_all(detectors, &view)?;
    Span::sort(&mut found);
    Ok(found)
}

/// What all detectors find, and the byte before which none of them waits for more text.
fn look_with_all(detectors: &[Arc<dyn Detector>], view: &View<'_>) -> Result<(Vec<Span>, usize), Refusal> {
    let (mut found, mut all_settled) = (Vec::new(), view.original.len());
    for detector in detectors {
        let mut spans = Vec::new();
        let failed = |failure| Refusal::Detector { detector: detector.name(), failure };
        let settled = catch_unwind(AssertUnwindSafe(|| detector.look(view, &mut spans)))
            .map_err(|_| failed(Failure::Panicked))?
            .map_err(|unavailable| failed(Failure::Unavailable { causes: causes(&unavailable) }))?;
        let is_good = |span: &Span| {
            let written = view.original.get(span.range.clone());
            written.is_some_and(|written| !written.is_empty()) && span.confidence.is_finite()
        };
        if !spans.iter().all(is_good) {
            return Err(failed(Failure::BadSpan));
        }
        if !view.at_end {
            let held_max = detector.reach().hold_chars_max;
            let earliest = window::chars_back(view.original, view.original.len(), held_max);
            if settled.max(view.from) < earliest || !view.original.is_char_boundary(settled) {
                return Err(failed(Failure::HeldTooLong));
            }
            all_settled = all_settled.min(settled);
        }
        found.append(&mut spans);
    }
    Ok((found, all_settled))
}

fn causes(unavailable: &Unavailable) -> Vec<String> {
    let mut causes = vec![unavailable.source.to_string()];
    let mut source = unavailable.source.source();
    while let Some(cause) = source {
        causes.push(cause.to_string());
        source = cause.source();
    }
    causes
}
