"""What people and machines see of a comparison: a page, a server, JSON, Markdown, JUnit, the folder that holds it."""
