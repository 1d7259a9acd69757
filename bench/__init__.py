"""Reproducible figures: what is measured, beside a peer or a floor of the same run, and what limited it.

`make bench` runs them all, `make bench BENCH=send` one. A benchmark is a module here with `async def run(size)` that
returns results (result.py); __main__.py has the list. What they share: system.py starts Fechatter, people.py fills it,
cpu.py tells who was busy, load/ has the load generators, each a process of its own.

The machines that run this are noisy, so figures of two runs are not compared: what is compared is measured in turns
in one run, and the medians are taken.
"""
