//! One bar made of parts: how a whole divides.

use maud::html;

use super::{Picture, frame, percent};

const BAR_PX: u32 = 28;
const ROW_PX: u32 = 22;
const SWATCH_PX: u32 = 12;

/// A part of the whole.
pub(crate) struct Part {
    /// What it is.
    pub(crate) label: String,
    /// Its size as text.
    pub(crate) value: String,
    /// Its size.
    pub(crate) amount: f64,
    /// Class in style sheets, which gives colour and pattern.
    pub(crate) class: &'static str,
}

/// Draws the bar, and beneath it one line for each part, with its pattern.
pub(crate) fn stacked(alt: &str, parts: &[Part]) -> Picture {
    let whole: f64 = parts.iter().map(|part| part.amount.max(0.0)).sum();
    let share = |amount: f64| if whole > 0.0 { amount.max(0.0) / whole } else { 0.0 };
    let mut start = 0.0;
    let body = html! {
        @for part in parts {
            rect class=(part.class) x=(percent(share(start))) y="1" width=(percent(share(part.amount))) height=(BAR_PX) {}
            @let () = start += part.amount.max(0.0);
        }
        @for (index, part) in (0_u32..).zip(parts) {
            @let y = BAR_PX + 12 + index * ROW_PX;
            rect class=(part.class) x="1" y=(y) width=(SWATCH_PX) height=(SWATCH_PX) {}
            text x="22" y=(y + 11) { (part.label) }
            text.strong x="100%" y=(y + 11) text-anchor="end" { (part.value) }
        }
    };
    let rows = u32::try_from(parts.len()).unwrap_or(u32::MAX / ROW_PX);
    frame(BAR_PX + 12 + rows * ROW_PX, alt, &body)
}
