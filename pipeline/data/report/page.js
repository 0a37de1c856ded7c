"use strict";
(() => {
  const ZOOMS = [1, 2, 4, 8, 16];
  const TICK_PX = 90, CLOSE = 4;
  const STEPS_S = [0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600];
  const SVG = "http://www.w3.org/2000/svg";
  const data = JSON.parse(document.getElementById("data").textContent);
  const byId = (id) => document.getElementById(id);
  const all = (selector) => [...document.querySelectorAll(selector)];
  const scroller = document.querySelector(".scroller");
  const axis = document.querySelector(".axis");
  const through = document.querySelector(".through");
  const cross = document.querySelector(".cross");
  const place = byId("place");
  const readout = byId("readout");
  let zoom = 0;

  function clock(s) {
    const tenths = Math.round(s * 10);
    const minutes = Math.floor(tenths / 600);
    const seconds = ((tenths % 600) / 10).toFixed(1).padStart(4, "0");
    const hours = Math.floor(minutes / 60);
    return hours ? hours + ":" + String(minutes % 60).padStart(2, "0") + ":" + seconds : minutes + ":" + seconds;
  }

  // A figure with a true minus sign.
  const figure = (value) => String(value).replace("-", "−");
  const inside = (ranges, s) => ranges.find(([from, to]) => from <= s && s < to);

  function valuesAt(s) {
    const found = [["", clock(s)]];
    const cue = inside(data.cues, s);
    if (cue) found.push(["", cue[2]]);
    for (const [name, unit, values] of data.series) {
      const moment = Math.min(values.length - 1, Math.floor((s / data.duration_s) * values.length));
      const value = values[moment];
      if (value !== null) found.push([name, figure(value) + (unit ? " " + unit : "")]);
    }
    if (inside(data.speech, s)) found.push(["", "speech"]);
    return found;
  }

  function point(s) {
    s = Math.min(data.duration_s, Math.max(0, s));
    place.value = s;
    const plot = through.getBoundingClientRect(), ground = axis.getBoundingClientRect();
    cross.hidden = false;
    cross.style.left = plot.left - ground.left + (s / data.duration_s) * plot.width + "px";
    const found = valuesAt(s);
    place.setAttribute("aria-valuetext", found.map((pair) => pair.join(" ").trim()).join(", "));
    readout.replaceChildren(...found.map(([name, value]) => {
      const part = document.createElement("span");
      const strong = document.createElement("b");
      strong.textContent = value;
      part.append(name ? name + " " : "", strong);
      return part;
    }));
  }

  function timeOf(event) {
    const plot = through.getBoundingClientRect();
    return ((event.clientX - plot.left) / plot.width) * data.duration_s;
  }

  // Brings a time to the middle of what can be seen of the axis.
  function center(s) {
    const plot = through.getBoundingClientRect(), window_ = scroller.getBoundingClientRect();
    const x = plot.left + (s / data.duration_s) * plot.width;
    scroller.scrollLeft += x - (window_.left + window_.width / 2);
  }

  function setZoom(next) {
    const s = Number(place.value);
    zoom = Math.min(ZOOMS.length - 1, Math.max(0, next));
    const times = ZOOMS[zoom];
    axis.style.width = times === 1 ? "" : "calc(var(--gutter) + " + times + " * max(720px, 100% - var(--gutter)))";
    axis.classList.toggle("close", times >= CLOSE);
    byId("zoom").textContent = times + "×";
    byId("out").disabled = zoom === 0;
    byId("in").disabled = zoom === ZOOMS.length - 1;
    fit();
    if (!cross.hidden) { point(s); center(s); }
  }

  // Words and ticks that have room are shown, the others not; the ruler is as fine as the width allows.
  function fit() {
    const width = through.getBoundingClientRect().width;
    for (const many of all("[data-count]")) {
      many.classList.toggle("tight", width / Number(many.dataset.count) < Number(many.dataset.apart));
    }
    const words = all(".cue .fit");
    for (const word of words) word.classList.remove("tight");
    const rooms = words.map((word) => {
      const edges = word.closest(".cue").querySelector(".block").getBoundingClientRect();
      const own = word.matches("tspan") ? word.parentNode : word;
      const needed = word.matches("text") && word.firstElementChild ? word.getSubStringLength(0, word.firstChild.length) : own.getComputedTextLength();
      return edges.width - 9 - needed;
    });
    words.forEach((word, i) => word.classList.toggle("tight", rooms[i] < 0));
    rule(width);
  }

  function rule(width) {
    const ruler = document.querySelector(".ruler");
    const step = STEPS_S.find((s) => (width * s) / data.duration_s >= TICK_PX) || STEPS_S[STEPS_S.length - 1];
    const ticks = [];
    for (let s = 0; ((data.duration_s - s) / data.duration_s) * width > 42; s += step) {
      const x = (100 * s) / data.duration_s + "%";
      const line = document.createElementNS(SVG, "line");
      for (const [name, value] of [["x1", x], ["x2", x], ["y1", 0], ["y2", 5]]) line.setAttribute(name, value);
      const at = document.createElementNS(SVG, "svg");
      at.setAttribute("x", x);
      at.setAttribute("overflow", "visible");
      const text = document.createElementNS(SVG, "text");
      text.setAttribute("x", 3);
      text.setAttribute("y", 14);
      text.textContent = step < 1 ? clock(s) : clock(s).slice(0, -2);
      at.append(text);
      ticks.push(line, at);
    }
    ruler.replaceChildren(...ticks);
  }

  function filter(kind) {
    for (const button of all("[data-show]")) button.setAttribute("aria-pressed", String(button.dataset.show === kind));
    for (const body of all(".checks tbody")) {
      const rows = [...body.querySelectorAll("[data-status]")];
      for (const row of rows) row.hidden = kind !== "all" && row.dataset.status !== kind;
      body.hidden = rows.every((row) => row.hidden);
    }
  }

  function follow(event) {
    const link = event.target.closest("a[href^='#']");
    if (!link) return;
    const target = byId(link.getAttribute("href").slice(1));
    if (target && target.matches("[data-status]") && (target.hidden || target.parentElement.hidden)) filter("all");
    if (!("at" in link.dataset)) return;
    const s = Number(link.dataset.at);
    point(s);
    if (link.closest(".axis")) return;
    event.preventDefault();
    byId("axis").scrollIntoView({ block: "start" });
    center(s);
    place.focus({ preventScroll: true });
  }

  place.max = data.duration_s;
  place.step = Math.max(0.1, data.duration_s / 2000);
  for (const hidden of all(".tools, .filters")) hidden.hidden = false;
  place.addEventListener("input", () => { point(Number(place.value)); center(Number(place.value)); });
  axis.addEventListener("pointermove", (event) => { if (event.pointerType === "mouse") point(timeOf(event)); });
  axis.addEventListener("click", (event) => { if (!event.target.closest("a")) point(timeOf(event)); });
  byId("in").addEventListener("click", () => setZoom(zoom + 1));
  byId("out").addEventListener("click", () => setZoom(zoom - 1));
  for (const button of all("[data-show]")) button.addEventListener("click", () => filter(button.dataset.show));
  document.addEventListener("click", follow);
  addEventListener("resize", () => { fit(); if (!cross.hidden) point(Number(place.value)); });
  setZoom(0);
})();
