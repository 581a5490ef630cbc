//! What a program must not inherit: files that whoever started this process has left open.

/// Keeps all open files but stdin, stdout and stderr from programs that are started from here on,
/// as if they had been opened with O_CLOEXEC (open(2)). Whoever started this process may have
/// opened some for itself, such as the file of a report.
#[cfg(target_os = "linux")]
pub fn keep_files_private() {
    use rustix::io::{FdFlags, fcntl_setfd};
    let entries = std::fs::read_dir("/proc/self/fd").into_iter().flatten();
    let numbers = entries.flatten().filter_map(|entry| {
        let name = entry.file_name();
        name.to_str()?.parse::<i32>().ok()
    });
    for number in numbers.filter(|&number| number > 2).collect::<Vec<_>>() {
        // SAFETY: it is borrowed for one call, which changes a flag that this process never reads;
        // if it has been closed since it was listed, the call fails.
        #[allow(unsafe_code, reason = "no safe call takes a file by its number")]
        let file = unsafe { std::os::fd::BorrowedFd::borrow_raw(number) };
        let _ = fcntl_setfd(file, FdFlags::CLOEXEC);
    }
}

/// Elsewhere nothing lists them.
#[cfg(not(target_os = "linux"))]
pub fn keep_files_private() {}
