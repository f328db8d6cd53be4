//! Finds values that are known by their form: one pass over the numbers and names of a text, one over its addresses.

use std::{
    net::{Ipv4Addr, Ipv6Addr},
    ops::Range,
    sync::LazyLock,
};

use regex::Regex;

use super::{
    checksums::{iban_length, is_card, is_iban, is_vat_id, vat_lengths},
    kinds::{Kind, Kinds},
    phone,
};

/// An address; also with the sign between its halves written out, or as a link has it.
static EMAIL: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r"[\p{L}\p{N}_.+%&'-]*[\p{L}\p{N}_](?:@|%40| ?[(\[]at[)\]] ?)(?:[\p{L}\p{N}-]+\.)+\p{L}[\p{L}\p{N}-]*\p{L}";
    Regex::new(pattern).expect("a constant pattern, which tests compile")
});

/// Finds all values of these kinds in a folded text. They may touch, and overlap.
pub(super) fn find(text: &str, kinds: Kinds, mut found: impl FnMut(Range<usize>, Kind)) {
    if kinds.contains(Kind::Email) && (text.contains(['@', '(', '[']) || text.contains("%40")) {
        for address in EMAIL.find_iter(text) {
            let quote = address.as_str().len()
                - address
                    .as_str()
                    .trim_start_matches(['\'', '.', '-', '%', '&'])
                    .len();
            found(address.start() + quote..address.end(), Kind::Email);
        }
    }
    if text.bytes().any(|byte| byte.is_ascii_digit()) {
        find_numbers(text, kinds, &mut found);
    }
}

/// Looks at each place where a number, or a name that is one, may begin.
fn find_numbers(text: &str, kinds: Kinds, found: &mut impl FnMut(Range<usize>, Kind)) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let byte = bytes[at];
        let may_begin = byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'(' | b':');
        if !may_begin || !begins(text, at) {
            at += 1;
            continue;
        }
        let word = bytes[at..]
            .iter()
            .take_while(|byte| byte.is_ascii_alphanumeric())
            .count();
        let number = may_be_number(&bytes[at..], word)
            .then(|| read_number(text, at, kinds))
            .flatten();
        if let Some((length, kind)) = number {
            found(at..at + length, kind);
            at += length;
        } else {
            // The rest of a word begins nothing.
            at += word.max(1);
        }
    }
}

/// Whether a word can begin a number: it has a digit, is the country of a VAT id, or the first group of an address.
fn may_be_number(bytes: &[u8], word: usize) -> bool {
    let country = (2..=3).contains(&word) && bytes[0].is_ascii_uppercase();
    word == 0 || country || bytes.get(word) == Some(&b':') || bytes[..word].iter().any(u8::is_ascii_digit)
}

/// What begins here, and how long it is.
fn read_number(text: &str, at: usize, kinds: Kinds) -> Option<(usize, Kind)> {
    let (before, rest) = text.split_at(at);
    let reader = |kind: Kind| match kind {
        Kind::Iban => iban(rest),
        Kind::VatId => vat_id(rest),
        Kind::Ip => ipv4(before, rest).or_else(|| ipv6(rest)),
        Kind::Card => card(rest),
        Kind::Phone => phone::read(before, rest),
        Kind::Email => None,
    };
    // What is surer comes first.
    [Kind::Iban, Kind::VatId, Kind::Ip, Kind::Card, Kind::Phone]
        .into_iter()
        .filter(|kind| kinds.contains(*kind))
        .find_map(|kind| reader(kind).map(|length| (length, kind)))
}

/// Whether no word goes on here.
fn begins(text: &str, at: usize) -> bool {
    !text[..at].ends_with(char::is_alphanumeric)
}

/// Whether a word ends here.
pub(super) fn ends(text: &str, at: usize) -> bool {
    !text[at..].starts_with(char::is_alphanumeric)
}

/// How many digits come before anything that is neither a digit nor one of these: most numbers are too short to be looked
/// at any closer.
pub(super) fn digits_ahead(text: &str, separators: &[u8]) -> usize {
    let near = text.bytes().take(48);
    near.take_while(|byte| byte.is_ascii_digit() || separators.contains(byte))
        .filter(u8::is_ascii_digit)
        .count()
}

/// The letters and digits from here on, capital, at most so many, and where each ends: single separators stand between
/// them.
fn spelled(text: &str, most: usize, separators: &[u8]) -> (String, Vec<usize>) {
    let (mut letters, mut ends) = (String::new(), Vec::new());
    let mut separated = true;
    for (at, byte) in text.bytes().enumerate() {
        if byte.is_ascii_alphanumeric() && letters.len() < most {
            letters.push(char::from(byte.to_ascii_uppercase()));
            ends.push(at + 1);
            separated = false;
        } else if !separated && separators.contains(&byte) {
            separated = true;
        } else {
            break;
        }
    }
    (letters, ends)
}

fn iban(text: &str) -> Option<usize> {
    let front = text.as_bytes().get(..4)?;
    let shaped = front[..2].iter().all(u8::is_ascii_alphabetic) && front[2..].iter().all(u8::is_ascii_digit);
    let length = shaped
        .then(|| iban_length(&text[..2].to_ascii_uppercase()))
        .flatten()?;
    let (letters, ends_at) = spelled(text, length, b" -.");
    let end = *ends_at.last()?;
    (is_iban(&letters) && ends(text, end)).then_some(end)
}

fn vat_id(text: &str) -> Option<usize> {
    if !text.starts_with(|first: char| first.is_ascii_uppercase()) {
        return None;
    }
    let (country, lengths) = vat_lengths(text)?;
    let rest = &text[country.len()..];
    let gap = rest.len() - rest.trim_start_matches([' ', '-', '.']).len();
    if gap > 1 {
        return None;
    }
    let (letters, ends_at) = spelled(&rest[gap..], *lengths.last()?, b" .-");
    lengths.iter().rev().find_map(|length| {
        let end = country.len() + gap + ends_at.get(length - 1)?;
        (ends(text, end) && is_vat_id(country, &letters[..*length])).then_some(end)
    })
}

fn card(text: &str) -> Option<usize> {
    if !text.starts_with(|first: char| first.is_ascii_digit()) || digits_ahead(text, b" -") < 14 {
        return None;
    }
    let (letters, ends_at) = spelled(text, 19, b" -");
    let digits = letters.bytes().take_while(u8::is_ascii_digit).count();
    (14..=digits).rev().find_map(|length| {
        let end = ends_at[length - 1];
        (ends(text, end) && is_card(&letters[..length])).then_some(end)
    })
}

fn ipv4(before: &str, text: &str) -> Option<usize> {
    let shaped = |byte: &u8| byte.is_ascii_digit() || *byte == b'.';
    let length = text.bytes().take(16).take_while(|byte| shaped(byte)).count();
    let length = text[..length].trim_end_matches('.').len();
    let address: Ipv4Addr = text[..length].parse().ok()?;
    let version = before
        .trim_end_matches([' ', '.', ':'])
        .rsplit(char::is_whitespace)
        .next()
        .is_some_and(|word| {
            matches!(
                word.to_ascii_lowercase().as_str(),
                "version" | "ver" | "v" | "release" | "build" | "firmware"
            )
        });
    let names_nobody = address.is_unspecified() || address.is_loopback() || address.octets()[0] == 255;
    (ends(text, length) && !before.ends_with('.') && !version && !names_nobody).then_some(length)
}

fn ipv6(text: &str) -> Option<usize> {
    let shaped = |byte: u8| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.');
    let length = text.bytes().take(46).take_while(|byte| shaped(*byte)).count();
    if text[..length].matches(':').count() < 2 {
        return None;
    }
    // A colon may belong to the sentence.
    let trimmed = text[..length].trim_end_matches('.');
    let candidates = [trimmed, trimmed.strip_suffix(':').unwrap_or(trimmed)];
    candidates.into_iter().find_map(|candidate| {
        let address: Ipv6Addr = candidate.parse().ok()?;
        let groups = candidate.split(':').filter(|group| !group.is_empty()).count();
        let digits = candidate.bytes().any(|byte| byte.is_ascii_digit());
        let names_somebody = groups > 1 && digits && !address.is_loopback();
        (names_somebody && ends(text, candidate.len())).then_some(candidate.len())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Vec<(&str, Kind)> {
        let mut all = Vec::new();
        find(text, Kinds::all(), |range, kind| all.push((&text[range], kind)));
        all
    }

    #[test]
    fn values_are_found_in_any_of_their_spellings() {
        for (text, value, kind) in [
            (
                "an <anna.maier+b2b@mail.firma-nord.de>, bitte",
                "anna.maier+b2b@mail.firma-nord.de",
                Kind::Email,
            ),
            ("'o'neil@shop.ie'", "o'neil@shop.ie", Kind::Email),
            ("info (at) firma.de", "info (at) firma.de", Kind::Email),
            ("mailto:a%40b.example.com?x", "a%40b.example.com", Kind::Email),
            ("müller@bücher.example", "müller@bücher.example", Kind::Email),
            (
                "IBAN DE89 3704 0044 0532 0130 00.",
                "DE89 3704 0044 0532 0130 00",
                Kind::Iban,
            ),
            (
                "iban:de89370400440532013000 bei",
                "de89370400440532013000",
                Kind::Iban,
            ),
            ("USt-IdNr. DE 136 695 976", "DE 136 695 976", Kind::VatId),
            ("CHE-107.787.577 MWST", "CHE-107.787.577", Kind::VatId),
            ("ATU13585627", "ATU13585627", Kind::VatId),
            (
                "card 4111 1111 1111 1111 12/27",
                "4111 1111 1111 1111",
                Kind::Card,
            ),
            ("{\"card\":4111111111111111}", "4111111111111111", Kind::Card),
            ("from 192.168.10.42:8080", "192.168.10.42", Kind::Ip),
            (
                "[2001:db8::8a2e:370:7334]:443",
                "2001:db8::8a2e:370:7334",
                Kind::Ip,
            ),
            ("at 2001:db8::1: refused", "2001:db8::1", Kind::Ip),
        ] {
            assert_eq!(all(text), [(value, kind)], "{text}");
        }
    }

    #[test]
    fn what_only_looks_like_one_is_left() {
        for text in [
            "DE89370400440532013001",
            "DE136695977",
            "4111 1111 1111 1112",
            "Version 10.2.3.4",
            "v1.2.3.4",
            "999.1.2.3",
            "1.2.3.4.5",
            "127.0.0.1",
            "12:30:45",
            "std::io::be::ef",
            "::1",
            "@firma.de, 3 @ 5",
            "x@y",
        ] {
            assert_eq!(all(text), [], "{text}");
        }
    }
}
