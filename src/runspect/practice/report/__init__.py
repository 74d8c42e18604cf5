"""What a model review and a weekly digest say: answers of the engine in, sections of words, tables and charts out."""
