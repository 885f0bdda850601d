"""How every request leaves the house: within budget, at the host's pace, only where robots.txt allows."""
