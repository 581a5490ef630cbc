//! The likely cause of a failure by the program's own words: the error that nobody caught.

use harness::{Entry, Failure, Outcome, What};

use crate::catalog::Says;

/// How a line begins, `…`, and what stands in it or in one of the few before it.
type Pattern = &'static str;

/// How many lines of a traceback or of a panic are looked at together.
const TOGETHER: usize = 4;

const fn says(en: &'static str, ru: &'static str) -> Says {
    Says { en, ru }
}

const PORT_IN_USE: Says = says(
    "bind finds the port in use: set SO_REUSEADDR before bind; against another program that listens \
     there only another port helps",
    "для bind порт занят: установите SO_REUSEADDR до bind; если порт слушает другая программа, \
     поможет только другой порт",
);

const MEMORY: Says = says(
    "it touches memory that is not its own (SIGSEGV): a pointer that leads nowhere, or an array that is \
     too small; compile it with -g -fsanitize=address, which names the line",
    "она обращается к чужой памяти (SIGSEGV): указатель ведёт в никуда или массив слишком мал; \
     соберите её с -g -fsanitize=address, и строка будет названа",
);

const ABORTED: Says = says(
    "it is aborted (SIGABRT): a failed assert, memory that was overrun or freed twice, or in C++ an \
     exception that nobody caught; its last line says which",
    "она прервана (SIGABRT): не выполнен assert, повреждена или дважды освобождена память, в C++ не \
     перехвачено исключение; что именно, сказано в её последней строке",
);

/// Errors that nobody caught, whether the program has ended or only one of its threads.
const UNCAUGHT: &[(&[Pattern], Says)] = &[
    (
        &[
            "OSError: [Errno 98]",
            "OSError: [Errno 48]",
            "OSError: …ddress already in use",
            "…AddrInUse",
            "…java.net.BindException",
        ],
        PORT_IN_USE,
    ),
    (
        &[
            "UnicodeDecodeError: ",
            "…Utf8Error",
            "…java.nio.charset.MalformedInputException",
        ],
        says(
            "what one recv returns need not be a whole text: it may end inside a letter, or be no UTF-8 at \
             all; decode with errors=\"replace\", or with an incremental decoder",
            "то, что вернул один recv, — не обязательно целый текст: он может кончиться внутри буквы или быть \
             не в UTF-8; декодируйте с errors=\"replace\" или инкрементным декодером",
        ),
    ),
    (
        &["UnicodeEncodeError: "],
        says(
            "the text has letters that the encoding lacks: encode as UTF-8, which encode() does by itself",
            "в тексте есть буквы, которых нет в кодировке: кодируйте в UTF-8, как encode() и делает без \
             аргументов",
        ),
    ),
    (
        &[
            "ConnectionResetError: ",
            "…kind: ConnectionReset",
            "…SocketException: Connection reset",
        ],
        says(
            "the other side has reset the connection, and recv and send raise an error: catch it, for it \
             ends this connection only",
            "другая сторона сбросила соединение, и recv и send сообщают об ошибке: перехватите её, ведь это \
             конец только этого соединения",
        ),
    ),
    (
        &[
            "BrokenPipeError: ",
            "…kind: BrokenPipe",
            "…SocketException: Broken pipe",
        ],
        says(
            "it sends although the other side has closed the connection: catch the error, for it ends this \
             connection only",
            "она отправляет, хотя другая сторона закрыла соединение: перехватите ошибку, ведь это конец \
             только этого соединения",
        ),
    ),
    (
        &["ModuleNotFoundError: "],
        says(
            "a module is not there: its file is missing in the folder that is handed in, or it has to be \
             installed, and here it is not",
            "модуля нет: в сданной папке не хватает файла, или модуль нужно устанавливать, а здесь он не \
             установлен",
        ),
    ),
    (
        &["SyntaxError: ", "IndentationError: ", "TabError: "],
        says(
            "Python cannot read the source, so that nothing of it has run: the lines above the error name \
             the place",
            "Python не может прочитать исходный текст, и ничего из него не выполнялось: место названо \
             строками выше ошибки",
        ),
    ),
    (
        &["PermissionError: ", "…kind: PermissionDenied"],
        says(
            "the system does not permit it: a port below 1024, a broadcast without SO_BROADCAST, or a file \
             that is not its own",
            "система этого не разрешает: порт меньше 1024, широковещательная отправка без SO_BROADCAST \
             или чужой файл",
        ),
    ),
    (
        &["EOFError: EOF when reading a line"],
        says(
            "input() has found the end of the input: each question needs its answer in `answers` of \
             lab.toml, and where the input may end, catch EOFError",
            "input() встретила конец ввода: на каждый вопрос нужен ответ в `answers` файла lab.toml, а там, \
             где ввод может кончиться, перехватывайте EOFError",
        ),
    ),
    (
        &[
            "ValueError: invalid literal for int()",
            "…ParseIntError",
            "…NumberFormatException",
        ],
        says(
            "a text is taken for a number and is none: check what is typed; if it should be the port, look \
             at the arguments and answers in lab.toml",
            "за число принят текст, который им не является: проверяйте введённое; если это должен быть порт, \
             посмотрите аргументы и ответы в lab.toml",
        ),
    ),
    (
        &["IndexError: …sys.argv", "…ArrayIndexOutOfBoundsException"],
        says(
            "it wants more arguments than it gets: name them in `command` of lab.toml",
            "ей нужно больше аргументов, чем дано: укажите их в `command` файла lab.toml",
        ),
    ),
    (
        &["NameError: ", "UnboundLocalError: "],
        says(
            "a name is used that nothing has defined yet: misspelt, not imported, or set on another path \
             only",
            "использовано имя, которое ещё не определено: опечатка, нет import или присваивания на этом пути",
        ),
    ),
    (
        &["TypeError: …bytes"],
        says(
            "a socket takes and gives bytes, not text: encode before send, decode after recv",
            "сокет принимает и отдаёт байты, а не текст: encode перед send, decode после recv",
        ),
    ),
    (
        &["thread …panicked at"],
        says(
            "it panics: handle an error that can happen with `match` or `?`, not with `unwrap`",
            "она паникует: ошибку, которая возможна, обрабатывайте через `match` или `?`, а не `unwrap`",
        ),
    ),
    (
        &["Exception in thread "],
        says(
            "an exception that nobody catches ends its thread: catch it where it can happen",
            "исключение, которое никто не перехватил, завершает поток: перехватите его там, где оно возможно",
        ),
    ),
];

/// What only counts if the program has ended: another one says it and goes on.
const ENDED: &[(&[Pattern], Says)] = &[
    (&["…ddress already in use"], PORT_IN_USE),
    (
        &["…Segmentation fault", "…signal: 11", "…exit status: 139"],
        MEMORY,
    ),
    (&["…Aborted", "…signal: 6", "…exit status: 134"], ABORTED),
];

/// What the console names as the cause, the last error first. Nothing, if it names none.
pub(crate) fn cause(entries: &[Entry], failure: &Failure) -> Option<&'static str> {
    let mut lines: Vec<&str> = entries.iter().filter_map(words).collect();
    let uncaught = named_by(&lines, UNCAUGHT);
    if failure.outcome != Outcome::Crashed {
        return uncaught;
    }
    lines.push(&failure.what);
    let last = &lines[lines.len().saturating_sub(TOGETHER)..];
    uncaught.or_else(|| named_by(last, ENDED))
}

/// What the program has printed, and how it has ended.
fn words(entry: &Entry) -> Option<&str> {
    match &entry.what {
        What::Line(text) | What::Note(text) => Some(text),
        _ => None,
    }
}

fn named_by(lines: &[&str], table: &[(&[Pattern], Says)]) -> Option<&'static str> {
    let named = |end: usize| {
        let together = &lines[end.saturating_sub(TOGETHER)..end];
        let row = table.iter().find(|(patterns, _)| {
            let mut patterns = patterns.iter();
            patterns.any(|pattern| fits(together, pattern))
        });
        row.map(|(_, cause)| cause.text())
    };
    (1..=lines.len()).rev().find_map(named)
}

/// Whether the last of these lines begins as the pattern does, and the rest stands in one of them.
fn fits(lines: &[&str], pattern: Pattern) -> bool {
    let (begin, rest) = pattern.split_once('…').unwrap_or((pattern, ""));
    let begins = lines.last().is_some_and(|line| line.starts_with(begin));
    begins && lines.iter().any(|line| line.contains(rest))
}

#[cfg(test)]
mod tests {
    use harness::Transcript;

    use super::*;

    fn cause_of(outcome: Outcome, what: &str, console: &str) -> Option<&'static str> {
        let transcript = Transcript::new();
        for line in console.lines() {
            transcript.add("server", What::Line(line.to_owned()));
        }
        cause(&transcript.entries(), &Failure::with_outcome(outcome, what))
    }

    #[test]
    fn the_last_line_of_a_traceback_names_the_cause() {
        let of = |error: &str| {
            let head = "Traceback (most recent call last):\n  File \"a.py\", line 3, in <module>";
            let console = format!("{head}\n    port = int(sys.argv[1])\n{error}\nbye");
            cause_of(Outcome::Fail, "", &console).unwrap_or_default()
        };
        assert!(of("OSError: [Errno 98] Address already in use").contains("SO_REUSEADDR"));
        assert!(of("UnicodeDecodeError: 'utf-8' codec can't decode").contains("incremental"));
        assert!(of("IndexError: list index out of range").contains("arguments"));
        assert!(of("TypeError: a bytes-like object is required, not 'str'").contains("encode"));
        assert!(of("EOFError: EOF when reading a line").contains("`answers`"));
        assert_eq!(of("KeyboardInterrupt"), "");
        assert_eq!(of("TypeError: unsupported operand type(s)"), "");
    }

    #[test]
    fn a_panic_is_named_by_its_reason_if_it_has_one() {
        let head = "thread 'main' (7) panicked at src/main.rs:3:5:";
        let of = |why: &str| cause_of(Outcome::Fail, "", &format!("{head}\n{why}"));
        let in_use =
            "called `Result::unwrap()` on an `Err` value: Os { code: 98, kind: AddrInUse }";
        assert!(of(in_use).unwrap().contains("SO_REUSEADDR"));
        assert!(of("explicit panic").unwrap().contains("panics"));
    }

    #[test]
    fn what_a_program_says_and_survives_is_no_cause() {
        let busy = "bind: Address already in use";
        assert_eq!(cause_of(Outcome::Fail, "", busy), None);
        let ended = cause_of(Outcome::Crashed, "ended (exit status: 1)", busy);
        assert!(ended.unwrap().contains("SO_REUSEADDR"));
        let killed = cause_of(Outcome::Crashed, "ended (signal: 11 (SIGSEGV))", "hello");
        assert!(killed.unwrap().contains("SIGSEGV"));
        assert_eq!(
            cause_of(Outcome::Crashed, "ended (exit status: 1)", "hello"),
            None
        );
    }
}
