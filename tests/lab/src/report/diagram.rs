//! An exchange as a sequence diagram: a lifeline for everybody who takes part, time from top to
//! bottom, an arrow for each segment.

use std::time::Duration;

use common::{escape, excerpt, tr};
use harness::{Entry, Link, What};
use maud::{Markup, html};

use super::text::{shortened, visible};

/// Most entries drawn; of a longer exchange the middle is left out.
const MOST_ENTRIES: usize = 60;

/// A pause that is worth a look.
const PAUSE: Duration = Duration::from_millis(500);

/// Where the lifelines begin: left of it stands the time.
const LEFT: usize = 84;

/// Height of a line of text.
const LINE: usize = 17;

/// Height of the boxes with the names.
const HEAD: usize = 30;

/// The diagram, an SVG of its natural size; `program` is the one under check. Lifelines stand in
/// the order in which they appear, with a client at the left end and a server at the right end.
pub(super) fn diagram(entries: &[Entry], program: &str) -> Markup {
    let mut drawing = Drawing::new(entries, program);
    let left_out = entries.len().saturating_sub(MOST_ENTRIES);
    let (head, rest) = entries.split_at(entries.len().min(MOST_ENTRIES / 2));
    let tail = &rest[left_out..];
    drawing.entries(head);
    if let Some(next) = tail.first().filter(|_| left_out > 0) {
        let what = tr!(
            "{left_out} entries left out",
            "пропущено записей: {left_out}"
        );
        drawing.gap(&format!("… {what} …"));
        drawing.last = next.at;
    }
    drawing.entries(tail);
    drawing.finish()
}

struct Drawing<'a> {
    actors: Vec<&'a str>,
    /// The lifeline of the program under check.
    subject: usize,
    /// Between two lifelines.
    gap: usize,
    y: usize,
    /// The time of the last entry.
    last: Duration,
    stamp: String,
    parts: Vec<Markup>,
}

impl<'a> Drawing<'a> {
    fn new(entries: &'a [Entry], program: &'a str) -> Self {
        let mut actors: Vec<&str> = Vec::new();
        for entry in entries {
            let who = entry.who.as_str();
            if !who.is_empty() && who != program && !actors.contains(&who) {
                actors.push(who);
            }
        }
        let is_client = program.ends_with("client") || program.ends_with("sender");
        let subject = if is_client { 0 } else { actors.len() };
        actors.insert(subject, program);
        let gap = match actors.len() {
            0..=2 => 400,
            3 => 290,
            _ => 210,
        };
        Self {
            actors,
            subject,
            gap,
            y: HEAD + 12,
            last: Duration::ZERO,
            stamp: String::new(),
            parts: Vec::new(),
        }
    }

    fn entries(&mut self, entries: &[Entry]) {
        // Lines that a program writes in one go are one text, such as a traceback.
        let is_line = |entry: &Entry| matches!(entry.what, What::Line(_));
        let in_one_go = |a: &Entry, b: &Entry| {
            let at_once = b.at.saturating_sub(a.at) < PAUSE / 10;
            is_line(a) && is_line(b) && a.who == b.who && at_once
        };
        for group in entries.chunk_by(in_one_go) {
            let first = &group[0];
            let pause = first.at.saturating_sub(self.last);
            if pause >= PAUSE && self.last > Duration::ZERO {
                let seconds = pause.as_secs_f64();
                self.gap(&tr!("{seconds:.1} s later", "через {seconds:.1} с"));
            }
            self.last = first.at;
            match self.actors.iter().position(|actor| *actor == first.who) {
                Some(actor) if is_line(first) => self.console(actor, group),
                actor => self.entry(actor, first),
            }
            self.last = group[group.len() - 1].at;
        }
    }

    fn entry(&mut self, actor: Option<usize>, entry: &Entry) {
        let peer = actor.unwrap_or(self.subject);
        match (&entry.what, actor) {
            (What::Sent(bytes), _) => self.arrow(peer, self.subject, "sent", &sized(bytes)),
            (What::Received(bytes), _) => self.arrow(self.subject, peer, "got", &sized(bytes)),
            (What::Note(text), Some(actor)) => self.note(actor, text),
            (What::Typed(text), Some(actor)) => {
                let typed = tr!("typed: {}", "ввод: {}", excerpt(text));
                self.note(actor, &typed);
            }
            (What::Link(link), Some(actor)) => self.link(actor, *link),
            (What::Step(text) | What::Note(text) | What::Line(text), _) => self.step(text),
            (What::Typed(text), None) => self.step(&excerpt(text)),
            (What::Link(link), None) => self.step(&link.to_string()),
        }
    }

    /// What a program wrote, with its indentation.
    fn console(&mut self, actor: usize, entries: &[Entry]) {
        let room = self.room();
        let lines = entries.iter().flat_map(|entry| {
            let text = match &entry.what {
                What::Line(text) => visible(text),
                _ => String::new(),
            };
            let n_spaces = text.len() - text.trim_start().len();
            let indent = " ".repeat(n_spaces.min(room / 2));
            let lines = wrapped(&text, room - indent.len(), 3);
            lines.into_iter().map(move |line| indent.clone() + &line)
        });
        self.boxed(actor, "console", &lines.collect::<Vec<_>>());
    }

    /// The beginning or the end of a connection: an arrow if a segment goes along with it.
    fn link(&mut self, actor: usize, link: Link) {
        let class = match link {
            Link::Resets | Link::SeesReset => "reset",
            _ => "end",
        };
        let label = |text: String| (text, String::new());
        let end = tr!("end of stream", "конец потока");
        let reset = tr!("reset", "сброс соединения");
        match link {
            Link::EndsHalf => self.arrow(actor, self.subject, class, &label(end)),
            Link::Resets => self.arrow(actor, self.subject, class, &label(reset)),
            Link::SeesEnd => self.arrow(self.subject, actor, class, &label(end)),
            Link::SeesReset => self.arrow(self.subject, actor, class, &label(reset)),
            Link::Connects(_) | Link::Accepts(_) | Link::SendsTo(_) | Link::Closes => {
                self.note(actor, &link.to_string());
            }
        }
    }

    fn x(&self, actor: usize) -> usize {
        LEFT + self.gap / 2 + actor * self.gap
    }

    fn width(&self) -> usize {
        LEFT + self.actors.len() * self.gap
    }

    /// The time of the row that begins here, unless it is that of the row above.
    fn stamp(&mut self) -> Markup {
        let seconds = self.last.as_secs_f64();
        let stamp = tr!("{seconds:.3} s", "{seconds:.3} с");
        let is_new = stamp != self.stamp;
        self.stamp.clone_from(&stamp);
        html! {
            @if is_new { text.stamp x=(LEFT - 16) y=(self.y + LINE) { (stamp) } }
        }
    }

    fn step(&mut self, text: &str) {
        let lines = wrapped(&visible(text), (self.width() - LEFT) / 8, 3);
        let height = lines.len() * LINE + 9;
        let (stamp, width) = (self.stamp(), self.width());
        self.parts.push(html! {
            rect.band x="0" y=(self.y) width=(width) height=(height) rx="4" {}
            (stamp)
            @for (index, line) in lines.iter().enumerate() {
                text.step x=(LEFT) y=(self.y + (index + 1) * LINE) { (line) }
            }
        });
        self.y += height + 7;
    }

    fn gap(&mut self, text: &str) {
        let (top, height) = (self.y, 2 * LINE);
        self.parts.push(html! {
            rect.blank x="0" y=(top) width=(self.width()) height=(height) {}
            @for actor in 0..self.actors.len() {
                line.dots x1=(self.x(actor)) x2=(self.x(actor)) y1=(top) y2=(top + height) {}
            }
            text.pause x=(LEFT + (self.width() - LEFT) / 2) y=(top + LINE + 5) { (text) }
        });
        self.y += height + 7;
    }

    fn note(&mut self, actor: usize, text: &str) {
        let lines = wrapped(&visible(text), self.room(), 4);
        self.boxed(actor, "note", &lines);
    }

    /// How many columns a box on a lifeline has.
    fn room(&self) -> usize {
        (self.gap - 34) / 8
    }

    fn boxed(&mut self, actor: usize, class: &str, lines: &[String]) {
        let longest = lines.iter().map(|line| columns(line)).max();
        let width = longest.unwrap_or(0) * 61 / 8 + 20;
        let height = lines.len() * LINE + 8;
        let (stamp, x, y) = (self.stamp(), self.x(actor), self.y);
        let text_x = if class == "console" {
            x - width / 2 + 10
        } else {
            x
        };
        self.parts.push(html! {
            (stamp)
            g class=(class) {
                rect x=(x - width / 2) y=(y) width=(width) height=(height) rx="4" {}
                @for (index, line) in lines.iter().enumerate() {
                    text x=(text_x) y=(y + (index + 1) * LINE - 1) { (line) }
                }
            }
        });
        self.y += height + 7;
    }

    fn arrow(&mut self, from: usize, to: usize, class: &str, label: &(String, String)) {
        if from == to {
            return self.note(from, &format!("{} {}", label.0, label.1));
        }
        let (x1, x2, y) = (self.x(from), self.x(to), self.y + LINE + 10);
        let (tip, back) = if x1 < x2 {
            (x2 - 2, x2 - 11)
        } else {
            (x2 + 2, x2 + 11)
        };
        // Beside the lifeline of the peer: between others there may be more of them.
        let peer = if to == self.subject { from } else { to };
        let half = self.gap / 2;
        let middle = if peer < self.subject {
            self.x(peer) + half
        } else {
            self.x(peer) - half
        };
        let room = (self.gap - 24) / 8 - columns(&label.1).min(12);
        let stamp = self.stamp();
        self.parts.push(html! {
            (stamp)
            g class=(class) {
                line x1=(x1) x2=(back) y1=(y) y2=(y) {}
                polygon points={ (tip) "," (y) " " (back) "," (y - 5) " " (back) "," (y + 5) } {}
                text x=(middle) y=(y - 8) {
                    (fitting(&label.0, room))
                    @if !label.1.is_empty() { " " tspan.size { (label.1) } }
                }
            }
        });
        self.y += LINE + 22;
    }

    fn finish(self) -> Markup {
        let (width, bottom) = (self.width(), self.y + 4);
        let is_long = bottom > 700;
        let height = if is_long { bottom + HEAD } else { bottom };
        html! {
            svg.exchange xmlns="http://www.w3.org/2000/svg" role="img" width=(width) height=(height)
                viewBox={ "0 0 " (width) " " (height) }
                aria-label=(tr!("sequence diagram of the exchange", "диаграмма последовательности обмена")) {
                @for actor in 0..self.actors.len() {
                    line.life x1=(self.x(actor)) x2=(self.x(actor)) y1=(HEAD) y2=(bottom) {}
                }
                @for part in &self.parts { (part) }
                (self.heads(0))
                @if is_long { (self.heads(bottom)) }
            }
        }
    }

    fn heads(&self, y: usize) -> Markup {
        html! {
            @for (actor, name) in self.actors.iter().enumerate() {
                g class=(if actor == self.subject { "head subject" } else { "head" }) {
                    rect x=(self.x(actor) - 80) y=(y + 1) width="160" height=(HEAD - 2) rx="5" {}
                    text x=(self.x(actor)) y=(y + 20) { (fitting(&visible(name), 20)) }
                }
            }
        }
    }
}

/// The bytes in quotes, and how many they are.
fn sized(bytes: &[u8]) -> (String, String) {
    // More than what can be shown need not be escaped.
    const PART: usize = 100;
    let shown = if bytes.len() <= 2 * PART {
        escape(bytes)
    } else {
        let (head, tail) = (&bytes[..PART], &bytes[bytes.len() - PART..]);
        format!("{}…{}", escape(head), escape(tail))
    };
    let n_bytes = bytes.len();
    (format!("\"{shown}\""), tr!("{n_bytes} B", "{n_bytes} Б"))
}

/// How many columns of a monospaced font a text takes: letters beyond the alphabets take two.
fn columns(text: &str) -> usize {
    let wide = |c: char| if c < '\u{1100}' || c == '…' { 1 } else { 2 };
    text.chars().map(wide).sum()
}

/// The text with its middle left out so that it takes no more than so many columns.
fn fitting(text: &str, room: usize) -> String {
    let fits = |most: &usize| columns(&shortened(text, *most)) <= room;
    let most = (1..=room).rev().find(fits);
    shortened(text, most.unwrap_or(1))
}

/// The text in lines of no more than `room` columns, and no more than `most` of them.
fn wrapped(text: &str, room: usize, most: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let used = lines.last().map_or(0, |line| columns(line));
        let mut space = if used > 0 { " " } else { "" };
        if used > 0 && used + 1 + columns(word) > room {
            lines.push(String::new());
            space = "";
        }
        if let Some(line) = lines.last_mut() {
            line.push_str(space);
            line.push_str(&fitting(word, room));
        }
    }
    if lines.len() > most {
        lines.truncate(most);
        lines[most - 1] += " …";
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_to_the_room_there_is() {
        assert_eq!(fitting("abcdefghij", 5), "ab…ij");
        assert_eq!(fitting("漢字漢字", 5), "漢…字");
        assert_eq!(wrapped("one two three", 7, 3), ["one two", "three"]);
        assert_eq!(wrapped("a b c d", 1, 2), ["a", "b …"]);
    }

    #[test]
    fn the_middle_of_a_long_exchange_is_left_out_and_counted() {
        let entry = |number: u64| Entry {
            at: Duration::from_millis(number),
            who: "client 1".into(),
            what: What::Sent(format!("<{number}>").into_bytes()),
        };
        let entries: Vec<Entry> = (0..200).map(entry).collect();
        let svg = diagram(&entries, "echo-server").into_string();
        assert!(svg.contains("140 entries left out"), "{svg}");
        assert!(svg.contains("&lt;29&gt;") && svg.contains("&lt;170&gt;"));
        assert!(!svg.contains("&lt;30&gt;") && !svg.contains("&lt;169&gt;"));
    }
}
