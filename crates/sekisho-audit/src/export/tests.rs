use std::io::Cursor;

use serde_json::Value;

use super::{Evidence, Format, Options, Summary, VerifyError, export, verify};
use crate::{
    journal::{Authority, Journal, testing},
    record::{Close, Event, Open, Outcome},
    search::{Order, Query},
};

const BY: Authority<'static> = Authority { by: "記録管理者", ground: "個人情報保護法 第98条" };

fn journal() -> Journal {
    let journal = testing::start(41);
    for number in 0..5 {
        let open = Open {
            principal: format!("職員{number}"),
            purpose: Some("=HYPERLINK(\"x\")".to_owned()),
            input: Some(
                if number == 3 { "長い\"質問\"\n".repeat(20_000) } else { "短い質問".to_owned() }.into(),
            ),
            rules: vec!["pii.name".to_owned()],
            ..Open::default()
        };
        let close =
            Close { output: Some("回答".into()), cost_yen: Some(1.5), ..Close::new(Outcome::Answered) };
        let record = journal.open_record(&open, None).unwrap().wait().unwrap().record;
        journal.close_record(record, &close).unwrap().wait().unwrap();
    }
    let event =
        Event { principal: "管理者".to_owned(), event: "policy.loaded".to_owned(), ..Event::default() };
    journal.event(&event, None).unwrap().wait().unwrap();
    let query = Query { principal: Some("職員1".to_owned()), ..Query::default() };
    journal.erase(&journal.select(&query, 10).unwrap(), &BY).unwrap();
    journal
}

fn written(journal: &Journal, options: &Options) -> (Summary, Vec<u8>) {
    let mut file = Vec::new();
    let query = Query { order: Order::Oldest, ..Query::default() };
    (export(journal, &query, options, &mut file).unwrap(), file)
}

fn jsonl(evidence: Evidence, texts: bool) -> Options {
    Options { format: Format::Jsonl, evidence, texts }
}

#[test]
fn a_file_is_checked_by_itself() {
    let journal = journal();
    let keys = [journal.verifier_key()];
    for (evidence, contents) in [(Evidence::Leaves, 0), (Evidence::Contents, 9 + parts())] {
        for texts in [false, true] {
            let (summary, file) = written(&journal, &jsonl(evidence, texts));
            assert_eq!((summary.records, summary.erased, summary.entries), (7, 1, 12 + parts()));
            let verified = verify(&mut Cursor::new(&file), &keys).unwrap();
            assert_eq!((verified.records, verified.leaves), (7, summary.entries));
            assert_eq!(verified.contents, contents);
            let text = String::from_utf8(file).unwrap();
            assert_eq!(text.contains("短い質問"), texts || evidence == Evidence::Contents);
            let erased = text.lines().find(|line| line.contains("\"erased\":true")).unwrap();
            let erased: Value = serde_json::from_str(erased).unwrap();
            assert_eq!(erased["erasure"]["ground"], BY.ground);
            assert!(erased["open"].is_null() && erased["leaves"].as_array().unwrap().len() == 2);
        }
    }
}

/// Leaves of parts: the long question.
fn parts() -> u64 {
    ("長い\"質問\"\n".len() as u64 * 20_000).div_ceil(65_364)
}

#[test]
fn whatever_is_changed_in_a_file_is_found() {
    let journal = journal();
    let keys = [journal.verifier_key()];
    let (_, file) = written(&journal, &jsonl(Evidence::Contents, true));
    let text = String::from_utf8(file).unwrap();
    let found = |from: &str, to: &str| {
        assert!(text.contains(from), "{from}");
        verify(&mut Cursor::new(text.replacen(from, to, 1)), &keys).unwrap_err()
    };
    assert!(matches!(
        found("\"principal\":\"職員0\"", "\"principal\":\"職員9\""),
        VerifyError::OtherContent { line: 2 }
    ));
    assert!(matches!(
        found("\"output\":\"回答\"", "\"output\":\"別の回答\""),
        VerifyError::OtherContent { line: 2 }
    ));
    assert!(matches!(found("\\\"短い質問\\\"", "\\\"別の質問\\\""), VerifyError::OtherContent { line: 2 }));
    assert!(matches!(found("\"entry\":1,", "\"entry\":2,"), VerifyError::NotInLog { line: 2, .. }));
    assert!(matches!(found("sekisho-audit-export/1", "other"), VerifyError::Line { line: 1 }));
    assert!(matches!(
        found("\"erased\":true,", "\"erased\":true,\"open\":{\"principal\":\"x\"},"),
        VerifyError::OtherContent { line: 3 }
    ));
    let other = testing::start(42).verifier_key();
    assert!(matches!(verify(&mut Cursor::new(&text), &[other]), Err(VerifyError::Checkpoint(_))));
    let cut = &text[..text.len() - 10];
    assert!(matches!(verify(&mut Cursor::new(cut), &keys), Err(VerifyError::Line { .. })));
}

#[test]
fn a_table_opens_in_a_spreadsheet_and_runs_nothing() {
    let journal = journal();
    let options = Options { format: Format::Csv { bom: true }, evidence: Evidence::Leaves, texts: false };
    let (summary, file) = written(&journal, &options);
    assert_eq!(summary.records, 7);
    let text = String::from_utf8(file).unwrap();
    assert!(text.starts_with("\u{feff}record,kind,time,end,class,erased,"));
    assert!(text.contains("\"'=HYPERLINK(\"\"x\"\")\""));
    assert!(text.contains(",checkpoint,") && !text.contains("短い質問"));
    let rows: Vec<&str> = text.split("\r\n").collect();
    assert_eq!(rows.len(), 1 + 1 + 7 + 1);
    assert!(rows.iter().any(|row| row.contains(",true,記録管理者,個人情報保護法 第98条,")));
}

#[test]
fn a_writer_that_fails_ends_the_export() {
    struct Full;
    impl std::io::Write for Full {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let failed = export(&journal(), &Query::default(), &jsonl(Evidence::Leaves, true), &mut Full);
    assert!(matches!(failed, Err(super::Error::Write(_))));
}
