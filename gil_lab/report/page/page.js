// Has the pictures of the whole page drawn.
"use strict";

window.drawFigures(document);
