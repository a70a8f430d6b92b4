// Sorts a table by the column whose heading is clicked.
"use strict";

(() => {
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
})();
