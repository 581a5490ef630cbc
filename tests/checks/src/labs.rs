//! The labs and the tasks that their texts set.

use crate::catalog::Says;

/// A lab: what a student hands in together.
#[derive(Clone, Copy, Debug)]
pub struct Lab {
    /// Its name, such as `echo`.
    pub name: &'static str,
    /// What it is about.
    pub title: Says,
    /// What its text asks for.
    pub tasks: &'static [Task],
    /// What the text gives extra points for; an instructor does, by hand.
    pub bonus: &'static [Says],
}

/// One task of a lab.
#[derive(Clone, Copy, Debug)]
pub struct Task {
    /// Its number in the text: `1`, or `s3` for the third one of self-study.
    pub id: &'static str,
    /// What it asks for, in a few words.
    pub title: Says,
    /// What it is worth unless an instructor's table says otherwise.
    pub points: u32,
    /// The programs that have to do it; of several in one place any one will do. None: it is judged
    /// by hand.
    pub programs: &'static [&'static [&'static str]],
}

impl Lab {
    /// The lab of this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        LABS.iter().find(|lab| lab.name == name)
    }

    /// The lab that a program belongs to.
    pub fn of_program(program: &str) -> Option<&'static Self> {
        LABS.iter()
            .find(|lab| lab.programs().any(|known| known == program))
    }

    /// The programs of the lab, in the order of its tasks.
    pub fn programs(&self) -> impl Iterator<Item = &'static str> {
        let mut seen = Vec::new();
        for program in self.tasks.iter().flat_map(|task| task.programs.concat()) {
            if !seen.contains(&program) {
                seen.push(program);
            }
        }
        seen.into_iter()
    }

    /// The task of this number.
    pub fn task(&self, id: &str) -> Option<&'static Task> {
        self.tasks.iter().find(|task| task.id == id)
    }
}

const fn task(
    id: &'static str,
    points: u32,
    programs: &'static [&'static [&'static str]],
    en: &'static str,
    ru: &'static str,
) -> Task {
    let title = Says { en, ru };
    Task {
        id,
        title,
        points,
        programs,
    }
}

/// All labs that there are checks for.
pub const LABS: &[Lab] = &[
    Lab {
        name: "time",
        title: Says {
            en: "time server and client",
            ru: "сервер и клиент времени",
        },
        tasks: &[
            task(
                "1",
                2,
                &[&["time-server"]],
                "the server tells the time",
                "сервер сообщает время",
            ),
            task(
                "2",
                1,
                &[&["time-client"]],
                "the client shows it",
                "клиент показывает его",
            ),
        ],
        bonus: &[],
    },
    Lab {
        name: "greeting",
        title: Says {
            en: "one message each way",
            ru: "по одному сообщению в каждую сторону",
        },
        tasks: &[
            task(
                "1",
                2,
                &[&["greeting-server"]],
                "the server answers with a greeting",
                "сервер отвечает приветствием",
            ),
            task(
                "2",
                1,
                &[&["greeting-client"]],
                "the client shows the greeting and its length",
                "клиент показывает приветствие и его длину",
            ),
        ],
        bonus: &[],
    },
    Lab {
        name: "hello",
        title: Says {
            en: "one message one way",
            ru: "одно сообщение в одну сторону",
        },
        tasks: &[
            task(
                "1",
                2,
                &[&["hello-server"], &["hello-client"]],
                "over TCP",
                "по TCP",
            ),
            task(
                "2",
                2,
                &[&["hello-server"], &["hello-client"]],
                "over UDP",
                "по UDP",
            ),
        ],
        bonus: &[],
    },
    Lab {
        name: "broadcast",
        title: Says {
            en: "UDP broadcast",
            ru: "широковещательная рассылка UDP",
        },
        tasks: &[
            task(
                "1",
                2,
                &[&["broadcast-receiver"]],
                "the receiver shows what is broadcast",
                "получатель показывает рассылку",
            ),
            task(
                "2",
                1,
                &[&["broadcast-sender"]],
                "the sender broadcasts again and again",
                "отправитель рассылает снова и снова",
            ),
        ],
        bonus: &[],
    },
    Lab {
        name: "echo",
        title: Says {
            en: "the simplest TCP client and echo server",
            ru: "простейшие TCP-клиент и эхо-сервер",
        },
        tasks: &[
            task(
                "1",
                2,
                &[&["echo-server"]],
                "the server returns the text in portions of 1 KiB",
                "сервер возвращает текст порциями по 1 КиБ",
            ),
            task(
                "2",
                1,
                &[&["echo-server"]],
                "the server tells of every event",
                "сервер сообщает о каждом событии",
            ),
            task(
                "3",
                1,
                &[&["echo-client"]],
                "the client sends a line",
                "клиент отправляет строку",
            ),
            task(
                "4",
                1,
                &[&["echo-client"]],
                "the client tells of every event",
                "клиент сообщает о каждом событии",
            ),
            task(
                "s1",
                1,
                &[],
                "from a local, a virtual and a remote machine",
                "с локальной, виртуальной и удалённой машины",
            ),
            task(
                "s2",
                1,
                &[&["echo-client"]],
                "line after line until `exit`",
                "строка за строкой до exit",
            ),
            task(
                "s3",
                1,
                &[&["echo-server"]],
                "the server serves one client after another",
                "сервер обслуживает клиентов одного за другим",
            ),
            task(
                "s4",
                1,
                &[&["echo-server"], &["echo-client"]],
                "host and port are asked for",
                "хост и порт спрашиваются",
            ),
            task(
                "s5",
                1,
                &[&["echo-server"]],
                "events go to a log file",
                "события пишутся в файл журнала",
            ),
            task(
                "s6",
                1,
                &[&["echo-server", "auto-port"]],
                "a busy port is changed for another",
                "занятый порт меняется на другой",
            ),
            task(
                "s7",
                1,
                &[],
                "identification by address",
                "идентификация по адресу",
            ),
            task(
                "s8",
                1,
                &[],
                "authentication by password",
                "аутентификация по паролю",
            ),
            task(
                "s9",
                1,
                &[],
                "messages with a header of fixed length",
                "сообщения с заголовком фиксированной длины",
            ),
            task(
                "s10",
                1,
                &[],
                "many messages, one in answer to another",
                "много сообщений в ответ друг на друга",
            ),
            task(
                "s11",
                1,
                &[],
                "chat of many users",
                "многопользовательский чат",
            ),
        ],
        bonus: &[
            Says {
                en: "s8: passwords are stored safely",
                ru: "s8: пароли хранятся безопасно",
            },
            Says {
                en: "s8: a session by token",
                ru: "s8: сеанс по токену",
            },
            Says {
                en: "s9: the functions extend the socket class",
                ru: "s9: функции расширяют класс сокета",
            },
        ],
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{Level, of, programs};

    #[test]
    fn every_program_has_a_lab_and_every_task_its_checks() {
        for program in programs() {
            let lab = Lab::of_program(program).unwrap();
            for check in of(program).iter().filter(|check| !check.task.is_empty()) {
                let task = lab.task(check.task).unwrap();
                assert!(task.programs.concat().contains(&program), "{}", check.id);
            }
        }
        for (lab, task) in LABS
            .iter()
            .flat_map(|lab| lab.tasks.iter().map(move |task| (lab, task)))
        {
            for program in task.programs.concat() {
                let asks =
                    |check: &crate::Check| check.task == task.id && check.level == Level::Must;
                let checks = of(program);
                assert!(checks.iter().any(asks), "{} {}", lab.name, task.id);
            }
        }
    }
}
