//! What stands between the parts of an address: spaces, a line break, the border of two columns.

use super::{
    number::{self, word},
    parse::Parser,
};
use crate::names::cells::Script;

/// The key of a member of JSON is not longer.
const KEY_LETTERS_MAX: usize = 20;
/// Spaces beside a border or a line break.
const SPACES_MAX: usize = 4;

/// What parts two columns, or two members of JSON.
pub(super) const BORDERS: [char; 4] = [',', '|', ';', '\t'];

impl Parser<'_> {
    /// Behind one space.
    pub(super) fn blank(&self, at: usize) -> usize {
        if at > 0 && self.script(at) == Script::Space { at + 1 } else { at }
    }

    fn spaces(&self, at: usize) -> usize {
        at + (0..SPACES_MAX).take_while(|step| self.script(at + step) == Script::Space).count()
    }

    /// Behind one line break and the spaces around it; `at` when none stands there.
    pub(super) fn behind_break(&self, at: usize) -> usize {
        let end = self.spaces(at);
        let behind = if self.letter(end) == '\r' { end + 1 } else { end };
        if self.letter(behind) == '\n' { self.spaces(behind + 1) } else { at }
    }

    /// Behind the border of two columns of a table, or of two members of JSON; `at` when none stands there.
    pub(super) fn behind_border(&self, at: usize) -> usize {
        let quoted = usize::from(self.letter(at) == '"');
        let border = self.spaces(at + quoted);
        if !BORDERS.contains(&self.letter(border)) {
            return at;
        }
        let open = self.behind_break(border + 1);
        let open = if open > border + 1 && quoted > 0 { open } else { self.spaces(border + 1) };
        if quoted == 0 || self.letter(open) != '"' {
            return if quoted == 0 { open } else { at };
        }
        let key = (open + 1..=open + KEY_LETTERS_MAX).find(|at| self.letter(*at) == '"');
        let colon = key.map(|key| self.spaces(key + 1)).filter(|colon| self.letter(*colon) == ':');
        match colon.map(|colon| self.spaces(colon + 1)) {
            Some(value) if self.letter(value) == '"' => value + 1,
            Some(_) => at,
            None => open + 1,
        }
    }

    /// Behind what may stand between a town and its number.
    pub(super) fn before_number(&self, at: usize) -> usize {
        // Spoken: 諏訪町の六番三号.
        if self.letter(at) == 'の' && number::digits(self, at + 1).is_some() {
            return at + 1;
        }
        let behind = self.behind_break(at);
        if behind > at {
            return behind;
        }
        let behind = self.spaces(at).min(at + 2);
        if behind > at && number::digits(self, behind).is_some() {
            return behind;
        }
        self.behind_border(at)
    }

    /// Whether a line, a sentence or a cell ends here.
    pub(super) fn ends(&self, at: usize) -> bool {
        self.cell(at).is_none_or(|cell| {
            matches!(cell.script, Script::Break | Script::Space)
                || ",|;()[]\"<>{}「」『』【】〈〉、。・:".contains(cell.letter)
        })
    }

    /// Words behind a place that make it somebody's: の自宅, に住む.
    pub(super) fn lives_there(&self, at: usize) -> bool {
        const OWNED: [&str; 27] = [
            "自宅",
            "実家",
            "家",
            "団地",
            "事務所",
            "倉庫",
            "アパート",
            "マンション",
            "ビル",
            "土地",
            "物件",
            "工場",
            "住宅",
            "民家",
            "店舗",
            "借家",
            "空き家",
            "空家",
            "下宿",
            "社宅",
            "寮",
            "現場",
            "本社",
            "本店",
            "一軒家",
            "集会所",
            "新居",
        ];
        const VERBS: [&str; 18] = [
            "に住",
            "にお住",
            "に居住",
            "に在住",
            "に転",
            "へ転",
            "に引",
            "へ引",
            "に移",
            "へ移",
            "に本社",
            "に本店",
            "に所在",
            "に位置",
            "在住",
            "在勤",
            "に事務所",
            "に新居",
        ];
        if self.letter(at) == 'の' {
            // 四丁目の借家, 町の木造住宅
            return [0, 2]
                .iter()
                .any(|skip| OWNED.iter().any(|owned| word(self, at + 1 + skip, owned).is_some()));
        }
        VERBS.iter().any(|words| word(self, at, words).is_some()) || self.moves(at)
    }

    /// から…へ引っ越した: from one place to another.
    fn moves(&self, at: usize) -> bool {
        const VERBS: [&str; 7] = ["引っ越", "引越", "転居", "転入", "転出", "移転", "移住"];
        const LETTERS_MAX: usize = 24;
        if word(self, at, "から").is_none() && word(self, at, "より").is_none() {
            return false;
        }
        (at + 2..at + LETTERS_MAX)
            .take_while(|at| self.letter(*at) != '。' && self.script(*at) != Script::Break)
            .any(|at| VERBS.iter().any(|verb| word(self, at, verb).is_some()))
    }
}
