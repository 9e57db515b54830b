//! Tables: they scroll inside themselves, the first column names the row, and on paper the head is repeated.

use maud::{Markup, html};

use super::span::line;
use crate::{
    document::{Column, Row, Set, Table},
    words::Words,
};

/// A table in its scrolling frame, which the keyboard can reach.
pub(super) fn table(words: &Words, table: &Table) -> Markup {
    html! {
        div.scroll role="region" tabindex="0" aria-labelledby={ (table.id) "-caption" } {
            table id=(table.id) {
                caption id={ (table.id) "-caption" } { (table.caption) }
                thead { tr { @for column in &table.columns {
                    th scope="col" class=[class(column)] { (column.label) }
                } } }
                tbody { @for entry in &table.rows { (row(words, &table.columns, entry)) } }
            }
        }
    }
}

fn row(words: &Words, columns: &[Column], row: &Row) -> Markup {
    let (first, more) = match row.ids.split_first() {
        Some((first, more)) => (Some(first), more),
        None => (None, [].as_slice()),
    };
    html! {
        tr id=[first] {
            @for (index, (column, cell)) in columns.iter().zip(&row.cells).enumerate() {
                @if index == 0 {
                    th scope="row" class=[class(column)] {
                        @for id in more { span id=(id) {} }
                        (line(words, cell))
                    }
                } @else {
                    td class=[class(column)] { (line(words, cell)) }
                }
            }
        }
    }
}

fn class(column: &Column) -> Option<&'static str> {
    match column.set {
        Set::Short => Some("short"),
        Set::Word => None,
        Set::Prose => Some("prose"),
        Set::Number => Some("number"),
    }
}
