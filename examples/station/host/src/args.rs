/// The port if none is given.
const PORT: u16 = 7000;

/// The port that the command line names.
pub fn port(mut words: impl Iterator<Item = String>) -> Result<u16, String> {
    let mut port = PORT;
    while let Some(word) = words.next() {
        let value = match word.split_once('=') {
            Some(("--port", value)) => value.to_owned(),
            _ if word == "--port" => words.next().ok_or("--port needs a number")?,
            _ => return Err(format!("what is `{word}`?")),
        };
        port = value.parse().map_err(|_| format!("`{value}` is no port"))?;
    }
    Ok(port)
}
