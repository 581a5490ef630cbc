//! Which program of which lab a source is.

use checks::Lab;

use super::folder::Found;
use super::source::Role;

/// A program of the labs, and whether it is its UDP version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Which {
    pub(crate) program: &'static str,
    pub(crate) is_datagram: bool,
}

/// What names of files and folders begin or end with.
const NAMES: &[(&str, &[&str])] = &[
    ("time", &["time", "vremya", "врем"]),
    ("greeting", &["greet", "privet", "привет"]),
    ("hello", &["hello", "hi_"]),
    ("broadcast", &["broadcast", "shirok", "рассыл", "широков"]),
    ("echo", &["echo", "eho", "эхо"]),
];

/// The ports of the labs' texts.
const PORTS: &[(&str, u16)] = &[("greeting", 8007), ("hello", 12345), ("echo", 9090)];

impl Found {
    /// How much speaks for each lab.
    fn scores(&self, folder: &str) -> Vec<(&'static str, u32)> {
        let path = self.source.path.to_string_lossy().to_lowercase();
        let source = &self.source;
        let is_udp = matches!(source.role(), Some(Role::Receiver | Role::Sender));
        let score = |&(lab, names): &(&'static str, &[&str])| {
            let named = |text: &str| u32::from(names.iter().any(|name| text.contains(name)));
            let port = PORTS
                .iter()
                .any(|(name, port)| *name == lab && source.ports().contains(port));
            let content = match lab {
                "time" => {
                    source.has(&["ctime", "strftime", "asctime", "Local", "isoformat"])
                        && source.role() == Some(Role::Server)
                }
                "greeting" => source.says(&["привет, клиент", "привет, сервер", "hello, client"]),
                "hello" => {
                    source.says(&["hello, server"])
                        || is_udp && !source.has(&["SO_BROADCAST", "set_broadcast"])
                }
                "broadcast" => {
                    is_udp
                        && (source.has(&["SO_BROADCAST", "set_broadcast"])
                            || source.ports().contains(&8888))
                }
                _ => {
                    source.has(&["upper", "toupper", "to_uppercase"])
                        || source.compared().iter().any(|word| word == "exit")
                }
            };
            let is_possible = is_udp == (lab == "broadcast") || is_udp && lab == "hello";
            let sum =
                6 * named(&path) + 4 * u32::from(content) + 2 * u32::from(port) + 3 * named(folder);
            (lab, if is_possible { sum } else { 0 })
        };
        NAMES.iter().map(score).collect()
    }

    /// The lab that most speaks for; `None` if nothing does.
    fn lab(&self, folder: &str) -> Option<&'static str> {
        let mut scores = self.scores(folder);
        scores.sort_by_key(|(_, score)| std::cmp::Reverse(*score));
        scores
            .first()
            .filter(|(_, score)| *score > 0)
            .map(|(lab, _)| *lab)
    }

    fn program(&self, lab: &str, folder: &str) -> Option<Which> {
        let role = self.source.role()?;
        let is_datagram = lab == "hello" && matches!(role, Role::Receiver | Role::Sender);
        let name = match role {
            Role::Server if lab == "echo" && folder.contains("auto") => "auto-port".to_owned(),
            Role::Receiver if lab == "broadcast" => "broadcast-receiver".to_owned(),
            Role::Sender if lab == "broadcast" => "broadcast-sender".to_owned(),
            Role::Server | Role::Receiver => format!("{lab}-server"),
            Role::Client | Role::Sender => format!("{lab}-client"),
        };
        let program = checks::programs().find(|program| *program == name)?;
        Some(Which {
            program,
            is_datagram,
        })
    }
}

/// Which program each of those found is; `wanted` is the lab if it was named.
pub(crate) fn which(found: &[Found], wanted: Option<&Lab>, folder: &str) -> Vec<Option<Which>> {
    let folder = folder.to_lowercase();
    let labs: Vec<Option<&str>> = found.iter().map(|found| found.lab(&folder)).collect();
    // What says nothing is of the same lab as the others: a folder mostly holds one.
    let others = labs.iter().flatten().next().copied();
    let is_tcp = |found: &Found| matches!(found.source.role(), Some(Role::Server | Role::Client));
    let of = |(found, lab): (&Found, &Option<&str>)| {
        let own = lab.or(others.filter(|_| is_tcp(found)));
        let lab = wanted
            .map(|lab| lab.name)
            .or(own)
            .or(is_tcp(found).then_some("echo"))?;
        let place = format!(
            "{folder} {}",
            found.source.path.to_string_lossy().to_lowercase()
        );
        found.program(lab, &place)
    };
    found.iter().zip(&labs).map(of).collect()
}
