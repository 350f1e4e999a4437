// Charts: <div class="chart" data-chart="treemap" data-src="…"> or data-json="<id of a JSON script>".
// The library is fetched when the first chart comes near the viewport, and charts are drawn again
// when the theme changes. Each page also has the same figures as a table.

import { bars } from "./bars.js";
import { graph, spread } from "./graph.js";
import { lines } from "./lines.js";
import { matrix } from "./matrix.js";
import { palette } from "./palette.js";
import { scatter } from "./scatter.js";
import { treemap } from "./treemap.js";

const KINDS = { bars, graph, lines, matrix, scatter, treemap };
// What is left to do once a chart has been laid out.
const SETTLE = { graph: spread };
const drawn = new Map();
let library = null;

function loadLibrary() {
  library ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = document.querySelector("meta[name=chart-library]").content;
    script.addEventListener("load", () => resolve(window.echarts));
    script.addEventListener("error", () => reject(new Error("The chart library did not load.")));
    document.head.append(script);
  });
  return library;
}

async function readData(element) {
  if (element.dataset.json) {
    return JSON.parse(document.getElementById(element.dataset.json).textContent);
  }
  const response = await fetch(element.dataset.src, { headers: { Accept: "application/json" } });
  if (!response.ok) throw new Error("The figures of this chart did not load.");
  return response.json();
}

function message(element, text) {
  const box = document.createElement("p");
  box.className = "chart-message";
  box.textContent = text;
  element.replaceChildren(box);
}

function render(element) {
  const { chart, kind, data } = drawn.get(element);
  // A kind may set the element's height from its data, so the option comes first.
  const option = KINDS[kind](data, palette(), element);
  chart.resize();
  chart.setOption(option, { notMerge: true });
  SETTLE[kind]?.(chart);
}

function prune() {
  for (const [element, { chart }] of drawn) {
    if (!element.isConnected) {
      chart.dispose();
      drawn.delete(element);
    }
  }
}

async function draw(element) {
  const kind = element.dataset.chart;
  try {
    const [echarts, data] = await Promise.all([loadLibrary(), readData(element)]);
    prune();
    element.replaceChildren();
    const chart = echarts.init(element, null, { renderer: "canvas" });
    drawn.set(element, { chart, kind, data, width: element.clientWidth });
    render(element);
    chart.on("click", (event) => {
      const href = event.data?.href;
      if (typeof href === "string" && href.startsWith("/") && !href.startsWith("//")) location.assign(href);
    });
    resized.observe(element);
    element.dataset.ready = "";
  } catch (error) {
    message(element, `${error.message} The table below has the same figures.`);
  }
}

const seen = new IntersectionObserver(
  (entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      seen.unobserve(entry.target);
      draw(entry.target);
    }
  },
  { rootMargin: "200px" },
);

const resized = new ResizeObserver((entries) => {
  for (const { target, contentRect } of entries) {
    const one = drawn.get(target);
    if (!one || one.width === contentRect.width) continue;
    one.width = contentRect.width;
    render(target);
  }
});

document.addEventListener("themechange", () => {
  for (const element of drawn.keys()) render(element);
});

export function startCharts(root) {
  for (const element of root.querySelectorAll("[data-chart]:not([data-watched])")) {
    element.dataset.watched = "";
    seen.observe(element);
  }
}
