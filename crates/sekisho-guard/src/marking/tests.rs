use super::Markings;

#[test]
fn the_built_in_markings_pass_their_own_tests() {
    let (markings, problems) = Markings::load(super::BUILT_IN);
    assert_eq!(problems, []);
    assert_eq!(markings.unwrap().failed_tests(), []);
}
