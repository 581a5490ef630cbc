//! The three errors that every server meets sooner or later, by name.

use std::io::{self, ErrorKind};
use std::net::Ipv4Addr;

use anyhow::{Context, Result};
use common::tr;

use crate::listen;

/// The name of an error of bind(2) or listen(2), and what it means.
pub(crate) fn explain(error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::AddrInUse => tr!(
            "EADDRINUSE, another socket listens on this port",
            "EADDRINUSE, этот порт слушает другой сокет"
        ),
        ErrorKind::PermissionDenied => tr!(
            "EACCES, ports below 1024 are for the administrator",
            "EACCES, порты ниже 1024 доступны только администратору"
        ),
        ErrorKind::AddrNotAvailable => tr!(
            "EADDRNOTAVAIL, no interface of this machine has this address",
            "EADDRNOTAVAIL, ни один интерфейс этой машины не имеет такого адреса"
        ),
        _ => tr!(
            "an error that another port would not mend",
            "ошибка, которую другой порт не исправит"
        ),
    }
}

/// Makes `bind` fail in the three ways, one after another, and prints what comes of it.
pub(crate) fn show() -> Result<()> {
    let first = listen((Ipv4Addr::LOCALHOST, 0).into(), 1).context("bind 127.0.0.1:0")?;
    let taken = first
        .local_addr()
        .context("ask for the listening address")?;
    // Port 1 is below 1024; 203.0.113.1 stands in examples and belongs to nobody (RFC 5737).
    let attempts = [
        taken,
        (Ipv4Addr::LOCALHOST, 1).into(),
        (Ipv4Addr::new(203, 0, 113, 1), 0).into(),
    ];
    let mut lines = String::new();
    for address in attempts {
        let outcome = match listen(address, 1) {
            Ok(_) => tr!(
                "no error: this machine allows it to you",
                "ошибки нет: эта машина вам такое позволяет"
            ),
            Err(error) => format!("{error}: {}", explain(&error)),
        };
        lines += &format!("bind {address}: {outcome}\n");
    }
    common::PeerOutput::stdout().show(lines.as_bytes())
}
