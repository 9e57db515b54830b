use super::Secrets;

#[test]
fn the_built_in_rules_pass_their_own_tests() {
    let (secrets, problems) = Secrets::load(super::BUILT_IN);
    assert_eq!(problems, []);
    assert_eq!(secrets.unwrap().failed_tests(), []);
}
