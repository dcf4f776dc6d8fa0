//! A sentence put together from clauses, of which some may be left out.

/// What stands between clauses, and at the end.
const BETWEEN: [char; 3] = ['，', '；', '、'];
const END: char = '。';

/// A piece of a sentence that can be left out without hurting the others, and what stands before it.
#[derive(Default)]
struct Clause {
    before: Option<char>,
    text: String,
    left_out: bool,
}

/// A sentence being put together.
#[derive(Default)]
pub struct Clauses {
    done: Vec<Clause>,
    now: Clause,
}

impl Clauses {
    /// Words of the pattern, which may end clauses and begin others.
    pub fn text(&mut self, text: &str) {
        for one in text.chars() {
            if BETWEEN.contains(&one) || one == END {
                let next = Clause { before: Some(one), ..Clause::default() };
                self.done.push(std::mem::replace(&mut self.now, next));
            } else {
                self.now.text.push(one);
            }
        }
    }

    /// What takes the place of a placeholder: its own commas end nothing.
    pub fn say(&mut self, text: &str) {
        self.now.text.push_str(text);
    }

    /// Leaves out the clause that is being said.
    pub fn leave_out(&mut self) {
        self.now.left_out = true;
    }

    /// What begins the sentence after what was left out has nothing before it; the end stays.
    pub fn joined(self) -> String {
        let mut out = String::new();
        for clause in self.done.into_iter().chain([self.now]).filter(|clause| !clause.left_out) {
            let begins = out.is_empty() || out.ends_with(END);
            out.extend(clause.before.filter(|before| !begins || *before == END));
            out.push_str(&clause.text);
        }
        out
    }
}
