"""What pictures are drawn with: scales, rows, labels and where they stand, and what cells are called."""
