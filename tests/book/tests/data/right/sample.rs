// ANCHOR: sample
let sample = 1;
// ANCHOR_END: sample
