//! Who can pay when: the certified holders of each district, as little of each as the transaction stream needs.

use chrono::NaiveDate;
use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::people::Person;
use super::places::DISTRICTS;

/// What a transaction needs of a person.
struct Member {
    person: usize,
    since: NaiveDate,
    until: NaiveDate,
    activity: f32,
}

/// Holders per district of residence, in the order of their certification.
pub struct Members {
    by_district: Vec<Vec<Member>>,
}

impl Members {
    /// Collects the certified among the people.
    pub fn of<'p>(people: impl Iterator<Item = &'p Person>) -> anyhow::Result<Self> {
        let mut by_district: Vec<Vec<Member>> = DISTRICTS.iter().map(|_| Vec::new()).collect();
        for person in people {
            let Some(since) = person.holder.first("certified") else { continue };
            by_district[person.district].push(Member {
                person: person.index as usize,
                since: since.date(),
                until: person.holder.first("cancelled").map_or(NaiveDate::MAX, |gone| gone.date()),
                activity: person.activity as f32,
            });
        }
        for members in &mut by_district {
            members.sort_by_key(|member| (member.since, member.person));
        }
        anyhow::ensure!(
            by_district.iter().any(|members| !members.is_empty()),
            "no holder is certified; choose a larger --scale"
        );
        Ok(Self { by_district })
    }

    /// How many of each district are certified on a day: a prefix of each list.
    pub fn known_on(&self, date: NaiveDate) -> Vec<usize> {
        self.by_district.iter().map(|members| members.partition_point(|member| member.since < date)).collect()
    }

    /// Someone of the district (or of the next one that has anybody) who is a holder on that day. Of two drawn the
    /// more active one buys, which gives a few regulars and many who come rarely.
    pub fn choose(&self, rng: &mut ChaCha8Rng, known: &[usize], home: usize, date: NaiveDate) -> usize {
        let district =
            (0..known.len()).map(|step| (home + step) % known.len()).find(|index| known[*index] > 0);
        let Some(district) = district else {
            return self.by_district.iter().flatten().next().map_or(0, |member| member.person);
        };
        let members = &self.by_district[district];
        let mut draw = || {
            let mut member = &members[rng.random_range(0..known[district])];
            for _ in 0..4 {
                if member.until > date {
                    break;
                }
                member = &members[rng.random_range(0..known[district])];
            }
            member
        };
        let (one, other) = (draw(), draw());
        if one.activity >= other.activity { one.person } else { other.person }
    }
}
