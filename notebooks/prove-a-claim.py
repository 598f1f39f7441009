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
# # Prove a claim and read a verdict
#
# A claim is one sentence of law or good sense. Its verdict speaks of every dispute that the text
# allows, in every reading of the text, and not of those that happened to be tried.

# %%
from model import expand, load
from proofs import ALL, times, verdicts

[(claim.id, claim.duty, claim.sentence) for claim in ALL[:5]]

# %% [markdown]
# Four claims about Islington's protocol. *Holds* is proved; *broken* has a story that the ladder
# accepts, step by step; *depends* has the exact condition.

# %%
islington = load("islington")
found = verdicts(islington, "return", "start-alone", "escalate-alone", "total-diligent")
found

# %% [markdown]
# One verdict in full. The story gives the day, the date, who does what, and the paragraph.

# %%
found["return"]

# %% [markdown]
# A verdict that depends says on what. Each line of its condition is about a reading of the text or
# about a number that the text leaves open.

# %%
found["total-diligent"]

# %% [markdown]
# A ladder's times: the fastest way, and the longest under three kinds of conduct.

# %%
times(expand(islington))
