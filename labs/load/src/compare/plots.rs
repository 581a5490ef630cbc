//! The plots of a comparison.

use common::tr;

use super::axis::Scale;
use super::figures::{Comparison, Spread};
use super::metric::{Metric, memory, p99, throughput};
use super::plot::{Plot, Series};

/// Throughput, p99 and memory over the number of connections.
pub(crate) fn plots(comparison: &Comparison) -> Vec<Plot> {
    let mib: Metric = |report| memory(report).map(|kib| kib / 1024.0);
    let answers = series(comparison, throughput);
    let latency = series(comparison, p99);
    let memory = series(comparison, mib);
    let plot = |file, title, y_title, y, series| Plot {
        file,
        title,
        y_title,
        y,
        connections: comparison.connections.clone(),
        series,
    };
    vec![
        plot(
            "throughput",
            tr!("Throughput", "Пропускная способность"),
            tr!("answers per second", "ответов в секунду"),
            from_zero(&answers),
            answers,
        ),
        plot(
            "p99",
            tr!(
                "Latency: 99 of 100 answers are faster",
                "Задержка: 99 из 100 ответов быстрее"
            ),
            tr!("p99, ms", "p99, мс"),
            decades(&latency),
            latency,
        ),
        plot(
            "memory",
            tr!("Memory of the server", "Память сервера"),
            tr!("memory, MiB", "память, МиБ"),
            from_zero(&memory),
            memory,
        ),
    ]
}

fn series(comparison: &Comparison, metric: Metric) -> Vec<Series> {
    let of_server = |(index, server): (usize, &super::command::Command)| Series {
        name: server.name.clone(),
        values: comparison
            .connections
            .iter()
            .map(|&n| comparison.spread(index, n, metric))
            .collect(),
    };
    comparison
        .servers
        .iter()
        .enumerate()
        .map(of_server)
        .collect()
}

fn from_zero(series: &[Series]) -> Scale {
    Scale::linear(values(series).map(|value| value.max).fold(0.0, f64::max))
}

/// Latencies differ by factors: a server may be a hundred times slower than another.
fn decades(series: &[Series]) -> Scale {
    let (min, max) = values(series)
        .filter(|value| value.min > 0.0)
        .fold((f64::INFINITY, 0.0_f64), |(min, max), value| {
            (min.min(value.min), max.max(value.max))
        });
    match min.is_finite() {
        true => Scale::decades(min, max),
        false => Scale::decades(1.0, 10.0),
    }
}

fn values(series: &[Series]) -> impl Iterator<Item = Spread> {
    series
        .iter()
        .flat_map(|server| server.values.iter().copied().flatten())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::{fake, plot};
    use anyhow::bail;

    fn svgs(comparison: &Comparison) -> Vec<String> {
        plots(comparison)
            .iter()
            .map(|plot| plot::svg(plot).into_string())
            .collect()
    }

    #[test]
    fn every_plot_is_an_image_of_its_own() {
        let mut comparison = fake::comparison(|place| Ok(fake::report(place.connections, 1000.0)));
        comparison.servers[1].name = "<script>&\"'".into();
        for svg in svgs(&comparison) {
            let document = roxmltree::Document::parse(&svg).unwrap();
            assert!(
                document
                    .root_element()
                    .has_tag_name(("http://www.w3.org/2000/svg", "svg"))
            );
            let count = |class| {
                document
                    .descendants()
                    .filter(|node| node.attribute("class") == Some(class))
                    .count()
            };
            assert_eq!(
                count("marker"),
                2 * 3 + 2,
                "each point, and the legend: {svg}"
            );
            assert_eq!(count("bar"), 2 * 3);
            let texts = document
                .descendants()
                .filter(|node| node.has_tag_name("text"));
            let texts: Vec<_> = texts.filter_map(|node| node.text()).collect();
            assert!(texts.contains(&"<script>&\"'"), "{texts:?}");
            assert!(
                texts.contains(&"100") && texts.contains(&"connections at once"),
                "{texts:?}"
            );
        }
    }

    #[test]
    fn a_missing_point_interrupts_its_line() {
        let comparison = fake::comparison(|place| match (place.server, place.connections) {
            (1, 10) => bail!("refused"),
            _ => Ok(fake::report(place.connections, 1000.0)),
        });
        let svg = &svgs(&comparison)[0];
        let document = roxmltree::Document::parse(svg).unwrap();
        let lines = document
            .descendants()
            .filter(|node| node.attribute("class") == Some("line"));
        let moves: Vec<_> = lines
            .filter_map(|line| line.attribute("d"))
            .map(|d| d.matches('M').count())
            .collect();
        assert_eq!(moves[..2], [1, 2], "{svg}");
    }

    #[test]
    fn nothing_measured_is_drawn_as_nothing() {
        for svg in svgs(&fake::comparison(|_| bail!("refused"))) {
            assert!(
                roxmltree::Document::parse(&svg).is_ok()
                    && !svg.contains("NaN")
                    && !svg.contains("inf"),
                "{svg}"
            );
        }
    }
}
