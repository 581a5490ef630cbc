//! What a page says: its code blocks, and the steps of its console blocks.

use std::collections::BTreeSet;

use anyhow::{Context, Result, bail};
use mdbook_markdown::pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};

/// A fenced code block.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Block {
    /// The line of the page, from 1, on which the fence opens.
    pub(crate) line: usize,
    /// What stands behind the fence: `console terminal=server`.
    pub(crate) info: String,
    /// What stands between the fences.
    pub(crate) content: String,
}

/// A console block: what happens in one terminal.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Console {
    /// The name of the terminal.
    pub(crate) terminal: String,
    /// The lines of the block.
    pub(crate) steps: Vec<Step>,
}

/// A line of a console block.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Step {
    /// Its number in the page, from 1.
    pub(crate) line: usize,
    /// What it means.
    pub(crate) action: Action,
}

/// What a line of a console block means.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// `$ COMMAND`: the shell runs it.
    Run(String),
    /// `> TEXT`: typed into the program, with Enter.
    Type(String),
    /// `^C`: the interrupt key.
    Interrupt,
    /// `^D`: the end of the input.
    EndOfInput,
    /// `...`: any lines, or none.
    Gap,
    /// A line that the program prints.
    Expect(String),
}

impl Action {
    pub(crate) fn parse(line: &str) -> Self {
        let line = line.trim_end();
        match line {
            "^C" => Self::Interrupt,
            "^D" => Self::EndOfInput,
            "..." => Self::Gap,
            ">" => Self::Type(String::new()),
            _ => match (line.strip_prefix("$ "), line.strip_prefix("> ")) {
                (Some(command), _) => Self::Run(command.into()),
                (_, Some(text)) => Self::Type(text.into()),
                _ => Self::Expect(line.into()),
            },
        }
    }

    /// Whether a person at the terminal does it.
    pub(crate) fn is_typed(&self) -> bool {
        !matches!(self, Self::Gap | Self::Expect(_))
    }

    /// Whether it goes to the running program, not to the shell.
    pub(crate) fn is_input(&self) -> bool {
        self.is_typed() && !matches!(self, Self::Run(_))
    }
}

/// The fenced code blocks of a page, from top to bottom.
pub(crate) fn blocks(page: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open = None;
    for (event, range) in Parser::new(page).into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                open = Some(Block {
                    line: line_at(page, range.start),
                    info: info.trim().into(),
                    content: String::new(),
                });
            }
            Event::Text(text) => {
                if let Some(block) = &mut open {
                    block.content += &text;
                }
            }
            Event::End(TagEnd::CodeBlock) => blocks.extend(open.take()),
            _ => {}
        }
    }
    blocks
}

/// The number, from 1, of the line that the byte at `offset` stands on.
pub(crate) fn line_at(page: &str, offset: usize) -> usize {
    page.bytes().take(offset).filter(|&b| b == b'\n').count() + 1
}

impl Block {
    /// The first word of the info string: `console`.
    pub(crate) fn language(&self) -> &str {
        self.info.split([' ', ',']).next().unwrap_or_default()
    }

    /// The steps of a `console` block; `None` for any other block.
    ///
    /// # Errors
    /// If the info string is more or less than `console terminal=NAME`.
    pub(crate) fn console(&self) -> Result<Option<Console>> {
        if self.language() != "console" {
            return Ok(None);
        }
        // mdBook takes a comma for a blank, and so do we.
        let rest = self.info["console".len()..].trim_start_matches([' ', ',']);
        let terminal = rest.strip_prefix("terminal=");
        let terminal = terminal.context("a console block is opened by `console terminal=NAME`")?;
        if terminal.is_empty() || terminal.contains([' ', ',']) {
            bail!("`{terminal}` is no name of a terminal");
        }
        let lines = self.content.lines().enumerate();
        let steps = lines.map(|(index, line)| Step {
            line: self.line + 1 + index,
            action: Action::parse(line),
        });
        Ok(Some(Console {
            terminal: terminal.into(),
            steps: steps.collect(),
        }))
    }
}

/// Whether a page has a console block, good or not.
pub fn has_console(page: &str) -> bool {
    blocks(page)
        .iter()
        .any(|block| block.language() == "console")
}

/// The programs that the `$` lines of a page name: the first word of each command, and of what follows a
/// `|`, `;`, `&&` or `||` between blanks.
pub fn programs(page: &str) -> BTreeSet<String> {
    let consoles = blocks(page).into_iter().filter_map(|b| b.console().ok()?);
    let mut programs = BTreeSet::new();
    for step in consoles.flat_map(|console| console.steps) {
        if let Action::Run(command) = step.action {
            programs.extend(programs_of(&command));
        }
    }
    programs
}

fn programs_of(command: &str) -> Vec<String> {
    let mut programs = Vec::new();
    let mut at_start = true;
    for word in shlex::split(command).unwrap_or_default() {
        let separator = matches!(word.as_str(), "|" | ";" | "&&" | "||" | "&");
        let assignment = at_start && word.contains('=');
        if at_start && !separator && !assignment {
            programs.extend(program(&word));
        }
        at_start = separator || assignment;
    }
    programs
}

/// The name in `(cat;`; none if there is more than a name.
fn program(word: &str) -> Option<String> {
    let name = word.trim_matches(['(', ')', ';']);
    let plain = |c: char| c.is_ascii_alphanumeric() || "./_-".contains(c);
    let is_name = !name.is_empty() && name.chars().all(plain);
    is_name.then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "\
# Echo

```console terminal=server
$ cargo run -p echo-server
listening on [::]:<port>
...
```

1. In a list:

   ```console terminal=client
   $ nc localhost 9090
   > hello
   >
   HELLO

   ^C
   ```
";

    #[test]
    fn a_block_knows_its_line_and_its_text() {
        let blocks = blocks(PAGE);
        assert_eq!(blocks.len(), 2);
        assert_eq!((blocks[0].line, blocks[1].line), (3, 11));
        assert_eq!(blocks[1].info, "console terminal=client");
        assert_eq!(
            blocks[1].content,
            "$ nc localhost 9090\n> hello\n>\nHELLO\n\n^C\n"
        );
    }

    #[test]
    fn a_line_is_typed_or_expected() {
        let console = blocks(PAGE)[1].console().unwrap().unwrap();
        assert_eq!(console.terminal, "client");
        let actions: Vec<Action> = console.steps.into_iter().map(|step| step.action).collect();
        assert_eq!(
            actions,
            [
                Action::Run("nc localhost 9090".into()),
                Action::Type("hello".into()),
                Action::Type(String::new()),
                Action::Expect("HELLO".into()),
                Action::Expect(String::new()),
                Action::Interrupt,
            ]
        );
    }

    #[test]
    fn a_console_block_names_its_terminal() {
        for info in ["console", "console terminal=", "console terminal=a b"] {
            let page = format!("```{info}\n$ true\n```\n");
            assert!(blocks(&page)[0].console().is_err(), "{info}");
        }
        let comma = "```console,terminal=a\n```\n";
        assert_eq!(blocks(comma)[0].console().unwrap().unwrap().terminal, "a");
        assert!(blocks("```rust\n```\n")[0].console().unwrap().is_none());
    }

    #[test]
    fn a_command_names_its_programs() {
        let programs = |command| programs_of(command).join(" ");
        assert_eq!(programs("cargo run -p echo-server"), "cargo");
        assert_eq!(
            programs("printf 'a | b' | LANG=C nc localhost 9090 ; echo $?"),
            "printf nc echo"
        );
        assert_eq!(programs("(cat; echo done) | $PAGER"), "cat");
        assert_eq!(programs("true && false ; echo x"), "true false echo");
    }
}
