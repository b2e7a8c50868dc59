//! The program as a shell starts it, and a client for it.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};

/// A server that ends with the test.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    process: Child,
    stdout: BufReader<ChildStdout>,
}

/// The program with arguments, its environment free of settings of its own.
pub(crate) fn rehearsal(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rehearsal"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("REHEARSAL_")) {
        command.env_remove(name);
    }
    command.args(args);
    command
}

/// Runs the program to its end; its exit code, standard output and standard error.
pub(crate) fn run(args: &[&str]) -> (i32, String, String) {
    let output = rehearsal(args).output().expect("the program runs");
    let text = |bytes| String::from_utf8(bytes).expect("it is text");
    (output.status.code().expect("it exits"), text(output.stdout), text(output.stderr))
}

impl Server {
    /// Starts a server on a free port with a fixed seed and no request log.
    pub(crate) fn start(args: &[&str]) -> Self {
        let mut command = rehearsal(&["serve", "--listen", "127.0.0.1:0", "--log", "off", "--seed", "7"]);
        Self::spawn(command.args(args))
    }

    /// Starts a server with this command and waits for its first line.
    pub(crate) fn spawn(command: &mut Command) -> Self {
        let mut process = command.stdout(Stdio::piped()).spawn().expect("the server starts");
        let mut stdout = BufReader::new(process.stdout.take().expect("it has a standard output"));
        let mut first = String::new();
        stdout.read_line(&mut first).expect("it speaks");
        let address =
            first.trim().strip_prefix("listening on http://").expect("the first line is the address");
        Self { address: address.parse().expect("it is an address"), process, stdout }
    }

    /// The address of a path.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The resident memory of the server, in KiB.
    #[cfg(target_os = "linux")]
    pub(crate) fn resident_kib(&self) -> u64 {
        let status =
            std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).expect("it is alive");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("it has memory");
        line.split_whitespace().next().and_then(|kib| kib.parse().ok()).expect("it is a number")
    }

    /// Sends a signal by its name.
    pub(crate) fn signal(&self, signal: &str) {
        send_signal(self.process.id(), signal);
    }

    /// Sends a signal by its name and waits for the end; what else stood on standard output.
    pub(crate) fn stop(mut self, signal: &str) -> (ExitStatus, String) {
        self.signal(signal);
        let mut rest = String::new();
        self.stdout.read_to_string(&mut rest).expect("it is text");
        (self.process.wait().expect("it ends"), rest)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// Sends a signal by its name to a process.
pub(crate) fn send_signal(process: u32, signal: &str) {
    let kill = format!("kill -{signal} {process}");
    let sent = Command::new("sh").args(["-c", &kill]).status().expect("a shell runs");
    assert!(sent.success());
}

/// The names of the signals that end a program in order.
///
/// # Panics
///
/// Where the tests were started to outlive their terminal, as `nohup` does: so would every program they start, and a
/// test that waits for the end of one would wait for ever.
pub(crate) fn ending_signals() -> [&'static str; 3] {
    let own = Command::new("sh").args(["-c", "kill -HUP $$; echo outlived"]).output().expect("a shell runs");
    assert!(
        own.stdout.is_empty(),
        "SIGHUP is ignored here, so nothing can be said of it: start the tests without nohup"
    );
    ["INT", "TERM", "HUP"]
}

/// A client that goes straight to the server, whatever proxy the environment names.
pub(crate) fn client() -> reqwest::Client {
    // Another test of this process may have been first.
    drop(rustls::crypto::ring::default_provider().install_default());
    reqwest::Client::builder().no_proxy().build().expect("a client can be made")
}
