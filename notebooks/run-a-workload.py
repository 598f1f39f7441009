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
# # Run a workload
#
# A verdict says what a text allows. What happens with so many children, so few managers and an
# inbox is a question for a simulation, and its answer is only as good as what it assumes. Hardly
# any of the numbers is published, so every result says how many of them are assumed.

# %%
from simulations import load_workload, plots, simulate

workload = load_workload("islington")
workload.title, workload.horizon.value, workload.authorities[0].children[0].stock

# %% [markdown]
# Ten replications of six years, of which the first is left out. Each runs disputes through the same
# graph that the claims are proved on.

# %%
result = simulate("islington", replications=10)
result

# %% [markdown]
# How long disputes last. The line is the 20 working days of the IRO Handbook; what is still open at
# the end counts as lasting longer than it has been seen.

# %%
# %matplotlib inline
plots.picture(result, "time to end")

# %% [markdown]
# Where they end, and how far up they go.

# %%
plots.picture(result, "where disputes end")

# %% [markdown]
# How many are open, week by week, and how busy each post is with them.

# %%
plots.picture(result, "backlog")

# %%
plots.picture(result, "utilisation")
