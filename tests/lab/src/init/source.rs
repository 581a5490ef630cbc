//! What a source tells about its program.

use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};

use super::token::{Language, Token, tokens};

/// What a program is in its lab.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Accepts TCP connections.
    Server,
    /// Opens a TCP connection.
    Client,
    /// Waits for datagrams.
    Receiver,
    /// Sends datagrams first.
    Sender,
}

/// What a prompt or an argument is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum About {
    Host,
    Port,
    Log,
    Other,
}

/// A file of sources.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    /// Seen from the submission's folder.
    pub(crate) path: PathBuf,
    pub(crate) language: Language,
    tokens: Vec<Token>,
}

/// A line that a program asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Prompt {
    pub(crate) text: String,
    pub(crate) about: About,
}

/// What a program wants on its command line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Arguments {
    pub(crate) words: Vec<String>,
    /// The same with the name of a log file among them.
    pub(crate) with_log: Option<Vec<String>>,
}

const PORT: &[&str] = &["порт", "port"];
const HOST: &[&str] = &[
    "хост",
    "host",
    "khost",
    "адрес",
    "addr",
    "adres",
    "сервер",
    "server",
    "ip",
];
const LOG: &[&str] = &["журнал", "log", "лог-", "лог"];

/// Sizes of buffers, which are no ports.
const SIZES: &[u16] = &[1024, 2048, 4096, 8192, 16384, 32768, 65535];

/// Words of a line that a port stands in.
const PORT_LINE: &[&str] = &[
    "bind",
    "connect",
    "sendto",
    "send_to",
    "htons",
    "create_connection",
    "create_server",
];

/// What a text, or a name, is about.
pub(crate) fn about(text: &str) -> About {
    let text = text.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    if has(PORT) {
        About::Port
    } else if has(LOG) && !text.contains("login") && !text.contains("логин") {
        About::Log
    } else if has(HOST) {
        About::Host
    } else {
        About::Other
    }
}

impl Source {
    /// Reads a source's text.
    pub(crate) fn new(path: &Path, text: &str, language: Language) -> Self {
        Self {
            path: path.to_owned(),
            language,
            tokens: tokens(text, language),
        }
    }

    /// Adds what a module of the same folder says, for it is part of the program.
    pub(crate) fn include(&mut self, module: &Self) {
        self.tokens.extend_from_slice(&module.tokens);
    }

    /// Whether a module of this name is imported.
    pub(crate) fn imports(&self, module: &str) -> bool {
        self.tokens
            .windows(2)
            .any(|pair| (pair[0].is("import") || pair[0].is("from")) && pair[1].is(module))
    }

    /// Whether one of the words stands in it.
    pub(crate) fn has(&self, words: &[&str]) -> bool {
        words
            .iter()
            .any(|word| self.tokens.iter().any(|token| token.is(word)))
    }

    /// Whether one of the texts contains one of these, in any case.
    pub(crate) fn says(&self, parts: &[&str]) -> bool {
        let texts = self
            .tokens
            .iter()
            .filter_map(Token::text)
            .map(str::to_lowercase);
        texts
            .into_iter()
            .any(|text| parts.iter().any(|part| text.contains(part)))
    }

    /// What it is; `None` if it does nothing with sockets of the internet.
    pub(crate) fn role(&self) -> Option<Role> {
        if self.has(&["AF_UNIX", "UnixStream", "UnixListener", "UnixDatagram"]) {
            return None;
        }
        let is_udp = self.has(&["SOCK_DGRAM", "UdpSocket"]);
        if self.has(&[
            "accept",
            "TcpListener",
            "create_server",
            "start_server",
            "incoming",
            "TCPServer",
            "ThreadingTCPServer",
        ]) {
            return Some(Role::Server);
        }
        let sends = self.has(&["sendto", "send_to"]);
        let receives = self.has(&["recvfrom", "recv_from"]);
        let binds = self.has(&["bind"]) && (receives || !sends);
        match (is_udp, binds) {
            (true, true) if self.language != Language::Rust || !sends => Some(Role::Receiver),
            (true, true) => Some(if self.sends_first() {
                Role::Sender
            } else {
                Role::Receiver
            }),
            (true, false) if sends || self.has(&["send"]) => Some(Role::Sender),
            _ if self.has(&[
                "connect",
                "create_connection",
                "TcpStream",
                "open_connection",
            ]) =>
            {
                Some(Role::Client)
            }
            _ => None,
        }
    }

    fn sends_first(&self) -> bool {
        let first = |word: &str| self.tokens.iter().position(|token| token.is(word));
        first("send_to") < first("recv_from")
    }

    /// Whether a file of C or Rust has a `main`.
    pub(crate) fn has_main(&self) -> bool {
        self.tokens
            .windows(2)
            .any(|pair| pair[0].is("main") && pair[1].is_sign('('))
    }

    /// What stands in the brackets of the call whose name is at `index`.
    fn arguments_of(&self, index: usize) -> &[Token] {
        // `print!(` of Rust.
        let open = index
            + 1
            + usize::from(
                self.tokens
                    .get(index + 1)
                    .is_some_and(|token| token.is_sign('!')),
            );
        if !self
            .tokens
            .get(open)
            .is_some_and(|token| token.is_sign('('))
        {
            return &[];
        }
        let mut depth = 0_usize;
        let rest = &self.tokens[open..];
        let end = rest.iter().position(|token| {
            depth += usize::from(token.is_sign('('));
            depth -= usize::from(token.is_sign(')'));
            depth == 0
        });
        &rest[1..end.unwrap_or(rest.len()).max(1)]
    }

    /// The places where one of the names is called.
    fn calls<'a>(&'a self, names: &'a [&str]) -> impl Iterator<Item = (usize, &'a [Token])> {
        let indices = (0..self.tokens.len()).filter(|&index| {
            let after_def = index > 0 && self.tokens[index - 1].is("def");
            !after_def && names.iter().any(|name| self.tokens[index].is(name))
        });
        indices.map(|index| (index, self.arguments_of(index)))
    }

    /// The words of the line around `index`.
    fn line(&self, index: usize) -> (&[Token], usize) {
        let is_end = |token: &Token| token.is_sign('\n') || token.is_sign(';');
        let start = self.tokens[..index]
            .iter()
            .rposition(is_end)
            .map_or(0, |at| at + 1);
        let rest = &self.tokens[index..];
        let end = index + rest.iter().position(is_end).unwrap_or(rest.len());
        (&self.tokens[start..end], index - start)
    }

    /// A text, or the text that a name was given.
    fn text_of(&self, token: &Token) -> Option<String> {
        if let Some(text) = token.text() {
            return Some(text.to_owned());
        }
        let name = token.word()?;
        self.tokens.windows(3).find_map(|three| {
            (three[0].is(name) && three[1].is_sign('='))
                .then(|| three[2].text().map(str::to_owned))?
        })
    }

    /// What it asks for, in order.
    pub(crate) fn prompts(&self) -> Vec<Prompt> {
        let reads: &[&str] = match self.language {
            Language::Python => &["input", "raw_input", "readline"],
            Language::C => &["scanf", "fgets", "getline", "cin"],
            Language::Rust => &["read_line"],
        };
        let mut prompts: Vec<Prompt> = Vec::new();
        for (index, arguments) in self.calls(reads) {
            let own = if self.language == Language::Python {
                arguments.iter().find_map(Token::text)
            } else {
                None
            };
            let from = index.saturating_sub(40);
            let before = || self.tokens[from..index].iter().rev().find_map(Token::text);
            let text = own.or_else(before).unwrap_or_default().to_owned();
            let helper = self.helper(index, arguments);
            let found = if helper.is_empty() {
                let about = self.about_prompt(&text, index);
                vec![Prompt { text, about }]
            } else {
                helper
            };
            for prompt in found {
                if !prompts.contains(&prompt) {
                    prompts.push(prompt);
                }
            }
        }
        prompts
    }

    /// A prompt that says nothing is about what its answer is called.
    fn about_prompt(&self, text: &str, index: usize) -> About {
        let (line, at) = self.line(index);
        let names = line[..at].iter().filter_map(Token::word);
        let named = || names.map(about).find(|about| *about != About::Other);
        match about(text) {
            About::Other => named().unwrap_or(About::Other),
            about => about,
        }
    }

    /// The prompts of a function that is given them: `ask("Порт", 9090)`.
    fn helper(&self, index: usize, arguments: &[Token]) -> Vec<Prompt> {
        let is_given = arguments
            .iter()
            .all(|token| token.text().is_none_or(|text| text.contains('{')));
        let is_fixed = arguments
            .iter()
            .filter_map(Token::text)
            .any(|text| about(text) != About::Other);
        let def = self.tokens[..index]
            .iter()
            .rposition(|token| token.is("def") || token.is("fn"));
        let name = def.and_then(|def| self.tokens[def + 1].word());
        let (Some(name), true, false) = (name, is_given && !arguments.is_empty(), is_fixed) else {
            return Vec::new();
        };
        let texts = self
            .calls(std::slice::from_ref(&name))
            .filter_map(|(_, arguments)| arguments.iter().find_map(Token::text))
            .map(str::to_owned)
            .collect::<Vec<_>>();
        let prompt = |text: String| Prompt {
            about: about(&text),
            text,
        };
        texts.into_iter().map(prompt).collect()
    }

    /// What its command line is made of; `is_client` ones need a host as well.
    pub(crate) fn arguments(&self, is_client: bool) -> Arguments {
        let options = self.options(is_client);
        if !options.words.is_empty() || options.with_log.is_some() {
            return options;
        }
        let mut found: Vec<(usize, About)> = Vec::new();
        for index in 0..self.tokens.len().saturating_sub(3) {
            let number = match &self.tokens[index..index + 3] {
                [name, open, number]
                    if (name.is("argv") || name.is("args")) && open.is_sign('[') =>
                {
                    number
                }
                [name, open, number] if name.is("nth") && open.is_sign('(') => number,
                _ => continue,
            };
            let number = number.word().and_then(|word| word.parse().ok());
            if let Some(number @ 1..=9) = number {
                let about = self.about_argument(index);
                match found.iter_mut().find(|(known, _)| *known == number) {
                    Some((_, known)) if *known == About::Other => *known = about,
                    Some(_) => {}
                    None => found.push((number, about)),
                }
            }
        }
        found.sort_unstable_by_key(|(number, _)| *number);
        positional(
            &found
                .into_iter()
                .map(|(_, about)| about)
                .collect::<Vec<_>>(),
        )
    }

    /// What the argument at `index` is for, by the call or the name that it is given to.
    fn about_argument(&self, index: usize) -> About {
        let (line, at) = self.line(index);
        let before: Vec<&Token> = line[..at]
            .iter()
            .filter(|token| !token.is("sys") && !token.is_sign('.'))
            .collect();
        if let [.., call, open] = before.as_slice() {
            let call = call.word().filter(|_| open.is_sign('('));
            match call {
                Some("int" | "atoi" | "strtol" | "strtoul" | "htons") => return About::Port,
                Some("open" | "fopen" | "FileHandler" | "create") => return About::Log,
                Some("inet_addr" | "gethostbyname" | "inet_aton" | "getaddrinfo") => {
                    return About::Host;
                }
                _ => {}
            }
        }
        if line.iter().any(|token| token.is("inet_pton")) {
            return About::Host;
        }
        if line
            .iter()
            .any(|token| token.is("open") || token.is("filename"))
        {
            return About::Log;
        }
        let Some(equals) = before.iter().position(|token| token.is_sign('=')) else {
            return About::Other;
        };
        let commas = |tokens: &[&Token]| tokens.iter().filter(|token| token.is_sign(',')).count();
        let position = commas(&before[equals..]);
        let targets: Vec<&[&Token]> = before[..equals].split(|token| token.is_sign(',')).collect();
        let target = targets.get(position).or(targets.last());
        let names = target.into_iter().flat_map(|target| target.iter());
        let mut names = names.filter_map(|token| token.word()).map(about);
        names
            .find(|about| *about != About::Other)
            .unwrap_or(About::Other)
    }

    /// The options of argparse.
    fn options(&self, is_client: bool) -> Arguments {
        let (mut words, mut log) = (Vec::new(), None);
        for (_, arguments) in self.calls(&["add_argument"]) {
            let names: Vec<&str> = arguments
                .iter()
                .filter_map(Token::text)
                .take_while(|text| !text.contains(' '))
                .collect();
            let Some(first) = names.first() else { continue };
            let option = names
                .iter()
                .find(|name| name.starts_with("--"))
                .unwrap_or(first);
            let value = match about(&names.join(" ")) {
                About::Port => "{port}",
                About::Log if option.starts_with('-') => {
                    log = Some([(*option).to_owned(), "{log}".to_owned()]);
                    continue;
                }
                About::Host if is_client || !option.starts_with('-') => "{host}",
                _ => continue,
            };
            if option.starts_with('-') {
                words.push((*option).to_owned());
            }
            words.push(value.to_owned());
        }
        let with_log = log.map(|log| words.iter().cloned().chain(log).collect());
        Arguments { words, with_log }
    }

    /// The variables of the environment that are about host and port.
    pub(crate) fn variables(&self) -> Vec<(String, About)> {
        let near = |index: usize| {
            let end = self.tokens.len().min(index + 6);
            self.tokens[index..end].iter().find_map(Token::text)
        };
        let reads = (0..self.tokens.len()).filter(|&index| {
            ["environ", "getenv", "var"]
                .iter()
                .any(|word| self.tokens[index].is(word))
        });
        let named = reads
            .filter_map(near)
            .map(|name| (name.to_owned(), about(name)));
        let mut found: Vec<_> = named
            .filter(|(_, about)| matches!(about, About::Host | About::Port))
            .collect();
        found.dedup();
        found
    }

    /// Ports that stand in it, the likeliest first.
    pub(crate) fn ports(&self) -> Vec<u16> {
        let mut ports = Vec::new();
        for (index, token) in self.tokens.iter().enumerate() {
            let found = match token {
                Token::Word(word) => word.parse().ok().filter(|_| self.is_port_line(index)),
                Token::Text(text) => text
                    .rsplit_once(':')
                    .and_then(|(_, port)| port.parse().ok()),
                Token::Sign(_) => None,
            };
            if let Some(port) =
                found.filter(|port| *port >= 1024 && !SIZES.contains(port) && !ports.contains(port))
            {
                ports.push(port);
            }
        }
        ports
    }

    fn is_port_line(&self, index: usize) -> bool {
        let (line, _) = self.line(index);
        let is_sign = |word: &str| {
            PORT_LINE.contains(&word)
                || about(word) == About::Port
                || word == "ADDR"
                || word == "ADDRESS"
        };
        line.iter().filter_map(Token::word).any(is_sign)
    }

    /// The address of another machine that stands in it.
    pub(crate) fn host(&self) -> Option<Ipv4Addr> {
        let address = |text: &str| -> Option<Ipv4Addr> { text.split(':').next()?.parse().ok() };
        let mut addresses = self
            .tokens
            .iter()
            .filter_map(Token::text)
            .filter_map(address);
        addresses.find(|address| address.is_private() || address.is_link_local())
    }

    /// Files that it opens: their name, and whether for writing.
    pub(crate) fn files(&self) -> Vec<(String, bool)> {
        let mut files = Vec::new();
        for (_, arguments) in self.calls(&["open", "fopen", "create"]) {
            let named = arguments.first().and_then(|name| self.text_of(name));
            let Some(name) =
                named.filter(|name| name.contains('.') && !name.contains(['{', ' ', ':']))
            else {
                continue;
            };
            let mut rest = arguments.iter().skip(1).filter_map(Token::text);
            let mode = rest.next().unwrap_or_default();
            let reads =
                self.language != Language::Rust && (mode.is_empty() || mode.starts_with('r'));
            files.push((name, !reads));
        }
        for (_, arguments) in self.calls(&["FileHandler", "RotatingFileHandler", "basicConfig"]) {
            let named = arguments
                .windows(3)
                .find(|three| three[0].is("filename") && three[1].is_sign('='));
            let name = named.map_or_else(|| arguments.first(), |three| three.get(2));
            let name = name
                .and_then(|name| self.text_of(name))
                .filter(|name| name.contains('.'));
            files.extend(name.map(|name| (name, true)));
        }
        files.dedup();
        files
    }

    /// The words that lines are compared with.
    pub(crate) fn compared(&self) -> Vec<String> {
        let mut words = Vec::new();
        for (index, token) in self.tokens.iter().enumerate() {
            let before = |n: usize| index.checked_sub(n).map(|at| &self.tokens[at]);
            let is_equal = before(1).is_some_and(|token| token.is_sign('='))
                && before(2).is_some_and(|token| token.is_sign('=') || token.is_sign('!'));
            let is_in = before(1).is_some_and(|token| {
                token.is_sign('(') || token.is_sign('[') || token.is_sign(',') || token.is_sign('{')
            }) && (1..8).any(|n| {
                before(n).is_some_and(|token| {
                    token.is("in")
                        || token.is("strcmp")
                        || token.is("strncmp")
                        || token.is("strcasecmp")
                })
            });
            let word = token.text().filter(|_| is_equal || is_in);
            let word = word
                .map(|word| word.trim().to_owned())
                .filter(|word| !word.is_empty() && word != "__main__");
            words.extend(word.filter(|word| word.chars().count() <= 10));
        }
        words
    }
}

/// Arguments without options; what is not known is taken for what is missing.
fn positional(found: &[About]) -> Arguments {
    let mut words = Vec::new();
    let has = |wanted| found.contains(&wanted);
    let (mut host, mut port) = (has(About::Host), has(About::Port));
    let mut n_unknown = found.iter().filter(|about| **about == About::Other).count();
    for about in found {
        let word = match about {
            About::Port => "{port}",
            About::Host => "{host}",
            About::Log => "{log}",
            About::Other if !host && (port || n_unknown > 1) => {
                host = true;
                "{host}"
            }
            About::Other if !port => {
                port = true;
                "{port}"
            }
            About::Other => break,
        };
        n_unknown -= usize::from(*about == About::Other);
        words.push(word.to_owned());
    }
    let with_log = words
        .iter()
        .any(|word| word == "{log}")
        .then(|| words.clone());
    words.retain(|word| word != "{log}");
    Arguments { words, with_log }
}
