//! The other side: llama.cpp in a process of its own, told what to do over a pipe.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::Duration,
};

use serde_json::{Value, json};

use crate::{ANSWER_TOKENS, CALLER_PROMPT_TOKENS, CALLERS, CONTEXT_TOKENS, Result, script};

/// A loaded model in llama.cpp; the process ends with it.
pub(crate) struct Theirs {
    process: Child,
    requests: ChildStdin,
    answers: BufReader<ChildStdout>,
    /// What reads of weights cost a token.
    pub(crate) weight_bytes: u64,
    /// What each token before costs beside.
    pub(crate) kv_token_bytes: u64,
    /// Memory in use once it is loaded, beyond that of an empty Python.
    pub(crate) loaded_bytes: u64,
}

impl Drop for Theirs {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Theirs {
    pub(crate) fn start(python: &Path, file: &Path, threads: usize) -> Result<Self> {
        let mut process = Command::new(python)
            .arg(script("worker.py"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let requests = process.stdin.take().ok_or("no pipe")?;
        let answers = BufReader::new(process.stdout.take().ok_or("no pipe")?);
        let mut theirs = Self {
            process,
            requests,
            answers,
            weight_bytes: 0,
            kv_token_bytes: 0,
            loaded_bytes: 0,
        };
        let loaded = theirs.ask(&json!({
            "do": "load", "path": file, "threads": threads, "context": CONTEXT_TOKENS,
        }))?;
        let number = |key: &str| {
            loaded[key]
                .as_u64()
                .ok_or_else(|| format!("no {key} in {loaded}"))
        };
        theirs.weight_bytes = number("weight_bytes")?;
        theirs.kv_token_bytes = number("kv_token_bytes")?;
        theirs.loaded_bytes = number("resident_bytes")?;
        Ok(theirs)
    }

    /// Time to read a prompt, time to go on, and memory in use afterwards.
    pub(crate) fn read_and_answer(
        &mut self,
        prompt: usize,
        answer: usize,
    ) -> Result<(Duration, Duration, u64)> {
        let told = self.ask(&json!({"do": "read_and_answer", "prompt": prompt, "answer": answer}))?;
        let resident = told["resident_bytes"].as_u64().ok_or("no resident_bytes")?;
        Ok((seconds(&told, "read_s")?, seconds(&told, "answer_s")?, resident))
    }

    /// Time of so many steps of all callers together.
    pub(crate) fn answer_together(&mut self, answer: usize) -> Result<Duration> {
        let told = self.ask(&json!({
            "do": "answer_together", "callers": CALLERS, "prompt": CALLER_PROMPT_TOKENS, "answer": answer,
        }))?;
        seconds(&told, "answer_s")
    }

    /// Once before anything counts.
    pub(crate) fn warm_up(&mut self) -> Result<()> {
        self.read_and_answer(ANSWER_TOKENS, 4).map(|_| ())
    }

    fn ask(&mut self, request: &Value) -> Result<Value> {
        writeln!(self.requests, "{request}")?;
        let mut line = String::new();
        self.answers.read_line(&mut line)?;
        let answer: Value = serde_json::from_str(&line).map_err(|_| "llama.cpp's process has ended")?;
        match answer.get("error") {
            Some(error) => Err(format!("llama.cpp: {error}").into()),
            None => Ok(answer),
        }
    }
}

fn seconds(answer: &Value, key: &str) -> Result<Duration> {
    let seconds = answer[key]
        .as_f64()
        .ok_or_else(|| format!("no {key} in {answer}"))?;
    Ok(Duration::from_secs_f64(seconds))
}
