//! The runner of console blocks, tried on pages that are right and on pages that are wrong.

use std::fs;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use book::{Needs, Setting, programs, run, trial};
use libtest_mimic::{Arguments, Failed};

fn main() -> ExitCode {
    let needs = Needs::check(&CASES.iter().flat_map(|case| programs(case.page)).collect());
    let trials = CASES.iter().map(|case| {
        let unmet = needs.unmet(&programs(case.page));
        trial(case.name.into(), unmet, || ends_as_it_must(case))
    });
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit_code()
}

/// A page, and what its failure says: the parts between `|`. One that says that it waited for `1s` waits no longer.
struct Case {
    name: &'static str,
    page: &'static str,
    failure: Option<&'static str>,
}

fn ends_as_it_must(case: &Case) -> Result<(), Failed> {
    let waits_in_vain = case.failure.is_some_and(|failure| failure.contains(" 1s"));
    let setting = Setting {
        folder: Path::new(env!("CARGO_MANIFEST_DIR")).join("tests"),
        target: Path::new(env!("CARGO_TARGET_TMPDIR")).into(),
        locale: "ru_RU.UTF-8".into(),
        patience: Duration::from_secs(if waits_in_vain { 1 } else { 30 }),
        build_patience: Duration::from_secs(60),
    };
    let result = run(case.page, &setting).map_err(|failure| failure.to_string());
    if let Some(left) = still_running(case.page) {
        return Err(format!("still runs: {left}").into());
    }
    match (result, case.failure) {
        (Ok(()), None) => Ok(()),
        (Err(told), Some(parts)) if parts.split('|').all(|part| told.contains(part)) => Ok(()),
        (Ok(()), Some(_)) => Err("a wrong page passes".into()),
        (Err(told), _) => Err(told.into()),
    }
}

/// A process with a number of seconds on its command line that the page names as `sleep 86...`.
fn still_running(page: &str) -> Option<String> {
    let seconds = page
        .split_whitespace()
        .find(|word| word.starts_with("86"))?;
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let commands = processes.filter_map(|one| fs::read_to_string(one.path().join("cmdline")).ok());
    let mut sleepers = commands.filter(|command| command.starts_with("sleep"));
    sleepers.find(|command| command.contains(seconds))
}

const CASES: &[Case] = &[
    Case {
        name: "a stopped program goes on, and ends",
        page: "
```console terminal=one
$ cat
> one
one
```

```console terminal=two
$ pkill -STOP -x cat; sleep 0.2; pkill -CONT -x cat; echo awake
awake
```

```console terminal=one
> two
two
^C
$ echo three
three
```
",
        failure: None,
    },
    Case {
        name: "a program that is left stopped is killed",
        page: "
```console terminal=one
$ sleep 8601
```

```console terminal=two
$ pkill -STOP -x sleep; sleep 0.2; echo stopped
stopped
```
",
        failure: None,
    },
    Case {
        name: "a right page passes",
        page: "
```console terminal=a
$ echo one; echo two >&2; printf '> three\\n> > four  \\n> \\n'; false; echo $?
one
two
three
four
1
$ date '+%F %T'; echo port 8080
<time>
port <port1>
$ for n in 1 2 3; do echo line $n; done
...
line 3
$ echo to; echo be; echo left
to
...
$ echo 'at the end'; echo 'of a page'
at the end
```
",
        failure: None,
    },
    Case {
        name: "commands see the reader's language and nothing of the outer cargo",
        page: "
```console terminal=a
$ echo $LANG ${LC_ALL-none} ${CARGO_PKG_NAME-none} $NO_COLOR; cat data/greeting.txt
ru_RU.UTF-8 none none 1
Привет
```
",
        failure: None,
    },
    Case {
        name: "what is typed reaches the program, and ^D ends its input",
        page: "
```console terminal=a
$ cat; echo done
> hello
hello
>

> > quoted
quoted
^D
done
```
",
        failure: None,
    },
    Case {
        name: "a question is expected before it is answered",
        page: "
```console terminal=a
$ read -p 'address [::]: ' address; read -p 'port [9090]: ' port; echo ${address:-::} ${port:-9090}
address [::]:
> ::1
port [<n>]:
>
::1 9090
```
",
        failure: None,
    },
    Case {
        name: "a server stays up over blocks and ends with ^C",
        page: "
```console terminal=server
$ trap 'echo stopped; exit' INT; nc -lkv 127.0.0.1 9090
Listening on localhost 9090
```
Now a client:
```console terminal=client
$ nc -N 127.0.0.1 9090
> hello
^D
$ echo $((40000 + 2)) again
<n> again
```
```console terminal=server
Connection received on localhost <port1>
hello
^C
stopped
$ echo once more
once more
```
",
        failure: None,
    },
    Case {
        name: "pages do not meet on ports and in /tmp",
        page: "
```console terminal=server
$ trap 'cat /tmp/book-trial; exit' INT; echo mine >>/tmp/book-trial && nc -lv 127.0.0.1 9090
Listening on localhost 9090
^C
mine
```
",
        failure: None,
    },
    Case {
        name: "low ports are forbidden",
        page: "
```console terminal=a
$ nc -l 127.0.0.1 80; echo $?
nc: Permission denied
1
```
",
        failure: None,
    },
    Case {
        name: "the keys that follow a command reach it",
        page: "
```console terminal=a
$ sleep 86001
^C
$ echo next
next
```
",
        failure: None,
    },
    Case {
        name: "what runs at the end of a page is killed",
        page: "
```console terminal=a
$ trap '' INT TERM HUP; setsid sleep 86002 & sleep 86002
```
",
        failure: None,
    },
    Case {
        name: "a wrong line fails and shows the terminal",
        page: "
```console terminal=a
$ echo one; printf 'two \\033[1m\\n'
one
three
```
",
        failure: Some(
            ":5: terminal a: another line has come: |expected:\n    three\nthe terminal has shown:\n    | one\n    | two \\u{1b}[1m",
        ),
    },
    Case {
        name: "a line after the end of the program fails",
        page: "
```console terminal=a
$ echo one
one
two
```
",
        failure: Some(":5: terminal a: the program has ended without this line"),
    },
    Case {
        name: "a line that does not come fails at the deadline",
        page: "
```console terminal=a
$ echo one; sleep 86003
...
two
```
",
        failure: Some(":5: terminal a: this line has not come in 1s|    two|    | one"),
    },
    Case {
        name: "output that is left over fails",
        page: "
```console terminal=a
$ echo one; echo two
one
$ echo three
```
",
        failure: Some(":5: terminal a: the program before has printed more: \"two\""),
    },
    Case {
        name: "a program that does not end before the next fails",
        page: "
```console terminal=a
$ sleep 86004
$ echo next
```
",
        failure: Some(":4: terminal a: the program before still runs after 1s"),
    },
    Case {
        name: "a numbered port must be the same again",
        page: "
```console terminal=a
$ echo from 1024; echo from 1024; echo from 1025
from <port1>
from <port1>
from <port1>
```
",
        failure: Some(":6: terminal a: another line has come: \"from 1025\"|<port1> is 1024"),
    },
    Case {
        name: "a program that prints without end fails",
        page: "
```console terminal=a
$ yes
$ true
```
",
        failure: Some(":4: terminal a: the program prints without end"),
    },
    Case {
        name: "a block without a terminal fails",
        page: "```console\n$ true\n```\n",
        failure: Some(":1: terminal -: a console block is opened by"),
    },
    Case {
        name: "a terminal without a command fails",
        page: "```console terminal=a\nhello\n```\n",
        failure: Some(":2: terminal a: nothing was started"),
    },
];
