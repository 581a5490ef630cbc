//! A plot as SVG: figures over the number of connections, a line for each server.
//!
//! Every server has a colour and a marker of its own, so that the lines can be told apart without
//! colours, too; bars show the extremes over the rounds. The style comes with the image, which so
//! follows the reader's choice between light and dark wherever it is shown.

use std::fmt::Write as _;

use common::tr;
use maud::{Markup, PreEscaped, html};

use super::axis::Scale;
use super::figures::Spread;
use super::numbers::{count, plain, spread};

/// Distances, in pixels of an image that is not scaled.
const WIDTH: f64 = 840.0;
const HEIGHT: f64 = 400.0;
const LEFT: f64 = 85.0;
const RIGHT: f64 = 590.0;
const TOP: f64 = 45.0;
const BOTTOM: f64 = 345.0;

/// Between the axis and the first point.
const INSET: f64 = 25.0;

/// Between the labels of an axis.
const ROOM: f64 = 45.0;

/// Between two lines of the legend.
const LEGEND_LINE: f64 = 19.0;

/// Colours in the style sheet; not as many as there are markers, so that each pair comes but once.
const N_COLOURS: usize = 8;

/// Around the point: circle, square, triangle, diamond, cross, triangle upside down, plus.
const MARKERS: [&str; 7] = [
    "M-4,0a4,4 0 1,0 8,0a4,4 0 1,0 -8,0z",
    "M-4,-4h8v8h-8z",
    "M0,-5l5,9h-10z",
    "M0,-5.5l5.5,5.5l-5.5,5.5l-5.5,-5.5z",
    "M-4,-4l8,8M-4,4l8,-8",
    "M0,5l5,-9h-10z",
    "M-5,0h10M0,-5v10",
];

/// What is to be seen.
pub(crate) struct Plot {
    /// Name of the file, without extension.
    pub(crate) file: &'static str,
    pub(crate) title: String,
    /// With the unit.
    pub(crate) y_title: String,
    pub(crate) y: Scale,
    /// In ascending order.
    pub(crate) connections: Vec<usize>,
    pub(crate) series: Vec<Series>,
}

/// One server.
pub(crate) struct Series {
    pub(crate) name: String,
    /// For each number of connections.
    pub(crate) values: Vec<Option<Spread>>,
}

/// The image, good for a page and for a file of its own.
pub(crate) fn svg(plot: &Plot) -> Markup {
    let x = x_scale(plot);
    html! {
        svg.plot xmlns="http://www.w3.org/2000/svg" viewBox={ "0 0 " (WIDTH) " " (HEIGHT) }
            width=(WIDTH) height=(HEIGHT) role="img" aria-label=(plot.title) {
            style { (PreEscaped(include_str!("plot.css"))) }
            rect.back width=(WIDTH) height=(HEIGHT) {}
            text.title x=(LEFT) y="25" { (plot.title) }
            (y_axis(plot))
            (x_axis(plot, &x))
            @for index in 0..plot.series.len() { (series(plot, &x, index)) }
            @for (index, server) in plot.series.iter().enumerate() { (legend(index, &server.name)) }
        }
    }
}

fn x_scale(plot: &Plot) -> Scale {
    let at = |connections: Option<&usize>| connections.map_or(1.0, |n| *n as f64);
    Scale::between(at(plot.connections.first()), at(plot.connections.last()))
}

fn x_of(scale: &Scale, connections: usize) -> f64 {
    LEFT + INSET + (RIGHT - LEFT - 2.0 * INSET) * scale.place(connections as f64)
}

fn y_of(scale: &Scale, value: f64) -> f64 {
    BOTTOM - (BOTTOM - TOP) * scale.place(value)
}

fn y_axis(plot: &Plot) -> Markup {
    let middle = f64::midpoint(TOP, BOTTOM);
    html! {
        @for tick in plot.y.ticks() {
            @let y = y_of(&plot.y, tick);
            line.grid x1=(LEFT) x2=(RIGHT) y1=(px(y)) y2=(px(y)) {}
            text x=(LEFT - 8.0) y=(px(y + 4.0)) text-anchor="end" { (plain(tick)) }
        }
        text transform={ "translate(18 " (middle) ") rotate(-90)" } text-anchor="middle" { (plot.y_title) }
    }
}

/// Beside the axis stand the numbers of connections that were measured, as far as there is room.
fn x_axis(plot: &Plot, scale: &Scale) -> Markup {
    let mut end_of_last = 0.0;
    let mut labelled = Vec::new();
    for &connections in &plot.connections {
        let x = x_of(scale, connections);
        if x >= end_of_last {
            labelled.push((x, count(connections)));
            end_of_last = x + ROOM;
        }
    }
    html! {
        @for (x, label) in labelled {
            line.grid x1=(px(x)) x2=(px(x)) y1=(TOP) y2=(BOTTOM) {}
            text x=(px(x)) y=(BOTTOM + 18.0) text-anchor="middle" { (label) }
        }
        path.axis d={ "M" (LEFT) "," (TOP) "V" (BOTTOM) "H" (RIGHT) } {}
        text x=(f64::midpoint(LEFT, RIGHT)) y=(BOTTOM + 42.0) text-anchor="middle" {
            (tr!("connections at once", "одновременных соединений"))
        }
    }
}

/// A line through the medians, interrupted where one is missing. Neighbours are a little apart, so
/// that equal points do not hide one another.
fn series(plot: &Plot, scale: &Scale, index: usize) -> Markup {
    let server = &plot.series[index];
    let aside = 3.0 * (index as f64 - (plot.series.len() - 1) as f64 / 2.0);
    let mut line = String::new();
    let mut command = 'M';
    let mut points = Vec::new();
    for (&connections, value) in plot.connections.iter().zip(&server.values) {
        let Some(value) = *value else {
            command = 'M';
            continue;
        };
        let (x, y) = (
            px(x_of(scale, connections) + aside),
            px(y_of(&plot.y, value.median)),
        );
        // Writing to a String cannot fail.
        let _ = write!(line, "{command}{x},{y}");
        command = 'L';
        points.push((x, y, value, count(connections)));
    }
    html! {
        g class={ "series c" (index % N_COLOURS) } {
            path.line d=(line) {}
            @for (x, y, value, connections) in points {
                path.bar d={ "M" (x) "," (px(y_of(&plot.y, value.min))) "V" (px(y_of(&plot.y, value.max))) } {}
                path.marker d=(MARKERS[index % MARKERS.len()]) transform={ "translate(" (x) " " (y) ")" } {
                    title { (server.name) ", " (connections) ": " (spread(Some(value))) }
                }
            }
        }
    }
}

fn legend(index: usize, name: &str) -> Markup {
    const LONGEST: usize = 21;
    let shown = match name.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &name[..end]),
        None => name.to_owned(),
    };
    let (x, y) = (RIGHT + 35.0, TOP + 8.0 + LEGEND_LINE * index as f64);
    html! {
        g class={ "series c" (index % N_COLOURS) } {
            path.line d={ "M" (x - 14.0) "," (y) "h28" } {}
            path.marker d=(MARKERS[index % MARKERS.len()]) transform={ "translate(" (x) " " (y) ")" } {}
        }
        text x=(x + 20.0) y=(y + 4.0) { (shown) }
    }
}

/// Tenths of a pixel are enough.
fn px(value: f64) -> String {
    format!("{value:.1}")
}
