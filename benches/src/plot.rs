//! Line charts as SVG, and one HTML page that holds them: nothing is fetched, so a report can be mailed.

use std::fmt::Write as _;

use anyhow::{Result, anyhow};
use plotters::prelude::*;

/// One line of a chart.
#[derive(Debug, Clone)]
pub struct Series {
    /// What it is.
    pub label: String,
    /// Its points, in order.
    pub points: Vec<(f64, f64)>,
    /// Whether it jumps from point to point (counts do), or goes straight.
    pub steps: bool,
}

/// Several lines over the same time.
#[derive(Debug, Clone)]
pub struct Chart {
    /// Above it.
    pub title: String,
    /// What goes to the right.
    pub x: String,
    /// What goes up.
    pub y: String,
    /// The lines.
    pub series: Vec<Series>,
}

impl Chart {
    /// Several lines over the seconds of a run.
    pub fn over_seconds(title: &str, y: &str, series: Vec<Series>) -> Self {
        Self {
            title: title.to_owned(),
            x: "seconds".to_owned(),
            y: y.to_owned(),
            series,
        }
    }
}

const SIZE: (u32, u32) = (900, 280);
/// More points than pixels show nothing.
const POINTS_MAX: usize = 1_200;
/// Colours that people with colour blindness tell apart (Okabe and Ito).
const COLOURS: [RGBColor; 5] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(86, 86, 86),
];

impl Chart {
    /// Draws it.
    pub fn svg(&self) -> Result<String> {
        let mut text = String::new();
        self.draw(&mut text)
            .map_err(|error| anyhow!("{}: cannot be drawn: {error}", self.title))?;
        text.push('\n');
        Ok(text)
    }

    fn draw(&self, text: &mut String) -> std::result::Result<(), Box<dyn std::error::Error + '_>> {
        let all = || self.series.iter().flat_map(|series| &series.points);
        let right = all().map(|(x, _)| *x).fold(1e-9, f64::max);
        let top = all().map(|(_, y)| *y).fold(1e-9, f64::max) * 1.08;
        let area = SVGBackend::with_string(text, SIZE).into_drawing_area();
        area.fill(&WHITE)?;
        let mut chart = ChartBuilder::on(&area)
            .caption(&self.title, ("sans-serif", 17))
            .margin(10)
            .x_label_area_size(38)
            .y_label_area_size(64)
            .build_cartesian_2d(0.0..right, 0.0..top)?;
        chart
            .configure_mesh()
            .x_desc(&self.x)
            .y_desc(&self.y)
            .light_line_style(WHITE)
            .bold_line_style(BLACK.mix(0.1))
            .draw()?;
        for (series, colour) in self.series.iter().zip(COLOURS.iter().cycle()) {
            let line = LineSeries::new(series.drawn(), colour.stroke_width(2));
            chart
                .draw_series(line)?
                .label(&series.label)
                .legend(move |(x, y)| PathElement::new(vec![(x, y), (x + 18, y)], colour.stroke_width(2)));
        }
        chart
            .configure_series_labels()
            .position(SeriesLabelPosition::UpperLeft)
            .background_style(WHITE.mix(0.8))
            .border_style(BLACK.mix(0.2))
            .draw()?;
        area.present()?;
        Ok(())
    }
}

impl Series {
    fn drawn(&self) -> Vec<(f64, f64)> {
        let every = self.points.len().div_ceil(POINTS_MAX).max(1);
        // The highest of those that share a pixel: peaks are what people look for.
        let thinned = self.points.chunks(every).filter_map(|near| {
            let highest = near.iter().max_by(|one, other| one.1.total_cmp(&other.1));
            highest.copied()
        });
        let mut points: Vec<(f64, f64)> = Vec::new();
        for (x, y) in thinned {
            if let (true, Some((_, before))) = (self.steps, points.last().copied()) {
                points.push((x, before));
            }
            points.push((x, y));
        }
        points
    }
}

/// A page that holds everything it shows.
#[derive(Debug, Clone, Default)]
pub struct Page {
    title: String,
    body: String,
}

impl Page {
    /// An empty one.
    pub fn new(title: &str) -> Self {
        Self {
            title: title.to_owned(),
            body: String::new(),
        }
    }

    /// Adds a paragraph.
    pub fn paragraph(&mut self, text: &str) {
        let _ = writeln!(self.body, "<p>{}</p>", escape(text));
    }

    /// Adds a table.
    pub fn table(&mut self, head: &[&str], rows: &[Vec<String>]) {
        self.body.push_str("<table><tr>");
        for cell in head {
            let _ = write!(self.body, "<th>{}</th>", escape(cell));
        }
        for row in rows {
            self.body.push_str("</tr>\n<tr>");
            for cell in row {
                let _ = write!(self.body, "<td>{}</td>", escape(cell));
            }
        }
        self.body.push_str("</tr></table>\n");
    }

    /// Adds a chart.
    pub fn chart(&mut self, chart: &Chart) -> Result<()> {
        self.body.push_str(&chart.svg()?);
        Ok(())
    }

    /// The whole page.
    pub fn html(&self) -> String {
        let (title, body) = (escape(&self.title), &self.body);
        format!(
            "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>\n<style>\
             body{{font:15px/1.5 sans-serif;max-width:940px;margin:2em auto;color:#222}}\
             table{{border-collapse:collapse;margin:1em 0}}td,th{{padding:.25em .8em;border-bottom:1px solid #ddd;\
             text-align:right}}td:first-child,th:first-child{{text-align:left}}svg{{margin:.6em 0;max-width:100%}}\
             </style></head>\n<body><h1>{title}</h1>\n{body}</body></html>\n"
        )
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(points: Vec<(f64, f64)>) -> Chart {
        Chart {
            title: "Pods & \"queue\"".to_owned(),
            x: "minutes".to_owned(),
            y: "pods".to_owned(),
            series: vec![Series {
                label: "live".to_owned(),
                points,
                steps: true,
            }],
        }
    }

    #[test]
    fn a_page_holds_all_it_shows_and_escapes_what_it_is_given() {
        let mut page = Page::new("<b>");
        page.chart(&chart(vec![(0.0, 2.0), (1.0, 8.0)]))
            .expect("it can be drawn");
        page.table(&["a"], &[vec!["<script>".to_owned()]]);
        let html = page.html();
        assert!(
            html.contains("<svg") && html.contains("&lt;script&gt;") && html.contains("<h1>&lt;b&gt;</h1>")
        );
        for fetched in ["src=", "href=", "@import", "<script"] {
            assert!(!html.contains(fetched), "{fetched}");
        }
    }

    #[test]
    fn nothing_and_very_much_can_be_drawn() {
        chart(Vec::new()).svg().expect("an empty chart");
        let many: Vec<_> = (0..100_000)
            .map(|index| (f64::from(index), f64::from(index % 7)))
            .collect();
        let series = Series {
            label: String::new(),
            points: many,
            steps: false,
        };
        assert!(series.drawn().len() <= POINTS_MAX);
        assert!(series.drawn().iter().any(|(_, y)| *y > 5.9), "peaks stay");
        let steps = Series {
            label: String::new(),
            points: vec![(0.0, 2.0), (1.0, 4.0)],
            steps: true,
        };
        assert_eq!(steps.drawn(), [(0.0, 2.0), (1.0, 2.0), (1.0, 4.0)]);
    }
}
