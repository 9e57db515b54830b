//! A QR code, for a terminal and for a page.

use std::fmt::Write as _;

use maud::{Markup, html};
use qrcodegen::{QrCode, QrCodeEcc};

/// Modules of white around a code, as the standard asks.
const QUIET: i32 = 4;

/// The code of a text; none when it is too long for one.
pub(super) fn encode(text: &str) -> Option<QrCode> {
    QrCode::encode_text(text, QrCodeEcc::Medium).ok()
}

/// For a terminal: two modules in one character.
///
/// With `is_coloured` the code is black on white whatever the terminal's colours are. Without, what is light is drawn
/// and what is dark is not, which is right on a dark terminal.
pub(super) fn for_terminal(code: &QrCode, is_coloured: bool) -> String {
    let range = -QUIET..code.size() + QUIET;
    let mut text = String::new();
    for y in range.clone().step_by(2) {
        text += if is_coloured { "\u{1b}[38;5;16;48;5;231m" } else { "" };
        for x in range.clone() {
            // Outside the code everything is light, and so is a half line below its end.
            let upper = code.get_module(x, y);
            let lower = code.get_module(x, y + 1);
            let (upper, lower) = if is_coloured { (upper, lower) } else { (!upper, !lower) };
            text.push(match (upper, lower) {
                (true, true) => '█',
                (true, false) => '▀',
                (false, true) => '▄',
                (false, false) => ' ',
            });
        }
        text += if is_coloured { "\u{1b}[0m\n" } else { "\n" };
    }
    text
}

/// For a page: one path, black on white in every theme, since a camera is to read it.
pub(super) fn for_page(code: &QrCode, label: &str) -> Markup {
    let side = code.size() + 2 * QUIET;
    let mut path = String::new();
    for y in 0..code.size() {
        for x in (0..code.size()).filter(|x| code.get_module(*x, y)) {
            // Writing to a string does not fail.
            let _ = write!(path, "M{},{}h1v1h-1z", x + QUIET, y + QUIET);
        }
    }
    html! {
        svg.qr viewBox={ "0 0 " (side) " " (side) } role="img" aria-label=(label) shape-rendering="crispEdges" {
            rect width=(side) height=(side) fill="#fff" {}
            path d=(path) fill="#000" {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{encode, for_page, for_terminal};

    #[test]
    fn both_drawings_have_the_modules_of_the_code() {
        let code = encode("audit.sekino.example/2026\n3\nAAAA\n").unwrap();
        let (size, dark) = (code.size(), |x: i32, y: i32| code.get_module(x, y));
        let count =
            (0..size).flat_map(|y| (0..size).map(move |x| (x, y))).filter(|(x, y)| dark(*x, *y)).count();
        assert_eq!(for_page(&code, "QR").into_string().matches('M').count(), count);

        let halves = |text: &str, both: char, one: [char; 2]| {
            text.chars().filter(|c| *c == both).count() * 2 + text.chars().filter(|c| one.contains(c)).count()
        };
        assert_eq!(halves(&for_terminal(&code, true), '█', ['▀', '▄']), count);
        assert_eq!(halves(&for_terminal(&code, false), ' ', ['▀', '▄']), count);
        let widths: Vec<usize> =
            for_terminal(&code, false).lines().map(|line| line.chars().count()).collect();
        assert!(widths.iter().all(|width| *width == size as usize + 8), "{widths:?}");
    }
}
