use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::RenderUnit;

/// What a run takes, as far as somebody asked: by stage, and by release.
#[derive(Debug, Default)]
pub struct Times {
    stages: Mutex<Vec<StageTime>>,
    releases: Mutex<Vec<ReleaseTime>>,
}

/// What one stage took, in all batches.
#[derive(Clone, Debug)]
pub struct StageTime {
    /// Its name.
    pub stage: &'static str,
    /// By the clock.
    pub wall: Duration,
    /// Of all processors.
    pub cpu: Duration,
}

/// What rendering one component for one cluster took.
#[derive(Clone, Debug)]
pub struct ReleaseTime {
    /// The cluster's name, where it is rendered for one.
    pub cluster: Option<String>,
    /// The component's address.
    pub component: Arc<str>,
    /// By the clock.
    pub wall: Duration,
    /// Of the processor.
    pub cpu: Duration,
}

impl Times {
    /// Does the work of a stage, and takes its time.
    pub fn stage<R>(times: Option<&Self>, stage: &'static str, work: impl FnOnce() -> R) -> R {
        let Some(times) = times else { return work() };
        let (wall, cpu) = (Instant::now(), process_time());
        let result = work();
        let (wall, cpu) = (wall.elapsed(), process_time().saturating_sub(cpu));
        let mut stages = times.stages.lock().unwrap_or_else(PoisonError::into_inner);
        match stages.iter_mut().find(|known| known.stage == stage) {
            Some(known) => {
                known.wall += wall;
                known.cpu += cpu;
            }
            None => stages.push(StageTime { stage, wall, cpu }),
        }
        result
    }

    /// Renders a unit, and takes the time of that.
    pub fn release<R>(times: Option<&Self>, unit: &RenderUnit, render: impl FnOnce() -> R) -> R {
        let Some(times) = times else { return render() };
        let (wall, cpu) = (Instant::now(), thread_time());
        let result = render();
        let (wall, cpu) = (wall.elapsed(), thread_time().saturating_sub(cpu));
        let cluster = unit.cluster_name().map(str::to_owned);
        let taken = ReleaseTime { cluster, component: Arc::clone(&unit.address), wall, cpu };
        times.releases.lock().unwrap_or_else(PoisonError::into_inner).push(taken);
        result
    }

    /// All stages, in their order.
    pub fn stages(&self) -> Vec<StageTime> {
        self.stages.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// All releases, the slowest first.
    pub fn releases(&self) -> Vec<ReleaseTime> {
        let mut releases = self.releases.lock().unwrap_or_else(PoisonError::into_inner).clone();
        releases.sort_by(|one, other| {
            let name = |release: &ReleaseTime| (release.cluster.clone(), Arc::clone(&release.component));
            other.wall.cmp(&one.wall).then_with(|| name(one).cmp(&name(other)))
        });
        releases
    }
}

/// The time of all processors that this process took so far.
#[cfg(unix)]
pub fn process_time() -> Duration {
    clock(rustix::time::ClockId::ProcessCPUTime)
}

/// The time of all processors that this process took so far; not told here.
#[cfg(not(unix))]
pub fn process_time() -> Duration {
    Duration::ZERO
}

#[cfg(unix)]
fn thread_time() -> Duration {
    clock(rustix::time::ClockId::ThreadCPUTime)
}

#[cfg(not(unix))]
fn thread_time() -> Duration {
    Duration::ZERO
}

#[cfg(unix)]
fn clock(id: rustix::time::ClockId) -> Duration {
    let time = rustix::time::clock_gettime(id);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    Duration::new(seconds, u32::try_from(time.tv_nsec).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stage_adds_up_and_nothing_is_taken_unasked() {
        let times = Times::default();
        assert_eq!(Times::stage(Some(&times), "plan", || 1), 1);
        assert_eq!(Times::stage(Some(&times), "render", || 2), 2);
        assert_eq!(Times::stage(Some(&times), "plan", || 3), 3);
        assert_eq!(Times::stage(None, "write", || 4), 4);
        let names: Vec<&str> = times.stages().iter().map(|stage| stage.stage).collect();
        assert_eq!(names, ["plan", "render"]);
    }
}
