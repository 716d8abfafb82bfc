"""What was recorded and what it means: records, files, SSE, dialects, findings."""
