use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Packs items into at most `most` boxes of about equal cost: the dearest item first, each into the box
/// that is cheapest so far ("longest processing time first", at most a third above the optimum). Gives
/// the places of the items of each box, in their order; no box is empty.
pub fn pack(costs: &[f64], most: usize) -> Vec<Vec<usize>> {
    let count = most.min(costs.len());
    let mut order: Vec<usize> = (0..costs.len()).collect();
    order.sort_by(|one, other| costs[*other].total_cmp(&costs[*one]).then(one.cmp(other)));
    let mut boxes = vec![Vec::new(); count];
    let mut cheapest: BinaryHeap<Reverse<(Cost, usize, usize)>> =
        (0..count).map(|at| Reverse((Cost(0.0), 0, at))).collect();
    for item in order {
        let Some(Reverse((Cost(cost), items, at))) = cheapest.pop() else { break };
        boxes[at].push(item);
        cheapest.push(Reverse((Cost(cost + costs[item]), items + 1, at)));
    }
    boxes.iter_mut().for_each(|items| items.sort_unstable());
    boxes
}

struct Cost(f64);

impl PartialEq for Cost {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Cost {}

impl PartialOrd for Cost {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Cost {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

#[cfg(test)]
mod tests {
    use super::pack;

    #[test]
    fn boxes_are_about_equal_and_none_is_empty() {
        assert_eq!(pack(&[5.0, 4.0, 3.0, 3.0, 3.0], 2), [vec![0, 3], vec![1, 2, 4]]);
        assert_eq!(pack(&[1.0; 5], 9), [vec![0], vec![1], vec![2], vec![3], vec![4]]);
        assert!(pack(&[], 3).is_empty());
        // Free items are dealt out too.
        assert_eq!(pack(&[0.0, 0.0, 0.0], 2), [vec![0, 2], vec![1]]);
        let costs: Vec<f64> = (0..200).map(|at| f64::from(at * at % 37) + 1.0).collect();
        let sums: Vec<f64> = pack(&costs, 7).iter().map(|items| items.iter().map(|at| costs[*at]).sum()).collect();
        let fair = costs.iter().sum::<f64>() / 7.0;
        assert!(sums.iter().all(|sum| (sum - fair).abs() < 0.02 * fair), "{sums:?}");
    }
}
