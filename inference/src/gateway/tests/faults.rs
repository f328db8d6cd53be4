//! Each way to fail, and what the caller gets.
