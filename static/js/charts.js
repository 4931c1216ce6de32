// <canvas data-chart data-given="…"> drawn by Chart.js from the JSON given:
//   {type: "line" | "step" | "bar", horizontal, stacked, labels: […], x: "title", y: "title", max,
//    series: [{label, data: […], plan: true, colour: 1…6}]}
// or with numbers on both axes:
//   {type: "xy", x, y, series: [{label, data: [{x, y}], plan, colour, width, stepped, points: size, shape}]}
// Colours are the page's CSS variables; the plan is dashed, series differ by dash and point as well as by colour.
// or points beside their names: {type: "points", horizontal, labels, series}; a series of `line: true` is a line.
// `each`: a series for each participant, too many for a legend; a series that is `still` has no dashes.
// `decimals`: values are no counts. `tall`: the picture needs more height.
// <a data-chart-png="id" download="…"> and <a data-chart-svg="id" …> save the picture: a canvas drawn here, or an SVG
// that is on the page. A canvas becomes an SVG by svgcanvas, loaded from this script's data-svg when it is asked for.
(() => {
  "use strict";
  const dashes = [[], [7, 4], [2, 3], [9, 3, 2, 3], [4, 4], [1, 4]];
  const points = ["circle", "rect", "triangle", "rectRot", "cross", "star"];
  const drawn = new Map();
  const svgLibrary = document.currentScript.dataset.svg;

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
        borderWidth: lines ? series.width ?? 2 : 0,
        borderDash: series.plan ? [4, 4] : series.still ? [] : dashes[number % dashes.length],
        pointStyle: series.shape || points[number % points.length],
        showLine: given.type !== "points" || Boolean(series.line),
        pointRadius: series.points || (given.type === "points" ? (series.line ? 0 : 5) : series.plan || series.data.length > 40 ? 0 : 3),
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
        precision: isValue && !given.decimals ? 0 : undefined,
        maxRotation: 0,
        autoSkipPadding: 12,
        // Every bar has its name, unless there are so many that names would cover each other.
        autoSkip: isValue || (lines && given.type !== "points") || given.labels.length > (given.tall ? 40 : 14),
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
      data: { labels: given.labels?.map((label) => inLines(label, given)), datasets },
      options: {
        animation: calm ? false : { duration: 250 },
        responsive: true,
        maintainAspectRatio: false,
        indexAxis: given.horizontal ? "y" : "x",
        interaction: { mode: numeric ? "nearest" : "index", intersect: false, axis: given.horizontal ? "y" : "x" },
        scales: { x: axis(given.x, Boolean(given.horizontal)), y: axis(given.y, !given.horizontal) },
        plugins: {
          legend: { display: datasets.length > 1 && !given.each, position: "bottom", labels: { color: colour("ink-2"), usePointStyle: true } },
        },
      },
    };
  };

  // Long names of bars take two lines; a word is broken only where it is Chinese.
  const inLines = (label, given) => {
    if (typeof label !== "string" || label.length <= 22 || !given.horizontal) return label;
    const lines = [""];
    for (const word of label.match(/[\u4e00-\u9fff，；（）]|[^\s\u4e00-\u9fff，；（）]+|\s+/g)) {
      const wide = /[\u4e00-\u9fff]/.test(label) ? 14 : 24;
      if ((lines.at(-1) + word).trimEnd().length > wide && lines.at(-1)) lines.push("");
      lines[lines.length - 1] = (lines.at(-1) + word).trimStart();
    }
    // Where bars stand close there is room for one line; the table has the whole name.
    const room = given.labels.length > 14 ? 1 : 2;
    const kept = lines.map((line) => line.trim()).filter(Boolean);
    return kept.length > room ? [...kept.slice(0, room - 1), `${kept[room - 1]}…`] : kept;
  };

  const draw = (canvas) => {
    const given = JSON.parse(canvas.dataset.given);
    if (drawn.has(canvas)) drawn.get(canvas).destroy();
    Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
    Chart.defaults.font.size = 12;
    drawn.set(canvas, new Chart(canvas, settings(given)));
  };

  const drawAll = () => document.querySelectorAll("canvas[data-chart]").forEach(draw);
  drawAll();
  document.addEventListener("themechange", drawAll);
  document.addEventListener("htmx:afterSettle", (event) => event.target.querySelectorAll("canvas[data-chart]").forEach(draw));

  // A picture of the page as a file of its own: what the style sheet says is written into it.
  const KEPT = ["fill", "stroke", "stroke-width", "stroke-dasharray", "font-family", "font-size", "font-weight"];
  const standalone = (svg) => {
    const copy = svg.cloneNode(true);
    const here = [svg, ...svg.querySelectorAll("*")];
    [copy, ...copy.querySelectorAll("*")].forEach((element, place) => {
      const style = getComputedStyle(here[place]);
      KEPT.forEach((name) => element.setAttribute(name, style.getPropertyValue(name)));
    });
    const { width, height } = svg.viewBox.baseVal;
    copy.setAttribute("width", width);
    copy.setAttribute("height", height);
    return new XMLSerializer().serializeToString(copy);
  };

  const svgOf = async (picture) => {
    if (picture instanceof SVGElement) return standalone(picture);
    const { Context } = await import(svgLibrary);
    const { width, height } = picture.getBoundingClientRect();
    const context = new Context(width, height);
    const given = settings(JSON.parse(picture.dataset.given));
    // Chart.js asks its canvas for these; what is drawn goes into the SVG.
    const canvas = context.canvas;
    Object.assign(canvas, { width, height, style: {}, getContext: () => context, getAttribute: () => null });
    Object.assign(canvas, { setAttribute() {}, removeAttribute() {}, addEventListener() {}, removeEventListener() {} });
    const options = { ...given.options, animation: false, responsive: false, devicePixelRatio: 1, events: [] };
    const chart = new Chart(context, { ...given, options });
    const text = context.getSerializedSvg(true);
    chart.destroy();
    return text;
  };

  const pngOf = async (picture) => {
    if (!(picture instanceof SVGElement)) return picture.toDataURL("image/png");
    const image = new Image();
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(standalone(picture))}`;
    await image.decode();
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [image.width * 2, image.height * 2];
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    return canvas.toDataURL("image/png");
  };

  const save = (name, address) => {
    const link = document.createElement("a");
    link.download = name;
    link.href = address;
    link.click();
  };

  document.addEventListener("click", async (event) => {
    const link = event.target.closest("[data-chart-png], [data-chart-svg]");
    if (!link) return;
    event.preventDefault();
    const { chartPng, chartSvg } = link.dataset;
    const picture = document.getElementById(chartPng || chartSvg);
    if (chartPng) return save(link.download, await pngOf(picture));
    const address = URL.createObjectURL(new Blob([await svgOf(picture)], { type: "image/svg+xml" }));
    save(link.download, address);
    URL.revokeObjectURL(address);
  });
})();
