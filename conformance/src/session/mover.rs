//! Waiting in a world whose clock may be moved.

use std::time::Duration;

use super::control::ControlPlane;
use crate::client::Stop;

/// Moves the clocks of some worlds. Where they stand still, to wait for real would help nobody.
#[derive(Debug, Clone)]
pub struct Mover {
    control: ControlPlane,
    keys: Vec<String>,
}

impl Mover {
    /// Moves the clocks of the worlds of `keys` through `control`.
    pub(super) fn new(control: ControlPlane, keys: Vec<String>) -> Self {
        Mover { control, keys }
    }

    /// Lets `time` pass for `key`; `false` if the clock of its world may not be moved.
    ///
    /// # Errors
    ///
    /// When the control plane refuses.
    pub(crate) async fn pass(&self, key: &str, time: Duration) -> Result<bool, Stop> {
        if !self.keys.iter().any(|known| known == key) {
            return Ok(false);
        }
        self.control.advance(key, time).await.map(|()| true)
    }
}
