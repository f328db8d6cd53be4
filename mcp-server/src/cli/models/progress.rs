//! How far something long has come: a bar on a terminal, otherwise a line per tenth.

use std::{io::IsTerminal, time::Duration};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::cli::output;

pub(super) enum Progress {
    Bar(ProgressBar),
    Lines { what: String, tenths: u64 },
}

impl Progress {
    pub(super) fn new(what: &str) -> Self {
        if !std::io::stderr().is_terminal() {
            return Self::Lines {
                what: what.to_owned(),
                tenths: 0,
            };
        }
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(10))
            .with_message(what.to_owned());
        let style = "{msg} {bar:30} {bytes}/{total_bytes} {bytes_per_sec} {eta}";
        bar.set_style(ProgressStyle::with_template(style).unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.enable_steady_tick(Duration::from_millis(200));
        Self::Bar(bar)
    }

    pub(super) fn at(&mut self, done: u64, total: Option<u64>) {
        match self {
            Self::Bar(bar) => {
                if let Some(total) = total {
                    bar.set_length(total);
                }
                bar.set_position(done);
            }
            Self::Lines { what, tenths } => {
                let Some(total) = total.filter(|total| *total > 0) else {
                    return;
                };
                let now = (done.saturating_mul(10) / total).min(10);
                if now > *tenths {
                    *tenths = now;
                    output::error_line(&format!("{what}: {} % of {}", now * 10, output::bytes(total)));
                }
            }
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Self::Bar(bar) = self {
            bar.finish_and_clear();
        }
    }
}
