//! Time from left to right, one lane under the other.

use maud::{Markup, html};

use super::{Picture, frame, percent};

const LABEL_PX: u32 = 18;
const TRACK_PX: u32 = 16;
const LANE_PX: u32 = LABEL_PX + TRACK_PX + 6;
const AXIS_PX: u32 = 22;
/// Most years that are marked.
const YEARS_MAX: u16 = 12;
/// Half the size of a sign.
const SIGN_PX: f64 = 5.0;

/// A picture of moments.
pub(crate) struct Timeline {
    /// The picture in words.
    pub(crate) alt: String,
    /// First year shown.
    pub(crate) from_year: u16,
    /// First year not shown any more.
    pub(crate) to_year: u16,
    /// Lanes from top to bottom.
    pub(crate) lanes: Vec<Lane>,
}

/// A lane with its name.
pub(crate) struct Lane {
    /// Name.
    pub(crate) label: String,
    /// Remark at the right end.
    pub(crate) remark: String,
    /// What happened.
    pub(crate) moments: Vec<Moment>,
}

/// Something that happened.
pub(crate) struct Moment {
    /// Earliest time, in years (`2025.5`).
    pub(crate) from: f64,
    /// Latest time; later than `from` when only month or year is known.
    pub(crate) to: f64,
    /// Sign.
    pub(crate) shape: Shape,
    /// Words for those who point at it.
    pub(crate) title: String,
}

/// Signs, told apart by form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Shape {
    /// ◇
    Diamond,
    /// ●
    Disc,
    /// ▶
    Triangle,
    /// ■
    Square,
    /// ○
    Ring,
}

impl Shape {
    /// The sign as a character, for keys and tables.
    pub(crate) fn sign(self) -> &'static str {
        match self {
            Self::Diamond => "◇",
            Self::Disc => "●",
            Self::Triangle => "▶",
            Self::Square => "■",
            Self::Ring => "○",
        }
    }

    fn path(self) -> &'static str {
        match self {
            Self::Diamond => "M-6 0L0 -6L6 0L0 6Z",
            Self::Disc | Self::Ring => "M-5 0A5 5 0 1 0 5 0A5 5 0 1 0 -5 0Z",
            Self::Triangle => "M-4 -6L6 0L-4 6Z",
            Self::Square => "M-5 -5H5V5H-5Z",
        }
    }

    fn class(self) -> &'static str {
        match self {
            Self::Diamond | Self::Ring => "point open",
            Self::Disc | Self::Triangle | Self::Square => "point",
        }
    }
}

/// Draws the lanes.
pub(crate) fn timeline(timeline: &Timeline) -> Picture {
    let lanes = u32::try_from(timeline.lanes.len()).unwrap_or(u32::MAX / LANE_PX);
    let bottom_px = 4 + lanes * LANE_PX;
    let body = html! {
        (axis(timeline, bottom_px))
        @for (index, lane) in (0_u32..).zip(&timeline.lanes) { (draw(timeline, lane, 4 + index * LANE_PX)) }
    };
    frame(bottom_px + AXIS_PX, &timeline.alt, &body)
}

/// The years that are marked: each, or every n-th of a long time.
fn years(timeline: &Timeline) -> impl Iterator<Item = u16> {
    let count = timeline.to_year.saturating_sub(timeline.from_year);
    (timeline.from_year..timeline.to_year).step_by(usize::from(count.div_ceil(YEARS_MAX).max(1)))
}

fn axis(timeline: &Timeline, bottom_px: u32) -> Markup {
    html! {
        @for year in years(timeline) {
            text.axis x=(percent(share(timeline, f64::from(year)))) y=(bottom_px + 12) { (year) }
        }
    }
}

/// The beginnings of the years on one lane; they leave the words above it alone.
fn grid(timeline: &Timeline, middle_px: f64) -> Markup {
    html! {
        @for year in years(timeline).chain([timeline.to_year]) {
            @let x = percent(share(timeline, f64::from(year)));
            line.grid x1=(x) x2=(x) y1=(middle_px - 8.0) y2=(middle_px + 8.0) {}
        }
    }
}

fn draw(timeline: &Timeline, lane: &Lane, top_px: u32) -> Markup {
    let y = f64::from(top_px + LABEL_PX) + SIGN_PX + 3.0;
    html! {
        (grid(timeline, y))
        text x="0" y=(top_px + 13) { (lane.label) }
        text.quiet x="100%" y=(top_px + 13) text-anchor="end" { (lane.remark) }
        line.base x1="0" x2="100%" y1=(y) y2=(y) stroke-opacity="0.4" {}
        @for moment in &lane.moments {
            @let (from, to) = (share(timeline, moment.from), share(timeline, moment.to));
            line.span x1=(percent(from)) x2=(percent(to)) y1=(y) y2=(y) {}
            // A nested picture, because a path cannot be placed in percent.
            svg x=(percent(f64::midpoint(from, to))) y=(y) width="1" height="1" overflow="visible" {
                path class=(moment.shape.class()) d=(moment.shape.path()) { title { (moment.title) } }
            }
        }
    }
}

fn share(timeline: &Timeline, years: f64) -> f64 {
    let width = f64::from(timeline.to_year.saturating_sub(timeline.from_year)).max(1.0);
    (years - f64::from(timeline.from_year)) / width
}
