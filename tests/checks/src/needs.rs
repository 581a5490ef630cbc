//! What a check cannot do without, asked before it runs.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use common::tr;

use crate::room;
use crate::run::is_set;
use crate::subject::{PortBy, Subject};
use crate::time::ZONE;

/// Something that the machine or the program must offer for a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// The program is the reference: the check is about the suite's own command line.
    Reference,
    /// `lab.toml` says how to start the program so that it asks for its port.
    Asking,
    /// `lab.toml` says how to start the program so that it logs to a file.
    Logging,
    /// `lab.toml` says how the UDP version of the program is started.
    Datagram,
    /// The port can be chosen when the program is started.
    ChosenPort,
    /// Signals and pipes as on Unix.
    Unix,
    /// What Linux tells of other programs' sockets in /proc.
    Linux,
    /// A network namespace of its own: Linux, root, and the program `ip`.
    Namespace,
    /// A network to broadcast on: namespaces, or loopback's for a program that takes `{host}`.
    Network,
    /// Ports below 1024 can be made out of bounds: a user without privileges, or root and
    /// `setpriv`.
    Unprivileged,
    /// IPv6 on the loopback interface.
    Ipv6,
    /// The program `python3`.
    Python,
    /// Time zones by name, as in the package tzdata.
    Zones,
    /// The program `faketime`, which makes another program live at another time.
    Faketime,
    /// Time: a check that takes long runs where it is asked for.
    Heavy,
    /// Room for ten thousand connections and as many threads.
    Room,
}

/// Why a check cannot run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Missing {
    /// It is not meant for this program.
    NotMeant,
    /// The submission does not have it.
    NotAttempted(String),
    /// The machine lacks something.
    Machine(String),
}

impl Missing {
    /// That the program is in somebody else's hands.
    pub(crate) fn started_here() -> Self {
        Self::NotAttempted(tr!(
            "the check needs a program that it has started itself",
            "проверке нужна программа, которую она запустила сама"
        ))
    }
}

impl Need {
    /// `None` if it is there.
    pub fn missing(self, subject: &Subject) -> Option<Missing> {
        let not_attempted = |text: String| Some(Missing::NotAttempted(text));
        match self {
            Self::Reference if subject.is_reference => None,
            Self::Reference => Some(Missing::NotMeant),
            Self::Asking | Self::Logging | Self::Datagram | Self::ChosenPort | Self::Faketime
                if subject.running.is_some() =>
            {
                Some(Missing::started_here())
            }
            Self::Asking if subject.asking.is_some() => None,
            Self::Asking => not_attempted(tr!(
                "lab.toml has no way of starting it so that it asks for the port",
                "в lab.toml нет способа запуска с вопросом о порте"
            )),
            Self::Logging if subject.logging.is_some() => None,
            Self::Logging => not_attempted(tr!(
                "lab.toml names no log file",
                "в lab.toml не назван файл журнала"
            )),
            Self::Datagram if subject.datagram.is_some() => None,
            Self::Datagram => not_attempted(tr!(
                "lab.toml has no way of starting its UDP version",
                "в lab.toml нет способа запуска версии для UDP"
            )),
            Self::ChosenPort if subject.plain.port == PortBy::Given => None,
            Self::ChosenPort => not_attempted(tr!(
                "the program's port cannot be chosen",
                "порт программы нельзя выбрать"
            )),
            Self::Network if subject.plain.takes_host() && cfg!(target_os = "linux") => None,
            machine => machine.missing_on_machine().map(Missing::Machine),
        }
    }

    /// The reason if the machine lacks it; what is the subject's own never is the machine's fault.
    pub fn missing_on_machine(self) -> Option<String> {
        let there = match self {
            Self::Unix => cfg!(unix),
            Self::Linux => cfg!(target_os = "linux"),
            Self::Namespace | Self::Network => *NAMESPACE,
            Self::Unprivileged => *UNPRIVILEGED,
            Self::Ipv6 => *IPV6,
            Self::Python => *PYTHON,
            Self::Zones => Path::new("/usr/share/zoneinfo").join(ZONE).exists(),
            Self::Faketime => FAKETIME.is_some(),
            Self::Heavy => is_set("LAB_HEAVY") || is_set("LAB_REQUIRE_ALL"),
            Self::Room => return LACKING_ROOM.clone(),
            _ => true,
        };
        (!there).then(|| self.reason())
    }

    /// Why a machine without it cannot run the check.
    fn reason(self) -> String {
        match self {
            Self::Unix => tr!("Unix only", "только в Unix"),
            Self::Linux => tr!("Linux only", "только в Linux"),
            Self::Namespace => tr!(
                "network namespaces need Linux, root and `ip`",
                "сетевые пространства имён требуют Linux, root и `ip`"
            ),
            Self::Network => tr!(
                "a program that does not take {{host}} broadcasts on a network of its own: \
                 that needs Linux, root and `ip`",
                "программе без {{host}} нужна для рассылки своя сеть: \
                 для неё нужны Linux, root и `ip`"
            ),
            Self::Unprivileged => tr!(
                "ports below 1024 are open to everybody here, or root lacks `setpriv`",
                "порты ниже 1024 здесь открыты всем, либо для root нет `setpriv`"
            ),
            Self::Ipv6 => tr!(
                "no IPv6 on loopback",
                "нет IPv6 на интерфейсе обратной связи"
            ),
            Self::Python => tr!("python3 is missing", "нет python3"),
            Self::Zones => tr!(
                "time zones (tzdata) are missing",
                "нет часовых поясов (tzdata)"
            ),
            Self::Faketime => tr!("faketime is missing", "нет faketime"),
            Self::Heavy => tr!(
                "it takes long: LAB_HEAVY=1 runs it",
                "выполняется долго: запускается с LAB_HEAVY=1"
            ),
            _ => String::new(),
        }
    }
}

static LACKING_ROOM: LazyLock<Option<String>> = LazyLock::new(room::lacking);

static IPV6: LazyLock<bool> = LazyLock::new(|| std::net::TcpListener::bind("[::1]:0").is_ok());

static PYTHON: LazyLock<bool> = LazyLock::new(|| {
    let mut command = Command::new("python3");
    command.arg("--version");
    runs(command)
});

/// The value of `LD_PRELOAD` that makes a program live at the time in `FAKETIME`. The command
/// faketime(1) knows it. That command itself is no way to start a program: it leaves a semaphore named
/// after its process behind if it is killed, and fails where it finds one.
pub(crate) static FAKETIME: LazyLock<Option<String>> = LazyLock::new(|| {
    let ask = || {
        let mut command = Command::new("faketime");
        command.args(["-f", "+1d", "printenv", "LD_PRELOAD"]);
        let output = command.env_remove("LD_PRELOAD").output().ok()?;
        let said = String::from_utf8(output.stdout).ok()?.trim().to_owned();
        (output.status.success() && !said.is_empty()).then_some(said)
    };
    (0..5).find_map(|_| ask())
});

static NAMESPACE: LazyLock<bool> = LazyLock::new(|| {
    // The thread keeps the namespace to itself and takes it along when it ends.
    std::thread::spawn(|| harness::enter_network_namespace().is_ok())
        .join()
        .unwrap_or(false)
});

static UNPRIVILEGED: LazyLock<bool> = LazyLock::new(|| {
    let start = std::fs::read_to_string("/proc/sys/net/ipv4/ip_unprivileged_port_start");
    let guarded = start.is_ok_and(|text| text.trim().parse().is_ok_and(|port: u16| port > 80));
    guarded && (!is_root() || runs(without_privilege(Command::new("true"))))
});

/// The command without the right to bind ports below 1024.
pub(crate) fn without_privilege(command: Command) -> Command {
    if !is_root() {
        return command;
    }
    let mut limited = Command::new("setpriv");
    limited.args([
        "--bounding-set=-net_bind_service",
        "--inh-caps=-net_bind_service",
        "--",
    ]);
    limited.arg(command.get_program()).args(command.get_args());
    limited
}

fn is_root() -> bool {
    #[cfg(unix)]
    return rustix::process::geteuid().is_root();
    #[cfg(not(unix))]
    return false;
}

fn runs(mut command: Command) -> bool {
    let quiet = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}
