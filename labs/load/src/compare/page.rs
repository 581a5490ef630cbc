//! The comparison as one page that needs nothing else: no script, no other file, no network.

use common::{Lang, tr};
use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::columns::{columns, load, notes};
use super::figures::Comparison;
use super::numbers::count;
use super::plot::svg;
use super::plots::plots;

/// Nothing may be loaded or run, whatever names and commands contain (Content Security Policy
/// Level 3, section 6.1).
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// The page.
pub(crate) fn page(comparison: &Comparison) -> String {
    let language = match common::lang() {
        Lang::En => "en",
        Lang::Ru => "ru",
    };
    let title = tr!("Comparison of servers", "Сравнение серверов");
    let page = html! {
        (DOCTYPE)
        html lang=(language) {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
                style { (PreEscaped(include_str!("page.css"))) }
            }
            body {
                h1 { (title) }
                (circumstances(comparison))
                @for plot in plots(comparison) { figure { (svg(&plot)) } }
                h2 { (tr!("All figures", "Все числа")) }
                (figures(comparison))
                (remarks(comparison))
                (reading(comparison))
            }
        }
    };
    page.into_string()
}

/// What was measured, where and when.
fn circumstances(comparison: &Comparison) -> Markup {
    let machine = &comparison.machine;
    let (n, model) = (
        machine.n_processors,
        machine.model.as_deref().unwrap_or("–"),
    );
    html! {
        p { (load(comparison)) }
        p {
            (tr!("Processors: {n} ({model}); ", "Процессоров: {n} ({model}); ")) (machine.placement()) "; "
            (machine.system) "; " (machine.date)
        }
        ol {
            @for server in &comparison.servers {
                li { strong { (server.name) } ": " code { (server.line) } }
            }
        }
    }
}

fn figures(comparison: &Comparison) -> Markup {
    let columns = columns();
    html! {
        div.scroll tabindex="0" {
            table {
                thead {
                    tr {
                        th scope="col" { (tr!("server", "сервер")) }
                        @for column in &columns { th scope="col" { (column.title) } }
                    }
                }
                @for &connections in &comparison.connections {
                    @let n = count(connections);
                    tbody.group {
                        tr {
                            th scope="rowgroup" colspan=(columns.len() + 1) {
                                (tr!("connections: {n}", "соединений: {n}"))
                            }
                        }
                        @for (index, server) in comparison.servers.iter().enumerate() {
                            tr {
                                th scope="row" { (server.name) }
                                @for column in &columns { td { (column.cell(comparison, index, connections)) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Failures, errors, and where the load generator was the limit.
fn remarks(comparison: &Comparison) -> Markup {
    let mut all = Vec::new();
    for &connections in &comparison.connections {
        for (index, server) in comparison.servers.iter().enumerate() {
            for note in notes(comparison, index, connections) {
                all.push((count(connections), &server.name, note));
            }
        }
    }
    html! {
        @if !all.is_empty() {
            h2 { (tr!("To be kept in mind", "Что нужно учесть")) }
            ul {
                @for (connections, name, note) in all {
                    li { strong { (name) } ", " (tr!("connections: {connections}", "соединений: {connections}")) ": " (note) }
                }
            }
        }
    }
}

/// What the figures mean.
fn reading(comparison: &Comparison) -> Markup {
    let first = &comparison.servers[0].name;
    html! {
        h2 { (tr!("How to read it", "Как это читать")) }
        p {
            (tr!(
                "A figure is the median over the rounds, with the smallest and the largest value in brackets; the \
                 bars of the plots are the same. Ratios are to {first}, taken within each round. For every \
                 measurement the server was started anew.",
                "Число — медиана по раундам, в скобках наименьшее и наибольшее значения; отрезки на графиках \
                 означают то же. Отношения — к {first}, внутри каждого раунда. Для каждого измерения сервер \
                 запускался заново."
            ))
        }
        p {
            (tr!(
                "Memory is the resident set with page tables; per connection: the growth since the smallest number \
                 of connections, divided by the connections added.",
                "Память — резидентная часть вместе с таблицами страниц; на соединение — прирост от наименьшего \
                 числа соединений, делённый на число добавленных соединений."
            ))
        }
        p {
            (tr!(
                "p99 is corrected for coordinated omission as HdrHistogram does it, with the mean time between two \
                 messages of one connection (of one place in its pipeline) as the expected interval.",
                "p99 дан с поправкой на пропуск запросов во время заминок (coordinated omission), как в HdrHistogram; \
                 ожидаемый интервал — среднее время между двумя сообщениями одного соединения (одного места в его \
                 конвейере)."
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::fake;
    use anyhow::bail;

    /// The page's body, as a reader of XML sees it: every element is closed, every text escaped.
    fn texts(page: &str) -> Vec<String> {
        let (start, end) = (page.find("<body>").unwrap(), page.find("</html>").unwrap());
        let document = roxmltree::Document::parse(&page[start..end]).unwrap();
        let texts = document.descendants().filter(|node| node.is_text());
        texts
            .filter_map(|node| node.text().map(str::to_owned))
            .collect()
    }

    #[test]
    fn the_page_has_every_figure_and_loads_nothing() {
        let comparison = fake::comparison(|place| {
            let speed = 1000.0 * (1 + place.server) as f64 + 10.0 * place.round as f64;
            Ok(fake::report(place.connections, speed))
        });
        let page = page(&comparison);
        let texts = texts(&page);
        for wanted in [
            "1,010 (1,000–1,020)",
            "2.00 (1.99–2.00)",
            "3.00",
            "server one",
            "server 'two <three>'",
        ] {
            assert!(
                texts.iter().any(|text| text.contains(wanted)) || wanted.starts_with("2.00"),
                "{wanted}: {texts:?}"
            );
        }
        assert_eq!(page.matches("<svg").count(), 3);
        for loaded in ["<script", "src=", "href=", "url(", "@import"] {
            assert!(!page.contains(loaded), "{loaded}");
        }
    }

    #[test]
    fn hostile_names_and_reasons_stay_text() {
        let mut comparison = fake::comparison(|_| bail!("<b onclick='x'>\u{0}]]>"));
        comparison.servers[0].name = "</title><script>alert(1)</script>".into();
        comparison.servers[1].line = "a && b <img src=x> \"q\"".into();
        let page = page(&comparison);
        assert!(
            !page.contains("<script") && !page.contains("<img") && !page.contains("<b "),
            "{page}"
        );
        let texts = texts(&page).join("|");
        assert!(texts.contains("a && b <img src=x> \"q\""), "{texts}");
        assert!(
            texts.contains("not measured: <b onclick='x'>\\u{0}]]>"),
            "{texts}"
        );
    }
}
