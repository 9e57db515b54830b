//! Horizontal bars on one scale: values, intervals, and hollow bars for what is not published.

use maud::{Markup, html};

use super::{Picture, frame, percent, ticks};

const GROUP_PX: u32 = 24;
const LABEL_PX: u32 = 18;
const BAR_PX: u32 = 10;
const ROW_PX: u32 = LABEL_PX + BAR_PX + 8;
const AXIS_PX: u32 = 22;
const TOP_PX: u32 = 4;

/// A picture of bars.
pub(crate) struct Bars {
    /// The picture in words.
    pub(crate) alt: String,
    /// Where the scale begins.
    pub(crate) from: f64,
    /// Where the scale ends.
    pub(crate) to: f64,
    /// How a number on the axis is written.
    pub(crate) tick: fn(f64) -> String,
    /// Bars under their headings.
    pub(crate) groups: Vec<Group>,
}

/// Bars with a heading of their own.
pub(crate) struct Group {
    /// Heading; none when each bar says enough.
    pub(crate) label: Option<String>,
    /// Bars.
    pub(crate) bars: Vec<Bar>,
}

/// One bar with its words.
pub(crate) struct Bar {
    /// What it stands for.
    pub(crate) label: String,
    /// Its value as text.
    pub(crate) value: String,
    /// How far it reaches.
    pub(crate) extent: Extent,
    /// Which series it belongs to.
    pub(crate) series: Series,
}

/// How far a bar reaches.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Extent {
    /// To a value, with nothing said about its uncertainty.
    To(f64),
    /// Anywhere between two values, with the best one where it is known.
    Between {
        /// Lowest.
        low: f64,
        /// Best.
        best: Option<f64>,
        /// Highest.
        high: f64,
    },
    /// Anywhere: 未指定.
    Undisclosed,
}

/// Series, told apart by pattern and colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Series {
    /// Full.
    First,
    /// Hatched.
    Second,
    /// Crossed: disputed.
    Disputed,
}

impl Series {
    fn class(self) -> &'static str {
        match self {
            Self::First => "c1",
            Self::Second => "c2",
            Self::Disputed => "c3",
        }
    }
}

/// Draws the bars.
pub(crate) fn bars(bars: &Bars) -> Picture {
    let rows: u32 = bars.groups.iter().map(height_px).sum();
    let bottom_px = TOP_PX + rows;
    let mut y = TOP_PX;
    let body = html! {
        (axis(bars, bottom_px))
        @for group in &bars.groups {
            @let top = y;
            @if let Some(label) = &group.label { text.strong x="0" y=(top + 16) { (label) } }
            @for (index, bar) in (0_u32..).zip(&group.bars) {
                (draw(bars, bar, top + heading_px(group) + index * ROW_PX))
            }
            @let () = y += height_px(group);
        }
    };
    frame(bottom_px + AXIS_PX, &bars.alt, &body)
}

fn heading_px(group: &Group) -> u32 {
    if group.label.is_some() { GROUP_PX } else { 0 }
}

fn height_px(group: &Group) -> u32 {
    heading_px(group) + ROW_PX * u32::try_from(group.bars.len()).unwrap_or(u32::MAX / ROW_PX)
}

fn axis(bars: &Bars, bottom_px: u32) -> Markup {
    html! {
        @for tick in ticks(bars.from, bars.to) {
            @let place = share(bars, tick);
            text.axis x=(percent(place)) y=(bottom_px + 12)
                text-anchor=(if place < 0.01 { "start" } else if place > 0.99 { "end" } else { "middle" })
                { ((bars.tick)(tick)) }
        }
    }
}

/// The lines of the scale behind one bar; they leave the words above it alone.
fn grid(bars: &Bars, top_px: u32) -> Markup {
    html! {
        @for (index, tick) in ticks(bars.from, bars.to).into_iter().enumerate() {
            @let x = percent(share(bars, tick));
            line class=(if index == 0 { "base" } else { "grid" }) x1=(x) x2=(x) y1=(top_px - 3) y2=(top_px + BAR_PX + 3) {}
        }
    }
}

fn draw(bars: &Bars, bar: &Bar, top_px: u32) -> Markup {
    let y = top_px + LABEL_PX;
    let middle = y + BAR_PX / 2;
    html! {
        (grid(bars, y))
        text x="0" y=(top_px + 13) { (bar.label) }
        text.strong x="100%" y=(top_px + 13) text-anchor="end" { (bar.value) }
        @match bar.extent {
            Extent::To(value) => {
                rect class=(bar.series.class()) x="0" y=(y) width=(percent(share(bars, value))) height=(BAR_PX) {}
            },
            Extent::Between { low, best, high } => {
                @let (left, right) = (share(bars, low), share(bars, high));
                rect class=(bar.series.class()) x="0" y=(y) width=(percent(best.map_or(left, |best| share(bars, best)))) height=(BAR_PX) {}
                line.whisker x1=(percent(left)) x2=(percent(right)) y1=(middle) y2=(middle) {}
                @for end in [left, right] { line.whisker x1=(percent(end)) x2=(percent(end)) y1=(y) y2=(y + BAR_PX) {} }
            },
            Extent::Undisclosed => rect.hollow x="0" y=(y) width="100%" height=(BAR_PX) {},
        }
    }
}

fn share(bars: &Bars, value: f64) -> f64 {
    let width = bars.to - bars.from;
    if width > 0.0 { (value - bars.from) / width } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::{Bar, Bars, Extent, Group, Series, bars};

    #[test]
    fn draws_a_value_an_interval_and_an_unknown() {
        let bar = |extent| Bar { label: "a".into(), value: "<1>".into(), extent, series: Series::First };
        let picture = bars(&Bars {
            alt: "三つの棒".into(),
            from: 0.0,
            to: 10.0,
            tick: |number| number.to_string(),
            groups: vec![Group {
                label: None,
                bars: vec![
                    bar(Extent::To(5.0)),
                    bar(Extent::Between { low: 2.0, best: None, high: 4.0 }),
                    bar(Extent::Undisclosed),
                ],
            }],
        });
        let text = picture.markup.into_string().replace("><", ">\n<");
        let shapes: Vec<&str> = text
            .lines()
            .filter(|line| line.starts_with("<rect") || line.starts_with("<line class=\"whisker"))
            .collect();
        expect![[r#"
            <rect class="c1" x="0" y="22" width="50.00%" height="10">
            <rect class="c1" x="0" y="58" width="20.00%" height="10">
            <line class="whisker" x1="20.00%" x2="40.00%" y1="63" y2="63">
            <line class="whisker" x1="20.00%" x2="20.00%" y1="58" y2="68">
            <line class="whisker" x1="40.00%" x2="40.00%" y1="58" y2="68">
            <rect class="hollow" x="0" y="94" width="100%" height="10">"#]]
        .assert_eq(&shapes.join("\n"));
        assert!(text.contains("&lt;1&gt;") && text.contains(r#"aria-label="三つの棒""#));
    }
}
