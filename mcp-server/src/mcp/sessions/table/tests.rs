//! Tests of who sleeps, who is woken, and who is forgotten.

use std::sync::Arc;

use tokio::sync::Semaphore;

use super::*;
use crate::tenancy::Principal;

const LONG: Duration = Duration::from_mins(30);

/// A table with sessions that were introduced and then left alone, in this order.
fn table(ids: &[&str]) -> (Table, Arc<Semaphore>) {
    let places = Arc::new(Semaphore::new(10));
    let mut table = Table::default();
    for id in ids {
        let place = Arc::clone(&places).try_acquire_owned().unwrap();
        let id = SessionId::from(*id);
        table.add(
            id.clone(),
            Principal::for_test("alice").identity().clone(),
            None,
            place,
        );
        table.introduce(&id, "{}".into());
        table.release(&id);
    }
    (table, places)
}

fn ids(ids: &[&str]) -> Vec<SessionId> {
    ids.iter().map(|id| SessionId::from(*id)).collect()
}

#[test]
fn those_used_last_stay_awake() {
    let (mut table, _) = table(&["a", "b", "c"]);
    let a = SessionId::from("a");
    table.hold(&a);
    table.release(&a);
    assert!(table.is_unsettled(2, LONG));
    assert_eq!(table.settle(2, LONG), ids(&["b"]));
    assert!(!table.is_unsettled(2, LONG));
    assert_eq!((table.len(), table.awake()), (3, 2));
}

#[test]
fn a_session_in_use_neither_sleeps_nor_ends() {
    let (mut table, _) = table(&["a", "b"]);
    let a = SessionId::from("a");
    table.hold(&a);
    table.hold(&a);
    table.release(&a);
    assert_eq!(table.settle(0, Duration::ZERO), ids(&["b"]), "one hold is left");
    assert!(table.is_awake(&a));
    table.release(&a);
    assert_eq!(table.settle(0, LONG), ids(&["a"]));
}

#[test]
fn one_that_sleeps_is_woken_with_its_introduction_and_sleeps_again() {
    let (mut table, _) = table(&["a"]);
    let a = SessionId::from("a");
    table.settle(0, LONG);
    assert!(!table.is_awake(&a));
    assert!(table.hold(&a));
    assert_eq!(table.introduction(&a), Some("{}"));
    table.wake(&a);
    // The end of the worker that was put to sleep is told late, and is not the session's.
    assert!(!table.worker_ended(&a));
    assert!(table.worker_ended(&a), "this worker ended by itself");
    table.release(&a);
    assert_eq!(table.settle(0, LONG), ids(&["a"]));
}

#[test]
fn one_that_could_not_be_woken_sleeps_on() {
    let (mut table, _) = table(&["a"]);
    let a = SessionId::from("a");
    table.settle(0, LONG);
    table.hold(&a);
    table.release(&a);
    assert!(!table.is_awake(&a));
    assert!(table.settle(0, LONG).is_empty());
    assert_eq!(table.len(), 1);
}

#[test]
fn silence_ends_the_sleeping_and_the_dozing() {
    let (mut table, places) = table(&["a", "b"]);
    table.settle(1, LONG);
    assert_eq!(
        table.settle(1, Duration::ZERO),
        ids(&["b"]),
        "only b has a worker"
    );
    assert_eq!((table.len(), places.available_permits()), (0, 10));
    assert!(!table.is_unsettled(0, Duration::ZERO));
}

#[test]
fn one_without_an_introduction_is_given_up() {
    let (mut table, places) = table(&[]);
    let id = SessionId::from("half open");
    let place = Arc::clone(&places).try_acquire_owned().unwrap();
    table.add(
        id.clone(),
        Principal::for_test("alice").identity().clone(),
        None,
        place,
    );
    assert!(table.settle(0, LONG).is_empty(), "it is being opened");
    table.release(&id);
    assert_eq!(table.settle(0, LONG), ids(&["half open"]));
    assert_eq!((table.len(), places.available_permits()), (0, 10));
    assert!(!table.hold(&id));
    table.release(&id);
}

#[test]
fn what_is_removed_leaves_nothing_behind() {
    let (mut table, _) = table(&["a", "b"]);
    table.settle(1, LONG);
    assert!(!table.remove(&"a".into()), "asleep");
    assert!(table.remove(&"b".into()), "awake");
    assert!(!table.remove(&"b".into()), "gone");
    assert!(table.sessions.is_empty() && table.dozing.is_empty() && table.asleep.is_empty());
}

/// A table in which these tenants have silent sessions, in this order.
fn tenants(tenants: &[&str]) -> Table {
    let places = Arc::new(Semaphore::new(100));
    let mut table = Table::default();
    for (number, tenant) in tenants.iter().enumerate() {
        let place = Arc::clone(&places).try_acquire_owned().unwrap();
        let owner = Principal::new(
            tenant,
            "somebody",
            crate::tenancy::Proof::ApiKey,
            crate::tenancy::Scopes::all(),
        );
        let id = SessionId::from(number.to_string());
        table.add(id.clone(), owner.identity().clone(), None, place);
        table.introduce(&id, "{}".into());
        table.release(&id);
    }
    table
}

#[test]
fn whoever_has_too_many_makes_way_for_whoever_has_few() {
    let mut table = tenants(&["few", "many", "many", "many"]);
    let way = |table: &Table, tenant: &str, share| table.to_make_way(tenant, share);
    assert_eq!(
        way(&table, "new", 2),
        Some("1".into()),
        "the longest silent of whoever has most"
    );
    assert_eq!(way(&table, "few", 2), Some("1".into()));
    assert_eq!(way(&table, "few", 1), None, "it has its share");
    assert_eq!(
        way(&table, "many", 4),
        None,
        "nobody makes way for whoever has most"
    );
    assert_eq!(way(&table, "new", 3), None, "nobody has more than a share");
    table.hold(&"1".into());
    table.settle(1, LONG);
    assert_eq!(way(&table, "new", 2), Some("2".into()), "what is in use stays");
    table.hold(&"2".into());
    table.hold(&"3".into());
    assert_eq!(way(&table, "new", 2), None, "all of it is in use");
    for id in ["1", "2", "3"] {
        table.remove(&id.into());
    }
    assert_eq!(
        way(&table, "new", 1),
        None,
        "one each is the least share there is"
    );
    table.remove(&"0".into());
    assert!(table.tenants.is_empty());
}

#[test]
fn one_that_was_taken_over_sleeps_until_it_is_woken() {
    let places = Arc::new(Semaphore::new(1));
    let mut table = Table::default();
    let id = SessionId::from("elsewhere");
    let owner = Principal::for_test("alice").identity().clone();
    let place = Arc::clone(&places).try_acquire_owned().unwrap();
    table.add(id.clone(), owner, Some("{}".into()), place);
    assert!(!table.is_awake(&id));
    assert_eq!(table.introduction(&id), Some("{}"));
    assert!(!table.is_unsettled(0, Duration::ZERO), "it is held");
    table.wake(&id);
    table.release(&id);
    assert_eq!(table.settle(0, Duration::ZERO), [id]);
    assert_eq!(places.available_permits(), 1);
}
