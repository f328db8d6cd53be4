//! The test harness: a fake Azure OpenAI, the real server under test, and a small MCP client.

pub mod fake_azure;
