//! Every operation of a workload fails in every way, in turn.

use crate::{log::drill::Drill, vfs::Fault};

/// Changing operations of the workload.
const OPERATIONS: u64 = 1000;

const FAULTS: [Fault; 6] = [
    Fault::Error,
    Fault::NoSpace { more: 0 },
    Fault::NoSpace { more: 4 },
    Fault::CrashBefore,
    Fault::CrashTorn,
    Fault::CrashAfter,
];

fn every_operation(fault: Fault) {
    let drill = Drill::new(20_260_401, OPERATIONS).unwrap();
    assert!(drill.operations() >= OPERATIONS);
    for operation in 1..=drill.operations() {
        drill.fail(operation, fault).unwrap_or_else(|failure| panic!("{failure}"));
    }
}

#[test]
fn every_operation_reports_an_error() {
    every_operation(FAULTS[0]);
}

#[test]
fn every_operation_finds_no_room() {
    every_operation(FAULTS[1]);
}

#[test]
fn every_operation_finds_no_room_for_a_while() {
    every_operation(FAULTS[2]);
}

#[test]
fn the_machine_stops_before_every_operation() {
    every_operation(FAULTS[3]);
}

#[test]
fn every_operation_is_torn_by_a_crash() {
    every_operation(FAULTS[4]);
}

#[test]
fn the_machine_stops_after_every_operation() {
    every_operation(FAULTS[5]);
}

/// Making a log and its first publications make folders, which other operations seldom do; so this part has many seeds.
#[test]
fn a_young_log_fails_in_every_way() {
    for seed in 0..16 {
        let drill = Drill::new(seed, 40).unwrap();
        for operation in 1..=drill.operations() {
            for fault in FAULTS {
                drill.fail(operation, fault).unwrap_or_else(|failure| panic!("{failure}"));
            }
        }
    }
}

/// A drill in which nothing fails would pass.
#[test]
fn a_drill_fails_the_operation_that_it_names() {
    let drill = Drill::new(7, 200).unwrap();
    for operation in [1, drill.operations() / 2, drill.operations()] {
        let disk = drill.aftermath(operation, Fault::Error).unwrap();
        assert_eq!(disk.failed().len(), 1, "operation {operation}: {:?}", disk.failed());
    }
}
