use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use sha2::{Digest, Sha256};

use crate::project::Project;

/// A shared cache in memory, which refuses a content that does not hash to its name.
pub struct Server {
    pub url: String,
    kept: Arc<Mutex<HashMap<String, Vec<u8>>>>,
    asked: Arc<Mutex<Vec<String>>>,
    connections: Arc<AtomicUsize>,
}

impl Server {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let (kept, asked) = (Arc::<Mutex<HashMap<String, Vec<u8>>>>::default(), Arc::<Mutex<Vec<String>>>::default());
        let connections = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&connections);
        let server = Self { url, kept: Arc::clone(&kept), asked: Arc::clone(&asked), connections };
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                count.fetch_add(1, Ordering::SeqCst);
                let (kept, asked) = (Arc::clone(&kept), Arc::clone(&asked));
                thread::spawn(move || while answer(&stream, &kept, &asked).is_some() {});
            }
        });
        server
    }

    fn count(&self, method: &str) -> usize {
        self.asked.lock().unwrap().iter().filter(|asked| asked.starts_with(method)).count()
    }
}

fn answer(stream: &TcpStream, kept: &Mutex<HashMap<String, Vec<u8>>>, asked: &Mutex<Vec<String>>) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|count| *count > 0)?;
    let (mut words, mut length) = (line.split(' '), 0);
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        if header.trim().is_empty() {
            break;
        }
        if let Some(value) = header.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    asked.lock().unwrap().push(format!("{method} {path}"));
    let name: String = Sha256::digest(&body).iter().map(|byte| format!("{byte:02x}")).collect();
    let (status, content) = match method.as_str() {
        "PUT" if path.starts_with("/cas/") && !path.ends_with(&name) => ("400 Bad Request", Vec::new()),
        "PUT" => {
            kept.lock().unwrap().insert(path, body);
            ("200 OK", Vec::new())
        }
        _ => match kept.lock().unwrap().get(&path) {
            Some(content) => ("200 OK", content.clone()),
            None => ("404 Not Found", b"<html>nothing here</html>".to_vec()),
        },
    };
    let mut stream = stream;
    stream.write_all(format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n", content.len()).as_bytes()).ok()?;
    stream.write_all(&content).ok()
}

fn generate(project: &Project, out: &str, words: &[&str]) -> crate::project::Run {
    project.kiln(&[&["generate", "-O", out], words].concat())
}

#[test]
fn a_second_machine_renders_nothing() {
    let server = Server::start();
    let (one, other) = (Project::new(), Project::new());
    one.kiln(&["generate", "-O", "whole"]).exits(0);
    // Reading is the default: nothing is put there.
    generate(&one, "out-0", &["--cache-url", &server.url]).exits(0);
    assert_eq!((server.count("PUT"), server.count("GET")), (0, 19));
    generate(&one, "out-1", &["--cache-url", &server.url, "--cache-mode", "readwrite"]).exits(0);
    assert_eq!(server.count("PUT"), 19);
    generate(&other, "out-2", &["--cache-url", &server.url]).says(0, &["rendered 0 components", "fetched 19"]);
    assert_eq!(other.tree("out-2"), one.tree("whole"));
    assert_eq!(one.tree("out-1"), one.tree("whole"));
    // One input more, one render more.
    other.write("config/sites/c1.yaml", "subcomponents: {web: {config: {note: new}}, db: {config: {size: 1}}}\n");
    generate(&other, "out-3", &["--cache-url", &server.url]).says(0, &["rendered 1 component,"]);
}

#[test]
fn connections_are_few_and_serve_for_many_requests() {
    let server = Server::start();
    let project = Project::new();
    // Native templates see the cluster's name: each has a result of its own.
    project.write("component.yaml", "name: shop\nsubcomponents:\n- {name: note, type: template, path: notes}\n");
    project.write("notes/note.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: '{{ kiln.cluster.name }}'}\n");
    for layer in ["common", "prod", "testing"] {
        project.write(&format!("config/{layer}.yaml"), "");
    }
    let clusters: String = (0..400).map(|at| format!("- {{name: n{at}, layers: [prod]}}\n")).collect();
    project.write("clusters.yaml", &format!("clusters:\n{clusters}"));
    let words = ["--cache-url", &server.url, "--cache-mode", "readwrite"];
    generate(&project, "out-1", &words).says(0, &["rendered 400 components"]);
    assert_eq!((server.count("GET"), server.count("PUT")), (400, 400));
    generate(&project, "out-2", &words).says(0, &["rendered 0 components, fetched 400"]);
    assert_eq!(project.tree("out-1"), project.tree("out-2"));
    let connections = server.connections.load(Ordering::SeqCst);
    assert!(connections <= 2 * 64, "{connections} connections for 1,200 requests");
    // One after another gives the same.
    generate(&project, "out-3", &["--cache-url", &server.url, "--jobs", "1"]).says(0, &["fetched 400"]);
    assert_eq!(project.tree("out-1"), project.tree("out-3"));
    // What stands need not be asked for.
    let before = server.count("GET");
    generate(&project, "out-1", &words).says(0, &["reused 400"]);
    assert_eq!(server.count("GET"), before);
}

#[test]
fn damage_and_failures_only_slow_the_run_down() {
    let server = Server::start();
    let project = Project::new();
    project.kiln(&["generate", "-O", "whole"]).exits(0);
    generate(&project, "out-1", &["--cache-url", &server.url, "--cache-mode", "readwrite"]).exits(0);
    for content in server.kept.lock().unwrap().values_mut() {
        if let Some(at) = content.windows(9).position(|part| part == b"metadata:") {
            content[at] = b'M';
        }
    }
    generate(&project, "out-2", &["--cache-url", &server.url]).says(0, &["cache.unusable", "does not fit its digest"]);
    assert_eq!(project.tree("out-2"), project.tree("whole"));
    generate(&project, "out-3", &["--cache-url", "http://127.0.0.1:1/"]).says(0, &["cache.unusable", "is not used"]);
    assert_eq!(project.tree("out-3"), project.tree("whole"));
    let before = server.count("GET");
    generate(&project, "out-4", &["--cache-url", &server.url, "--offline"]).exits(0);
    assert_eq!(server.count("GET"), before);
    generate(&project, "out-5", &["--cache-url", "http://cache.example.com/"]).says(4, &["source.not-allowed"]);
    generate(&project, "out-5", &["--cache-url", "nonsense"]).says(1, &["source.invalid"]);
}

#[test]
fn secrets_and_what_differs_on_each_run_stay_here() {
    let server = Server::start();
    let project = Project::new();
    project.write(
        "rules/rule.yaml",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: rule}\nstringData: {password: hunter2}\n",
    );
    generate(&project, "out-1", &["--cache-url", &server.url, "--cache-mode", "readwrite"]).exits(0);
    assert_eq!(server.count("PUT"), 18);
    let holds = |content: &Vec<u8>| content.windows(7).any(|part| part == b"hunter2");
    assert!(!server.kept.lock().unwrap().values().any(holds));
    let before = server.asked.lock().unwrap().len();
    let words = ["--cache-url", &server.url, "--cache-mode", "readwrite", "--nondeterminism", "helm"];
    generate(&project, "out-2", &words).exits(0);
    // Manifests are the same on each run all the same.
    assert!(server.asked.lock().unwrap()[before..].iter().all(|asked| asked.starts_with("GET")));
}
