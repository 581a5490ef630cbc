//! The comparison on the terminal.

use std::fmt::Write as _;

use common::tr;

use super::columns::{Column, columns, load, notes};
use super::figures::Comparison;
use super::numbers::count;

/// A block for each number of connections: a line for each server, then what must be known of it.
/// Medians over the rounds, with the extremes in brackets.
pub(crate) fn table(comparison: &Comparison) -> String {
    let (load, placement) = (load(comparison), comparison.machine.placement());
    let mut text = format!("{load}\n{placement}\n");
    let columns: Vec<Column> = columns()
        .into_iter()
        .filter(|column| column.on_terminal)
        .collect();
    for &connections in &comparison.connections {
        text += "\n";
        text += &block(comparison, &columns, connections);
    }
    text
}

fn block(comparison: &Comparison, columns: &[Column], connections: usize) -> String {
    let n = count(connections);
    let mut rows = vec![vec![tr!("connections: {n}", "соединений: {n}")]];
    rows[0].extend(columns.iter().map(|column| column.title.clone()));
    for (index, server) in comparison.servers.iter().enumerate() {
        let cells = columns
            .iter()
            .map(|column| column.cell(comparison, index, connections));
        rows.push([server.name.clone()].into_iter().chain(cells).collect());
    }
    let mut text = aligned(&rows);
    for (index, server) in comparison.servers.iter().enumerate() {
        for note in notes(comparison, index, connections) {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "  {}: {note}", server.name);
        }
    }
    text
}

/// The first column to the left, all others to the right. One character takes one place, which
/// holds for the alphabets of this program.
fn aligned(rows: &[Vec<String>]) -> String {
    let n_columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..n_columns)
        .map(|column| {
            let cells = rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        })
        .collect();
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (index, (cell, &width)) in row.iter().zip(&widths).enumerate() {
            let _ = match index {
                0 => write!(line, "{cell:width$}"),
                _ => write!(line, "  {cell:>width$}"),
            };
        }
        text += line.trim_end();
        text += "\n";
    }
    text
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
        assert_eq!(aligned(&rows), "        б   c\nname    1  22\nn     333\n");
    }

    #[test]
    fn a_block_tells_figures_reasons_and_a_busy_load_generator() {
        let comparison = fake::comparison(|place| {
            if (place.server, place.connections, place.round) == (1, 100, 2) {
                bail!("connect: refused\u{1b}")
            }
            let mut report = fake::report(place.connections, 1000.0 * (place.server + 1) as f64);
            report.load_is_bottleneck = place.connections == 1;
            Ok(report)
        });
        let table = table(&comparison);
        let blocks: Vec<&str> = table.split("\n\n").collect();
        assert_eq!(blocks.len(), 4, "{table}");
        assert!(
            blocks[1].contains("second: the load generator was busy"),
            "{table}"
        );
        assert!(!blocks[2].contains("busy"), "{table}");
        assert!(blocks[2].contains("\nsecond"), "{table}");
        assert!(blocks[2].contains("  2.00  "), "{table}");
        assert!(
            blocks[3].contains("  second: round 3: not measured: connect: refused\\u{1b}"),
            "{table}"
        );
    }
}
