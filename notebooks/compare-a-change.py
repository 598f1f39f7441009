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
# # Compare a policy change and write it up
#
# What if an answer that does not come in time took the dispute up by itself? The amendment
# `silence-islington` says so. Both policies go through the same disputes, so what chance does to
# one it mostly does to the other.

# %%
from simulations import compare, examine, plots, stress_form

result = compare("islington", "silence-islington", replications=8)
result

# %% [markdown]
# Each difference with its interval, in its own unit: where the interval holds 0, what is seen may
# be noise.

# %%
# %matplotlib inline
plots.picture(result, "difference")

# %%
plots.picture(result, "time to end")

# %% [markdown]
# ## What it hangs on
#
# The conclusion is only as good as the numbers that nobody has published. A small search among
# how officers answer informally: Morris's method, then the two numbers that move the result most,
# each through its whole range. `drp sensitivity islington --against
# silence-islington` looks at all the numbers, and takes some minutes.

# %%
hangs_on = examine(
    "islington",
    "silence-islington",
    among="responses › informal",
    replications=3,
    trajectories=2,
    samples=0,
    top=1,
    scanned=2,
)
hangs_on

# %%
plots.tornado(hangs_on, plots.Caption.of(result.trials[0].workload, 3, 1))

# %% [markdown]
# ## The STRESS-DES form
#
# The form asks twenty things of anybody who reports a simulation. The files answer most; what only
# the reporter knows is given here.

# %%
stress_form(
    result,
    purpose="To see what silence costs under a dispute resolution protocol, before it is changed.",
    access="The repository holds the model, the workloads, the amendments and this notebook.",
)
