//! Reads SPDX licence expressions, such as `(MIT OR Apache-2.0) AND Unicode-3.0`.

/// Whether the expression can be met with allowed licences alone.
///
/// # Errors
/// Fails on text that is no expression.
pub(crate) fn is_met(expression: &str, allowed: &dyn Fn(&str) -> bool) -> Result<bool, String> {
    // Old crates write `MIT/Apache-2.0`.
    let spaced = expression
        .replace('/', " OR ")
        .replace('(', " ( ")
        .replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut reader = Reader {
        words: &words,
        allowed,
    };
    let met = reader.either()?;
    if reader.words.is_empty() {
        Ok(met)
    } else {
        Err(format!("unexpected {:?}", reader.words[0]))
    }
}

struct Reader<'a> {
    words: &'a [&'a str],
    allowed: &'a dyn Fn(&str) -> bool,
}

impl<'a> Reader<'a> {
    fn either(&mut self) -> Result<bool, String> {
        let mut met = self.both()?;
        while self.take("OR") {
            met |= self.both()?;
        }
        Ok(met)
    }

    fn both(&mut self) -> Result<bool, String> {
        let mut met = self.single()?;
        while self.take("AND") {
            met &= self.single()?;
        }
        Ok(met)
    }

    fn single(&mut self) -> Result<bool, String> {
        if self.take("(") {
            let met = self.either()?;
            return if self.take(")") {
                Ok(met)
            } else {
                Err("a bracket is not closed".to_owned())
            };
        }
        let licence = self.name()?;
        if self.take("WITH") {
            let exception = self.name()?;
            return Ok((self.allowed)(&format!("{licence} WITH {exception}")));
        }
        Ok((self.allowed)(licence))
    }

    fn name(&mut self) -> Result<&'a str, String> {
        let (first, rest) = self.words.split_first().ok_or("it ends too early")?;
        if ["OR", "AND", "WITH", "(", ")"].contains(first) {
            return Err(format!("unexpected {first:?}"));
        }
        self.words = rest;
        Ok(first)
    }

    fn take(&mut self, word: &str) -> bool {
        let taken = self.words.first() == Some(&word);
        if taken {
            self.words = &self.words[1..];
        }
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_weighed() {
        let allowed =
            |licence: &str| ["MIT", "Unicode-3.0", "Apache-2.0 WITH LLVM-exception"].contains(&licence);
        let cases = [
            ("MIT", true),
            ("GPL-3.0-only", false),
            ("MIT OR GPL-3.0-only", true),
            ("GPL-3.0-only/MIT", true),
            ("MIT AND GPL-3.0-only", false),
            ("(MIT OR GPL-3.0-only) AND Unicode-3.0", true),
            ("GPL-3.0-only OR MIT AND ISC", false),
            ("Apache-2.0 WITH LLVM-exception", true),
            ("Apache-2.0", false),
        ];
        for (expression, wanted) in cases {
            assert_eq!(is_met(expression, &allowed), Ok(wanted), "{expression}");
        }
    }

    #[test]
    fn nonsense_is_refused() {
        for expression in [
            "",
            "MIT OR",
            "(MIT",
            "MIT)",
            "AND MIT",
            "MIT Apache-2.0",
            "MIT WITH",
        ] {
            assert!(is_met(expression, &|_| true).is_err(), "{expression:?}");
        }
    }
}
