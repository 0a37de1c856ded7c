"use strict";
(() => {
  const STEP_S = 5;
  const videos = [...document.querySelectorAll(".screen video")];
  const switches = [...document.querySelectorAll(".switches button")];
  const waves = [...document.querySelectorAll(".wave")];
  const message = document.querySelector(".message");
  const play = document.getElementById("play");
  const time = document.getElementById("time");
  const broken = new Set();
  let now = null;

  const numberOf = (element) => Number(element.dataset.take);
  const clock = (s) => Math.floor(s / 60) + ":" + (s % 60).toFixed(1).padStart(4, "0");

  function start(video) {
    // A browser may refuse until the reader has touched the page; the play button then still shows "play".
    const started = video.play();
    if (started) started.catch(() => show());
  }

  function choose(number) {
    const next = videos.find((video) => numberOf(video) === number);
    if (!next || next === now) return;
    const was = now;
    now = next;
    if (was) {
      const isPlaying = !was.paused && !was.ended;
      const place = was.currentTime;
      was.pause();
      next.currentTime = place;
      if (isPlaying) start(next);
    }
    show();
  }

  function toggle() {
    if (now.paused || now.ended) start(now);
    else now.pause();
  }

  function seek(place) {
    const end = Number.isFinite(now.duration) ? now.duration : Number(waves[0].dataset.duration);
    now.currentTime = Math.min(Math.max(0, place), end);
    show();
  }

  function show() {
    const number = numberOf(now);
    for (const element of document.querySelectorAll("video[data-take], .take")) {
      element.classList.toggle("on", numberOf(element) === number);
    }
    for (const button of switches) button.setAttribute("aria-pressed", String(numberOf(button) === number));
    play.firstElementChild.textContent = now.paused ? "▶" : "❚❚";
    play.setAttribute("aria-label", now.paused ? "Play" : "Pause");
    time.textContent = clock(now.currentTime);
    for (const wave of waves) {
      const share = Math.min(1, now.currentTime / Number(wave.dataset.duration));
      wave.querySelector(".head").style.left = 100 * share + "%";
      wave.setAttribute("aria-valuenow", now.currentTime.toFixed(1));
      wave.setAttribute("aria-valuetext", clock(now.currentTime));
    }
    message.hidden = !broken.has(number);
    message.textContent = broken.has(number)
      ? "This browser cannot play " + now.dataset.name + ". Open it in a player, or hear the clip below."
      : "";
  }

  function onKey(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const on = event.target instanceof Element ? event.target.closest("button, video, a, .wave") : null;
    if (event.key >= "1" && event.key <= "9") choose(Number(event.key));
    else if (event.key === " " && !(on && on.matches("button, video"))) toggle();
    else if (event.key === "ArrowLeft" && !(on && on.matches("video"))) seek(now.currentTime - STEP_S);
    else if (event.key === "ArrowRight" && !(on && on.matches("video"))) seek(now.currentTime + STEP_S);
    else return;
    event.preventDefault();
  }

  function copy(button) {
    const code = document.getElementById(button.dataset.copy);
    const done = () => { button.textContent = "Copied"; };
    const select = () => { getSelection().selectAllChildren(code); };
    if (navigator.clipboard) navigator.clipboard.writeText(code.textContent).then(done, select);
    else select();
  }

  document.documentElement.classList.add("js");
  document.body.classList.add("js");
  for (const video of videos) {
    for (const name of ["timeupdate", "play", "pause", "ended", "seeked", "loadedmetadata"]) {
      video.addEventListener(name, () => { if (video === now) show(); });
    }
    video.addEventListener("error", () => { broken.add(numberOf(video)); show(); });
  }
  for (const button of switches) {
    button.addEventListener("click", () => (numberOf(button) === numberOf(now) ? toggle() : choose(numberOf(button))));
  }
  for (const wave of waves) {
    wave.addEventListener("click", (event) => {
      choose(numberOf(wave));
      const box = wave.getBoundingClientRect();
      seek(((event.clientX - box.left) / box.width) * Number(wave.dataset.duration));
    });
  }
  for (const button of document.querySelectorAll("[data-copy]")) button.addEventListener("click", () => copy(button));
  play.addEventListener("click", toggle);
  document.addEventListener("keydown", onKey);
  choose(numberOf(videos[0]));
})();
