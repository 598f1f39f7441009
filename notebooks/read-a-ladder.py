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
# # Read a ladder and draw it
#
# One policy file holds what one authority's protocol says. Reading it gives a `Protocol`: the
# people, the questions that the text leaves open, and one or more ladders.

# %%
from model import amended, expand, figure, load

islington = load("islington")
islington.title, list(islington.ladders)

# %% [markdown]
# A ladder becomes a graph of states and moves. A graph shows itself as a picture: the lowest rung
# at the bottom, what is settled on the left, what goes outside the council on the right.

# %%
ladder = expand(islington)
ladder

# %% [markdown]
# Each state says who must act there and by when, and each move who makes it, with the paragraph
# that allows it. These are the moves with which a dispute begins.

# %%
[(move.name, move.actor, move.strength, move.citation) for move in ladder.leaving[ladder.start]]

# %% [markdown]
# The same picture as a matplotlib figure, to be saved beside others.

# %%
# %matplotlib inline
figure(ladder)

# %% [markdown]
# An amendment names what it changes. The amended ladder is read like any other, so it can be drawn,
# proved and run. Here each stage has four working days.

# %%
expand(amended("islington", "../simulations/amendments/windows-islington-four-days.yaml"))
