"""How well it works: benchmarks and metrics, printed as tables."""
