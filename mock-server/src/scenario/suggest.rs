//! "Did you mean": the nearest of the names that would have been right.

/// The candidate that a person most likely meant by `name`, if one is near enough: the same but for case, `-` and `_`,
/// or at most one mistake in three letters.
pub fn nearest<'c>(name: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let name = plain(name);
    let length = name.chars().count();
    candidates
        .into_iter()
        .filter_map(|candidate| {
            let plain = plain(candidate);
            let candidate_length = plain.chars().count();
            let most = candidate_length.div_ceil(3);
            // The distance is at least the difference in length, and takes much longer to find.
            if length.abs_diff(candidate_length) > most {
                return None;
            }
            let distance = strsim::osa_distance(&name, &plain);
            (distance <= most).then_some((distance, candidate))
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// The names as a person would list them: `a`, `b` and `c`.
pub fn listed<'c>(names: impl IntoIterator<Item = &'c str>) -> String {
    let quoted: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match quoted.as_slice() {
        [] => "none".to_owned(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

fn plain(name: &str) -> String {
    name.chars().take(64).map(|c| if c == '_' { '-' } else { c.to_ascii_lowercase() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_is_recognized() {
        let names = ["match", "lifecycle", "results", "outcome"];
        for (written, meant) in
            [("lifecyle", "lifecycle"), ("resluts", "results"), ("Outcome", "outcome"), ("mach", "match")]
        {
            assert_eq!(nearest(written, names), Some(meant));
        }
    }

    #[test]
    fn another_word_is_not_taken_for_a_slip() {
        assert_eq!(nearest("duration", ["match", "lifecycle", "results", "outcome"]), None);
        assert_eq!(nearest("", ["at"]), None);
    }

    #[test]
    fn names_are_listed_as_in_a_sentence() {
        assert_eq!(listed(["a"]), "`a`");
        assert_eq!(listed(["a", "b", "c"]), "`a`, `b` and `c`");
    }
}
