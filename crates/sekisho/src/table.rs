//! Tables for a terminal, whose columns hold although Japanese characters are twice as wide.

use sekisho_text::width;

/// On which side the cells of a column stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Align {
    Left,
    Right,
}

/// A table of text.
#[derive(Debug, Clone, Default)]
pub(crate) struct Table {
    titles: Vec<String>,
    aligns: Vec<Align>,
    rows: Vec<Vec<String>>,
}

/// Space between columns.
const GAP: usize = 2;
/// No column is made narrower than this by wrapping.
const COLUMN_MIN: usize = 8;

impl Table {
    /// With columns from left to right; a title that begins with `>` stands for a column of numbers.
    pub(crate) fn new<T: Into<String>>(titles: impl IntoIterator<Item = T>) -> Self {
        let mut table = Self::default();
        for title in titles {
            let title: String = title.into();
            let (align, title) = match title.strip_prefix('>') {
                Some(rest) => (Align::Right, rest.to_owned()),
                None => (Align::Left, title),
            };
            table.titles.push(title);
            table.aligns.push(align);
        }
        table
    }

    pub(crate) fn row<T: Into<String>>(&mut self, cells: impl IntoIterator<Item = T>) {
        self.rows.push(cells.into_iter().map(Into::into).collect());
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The lines of the table, wrapped to `columns` where a terminal gives a limit.
    pub(crate) fn render(&self, columns: Option<usize>) -> String {
        let mut widths: Vec<usize> = self.titles.iter().map(|title| width::of(title)).collect();
        for row in &self.rows {
            for (column, cell) in row.iter().enumerate().take(widths.len()) {
                let widest = cell.split('\n').map(width::of).max().unwrap_or(0);
                widths[column] = widths[column].max(widest);
            }
        }
        if let Some(columns) = columns {
            narrow(&mut widths, columns);
        }
        let mut text = String::new();
        self.render_row(&mut text, &self.titles, &widths);
        let rule: Vec<String> = widths.iter().map(|width| "─".repeat(*width)).collect();
        self.render_row(&mut text, &rule, &widths);
        for row in &self.rows {
            self.render_row(&mut text, row, &widths);
        }
        text
    }

    fn render_row(&self, text: &mut String, cells: &[String], widths: &[usize]) {
        let wrapped: Vec<Vec<String>> =
            widths.iter().enumerate().map(|(at, width)| wrap(cells.get(at), *width)).collect();
        let height = wrapped.iter().map(Vec::len).max().unwrap_or(0);
        for line in 0..height {
            let mut shown = String::new();
            for (column, width) in widths.iter().enumerate() {
                let part = wrapped[column].get(line).map_or("", String::as_str);
                if column > 0 {
                    shown.push_str(&" ".repeat(GAP));
                }
                shown.push_str(&match self.aligns[column] {
                    Align::Left => width::pad_right(part, *width),
                    Align::Right => width::pad_left(part, *width),
                });
            }
            text.push_str(shown.trim_end());
            text.push('\n');
        }
    }
}

fn wrap(cell: Option<&String>, columns: usize) -> Vec<String> {
    cell.map_or_else(Vec::new, |cell| {
        if cell.split('\n').all(|line| width::of(line) <= columns) {
            return cell.split('\n').map(str::to_owned).collect();
        }
        width::wrap(cell, columns)
    })
}

/// Takes columns from the widest until the table fits, or nothing can be taken.
fn narrow(widths: &mut [usize], columns: usize) {
    let gaps = GAP * widths.len().saturating_sub(1);
    while widths.iter().sum::<usize>() + gaps > columns {
        let Some(widest) = widths.iter_mut().max().filter(|width| **width > COLUMN_MIN) else { return };
        *widest -= 1;
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::Table;

    #[test]
    fn columns_hold_with_full_width_text() {
        let mut table = Table::new(["名称", ">規模", "形態"]);
        table.row(["tsuzumi 2", "30B", "オンプレミス"]);
        table.row(["中国電力", "未指定", "PoC"]);
        expect![[r#"
            名称         規模  形態
            ─────────  ──────  ────────────
            tsuzumi 2     30B  オンプレミス
            中国電力   未指定  PoC
        "#]]
        .assert_eq(&table.render(None));
    }

    #[test]
    fn wraps_to_the_terminal() {
        let mut table = Table::new(["項目", "値"]);
        table.row(["導入目的", "問い合わせ対応（RAGを含む社内業務）"]);
        expect![[r#"
            項目      値
            ────────  ──────────────
            導入目的  問い合わせ対応
                      （RAGを含む社
                      内業務）
        "#]]
        .assert_eq(&table.render(Some(24)));
    }
}
