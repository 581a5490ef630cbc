//! Every report of a class whose students mean harm, read by the programs that it is written for.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that panics has failed; these stand outside #[test] only because of their own main"
)]

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::LazyLock;
use std::time::Duration;

use base64ct::{Base64, Encoding};
use checks::{CheckResult, Difference, Missing, Verdict, trial_unless};
use common::Lang;
use harness::{Entry, Link, What};
use lab::report;
use lab::results::{Bonus, Class, Graded, Judged, Score, TaskScore, TaskStatus};
use libtest_mimic::{Arguments, Completion, Trial};
use scraper::{Html, Selector};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// A test, and what it lacks to run.
type Case = (&'static str, fn(), Option<Missing>);

macro_rules! case {
    ($test:ident) => {
        case!($test, None)
    };
    ($test:ident, $missing:expr) => {
        (stringify!($test), $test as fn(), $missing)
    };
}

fn main() -> ExitCode {
    common::set_lang(Lang::from_env());
    let cases: Vec<Case> = vec![
        case!(every_submission_has_a_folder_of_its_own_inside_the_report),
        case!(no_page_has_a_script_or_a_handler_of_a_student),
        case!(the_policy_of_a_page_names_the_hashes_of_its_script_and_style),
        case!(no_page_loads_anything),
        case!(every_link_leads_somewhere),
        case!(every_failure_has_its_exchange_as_a_diagram),
        case!(invisible_characters_of_students_are_in_no_report),
        case!(points_are_the_same_in_every_report),
        case!(json_gives_the_class_back),
        case!(junit_is_xml_and_read_by_the_reader_of_its_writer),
        case!(junit_takes_a_failed_should_for_skipped_unless_strict),
        case!(junit_is_read_by_junitparser, python("junitparser")),
        case!(json_matches_its_schema, python("jsonschema")),
        case!(gradescope_matches_its_schema, python("jsonschema")),
        case!(classroom_matches_its_schema, python("jsonschema")),
        case!(both_readers_of_classroom_see_the_same_points),
        case!(a_task_that_is_not_passed_names_its_checks_that_failed),
        case!(csv_is_read_back_and_no_cell_is_a_formula),
        case!(a_class_without_submissions_has_reports),
        case!(all_this_is_so_in_the_other_language),
    ];
    let trial = |(name, test, missing): Case| -> Trial {
        trial_unless(missing, name, "", move || {
            test();
            Ok(Completion::Completed)
        })
    };
    let trials = cases.into_iter().map(trial).collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// The Python that has such a module: Debian's need not be the first one.
fn python_with(module: &str) -> Option<&'static str> {
    let has_it = |python: &&str| {
        let mut python = Command::new(python);
        let found = python.args(["-c", &format!("import {module}")]).output();
        found.is_ok_and(|output| output.status.success())
    };
    ["python3", "/usr/bin/python3"].into_iter().find(has_it)
}

/// What is missing if no Python has such a module; Debian's package is `python3-...`.
fn python(module: &str) -> Option<Missing> {
    let missing = || Missing::Machine(format!("no python3 with {module}"));
    python_with(module).is_none().then(missing)
}

/// Runs a script that needs `module`; it must succeed.
fn run_python(module: &str, script: &str, arguments: &[&Path]) -> String {
    let output = Command::new(python_with(module).unwrap())
        .args(["-c", script])
        .args(arguments)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    String::from_utf8(output.stdout).unwrap()
}

/// What students try, each at every place where they can write something.
const HOSTILE: [&str; 10] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "]]></script></title></style></pre></svg>",
    "</testsuites><!-- &amp; &#0; -->",
    "\0\x08\x1b[2J\x7f\u{9b}\u{fffe}\u{ffff}\u{feff}",
    "=cmd|' /C calc'!A0",
    "\n@SUM(1);=1+1",
    "../../etc",
    "\u{202e}txt.exe\u{2028}",
];

/// The folder with the reports of [`class`], written once.
static REPORTS: LazyLock<PathBuf> = LazyLock::new(|| written(&class(), "reports"));

fn written(class: &Class, name: &str) -> PathBuf {
    let name = format!("{name}-{:?}", common::lang()).to_lowercase();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    // It is not there the first time.
    let _ = fs::remove_dir_all(&folder);
    report::write(class, &folder).unwrap();
    folder
}

fn read(path: impl AsRef<Path>) -> String {
    let path = REPORTS.join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn json(path: impl AsRef<Path>) -> Value {
    serde_json::from_str(&read(path)).unwrap()
}

/// The folders of the submissions, in their order.
fn folders() -> Vec<String> {
    serde_json::from_value(json("class.json")["folders"].clone()).unwrap()
}

/// All pages, with their paths in the report.
fn pages() -> Vec<(String, Html)> {
    let own = folders().into_iter().map(|name| name + "/index.html");
    let paths = std::iter::once("index.html".to_owned()).chain(own);
    let page = |path: String| {
        let page = Html::parse_document(&read(&path));
        (path, page)
    };
    paths.map(page).collect()
}

fn select(selector: &str) -> Selector {
    Selector::parse(selector).unwrap()
}

/// A class of seven: one who did everything, one with failures of every kind, one who means harm
/// everywhere, some with unusual names, one of them with a bonus, and one who could not be graded.
fn class() -> Class {
    let long = "n".repeat(300);
    Class {
        begun: "2026-11-21T18:00:00Z".into(),
        seconds: 75.4,
        seed: 42,
        strict: false,
        submissions: vec![
            graded("ivanova", Some("Анна Иванова"), 0, vec![]),
            graded("petrov", Some("Пётр Петров"), 1, vec![]),
            graded(&HOSTILE.concat(), Some(&HOSTILE.concat()), 2, penalty()),
            graded("..", Some(HOSTILE[6]), 0, vec![]),
            graded(&long, None, 0, vec![]),
            graded("a/b", Some("=1+1"), 0, bonus()),
            refused(),
        ],
    }
}

fn bonus() -> Vec<Bonus> {
    vec![Bonus {
        reason: "identification <b>by</b> address".into(),
        points: 1.5,
    }]
}

fn penalty() -> Vec<Bonus> {
    vec![Bonus {
        reason: HOSTILE.concat(),
        points: -1.0,
    }]
}

fn refused() -> Graded {
    Graded {
        name: "index.html".into(),
        student: None,
        seconds: 0.0,
        problem: Some(HOSTILE.concat()),
        programs: vec![],
        score: Score::default(),
    }
}

/// A submission of the lab `echo`; `kind` 0 passes, 1 fails in every way, 2 does so with harm.
fn graded(name: &str, student: Option<&str>, kind: usize, bonus: Vec<Bonus>) -> Graded {
    let programs: Vec<Judged> = ["echo-server", "echo-client"]
        .into_iter()
        .map(|program| judged(program, kind))
        .collect();
    let lab = checks::Lab::named("echo").unwrap();
    let tasks = lab.tasks.iter().enumerate();
    let tasks: Vec<TaskScore> = tasks
        .map(|(place, task)| earned(task, kind, place))
        .collect();
    let by_tasks: f64 = tasks.iter().map(|task| task.points).sum();
    let by_hand: f64 = bonus.iter().map(|bonus| bonus.points).sum();
    Graded {
        name: name.into(),
        student: student.map(String::from),
        seconds: 12.5,
        problem: None,
        programs,
        score: Score {
            points: by_tasks + by_hand,
            of: tasks.iter().map(|task| task.of).sum(),
            tasks,
            bonus,
            robust: 7,
            robust_of: 9,
        },
    }
}

fn earned(task: &checks::Task, kind: usize, place: usize) -> TaskScore {
    let status = match (task.programs, kind, place) {
        ([], ..) => TaskStatus::ByHand,
        (_, 0, _) => TaskStatus::Passed,
        (_, _, 0 | 3) => TaskStatus::Failed,
        (_, _, 5) => TaskStatus::NotAttempted,
        (_, _, 8) => TaskStatus::Unknown,
        _ => TaskStatus::Passed,
    };
    let share = match (status, place) {
        (TaskStatus::Passed, _) => 1.0,
        (_, 0) => 0.75,
        _ => 0.0,
    };
    let of = f64::from(task.points);
    TaskScore {
        lab: "echo".into(),
        task: task.id.into(),
        status,
        points: share * of,
        of,
        missing: Vec::new(),
    }
}

fn judged(program: &str, kind: usize) -> Judged {
    let results = checks::of(program).into_iter().enumerate();
    let results = results.map(|(place, check)| match (kind, place % 4) {
        (0, _) | (_, 1..) => CheckResult::new(check.id, Verdict::Pass, String::new()),
        _ => unsuccessful(program, check.id, kind, place / 4),
    });
    Judged {
        program: program.into(),
        results: results.collect(),
    }
}

fn unsuccessful(program: &str, id: &str, kind: usize, number: usize) -> CheckResult {
    use Verdict::{Crashed, Fail, Hung, Inconclusive, NotAttempted, Skipped, WrongPort};
    let all = [
        Fail,
        Hung,
        Crashed,
        Skipped,
        WrongPort,
        NotAttempted,
        Inconclusive,
    ];
    let verdict = all[number % all.len()];
    let harm = if kind == 2 {
        HOSTILE.concat()
    } else {
        String::new()
    };
    let mut result = CheckResult::new(
        id,
        verdict,
        format!("другие байты вернулись, чем были отправлены {harm}"),
    );
    result.seconds = 4.25;
    if verdict != Skipped && verdict != NotAttempted {
        result.cause = Some(format!("one recv is taken for one message {harm}"));
        result.remarks = vec![format!("confirmed by a second run {harm}")];
        result.difference = Some(Difference {
            expected: "Привет, мир! The quick brown fox jumps over the lazy dog".into(),
            received: [
                b"\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1?".to_vec(),
                harm.clone().into(),
            ]
            .concat(),
        });
        result.transcript = if number % 2 == 0 {
            exchange(program, &harm)
        } else {
            crowd(program, number)
        };
    }
    result
}

fn entry(ms: u64, who: &str, what: What) -> Entry {
    let (at, who) = (Duration::from_millis(ms), who.to_owned());
    Entry { at, who, what }
}

/// One peer, a message in two segments, and a program that waits.
fn exchange(program: &str, harm: &str) -> Vec<Entry> {
    let peer = if program.ends_with("server") {
        "client 1"
    } else {
        "server"
    };
    let sent = |text: &str| What::Sent([text.as_bytes(), harm.as_bytes()].concat());
    let got = |text: &str| {
        What::Received([text.as_bytes(), harm.as_bytes(), b"\xed\xa0\x80\xff"].concat())
    };
    let note = |text: &str| What::Note(text.to_owned());
    let line = |text: &str| What::Line(format!("{text} {harm}"));
    let step = |text: &str| What::Step(format!("{text} {harm}"));
    let long = "the second half of the message, which is so long that it has to be cut";
    let all = [
        (0, program, note("starts: ./echo --port 40001 --quiet")),
        (12, program, line("[18:00:00] listening on 127.0.0.1:40001")),
        (15, "", step("a letter comes in two segments")),
        (
            15,
            peer,
            What::Link(Link::Connects(([127, 0, 0, 1], 40001).into())),
        ),
        (16, program, line("client 127.0.0.1:51234 connected")),
        (16, peer, sent("Привет, мир")),
        (18, peer, sent(long)),
        (19, peer, got("Приве")),
        (4020, peer, note("nothing came for 4 s")),
        (4021, "", step("end of stream answers end of stream")),
        (4021, peer, What::Link(Link::EndsHalf)),
        (4022, peer, What::Received(vec![b'x'; 2000])),
        (4023, peer, What::Link(Link::SeesReset)),
        (4030, program, note(&format!("ended: {harm}"))),
    ];
    all.map(|(ms, who, what)| entry(ms, who, what)).into()
}

/// Many peers, one after another.
fn crowd(program: &str, n_peers: usize) -> Vec<Entry> {
    let mut entries = vec![entry(0, "", What::Step("all clients talk at once".into()))];
    for round in 0..12 {
        for peer in 1..=n_peers.clamp(2, 5) {
            let (name, at) = (format!("client {peer}"), (round * 10 + peer) as u64);
            entries.push(entry(
                at,
                &name,
                What::Sent(format!("round {round} of client {peer}\n").into()),
            ));
            entries.push(entry(
                at,
                &name,
                What::Received(format!("round {round}\n").into()),
            ));
        }
        entries.push(entry(
            (round * 10 + 9) as u64,
            program,
            What::Line(format!("round {round}")),
        ));
    }
    entries
}

fn every_submission_has_a_folder_of_its_own_inside_the_report() {
    let folders = folders();
    assert_eq!(folders.len(), class().submissions.len());
    let unique: HashSet<String> = folders.iter().map(|name| name.to_lowercase()).collect();
    assert_eq!(unique.len(), folders.len());
    let fixed = ["index.html", "class.json", "class.csv", "junit.xml"].map(String::from);
    let expected: HashSet<String> = folders.into_iter().chain(fixed).collect();
    let entries = fs::read_dir(&*REPORTS).unwrap();
    let found: HashSet<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(found, expected);
}

fn no_page_has_a_script_or_a_handler_of_a_student() {
    let ours = Html::parse_document(
        &fs::read_to_string(written(&empty(), "no-student").join("index.html")).unwrap(),
    );
    let texts = |page: &Html, tag: &str| -> Vec<String> {
        page.select(&select(tag))
            .map(|found| found.text().collect())
            .collect()
    };
    for (path, page) in pages() {
        for tag in ["script", "style"] {
            assert_eq!(texts(&page, tag), texts(&ours, tag), "{path}: {tag}");
        }
        for element in page.select(&select("*")) {
            let tag = element.value().name();
            let foreign = [
                "img",
                "iframe",
                "object",
                "embed",
                "base",
                "link",
                "form",
                "b",
                "foreignObject",
                "use",
            ];
            assert!(!foreign.contains(&tag), "{path}: <{tag}>");
            for (name, value) in element.value().attrs() {
                let is_bad = name.starts_with("on")
                    || name == "style"
                    || value.trim_start().starts_with("javascript:");
                assert!(!is_bad, "{path}: <{tag} {name}={value:?}>");
            }
        }
    }
}

fn the_policy_of_a_page_names_the_hashes_of_its_script_and_style() {
    for (path, page) in pages() {
        let policies = select("head > meta[http-equiv=Content-Security-Policy]");
        let policies: Vec<_> = page.select(&policies).collect();
        assert_eq!(policies.len(), 1, "{path}");
        let policy = policies[0].attr("content").unwrap();
        assert!(
            policy.starts_with("default-src 'none'; "),
            "{path}: {policy}"
        );
        assert!(!policy.contains("unsafe"), "{path}: {policy}");
        for tag in ["script", "style"] {
            let text: String = page
                .select(&select(tag))
                .flat_map(|found| found.text())
                .collect();
            let hash = Base64::encode_string(&Sha256::digest(&text));
            let source = format!("{tag}-src 'sha256-{hash}'");
            assert!(policy.contains(&source), "{path}: {policy} lacks {source}");
        }
    }
}

fn no_page_loads_anything() {
    for (path, page) in pages() {
        for element in page.select(&select(
            "[src], [href], [action], [data], [poster], [srcset]",
        )) {
            let value = element.value();
            assert_eq!(value.name(), "a", "{path}: {value:?}");
            let href = value.attr("href").unwrap();
            assert!(
                !href.contains(':') && !href.starts_with('/'),
                "{path}: {href}"
            );
        }
    }
}

fn every_link_leads_somewhere() {
    let pages = pages();
    let ids = |page: &Html| -> HashSet<String> {
        let with_id = select("[id]");
        let ids: Vec<String> = page
            .select(&with_id)
            .map(|found| found.attr("id").unwrap().into())
            .collect();
        let unique: HashSet<String> = ids.iter().cloned().collect();
        assert_eq!(unique.len(), ids.len(), "an id is there twice");
        unique
    };
    let ids: Vec<(&str, HashSet<String>)> = pages
        .iter()
        .map(|(path, page)| (path.as_str(), ids(page)))
        .collect();
    let mut n_links = 0;
    for (path, page) in &pages {
        for link in page.select(&select("a")) {
            let href = link.attr("href").unwrap();
            let (target, id) = href.split_once('#').unwrap_or((href, ""));
            let target = match (target, path.as_str()) {
                ("", path) => path,
                ("../index.html", _) => "index.html",
                (target, _) => target,
            };
            let target = decoded(target);
            let found = ids.iter().find(|(path, _)| *path == target);
            let (_, ids) = found.unwrap_or_else(|| panic!("{path}: {href}"));
            assert!(id.is_empty() || ids.contains(id), "{path}: {href}");
            n_links += 1;
        }
    }
    assert!(n_links > 100, "{n_links}");
}

/// What a link names: `%20` is a space.
fn decoded(link: &str) -> String {
    let mut parts = link.split('%');
    let mut bytes = parts.next().unwrap().as_bytes().to_vec();
    for part in parts {
        bytes.push(u8::from_str_radix(&part[..2], 16).unwrap());
        bytes.extend_from_slice(&part.as_bytes()[2..]);
    }
    String::from_utf8(bytes).unwrap()
}

fn every_failure_has_its_exchange_as_a_diagram() {
    let submissions = class().submissions;
    for (graded, folder) in submissions.iter().zip(folders()) {
        let page = Html::parse_document(&read(format!("{folder}/index.html")));
        let results = graded.programs.iter().flat_map(|judged| &judged.results);
        let told = results
            .filter(|result| !result.transcript.is_empty())
            .count();
        assert_eq!(
            page.select(&select("section.failure figure > svg")).count(),
            told,
            "{folder}"
        );
        assert_eq!(
            page.select(&select("section.failure details > pre"))
                .count(),
            told,
            "{folder}"
        );
        let sent = page.select(&select("svg .sent")).count();
        assert_eq!(sent > 0, told > 0, "{folder}");
    }
}

fn invisible_characters_of_students_are_in_no_report() {
    let mut paths = vec![
        PathBuf::from("index.html"),
        "junit.xml".into(),
        "class.csv".into(),
    ];
    for folder in folders() {
        for file in ["index.html", "results.json", "classroom.json"] {
            paths.push(Path::new(&folder).join(file));
        }
    }
    for path in paths {
        let text = read(&path);
        let is_bad = |c: char| {
            (c.is_control() && c != '\n' && c != '\r')
                || ('\u{202a}'..='\u{202e}').contains(&c)
                || matches!(c, '\u{2028}' | '\u{fffe}' | '\u{ffff}')
        };
        let bad = text.chars().find(|c| is_bad(*c));
        assert_eq!(bad, None, "{}", path.display());
    }
}

/// The number at the beginning of a text.
fn number(text: &str) -> f64 {
    let digits = text.trim_start().split([' ', '/']).next().unwrap();
    digits
        .parse()
        .unwrap_or_else(|_| panic!("{text:?} begins with no number"))
}

fn sum(tests: &Value) -> f64 {
    let scores = tests
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|test| test["score"].as_f64());
    scores.sum()
}

fn points_are_the_same_in_every_report() {
    let class_page = Html::parse_document(&read("index.html"));
    let cells = select(".matrix tbody td.sum");
    let cells: Vec<f64> = class_page
        .select(&cells)
        .map(|cell| number(&cell.text().collect::<String>()))
        .collect();
    let document = json("class.json");
    let (_, rows) = table();
    for (place, (graded, folder)) in class().submissions.iter().zip(folders()).enumerate() {
        let page = Html::parse_document(&read(format!("{folder}/index.html")));
        let total: String = page
            .select(&select(".total"))
            .flat_map(|found| found.text())
            .collect();
        let gradescope = json(format!("{folder}/results.json"));
        let classroom = json(format!("{folder}/classroom.json"));
        let found = [
            ("class page", cells[place]),
            ("own page", number(total.split_once(':').unwrap().1)),
            (
                "JSON",
                document["submissions"][place]["score"]["points"]
                    .as_f64()
                    .unwrap(),
            ),
            ("CSV", rows[place][3].parse().unwrap()),
            ("Gradescope", gradescope["score"].as_f64().unwrap()),
            ("Gradescope's tests", sum(&gradescope["tests"])),
            ("Classroom", sum(&classroom["tests"])),
        ];
        for (report, points) in found {
            assert!(
                (points - graded.score.points).abs() < 1e-6,
                "{folder}: {report} {points}, {}",
                graded.score.points
            );
        }
    }
}

fn a_task_that_is_not_passed_names_its_checks_that_failed() {
    let said = |folder: &str| {
        let tests = &json(format!("{folder}/results.json"))["tests"];
        tests[0]["output"].as_str().unwrap().to_owned()
    };
    assert!(said("petrov").contains("\necho/answers: "));
    assert!(said(&folders()[2]).contains("\necho/answers: "));
    assert_eq!(said("ivanova").lines().count(), 1);
    let portions = json("petrov/classroom.json");
    let missed = portions["tests"].as_array().unwrap().iter();
    let mut missed = missed.filter(|test| test["status"] == "fail");
    assert_eq!(missed.next().unwrap()["message"], said("petrov"));
}

fn json_gives_the_class_back() {
    let class_again: Class = serde_json::from_str(&read("class.json")).unwrap();
    assert_eq!(class_again, class());
}

fn junit_is_xml_and_read_by_the_reader_of_its_writer() {
    let text = read("junit.xml");
    let document = roxmltree::Document::parse(&text).unwrap();
    let n_checks: usize = class()
        .submissions
        .iter()
        .flat_map(|graded| &graded.programs)
        .map(|judged| judged.results.len())
        .sum();
    let cases = document
        .descendants()
        .filter(|node| node.has_tag_name("testcase"));
    // One more for the submission that was refused.
    assert_eq!(cases.count(), n_checks + 1);
    let report = quick_junit::Report::deserialize_from_str(&text).unwrap();
    assert_eq!(report.tests, n_checks + 1);
}

fn junit_takes_a_failed_should_for_skipped_unless_strict() {
    let counts = |strict| {
        let class = Class { strict, ..class() };
        let folder = written(&class, if strict { "strict" } else { "lenient" });
        let text = fs::read_to_string(folder.join("junit.xml")).unwrap();
        let document = roxmltree::Document::parse(&text).unwrap();
        let count = |tag: &str| {
            document
                .descendants()
                .filter(|node| node.has_tag_name(tag))
                .count()
        };
        (count("failure"), count("skipped"), count("error"))
    };
    let (lenient, strict) = (counts(false), counts(true));
    assert!(
        lenient.0 < strict.0 && lenient.1 > strict.1,
        "{lenient:?} {strict:?}"
    );
    assert!(
        lenient.0 > 0 && lenient.2 > 1 && lenient.2 == strict.2,
        "{lenient:?} {strict:?}"
    );
}

fn junit_is_read_by_junitparser() {
    let script = "
import sys
from junitparser import JUnitXml
xml = JUnitXml.fromfile(sys.argv[1])
cases = [case for suite in xml for case in suite]
assert all(case.name and case.classname for case in cases)
print(xml.tests, xml.failures, xml.errors, len(cases))
";
    let said = run_python("junitparser", script, &[&REPORTS.join("junit.xml")]);
    let counts: Vec<usize> = said
        .split_whitespace()
        .map(|count| count.parse().unwrap())
        .collect();
    let [tests, failures, errors, cases] = counts[..] else {
        panic!("{said}")
    };
    assert_eq!(tests, cases);
    assert!(failures > 0 && errors > 0, "{said}");
}

/// Every one of the files matches the schema, and the schema itself is one.
fn matches_schema(schema: &str, files: &[PathBuf]) {
    let script = "
import json, sys
from jsonschema import Draft202012Validator as Validator
schema = json.load(open(sys.argv[1], encoding='utf-8'))
Validator.check_schema(schema)
for path in sys.argv[2:]:
    Validator(schema).validate(json.load(open(path, encoding='utf-8')))
";
    let schema = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("schemas")
        .join(schema);
    let paths: Vec<&Path> = std::iter::once(&schema)
        .chain(files)
        .map(PathBuf::as_path)
        .collect();
    run_python("jsonschema", script, &paths);
}

/// A file of each submission.
fn of_each(name: &str) -> Vec<PathBuf> {
    folders()
        .iter()
        .map(|folder| REPORTS.join(folder).join(name))
        .collect()
}

fn json_matches_its_schema() {
    matches_schema("class.schema.json", &[REPORTS.join("class.json")]);
}

fn gradescope_matches_its_schema() {
    matches_schema("gradescope.schema.json", &of_each("results.json"));
}

fn classroom_matches_its_schema() {
    matches_schema("classroom.schema.json", &of_each("classroom.json"));
}

fn both_readers_of_classroom_see_the_same_points() {
    for folder in folders() {
        let document = json(format!("{folder}/classroom.json"));
        let tests = document["tests"].as_array().unwrap();
        let passed = tests.iter().filter(|test| test["status"] == "pass").count() as f64;
        let share = passed / tests.len().max(1) as f64 * document["max_score"].as_f64().unwrap();
        let sum = sum(&document["tests"]);
        assert!((share - sum).abs() < 1e-6, "{folder}: {share} {sum}");
        let line = read(format!("{folder}/classroom.output"));
        let encoded = line
            .strip_prefix("result=")
            .unwrap()
            .strip_suffix('\n')
            .unwrap();
        let decoded: Value = serde_json::from_slice(&Base64::decode_vec(encoded).unwrap()).unwrap();
        assert_eq!(decoded, document);
    }
}

/// The head and the rows of the CSV file.
fn table() -> (Vec<String>, Vec<Vec<String>>) {
    let text = read("class.csv");
    let text = text.strip_prefix('\u{feff}').expect("a byte order mark");
    // It refuses rows of different lengths.
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let owned = |record: &csv::StringRecord| record.iter().map(String::from).collect::<Vec<_>>();
    let head = owned(reader.headers().unwrap());
    let rows = reader
        .records()
        .map(|record| owned(&record.unwrap()))
        .collect();
    (head, rows)
}

fn csv_is_read_back_and_no_cell_is_a_formula() {
    let (head, rows) = table();
    assert_eq!(rows.len(), class().submissions.len());
    let unique: HashSet<&String> = head.iter().collect();
    assert_eq!(unique.len(), head.len());
    for cell in head.iter().chain(rows.iter().flatten()) {
        for part in cell.split([';', '\t']) {
            let begins = part.trim_start().starts_with(['=', '+', '-', '@']);
            assert!(!begins || part.parse::<f64>().is_ok(), "{cell:?}");
        }
    }
    assert!(!read("class.csv").replace("\r\n", "").contains(['\r', '\n']));
}

fn empty() -> Class {
    Class {
        begun: "2026-11-21T18:00:00Z".into(),
        seconds: 0.0,
        seed: 1,
        strict: false,
        submissions: vec![],
    }
}

fn a_class_without_submissions_has_reports() {
    let folder = written(&empty(), "empty");
    for file in ["index.html", "class.json", "class.csv", "junit.xml"] {
        assert!(folder.join(file).is_file(), "{file}");
    }
}

fn all_this_is_so_in_the_other_language() {
    let other = match common::lang() {
        Lang::En => "ru_RU.UTF-8",
        Lang::Ru => "C.UTF-8",
    };
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--skip", "all_this_is_so"])
        .env("LC_ALL", other)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
}
