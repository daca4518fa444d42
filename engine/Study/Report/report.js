"use strict";

// Without this script everything can be read; with it marks have tooltips, series can be switched off and tables sorted.
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const reveal = (selector) => all(selector).forEach((element) => { element.hidden = false; });
  reveal(".toggles");

  // Tooltips: a mark's label, its first line as a heading, and on the map the image itself.
  const tip = document.getElementById("tip");
  const stored = document.getElementById("map-pictures");
  const pictures = stored ? JSON.parse(stored.textContent) : [];
  const pointsOfMap = all(".points .mark");
  let shown = null;

  const show = (mark) => {
    const [name, ...lines] = mark.getAttribute("aria-label").split("\n");
    const heading = document.createElement("b");
    heading.textContent = name;
    tip.replaceChildren(heading, ...lines.map((line) => {
      const span = document.createElement("span");
      span.textContent = line;
      return span;
    }));
    const picture = pictures[pointsOfMap.indexOf(mark)];
    if (picture) {
      const image = document.createElement("img");
      image.alt = "";
      image.src = `data:image/jpeg;base64,${picture}`;
      tip.append(image);
    }
    tip.hidden = false;
    shown = mark;
    place();
  };
  const place = () => {
    const [at, size] = [shown.getBoundingClientRect(), tip.getBoundingClientRect()];
    const left = Math.min(Math.max(8, at.left + at.width / 2 - size.width / 2), document.documentElement.clientWidth - size.width - 8);
    const above = at.top - size.height - 10;
    tip.style.left = `${left}px`;
    tip.style.top = `${above > 4 ? above : at.bottom + 10}px`;
  };
  const hide = () => {
    tip.hidden = true;
    shown = null;
  };

  const markOf = (event) => event.target instanceof Element ? event.target.closest(".mark") : null;
  document.addEventListener("pointerover", (event) => { const mark = markOf(event); if (mark) { show(mark); } });
  document.addEventListener("pointerout", (event) => { if (markOf(event)) { hide(); } });
  document.addEventListener("focusin", (event) => { const mark = markOf(event); if (mark) { show(mark); } else { hide(); } });
  document.addEventListener("focusout", hide);
  document.addEventListener("scroll", () => { if (shown) { place(); } }, { passive: true });

  // Of every drawing one mark is a tab stop; the arrow keys go on from there.
  const visible = (svg) => all(".mark", svg).filter((mark) => !mark.closest("[hidden]") && getComputedStyle(mark).visibility !== "hidden");
  const stop = (svg, chosen) => all(".mark", svg).forEach((mark) => mark.setAttribute("tabindex", mark === chosen ? "0" : "-1"));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { hide(); return; }
    const mark = markOf(event);
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!mark || !(step || event.key === "Home" || event.key === "End")) { return; }
    event.preventDefault();
    const svg = mark.closest("svg");
    const marks = visible(svg);
    const next = event.key === "Home" ? marks[0] : event.key === "End" ? marks.at(-1) : marks[(marks.indexOf(mark) + step + marks.length) % marks.length];
    stop(svg, next);
    next.focus({ preventScroll: true });
  });

  // A series is there while all its keys are switched on.
  for (const chart of all(".chart")) {
    const boxes = all("input[type=checkbox]", chart);
    const apply = () => {
      const on = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
      for (const series of all(".series", chart)) {
        series.toggleAttribute("hidden", !series.dataset.keys.split(" ").every((key) => on.has(key)));
      }
      const marks = visible(chart);
      if (!marks.some((mark) => mark.getAttribute("tabindex") === "0")) { stop(chart, marks[0]); }
    };
    boxes.forEach((box) => box.addEventListener("change", apply));
    if (boxes.length > 0) { apply(); }
  }

  // The map: where points lie, and which classes stand out.
  for (const map of all(".map")) {
    const svg = map.querySelector(".points");
    const marks = all(".mark", svg);
    for (const radio of all("input[type=radio]", map)) {
      radio.addEventListener("change", () => {
        hide();
        for (const mark of marks) {
          const [x, y] = mark.dataset[radio.value].split(" ");
          mark.style.transform = `translate(${x}px, ${y}px)`;
        }
      });
    }
    const buttons = all(".legend button", map);
    for (const button of buttons) {
      button.addEventListener("click", () => {
        button.setAttribute("aria-pressed", String(button.getAttribute("aria-pressed") !== "true"));
        const picked = new Set(buttons.filter((other) => other.getAttribute("aria-pressed") === "true").map((other) => other.dataset.class));
        svg.classList.toggle("picked", picked.size > 0);
        marks.forEach((mark) => mark.classList.toggle("on", picked.has(mark.dataset.class)));
      });
    }
  }

  // Tables: a click sorts, another one the other way round; numbers begin with the largest.
  for (const table of all("table.sortable")) {
    const heads = all("thead th", table);
    const body = table.tBodies[0];
    heads.forEach((head, column) => head.querySelector("button").addEventListener("click", () => {
      const cell = (row) => row.cells[column];
      const isNumber = column > 0 && "value" in cell(body.rows[0]).dataset;
      const now = head.getAttribute("aria-sort");
      const direction = now === "none" ? (isNumber ? "descending" : "ascending") : now === "ascending" ? "descending" : "ascending";
      heads.forEach((other) => other.setAttribute("aria-sort", other === head ? direction : "none"));
      const value = (row) => "value" in cell(row).dataset ? Number(cell(row).dataset.value) : cell(row).textContent;
      const compare = (one, other) => typeof one === "number" ? one - other : one < other ? -1 : one > other ? 1 : 0;
      const sign = direction === "ascending" ? 1 : -1;
      body.append(...[...body.rows].sort((one, other) => sign * compare(value(one), value(other))));
    }));
  }

  // Copies a command; where the browser does not let a file do that, it selects it.
  for (const command of all(".command")) {
    const [button, code] = [command.querySelector("button"), command.querySelector("code")];
    button.hidden = false;
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(code.textContent);
        button.textContent = "Copied";
      } catch {
        getSelection().selectAllChildren(code);
        button.textContent = "Selected";
      }
    });
  }
})();
