// Leads from slide to slide by the arrow and page keys, as presenters' remote controls send them.
"use strict";

(() => {
  const slides = [...document.querySelectorAll(".slide")];
  const STEPS = { ArrowRight: 1, PageDown: 1, ArrowLeft: -1, PageUp: -1 };
  const FAR = { Home: 0, End: slides.length - 1 };

  // The one that most of the window shows.
  function current() {
    const middle = window.innerHeight / 2;
    return slides.findIndex((slide) => slide.getBoundingClientRect().bottom > middle);
  }

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey) return;
    const own = event.target.closest(".replay"); // it has arrow keys of its own
    const step = STEPS[event.key];
    const to = FAR[event.key] ?? current() + step;
    if (Number.isNaN(to) || slides[to] === undefined || (own && !event.key.startsWith("Page"))) return;
    event.preventDefault();
    if (!slides[to].contains(document.activeElement)) document.activeElement.blur(); // its keys are those of a slide that is left
    slides[to].scrollIntoView();
  });

  // What is left of the window below its caption is for the picture.
  function fit() {
    for (const figure of document.querySelectorAll("figure"))
      figure.style.setProperty("--caption", `${figure.querySelector("figcaption").offsetHeight}px`);
  }

  window.addEventListener("resize", fit);
  fit();
  window.drawFigures(document);
  document.documentElement.dataset.state = "ready";
})();
