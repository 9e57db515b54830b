//! Rust source as a text rule sees it: without comments and strings, with and without tests. Not a parser; line numbers
//! are kept, and what it cannot tell apart (macros that hold unbalanced braces in other tokens) does not occur here.

/// The same lines, with every comment, string and character literal blanked.
pub(super) fn without_comments_and_strings(source: &str) -> String {
    let mut code = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let in_word = code.chars().next_back().is_some_and(is_word);
        match opaque_bytes(rest, in_word) {
            0 => {
                code.push(first);
                rest = &rest[first.len_utf8()..];
            }
            length => {
                blank(&rest[..length], &mut code);
                rest = &rest[length..];
            }
        }
    }
    code
}

/// The same lines, with every item under `#[cfg(test)]` blanked. Takes the output of [`without_comments_and_strings`].
pub(super) fn without_tests(code: &str) -> String {
    const MARK: &str = "#[cfg(test)]";
    let mut kept = String::with_capacity(code.len());
    let mut rest = code;
    while let Some(start) = rest.find(MARK) {
        kept.push_str(&rest[..start]);
        let length = MARK.len() + item_bytes(&rest[start + MARK.len()..]);
        blank(&rest[start..start + length], &mut kept);
        rest = &rest[start + length..];
    }
    kept.push_str(rest);
    kept
}

/// A function with a body.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Function<'a> {
    pub(super) name: &'a str,
    /// Byte offset of `fn`.
    pub(super) start: usize,
    /// From `fn` to the closing brace.
    pub(super) lines: usize,
}

/// Every function of the code, nested ones too. Takes the output of [`without_comments_and_strings`].
pub(super) fn functions(code: &str) -> Vec<Function<'_>> {
    words(code, "fn ")
        .filter_map(|start| {
            let after = &code[start + 3..];
            let name = &after[..after.find(|letter| !is_word(letter)).unwrap_or(after.len())];
            let item = &code[start..start + 3 + item_bytes(after)];
            let has_body = !name.is_empty() && item.ends_with('}');
            has_body.then(|| Function { name, start, lines: item.lines().count() })
        })
        .collect()
}

/// Byte offsets at which `word` begins and does not continue another word or path.
pub(super) fn words(code: &str, word: &str) -> impl Iterator<Item = usize> {
    code.match_indices(word).map(|(start, _)| start).filter(|start| {
        !code[..*start].chars().next_back().is_some_and(|before| is_word(before) || before == ':')
    })
}

fn is_word(letter: char) -> bool {
    letter == '_' || letter.is_alphanumeric()
}

fn blank(text: &str, into: &mut String) {
    into.extend(text.chars().map(|letter| if letter == '\n' { '\n' } else { ' ' }));
}

/// Length of the item at the beginning: to the first `;` or the brace that closes the first `{`, outside `(` and `[`.
fn item_bytes(code: &str) -> usize {
    let mut braces = 0_usize;
    let mut brackets = 0_usize;
    for (offset, letter) in code.char_indices() {
        match letter {
            '(' | '[' => brackets += 1,
            ')' | ']' => brackets = brackets.saturating_sub(1),
            '{' if brackets == 0 || braces > 0 => braces += 1,
            '}' if braces == 1 => return offset + 1,
            '}' => braces = braces.saturating_sub(1),
            ';' if braces == 0 && brackets == 0 => return offset + 1,
            _ => {}
        }
    }
    code.len()
}

/// Length of the comment, string or character literal at the beginning, or 0 when there is none.
fn opaque_bytes(rest: &str, in_word: bool) -> usize {
    if rest.starts_with("//") {
        return rest.find('\n').unwrap_or(rest.len());
    }
    if rest.starts_with("/*") {
        return block_comment_bytes(rest);
    }
    if rest.starts_with('"') {
        return quoted_bytes(rest, '"');
    }
    if rest.starts_with('\'') {
        return character_bytes(rest);
    }
    // `r"`, `br#"`, `cr##"`: only at the beginning of a word.
    let prefix = rest.len() - rest.trim_start_matches(['b', 'c', 'r']).len();
    if in_word || prefix == 0 || prefix > 2 || !rest[..prefix].ends_with('r') {
        return 0;
    }
    let hashes = rest[prefix..].len() - rest[prefix..].trim_start_matches('#').len();
    let open = prefix + hashes;
    if !rest[open..].starts_with('"') {
        return 0;
    }
    let close = format!("\"{}", "#".repeat(hashes));
    rest[open + 1..].find(&close).map_or(rest.len(), |end| open + 1 + end + close.len())
}

/// Block comments nest.
fn block_comment_bytes(rest: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < rest.len() {
        if rest[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += rest[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

/// A literal between two `quote`s, in which a backslash hides the next character.
fn quoted_bytes(rest: &str, quote: char) -> usize {
    let mut letters = rest.char_indices().skip(1);
    while let Some((offset, letter)) = letters.next() {
        if letter == '\\' {
            letters.next();
        } else if letter == quote {
            return offset + 1;
        }
    }
    rest.len()
}

/// `'a'` and `'\n'` are literals; `'a` is a lifetime.
fn character_bytes(rest: &str) -> usize {
    let mut letters = rest.chars().skip(1);
    match (letters.next(), letters.next()) {
        (Some('\\'), _) | (Some(_), Some('\'')) => quoted_bytes(rest, '\''),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::{functions, without_comments_and_strings, without_tests};

    fn check_blanked(source: &str, expected: &str) {
        let code = without_comments_and_strings(source);
        let squeezed = code.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(squeezed, expected, "{source}");
        assert_eq!(code.lines().count(), source.lines().count());
    }

    #[test]
    fn comments_strings_and_characters_go() {
        check_blanked("a // b\nc", "a c");
        check_blanked("a /* b /* c */ d\n */ e", "a e");
        check_blanked(r#"say("one \" two", '"', 'x', '\'')"#, "say( , , , )");
        check_blanked("let s = r#\"a \"quoted\" {\"#; end", "let s = ; end");
        check_blanked(
            "let s = br\"\\\"; let b = b'{'; let r#type = 1;",
            "let s = ; let b = b ; let r#type = 1;",
        );
        check_blanked("fn f<'a>(x: &'a str) -> &'a str {}", "fn f<'a>(x: &'a str) -> &'a str {}");
        check_blanked("\"日本\n語\" 関所", "関所");
    }

    #[test]
    fn unfinished_literals_end_with_the_file() {
        check_blanked("a /* b", "a");
        check_blanked("a \"b", "a");
        check_blanked("a r#\"b\"", "a");
    }

    #[test]
    fn test_items_go() {
        let code = "fn a() {}\n#[cfg(test)]\nmod tests {\n fn b() {}\n}\nfn c() {}\n#[cfg(test)]\nuse d;\nfn e() {}\n";
        let kept = without_tests(code);
        assert_eq!(kept.split_whitespace().collect::<Vec<_>>().join(" "), "fn a() {} fn c() {} fn e() {}");
        assert_eq!(kept.lines().count(), code.lines().count());
    }

    #[test]
    fn functions_are_measured_from_signature_to_brace() {
        let code =
            "trait T {\n fn without_body(&self);\n}\nfn one(x: [u8; 3]) -> fn (u8) {\n if x {\n }\n}\n";
        let found: Vec<(&str, usize)> =
            functions(code).iter().map(|found| (found.name, found.lines)).collect();
        assert_eq!(found, [("one", 4)]);
    }
}
