"""What every resource of the HTTP API shares: problems, parsing, pages, versions, the schema."""
