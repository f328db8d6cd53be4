//! Kubernetes' quantities, as `500m`, `8Gi` or `4`.

use serde_json::Value;

/// The number that a quantity stands for; none where it is no quantity.
pub(super) fn parse(value: &Value) -> Option<f64> {
    const UNITS: [(&str, f64); 9] = [
        ("Ki", 1024.0),
        ("Mi", 1_048_576.0),
        ("Gi", 1_073_741_824.0),
        ("Ti", 1_099_511_627_776.0),
        ("m", 0.001),
        ("k", 1e3),
        ("M", 1e6),
        ("G", 1e9),
        ("", 1.0),
    ];
    let text = match value {
        Value::Number(number) => return number.as_f64().filter(|number| *number >= 0.0),
        Value::String(text) => text,
        _ => return None,
    };
    let (digits, factor) = UNITS
        .iter()
        .find_map(|(unit, factor)| text.strip_suffix(unit).map(|digits| (digits, factor)))?;
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    plain
        .then(|| digits.parse::<f64>().ok())
        .flatten()
        .map(|number| number * factor)
}

/// Seconds of a duration such as `720h`, `60s` or `5m`.
pub(super) fn seconds(value: &Value) -> Option<u64> {
    let text = value.as_str()?;
    let (number, unit) = text.split_at(text.len().checked_sub(1)?);
    let factor = match unit {
        "h" => 3600,
        "m" => 60,
        "s" => 1,
        _ => return None,
    };
    number.parse::<u64>().ok().map(|number| number * factor)
}

#[test]
fn quantities_are_read_and_others_are_not() {
    for (text, number) in [
        ("500m", 0.5),
        ("8Gi", 8_589_934_592.0),
        ("4", 4.0),
        ("1.5k", 1500.0),
        ("5734Mi", 6_012_534_784.0),
    ] {
        let read = parse(&text.into()).expect(text);
        assert!((read - number).abs() < 1e-6, "{text}: {read}");
    }
    for text in ["100x", "", "Gi", "-1", "1 Gi", "8gi", "1e"] {
        assert_eq!(parse(&text.into()), None, "{text}");
    }
    assert_eq!(seconds(&"720h".into()), Some(2_592_000));
    assert_eq!(seconds(&"720".into()), None);
}
