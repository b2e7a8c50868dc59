//! Who may talk to the control plane, as the flags say it.

use std::net::SocketAddr;

use mock_server::control::access::{Access, Host, Origin, TOKEN_HEADER};

/// The flags.
#[derive(Debug, clap::Args)]
pub(super) struct AccessFlags {
    /// What every request to the control plane has to show, in the header x-rehearsal-token; 8 to 256 printable
    /// characters
    ///
    /// With it the control plane answers other machines too. Give it in the environment, where other processes cannot
    /// read it.
    #[arg(long, value_name = "TOKEN", env = "REHEARSAL_CONTROL_TOKEN", hide_env_values = true)]
    control_token: Option<String>,
    /// A name or IP address that the control plane answers to, beside localhost; may be given several times
    #[arg(long = "allow-host", value_name = "NAME", env = "REHEARSAL_ALLOW_HOST", value_delimiter = ',')]
    allow_hosts: Vec<Host>,
    /// Let pages of this origin, as in the address bar, call the server and read its answers; may be given several times
    #[arg(long = "cors", value_name = "ORIGIN", env = "REHEARSAL_CORS", value_delimiter = ',')]
    origins: Vec<Origin>,
}

impl AccessFlags {
    /// What they say, for a server that is to listen on `listen`. A refusal never shows the token.
    pub(super) fn access(self, listen: SocketAddr) -> Result<Access, String> {
        let token = self.control_token.map(|token| token.parse()).transpose();
        let token = token
            .map_err(|refusal| format!("error: --control-token (or REHEARSAL_CONTROL_TOKEN): {refusal}"))?;
        if token.is_none() && !listen.ip().to_canonical().is_loopback() {
            return Err(format!(
                "error: --listen {listen} is open to other machines, and without a token any of them could use the control \
                 plane\n  give one with --control-token or REHEARSAL_CONTROL_TOKEN, which callers then send in \
                 {TOKEN_HEADER}, or listen on 127.0.0.1 only"
            ));
        }
        Ok(Access { token, hosts: self.allow_hosts, origins: self.origins })
    }
}
