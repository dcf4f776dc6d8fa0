//! Reproducible chance: one independent random stream per subject, and the few shapes the city is drawn with.
//! Nothing here knows what is drawn.

use rand::distr::weighted::WeightedIndex;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// The random stream of one subject (a person, a district's day). It depends on nothing but its three arguments,
/// so the order in which subjects are drawn, and on how many threads, changes no value.
pub fn stream(seed: u64, subject: &str, index: u64) -> ChaCha8Rng {
    let mut key = [0u8; 32];
    key[..8].copy_from_slice(&seed.to_le_bytes());
    key[8..16].copy_from_slice(&index.to_le_bytes());
    for (slot, byte) in key[16..].iter_mut().zip(subject.bytes()) {
        *slot = byte;
    }
    ChaCha8Rng::from_seed(key)
}

/// True with probability `p`.
pub fn chance(rng: &mut impl Rng, p: f64) -> bool {
    rng.random::<f64>() < p
}

/// One of a non-empty list, all alike likely.
pub fn one_of<'a, T: ?Sized>(rng: &mut impl Rng, items: &[&'a T]) -> &'a T {
    items[rng.random_range(0..items.len())]
}

/// A value around 1 whose logarithm is normal with deviation `sigma` (Box–Muller).
pub fn lognormal(rng: &mut impl Rng, sigma: f64) -> f64 {
    let radius = (-2.0 * (1.0 - rng.random::<f64>()).ln()).sqrt();
    let angle = std::f64::consts::TAU * rng.random::<f64>();
    (sigma * radius * angle.cos()).exp()
}

/// Waiting time with the given mean, in the mean's unit.
pub fn waiting(rng: &mut impl Rng, mean: f64) -> f64 {
    -mean * (1.0 - rng.random::<f64>()).ln()
}

/// Popularity of `n` things by Zipf's law with the given exponent; the first is the most popular.
pub fn zipf(n: usize, exponent: f64) -> anyhow::Result<WeightedIndex<f64>> {
    weighted((1..=n).map(|rank| (rank as f64).powf(-exponent)))
}

/// Picks an index with probability proportional to its weight.
pub fn weighted(weights: impl IntoIterator<Item = f64>) -> anyhow::Result<WeightedIndex<f64>> {
    WeightedIndex::new(weights).map_err(|cause| anyhow::anyhow!("weights of the demonstration: {cause}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::distr::Distribution;

    #[test]
    fn a_stream_is_its_arguments() {
        let draw = |seed, subject, index| stream(seed, subject, index).random::<u64>();
        assert_eq!(draw(1, "person", 7), draw(1, "person", 7));
        assert_ne!(draw(1, "person", 7), draw(2, "person", 7));
        assert_ne!(draw(1, "person", 7), draw(1, "person", 8));
        assert_ne!(draw(1, "person", 7), draw(1, "unit", 7));
    }

    #[test]
    fn shapes_are_where_they_should_be() {
        let mut rng = stream(1, "shapes", 0);
        let n = 20_000;
        let mut values: Vec<f64> = (0..n).map(|_| lognormal(&mut rng, 0.5)).collect();
        values.sort_by(f64::total_cmp);
        assert!((values[n / 2] - 1.0).abs() < 0.03, "median {}", values[n / 2]);
        let mean = (0..n).map(|_| waiting(&mut rng, 3.0)).sum::<f64>() / n as f64;
        assert!((mean - 3.0).abs() < 0.1, "mean {mean}");
        let popularity = zipf(50, 1.0).unwrap();
        let first = (0..n).filter(|_| popularity.sample(&mut rng) == 0).count();
        let share = first as f64 / n as f64;
        assert!((share - 0.222).abs() < 0.02, "share of the first {share}");
    }
}
