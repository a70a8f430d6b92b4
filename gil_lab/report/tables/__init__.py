"""Tables: one file says what the columns of a table are, one how a table is shown."""
