"""A page of its own within a notebook: what `_repr_html_` gives of what has scripts."""

import html

from gil_lab.model.language import gettext

SCRIPTS = "allow-scripts"
"""All that a frame may do: it cannot reach the notebook around it, nor open or fetch anything."""


def notebook_frame(document: str, title: str, height: int, allowed: str = SCRIPTS) -> str:
    """A frame of that height in pixels; `title` is its name for screen readers.

    JupyterLab leaves frames out of a notebook that is not trusted (one from elsewhere, whose cells were not run here)
    and keeps the text that is in them. Browsers that show the frame never show that text.
    """
    without = gettext("{title}: not shown here, as this notebook is not trusted. Run the cell, or trust the notebook.")
    attributes = f'sandbox="{allowed}" title="{html.escape(title)}" width="100%" height="{height}" style="border: 0"'
    return f'<iframe srcdoc="{html.escape(document)}" {attributes}>{html.escape(without.format(title=title))}</iframe>'
