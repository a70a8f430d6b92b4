// Draws the pictures from the data blocks beside them, and sorts the tables.
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
      figure.dataset.state = "drawn";
    } catch (error) {
      const line = document.createElement("p");
      line.className = "failure";
      line.setAttribute("role", "alert");
      line.textContent = `This picture could not be drawn: ${error.message ?? error}`;
      box.replaceChildren(line);
      figure.dataset.state = "failed";
    }
  }

  // Ascending, descending, as it was.
  const NEXT = { none: "ascending", ascending: "descending", descending: "none" };
  const SIGN = { none: 0, ascending: 1, descending: -1 };

  // A number, a text, or null: what has no value stays behind what has one, in either direction.
  function value(row, column) {
    const { textContent: text, dataset } = row.cells[column];
    if (dataset.number === undefined) return text || null;
    return dataset.number === "" ? null : Number(dataset.number);
  }

  function order(column, sign) {
    return (one, other) => {
      const [a, b] = [value(one, column), value(other, column)];
      if (a === null || b === null) return (a === null) - (b === null);
      return sign * (typeof a === "number" ? a - b : a.localeCompare(b, "en"));
    };
  }

  function sortable(table) {
    const [body] = table.tBodies;
    const failed = [...body.rows].filter((row) => row.matches(".failed"));
    const flagged = [...body.rows].filter((row) => row.matches(".flagged"));
    const good = [...body.rows].filter((row) => !row.matches(".failed, .flagged"));
    const asGiven = [...body.rows];
    const headings = [...table.tHead.rows[0].cells];
    headings.forEach((heading, column) => {
      heading.querySelector("button").addEventListener("click", () => {
        const direction = NEXT[heading.getAttribute("aria-sort")];
        for (const each of headings) each.setAttribute("aria-sort", each === heading ? direction : "none");
        const sign = SIGN[direction];
        const sorted = [good, flagged].flatMap((rows) => [...rows].sort(order(column, sign)));
        body.append(...(sign ? [...sorted, ...failed] : asGiven));
      });
    });
  }

  document.querySelectorAll("table.sortable").forEach(sortable);
  const figures = document.querySelectorAll("figure");
  figures.forEach(draw);
  PHONE.addEventListener("change", () => [...figures].filter((one) => one.querySelector("script.narrow")).forEach(draw));
})();
