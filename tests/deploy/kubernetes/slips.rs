//! Slips of seven kinds, planted at every place of an object that offers one.

use serde_json::{Value, json};

/// The kinds, as the tables of tests name them.
pub(super) const KINDS: [&str; 7] = [
    "typo",
    "wrong type",
    "bad quantity",
    "min > max",
    "selector mismatch",
    "wrong port",
    "missing limit",
];

/// An object with one slip in it.
pub(super) struct Slip {
    pub(super) kind: &'static str,
    /// Where it is. The same field of another entry of a list counts as the same place.
    pub(super) place: String,
    pub(super) document: Value,
}

/// Tables whose keys are free, so that one cannot be misspelt.
const FREE: [&str; 3] = ["labels", "matchLabels", "annotations"];
const QUANTITIES: [&str; 7] = [
    "averageValue",
    "sizeLimit",
    "duration",
    "renewBefore",
    "interval",
    "scrapeTimeout",
    "threshold",
];
const RESOURCES: [&str; 4] = ["requests", "limits", "minAllowed", "maxAllowed"];
const PORTS: [&str; 3] = ["port", "targetPort", "containerPort"];
/// Names of something else that is rendered, and the table that they stand in.
const NAMES: [(&str, &str); 7] = [
    ("scaleTargetRef", "name"),
    ("targetRef", "name"),
    ("roleRef", "name"),
    ("configMap", "name"),
    ("volumeAttributes", "secretProviderClass"),
    ("spec", "serviceAccountName"),
    ("containerPolicies", "containerName"),
];
/// What is to stay below what.
const BOUNDS: [(&str, &str); 4] = [
    ("minReplicas", "maxReplicas"),
    ("minReplicaCount", "maxReplicaCount"),
    ("minAllowed", "maxAllowed"),
    ("requests", "limits"),
];
const LIMITS: [&str; 5] = [
    "maxReplicas",
    "maxReplicaCount",
    "maxAllowed",
    "sizeLimit",
    "activeDeadlineSeconds",
];
/// Limits by the table that they stand in.
const LIMITS_IN: [(&str, &str); 5] = [
    ("spec", "maxUnavailable"),
    ("ingress", "from"),
    ("ingress", "ports"),
    ("egress", "to"),
    ("egress", "ports"),
];

/// Every slip that an object has a place for.
pub(super) fn of(document: &Value) -> Vec<Slip> {
    let mut planter = Planter {
        document,
        slips: Vec::new(),
    };
    let table = document.as_object().expect("an object");
    for key in table
        .keys()
        .filter(|key| !["apiVersion", "kind", "metadata", "data"].contains(&key.as_str()))
    {
        planter.visit(&["", key]);
    }
    planter.slips
}

struct Planter<'a> {
    document: &'a Value,
    slips: Vec<Slip>,
}

impl Planter<'_> {
    /// Plants what can be planted at a path, and goes on below it.
    fn visit(&mut self, path: &[&str]) {
        let value = self
            .document
            .pointer(&pointer(path))
            .expect("a path of this object");
        let (key, parent) = (path[path.len() - 1], named_parent(path));
        if key.parse::<usize>().is_err() {
            self.plant_at(path, key, parent, value);
        }
        match value {
            Value::Object(table) => {
                for key in table.keys() {
                    self.visit(&[path, &[key.as_str()]].concat());
                }
            }
            Value::Array(list) => {
                for index in 0..list.len() {
                    self.visit(&[path, &[index.to_string().as_str()]].concat());
                }
            }
            _ => {}
        }
    }

    fn plant_at(&mut self, path: &[&str], key: &str, parent: &str, value: &Value) {
        let is_selector = parent == "matchLabels" || parent == "selector" && value.is_string();
        if !FREE.contains(&parent) && !is_selector {
            self.rename(path, &format!("{key}x"));
        }
        self.set("wrong type", path, of_another_type(value));
        let is_quantity = QUANTITIES.contains(&key) && value.is_string();
        if is_quantity || RESOURCES.contains(&parent) || (parent, key) == ("metadata", "value") {
            self.set("bad quantity", path, json!("90x"));
        }
        if is_selector || NAMES.contains(&(parent, key)) {
            self.set("selector mismatch", path, json!("other"));
        }
        if PORTS.contains(&key) {
            let wrong = if value.is_string() {
                json!("other")
            } else {
                json!(1)
            };
            self.set("wrong port", path, wrong);
        }
        if key == "vaultAddress" {
            self.set("wrong port", path, json!("https://vault.b2x-management.svc:8201"));
        }
        if LIMITS.contains(&key) || parent == "limits" || LIMITS_IN.contains(&(parent, key)) {
            self.remove(path);
        }
        if parent == "rules" && key == "resources" {
            self.set("missing limit", path, json!(["*"]));
        }
        self.exceed(path, key, parent);
    }

    /// Sets a least above its most.
    fn exceed(&mut self, path: &[&str], key: &str, parent: &str) {
        let above = |most: &Value| match most {
            Value::Number(number) => number.as_u64().map(|number| json!(number + 1)),
            Value::String(_) => Some(json!("9999Gi")),
            _ => None,
        };
        let sibling = |steps: usize, name: &str| {
            let stem = &path[..path.len() - steps];
            let below = &path[path.len() - steps + 1..];
            self.document.pointer(&pointer(&[stem, &[name], below].concat()))
        };
        let most = BOUNDS.iter().find_map(|(least, most)| {
            if key == *least {
                sibling(1, most)
            } else if parent == *least {
                sibling(2, most)
            } else {
                None
            }
        });
        if let Some(value) = most.and_then(above) {
            self.set("min > max", path, value);
        }
        if key == "renewBefore" {
            self.set("min > max", path, json!("99999h"));
        }
    }

    fn set(&mut self, kind: &'static str, path: &[&str], value: Value) {
        self.change(kind, path, |table, key| {
            table.insert(key.to_owned(), value);
        });
    }

    fn rename(&mut self, path: &[&str], name: &str) {
        self.change("typo", path, |table, key| {
            let value = table.remove(key).expect("the key is there");
            table.insert(name.to_owned(), value);
        });
    }

    fn remove(&mut self, path: &[&str]) {
        self.change("missing limit", path, |table, key| {
            table.remove(key);
        });
    }

    fn change(
        &mut self,
        kind: &'static str,
        path: &[&str],
        change: impl FnOnce(&mut serde_json::Map<String, Value>, &str),
    ) {
        let (key, above) = path.split_last().expect("a path");
        let mut document = self.document.clone();
        let table = document
            .pointer_mut(&pointer(above))
            .and_then(Value::as_object_mut);
        change(table.expect("a field is in a table"), key);
        let steps = path[1..]
            .iter()
            .map(|step| if step.parse::<usize>().is_ok() { "*" } else { step });
        self.slips.push(Slip {
            kind,
            place: steps.collect::<Vec<_>>().join("."),
            document,
        });
    }
}

/// The last name above the end of a path: entries of lists have none.
fn named_parent<'a>(path: &[&'a str]) -> &'a str {
    let above = path[..path.len() - 1].iter().rev();
    above
        .copied()
        .find(|step| step.parse::<usize>().is_err())
        .unwrap_or_default()
}

fn pointer(path: &[&str]) -> String {
    let steps = path[1..]
        .iter()
        .map(|step| step.replace('~', "~0").replace('/', "~1"));
    steps.fold(String::new(), |whole, step| format!("{whole}/{step}"))
}

fn of_another_type(value: &Value) -> Value {
    match value {
        Value::Bool(_) | Value::Number(_) | Value::String(_) => json!([value]),
        Value::Array(_) => json!({}),
        Value::Object(_) | Value::Null => json!([]),
    }
}
