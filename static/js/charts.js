// <canvas data-chart="id"> drawn by Chart.js from <script type="application/json" id="id">:
//   {type: "line" | "step" | "bar", horizontal, stacked, labels: […], x: "title", y: "title", max,
//    series: [{label, data: […], plan: true, colour: 1…6}]}
// or with numbers on both axes:
//   {type: "xy", x, y, series: [{label, data: [{x, y}], plan, colour, width, stepped, points: size, shape}]}
// Colours are the page's CSS variables; the plan is dashed, series differ by dash and point as well as by colour.
// <a data-chart-png="canvas id" download="…"> saves the picture.
(() => {
  "use strict";
  const dashes = [[], [7, 4], [2, 3], [9, 3, 2, 3], [4, 4], [1, 4]];
  const points = ["circle", "rect", "triangle", "rectRot", "cross", "star"];
  const drawn = new Map();

  const settings = (given) => {
    const css = getComputedStyle(document.documentElement);
    const colour = (name) => css.getPropertyValue(`--${name}`).trim();
    const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    const lines = given.type !== "bar";
    const numeric = given.type === "xy";
    const datasets = given.series.map((series, number) => {
      const own = series.plan && !series.colour ? colour("ink-3") : colour(`chart-${series.colour || (number % 6) + 1}`);
      return {
        label: series.label,
        data: series.data,
        borderColor: own,
        backgroundColor: own,
        borderWidth: lines ? series.width || 2 : 0,
        borderDash: series.plan ? [4, 4] : dashes[number % dashes.length],
        pointStyle: series.shape || points[number % points.length],
        pointRadius: series.points || (series.plan || series.data.length > 40 ? 0 : 3),
        pointBorderWidth: series.points ? 2 : 1,
        order: series.points ? -1 : 0,
        stepped: Boolean(series.stepped) || (given.type === "step" && !series.plan),
        spanGaps: true,
        maxBarThickness: 28,
        borderRadius: 2,
      };
    });
    const axis = (title, isValue) => ({
      ...(numeric ? { type: "linear" } : {}),
      title: { display: Boolean(title), text: title, color: colour("ink-3") },
      ticks: {
        color: colour("ink-2"),
        precision: isValue ? 0 : undefined,
        maxRotation: 0,
        autoSkipPadding: 12,
        // Every bar has its name, unless there are so many that names would cover each other.
        autoSkip: isValue || lines || given.labels.length > 14,
        includeBounds: !numeric,
      },
      grid: { color: colour("line"), display: isValue },
      border: { color: colour("line-strong"), display: !isValue },
      beginAtZero: true,
      suggestedMax: isValue ? given.max : undefined,
      stacked: Boolean(given.stacked),
    });
    return {
      type: lines ? "line" : "bar",
      data: { labels: given.labels, datasets },
      options: {
        animation: calm ? false : { duration: 250 },
        responsive: true,
        maintainAspectRatio: false,
        indexAxis: given.horizontal ? "y" : "x",
        interaction: { mode: numeric ? "nearest" : "index", intersect: false, axis: given.horizontal ? "y" : "x" },
        scales: { x: axis(given.x, Boolean(given.horizontal)), y: axis(given.y, !given.horizontal) },
        plugins: {
          legend: { display: datasets.length > 1, position: "bottom", labels: { color: colour("ink-2"), usePointStyle: true } },
        },
      },
    };
  };

  const draw = (canvas) => {
    const given = JSON.parse(document.getElementById(canvas.dataset.chart).textContent);
    if (drawn.has(canvas)) drawn.get(canvas).destroy();
    Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
    Chart.defaults.font.size = 12;
    drawn.set(canvas, new Chart(canvas, settings(given)));
  };

  const drawAll = () => document.querySelectorAll("canvas[data-chart]").forEach(draw);
  drawAll();
  document.addEventListener("themechange", drawAll);
  document.addEventListener("htmx:afterSettle", (event) => event.target.querySelectorAll("canvas[data-chart]").forEach(draw));
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-chart-png]");
    if (link) link.href = document.getElementById(link.dataset.chartPng).toDataURL("image/png");
  });
})();
