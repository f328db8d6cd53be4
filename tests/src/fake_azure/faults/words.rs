//! Reads and writes the words of a fault.

use std::{fmt, str::FromStr, time::Duration};

use super::{Ending, Fault, Filter, Midway};

impl Fault {
    fn set(&mut self, item: &str) -> Result<(), String> {
        let mut parts = item.split(';');
        let (name, value) = match parts.next().unwrap_or_default().split_once('=') {
            Some((name, value)) => (name.trim(), Some(value.trim())),
            None => (item.split(';').next().unwrap_or_default().trim(), None),
        };
        let number = || -> Result<usize, String> {
            let text = value.ok_or_else(|| format!("fault `{name}` needs a number: `{name}=3`"))?;
            text.parse()
                .map_err(|_| format!("fault `{name}`: `{text}` is no number"))
        };
        let wait = || number().map(|ms| Some(Duration::from_millis(ms as u64)));
        match name {
            "status" => {
                let code = u16::try_from(number()?)
                    .ok()
                    .filter(|code| (400..600).contains(code));
                let mut fault = Self::status(code.ok_or("fault `status` takes 400 to 599")?);
                for part in parts {
                    let (key, value) = part
                        .split_once('=')
                        .ok_or_else(|| format!("`{part}` is no `key=value`"))?;
                    let status = fault.status.as_mut().expect("set just above");
                    match key.trim() {
                        "code" => status.error_code = Some(value.to_owned()),
                        "body" => status.body = Some(value.to_owned()),
                        header => status.headers.push((header.to_owned(), value.to_owned())),
                    }
                }
                self.status = fault.status;
            }
            "delay" => self.delay_head = wait()?,
            "first-byte" => self.delay_body = wait()?,
            "trickle" => self.trickle = wait()?,
            "silent" => self.before_head = Some(Ending::Silent),
            "close" if value.is_none() => self.before_head = Some(Ending::Close),
            "reset" if value.is_none() => self.before_head = Some(Ending::Reset),
            "stall" => self.midway = Some((number()?, Midway::Stall)),
            "cut" => self.midway = Some((number()?, Midway::Cut)),
            "close" => self.midway = Some((number()?, Midway::Close)),
            "reset" => self.midway = Some((number()?, Midway::Reset)),
            "malformed" => self.midway = Some((number()?, Midway::Malformed)),
            "garbage" => self.midway = Some((number()?, Midway::Garbage)),
            "fragment" => self.fragment = true,
            "no-done" => self.omit_done = true,
            "no-usage" => self.omit_usage = true,
            "filter-prompt" => self.filter = Some(Filter::Prompt),
            "filter-answer" => self.filter = Some(Filter::Answer),
            "filter-error" => self.filter = Some(Filter::Unavailable),
            _ => return Err(format!("unknown fault `{name}`")),
        }
        Ok(())
    }
}

impl FromStr for Fault {
    type Err = String;

    fn from_str(words: &str) -> Result<Self, Self::Err> {
        let mut fault = Self::default();
        // `answer=` takes the rest, commas and all.
        let (items, answer) = match words.split_once("answer=") {
            Some((items, answer)) => (items, Some(answer)),
            None => (words, None),
        };
        fault.answer = answer.map(str::to_owned);
        for item in items.split(',').map(str::trim).filter(|item| !item.is_empty()) {
            fault.set(item)?;
        }
        if fault == Self::default() {
            Err("an empty fault".to_owned())
        } else {
            Ok(fault)
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut items = Vec::new();
        if let Some(status) = &self.status {
            let mut item = format!("status={}", status.code);
            let named = [("code", &status.error_code), ("body", &status.body)];
            let named = named
                .into_iter()
                .filter_map(|(key, value)| Some((key, value.as_deref()?)));
            let headers = status
                .headers
                .iter()
                .map(|(key, value)| (key.as_str(), value.as_str()));
            for (key, value) in named.chain(headers) {
                item.extend([";", key, "=", value]);
            }
            items.push(item);
        }
        let waits = [
            ("delay", self.delay_head),
            ("first-byte", self.delay_body),
            ("trickle", self.trickle),
        ];
        items.extend(
            waits
                .iter()
                .filter_map(|(name, wait)| Some(format!("{name}={}", (*wait)?.as_millis()))),
        );
        items.extend(self.before_head.map(|ending| match ending {
            Ending::Silent => "silent".to_owned(),
            Ending::Close => "close".to_owned(),
            Ending::Reset => "reset".to_owned(),
        }));
        items.extend(self.midway.map(|(chunks, what)| {
            let name = match what {
                Midway::Stall => "stall",
                Midway::Cut => "cut",
                Midway::Close => "close",
                Midway::Reset => "reset",
                Midway::Malformed => "malformed",
                Midway::Garbage => "garbage",
            };
            format!("{name}={chunks}")
        }));
        let flags = [
            ("fragment", self.fragment),
            ("no-done", self.omit_done),
            ("no-usage", self.omit_usage),
        ];
        items.extend(
            flags
                .iter()
                .filter(|(_, on)| *on)
                .map(|(name, _)| (*name).to_owned()),
        );
        items.extend(self.filter.map(|filter| match filter {
            Filter::Prompt => "filter-prompt".to_owned(),
            Filter::Answer => "filter-answer".to_owned(),
            Filter::Unavailable => "filter-error".to_owned(),
        }));
        items.extend(self.answer.as_ref().map(|answer| format!("answer={answer}")));
        f.write_str(&items.join(","))
    }
}
