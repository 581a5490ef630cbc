//! Processors for the server and for the load generator, so that neither takes time from the
//! other.

use std::io;

use serde::Serialize;

/// Who runs where; numbers as in /proc/cpuinfo.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Processors {
    pub(crate) server: Vec<usize>,
    pub(crate) load: usize,
}

impl Processors {
    /// The last allowed processor for the load generator, all others for the server; nothing where
    /// there is only one.
    #[cfg(any(test, target_os = "linux"))]
    fn divided(mut allowed: Vec<usize>) -> Option<Self> {
        let load = allowed.pop()?;
        (!allowed.is_empty()).then_some(Self {
            server: allowed,
            load,
        })
    }

    /// Puts this thread, and what it starts from now on, on the server's processors.
    ///
    /// # Errors
    /// If the system refuses, as for a processor that has been taken away.
    pub(crate) fn of_the_server(&self) -> io::Result<()> {
        run_on(&self.server)
    }

    /// The same with the load generator's processor.
    ///
    /// # Errors
    /// As [`Processors::of_the_server`].
    pub(crate) fn of_the_load(&self) -> io::Result<()> {
        run_on(&[self.load])
    }
}

#[cfg(target_os = "linux")]
mod system {
    use super::{Processors, io};
    use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

    impl Processors {
        /// Those that this process may use, divided; nothing where there is only one.
        ///
        /// # Errors
        /// If the system does not tell (sched_getaffinity(2)).
        pub(crate) fn apart() -> io::Result<Option<Self>> {
            let allowed = sched_getaffinity(None)?;
            Ok(Self::divided(
                (0..CpuSet::MAX_CPU)
                    .filter(|cpu| allowed.is_set(*cpu))
                    .collect(),
            ))
        }
    }

    pub(super) fn run_on(processors: &[usize]) -> io::Result<()> {
        let mut set = CpuSet::new();
        for &processor in processors {
            set.set(processor);
        }
        Ok(sched_setaffinity(None, &set)?)
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use super::{Processors, io};

    impl Processors {
        /// Nothing: other systems have other means, or none.
        ///
        /// # Errors
        /// None.
        pub(crate) fn apart() -> io::Result<Option<Self>> {
            Ok(None)
        }
    }

    pub(super) fn run_on(_processors: &[usize]) -> io::Result<()> {
        Ok(())
    }
}

use system::run_on;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_load_generator_gets_the_last_processor() {
        let divided = |allowed: &[usize]| {
            Processors::divided(allowed.to_vec()).map(|all| (all.server, all.load))
        };
        assert_eq!(divided(&[0, 2, 5]), Some((vec![0, 2], 5)));
        assert_eq!(divided(&[3]), None);
        assert_eq!(divided(&[]), None);
    }
}
