// Opens what was measured once an answer was chosen, or the hands of a class were counted, and keeps the score. The
// answers stay in this page until they are saved as a file; no names are asked for.
"use strict";

(() => {
  const COLUMNS = ["at_utc", "experiment", "question", "answer", "right_answer"];
  const rows = []; // one for each person
  const quizzes = [];
  const status = document.querySelector(".score [role=status]");
  const save = document.querySelector("[name=save]");
  const mode = document.querySelector("[name=class]");

  class Quiz {
    constructor(section) {
      Object.assign(this, JSON.parse(section.querySelector("script").textContent));
      this.section = section;
      this.template = section.querySelector("template");
      this.choices = [...section.querySelectorAll(".choice")];
      this.radios = this.choices.map((choice) => choice.querySelector("[type=radio]"));
      this.hands = this.choices.map((choice) => choice.querySelector("[name=hands]"));
      this.button = section.querySelector("[name=show]");
      this.refused = section.querySelector(".refused");
      for (const input of [...this.radios, ...this.hands]) input.addEventListener("input", () => this.look());
      this.button.addEventListener("click", () => this.open());
      this.close();
    }

    // How many people chose each answer; null if no number that makes sense was typed.
    counts() {
      if (!mode.checked) return this.radios.map((radio) => Number(radio.checked));
      return this.hands.every((input) => input.checkValidity()) ? this.hands.map((input) => Number(input.value)) : null;
    }

    look() {
      const counts = this.counts();
      this.refused.hidden = counts !== null;
      this.button.disabled = this.result !== null || counts === null || !counts.some((count) => count > 0);
    }

    open() {
      const counts = this.counts(), people = counts.reduce((sum, count) => sum + count, 0);
      const at_utc = `${new Date().toISOString().slice(0, 19)}+00:00`;
      const right = this.right === null ? "" : this.answers[this.right];
      counts.forEach((count, place) => {
        const row = { at_utc, experiment: this.experiment, question: this.question, answer: this.answers[place] };
        for (let person = 0; person < count; person += 1) rows.push({ ...row, right_answer: right });
      });
      this.result = this.template.content.cloneNode(true).firstElementChild;
      this.template.after(this.result);
      window.drawFigures(this.result);
      this.mark(counts, people);
      const heading = this.result.querySelector("h3");
      write(heading, this.score(counts, people));
      this.result.querySelector("[name=again]").addEventListener("click", () => this.again());
      for (const input of [...this.radios, ...this.hands]) input.disabled = true;
      this.button.disabled = true;
      score();
      heading.focus();
    }

    score(counts, people) {
      if (this.right === null) return gettext("It cannot be said which answer is right, so none is scored.");
      if (people > 1) return gettext("{right} of {people} are right.", { right: counts[this.right], people });
      return counts[this.right] ? gettext("Right.") : gettext("Not right. Right is: {answer}", { answer: this.said[this.right] });
    }

    mark(counts, people) {
      this.choices.forEach((choice, place) => {
        const right = place === this.right, yours = people === 1 && counts[place] > 0;
        const said = right && yours ? gettext("right, your prediction") : right ? gettext("right") : yours ? gettext("your prediction") : "";
        choice.querySelector(".verdict").textContent = said;
        choice.classList.toggle("right", right);
        if (people === 1) return;
        const share = choice.querySelector(".share"), bar = document.createElement("span");
        bar.className = "bar";
        bar.style.width = `${(70 * counts[place]) / Math.max(...counts)}%`;
        share.replaceChildren(bar, ` ${counts[place]} (${Math.round((100 * counts[place]) / people)} %)`);
        share.hidden = false;
      });
    }

    again() {
      this.close();
      (mode.checked ? this.hands : this.radios)[0].focus();
    }

    // As it was before a choice.
    close() {
      this.result?.remove();
      this.result = null;
      for (const choice of this.choices) {
        choice.classList.remove("right");
        choice.querySelector(".verdict").textContent = "";
        choice.querySelector(".share").hidden = true;
      }
      for (const radio of this.radios) radio.checked = false;
      for (const input of this.hands) input.value = "";
      for (const input of [...this.radios, ...this.hands]) input.disabled = false;
      this.choose();
    }

    // For one person or for a class; what is open stays as it is.
    choose() {
      if (this.result !== null) return;
      for (const radio of this.radios) radio.hidden = mode.checked;
      for (const input of this.hands) input.hidden = !mode.checked;
      this.look();
    }
  }

  // A sentence in which what stands in backticks is code.
  function write(element, sentence) {
    sentence.split(/`([^`]+)`/).forEach((part, place) => {
      if (place % 2 === 0) return element.append(part);
      const code = document.createElement("code");
      code.textContent = part;
      element.append(code);
    });
  }

  function score() {
    const scored = rows.filter((row) => row.right_answer !== "");
    const right = scored.filter((row) => row.answer === row.right_answer).length;
    const others = rows.length - scored.length;
    const said = [gettext("Score: {right} of {scored}.", { right, scored: scored.length })];
    if (others) said.push(gettext("Not scored: {others}.", { others }));
    status.textContent = said.join(" ");
    save.disabled = rows.length === 0;
  }

  function quoted(text) {
    return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  }

  function download() {
    const lines = [COLUMNS, ...rows.map((row) => COLUMNS.map((column) => quoted(row[column])))];
    const file = new Blob([lines.map((line) => `${line.join(",")}\n`).join("")], { type: "text/csv" });
    const link = document.createElement("a");
    link.href = URL.createObjectURL(file);
    link.download = "answers.csv";
    link.click();
    URL.revokeObjectURL(link.href);
  }

  quizzes.push(...[...document.querySelectorAll(".quiz")].map((section) => new Quiz(section)));
  mode.addEventListener("change", () => quizzes.forEach((quiz) => quiz.choose()));
  save.addEventListener("click", download);
  document.documentElement.dataset.state = "ready";
})();
