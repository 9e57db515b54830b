//! What a span says it was judged by.

use expect_test::{Expect, expect};

use crate::pii::tests::spans;

fn check(text: &str, expected: &Expect) {
    let said: Vec<String> = spans(text)
        .iter()
        .map(|span| {
            let evidence = &span.evidence;
            let cue = evidence.cue.clone().map(|cue| &text[cue]);
            format!(
                "{} {:?} {:.2} {} cue={cue:?} check={:?} column={} {:?}\n",
                span.kind,
                &text[span.range.clone()],
                span.confidence,
                span.rule,
                evidence.check_digit,
                evidence.column,
                evidence.notes
            )
        })
        .collect();
    expected.assert_eq(&said.concat());
}

#[test]
fn cue_check_digit_and_column() {
    check(
        "個 人 番 号：５２６０－１８１５－９０８４",
        &expect![[r#"
        MY_NUMBER "５２６０－１８１５－９０８４" 0.99 pii/my-number cue=Some("個 人 番 号") check=Some(true) column=false []
    "#]],
    );
    check(
        "個人番号 526018159085",
        &expect![[r#"
            MY_NUMBER "526018159085" 0.83 pii/my-number cue=Some("個人番号") check=Some(false) column=false []
        "#]],
    );
    check(
        "526018159084（個人番号）",
        &expect![[r#"
            MY_NUMBER "526018159084" 0.98 pii/my-number cue=Some("個人番号") check=Some(true) column=false []
        "#]],
    );
    check(
        "氏名,個人番号\n山田,526018159084\n",
        &expect![[r#"
            MY_NUMBER "526018159084" 0.99 pii/my-number cue=Some("個人番号") check=Some(true) column=true []
        "#]],
    );
    check(
        "マイナンバー 5260\n18159084",
        &expect![[r#"
        MY_NUMBER "5260\n18159084" 0.99 pii/my-number cue=Some("マイナンバー") check=Some(true) column=false ["evidence-wrapped"]
    "#]],
    );
    check(
        "年金 1234567890 と銀行 1234567",
        &expect![[r#"
            PENSION_NUMBER "1234567890" 0.38 pii/pension cue=Some("年金") check=None column=false []
        "#]],
    );
}

#[test]
fn form_alone() {
    check(
        "150-0041東京都渋谷区、03-1234-5678、4252427316723263",
        &expect![[r#"
        POSTAL_CODE "150-0041" 0.92 pii/postal-code cue=None check=None column=false ["evidence-address-follows"]
        PHONE "03-1234-5678" 0.95 pii/phone cue=None check=None column=false ["evidence-number-plan"]
        CREDIT_CARD "4252427316723263" 0.90 pii/credit-card cue=None check=Some(true) column=false ["evidence-card-issuer"]
    "#]],
    );
    check(
        "品川 300 あ 12-34",
        &expect![[r#"
        VEHICLE "品川 300 あ 12-34" 0.95 pii/vehicle cue=None check=None column=false ["evidence-plate-area"]
    "#]],
    );
    check(
        "1.2.3.4と192.0.2.1、2001:db8::1",
        &expect![[r#"
        IP "1.2.3.4" 0.40 pii/ip cue=None check=None column=false []
        IP "192.0.2.1" 0.92 pii/ip cue=None check=None column=false []
        IP "2001:db8::1" 0.95 pii/ip cue=None check=None column=false []
    "#]],
    );
    check(
        "問番号 090-1234-5678",
        &expect![[r#"
            PHONE "090-1234-5678" 0.63 pii/phone cue=None check=None column=false ["evidence-number-plan"]
        "#]],
    );
    check(
        "T2225388853933 T2225388853934",
        &expect![[r#"
        CORP_NUMBER "T2225388853933" 0.95 pii/invoice-number cue=None check=Some(true) column=false []
        CORP_NUMBER "T2225388853934" 0.40 pii/invoice-number cue=None check=Some(false) column=false []
    "#]],
    );
}

#[test]
fn births() {
    check(
        "昭和45年3月2日生",
        &expect![[r#"
        DATE_OF_BIRTH "昭和45年3月2日" 0.93 pii/date-of-birth cue=Some("生") check=None column=false ["evidence-cue-after"]
    "#]],
    );
    check(
        "山田 1970年3月2日(55歳)",
        &expect![[r#"
        DATE_OF_BIRTH "1970年3月2日" 0.60 pii/date-of-birth cue=Some("55") check=None column=false ["evidence-age"]
    "#]],
    );
    check(
        "生年月日:19700302",
        &expect![[r#"
        DATE_OF_BIRTH "19700302" 0.97 pii/date-of-birth cue=Some("生年月日") check=None column=false []
    "#]],
    );
}

#[test]
fn groups_and_length() {
    // Groups that are nearly even say more than others.
    check(
        "住民票コード 30911 337 204",
        &expect![[r#"
        JUMIN_CODE "30911 337 204" 0.86 pii/jumin-code cue=Some("住民票コード") check=None column=false []
    "#]],
    );
    check(
        "住民票コード 3091 1337 204",
        &expect![[r#"
        JUMIN_CODE "3091 1337 204" 0.99 pii/jumin-code cue=Some("住民票コード") check=None column=false []
    "#]],
    );
    // 記号 and 番号 together have hardly ten digits.
    check(
        "被保険者番号 0216",
        &expect![[r#"
        HEALTH_INSURANCE "0216" 0.87 pii/insured cue=Some("被保険者番号") check=None column=false []
    "#]],
    );
    // Behind its hyphen the number goes on, on the next line, too.
    check(
        "従業員コード　0731-\n2284",
        &expect![[r#"
        EMPLOYEE_ID "0731-\n2284" 0.94 pii/employee-id cue=Some("従業員コード") check=None column=false []
    "#]],
    );
}

#[test]
fn a_head_that_names_the_kind_says_most() {
    check(
        "介護保険被保険者番号,氏名\n1234567890,山田",
        &expect![[r#"
        CARE_INSURANCE "1234567890" 0.98 pii/care-insurance cue=Some("介護保険被保険者番号") check=None column=true []
    "#]],
    );
    check(
        "被保険者番号,氏名\n1234567890,山田",
        &expect![[r#"
        CARE_INSURANCE "1234567890" 0.97 pii/care-insurance cue=Some("被保険者番号") check=None column=true []
    "#]],
    );
}
