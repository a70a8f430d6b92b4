// Replays the traced passes of some cells side by side, slowed down: tasks leave the queue, are taken by workers, are
// seen on cores, and end. Drawn is what was measured. When within its time a task ran is not known, but for two cases:
// one that ran all the time, and one whose thread held the only GIL at that moment. (Of several GILs each has a holder,
// and those wait for cores as well.) All others are striped, in the shares of their whole time. A core is shown with a task that ran all the time and was on that core at both ends.
"use strict";

(() => {
  const SECONDS = 15; // that the longest pass takes at the speed that is chosen first
  const SLOWER = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000];
  const STEADY = 0.98; // share of its time: such a task ran all the time, but for what its clocks do not resolve
  const MOST_ROWS = 16;
  const ROW = 22, HEAD = 44, GAP = 8, QUEUE = 62, CORES = 86, PADDING = 10, NARROW = 560;
  const USUAL_WIDTH = 400, MOST_ZOOM = 1.6;
  const TOKEN = "#e39a1f", INK = "#1b1b1b", SOFT = "#595959", LINE = "#d9d9d9";
  const CALM = window.matchMedia("(prefers-reduced-motion: reduce)");
  const JUMP_MS = 700; // between two steps where motion is to be reduced

  // The number of leading elements that are at most x, of a sorted list.
  function upTo(sorted, x) {
    let low = 0, high = sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sorted[middle] <= x) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  class Cell {
    constructor(data, states) {
      Object.assign(this, data);
      this.states = states;
      const { begin, end, worker, core, shares } = data.tasks;
      this.ends = [...end].sort((a, b) => a - b);
      this.lanes = data.workers.map(() => ({ begin: [], task: [] }));
      begin.forEach((at, task) => {
        this.lanes[worker[task]].begin.push(at);
        this.lanes[worker[task]].task.push(task);
      });
      this.running = shares[0];
      this.events = [...new Set([...begin, ...end, ...data.holds.flatMap((one) => one.begin)])].sort((a, b) => a - b);
      this.usedCores = [...new Set(core.filter((one) => one !== null))].sort((a, b) => a - b);
      // What is in flight and what was computed until each begin and end, so that any moment is found at once.
      const moments = begin.map((at, task) => [at, 1, task]).concat(end.map((at, task) => [at, -1, task]));
      moments.sort((a, b) => a[0] - b[0]);
      this.at = [0];
      this.flown = [0];
      this.computed = [0];
      let flying = 0, rate = 0;
      for (const [at, sign, task] of moments) {
        const since = at - this.at.at(-1);
        this.flown.push(this.flown.at(-1) + flying * since);
        this.computed.push(this.computed.at(-1) + rate * since);
        this.at.push(at);
        flying += sign;
        rate += sign * this.running[task];
      }
      this.rates = this.ratesAfter(moments);
    }

    ratesAfter(moments) {
      let flying = 0, rate = 0;
      const found = [[0, 0]];
      for (const [, sign, task] of moments) {
        flying += sign;
        rate += sign * this.running[task];
        found.push([flying, rate]);
      }
      return found;
    }

    // Of the tasks until a moment, on average: how many were in flight, and how many cores they kept busy.
    soFar(time) {
      if (time >= this.wall) return { inFlight: this.inFlight, coresBusy: this.coresBusy };
      if (time <= 0) return { inFlight: 0, coresBusy: 0 };
      const last = upTo(this.at, time) - 1;
      const since = time - this.at[last];
      const [flying, rate] = this.rates[last];
      return {
        inFlight: (this.flown[last] + flying * since) / time,
        coresBusy: (this.computed[last] + rate * since) / time,
      };
    }

    // The task of each worker at a moment; undefined for one that has none.
    tasksAt(time) {
      return this.lanes.map(({ begin, task }) => {
        const current = task[upTo(begin, time) - 1];
        return current !== undefined && this.tasks.end[current] > time ? current : undefined;
      });
    }

    // By worker: 2 if it is seen to hold a GIL, 1 if the GIL changed hands meanwhile more often than was seen.
    holders(time) {
      const found = new Map();
      for (const { worker, begin, end, seen } of this.holds) {
        const last = upTo(begin, time) - 1;
        if (last >= 0 && end[last] > time) found.set(worker[last], 1 + seen[last]);
      }
      return found;
    }

    summary(time) {
      const queued = this.tasks.begin.length - upTo(this.tasks.begin, time);
      const done = upTo(this.ends, time);
      return { queued, done, flying: this.tasks.begin.length - queued - done, ...this.soFar(time) };
    }

    get rows() {
      return Math.min(MOST_ROWS, this.lanes.length);
    }
  }

  const shown = (value) => (value < 9.95 ? value.toFixed(1) : value.toFixed(0));

  class Panel {
    constructor(cell, box) {
      this.cell = cell;
      this.canvas = document.createElement("canvas");
      this.canvas.setAttribute("role", "img");
      this.height = HEAD + Math.max(cell.rows + (cell.lanes.length > MOST_ROWS), cell.usedCores.length, 3) * ROW + GAP;
      box.append(this.canvas);
    }

    resize(width) {
      const zoom = Math.min(MOST_ZOOM, Math.max(1, width / USUAL_WIDTH)); // letters grow with a projector
      const scale = zoom * (window.devicePixelRatio || 1);
      this.width = width / zoom;
      this.canvas.width = Math.round(this.width * scale);
      this.canvas.height = Math.round(this.height * scale);
      this.canvas.style.width = `${width}px`;
      this.canvas.style.height = `${zoom * this.height}px`;
      this.context = this.canvas.getContext("2d");
      this.context.setTransform(scale, 0, 0, scale, 0, 0);
      this.stripes = this.pattern();
    }

    pattern() {
      const tile = document.createElement("canvas");
      tile.width = tile.height = 6;
      const context = tile.getContext("2d");
      context.strokeStyle = "#ffffffb0";
      context.lineWidth = 1.5;
      for (const from of [-6, 0, 6]) {
        context.beginPath();
        context.moveTo(from, 6);
        context.lineTo(from + 6, 0);
        context.stroke();
      }
      return this.context.createPattern(tile, "repeat");
    }

    text(words, x, y, { colour = INK, align = "left", bold = false, room } = {}) {
      const context = this.context;
      context.font = `${bold ? "600 " : ""}13px system-ui, "Liberation Sans", Arial, sans-serif`;
      context.fillStyle = colour;
      context.textAlign = align;
      context.textBaseline = "middle";
      context.fillText(words, x, y, room);
    }

    draw(time) {
      const { cell, context, width } = this;
      const now = cell.summary(time);
      context.clearRect(0, 0, width, this.height);
      this.text(cell.name, 0, 10, { bold: true, room: width });
      const values = { inFlight: shown(now.inFlight), coresBusy: shown(now.coresBusy), done: now.done };
      const counters = gettext("in flight {inFlight}, cores busy {coresBusy} so far; {done} done", values);
      this.text(counters, 0, 30, { colour: SOFT, room: width });
      this.queue(now);
      this.workers(time);
      this.cores(time);
      if (time >= cell.wall) this.text(gettext("finished"), width, 10, { align: "right", colour: SOFT });
    }

    // What waits to be taken, a square a task as far as there is room.
    queue({ queued }) {
      const { context } = this, size = 7, across = Math.floor((QUEUE - PADDING) / (size + 2));
      const down = Math.floor((this.height - HEAD - ROW) / (size + 2));
      context.fillStyle = "#9aa7b3";
      for (let number = 0; number < Math.min(queued, across * down); number += 1) {
        const column = number % across, row = Math.floor(number / across);
        context.fillRect(column * (size + 2), HEAD + row * (size + 2), size, size);
      }
      this.text(gettext("{queued} queued", { queued }), 0, this.height - ROW / 2, { colour: SOFT, room: QUEUE - 4 });
    }

    workers(time) {
      const { cell, context } = this;
      const left = QUEUE, right = this.width - (cell.usedCores.length ? CORES : 0) - PADDING;
      const holders = cell.holders(time), tasks = cell.tasksAt(time), single = cell.holds.length === 1;
      for (let row = 0; row < cell.rows; row += 1) {
        const y = HEAD + row * ROW, task = tasks[row];
        const short = this.width < USUAL_WIDTH;
        const label = cell.workers[row][short ? 0 : 1];
        const from = left + (short ? 34 : 82);
        this.text(label, left, y + ROW / 2, { colour: SOFT, room: from - left - 16 });
        context.strokeStyle = LINE;
        context.strokeRect(from + 0.5, y + 2.5, right - from - 1, ROW - 5);
        if (task !== undefined) this.box(task, time, from, y + 2, right - from, ROW - 4, single && holders.get(row) === 2);
        if (holders.has(row)) this.token(from - 9, y + ROW / 2, holders.get(row) === 2);
      }
      const more = cell.lanes.length - cell.rows;
      if (more > 0) this.text(gettext("and {more} more", { more }), left, HEAD + cell.rows * ROW + ROW / 2, { colour: SOFT });
    }

    // A task as long as its worker has it; what is done of its time is in full colour.
    box(task, time, x, y, width, height, holds) {
      const { cell, context } = this;
      const { begin, end, number, shares } = cell.tasks;
      const part = Math.min(1, (time - begin[task]) / Math.max(end[task] - begin[task], 1e-9));
      const known = holds || cell.running[task] >= STEADY;
      let from = y;
      cell.states.forEach(([, colour], state) => {
        const share = known ? Number(state === 0) : shares[state][task];
        const tall = share * height;
        context.fillStyle = colour;
        context.globalAlpha = 0.3;
        context.fillRect(x, from, width, tall);
        context.globalAlpha = 1;
        context.fillRect(x, from, width * part, tall);
        from += tall;
      });
      if (!known) {
        context.fillStyle = this.stripes;
        context.fillRect(x, y, width, height);
      }
      context.lineWidth = 3;
      context.strokeStyle = "#fff";
      context.lineJoin = "round";
      context.font = "600 12px system-ui, Arial, sans-serif";
      context.textBaseline = "middle";
      context.textAlign = "left";
      context.strokeText(String(number[task]), x + 5, y + height / 2 + 0.5);
      this.text(String(number[task]), x + 5, y + height / 2 + 0.5, { bold: true });
      context.lineWidth = 1;
    }

    token(x, y, seen) {
      const { context } = this;
      context.beginPath();
      context.arc(x, y, 6, 0, 2 * Math.PI);
      context.fillStyle = context.strokeStyle = TOKEN;
      if (seen) context.fill();
      else {
        context.lineWidth = 2;
        context.stroke();
        context.lineWidth = 1;
      }
    }

    cores(time) {
      const { cell, context } = this;
      if (!cell.usedCores.length) return;
      const x = this.width - CORES, tasks = cell.tasksAt(time);
      cell.usedCores.slice(0, MOST_ROWS).forEach((core, row) => {
        const y = HEAD + row * ROW;
        const on = tasks.filter((task) => cell.tasks.core[task] === core && cell.running[task] >= STEADY);
        this.text(gettext("core {core}", { core }), x, y + ROW / 2, { colour: SOFT, room: 44 });
        context.strokeStyle = LINE;
        context.strokeRect(x + 46.5, y + 2.5, CORES - 47, ROW - 5);
        if (!on.length) {
          if (tasks.every((task) => task === undefined)) return;
          context.fillStyle = cell.states[0][1];
          context.globalAlpha = 0.25;
          context.fillRect(x + 46, y + 2, CORES - 46, ROW - 4);
          context.globalAlpha = 1;
          context.fillStyle = this.stripes;
          context.fillRect(x + 46, y + 2, CORES - 46, ROW - 4);
          return;
        }
        context.fillStyle = cell.states[0][1];
        context.fillRect(x + 46, y + 2, CORES - 46, ROW - 4);
        this.text(String(cell.tasks.number[on[0]]), x + 46 + (CORES - 46) / 2, y + ROW / 2, { colour: "#fff", align: "center", bold: true });
      });
    }
  }

  class Replay {
    constructor(section) {
      const data = JSON.parse(section.querySelector("script").textContent);
      this.cells = data.cells.map((cell) => new Cell(cell, data.states));
      this.wall = Math.max(...this.cells.map((cell) => cell.wall));
      this.events = [...new Set([0, ...this.cells.flatMap((cell) => [...cell.events, cell.wall])])].sort((a, b) => a - b);
      this.section = section;
      this.box = section.querySelector(".stage");
      this.panels = this.cells.map((cell) => new Panel(cell, this.box));
      for (const name of ["play", "back", "forward", "moment", "speed", "said", "clock", "legend"]) this[name] = section.querySelector(`[name=${name}], .${name}`);
      this.time = 0;
      this.frames = [];
      this.fillSpeeds();
      this.explain(data.states);
      this.moment.max = this.wall;
      this.moment.step = this.wall / 5000;
      this.play.addEventListener("click", () => this.toggle());
      this.back.addEventListener("click", () => this.step(-1));
      this.forward.addEventListener("click", () => this.step(1));
      this.moment.addEventListener("input", () => this.seek(Number(this.moment.value)));
      section.addEventListener("keydown", (event) => this.key(event));
      new ResizeObserver(() => this.resize()).observe(this.box);
      this.resize();
      this.pause();
      section.dataset.state = "drawn";
    }

    fillSpeeds() {
      const usual = (SECONDS * 1000) / this.wall;
      const speeds = SLOWER.filter((times) => times >= usual / 30 && times <= usual * 30);
      const first = speeds.reduce((best, one) => (Math.abs(Math.log(one / usual)) < Math.abs(Math.log(best / usual)) ? one : best), speeds[0]);
      for (const times of speeds) {
        const said = times === 1 ? gettext("as fast as it was") : gettext("1/{times} of its speed", { times });
        this.speed.append(new Option(said, times, times === first, times === first));
      }
    }

    // The colours of what tasks of these cells did.
    explain(states) {
      states.forEach(([name, colour], state) => {
        if (!this.cells.some((cell) => cell.tasks.shares[state].some((share) => share >= 0.01))) return;
        const item = document.createElement("li"), swatch = document.createElement("span");
        swatch.className = "swatch";
        swatch.style.backgroundColor = colour;
        item.append(swatch, name);
        this.legend.append(item);
      });
    }

    resize() {
      const width = this.box.clientWidth, gap = 24;
      const beside = width >= NARROW ? Math.min(this.panels.length, width >= 1.5 * NARROW ? 3 : 2) : 1;
      for (const panel of this.panels) panel.resize(Math.floor((width - gap * (beside - 1)) / beside));
      this.draw();
    }

    key(event) {
      if (event.target === this.speed || (event.target === this.moment && event.key.startsWith("Arrow"))) return;
      const does = { ArrowRight: () => this.step(1), ArrowLeft: () => this.step(-1), Home: () => this.seek(0), End: () => this.seek(this.wall) };
      if (event.key === " " && event.target.tagName !== "BUTTON") this.toggle();
      else if (event.key in does) does[event.key]();
      else return;
      event.preventDefault();
    }

    toggle() {
      if (this.playing) return this.pause();
      if (this.time >= this.wall) this.seek(0);
      this.playing = true;
      this.play.textContent = gettext("Pause");
      if (CALM.matches) this.jump();
      else this.frame = requestAnimationFrame((now) => this.tick(now, now));
    }

    tick(before, now) {
      if (!this.playing) return;
      const began = performance.now();
      this.time = Math.min(this.wall, this.time + (now - before) / Number(this.speed.value));
      this.draw();
      this.frames.push(performance.now() - began);
      if (this.time >= this.wall) this.pause();
      else this.frame = requestAnimationFrame((next) => this.tick(now, next));
    }

    // Without motion: from one moment to the next, as many at a time as the speed asks for.
    jump() {
      if (!this.playing) return;
      this.seek(Math.min(this.wall, this.time + JUMP_MS / Number(this.speed.value)), { keep: true });
      if (this.time >= this.wall) this.pause();
      else window.setTimeout(() => this.jump(), JUMP_MS);
    }

    pause() {
      this.playing = false;
      cancelAnimationFrame(this.frame);
      this.play.textContent = gettext("Play");
      this.say();
    }

    seek(time, { keep = false } = {}) {
      if (!keep) this.playing = false;
      this.time = time;
      this.draw();
      if (!keep) this.pause();
    }

    // To the next moment at which a task begins or ends, or the GIL changes hands.
    step(direction) {
      const place = direction > 0 ? upTo(this.events, this.time) : upTo(this.events, this.time - 1e-9) - 1;
      this.seek(this.events[Math.max(0, Math.min(this.events.length - 1, place))]);
    }

    draw() {
      this.moment.value = this.time;
      this.clock.textContent = `${this.time.toFixed(1)} ms`;
      for (const panel of this.panels) panel.draw(this.time);
    }

    // For those who hear the page, whenever it stands still.
    say() {
      const lines = this.cells.map((cell) => {
        const { queued, flying, done, inFlight, coresBusy } = cell.summary(this.time);
        const rows = [...cell.holders(this.time).keys()].sort((one, other) => one - other);
        const holders = rows.map((row) => cell.workers[row]?.[1] ?? gettext("another thread")).join(", ");
        const single = gettext("The GIL is held by {holders}.", { holders });
        const several = gettext("Each has a GIL of its own, and holds it: {holders}.", { holders });
        const gil = rows.length ? [cell.holds.length === 1 ? single : several] : [];
        const values = { name: cell.name, queued, flying, done, inFlight: shown(inFlight), coresBusy: shown(coresBusy) };
        return [gettext("{name}: {queued} queued, {flying} in flight, {done} done; so far {inFlight} in flight and {coresBusy} cores busy on average.", values), ...gil].join(" ");
      });
      this.panels.forEach((panel, place) => panel.canvas.setAttribute("aria-label", lines[place]));
      this.moment.setAttribute("aria-valuetext", `${this.time.toFixed(2)} ms`);
      const clock = gettext("{time} of {wall} ms.", { time: this.time.toFixed(2), wall: this.wall.toFixed(2) });
      this.said.textContent = [clock, ...lines].join(" ");
    }
  }

  for (const section of document.querySelectorAll(".replay")) section.replay = new Replay(section);
})();
