//! Cells of tables under a head such as 氏名: what stands there is a name, however rare.

use std::ops::Range;

use super::{
    NAME_CHARS_MAX,
    cells::{Cell, Cells, Script},
};
use crate::{Kind, View};

/// What ends a cell of a table.
const DELIMITERS: [char; 6] = ['\n', ',', '\t', '|', '｜', ';'];

/// The contents of table cells in columns for persons, as cells of the text, and the one that is still open at the end.
pub(super) fn names(view: &View<'_>, cells: &Cells) -> (Vec<Range<usize>>, Option<usize>) {
    let (mut found, mut open) = (Vec::new(), None);
    let columns = view.table.columns(view.original);
    if columns.is_empty() {
        return (found, open);
    }
    let mut start = 0;
    for piece in view.original.split_inclusive(DELIMITERS) {
        let is_ended = piece.ends_with(DELIMITERS);
        let content = if is_ended { &piece[..piece.len() - last_len(piece)] } else { piece };
        let range = cells.between(start..start + content.len());
        // Where columns are set with spaces, a piece may hold several.
        let is_person = |cell: &Cell| {
            cell.script == Script::Space || columns.at(cell.start as usize) == Some(Kind::Person)
        };
        // A stretch before the first delimiter of a cut view began before it.
        if (start > 0 || view.at_start) && cells.as_slice()[range.clone()].iter().all(is_person) {
            if is_ended || view.at_end {
                found.extend(name(cells.as_slice(), range));
            } else {
                open = Some(range.start);
            }
        }
        start += piece.len();
    }
    (found, open)
}

fn last_len(piece: &str) -> usize {
    piece.chars().next_back().map_or(0, char::len_utf8)
}

/// The name in a table cell: all of it but space, if it can be one.
fn name(cells: &[Cell], range: Range<usize>) -> Option<Range<usize>> {
    let is_letter = |cell: &Cell| !matches!(cell.script, Script::Space | Script::Joint | Script::Break);
    let start = range.start + cells[range.clone()].iter().position(is_letter)?;
    let end = range.start + cells[range].iter().rposition(is_letter)? + 1;
    let name = &cells[start..end];
    let fits = name[name.len() - 1].at - name[0].at < NAME_CHARS_MAX;
    let is_short = name.len() == 1 && name[0].script != Script::Kanji;
    (fits && !is_short && name.iter().all(|cell| cell.script.may_be_named())).then_some(start..end)
}
