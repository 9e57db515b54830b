//! What a span of text is.

use std::fmt;

/// What a detector found. The names are those of the machine contract (`sekisho guard scan --jsonl`) and never change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// 氏名
    Person,
    /// 住所: a place down to town or block, with or without building; a municipality alone is none.
    Address,
    /// 電話番号
    Phone,
    /// 郵便番号
    PostalCode,
    /// メールアドレス
    Email,
    /// 生年月日
    DateOfBirth,
    /// 個人番号 (マイナンバー)
    MyNumber,
    /// 法人番号: public data, reported and not masked by default
    CorpNumber,
    /// 運転免許証番号
    DriverLicense,
    /// 旅券番号
    Passport,
    /// 在留カード番号
    ResidenceCard,
    /// 住民票コード
    JuminCode,
    /// 基礎年金番号
    PensionNumber,
    /// 健康保険の保険者番号、被保険者記号・番号
    HealthInsurance,
    /// 雇用保険被保険者番号
    EmploymentInsurance,
    /// 介護保険被保険者番号
    CareInsurance,
    /// 口座番号 (ゆうちょ記号番号を含む)
    BankAccount,
    /// クレジットカード番号
    CreditCard,
    /// 車両番号 (ナンバープレート)
    Vehicle,
    /// 患者番号、診察券番号
    PatientId,
    /// 職員番号、社員番号
    EmployeeId,
    /// IP アドレス
    Ip,
    /// 鍵、トークン、パスワード
    Secret,
    /// Instructions to a model where data should be
    Injection,
    /// Characters that a person does not see, or text that is encoded to pass unseen
    HiddenText,
    /// A topic that the organisation has forbidden
    Topic,
    /// A planted marker that must never come out
    Canary,
    /// 機密性の表示 (「機密性3」「取扱注意」「部外秘」)
    Marking,
}

/// All kinds with their public names.
const NAMES: &[(Kind, &str)] = &[
    (Kind::Person, "PERSON"),
    (Kind::Address, "ADDRESS"),
    (Kind::Phone, "PHONE"),
    (Kind::PostalCode, "POSTAL_CODE"),
    (Kind::Email, "EMAIL"),
    (Kind::DateOfBirth, "DATE_OF_BIRTH"),
    (Kind::MyNumber, "MY_NUMBER"),
    (Kind::CorpNumber, "CORP_NUMBER"),
    (Kind::DriverLicense, "DRIVER_LICENSE"),
    (Kind::Passport, "PASSPORT"),
    (Kind::ResidenceCard, "RESIDENCE_CARD"),
    (Kind::JuminCode, "JUMIN_CODE"),
    (Kind::PensionNumber, "PENSION_NUMBER"),
    (Kind::HealthInsurance, "HEALTH_INSURANCE"),
    (Kind::EmploymentInsurance, "EMPLOYMENT_INSURANCE"),
    (Kind::CareInsurance, "CARE_INSURANCE"),
    (Kind::BankAccount, "BANK_ACCOUNT"),
    (Kind::CreditCard, "CREDIT_CARD"),
    (Kind::Vehicle, "VEHICLE"),
    (Kind::PatientId, "PATIENT_ID"),
    (Kind::EmployeeId, "EMPLOYEE_ID"),
    (Kind::Ip, "IP"),
    (Kind::Secret, "SECRET"),
    (Kind::Injection, "INJECTION"),
    (Kind::HiddenText, "HIDDEN_TEXT"),
    (Kind::Topic, "TOPIC"),
    (Kind::Canary, "CANARY"),
    (Kind::Marking, "MARKING"),
];

impl Kind {
    /// Every kind, personal data first.
    pub fn all() -> impl Iterator<Item = Self> {
        NAMES.iter().map(|row| row.0)
    }

    /// The public name, `MY_NUMBER`.
    pub fn name(self) -> &'static str {
        NAMES.iter().find(|row| row.0 == self).expect("every kind has a row; a test walks them").1
    }

    /// The kind of a public name.
    pub fn parse_name(name: &str) -> Option<Self> {
        NAMES.iter().find(|row| row.1 == name).map(|row| row.0)
    }

    /// Whether the kind tells of a person (個人情報), or of an organisation in the same form (法人番号).
    pub fn is_personal(self) -> bool {
        self <= Self::Ip
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, NAMES};

    #[test]
    fn every_kind_has_one_name() {
        for (kind, name) in NAMES {
            assert_eq!(Kind::parse_name(name), Some(*kind));
            assert_eq!(kind.name(), *name);
        }
        assert_eq!(Kind::all().filter(|kind| kind.is_personal()).count(), 22);
    }
}
