//! JSON pointers with one addition: a segment `*` stands for every item of an array.

use serde_json::Value;

/// Whether a text can be a pointer at all.
pub fn is_pointer(text: &str) -> bool {
    text.is_empty() || text.starts_with('/')
}

/// Every pointer without a `*` that `pointer` stands for in `document`, and what each `*` was. A place need not exist
/// beyond its last `*`.
pub fn places(document: &Value, pointer: &str) -> Vec<Vec<usize>> {
    let mut found = vec![Vec::new()];
    let stars = pointer.split('/').filter(|segment| *segment == "*").count();
    for star in 0..stars {
        let prefix = before_star(pointer, star);
        found = found
            .into_iter()
            .flat_map(|indices: Vec<usize>| {
                let items = document.pointer(&filled(prefix, &indices)).and_then(Value::as_array);
                let count = items.map_or(0, Vec::len);
                (0..count).map(move |index| {
                    let mut longer = indices.clone();
                    longer.push(index);
                    longer
                })
            })
            .collect();
    }
    found
}

/// `pointer` up to its star number `star`, without the slash before that.
fn before_star(pointer: &str, star: usize) -> &str {
    let mut seen = 0;
    let mut at = 0;
    for segment in pointer.split('/') {
        if segment == "*" {
            if seen == star {
                return &pointer[..at.max(1) - 1];
            }
            seen += 1;
        }
        at += segment.len() + 1;
    }
    pointer
}

/// `pointer` with its stars replaced, in order.
pub fn filled(pointer: &str, indices: &[usize]) -> String {
    let mut rest = indices.iter();
    let segments = pointer.split('/').map(|segment| match segment {
        "*" => rest.next().map_or_else(|| segment.to_owned(), usize::to_string),
        _ => segment.to_owned(),
    });
    segments.collect::<Vec<_>>().join("/")
}

/// Every pointer that `pointer` stands for in `document`.
pub fn expanded(document: &Value, pointer: &str) -> Vec<String> {
    places(document, pointer).iter().map(|indices| filled(pointer, indices)).collect()
}

/// Puts `value` at `pointer`; its parent must exist, and an array may grow by one item.
pub fn set(document: &mut Value, pointer: &str, value: Value) {
    let Some((parent, last)) = pointer.rsplit_once('/') else {
        *document = value;
        return;
    };
    match document.pointer_mut(parent) {
        Some(Value::Object(members)) => {
            members.insert(unescaped(last), value);
        }
        Some(Value::Array(items)) => match last.parse::<usize>() {
            Ok(index) if index < items.len() => items[index] = value,
            Ok(index) if index == items.len() => items.push(value),
            _ => {}
        },
        _ => {}
    }
}

/// Removes what is at `pointer`, if anything is.
pub fn remove(document: &mut Value, pointer: &str) {
    let Some((parent, last)) = pointer.rsplit_once('/') else { return };
    match document.pointer_mut(parent) {
        Some(Value::Object(members)) => {
            members.shift_remove(&unescaped(last));
        }
        Some(Value::Array(items)) => {
            if let Some(index) = last.parse().ok().filter(|index| *index < items.len()) {
                items.remove(index);
            }
        }
        _ => {}
    }
}

fn unescaped(segment: &str) -> String {
    segment.replace("~1", "/").replace("~0", "~")
}

/// One segment of a pointer.
pub fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_star_stands_for_every_item() {
        let document = json!({"data": [{"tags": [1, 2]}, {"tags": [3]}, {}]});
        assert_eq!(
            expanded(&document, "/data/*/tags/*"),
            ["/data/0/tags/0", "/data/0/tags/1", "/data/1/tags/0"]
        );
        assert_eq!(expanded(&document, "/data/*/new").len(), 3);
        assert_eq!(expanded(&document, "/none/*"), [""; 0]);
        assert_eq!(expanded(&document, "/plain"), ["/plain"]);
        assert_eq!(expanded(&json!([7]), "/*"), ["/0"]);
    }

    #[test]
    fn a_value_is_put_where_its_parent_is_and_nowhere_else() {
        let mut document = json!({"a/b": {}, "list": [1]});
        set(&mut document, "/a~1b/c", json!(1));
        set(&mut document, "/list/0", json!(2));
        set(&mut document, "/list/1", json!(3));
        set(&mut document, "/list/7", json!(4));
        set(&mut document, "/none/x", json!(5));
        assert_eq!(document, json!({"a/b": {"c": 1}, "list": [2, 3]}));
        remove(&mut document, "/list/0");
        remove(&mut document, "/a~1b");
        remove(&mut document, "/none/x");
        assert_eq!(document, json!({"list": [3]}));
        set(&mut document, "", json!(null));
        assert_eq!(document, json!(null));
    }
}
