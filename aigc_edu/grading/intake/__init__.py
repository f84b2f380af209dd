"""What was handed in, and by whom: downloads of platforms, the roster, CSV files, times."""
