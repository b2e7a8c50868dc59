//! The kill matrix: a line for each broken server, a column for each check.

use super::Score;

/// The matrix. A cell has the reasons that the check gave, and nothing where it was content.
pub fn render(score: &Score) -> String {
    let mut text = String::new();
    let checks = score.checks.iter().map(|proof| proof.check);
    line(&mut text, ["kind", "server", "fate", "expected"].into_iter().chain(checks).map(str::to_owned));
    for (kind, scored) in score.broken() {
        let fate = scored.fate.words().to_owned();
        let head = [kind.to_owned(), scored.id.clone(), fate, scored.check.clone()];
        let cells = score.checks.iter().map(|proof| {
            let alarm = scored.alarms.iter().find(|alarm| alarm.check == proof.check);
            alarm.map(|alarm| alarm.reasons.iter().copied().collect::<Vec<_>>().join(" ")).unwrap_or_default()
        });
        line(&mut text, head.into_iter().chain(cells));
    }
    text
}

fn line(text: &mut String, cells: impl Iterator<Item = String>) {
    let cells: Vec<String> = cells.map(|cell| quoted(&cell)).collect();
    text.push_str(&cells.join(","));
    text.push_str("\r\n");
}

/// As RFC 4180 has it.
fn quoted(cell: &str) -> String {
    if cell.contains(['"', ',', '\r', '\n']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_that_would_end_itself_is_quoted() {
        let mut text = String::new();
        line(&mut text, ["plain", "a,b", "say \"x\""].into_iter().map(str::to_owned));
        assert_eq!(text, "plain,\"a,b\",\"say \"\"x\"\"\"\r\n");
    }
}
