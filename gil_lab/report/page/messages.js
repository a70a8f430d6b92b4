// Looks up what scripts say in the language of the page; English where the page has no messages.
"use strict";

(() => {
  const found = JSON.parse(document.querySelector("#messages")?.textContent ?? "{}");

  // With each {name} filled in by the value of that name.
  window.gettext = (message, values = {}) => (found[message] ?? message).replace(/\{(\w+)\}/g, (_, name) => values[name]);
})();
