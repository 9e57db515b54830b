use super::Injection;

#[test]
fn the_built_in_rules_pass_their_own_tests() {
    let (injection, problems) = Injection::load(super::BUILT_IN);
    assert_eq!(problems, []);
    assert_eq!(injection.unwrap().failed_tests(), []);
}
