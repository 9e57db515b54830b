use std::{fmt::Write as _, sync::OnceLock};

use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::*;

const SAMPLE: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/sample/gate/access.cedar"));

fn vocabulary() -> Vocabulary {
    let texts = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect();
    let model = |name: &str, places: &[Place]| Model { name: name.to_owned(), places: places.to_vec() };
    Vocabulary {
        groups: texts(&["johoseisaku", "somu", "fukushi", "kansa", "koho", "vendor"]),
        models: vec![
            model("chonai", &[Place::OnPrem]),
            model("embedding", &[Place::OnPrem]),
            model("kokunai", &[Place::Domestic]),
        ],
        purposes: texts(&["議事録要約", "問い合わせ対応", "文書作成", "意見公募の整理", "開発検証"]),
        scheme: Scheme::built_in().remove(0),
    }
}

fn label(id: &str) -> Label {
    vocabulary().scheme.parse_label(id).unwrap()
}

/// A chat without anything special.
fn chat<'q>(model: &'q str, purpose: Option<&'q str>, label: &'q Label) -> Ask<'q> {
    Ask { model, kind: Kind::Chat, purpose, template: None, label, tools: &[], has_images: false }
}

fn told(access: &Access, groups: &[&str], deed: Deed<'_>) -> String {
    let groups: Vec<_> = groups.iter().map(|group| (*group).to_owned()).collect();
    let principal_kind = PrincipalKind::Person;
    let decision = access.decide(&Question { principal: "sato", principal_kind, groups: &groups, deed });
    let mut told = if decision.allowed { "yes" } else { "no" }.to_owned();
    for policy in &decision.policies {
        write!(told, " {policy}").unwrap();
    }
    for error in &decision.errors {
        write!(told, " ({error})").unwrap();
    }
    told
}

#[test]
fn the_default_policy_names_no_group_of_anybody() {
    let access = Access::parse(DEFAULT, &Vocabulary::new(vocabulary().scheme)).unwrap();
    let ids: Vec<_> = access.policies().map(|policy| format!("{}:{}", policy.line, policy.id)).collect();
    expect![[r#"["9:ask-all", "20:admin-manages", "31:auditor-reads", "42:template-four-eyes"]"#]]
        .assert_eq(&format!("{ids:?}"));
    assert!(access.policies().all(|policy| policy.why_ja.is_some() && policy.why_en.is_some()));

    let access = Access::parse(DEFAULT, &vocabulary()).unwrap();
    let label = label("3A");
    assert_eq!(told(&access, &[], Deed::Ask(chat("chonai", None, &label))), "yes ask-all");
    assert_eq!(told(&access, &["admin"], Deed::ReadAudit), "no");
    assert_eq!(told(&access, &["auditor"], Deed::ReadAudit), "yes auditor-reads");
    assert_eq!(told(&access, &["auditor"], Deed::ManageKeys), "no");
    let approve = |author| told(&access, &["admin"], Deed::ApproveTemplate { author });
    assert_eq!(approve(Some("tanaka")), "yes admin-manages");
    assert_eq!(approve(Some("sato")), "no template-four-eyes");
    // Who wrote it is not known: nobody can say that it was somebody else.
    assert_eq!(approve(None), "no template-four-eyes");
}

#[test]
fn the_sample_city() {
    let access = Access::parse(SAMPLE, &vocabulary()).unwrap();
    assert!(access.policies().all(|policy| policy.why_ja.is_some() && policy.why_en.is_some()));
    let mut told_all = String::new();
    for (group, model, purpose, level) in [
        ("somu", "chonai", Some("議事録要約"), "3A"),
        ("somu", "chonai", None, "1"),
        ("somu", "kokunai", Some("議事録要約"), "2"),
        ("somu", "kokunai", Some("議事録要約"), "3C"),
        ("fukushi", "chonai", Some("文書作成"), "3B"),
        ("fukushi", "kokunai", Some("文書作成"), "1"),
        ("koho", "kokunai", Some("意見公募の整理"), "2"),
        ("koho", "chonai", Some("議事録要約"), "2"),
        ("vendor", "kokunai", Some("開発検証"), "1"),
        ("vendor", "kokunai", Some("開発検証"), "2"),
        ("vendor", "kokunai", Some("文書作成"), "1"),
        ("vendor", "chonai", Some("開発検証"), "1"),
        ("fukushi", "embedding", Some("文書作成"), "3B"),
        ("koho", "embedding", Some("議事録要約"), "2"),
        ("vendor", "embedding", Some("開発検証"), "1"),
        ("kansa", "chonai", Some("文書作成"), "1"),
        ("johoseisaku", "kaigai", Some("文書作成"), "1"),
        ("soumu", "chonai", Some("文書作成"), "1"),
    ] {
        let label = label(level);
        let answer = told(&access, &[group], Deed::Ask(chat(model, purpose, &label)));
        writeln!(told_all, "{group} {model} {} {level}: {answer}", purpose.unwrap_or("-")).unwrap();
    }
    let public = label("1");
    let tools = Ask { tools: &["search"], ..chat("kokunai", Some("開発検証"), &public) };
    writeln!(told_all, "vendor with a tool: {}", told(&access, &["vendor"], Deed::Ask(tools))).unwrap();
    for (name, deed) in [("read_audit", Deed::ReadAudit), ("manage_keys", Deed::ManageKeys)] {
        for group in ["johoseisaku", "kansa", "somu"] {
            writeln!(told_all, "{group} {name}: {}", told(&access, &[group], deed)).unwrap();
        }
    }
    expect![[r#"
        somu chonai 議事録要約 3A: yes staff-chonai
        somu chonai - 1: no
        somu kokunai 議事録要約 2: yes staff-kokunai
        somu kokunai 議事録要約 3C: no
        fukushi chonai 文書作成 3B: yes staff-chonai
        fukushi kokunai 文書作成 1: no fukushi-stays-inside
        koho kokunai 意見公募の整理 2: yes staff-kokunai
        koho chonai 議事録要約 2: no koho-purposes
        vendor kokunai 開発検証 1: yes vendor-develops
        vendor kokunai 開発検証 2: no vendor-ceiling
        vendor kokunai 文書作成 1: no
        vendor chonai 開発検証 1: no
        fukushi embedding 文書作成 3B: yes staff-embedding
        koho embedding 議事録要約 2: no koho-purposes
        vendor embedding 開発検証 1: no
        kansa chonai 文書作成 1: no kansa-only-reads
        johoseisaku kaigai 文書作成 1: no (no model is called kaigai)
        soumu chonai 文書作成 1: no
        vendor with a tool: no vendor-no-tools
        johoseisaku read_audit: no
        kansa read_audit: yes kansa-reads
        somu read_audit: no
        johoseisaku manage_keys: yes johoseisaku-manages
        kansa manage_keys: no kansa-only-reads
        somu manage_keys: no
    "#]]
    .assert_eq(&told_all);
}

fn check_problems(text: &str, expected: &Expect) {
    let problems = Access::parse(text, &vocabulary()).unwrap_err();
    let mut told = String::new();
    for Problem { line, policy, kind } in problems {
        let kind = match kind {
            ProblemKind::UnknownName { field, found, .. } => format!("no {field:?} {found}"),
            other => format!("{other:?}"),
        };
        writeln!(told, "{line} {}: {kind}", policy.as_deref().unwrap_or("-")).unwrap();
    }
    expected.assert_eq(&told);
}

#[test]
fn a_misspelt_name_never_fails_to_match_in_silence() {
    check_problems(
        r#"
@id("a") forbid (principal in Group::"fukusi", action, resource);
@id("b") permit (principal, action == Action::"ask", resource == Model::"chounai");
@id("c") forbid (principal, action == Action::"ask", resource)
when { context.label == "3D" || ["1", "機密性2"].contains(context.label) };
@id("d") forbid (principal, action == Action::"ask", resource)
when { context.kind != "chats" || context has purpose && context.purpose == "議事録の要約" };
@id("e") forbid (principal, action == Action::"ask", resource)
when { resource.places.containsAny(["domestic", "oversea"]) || resource.places.contains("home") };
@id("f") forbid (principal, action == Action::"ask", resource)
when { context.label_rank > 9 || context.label_rank == -1 || principal.kind == "robot" };
@id("g") permit (principal, action == Action::"read_audit", resource == Gate::"sekisyo");
"#,
        &expect![[r#"
            2 a: no Group fukusi
            3 b: no Model chounai
            4 c: no Label 3D
            4 c: no Label 機密性2
            6 d: no Kind chats
            6 d: no Purpose 議事録の要約
            8 e: no Place oversea
            8 e: no Place home
            10 f: RankOutOfBounds { found: 9, highest: 4 }
            10 f: RankOutOfBounds { found: -1, highest: 4 }
            10 f: no PrincipalKind robot
            12 g: no Gate sekisyo
        "#]],
    );
}

#[test]
fn everything_a_file_can_get_wrong() {
    check_problems(
        r#"
permit (principal, action, resource);
@id("Öffnen") permit (principal, action, resource);
@id("same") permit (principal, action, resource);
@id("same") forbid (principal, action, resource);
@id("slot") permit (principal == ?principal, action, resource);
@id("act") permit (principal, action == Action::"aks", resource);
@id("attribute") permit (principal, action == Action::"ask", resource) when { context.lable == "1" };
@id("type") permit (principal, action == Action::"ask", resource) when { context.label > 1 };
@id("maybe") permit (principal, action == Action::"ask", resource) when { context.purpose == "開発検証" };
@id("never") permit (principal, action == Action::"ask", resource == Gate::"sekisho");
@id("false") forbid (principal, action, resource) when { false };
"#,
        &expect![[r#"
            2 -: NoId
            3 Öffnen: BadId
            5 same: Duplicate { first_line: 4 }
            6 slot: Template
            7 act: Invalid { detail: "for policy `act`, unrecognized action `Action::\"aks\"`" }
            7 act: Invalid { detail: "for policy `act`, unable to find an applicable action given the policy scope constraints" }
            7 act: Invalid { detail: "for policy `act`, policy is impossible: the policy expression evaluates to false for all valid requests" }
            8 attribute: Invalid { detail: "for policy `attribute`, attribute `lable` in context for Action::\"ask\" not found" }
            9 type: Invalid { detail: "for policy `type`, unexpected type: expected Long but saw String" }
            10 maybe: Invalid { detail: "for policy `maybe`, unable to guarantee safety of access to optional attribute `purpose` in context for Action::\"ask\"" }
            11 never: Invalid { detail: "for policy `never`, unable to find an applicable action given the policy scope constraints" }
            11 never: Invalid { detail: "for policy `never`, policy is impossible: the policy expression evaluates to false for all valid requests" }
            12 false: Invalid { detail: "for policy `false`, policy is impossible: the policy expression evaluates to false for all valid requests" }
        "#]],
    );
    check_problems(
        "@id(\"a\") permit (principal, action, resource)\n\nwhen { 1 + };",
        &expect![[r#"
        3 -: Syntax { detail: "unexpected token `}`" }
    "#]],
    );
    let long = format!("// {}", " ".repeat(POLICY_BYTES_MAX));
    check_problems(
        &long,
        &expect![[r#"
        1 -: TooLong { bytes_max: 262144 }
    "#]],
    );
    let many = "permit(principal,action,resource);".repeat(POLICIES_MAX + 1);
    check_problems(
        &many,
        &expect![[r#"
        1 -: TooMany { max: 512 }
    "#]],
    );
}

#[test]
fn nesting_is_bounded_before_anything_costs_stack() {
    let policy = |condition: &str| {
        format!(
            "// it's a \"comment\n@id(\"a\") @note(\"a;\\\"(\") permit(principal,action,resource)\nwhen {{ {condition} }};"
        )
    };
    for one in [
        "(",
        "!",
        "true && ",
        "true\n||\n",
        "[",
        "{a: ",
        "if true then true else ",
        "1 + ",
        "-",
        "principal.a.",
        "principal\u{3000}in ",
    ] {
        let problems = Access::parse(&policy(&one.repeat(5_000)), &vocabulary()).unwrap_err();
        assert!(
            matches!(&problems[..], [Problem { kind: ProblemKind::TooComplex { .. }, .. }]),
            "{one}: {problems:?}"
        );
    }
    // What is within the bound is read or refused, judged and dropped, and overflows no stack.
    for (one, end) in [
        ("(", ")"),
        ("!(", ")"),
        ("true && ", ""),
        ("true || (", ")"),
        ("if true then true else ", ""),
        ("if ", " then true else true"),
        ("[true].contains(", ")"),
        ("true == ", ""),
        ("true == (", ")"),
        ("{a: ", "}.a"),
        ("principal is Principal && ", ""),
        ("1 < -(", ")"),
    ] {
        let is_too_complex = |times: &usize| {
            let condition = one.repeat(*times) + "true" + &end.repeat(*times);
            match Access::parse(&policy(&condition), &vocabulary()) {
                Ok(access) => told(&access, &[], Deed::ReadAudit).is_empty(),
                Err(problems) => matches!(problems[0].kind, ProblemKind::TooComplex { .. }),
            }
        };
        let first = (1..=OPERATORS_MAX).step_by(9).find(is_too_complex);
        assert!(first.is_some(), "{one}{end} has no bound");
    }
    // A long list of names is one bracket, and texts are not looked into.
    let names = vec!["\"1\", \"3A\""; 5_000].join(", ");
    let long = format!(
        "@id(\"a\") permit(principal, action == Action::\"ask\", resource) when {{ [{names}].contains(context.label) }};"
    );
    assert!(Access::parse(&long, &vocabulary()).is_ok());
}

#[test]
fn a_policy_that_fails_refuses() {
    let text = r#"
@id("all") permit (principal, action, resource);
@id("adds") forbid (principal, action == Action::"ask", resource)
when { context.label_rank + 9223372036854775807 < 0 };
"#;
    let access = Access::parse(text, &vocabulary()).unwrap();
    let (low, high) = (label("1"), label("3A"));
    assert_eq!(told(&access, &[], Deed::Ask(chat("chonai", None, &low))), "yes all");
    expect!["no (policy adds failed: integer overflow while attempting to add the values `4` and `9223372036854775807`)"].assert_eq(&told(&access, &[], Deed::Ask(chat("chonai", None, &high))));
    let many = vec!["tool"; TOOLS_MAX + 1];
    let ask = Ask { tools: &many, ..chat("chonai", None, &low) };
    assert_eq!(told(&access, &[], Deed::Ask(ask)), "no (the request names more than 128 tools)");
}

#[test]
fn a_label_of_another_scheme_counts_as_what_it_says_or_the_highest() {
    let text = r#"@id("low") permit (principal, action == Action::"ask", resource) when { context.label_rank == 0 };"#;
    let access = Access::parse(text, &vocabulary()).unwrap();
    let schemes = Scheme::built_in();
    for (scheme, level, expected) in
        [(1, "1", "yes low"), (1, "3", "no"), (2, "公開", "yes low"), (2, "社外秘", "no")]
    {
        let label = schemes[scheme].parse_label(level).unwrap();
        assert_eq!(told(&access, &[], Deed::Ask(chat("chonai", None, &label))), expected, "{level}");
    }
}

#[test]
fn an_explanation_says_how_every_policy_stands() {
    let access = Access::parse(SAMPLE, &vocabulary()).unwrap();
    let (label, groups) = (label("2"), ["vendor".to_owned()]);
    let deed = Deed::Ask(chat("kokunai", Some("開発検証"), &label));
    let question =
        Question { principal: "dev", principal_kind: PrincipalKind::Service, groups: &groups, deed };
    let explanation = access.explain(&question);
    assert_eq!(explanation.decision, *access.decide(&question));
    let applying: Vec<_> =
        explanation.policies.iter().filter(|(_, standing)| *standing == Standing::Applies).collect();
    let ids: Vec<_> = applying.iter().map(|(policy, _)| &*policy.id).collect();
    assert_eq!(ids, ["vendor-develops", "vendor-ceiling"]);
    let reasons: Vec<_> =
        access.reasons(&explanation.decision).filter_map(|policy| policy.why_ja.as_deref()).collect();
    assert_eq!(reasons, ["外部の開発者が送れるのは、機密性1（公開してよい情報）だけです。"]);
}

/// Read once: properties ask it many times.
fn sample() -> &'static Access {
    static SAMPLE_ACCESS: OnceLock<Access> = OnceLock::new();
    SAMPLE_ACCESS.get_or_init(|| Access::parse(SAMPLE, &vocabulary()).unwrap())
}

/// A question in owned form. Few values of each, so that questions repeat and nearly repeat.
#[derive(Debug, Clone, PartialEq)]
struct Owned {
    principal: String,
    kind: PrincipalKind,
    groups: Vec<String>,
    deed: usize,
    model: String,
    ask: Kind,
    purpose: Option<String>,
    template: Option<String>,
    rank: usize,
    tools: Vec<String>,
    has_images: bool,
}

impl Owned {
    fn with<T>(&self, judge: impl FnOnce(&Question<'_>) -> T) -> T {
        let label = vocabulary().scheme.labels().nth(self.rank).unwrap();
        let tools: Vec<_> = self.tools.iter().map(String::as_str).collect();
        let ask = Ask {
            model: &self.model,
            kind: self.ask,
            purpose: self.purpose.as_deref(),
            template: self.template.as_deref(),
            label: &label,
            tools: &tools,
            has_images: self.has_images,
        };
        let deeds = [
            Deed::Ask(ask),
            Deed::ReadAudit,
            Deed::ManageKeys,
            Deed::ManageUsers,
            Deed::ApproveTemplate { author: self.purpose.as_deref() },
        ];
        let (principal, groups) = (&self.principal, &self.groups);
        judge(&Question { principal, principal_kind: self.kind, groups, deed: deeds[self.deed] })
    }
}

fn a_question() -> impl Strategy<Value = Owned> {
    let some = |words: &'static [&'static str]| prop::sample::select(words).prop_map(str::to_owned);
    let groups = prop::collection::vec(some(&["somu", "koho", "vendor", "kansa", "else"]), 0..3);
    let tools = prop::collection::vec(some(&["", "a", "somu", "chat"]), 0..3);
    let purpose = prop::option::of(some(&["", "開発検証", "意見公募の整理", "sato", "images"]));
    let template = prop::option::of(some(&["", "開発検証", "議事録要約"]));
    let who = (some(&["sato", "tanaka", ""]), prop::sample::select(&PrincipalKind::ALL[..]), groups);
    let model = some(&["chonai", "kokunai", "kaigai"]);
    let kind = prop::sample::select(&Kind::ALL[..]);
    let what = (0..5usize, model, kind, purpose, template, 0..5usize, tools, any::<bool>());
    (who, what).prop_map(
        |((principal, kind, groups), (deed, model, ask, purpose, template, rank, tools, has_images))| Owned {
            principal,
            kind,
            groups,
            deed,
            model,
            ask,
            purpose,
            template,
            rank,
            tools,
            has_images,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_remembered_is_what_would_be_judged(questions in prop::collection::vec(a_question(), 1..40)) {
        let access = sample();
        for question in &questions {
            question.with(|question| {
                for _ in 0..2 {
                    assert_eq!(*access.decide(question), access.0.judge.decide(question));
                }
            });
        }
    }

    #[test]
    fn questions_that_differ_have_keys_that_differ(one in a_question(), other in a_question()) {
        let access = sample();
        let decide = |one: &Owned| one.with(|question| (access.0.judge.key(question), access.0.judge.decide(question)));
        let ((key, decision), (other_key, other_decision)) = (decide(&one), decide(&other));
        prop_assert!(key != other_key || decision == other_decision);
    }

    #[test]
    fn no_text_is_too_odd_to_read(start in 0..SAMPLE.len(), end in 0..SAMPLE.len(), odd in ".{0,8}") {
        let bytes = [&SAMPLE.as_bytes()[..start], odd.as_bytes(), &SAMPLE.as_bytes()[end..]].concat();
        let _ = Access::parse(&String::from_utf8_lossy(&bytes), &vocabulary());
    }
}
