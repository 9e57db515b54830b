//! The certificate: readable, with its key, and not about to expire.

use std::{fs, path::Path};

use base64::{Engine, engine::general_purpose::STANDARD};
use sekisho_audit::clock::parse_rfc3339;

use super::{Findings, Mark};
use crate::gate::{self, Settings};

const DAY_MS: u64 = 86_400_000;
/// Days before the end at which somebody should begin to renew it.
const DAYS_GOOD: u64 = 30;

/// Whether the key belongs to the certificate is seen when everything is built; this is about its time.
pub(super) fn check(settings: &Settings, findings: &mut Findings<'_>) {
    let Some((certificate, _)) = &settings.tls else { return };
    let file = ("file", certificate.display().to_string());
    let Some((end, end_ms)) = expiry(certificate) else {
        findings.found("certificate", Mark::Bad, "certificate-unreadable", &[file]);
        return;
    };
    let now_ms = gate::now_ms();
    let days = end_ms.saturating_sub(now_ms) / DAY_MS;
    let args = [file, ("date", end), ("days", days.to_string())];
    match () {
        () if end_ms <= now_ms => findings.found("certificate", Mark::Bad, "certificate-expired", &args),
        () if days < DAYS_GOOD => findings.found("certificate", Mark::Warning, "certificate-soon", &args),
        () => findings.good("certificate", "certificate", &args),
    }
}

/// When the first certificate of a PEM file ends: as a date, and in milliseconds since 1970.
fn expiry(file: &Path) -> Option<(String, u64)> {
    let pem = fs::read_to_string(file).ok()?;
    let (_, rest) = pem.split_once("-----BEGIN CERTIFICATE-----")?;
    let (body, _) = rest.split_once("-----END CERTIFICATE-----")?;
    let body: String = body.split_whitespace().collect();
    not_after(&STANDARD.decode(body).ok()?)
}

/// `Certificate { tbs { [0] version?, serial, algorithm, issuer, validity { notBefore, notAfter }, … } … }`
fn not_after(der: &[u8]) -> Option<(String, u64)> {
    const SEQUENCE: u8 = 0x30;
    const VERSION: u8 = 0xa0;
    let (_, certificate, _) = element(der)?;
    let (_, mut tbs, _) = element(certificate)?;
    if tbs.first() == Some(&VERSION) {
        tbs = element(tbs)?.2;
    }
    for _serial_algorithm_issuer in 0..3 {
        tbs = element(tbs)?.2;
    }
    let (tag, validity, _) = element(tbs)?;
    let (_, _, rest) = element(validity)?;
    let (kind, time, _) = element(rest)?;
    (tag == SEQUENCE).then_some(())?;
    parse_time(kind, std::str::from_utf8(time).ok()?)
}

/// `260401000000Z` (`UTCTime`, of 1950 to 2049) or `20500401000000Z` (`GeneralizedTime`).
fn parse_time(kind: u8, text: &str) -> Option<(String, u64)> {
    const UTC_TIME: u8 = 0x17;
    const GENERALIZED_TIME: u8 = 0x18;
    let text = match kind {
        UTC_TIME if text.get(..2)?.parse::<u8>().ok()? < 50 => format!("20{text}"),
        UTC_TIME => format!("19{text}"),
        GENERALIZED_TIME => text.to_owned(),
        _ => return None,
    };
    let part = |from: usize, to: usize| text.get(from..to);
    let date = format!("{}-{}-{}", part(0, 4)?, part(4, 6)?, part(6, 8)?);
    let clock = format!("{}:{}:{}", part(8, 10)?, part(10, 12)?, part(12, 14)?);
    let ms = parse_rfc3339(&format!("{date}T{clock}.000Z"))?;
    Some((date, ms))
}

/// The first element of DER: its tag, its contents, and what follows it.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = der.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = if first < 0x80 {
        (usize::from(first), rest)
    } else {
        let (digits, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
        // No certificate has a length of more than four bytes.
        (digits.len() <= 4).then_some(())?;
        (digits.iter().fold(0, |length, digit| (length << 8) | usize::from(*digit)), rest)
    };
    let (contents, rest) = rest.split_at_checked(length)?;
    Some((tag, contents, rest))
}

#[cfg(test)]
mod tests {
    use super::{not_after, parse_time};

    #[test]
    fn times_of_both_kinds() {
        assert_eq!(parse_time(0x17, "270401000000Z").unwrap().0, "2027-04-01");
        assert_eq!(parse_time(0x18, "20510401123000Z").unwrap().0, "2051-04-01");
        assert_eq!(parse_time(0x17, "2704"), None);
        assert_eq!(parse_time(0x0c, "270401000000Z"), None);
    }

    #[test]
    fn what_is_no_certificate_is_none() {
        for der in [&[][..], &[0x30], &[0x30, 0x84, 0xff, 0xff, 0xff, 0xff], &[0x30, 3, 0x30, 1, 0xa0]] {
            assert_eq!(not_after(der), None);
        }
    }
}
