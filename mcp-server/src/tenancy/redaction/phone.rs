//! Tells telephone numbers from all the other numbers of commerce: by the country's code, by how groups of digits are
//! set, and by the word before them.

use super::detect::{digits_ahead, ends};

/// No number has more digits, the country's code included.
const MOST_DIGITS: usize = 15;
/// None has fewer, wherever it stands.
const FEWEST_DIGITS: usize = 6;
/// What stands between groups of digits.
const SEPARATORS: &[u8] = b" -/.()+";
/// So far back a word tells what a number is.
const WORD_BYTES: usize = 48;

/// Words that say that a telephone number follows.
const CALLS: [&str; 19] = [
    "tel",
    "telefon",
    "fon",
    "phone",
    "telephone",
    "mobil",
    "mobile",
    "mobilfunk",
    "handy",
    "telefax",
    "fax",
    "cell",
    "hotline",
    "durchwahl",
    "whatsapp",
    "rufnummer",
    "telefonnummer",
    "mobilnummer",
    "faxnummer",
];

/// Beginnings of words that say that some other number follows.
const NAMES_A_THING: [&str; 37] = [
    "artikel",
    "art",
    "teil",
    "zeichnung",
    "drawing",
    "modell",
    "model",
    "typ",
    "bestell",
    "auftrag",
    "rechnung",
    "kunden",
    "liefer",
    "order",
    "item",
    "part",
    "invoice",
    "customer",
    "sku",
    "ean",
    "gtin",
    "material",
    "serien",
    "serial",
    "ref",
    "vorgang",
    "ticket",
    "po",
    "plz",
    "charge",
    "batch",
    "din",
    "iso",
    "konto",
    "blz",
    "isbn",
    "werkstoff",
];

/// Codes of countries with one or two digits; all others have three.
const SHORT_CODES: [&str; 46] = [
    "1", "7", "20", "27", "30", "31", "32", "33", "34", "36", "39", "40", "41", "43", "44", "45", "46", "47",
    "48", "49", "51", "52", "53", "54", "55", "56", "57", "58", "60", "61", "62", "63", "64", "65", "66",
    "81", "82", "84", "86", "90", "91", "92", "93", "94", "95", "98",
];

/// How long the telephone number is that begins here, if one does. `before` is the text up to here.
pub(super) fn read(before: &str, text: &str) -> Option<usize> {
    if !text.starts_with(|first: char| first.is_ascii_digit() || matches!(first, '+' | '(')) {
        return None;
    }
    if digits_ahead(text, SEPARATORS) < FEWEST_DIGITS {
        return None;
    }
    let groups = Groups::read(text);
    let word = word_before(before);
    let named = CALLS.contains(&word.as_str());
    let thing = || NAMES_A_THING.iter().any(|thing| word.starts_with(thing));
    let joined = || before.ends_with(['-', '_', '#', '/', '.', ',']);
    groups.ends.iter().rev().find_map(|(end, count)| {
        let number = Number {
            digits: &groups.digits[..*count],
            written: &text[..*end],
        };
        let plausible = number.is_international()
            || (named && *count >= FEWEST_DIGITS)
            || ((number.is_national() || number.is_american()) && !thing() && !joined());
        (plausible && ends(text, *end)).then_some(*end)
    })
}

/// The word before a number, in small letters: `tel` of `Tel.: `, `artikel` of `Artikel Nr. `.
fn word_before(before: &str) -> String {
    let near = &before[before.ceil_char_boundary(before.len().saturating_sub(WORD_BYTES))..];
    let last_word = |text: &str| {
        let text = text.trim_end_matches([' ', '.', ':', '#', '-', '\t']);
        let begin = text.trim_end_matches(char::is_alphabetic).len();
        (begin, text[begin..].to_lowercase())
    };
    let (begin, word) = last_word(near);
    match word.as_str() {
        "nr" | "no" | "nummer" | "number" | "id" => last_word(&near[..begin]).1,
        _ => word,
    }
}

/// Digits in groups, as far as they can be one number.
struct Groups {
    digits: String,
    /// Where each group ends, and how many digits there are by then.
    ends: Vec<(usize, usize)>,
}

impl Groups {
    fn read(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut groups = Self {
            digits: String::new(),
            ends: Vec::new(),
        };
        let mut at = usize::from(bytes[0] == b'+');
        loop {
            let gap = bytes[at..]
                .iter()
                .take(4)
                .take_while(|byte| SEPARATORS.contains(byte))
                .count();
            let group = bytes[at + gap..]
                .iter()
                .take_while(|byte| byte.is_ascii_digit())
                .count();
            let digits = &text[at + gap..at + gap + group];
            let first = groups.digits.is_empty();
            let end = at + gap + group;
            // A plus sign begins another number; so does a zero with a subscriber's number behind it.
            let goes_on =
                || bytes.get(end + 1).is_some_and(u8::is_ascii_digit) && !bytes[end].is_ascii_alphanumeric();
            let whole = groups.digits.len() >= 7 && group > 2 && digits.starts_with('0');
            let another =
                !first && (text[at..at + gap].contains('+') || (whole && (group >= 7 || goes_on())));
            if group == 0 || gap > 3 || another || groups.digits.len() + group > MOST_DIGITS {
                return groups;
            }
            groups.digits.push_str(digits);
            at = end;
            groups.ends.push((at, groups.digits.len()));
        }
    }
}

struct Number<'t> {
    digits: &'t str,
    written: &'t str,
}

impl Number<'_> {
    /// `+49 …` and `0049 …`.
    fn is_international(&self) -> bool {
        let written = self.written.trim_start_matches('(');
        let (number, marked) = match (written.starts_with('+'), self.digits.strip_prefix("00")) {
            (true, _) => (self.digits, true),
            (false, Some(rest)) if written.starts_with("00") => (rest, false),
            _ => return false,
        };
        let Some(code) = code_length(number) else {
            return false;
        };
        let rest = &number[code..];
        // Many write the zero that is dialled at home: `+49 (0)711`.
        let long_enough = number.len() >= if marked { 8 } else { 10 };
        long_enough && (marked || !rest.starts_with('0') || self.written.contains("(0"))
    }

    /// `0711 …` and `0171 …`: an area or a network, then a subscriber. Without anything between them only a mobile
    /// number is told from others.
    fn is_national(&self) -> bool {
        let written = self.written.trim_start_matches('(');
        let (Some(second), true) = (self.digits.as_bytes().get(1), written.starts_with('0')) else {
            return false;
        };
        let mobile = matches!(self.digits.get(..3), Some("015" | "016" | "017"));
        let special = matches!(self.digits.get(..4), Some("0180"));
        if !(matches!(second, b'2'..=b'9') || mobile || special) || !(7..=13).contains(&self.digits.len()) {
            return false;
        }
        // `(0 89) 12 34` has its area in brackets, and `089/12 34` before the first sign.
        let bracketed = self
            .written
            .strip_prefix('(')
            .and_then(|inside| inside.split_once(')'));
        let front = bracketed.map_or(written, |(area, _)| area).bytes();
        let area = match bracketed {
            Some(_) => front.filter(u8::is_ascii_digit).count(),
            None => front.take_while(u8::is_ascii_digit).count(),
        };
        let parted = (3..=6).contains(&area) && written.len() > area;
        let whole_mobile = mobile && (11..=12).contains(&self.digits.len());
        (parted || whole_mobile) && !self.is_decimal()
    }

    /// `(212) 555-0134` and `1-212-555-0134`.
    fn is_american(&self) -> bool {
        let (written, digits) = match self.written.strip_prefix("1-") {
            Some(rest) => (rest, &self.digits[1..]),
            None => (self.written, self.digits),
        };
        let shape = |character: char| {
            if character.is_ascii_digit() {
                '9'
            } else {
                character
            }
        };
        let shape: String = written.chars().map(shape).collect();
        let known = ["(999) 999-9999", "(999)999-9999", "999-999-9999", "999.999.9999"];
        let area = digits.as_bytes().first().zip(digits.as_bytes().get(3));
        known.contains(&shape.as_str())
            && area.is_some_and(|(area, exchange)| *area > b'1' && *exchange > b'1')
    }

    /// Points alone part dates and amounts as well.
    fn is_decimal(&self) -> bool {
        let groups: Vec<usize> = self.written.split('.').map(str::len).collect();
        groups.len() > 2 && groups.iter().all(|length| *length <= 4) && self.digits.len() <= 8
    }
}

/// How many digits the code of the country has; `None` where there is no such country.
fn code_length(number: &str) -> Option<usize> {
    let short = (1..=2).find(|length| {
        number
            .get(..*length)
            .is_some_and(|code| SHORT_CODES.contains(&code))
    });
    short.or_else(|| (number.len() > 3 && matches!(number.as_bytes()[0], b'2'..=b'9')).then_some(3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_found_as_people_write_them() {
        for (before, text, number) in [
            ("Tel.: ", "+49 (0)711 123 45-67, Frau", "+49 (0)711 123 45-67"),
            ("", "0049 711 1234567", "0049 711 1234567"),
            ("ruf ", "0711/123456-0 an", "0711/123456-0"),
            ("", "(0711) 12 34 56", "(0711) 12 34 56"),
            ("", "0171-1234567 / 0711 7654321", "0171-1234567"),
            ("mobil ", "015112345678", "015112345678"),
            ("", "015112345678", "015112345678"),
            ("Tel ", "123456", "123456"),
            ("call ", "(212) 555-0134 now", "(212) 555-0134"),
            ("", "+1 212 555 0134", "+1 212 555 0134"),
            ("", "+44 20 7946 0958", "+44 20 7946 0958"),
            ("", "020 7946 0958", "020 7946 0958"),
            ("", "+358 9 1234567", "+358 9 1234567"),
        ] {
            let length = read(before, text);
            assert_eq!(
                length.map(|length| &text[..length]),
                Some(number),
                "{before}{text}"
            );
        }
    }

    #[test]
    fn other_numbers_of_commerce_are_left() {
        for (before, text) in [
            ("am ", "02.03.2026"),
            ("PLZ ", "04109"),
            ("", "04109 Leipzig"),
            ("EAN ", "04006381333931"),
            ("Bestellnummer ", "0711-123456"),
            ("Auftrag Nr. ", "0815 471123"),
            ("PO-", "0123456789"),
            ("", "0123456789"),
            ("SAP ", "000000000012345678"),
            ("", "4711 0815"),
            ("", "1,250.00"),
            ("", "+12 %"),
            ("", "00123"),
            ("", "(250) Stück"),
        ] {
            assert_eq!(read(before, text), None, "{before}{text}");
        }
    }
}
