use super::*;

#[test]
fn the_first_lines_of_an_example_give_its_command() {
    for example in &EXAMPLES {
        let manual = example.manual().unwrap();
        let command = format!("cargo xtask run {}", example.name);
        assert!(manual.lines().take(6).any(|line| line.trim() == command), "{}: {manual}", example.name);
        if example.monitor {
            assert!(manual.contains("and Enter"), "{}: {manual}", example.name);
        }
        if let Some((host, _)) = example.ports {
            assert!(manual.contains(&host.to_string()), "{}: {manual}", example.name);
        }
    }
}

#[test]
fn every_example_is_listed() {
    let folder = workspace::root().join(FOLDER);
    let mut found: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(Result::unwrap)
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    found.sort();
    let listed: Vec<_> = EXAMPLES.iter().map(|example| example.name).collect();
    assert_eq!(found, listed);
    for name in listed {
        assert!(crate::args::USAGE.contains(name), "{name} is not in the usage");
    }
}

#[test]
fn what_is_no_example_is_an_error_that_says_which_there_are() {
    let error = find("disco").map(|example| example.name).unwrap_err();
    assert!(error.to_string().contains("blink, button, http, sensor, tcp"));
}
