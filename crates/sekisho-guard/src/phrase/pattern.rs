//! Patterns as they are written: `^ scope? ..6 target|prompt ..12 drop`.

/// A pattern taken apart, optional steps not yet resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern<'a> {
    pub(super) at_line_start: bool,
    pub(super) steps: Vec<Written<'a>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Written<'a> {
    pub(super) gap: usize,
    pub(super) crosses: bool,
    pub(super) classes: Vec<&'a str>,
    pub(super) optional: bool,
}

/// Most characters in a gap: a phrase must stay a phrase.
pub(super) const GAP_MAX: usize = 40;
/// Most steps of one pattern.
pub(super) const STEPS_MAX: usize = 6;

/// Reads a pattern; nothing when it is not one. `..N` stays in the sentence, `~N` may leave it; without either, words
/// touch.
pub(super) fn parse(text: &str) -> Option<Pattern<'_>> {
    let mut pattern = Pattern { at_line_start: false, steps: Vec::new() };
    let mut gap = None;
    for (number, part) in text.split_whitespace().enumerate() {
        if part == "^" && number == 0 {
            pattern.at_line_start = true;
        } else if let Some((width, crosses)) = parse_gap(part) {
            if gap.is_some() || pattern.steps.is_empty() || width > GAP_MAX {
                return None;
            }
            gap = Some((width, crosses));
        } else {
            let (names, optional) = part.strip_suffix('?').map_or((part, false), |names| (names, true));
            let classes: Vec<&str> = names.split('|').collect();
            let is_name = |name: &&str| {
                !name.is_empty()
                    && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
            };
            if !classes.iter().all(is_name) {
                return None;
            }
            let (gap, crosses) = gap.take().unwrap_or((0, false));
            pattern.steps.push(Written { gap, crosses, classes, optional });
        }
    }
    let is_whole = gap.is_none() && pattern.steps.iter().any(|step| !step.optional);
    (is_whole && pattern.steps.len() <= STEPS_MAX).then_some(pattern)
}

fn parse_gap(part: &str) -> Option<(usize, bool)> {
    let (digits, crosses) = match part.strip_prefix("..") {
        Some(digits) => (digits, false),
        None => (part.strip_prefix('~')?, true),
    };
    digits.parse().ok().map(|width| (width, crosses))
}

impl<'a> Pattern<'a> {
    /// The pattern with each optional step there or not; where it is not, the gaps around it add up.
    pub(super) fn expand(&self) -> Vec<Vec<Written<'a>>> {
        let mut all: Vec<(Vec<Written<'a>>, usize, bool)> = vec![(Vec::new(), 0, false)];
        for step in &self.steps {
            let mut next = Vec::new();
            for (steps, skipped, crossed) in all {
                let gap = if steps.is_empty() { 0 } else { skipped + step.gap };
                let crosses = crossed || step.crosses;
                let mut with = steps.clone();
                with.push(Written { gap, crosses, optional: false, ..step.clone() });
                next.push((with, 0, false));
                if step.optional {
                    next.push((steps, gap, crosses));
                }
            }
            all = next;
        }
        all.into_iter().map(|(steps, _, _)| steps).filter(|steps| !steps.is_empty()).collect()
    }
}

/// A word list entry with alternatives: `{無視,破棄}して` is two words. Nothing when braces do not pair.
pub(super) fn expand_braces(text: &str, most: usize) -> Option<Vec<String>> {
    let Some(open) = text.find('{') else { return (!text.contains('}')).then(|| vec![text.to_owned()]) };
    let close = open + text[open..].find('}')?;
    let inner = &text[open + 1..close];
    if inner.contains('{') || text[..open].contains('}') {
        return None;
    }
    let rests = expand_braces(&text[close + 1..], most)?;
    let mut words = Vec::new();
    for alternative in inner.split(',') {
        for rest in &rests {
            words.push(format!("{}{alternative}{rest}", &text[..open]));
            if words.len() > most {
                return None;
            }
        }
    }
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::{expand_braces, parse};

    #[test]
    fn patterns_are_taken_apart() {
        let pattern = parse("^ scope? ..6 target|prompt ~12 drop").unwrap();
        assert!(pattern.at_line_start);
        let all = pattern.expand();
        assert_eq!(all.len(), 2);
        assert_eq!(
            all[0].iter().map(|step| (step.gap, step.crosses)).collect::<Vec<_>>(),
            [(0, false), (6, false), (12, true)]
        );
        assert_eq!(all[1].iter().map(|step| step.gap).collect::<Vec<_>>(), [0, 12]);
        let middle = parse("a ..2 b? ..3 c").unwrap().expand();
        assert_eq!(middle[1].iter().map(|step| step.gap).collect::<Vec<_>>(), [0, 5]);
        for wrong in ["", "a ..", "..3 a", "a ..99 b", "A", "a ^ b", "a?", "a ..3", "a b c d e f g", "a||b"] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn braces_multiply() {
        let words = expand_braces("{無視,破棄}し{て,ろ}", 10).unwrap();
        assert_eq!(words, ["無視して", "無視しろ", "破棄して", "破棄しろ"]);
        assert_eq!(expand_braces("{a,}b", 10).unwrap(), ["ab", "b"]);
        assert_eq!(expand_braces("{a", 10), None);
        assert_eq!(expand_braces("a}", 10), None);
        assert_eq!(expand_braces("{a,b}{a,b}{a,b}", 7), None);
    }
}
