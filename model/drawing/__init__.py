"""The drawings of a ladder: SVG, figures for notebooks, and graphs for other tools.

`plain` puts the plain reading into words, `powers`, `steps` and `sheet` say what a drawing shows;
`scene`, `rungbox`, `legend` and `layout` place it, `twin` tells it to those who cannot see it, and
`page` writes the SVG. `figure` and `exports` draw the same sheet by matplotlib, and as text.
"""

from model.drawing.page import svg

__all__ = ["svg"]
