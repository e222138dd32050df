"""Knowledge points (知识库): published batches, what they change, local codes."""
