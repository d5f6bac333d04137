//! How it is put on paper.
//!
//! Tables and texts become PDF, Excel workbooks and CSV, and come back out of what people send. This room knows nothing of what they
//! say.
