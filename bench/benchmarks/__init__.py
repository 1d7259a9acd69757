"""The benchmarks: each module with `async def run(size)` is one, under its own name."""
