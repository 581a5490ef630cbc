//! The comparison on the terminal.

use std::fmt::Write as _;
use std::iter;

use common::tr;

use super::columns::{Column, columns, load, notes};
use super::figures::Comparison;
use super::numbers::count;

/// A block for each number of connections: a line for each server, then what must be known of it.
/// Medians over the rounds, with the extremes in brackets.
pub(crate) fn table(comparison: &Comparison) -> String {
    let mut text = load(comparison) + "\n" + &comparison.machine.placement() + "\n";
    let blocks: Vec<Vec<Row>> = (comparison.connections.iter())
        .map(|&connections| block(comparison, connections))
        .collect();
    let widths = widths(blocks.iter().flatten());
    for (rows, &connections) in blocks.iter().zip(&comparison.connections) {
        text += "\n";
        for row in rows {
            text += &aligned(row, &widths);
        }
        for (index, server) in comparison.servers.iter().enumerate() {
            for note in notes(comparison, index, connections) {
                // Writing to a String cannot fail.
                let _ = writeln!(text, "  {}: {note}", server.name);
            }
        }
    }
    text
}

/// Texts beside one another.
type Row = Vec<String>;

fn block(comparison: &Comparison, connections: usize) -> Vec<Row> {
    let columns = columns();
    let shown: Vec<&Column> = columns.iter().filter(|column| column.on_terminal).collect();
    let n = count(connections);
    let head = tr!("connections: {n}", "соединений: {n}");
    let titles = shown.iter().map(|column| column.title.clone());
    let mut rows = vec![iter::once(head).chain(titles).collect()];
    for (index, server) in comparison.servers.iter().enumerate() {
        let cells = shown
            .iter()
            .map(|column| column.cell(comparison, index, connections));
        rows.push(iter::once(server.name.clone()).chain(cells).collect());
    }
    rows
}

/// Of each column. One character takes one place, which holds for the alphabets of this program.
fn widths<'a>(rows: impl Iterator<Item = &'a Row>) -> Vec<usize> {
    let mut widths = Vec::new();
    for row in rows {
        widths.resize(widths.len().max(row.len()), 0);
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    widths
}

/// A line: the first column to the left, all others to the right.
fn aligned(row: &Row, widths: &[usize]) -> String {
    let cells = row.iter().zip(widths).enumerate();
    let line: String = cells
        .map(|(index, (cell, &width))| match index {
            0 => format!("{cell:width$}"),
            _ => format!("  {cell:>width$}"),
        })
        .collect();
    line.trim_end().to_owned() + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::fake;
    use anyhow::bail;

    #[test]
    fn columns_are_aligned() {
        let rows = [["", "б", "c"], ["name", "1", "22"], ["n", "333", ""]];
        let rows = rows.map(|row| row.map(String::from).to_vec());
        let widths = widths(rows.iter());
        let text: String = rows.iter().map(|row| aligned(row, &widths)).collect();
        assert_eq!(text, "        б   c\nname    1  22\nn     333\n");
    }

    #[test]
    fn a_block_tells_figures_reasons_and_a_busy_load_generator() {
        let comparison = fake::comparison(|place| {
            if (place.server, place.connections, place.round) == (1, 100, 2) {
                bail!("connect: refused\u{1b}")
            }
            let mut report = fake::report(place.connections, 1000.0 * (place.server + 1) as f64);
            report.load_is_bottleneck = place.connections == 1;
            report.unanswered = u64::from(place.connections == 10);
            Ok(report)
        });
        let table = table(&comparison);
        let blocks: Vec<&str> = table.split("\n\n").collect();
        assert_eq!(blocks.len(), 4, "{table}");
        assert!(
            blocks[1].contains("second: the load generator was the limit"),
            "{table}"
        );
        assert!(!blocks[2].contains("the limit"), "{table}");
        assert!(blocks[2].contains("\nsecond"), "{table}");
        assert!(blocks[2].contains("  2.00  "), "{table}");
        assert!(
            blocks[2].contains("  first: round 1, 2, 3: 1 of 10 connections had no answer"),
            "{table}"
        );
        assert!(
            blocks[3].contains("  second: round 3: not measured: connect: refused\\u{1b}"),
            "{table}"
        );
    }
}
