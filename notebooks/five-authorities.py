# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Five authorities side by side
#
# Five texts for the same duty. First what they allow, then what they do under one and the same
# workload, that of an authority of average size: any difference below is one of the texts.

# %%
from model import authorities, expand, load
from proofs import times
from simulations import compare, plots

names = [path.stem for path in authorities()]
names

# %% [markdown]
# Formal time, in the plain readings: when every answer comes at the end of its window, when the
# raiser acts at once, and whatever anybody permitted does. None is without end.

# %%
timed = {name: times(expand(load(name))) for name in names}
{name: (of.windows, of.diligent, of.permitted) for name, of in timed.items()}

# %% [markdown]
# The same disputes under each of the five. The workload names no rung of any text: an answer
# takes as long, and satisfies as often, at whichever rung it is given.

# %%
result = compare(*names, workload="national", replications=5)
result

# %%
# %matplotlib inline
plots.picture(result, "time to end")

# %%
plots.picture(result, "difference")
