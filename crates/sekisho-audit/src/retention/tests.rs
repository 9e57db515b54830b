use super::{Period, Problem, ProblemKind, Retention, Subject};
use crate::clock::{parse_rfc3339, to_rfc3339};

fn ends(retention: &Retention, class: u8, made: &str) -> String {
    retention.ends_ms(class, parse_rfc3339(made).unwrap()).map_or_else(|| "never".to_owned(), to_rfc3339)
}

#[test]
fn the_built_in_file_has_the_periods_of_official_documents() {
    let retention = Retention::built_in();
    let names: Vec<&str> = retention.classes().map(|class| class.name_ja.as_str()).collect();
    assert_eq!(names, ["1年", "3年", "5年", "10年", "30年", "常用"]);
    assert_eq!(retention.class(6).unwrap().period, Period::Unlimited);
    assert_eq!(retention.class_for(Subject::Request { scheme: None, label: None }), 3);
    assert_eq!(retention.class_for(Subject::Event { event: "key.created" }), 6);
    assert_eq!(retention.class_for(Subject::Event { event: "keyboard" }), 4);
}

/// 31 March 23:59 and 1 April 0:00 in Japan are 14:59 and 15:00 UTC of 31 March.
#[test]
fn a_period_starts_with_the_next_fiscal_year() {
    let retention = Retention::built_in();
    assert_eq!(ends(&retention, 1, "2026-03-31T14:59:59.999Z"), "2027-03-31T15:00:00.000Z");
    assert_eq!(ends(&retention, 1, "2026-03-31T15:00:00.000Z"), "2028-03-31T15:00:00.000Z");
    assert_eq!(ends(&retention, 3, "2026-11-24T00:00:00.000Z"), "2032-03-31T15:00:00.000Z");
    assert_eq!(ends(&retention, 6, "2026-11-24T00:00:00.000Z"), "never");
    assert_eq!(ends(&retention, 99, "2026-11-24T00:00:00.000Z"), "never");
    assert!(retention.ends_ms(5, u64::MAX).is_some());
}

#[test]
fn a_period_may_start_with_the_record() {
    let text = super::BUILT_IN.replace("starts = \"fiscal-year\"", "starts = \"record\"");
    let retention = Retention::parse(&text).unwrap();
    assert_eq!(ends(&retention, 1, "2026-11-24T01:02:03.004Z"), "2027-11-24T01:02:03.004Z");
    assert_eq!(ends(&retention, 1, "2028-02-29T01:00:00.000Z"), "2029-03-01T01:00:00.000Z");
}

#[test]
fn rules_look_at_the_label() {
    let text = super::BUILT_IN.replacen(
        "[[rule]]\n",
        "[[rule]]\nkind = \"request\"\nscheme = \"jichitai\"\nlabel = \"3A\"\nclass = 5\n[[rule]]\n",
        1,
    );
    let retention = Retention::parse(&text).unwrap();
    let class = |scheme, label| retention.class_for(Subject::Request { scheme, label });
    assert_eq!(class(Some("jichitai"), Some("3A")), 5);
    assert_eq!(class(Some("jichitai"), Some("3B")), 3);
    assert_eq!(class(Some("other"), Some("3A")), 3);
}

#[test]
fn every_problem_is_told_at_once() {
    let text = r#"version = 2
starts = "record"
[[class]]
id = 0
name_ja = "零"
name_en = "zero"
years = 1
[[class]]
id = 1
name_ja = ""
name_en = "x"
years = 1
unlimited = true
[[rule]]
kind = "request"
event = "x"
class = 7
"#;
    let problem = |line, kind| Problem { line, kind };
    assert_eq!(
        Retention::parse(text).unwrap_err(),
        [
            problem(0, ProblemKind::Version),
            problem(3, ProblemKind::ClassId { id: 0 }),
            problem(8, ProblemKind::Period { id: 1 }),
            problem(8, ProblemKind::Name { id: 1 }),
            problem(14, ProblemKind::NoSuchClass { id: 7 }),
            problem(14, ProblemKind::RuleMember),
            problem(0, ProblemKind::NoLastRule { for_events: false }),
            problem(0, ProblemKind::NoLastRule { for_events: true }),
        ]
    );
    let many = format!(
        "version = 1\nstarts = \"record\"\n{}",
        "[[rule]]\nkind = \"event\"\nclass = 9\n".repeat(9_999)
    );
    assert_eq!(Retention::parse(&many).unwrap_err().len(), super::PROBLEMS_MAX);
    let unknown = Retention::parse("version = 1\nstarts = \"record\"\nstart = 1\n").unwrap_err();
    assert!(matches!(&unknown[..], [Problem { line: 3, kind: ProblemKind::Syntax { .. } }]), "{unknown:?}");
    let long = " ".repeat(super::RETENTION_BYTES_MAX + 1);
    assert_eq!(Retention::parse(&long).unwrap_err(), [problem(0, ProblemKind::TooLong)]);
}
