// Shows the measured cells at one point of a grid, and what changes when one number or name does. What is shown of a
// cell is read from its row of the tables; a point that was not measured says so, and names the nearest ones.
"use strict";

(() => {
  const MOST_NEAR = 3, MOST_SAID = 4, MOST_LISTED = 10;
  const MOST_TICKS = 5; // of the axis: as many labels as a phone has room for
  const WIDE = 10; // from end to end of an interval; one that is wider may reach beyond the axis

  function element(tag, className, text = "") {
    const made = document.createElement(tag);
    if (className) made.className = className;
    made.textContent = text;
    return made;
  }

  // What each row of the tables says, in the order in which they were written.
  function readRows(columns) {
    return [...document.querySelectorAll("table.sortable")].flatMap((table) => {
      const titles = [...table.tHead.rows[0].cells].map((heading) => heading.textContent);
      return [...table.tBodies[0].rows].map((row) => {
        if (row.matches(".failed")) return { reason: row.cells[row.cells.length - 1].textContent };
        const texts = Object.entries(columns).map(([name, title]) => [name, row.cells[titles.indexOf(title)]?.textContent ?? ""]);
        return { ...Object.fromEntries(texts), flagged: row.matches(".flagged") };
      });
    });
  }

  // Bars of speed-ups begin at 1, on a logarithmic axis; those of wall times at 0.
  class Axis {
    constructor(compared, bars) {
      const values = bars.map(([value]) => Number(value));
      this.compared = compared;
      if (!compared) {
        this.most = Math.max(...bars.flat().map(Number));
        this.ticks = [];
        return;
      }
      const narrow = bars.filter(([, low, high]) => high / low < WIDE).flat().map(Number);
      const ends = [Math.min(0.5, ...values, ...narrow), Math.max(2, ...values, ...narrow)];
      const base = Math.log2(ends[1] / ends[0]) < 2 * MOST_TICKS ? 2 : 10;
      const powers = ends.map((end, place) => Math.log(end) / Math.log(base) + (place ? -1e-9 : 1e-9));
      this.from = Math.floor(powers[0]);
      this.to = Math.ceil(powers[1]);
      this.base = base;
      const step = Math.ceil((this.to - this.from + 1) / MOST_TICKS);
      this.ticks = [];
      for (let power = this.from; power <= this.to; power += 1) {
        if (power % step === 0) this.ticks.push(base ** power);
      }
    }

    has(value) {
      return !this.compared || (value >= this.base ** this.from && value <= this.base ** this.to);
    }

    // In per cent of the width; what is beyond the axis ends there.
    at(value) {
      if (!this.compared) return (100 * value) / this.most;
      const place = (Math.log(value) / Math.log(this.base) - this.from) / (this.to - this.from);
      return 100 * Math.min(1, Math.max(0, place));
    }

    get origin() {
      return this.compared ? this.at(1) : 0;
    }
  }

  class Row {
    constructor(strategy, list) {
      this.strategy = strategy;
      this.element = element("li");
      this.name = element("span", "name");
      this.track = element("div", "track");
      this.one = element("span", "one");
      this.bar = element("span", "bar");
      this.interval = element("span", "interval");
      this.facts = element("div", "facts");
      this.track.setAttribute("aria-hidden", "true");
      this.track.append(this.one, this.bar, this.interval);
      this.element.append(this.name, this.track, this.facts);
      list.append(this.element);
    }

    show(cell, axis, tasks) {
      const marked = cell.flagged ? "*" : "";
      const counted = tasks ? [gettext("{tasks} tasks", { tasks })] : [];
      this.name.textContent = [`${this.strategy}${marked}`, ...counted].join(", ");
      this.element.className = cell.reason ? "failed" : cell.flagged ? "flagged" : "";
      this.track.hidden = cell.bar.length === 0;
      this.one.style.left = `${axis.origin}%`;
      this.span(this.bar, axis.origin, axis.at(Number(cell.bar[0])));
      const limits = cell.bar.slice(1).map(Number);
      this.bar.hidden = cell.bar[0] === "1" && !limits.length; // sequential itself
      this.interval.hidden = limits.length < 2;
      if (limits.length === 2) {
        this.span(this.interval, ...limits.map((end) => axis.at(end)));
        ["open-left", "open-right"].forEach((name, end) => this.interval.classList.toggle(name, !axis.has(limits[end])));
      }
      this.facts.replaceChildren(...(cell.reason ? [element("span", "", cell.reason)] : this.numbers(cell)));
    }

    numbers(cell) {
      const numbers = [
        [cell.speedup, gettext("speed-up")],
        [cell.wall, "s"],
        [cell.inFlight, gettext("in flight")],
        [cell.coresBusy, gettext("cores busy")],
      ].filter(([number]) => number);
      const facts = numbers.map(([number, words]) => {
        const fact = element("span");
        fact.append(element("b", "", number), ` ${words}`);
        return fact;
      });
      const said = [cell.verdict, cell.flagged ? gettext("flagged") : ""].filter(Boolean);
      return [...facts, ...said.map((words) => element("span", "", words))];
    }

    span(part, one, other) {
      part.style.left = `${Math.min(one, other)}%`;
      part.style.width = `${Math.abs(other - one)}%`;
    }

    lack(buttons) {
      this.name.textContent = this.strategy;
      this.element.className = "missing";
      this.track.hidden = true;
      this.facts.replaceChildren(...buttons);
    }
  }

  class Grid {
    constructor(section, data, rows) {
      Object.assign(this, data);
      this.section = section;
      this.cells = data.cells.map((cell) => ({ ...rows[cell.row], ...cell }));
      this.measured = this.cells.filter((cell) => !cell.reason);
      this.strategies = [...new Set(this.cells.map((cell) => cell.strategy))];
      this.axis = new Axis(data.compared, this.measured.map((cell) => cell.bar).filter((bar) => bar.length));
      this.point = this.start();
      for (const name of ["factors", "said", "axis", "cells"]) this[`${name}Box`] = section.querySelector(`.${name}`);
    }

    // Into the section, in place of another grid.
    open() {
      this.factorsBox.querySelectorAll(".factor:not(.work)").forEach((each) => each.remove());
      this.controls = this.factors.map((factor, place) => this.control(factor, place));
      this.cellsBox.replaceChildren();
      this.rows = this.strategies.map((strategy) => new Row(strategy, this.cellsBox));
      this.explain();
      this.show();
    }

    explain() {
      const what = this.compared
        ? gettext("Bars: how many times as fast as sequential, to the right of 1 faster, to the left slower, on a logarithmic axis. Thin line: the 95 % interval.")
        : gettext("Bars: wall time. Thin line: from the least to the greatest round.");
      const scale = element("span", "scale");
      scale.setAttribute("aria-hidden", "true");
      for (const tick of this.axis.ticks) {
        const label = element("span", "", tick >= 1 ? `${tick}` : `${Number(tick.toPrecision(3))}`);
        label.style.left = `${this.axis.at(tick)}%`;
        scale.append(label);
      }
      this.axisBox.replaceChildren(what, ...(this.axis.ticks.length ? [scale] : []));
    }

    // The point at which most was measured, the first of several.
    start() {
      const points = this.measured.map((cell) => cell.at.map((place) => place ?? 0));
      const counts = points.map((point) => this.strategies.filter((strategy) => !(this.cellAt(strategy, point)?.reason ?? true)).length);
      return [...points[counts.indexOf(Math.max(...counts))]];
    }

    cellAt(strategy, point) {
      return this.cells.find((cell) => cell.strategy === strategy && cell.at.every((place, factor) => place === null || place === point[factor]));
    }

    control(factor, place) {
      const box = element("div", "factor"), label = element("label", "", factor.called);
      const control = element(factor.isNumber ? "input" : "select");
      control.id = label.htmlFor = `change-${place}`;
      control.name = factor.name;
      box.append(label, control);
      if (factor.isNumber) {
        Object.assign(control, { type: "range", min: 0, max: factor.values.length - 1, step: 1 });
        const value = element("output");
        value.htmlFor = control.id;
        const few = factor.values.length <= MOST_LISTED;
        const all = few ? factor.values.map(([short]) => short).join(", ") : gettext("{count} of them", { count: factor.values.length });
        box.append(value, element("span", "measured hint", gettext("measured: {all}", { all })));
      } else {
        control.append(...factor.values.map(([, long], number) => new Option(long, number)));
      }
      control.addEventListener("input", () => this.move(this.point.with(place, Number(control.value))));
      this.factorsBox.append(box);
      return control;
    }

    move(point) {
      const before = this.point;
      this.point = point;
      this.show();
      this.saidBox.textContent = this.change(before, point);
    }

    show() {
      this.controls.forEach((control, place) => {
        const factor = this.factors[place], label = factor.values[this.point[place]][1];
        control.value = this.point[place];
        if (!factor.isNumber) return;
        control.setAttribute("aria-valuetext", label);
        control.nextElementSibling.textContent = label;
      });
      const shown = this.strategies.map((strategy) => this.cellAt(strategy, this.point));
      const different = new Set(shown.filter(Boolean).map((cell) => cell.tasks)).size > 1;
      const nothing = shown.every((cell) => !cell);
      this.rows.forEach((row, place) => {
        const cell = shown[place];
        row.element.hidden = nothing && place > 0;
        if (cell) row.show(cell, this.axis, different ? cell.tasks : 0);
        else row.lack(this.offers(nothing ? this.measured : this.measured.filter((one) => one.strategy === row.strategy)));
        if (nothing) row.name.textContent = "";
      });
    }

    // That a point was not measured, and the nearest ones that were.
    offers(cells) {
      const points = new Map();
      for (const cell of cells) {
        const point = cell.at.map((place, factor) => place ?? this.point[factor]);
        const moved = point.map((place, factor) => (this.factors[factor].isNumber ? Math.abs(place - this.point[factor]) : Number(place !== this.point[factor])));
        const far = [moved.filter(Boolean).length, moved.reduce((sum, one) => sum + one, 0)];
        points.set(point.join(), { point, far });
      }
      const nearest = [...points.values()].sort((a, b) => a.far[0] - b.far[0] || a.far[1] - b.far[1]).slice(0, MOST_NEAR);
      if (!nearest.length) return [element("span", "", gettext("not measured"))];
      return [element("span", "", gettext("not measured here; nearest:")), ...nearest.map(({ point }) => this.offer(point))];
    }

    offer(point) {
      const changed = this.factors.map((_, place) => place).filter((place) => point[place] !== this.point[place]);
      const button = element("button", "", changed.map((place) => this.factors[place].values[point[place]][1]).join(", "));
      button.type = "button";
      button.addEventListener("click", () => {
        this.move(point);
        this.controls[changed[0]].focus(); // the button is gone
      });
      return button;
    }

    // "2 → 4 workers: multiprocessing 1.90x → 1.80x [1.70, 1.90]", the greatest changes first.
    change(before, after) {
      const moves = this.factors.flatMap(({ values }, place) =>
        before[place] === after[place] ? [] : [`${values[before[place]][0]} → ${values[after[place]][1]}`]);
      const changes = this.strategies.flatMap((strategy) => {
        const [one, other] = [before, after].map((point) => this.cellAt(strategy, point));
        const [from, to] = [this.brief(one), this.brief(other)];
        if (from === to && (!other || !this.limits(other) || one.row === other.row)) return [];
        const size = Math.abs(Math.log(Number(other?.bar[0]) / Number(one?.bar[0])));
        return [{ size: Number.isFinite(size) ? size : Infinity, text: `${strategy} ${from} → ${to}${this.limits(other)}` }];
      });
      changes.sort((a, b) => (a.size === b.size ? 0 : b.size - a.size));
      const said = changes.slice(0, MOST_SAID).map(({ text }) => text);
      const more = changes.length - said.length;
      if (more > 0) said.push(gettext("and {more} more", { more }));
      const what = said.join("; ") || gettext("the same cells");
      return `${moves.join(", ")}: ${what}`;
    }

    // As it stands in the table, without its interval.
    brief(cell) {
      if (!cell) return gettext("not measured");
      if (cell.reason) return cell.reason.split(":")[0];
      if (cell.bar.length < 2 && cell.speedup === "1") return `${cell.wall} s`; // sequential itself
      if (!this.compared || !cell.bar.length) return `${cell.wall} s${cell.flagged ? "*" : ""}`;
      const sign = /^[~=]/.exec(cell.speedup)?.[0] ?? "";
      return `${sign}${cell.bar[0]}x${cell.flagged || cell.speedup.endsWith("*") ? "*" : ""}`;
    }

    limits(cell) {
      return cell && !cell.reason && cell.bar.length === 3 ? ` [${cell.bar[1]}, ${cell.bar[2]}]` : "";
    }
  }

  function fill(section) {
    const data = JSON.parse(section.querySelector("script").textContent), rows = readRows(data.columns);
    const grids = data.grids.map((grid) => new Grid(section, grid, rows));
    if (grids.length > 1) {
      const box = element("div", "factor work"), label = element("label", "", gettext("work")), choice = element("select");
      choice.id = label.htmlFor = "change-work";
      choice.name = "work";
      choice.append(...grids.map((grid, place) => new Option(grid.work, place)));
      choice.addEventListener("input", () => grids[Number(choice.value)].open());
      box.append(label, choice);
      section.querySelector(".factors").append(box);
    }
    grids[0].open();
    section.grids = grids;
    section.dataset.state = "drawn";
  }

  document.querySelectorAll(".sliders").forEach(fill);
})();
