use super::Topics;

const SAMPLE: &str = include_str!("../../../../data/sample/guard/topics.toml");

#[test]
fn the_sample_passes_its_own_tests() {
    let (topics, problems) = Topics::load(SAMPLE);
    assert_eq!(problems, []);
    assert_eq!(topics.unwrap().failed_tests(), []);
}
