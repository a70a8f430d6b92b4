"""What a report says: sentences, maps and timelines of letters, and the order in which they stand."""
