//! `cargo lab list`: the labs, their tasks, what these are worth, and the checks.

use checks::{LABS, Lab, Level, of};
use common::tr;

use crate::points::Points;
use crate::terminal::say;

/// Prints all labs with their tasks, or one with its checks.
///
/// # Errors
/// If there is no such lab or program.
pub fn print(name: Option<&str>, points: &Points) -> anyhow::Result<()> {
    let Some(name) = name else {
        for lab in LABS {
            print_lab(lab, points);
        }
        return Ok(());
    };
    let Some(lab) = Lab::named(name).or_else(|| Lab::of_program(name)) else {
        let known = LABS
            .iter()
            .map(|lab| lab.name)
            .collect::<Vec<_>>()
            .join(", ");
        anyhow::bail!(
            "{}",
            tr!(
                "there is no lab `{name}`; there are {known}",
                "нет работы «{name}»; есть {known}"
            )
        );
    };
    print_lab(lab, points);
    for program in lab
        .programs()
        .filter(|program| lab.name == name || *program == name)
    {
        print_checks(program);
    }
    Ok(())
}

fn print_lab(lab: &Lab, points: &Points) {
    say!("{} — {}", lab.name, lab.title.text());
    for task in lab.tasks {
        let worth = match task.programs {
            [] => "-".to_owned(),
            _ => points.of(lab, task).to_string(),
        };
        let programs = match task.programs {
            [] => tr!("by hand", "вручную"),
            groups => {
                let any = |names: &&[&str]| names.join(" | ");
                groups.iter().map(any).collect::<Vec<_>>().join(" + ")
            }
        };
        say!(
            "  {:4} {worth:>3}  {} ({programs})",
            task.id,
            task.title.text()
        );
    }
    for bonus in lab.bonus {
        let label = tr!("bonus, by hand", "дополнительно, вручную");
        say!("    + {} ({label})", bonus.text());
    }
    say!("");
}

fn print_checks(program: &str) {
    say!("{program}");
    for check in of(program) {
        if check.is_for_submissions() {
            let level = match check.level {
                Level::Must => check.task.to_owned(),
                Level::Should => tr!("should", "желательно"),
                Level::Note => tr!("note", "совет"),
            };
            say!("  {:28} {level:10} {}", check.id, check.title.text());
        }
    }
    say!("");
}
