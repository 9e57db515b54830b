use super::{
    corporate_digit, is_article, is_corporate_number, is_license, is_license_office, is_luhn, is_my_number,
    license_digit, my_number_digit,
};
use crate::pii::data::tables;

fn digits(text: &str) -> Vec<u8> {
    text.bytes().map(|byte| byte - b'0').collect()
}

/// Eleven pseudo-random digits, the same each time.
fn bodies(len: usize) -> impl Iterator<Item = Vec<u8>> {
    let mut seed = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = move || {
        seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (seed >> 33) as u8 % 10
    };
    std::iter::repeat_with(move || (0..len).map(|_| next()).collect()).take(500)
}

#[test]
fn my_number_by_the_published_table() {
    // Weights from the left as they are usually printed: 6,5,4,3,2,7,6,5,4,3,2.
    for body in bodies(11) {
        let sum: u32 =
            body.iter().zip([6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]).map(|(p, q)| u32::from(*p) * q).sum();
        let expected = if sum % 11 <= 1 { 0 } else { 11 - sum % 11 };
        assert_eq!(u32::from(my_number_digit(&body)), expected);
        let fits = (0..10).filter(|last| is_my_number(&[&body[..], &[*last]].concat())).count();
        assert_eq!(fits, 1);
    }
    assert!(is_my_number(&digits("123456789018")));
    assert!(!is_my_number(&digits("123456789012")));
    assert!(!is_my_number(&digits("12345678901")));
}

#[test]
fn corporate_number_by_an_example() {
    // The National Tax Agency's own number, as it prints it on every page.
    assert!(is_corporate_number(&digits("7000012050002")));
    assert!(!is_corporate_number(&digits("7000012050003")));
    for body in bodies(12) {
        let check = corporate_digit(&body);
        assert!((1..=9).contains(&check));
        let mut whole = vec![check];
        whole.extend(&body);
        assert!(is_corporate_number(&whole));
        // Every change of one digit is seen, but for 0 and 9, which are the same modulo 9.
        for place in 1..13 {
            for other in (0..10).filter(|other| *other != whole[place]) {
                let mut wrong = whole.clone();
                wrong[place] = other;
                let same = [whole[place], other].iter().all(|digit| digit % 9 == 0);
                assert_eq!(is_corporate_number(&wrong), same);
            }
        }
    }
}

#[test]
fn license_by_brute_force() {
    for mut body in bodies(10) {
        body[..2].copy_from_slice(&[3, 0]);
        let check = license_digit(&body);
        let fits = |last| is_license(&[&body[..], &[last], &[0]].concat());
        assert!((0..10).filter(|last| fits(*last)).eq([check]));
    }
    // 11 becomes 1 and 10 becomes 0.
    assert_eq!(license_digit(&[0; 10]), 1);
    assert_eq!(license_digit(&digits("0000000005")), 1);
    assert_eq!(license_digit(&digits("0000000006")), 0);
    let known = (0..100).filter(|prefix| is_license_office(&[prefix / 10, prefix % 10], tables()));
    assert_eq!(known.count(), 5 + 6 + 1 + 16 + 6 + 5 + 4 + 8);
}

#[test]
fn articles_by_known_numbers() {
    // The numbers with which JAN and ISBN are explained everywhere.
    assert!(is_article(&digits("4901234567894")) && is_article(&digits("9780306406157")));
    for body in bodies(10) {
        let fits = |last: &u8| is_article(&[&[4, 9], &body[..], &[*last]].concat());
        assert_eq!((0..10).filter(fits).count(), 1);
    }
    assert!(!is_article(&digits("5012345678900")) && !is_article(&digits("490123456784")));
}

#[test]
fn luhn_by_known_numbers() {
    for number in ["33120015", "4111111111111111", "378282246310005", "30569309025904", "3530111333300000"] {
        assert!(is_luhn(&digits(number)), "{number}");
    }
    assert!(!is_luhn(&digits("4111111111111112")) && !is_luhn(&[]));
    for body in bodies(7) {
        let fits = (0..10).filter(|last| is_luhn(&[&body[..], &[*last]].concat())).count();
        assert_eq!(fits, 1);
    }
}
