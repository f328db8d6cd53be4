//! The check digits that tell an account, a card or a VAT id from any other number.

/// Countries whose bank accounts have an IBAN, and how long it is.
const IBAN_LENGTHS: [(&str, usize); 79] = [
    ("AD", 24),
    ("AE", 23),
    ("AL", 28),
    ("AT", 20),
    ("AZ", 28),
    ("BA", 20),
    ("BE", 16),
    ("BG", 22),
    ("BH", 22),
    ("BR", 29),
    ("BY", 28),
    ("CH", 21),
    ("CR", 22),
    ("CY", 28),
    ("CZ", 24),
    ("DE", 22),
    ("DK", 18),
    ("DO", 28),
    ("EE", 20),
    ("EG", 29),
    ("ES", 24),
    ("FI", 18),
    ("FO", 18),
    ("FR", 27),
    ("GB", 22),
    ("GE", 22),
    ("GI", 23),
    ("GL", 18),
    ("GR", 27),
    ("GT", 28),
    ("HR", 21),
    ("HU", 28),
    ("IE", 22),
    ("IL", 23),
    ("IQ", 23),
    ("IS", 26),
    ("IT", 27),
    ("JO", 30),
    ("KW", 30),
    ("KZ", 20),
    ("LB", 28),
    ("LC", 32),
    ("LI", 21),
    ("LT", 20),
    ("LU", 20),
    ("LV", 21),
    ("LY", 25),
    ("MC", 27),
    ("MD", 24),
    ("ME", 22),
    ("MK", 19),
    ("MR", 27),
    ("MT", 31),
    ("MU", 30),
    ("NL", 18),
    ("NO", 15),
    ("PK", 24),
    ("PL", 28),
    ("PS", 29),
    ("PT", 25),
    ("QA", 29),
    ("RO", 24),
    ("RS", 22),
    ("SA", 24),
    ("SC", 31),
    ("SD", 18),
    ("SE", 24),
    ("SI", 19),
    ("SK", 24),
    ("SM", 27),
    ("ST", 25),
    ("SV", 28),
    ("TL", 23),
    ("TN", 24),
    ("TR", 26),
    ("UA", 29),
    ("VA", 22),
    ("VG", 24),
    ("XK", 20),
];

/// How long the IBANs of a country are.
pub(super) fn iban_length(country: &str) -> Option<usize> {
    let known = IBAN_LENGTHS.iter().find(|(known, _)| *known == country);
    known.map(|(_, length)| *length)
}

/// Whether capital letters and digits are an IBAN: the number that they make leaves 1 when divided by 97.
pub(super) fn is_iban(iban: &str) -> bool {
    if !iban.is_ascii() || iban.get(..2).and_then(iban_length) != Some(iban.len()) {
        return false;
    }
    let (front, account) = iban.split_at(4);
    let mut rest = 0_u32;
    for character in account.chars().chain(front.chars()) {
        let Some(value) = character.to_digit(36) else {
            return false;
        };
        let shift = if value < 10 { 10 } else { 100 };
        rest = (rest * shift + value) % 97;
    }
    rest == 1
}

/// Whether digits are the number of a payment card: a known range, of the right length, and Luhn's check digit.
pub(super) fn is_card(digits: &str) -> bool {
    let front = |length: usize| digits.get(..length).and_then(|front| front.parse::<u32>().ok());
    let (Some(two), Some(three), Some(four)) = (front(2), front(3), front(4)) else {
        return false;
    };
    let fits = match digits.len() {
        14 => matches!(two, 36 | 38 | 39) || (300..=305).contains(&three),
        15 => matches!(two, 34 | 37),
        16 => {
            matches!(two / 10, 4)
                || matches!(two, 50..=58 | 60..=69)
                || (2221..=2720).contains(&four)
                || (3528..=3589).contains(&four)
        }
        17 | 18 => matches!(two, 50 | 56..=58 | 60..=69),
        19 => two / 10 == 4 || matches!(two, 50 | 56..=58 | 60..=69) || (3528..=3589).contains(&four),
        _ => false,
    };
    fits && luhn(digits)
}

fn luhn(digits: &str) -> bool {
    let sum: u32 = values(digits)
        .rev()
        .enumerate()
        .map(|(place, digit)| match (place % 2, digit) {
            (0, digit) => digit,
            (_, digit) => digit * 2 / 10 + digit * 2 % 10,
        })
        .sum();
    sum.is_multiple_of(10)
}

/// A country, the lengths of its VAT ids after the country's letters, and whether one has the right check digits.
type VatRule = (&'static str, &'static [usize], fn(&str) -> bool);

/// Where only the form is known, `all_digits` stands in place of a check.
const VAT_RULES: [VatRule; 31] = [
    ("DE", &[9], iso_7064),
    ("AT", &[9], austria),
    ("BE", &[10], belgium),
    ("BG", &[9, 10], all_digits),
    ("CHE", &[9], |id| {
        mod_11(id, &[5, 4, 3, 2, 7, 6, 5, 4], |rest| (11 - rest) % 11)
    }),
    ("CY", &[9], |id| all_digits(&id[..8]) && ends_in_letter(id)),
    ("CZ", &[8, 9, 10], all_digits),
    ("DK", &[8], |id| {
        weighted(id, &[2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11)
    }),
    ("EE", &[9], all_digits),
    ("EL", &[9], all_digits),
    ("ES", &[9], |id| all_digits(&id[1..8])),
    ("FI", &[8], |id| {
        mod_11(id, &[7, 9, 10, 5, 8, 4, 2], |rest| (11 - rest) % 11)
    }),
    ("FR", &[11], france),
    ("GB", &[9, 12], britain),
    ("HR", &[11], iso_7064),
    ("HU", &[8], all_digits),
    ("IE", &[8, 9], |id| all_digits(&id[2..7]) && ends_in_letter(id)),
    ("IT", &[11], |id| all_digits(id) && luhn(id)),
    ("LT", &[9, 12], all_digits),
    ("LU", &[8], luxembourg),
    ("LV", &[11], all_digits),
    ("MT", &[8], all_digits),
    ("NL", &[12], netherlands),
    ("NO", &[9], |id| {
        mod_11(id, &[3, 2, 7, 6, 5, 4, 3, 2], |rest| (11 - rest) % 11)
    }),
    ("PL", &[10], |id| {
        mod_11(id, &[6, 5, 7, 2, 3, 4, 5, 6, 7], |rest| rest)
    }),
    ("PT", &[9], portugal),
    ("RO", &[7, 8, 9, 10], romania),
    ("SE", &[12], |id| all_digits(id) && luhn(&id[..10])),
    ("SI", &[8], |id| {
        mod_11(id, &[8, 7, 6, 5, 4, 3, 2], |rest| (11 - rest) % 10)
    }),
    ("SK", &[10], |id| {
        number(id).is_some_and(|id| id.is_multiple_of(11))
    }),
    ("XI", &[9, 12], britain),
];

/// The country of a VAT id that begins like this, and how long the rest may be.
pub(super) fn vat_lengths(text: &str) -> Option<(&'static str, &'static [usize])> {
    let (country, lengths, _) = VAT_RULES.iter().find(|(country, ..)| text.starts_with(country))?;
    Some((country, lengths))
}

/// Whether capital letters and digits, without the country's, are its VAT id.
pub(super) fn is_vat_id(country: &str, id: &str) -> bool {
    let rule = VAT_RULES.iter().find(|(known, ..)| *known == country);
    rule.is_some_and(|(_, lengths, check)| id.is_ascii() && lengths.contains(&id.len()) && check(id))
}

fn ends_in_letter(id: &str) -> bool {
    id.ends_with(|last: char| last.is_ascii_uppercase())
}

fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn number(text: &str) -> Option<u64> {
    all_digits(text).then(|| text.parse().ok()).flatten()
}

fn values(digits: &str) -> impl DoubleEndedIterator<Item = u32> + ExactSizeIterator {
    digits.bytes().map(|byte| u32::from(byte.wrapping_sub(b'0')))
}

fn weighted(digits: &str, weights: &[u32]) -> u32 {
    if !all_digits(digits) {
        return 1;
    }
    values(digits)
        .zip(weights)
        .map(|(digit, weight)| digit * weight)
        .sum()
}

/// Whether the last digit is what the others, weighted, leave when divided by 11.
fn mod_11(id: &str, weights: &[u32], check: fn(u32) -> u32) -> bool {
    let (front, last) = id.split_at(id.len() - 1);
    all_digits(id) && values(last).next() == Some(check(weighted(front, weights) % 11))
}

/// ISO 7064, mod 11,10: Germany and Croatia.
fn iso_7064(id: &str) -> bool {
    if !all_digits(id) {
        return false;
    }
    let front = values(&id[..id.len() - 1]).fold(10, |product, digit| {
        let sum = (product + digit) % 10;
        (if sum == 0 { 10 } else { sum }) * 2 % 11
    });
    values(&id[id.len() - 1..]).next() == Some((11 - front) % 10)
}

fn austria(id: &str) -> bool {
    let Some(digits) = id.strip_prefix('U').filter(|digits| all_digits(digits)) else {
        return false;
    };
    let sum: u32 = values(&digits[..7])
        .enumerate()
        .map(|(place, digit)| match place % 2 {
            0 => digit,
            _ => digit * 2 / 10 + digit * 2 % 10,
        })
        .sum();
    values(&digits[7..]).next() == Some((10 - (sum + 4) % 10) % 10)
}

fn belgium(id: &str) -> bool {
    let parts = id.get(..8).and_then(number).zip(id.get(8..).and_then(number));
    parts.is_some_and(|(front, check)| matches!(id.as_bytes()[0], b'0' | b'1') && 97 - front % 97 == check)
}

fn luxembourg(id: &str) -> bool {
    let parts = number(&id[..6]).zip(number(&id[6..]));
    parts.is_some_and(|(front, check)| front % 89 == check)
}

fn portugal(id: &str) -> bool {
    let check = |rest| if rest < 2 { 0 } else { 11 - rest };
    mod_11(id, &[9, 8, 7, 6, 5, 4, 3, 2], check)
}

fn romania(id: &str) -> bool {
    let padded = format!("{id:0>10}");
    let sum = weighted(&padded[..9], &[7, 5, 3, 2, 1, 7, 5, 3, 2]);
    all_digits(id) && values(&padded[9..]).next() == Some(sum * 10 % 11 % 10)
}

fn france(id: &str) -> bool {
    let Some(siren) = number(&id[2..]) else {
        return false;
    };
    // Keys with a letter follow another rule, which few companies have.
    number(&id[..2]).is_none_or(|key| key == (12 + 3 * (siren % 97)) % 97)
}

fn britain(id: &str) -> bool {
    let Some(check) = number(&id[7..9]).filter(|_| all_digits(id)) else {
        return false;
    };
    let sum = u64::from(weighted(&id[..7], &[8, 7, 6, 5, 4, 3, 2])) + check;
    sum.is_multiple_of(97) || (sum + 55).is_multiple_of(97)
}

fn netherlands(id: &str) -> bool {
    let (front, back) = id.split_at(9);
    let shape = all_digits(front) && back.starts_with('B') && all_digits(&back[1..]);
    let company = || u64::from(weighted(&front[..8], &[9, 8, 7, 6, 5, 4, 3, 2]) % 11);
    shape && (number(&front[8..]) == Some(company()) || sole_trader(id))
}

/// Dutch sole traders have an id of another rule: that of an IBAN, with the country in front.
fn sole_trader(id: &str) -> bool {
    let rest = "NL".chars().chain(id.chars()).fold(0_u32, |rest, character| {
        let value = character.to_digit(36).unwrap_or(0);
        (rest * if value < 10 { 10 } else { 100 } + value) % 97
    });
    rest == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A check digit is worth something where every other one is refused.
    fn one_digit_matters(id: &str, holds: impl Fn(&str) -> bool) {
        assert!(holds(id), "{id}");
        let at = id.len() - 1;
        let last = id.as_bytes()[at];
        let others = (b'0'..=b'9').filter(|other| *other != last);
        let held = others.filter(|other| {
            let mut changed = id.to_owned();
            changed.replace_range(at.., &char::from(*other).to_string());
            holds(&changed)
        });
        assert_eq!(held.count(), 0, "{id}");
    }

    #[test]
    fn accounts_and_cards_are_told_by_their_check_digits() {
        for iban in [
            "DE89370400440532013000",
            "AT611904300234573201",
            "CH9300762011623852957",
            "GB29NWBK60161331926819",
            "FR1420041010050500013M02606",
        ] {
            one_digit_matters(iban, is_iban);
        }
        assert!(!is_iban("DE8937040044053201300"), "too short");
        assert!(!is_iban("ZZ89370400440532013000"), "no such country");
        for card in [
            "4111111111111111",
            "5555555555554444",
            "378282246310005",
            "30569309025904",
            "6011111111111117",
        ] {
            one_digit_matters(card, is_card);
        }
        assert!(!is_card("9111111111111111") && !is_card("0000000000000000"));
    }

    #[test]
    fn vat_ids_are_told_by_the_rules_of_their_country() {
        for (country, id) in [
            ("DE", "136695976"),
            ("AT", "U13585627"),
            ("BE", "0428759497"),
            ("CHE", "107787577"),
            ("DK", "13585628"),
            ("FI", "20774740"),
            ("FR", "40303265045"),
            ("IT", "00743110157"),
            ("LU", "15027442"),
            ("PL", "8567346215"),
            ("PT", "501964843"),
            ("SI", "50223054"),
            ("HR", "33392005961"),
            ("RO", "18547290"),
        ] {
            one_digit_matters(id, |id| is_vat_id(country, id));
        }
        assert!(is_vat_id("GB", "980780684") && !is_vat_id("GB", "802311781"));
        assert!(is_vat_id("NL", "004495445B01") && !is_vat_id("NL", "123456789B90"));
        assert!(is_vat_id("SE", "123456789701") && !is_vat_id("SE", "123456789101"));
        assert!(is_vat_id("IE", "6433435F") && is_vat_id("ES", "A28015865") && is_vat_id("CZ", "25123891"));
        assert!(!is_vat_id("DE", "12345678") && !is_vat_id("XX", "123456789"));
    }
}
