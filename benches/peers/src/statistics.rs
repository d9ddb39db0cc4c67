//! Numbers made of numbers.

use std::io;

use crate::report::Cell;

/// Lets each contestant give one sample a round, so that what else the machine does meets all of
/// them. The order is another one each round, and the same ones in each run: nobody always comes
/// after the same, who may leave the processor busy, or cold. Returns the samples of each.
pub(crate) fn interleaved<C, T>(
    rounds: usize,
    contestants: &mut [C],
    mut sample: impl FnMut(&mut C) -> io::Result<T>,
) -> io::Result<Vec<Vec<T>>> {
    let mut samples: Vec<Vec<T>> = contestants.iter().map(|_| Vec::new()).collect();
    let mut order: Vec<usize> = (0..contestants.len()).collect();
    let mut dice = fastrand::Rng::with_seed(0);
    for _ in 0..rounds {
        dice.shuffle(&mut order);
        for &number in &order {
            samples[number].push(sample(&mut contestants[number])?);
        }
    }
    Ok(samples)
}

/// The samples of one contestant, and those of the baseline that were taken in turn with them.
pub(crate) struct Pair<T> {
    pub(crate) samples: Vec<T>,
    pub(crate) baseline: Vec<T>,
}

/// Lets each contestant be interleaved with the first one, the baseline, and with nobody else: one
/// that has the disk write something is not to slow down those that come after it.
pub(crate) fn in_pairs<C, T: Clone>(
    rounds: usize,
    contestants: &mut [C],
    mut sample: impl FnMut(&mut C) -> io::Result<T>,
) -> io::Result<Vec<Pair<T>>> {
    let Some((baseline, others)) = contestants.split_first_mut() else { return Ok(Vec::new()) };
    let mut pairs = Vec::new();
    for other in others {
        let pair = &mut [&mut *baseline, other];
        let mut both = interleaved(rounds, pair, |contestant| sample(contestant))?;
        let (samples, baseline) = (both.remove(1), both.remove(0));
        pairs.push(Pair { samples, baseline });
    }
    let own: Vec<T> = pairs.iter().flat_map(|pair| pair.baseline.clone()).collect();
    pairs.insert(0, Pair { samples: own.clone(), baseline: own });
    Ok(pairs)
}

/// Whether each pair was left in peace, by its baseline alone, so that no contestant's own number
/// has a say: it did not take half as long again as beside another.
///
/// Something that slows flock for the whole machine (whoever reads `/proc/locks` again and again
/// does) slows both of a pair by the same *amount*, and so draws their ratio towards 1.
fn in_peace<T>(pairs: &[Pair<T>], metric: impl Fn(&T) -> f64) -> Vec<bool> {
    // On a busy machine medians are within 1.3 of each other.
    const AT_MOST: f64 = 1.5;
    let numbers = |pair: &Pair<T>| pair.baseline.iter().map(&metric).collect();
    let medians: Vec<f64> = pairs.iter().filter_map(|pair| median(numbers(pair))).collect();
    let least = medians.iter().copied().fold(f64::INFINITY, f64::min);
    medians.into_iter().map(|median| median <= AT_MOST * least).collect()
}

/// The ratio of each pair, unless it was disturbed.
pub(crate) fn compare<T>(pairs: &[Pair<T>], metric: impl Fn(&T) -> f64) -> Vec<Cell> {
    let cell = |(pair, peace): (&Pair<T>, bool)| {
        if !peace {
            return Cell::Disturbed;
        }
        ratio(&pair.samples, &pair.baseline, &metric).into()
    };
    pairs.iter().zip(in_peace(pairs, &metric)).map(cell).collect()
}

/// The median over rounds of a sample to the baseline's of the same round. `None` where nothing
/// can be said: the baseline has nothing to divide by.
pub(crate) fn ratio<T>(samples: &[T], baseline: &[T], metric: impl Fn(&T) -> f64) -> Option<f64> {
    let pairs = samples.iter().zip(baseline);
    let ratios = pairs.map(|(sample, base)| metric(sample) / metric(base));
    median(ratios.filter(|ratio| ratio.is_finite()).collect())
}

pub(crate) fn median(numbers: Vec<f64>) -> Option<f64> {
    percentile(numbers, 50)
}

/// The smallest of the numbers that `percent` in a hundred of them do not exceed.
pub(crate) fn percentile(mut numbers: Vec<f64>, percent: usize) -> Option<f64> {
    numbers.sort_by(f64::total_cmp);
    let rank = (numbers.len() * percent).div_ceil(100).max(1);
    numbers.get(rank - 1).copied()
}

/// Jain's index of fairness: 1 if all have the same, 1/n if one of n has everything (Jain, Chiu,
/// Hawe: "A Quantitative Measure of Fairness and Discrimination", 1984).
pub(crate) fn fairness(shares: &[f64]) -> f64 {
    let sum: f64 = shares.iter().sum();
    let squares: f64 = shares.iter().map(|share| share * share).sum();
    sum * sum / (float(shares.len()) * squares)
}

/// Counts here are far below 2^52, from where on some are lost.
#[expect(clippy::cast_precision_loss, reason = "there is nothing to lose")]
pub(crate) fn float(count: usize) -> f64 {
    count as f64
}

/// As [`float`], of nanoseconds and the like.
#[expect(clippy::cast_precision_loss, reason = "there is nothing to lose")]
pub(crate) fn float64(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_one_of_the_numbers() {
        let numbers = || (1..=200).map(f64::from).collect();
        assert_eq!(median(numbers()), Some(100.0));
        assert_eq!(percentile(numbers(), 99), Some(198.0));
        assert_eq!(median(vec![3.0]), Some(3.0));
        assert_eq!(median(vec![]), None);
    }

    #[test]
    fn fairness_is_between_one_and_a_share() {
        assert!((fairness(&[5.0; 4]) - 1.0).abs() < 1e-9);
        assert!((fairness(&[8.0, 0.0, 0.0, 0.0]) - 0.25).abs() < 1e-9);
    }

    #[test]
    fn a_disturbed_pair_is_told_by_its_baseline() {
        let pair = |base: f64, own: f64| Pair { samples: vec![own; 3], baseline: vec![base; 3] };
        let pairs = [pair(1.0, 1.0), pair(1.1, 50.0), pair(9.0, 9.5)];
        assert_eq!(in_peace(&pairs, |time| *time), [true, true, false]);
    }

    #[test]
    fn a_ratio_is_taken_round_by_round() {
        let drift = [1.0, 10.0, 100.0];
        let twice = drift.map(|time| 2.0 * time);
        assert_eq!(ratio(&twice, &drift, |time| *time), Some(2.0));
        assert_eq!(ratio(&twice, &[0.0; 3], |time| *time), None);
    }
}
