use sekisho_catalog::plan::choose::Requirements;

use super::{Error, read};
use crate::{
    requirements::workbook,
    words::{Lang, Words},
};

/// Every sort of entry, and texts that are hard on a one-line format.
const ALL_SORTS: &str = r#"
version = 1
title = "引用符「\"」と\n改行"
organisation = "関野市"
date = 2026-04-01
author = "情報政策課 \\ 係"
fictional = true
candidates = ["one", "two"]
[draws]
count = 500
seed = 18446744073709551615
[single_benchmark]
allow = true
reason = "ほかにない"
[[constraint]]
id = "a"
axis = "sovereignty"
field = "access"
op = "any_of"
values = ["open_weights"]
why = "理由"
[[constraint]]
id = "b"
axis = "control"
field = "commercial_use"
op = "not"
values = ["no", "conditional"]
why = "理由"
[[constraint]]
id = "c"
axis = "cost"
field = "min_gpus_48gb"
op = "at_most"
value = 1.5
why = "理由"
[[constraint]]
id = "d"
axis = "control"
field = "vendor_support"
op = "is"
value = "yes"
why = "理由"
[[criterion]]
id = "e"
axis = "performance"
benchmark = { benchmark = "japanese-mt-bench", part = "overall", scale = "1-10" }
goal = "max"
weight = { low = 0.1, high = 0.4 }
why = "理由"
[[criterion]]
id = "f"
axis = "sovereignty"
field = "origin"
goal = "order"
order = ["domestic_scratch", "foreign", "domestic_retrofit"]
weight = 0.2
why = "理由"
[[criterion]]
id = "g"
axis = "cost"
field = "input_price_jpy_per_mtok"
goal = "min"
range = { low = -0.5, high = 1e7 }
why = "理由"
weight = { low = 0, high = 1 }
"#;

fn parsed(toml: &str) -> Requirements {
    let (requirements, problems) = Requirements::parse(toml);
    assert!(problems.is_empty(), "{problems:#?}\n{toml}");
    requirements
}

#[test]
fn a_workbook_says_the_same_as_the_file_it_was_made_from() {
    let ranked = ALL_SORTS
        .replace("weight = { low = 0.1, high = 0.4 }", "rank = 1")
        .replace("weight = 0.2", "rank = 1")
        .replace("weight = { low = 0, high = 1 }", "rank = 2");
    for lang in [Lang::Ja, Lang::En] {
        let words = Words::new(lang);
        for text in [ALL_SORTS, &ranked] {
            let requirements = parsed(text);
            let book = workbook(&words, Some(&requirements)).unwrap();
            assert_eq!(parsed(&read(&book).unwrap().toml), requirements, "{lang}");
        }
    }
}

#[test]
fn the_same_workbook_is_the_same_to_the_byte() {
    let words = Words::new(Lang::Ja);
    assert_eq!(workbook(&words, None).unwrap(), workbook(&words, None).unwrap());
}

#[test]
fn the_example_rows_of_an_empty_workbook_are_not_read() {
    for lang in [Lang::Ja, Lang::En] {
        let book = workbook(&Words::new(lang), None).unwrap();
        assert_eq!(read(&book).unwrap().toml, "version = 1\n", "{lang}");
    }
}

#[test]
fn every_line_knows_its_cell() {
    let book = workbook(&Words::new(Lang::Ja), Some(&parsed(ALL_SORTS))).unwrap();
    let sheets = read(&book).unwrap();
    let place = |start: &str| {
        let line = sheets.toml.lines().position(|line| line.starts_with(start)).unwrap();
        sheets.place(line + 1)
    };
    assert_eq!(place("draws.seed"), ("基本情報".to_owned(), "B9".to_owned()));
    assert_eq!(place("value = 1.5"), ("必須要件".to_owned(), "E5".to_owned()));
    assert_eq!(place("weight.high = 0.4"), ("評価項目".to_owned(), "N3".to_owned()));
}

#[test]
fn what_is_no_workbook_is_refused() {
    for bytes in [b"".as_slice(), b"PK", b"not a book", &[0xFF; 4096]] {
        assert!(matches!(read(bytes), Err(Error::NotABook(_))));
    }
    let book = workbook(&Words::new(Lang::Ja), None).unwrap();
    for cut in [book.len() / 2, book.len() - 1] {
        assert!(read(&book[..cut]).is_err());
    }
    let mut sheet_only = rust_xlsxwriter::Workbook::new();
    sheet_only.add_worksheet().write(0, 0, "x").unwrap();
    let book = sheet_only.save_to_buffer().unwrap();
    assert!(matches!(read(&book), Err(Error::NoSheet("template-sheet-basics"))));
}

#[test]
fn limits_hold() {
    let with = |fill: &dyn Fn(&mut rust_xlsxwriter::Worksheet)| {
        let words = Words::new(Lang::Ja);
        let mut book = rust_xlsxwriter::Workbook::new();
        for key in ["basics", "constraints", "criteria"] {
            let sheet = book.add_worksheet();
            sheet.set_name(words.t(&format!("template-sheet-{key}"))).unwrap();
            fill(sheet);
        }
        read(&book.save_to_buffer().unwrap())
    };
    let far = with(&|sheet| {
        sheet.write(1_048_575, 16_383, "x").unwrap();
    });
    assert!(matches!(far, Err(Error::TooManyRows(_))));
    let long = with(&|sheet| {
        sheet.write(0, 1, "長".repeat(4_001)).unwrap();
    });
    assert!(matches!(long, Err(Error::TooLongCell(_, cell)) if cell == "B1"));
    let much = with(&|sheet| {
        for row in 0..200 {
            sheet.write(row, 1, "長".repeat(4_000)).unwrap();
        }
    });
    assert!(matches!(much, Err(Error::Expands(_))));
}
