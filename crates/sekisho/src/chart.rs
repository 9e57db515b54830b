//! Pictures as SVG, drawn by our own functions. Widths are given in percent and text in pixels, so that a picture is as
//! legible on a phone as on paper. Every series has a pattern beside its colour; every picture has its words.

mod bars;
mod stacked;
mod timeline;

use maud::{Markup, html};

pub(crate) use bars::{Bar, Bars, Extent, Group, Series, bars};
pub(crate) use stacked::{Part, stacked};
pub(crate) use timeline::{Lane, Moment, Shape, Timeline, timeline};

/// A drawn picture.
#[derive(Debug, Clone)]
pub(crate) struct Picture {
    /// The SVG.
    pub(crate) markup: Markup,
}

impl PartialEq for Picture {
    fn eq(&self, other: &Self) -> bool {
        self.markup.0 == other.markup.0
    }
}

/// The frame of every picture: its size, and its words for those who do not see it.
fn frame(height_px: u32, alt: &str, body: &Markup) -> Picture {
    Picture {
        markup: html! {
            svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label=(alt) width="100%" height=(height_px) {
                title { (alt) }
                (body)
            }
        },
    }
}

/// The patterns that pictures fill with; a page holds them once.
pub(crate) fn patterns() -> Markup {
    let hatch = |id: &str, class: &str, path: &str| {
        html! {
            pattern id=(id) width="6" height="6" patternUnits="userSpaceOnUse" { path class=(class) d=(path) {} }
        }
    };
    html! {
        svg.patterns width="0" height="0" aria-hidden="true" focusable="false" {
            defs {
                (hatch("hatch-bar-2", "p-bar-2", "M-1 1L1 -1M0 6L6 0M5 7L7 5"))
                (hatch("hatch-mask", "p-mask", "M-1 1L1 -1M0 6L6 0M5 7L7 5"))
                (hatch("hatch-refuse", "p-refuse", "M0 0L6 6M6 0L0 6"))
                pattern #dots-unknown width="6" height="6" patternUnits="userSpaceOnUse" {
                    circle.p-unknown cx="3" cy="3" r="1.4" {}
                }
            }
        }
    }
}

/// A share of the width, as SVG takes it; two decimals keep the text short and the same everywhere.
fn percent(share: f64) -> String {
    let hundredths = (share.clamp(0.0, 1.0) * 10_000.0).round() as u32;
    format!("{}.{:02}%", hundredths / 100, hundredths % 100)
}

/// Most steps on an axis.
const TICKS_MAX: u32 = 10;

/// Round numbers from `from` to at least `to`, four to six of them.
fn ticks(from: f64, to: f64) -> Vec<f64> {
    const STEPS: [f64; 4] = [1.0, 2.0, 2.5, 5.0];
    let width = to - from;
    if !width.is_finite() || width <= 0.0 {
        return vec![from];
    }
    let magnitude = 10_f64.powf((width / 5.0).log10().floor());
    let step = STEPS
        .iter()
        .map(|step| step * magnitude)
        .find(|step| width / step <= 5.5)
        .unwrap_or(10.0 * magnitude);
    // Sums of decimals carry noise in the last digits, which must not be printed.
    let clean = |tick: f64| format!("{tick:.9}").parse().unwrap_or(tick);
    (0..=TICKS_MAX)
        .map(|index| from + step * f64::from(index))
        .take_while(|tick| *tick <= to + step * 1e-6)
        .map(clean)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{percent, ticks};

    #[test]
    fn ticks_are_round_and_cover_the_scale() {
        assert_eq!(ticks(0.0, 25.0), [0.0, 5.0, 10.0, 15.0, 20.0, 25.0]);
        assert_eq!(ticks(0.0, 100.0), [0.0, 20.0, 40.0, 60.0, 80.0, 100.0]);
        assert_eq!(ticks(1.0, 5.0), [1.0, 2.0, 3.0, 4.0, 5.0]);
        assert_eq!(ticks(0.0, 1.0), [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]);
        assert_eq!(ticks(0.0, 1e8).len(), 6);
        assert_eq!(ticks(3.0, 3.0), [3.0]);
        assert_eq!(ticks(0.0, f64::INFINITY), [0.0]);
    }

    #[test]
    fn shares_stay_inside() {
        assert_eq!(percent(0.5), "50.00%");
        assert_eq!(percent(1.0 / 3.0), "33.33%");
        assert_eq!(percent(7.0), "100.00%");
        assert_eq!(percent(f64::NAN), "0.00%");
    }
}
