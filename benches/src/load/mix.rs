//! What is asked: tools and chats by weight, prompts and answers of drawn lengths, callers in turn.

use std::{fmt::Write as _, str::FromStr};

use rand::{Rng as _, rngs::StdRng};
use serde_json::{Value, json};

/// One kind of call and how often it is drawn.
#[derive(Debug, Clone, PartialEq)]
struct Part {
    kind: String,
    weight: u32,
}

/// Lengths, drawn evenly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lengths {
    least: u32,
    most: u32,
}

/// What is asked, and how often.
#[derive(Debug, Clone, PartialEq)]
pub struct Mix {
    parts: Vec<Part>,
    /// Words of a prompt.
    pub words: Lengths,
    /// Bound of a chat's answer, in tokens.
    pub answer_tokens: Lengths,
    /// Callers that take turns at random.
    pub callers: usize,
}

/// One call.
#[derive(Debug, Clone)]
pub struct Ask {
    kind: String,
    /// Which of the callers asks.
    pub caller: usize,
    text: String,
    answer_tokens: u32,
}

/// The kind that goes to `/v1`, as a stream.
pub const CHAT: &str = "chat";
/// The tools that take a text and nothing else.
const TOOLS: [&str; 4] = [
    "classify_ticket",
    "summarize_text",
    "ask_assistant",
    "server_status",
];

impl Default for Mix {
    fn default() -> Self {
        Self {
            parts: vec![
                Part {
                    kind: "classify_ticket".to_owned(),
                    weight: 1,
                },
                Part {
                    kind: CHAT.to_owned(),
                    weight: 1,
                },
            ],
            words: Lengths { least: 10, most: 60 },
            answer_tokens: Lengths { least: 8, most: 32 },
            callers: 1,
        }
    }
}

impl Mix {
    /// Another share of kinds: `classify_ticket=3,chat=1`.
    ///
    /// # Errors
    /// Names the part that is wrong, and the kinds there are.
    pub fn with_kinds(mut self, text: &str) -> Result<Self, String> {
        let known = || {
            format!(
                "kinds are {CHAT}, {}; e.g. classify_ticket=3,chat=1",
                TOOLS.join(", ")
            )
        };
        self.parts = Vec::new();
        for part in text.split(',').map(str::trim) {
            let (kind, weight) = part.split_once('=').unwrap_or((part, "1"));
            if kind != CHAT && !TOOLS.contains(&kind) {
                return Err(format!("`{kind}` is no kind of call; {}", known()));
            }
            let weight = weight
                .parse()
                .map_err(|_| format!("`{weight}` is no weight of {kind}; {}", known()))?;
            self.parts.push(Part {
                kind: kind.to_owned(),
                weight,
            });
        }
        if self.parts.iter().all(|part| part.weight == 0) {
            return Err(format!(
                "all weights are 0, so nothing would be asked; {}",
                known()
            ));
        }
        Ok(self)
    }

    /// Draws one call.
    pub fn draw(&self, random: &mut StdRng) -> Ask {
        let total: u32 = self.parts.iter().map(|part| part.weight).sum();
        let mut at = random.random_range(0..total.max(1));
        let part = self.parts.iter().find(|part| {
            let is_it = at < part.weight;
            at = at.saturating_sub(part.weight);
            is_it
        });
        Ask {
            kind: part.map_or(CHAT, |part| part.kind.as_str()).to_owned(),
            caller: random.random_range(0..self.callers.max(1)),
            text: words(self.words.draw(random), random),
            answer_tokens: self.answer_tokens.draw(random),
        }
    }
}

impl Lengths {
    fn draw(self, random: &mut StdRng) -> u32 {
        random.random_range(self.least..=self.most)
    }
}

impl FromStr for Lengths {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no range: write LEAST-MOST, such as 10-60, from 1 to 100000");
        let (least, most) = text.split_once('-').unwrap_or((text, text));
        let read = |part: &str| {
            part.trim()
                .parse::<u32>()
                .ok()
                .filter(|count| (1..=100_000).contains(count))
        };
        let (least, most) = read(least).zip(read(most)).ok_or_else(wrong)?;
        if least <= most {
            Ok(Self { least, most })
        } else {
            Err(wrong())
        }
    }
}

impl Ask {
    /// Its kind: a tool's name, or [`CHAT`].
    pub fn kind(&self) -> String {
        self.kind.clone()
    }

    /// The body of a chat, streamed.
    pub fn chat(&self, model: &str) -> Value {
        json!({"model": model, "stream": true, "max_tokens": self.answer_tokens,
            "messages": [{"role": "user", "content": self.text}]})
    }

    /// The tool's arguments.
    pub fn arguments(&self) -> Value {
        match self.kind.as_str() {
            "server_status" => json!({}),
            "ask_assistant" => json!({"question": self.text}),
            _ => json!({"text": self.text}),
        }
    }
}

/// A text of that many words, like those of the tickets that tools read.
fn words(count: u32, random: &mut StdRng) -> String {
    const WORDS: [&str; 12] = [
        "order",
        "invoice",
        "delivery",
        "late",
        "please",
        "check",
        "number",
        "Monday",
        "warehouse",
        "customer",
        "return",
        "missing",
    ];
    let mut text = String::from("My order has not arrived.");
    for _ in 5..count {
        let _ = write!(text, " {}", WORDS[random.random_range(0..WORDS.len())]);
    }
    text
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng as _;

    use super::*;

    #[test]
    fn kinds_are_drawn_by_weight() {
        let mix = Mix::default()
            .with_kinds("classify_ticket=3,chat,server_status=0")
            .expect("well formed");
        let mut random = StdRng::seed_from_u64(1);
        let drawn: Vec<Ask> = (0..4_000).map(|_| mix.draw(&mut random)).collect();
        let count = |kind: &str| drawn.iter().filter(|ask| ask.kind() == kind).count();
        assert!(
            (2_850..3_150).contains(&count("classify_ticket")),
            "{}",
            count("classify_ticket")
        );
        assert_eq!(
            (count("server_status"), count("chat") + count("classify_ticket")),
            (0, 4_000)
        );
        let lengths = drawn.iter().map(|ask| ask.text.split(' ').count());
        assert_eq!((lengths.clone().min(), lengths.max()), (Some(10), Some(60)));
    }

    #[test]
    fn what_is_wrong_is_named_with_what_there_is() {
        for (text, wanted) in [
            ("chats=1", "`chats`"),
            ("chat=x", "`x`"),
            ("chat=0", "all weights"),
            ("", "``"),
        ] {
            let error = Mix::default().with_kinds(text).expect_err(text);
            assert!(
                error.contains(wanted) && error.contains("classify_ticket"),
                "{error}"
            );
        }
        for text in ["", "0", "9-3", "1-x", "1-999999999"] {
            assert!(text.parse::<Lengths>().expect_err(text).contains("LEAST-MOST"));
        }
        assert_eq!("7".parse::<Lengths>(), Ok(Lengths { least: 7, most: 7 }));
    }
}
