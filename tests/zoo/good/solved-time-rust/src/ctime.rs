//! The local time, as the C library's ctime writes it: Rust's own library knows no time zones.

use std::ffi::{c_char, c_long, CStr};

extern "C" {
    fn time(result: *mut c_long) -> c_long;
    fn ctime_r(time: *const c_long, text: *mut c_char) -> *mut c_char;
}

/// Such as `Sun Nov  1 09:05:00 2026`, without a newline.
pub fn now() -> String {
    let mut text: [c_char; 64] = [0; 64];
    // SAFETY: both pointers are valid for the call; ctime_r writes 26 bytes, the last of them 0
    // (ctime(3)), and the rest of `text` is 0.
    let text = unsafe {
        let now = time(std::ptr::null_mut());
        ctime_r(&now, text.as_mut_ptr());
        CStr::from_ptr(text.as_ptr())
    };
    text.to_string_lossy().trim_end().to_owned()
}
