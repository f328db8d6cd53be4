//! Quantities as Kubernetes writes them: `100`, `500m`, `5734Mi`, `1.5Gi`, `2e3`.

use std::{fmt, str::FromStr};

use super::{real, whole};

/// An amount in thousandths, the finest that an autoscaler counts in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Quantity {
    milli: i64,
}

const SUFFIXES: [(&str, f64); 14] = [
    ("Ki", 1_024.0),
    ("Mi", 1_048_576.0),
    ("Gi", 1_073_741_824.0),
    ("Ti", 1_099_511_627_776.0),
    ("Pi", 1_125_899_906_842_624.0),
    ("n", 1e-9),
    ("u", 1e-6),
    ("m", 1e-3),
    ("k", 1e3),
    ("M", 1e6),
    ("G", 1e9),
    ("T", 1e12),
    ("P", 1e15),
    ("", 1.0),
];

impl Quantity {
    /// So many thousandths.
    pub const fn from_milli(milli: i64) -> Self {
        Self { milli }
    }

    /// So many whole units; what does not fit is cut off at the largest.
    pub fn from_units(units: f64) -> Self {
        Self {
            milli: whole(units * 1_000.0),
        }
    }

    /// In thousandths.
    pub const fn milli(self) -> i64 {
        self.milli
    }

    /// In units, with a fraction.
    pub fn units(self) -> f64 {
        real(self.milli) / 1_000.0
    }
}

impl FromStr for Quantity {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "`{text}` is no quantity: write a number with a suffix of Kubernetes, such as 100, 500m or 8Gi"
            )
        };
        let (suffix, factor) = SUFFIXES
            .iter()
            .find(|(suffix, _)| text.ends_with(suffix))
            .ok_or_else(wrong)?;
        let number: f64 = text[..text.len() - suffix.len()].parse().map_err(|_| wrong())?;
        // Rounded up to a thousandth, as the API server does.
        let milli = (number * factor * 1_000.0 - 1e-9).ceil();
        if !number.is_finite() || number < 0.0 || milli > 9.0e15 {
            return Err(wrong());
        }
        Ok(Self { milli: whole(milli) })
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        const MEBIBYTE: i64 = 1_048_576;
        let (whole, rest) = (self.milli / 1_000, self.milli % 1_000);
        match (whole, rest) {
            (whole, 0) if whole >= MEBIBYTE && whole % MEBIBYTE == 0 => {
                write!(formatter, "{}Mi", whole / MEBIBYTE)
            }
            (whole, 0) => write!(formatter, "{whole}"),
            _ => write!(formatter, "{}m", self.milli),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_kubernetes_writes_is_read() {
        for (text, milli, shown) in [
            ("100", 100_000, "100"),
            ("500m", 500, "500m"),
            ("0.5", 500, "500m"),
            ("4", 4_000, "4"),
            ("1Gi", 1_073_741_824_000, "1024Mi"),
            ("5734Mi", 6_012_534_784_000, "5734Mi"),
            ("1.5Gi", 1_610_612_736_000, "1536Mi"),
            ("2e3", 2_000_000, "2000"),
            ("1k", 1_000_000, "1000"),
            ("100u", 1, "1m"),
        ] {
            let quantity: Quantity = text.parse().expect(text);
            assert_eq!(
                (quantity.milli(), quantity.to_string().as_str()),
                (milli, shown),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_no_quantity_is_refused_with_the_fix() {
        for text in ["", "100x", "Gi", "-1", "1 Gi", "NaN", "inf", "1e30", "8gi"] {
            let error = text.parse::<Quantity>().expect_err(text);
            assert!(error.contains("8Gi") && error.contains(text), "{error}");
        }
    }
}
