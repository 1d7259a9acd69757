"""Reproducible measurements, each next to a peer or a baseline of the same run, with what limited it.

`make bench` runs them all, `make bench BENCH=send` one. A benchmark is a module of benchmarks/ with `async def
run(size)` that returns results (figures/result.py); __main__.py has the list. They share: system.py, which starts
Fechatter, people.py, which fills it, figures/cpu.py, which shows who was busy, and load/ with the load generators, each
a separate process. peers/ has what Fechatter is compared with.

The machines that run this are noisy, so figures of two runs are not compared: what is compared is measured in turns in
one run, and the medians are taken.
"""
