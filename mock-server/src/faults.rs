//! What goes wrong on purpose. The layer stands where faults will act: before a request is validated and after its
//! state change, outside every lock. No fault can be asked for yet, so none fires.

/// Where in a request's course a fault acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// Before the request is validated: nothing has changed.
    Before,
    /// After the state change, before the answer.
    After,
}

/// The faults that fired for one request, by id and in order. They are written to the journal and to the header
/// `x-rehearsal-fault`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fired(pub Vec<Box<str>>);

impl Fired {
    /// Lets the faults act that are armed for this moment.
    pub fn act(&mut self, _moment: Moment) {}

    /// The ids, separated by commas: the value of `x-rehearsal-fault`, empty when nothing fired.
    pub fn list(&self) -> String {
        self.0.join(",")
    }
}
