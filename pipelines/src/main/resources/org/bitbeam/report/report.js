
/* Draws the charts of a report with uPlot, in the colours of the reader's theme; again when theme or width change. */
(() => {
  "use strict";
  const data = JSON.parse(document.getElementById("charts").textContent);
  const dashes = { guide: [5, 5] };
  const charts = [...document.querySelectorAll("[data-chart]")].map(
    place => ({ place, data: data[place.dataset.chart], plot: null, at: null }));

  const colour = name => getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
  const faint = hex => hex + "22";
  const text = value =>
    value == null ? "–" :
    value !== 0 && (Math.abs(value) < 1e-3 || Math.abs(value) >= 1e6) ? value.toExponential(2) :
    String(+value.toPrecision(4));

  /* A histogram has one edge more than contents: its last content is drawn up to the last edge. */
  const heights = s => s.style === "steps" ? [...s.y, s.y[s.y.length - 1]] : s.y;
  const positive = (values, axis) => axis.logarithmic ? values.map(v => v > 0 ? v : null) : values;

  /* Joined as they come, pieces apart where a number is missing. */
  function curve(u, index) {
    const path = new Path2D();
    const [xs, ys] = u.data[index];
    let open = false;
    for (let i = 0; i < xs.length; i++) {
      if (xs[i] == null || ys[i] == null) { open = false; continue; }
      const x = u.valToPos(xs[i], "x", true), y = u.valToPos(ys[i], "y", true);
      if (open) path.lineTo(x, y); else path.moveTo(x, y);
      open = true;
    }
    return { stroke: path };
  }

  function dots(u, index) {
    const path = new Path2D();
    const [xs, ys] = u.data[index];
    const radius = 3.5 * devicePixelRatio;
    xs.forEach((value, i) => {
      const x = u.valToPos(value, "x", true), y = u.valToPos(ys[i], "y", true);
      path.moveTo(x + radius, y);
      path.arc(x, y, radius, 0, 2 * Math.PI);
    });
    return { stroke: path, fill: path };
  }

  function errorBars(series) {
    return u => {
      series.forEach((s, index) => {
        if (!s.errors) return;
        u.ctx.save();
        u.ctx.strokeStyle = colour("series-" + (index % 5 + 1));
        u.ctx.setLineDash([]);
        u.ctx.lineWidth = 1.5 * devicePixelRatio;
        u.ctx.beginPath();
        s.x.forEach((x, i) => {
          if (s.y[i] == null || s.errors[i] == null) return;
          const at = u.valToPos(x, "x", true);
          u.ctx.moveTo(at, u.valToPos(s.y[i] - s.errors[i], "y", true));
          u.ctx.lineTo(at, u.valToPos(s.y[i] + s.errors[i], "y", true));
        });
        u.ctx.stroke();
        u.ctx.restore();
      });
    };
  }

  function seriesOptions(s, index, isCurves) {
    const stroke = colour("series-" + (index % 5 + 1));
    const options = { label: s.name, stroke, width: 2, dash: dashes[s.style] || (index === 1 && s.style !== "points" ? [8, 3] : undefined), points: { show: false } };
    if (isCurves) {
      return { ...options, facets: [{ scale: "x", auto: true }, { scale: "y", auto: true }],
        paths: s.style === "points" ? dots : curve, fill: s.style === "points" ? stroke : undefined };
    }
    if (s.style === "steps") {
      return { ...options, paths: uPlot.paths.stepped({ align: 1 }), fill: index === 0 ? faint(stroke) : undefined };
    }
    if (s.style === "points") {
      return { ...options, width: 0, paths: () => null, points: { show: true, size: 7, fill: stroke, stroke } };
    }
    return options;
  }

  /* The values of all series at or below an x. */
  function readOut(chart, x) {
    const parts = chart.data.series.filter(s => s.style !== "curve").map(s => {
      let i = -1;
      while (i + 1 < s.y.length && s.x[i + 1] <= x) i++;
      return i < 0 ? null : s.name + ": " + text(s.y[i]) + (s.errors ? " ± " + text(s.errors[i]) : "");
    }).filter(part => part !== null);
    chart.place.parentElement.querySelector(".readout").textContent =
      parts.length ? chart.data.x.label + " " + text(x) + " — " + parts.join(", ") : "";
  }

  /* Half of a sheet's width, in the units of a page that is printed; the screen's width says nothing of it. */
  const SHEET = { width: 330, height: 230 };
  const size = place => document.documentElement.classList.contains("paper") ? SHEET : { width: place.clientWidth, height: 280 };

  function draw(chart) {
    const { place, data } = chart;
    if (chart.plot) chart.plot.destroy();
    const isCurves = data.series.some(s => s.style === "curve");
    const points = isCurves
      ? [null, ...data.series.map(s => [s.x, s.y])]
      : uPlot.join(data.series.map(s => [s.x, positive(heights(s), data.y)]));
    const axis = a => ({
      label: a.label, labelSize: 22, labelFont: "13px system-ui, sans-serif", font: "12px system-ui, sans-serif",
      stroke: colour("text"), grid: { stroke: colour("grid"), width: 1 }, ticks: { stroke: colour("rule"), width: 1 },
      values: (u, all) => all.map(v => v == null ? "" : text(v)),
    });
    const options = {
      mode: isCurves ? 2 : 1,
      ...size(place),
      scales: { x: { time: false, distr: data.x.logarithmic ? 3 : 1 }, y: { distr: data.y.logarithmic ? 3 : 1 } },
      axes: [axis(data.x), { ...axis(data.y), size: 62 }],
      series: [isCurves ? null : { label: data.x.label }, ...data.series.map((s, i) => seriesOptions(s, i, isCurves))],
      legend: { show: data.series.length > 1, live: false, isolate: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { show: false } },
      hooks: {
        draw: [errorBars(data.series)],
        setCursor: [u => { if (!isCurves && u.cursor.left >= 0) readOut(chart, u.posToVal(u.cursor.left, "x")); }],
      },
    };
    if (!isCurves && data.series.some(s => s.style === "steps") && !data.y.logarithmic) {
      options.scales.y.range = (u, low, high) => [Math.min(0, low), high > 0 ? 1.08 * high : 1];
    }
    /* Points and their error bars keep off the frame. */
    const bars = data.series.flatMap(s => s.errors ? s.y.flatMap((y, i) => [y - s.errors[i], y + s.errors[i]]) : []);
    const spread = (low, high, share) => [low - share * (high - low || 1), high + share * (high - low || 1)];
    if (data.series.some(s => s.style === "points")) {
      if (!data.x.logarithmic) options.scales.x.range = (u, low, high) => spread(low, high, .05);
      if (!data.y.logarithmic) options.scales.y.range = (u, low, high) => spread(Math.min(low, ...bars), Math.max(high, ...bars), .08);
    }
    chart.plot = new uPlot(options, points, place);
    place.dataset.drawn = "yes";
  }

  function drawAll() { charts.forEach(draw); }

  /* Arrow keys go through the points of the first series. */
  function listen(chart) {
    chart.place.addEventListener("keydown", event => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      const first = chart.data.series[0];
      if (!step || first.style === "curve") return;
      event.preventDefault();
      chart.at = Math.max(0, Math.min(first.y.length - 1, chart.at === null ? 0 : chart.at + step));
      const x = first.style === "steps" ? (first.x[chart.at] + first.x[chart.at + 1]) / 2 : first.x[chart.at];
      chart.plot.setCursor({ left: chart.plot.valToPos(x, "x"), top: 1 }, false);
      readOut(chart, x);
    });
  }

  charts.forEach(listen);
  drawAll();
  const widths = new ResizeObserver(() => charts.forEach(chart => {
    const wanted = size(chart.place);
    if (wanted.width !== chart.plot.width) chart.plot.setSize(wanted);
  }));
  charts.forEach(chart => widths.observe(chart.place));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
  addEventListener("beforeprint", () => { document.documentElement.classList.add("paper"); drawAll(); });
  addEventListener("afterprint", () => { document.documentElement.classList.remove("paper"); drawAll(); });
})();
