"""Benchmarks: each workload beside its peers, in one run, as ratios. Never a pass or a fail."""
