//! Whatever is sent as a table, reading it must end, must not panic, and must keep within its limits.
#![no_main]

use libfuzzer_sys::fuzz_target;
use paper::{Limits, read_sheets};

const LIMITS: Limits = Limits { bytes: 1 << 20, unpacked: 8 << 20, rows: 500, columns: 50, sheets: 5 };

fuzz_target!(|bytes: &[u8]| {
    let Ok(sheets) = read_sheets(bytes, &LIMITS) else { return };
    assert!(sheets.len() <= LIMITS.sheets);
    for sheet in sheets {
        assert!(sheet.rows.len() <= LIMITS.rows);
        assert!(sheet.rows.iter().all(|row| row.cells.len() <= LIMITS.columns));
    }
});
