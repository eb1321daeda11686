use std::thread;

/// How many threads work, and what their stacks must hold.
#[derive(Clone, Copy, Debug)]
pub struct Workers {
    /// The most threads.
    pub threads: usize,
    /// Bytes of stack for each but the calling one.
    pub stack_bytes: usize,
}

/// Works on parts of about the same weight at the same time. The results keep their order; of several
/// errors the first in that order is given.
pub fn in_parts<I: Sync, T: Send, E: Send>(
    items: &[I],
    workers: Workers,
    weight: impl Fn(&I) -> usize,
    work: impl Fn(&I) -> Result<T, E> + Sync,
) -> Result<Vec<T>, E> {
    let share = items.iter().map(&weight).sum::<usize>().div_ceil(workers.threads.max(1));
    let mut parts: Vec<&[I]> = Vec::new();
    let mut rest = items;
    while !rest.is_empty() {
        let mut weighed = 0;
        let full = |item: &I| {
            weighed += weight(item);
            weighed >= share
        };
        let end = rest.iter().position(full).map_or(rest.len(), |at| at + 1);
        let (part, behind) = rest.split_at(end);
        parts.push(part);
        rest = behind;
    }
    let run = |part: &[I]| part.iter().map(&work).collect::<Result<Vec<T>, E>>();
    thread::scope(|scope| {
        let run = &run;
        let started: Vec<_> = (parts.iter().skip(1))
            .map(|part| {
                (*part, thread::Builder::new().stack_size(workers.stack_bytes).spawn_scoped(scope, move || run(part)))
            })
            .collect();
        let mut results = parts.first().map_or(Ok(Vec::new()), |part| run(part));
        for (part, worker) in started {
            let more = match worker {
                Ok(worker) => worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
                // No thread to be had: the work is done here.
                Err(_) => run(part),
            };
            if let Ok(all) = &mut results {
                match more {
                    Ok(more) => all.extend(more),
                    Err(error) => results = Err(error),
                }
            }
        }
        results
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_the_first_error_are_kept() {
        let items: Vec<usize> = (0..100).collect();
        for threads in [1, 2, 3, 200] {
            let workers = Workers { threads, stack_bytes: 1 << 20 };
            let doubled = in_parts(&items, workers, |item| *item, |item| Ok::<_, usize>(item * 2)).unwrap();
            assert_eq!(doubled, items.iter().map(|item| item * 2).collect::<Vec<_>>());
            let failed = in_parts(&items, workers, |_| 1, |item| if *item > 40 { Err(*item) } else { Ok(()) });
            assert_eq!(failed, Err(41));
        }
        let none = in_parts(&[], Workers { threads: 4, stack_bytes: 1 << 20 }, |_: &usize| 1, |_| Ok::<(), ()>(()));
        assert_eq!(none, Ok(Vec::new()));
    }
}
