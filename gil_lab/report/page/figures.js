// Draws pictures from the data blocks beside them, and again where a page becomes as narrow as a phone.
"use strict";

(() => {
  const OPTIONS = {
    mode: "vega-lite",
    renderer: "svg",
    actions: false,
    ast: true, // Vega's expressions in its interpreter: the page's policy forbids eval
    defaultStyle: false, // the page has the styles: the policy forbids others
    tooltip: { disableDefaultStyle: true },
  };

  // As wide as the style sheet has it for phones.
  const PHONE = window.matchMedia("(max-width: 40rem)");

  function specification(figure) {
    const wide = JSON.parse(figure.querySelector("script").textContent);
    const narrow = PHONE.matches ? figure.querySelector("script.narrow") : null;
    figure.classList.toggle("fitting", narrow !== null);
    if (narrow === null) return wide;
    const spec = JSON.parse(narrow.textContent);
    return { ...spec, datasets: { ...wide.datasets, ...spec.datasets } }; // data that both have stand there once
  }

  async function draw(figure) {
    const box = figure.querySelector(".wide");
    try {
      await window.vegaEmbed(box, specification(figure), OPTIONS);
      figure.style.setProperty("--height", box.querySelector("svg").viewBox.baseVal.height);
      figure.dataset.state = "drawn";
    } catch (error) {
      const line = document.createElement("p");
      line.className = "failure";
      line.setAttribute("role", "alert");
      line.textContent = gettext("This picture could not be drawn: {reason}", { reason: error.message ?? error });
      box.replaceChildren(line);
      figure.dataset.state = "failed";
    }
  }

  const drawn = [];

  // All within an element, such as the document.
  window.drawFigures = (within) => {
    const figures = [...within.querySelectorAll("figure")];
    drawn.push(...figures);
    figures.forEach(draw);
  };

  PHONE.addEventListener("change", () => {
    drawn.filter((one) => one.isConnected && one.querySelector("script.narrow")).forEach(draw);
  });
})();
