en|//! The local time, as the C library's ctime writes it: Rust's own library knows no time zones.
ru|//! Местное время в том виде, как его пишет ctime из библиотеки C: стандартная библиотека Rust не
ru|//! знает часовых поясов.

use std::ffi::{c_char, c_long, CStr};

extern "C" {
    fn time(result: *mut c_long) -> c_long;
    fn ctime_r(time: *const c_long, text: *mut c_char) -> *mut c_char;
}

en|/// Such as `Sun Nov  1 09:05:00 2026`, without a newline.
ru|/// Например, `Sun Nov  1 09:05:00 2026`, без перевода строки.
pub fn now() -> String {
    let mut text: [c_char; 64] = [0; 64];
en|    // SAFETY: both pointers are valid for the call; ctime_r writes 26 bytes, the last of them 0
en|    // (ctime(3)), and the rest of `text` is 0.
ru|    // SAFETY: оба указателя годны на время вызова; ctime_r пишет 26 байт, последний из них 0
ru|    // (ctime(3)), остаток `text` — нули.
    let text = unsafe {
        let now = time(std::ptr::null_mut());
        ctime_r(&now, text.as_mut_ptr());
        CStr::from_ptr(text.as_ptr())
    };
    text.to_string_lossy().trim_end().to_owned()
}
