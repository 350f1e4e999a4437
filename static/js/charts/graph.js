// A graph of modules or files. Data: {nodes: [{name, size, group, href}], links: [[from, to, weight, marked]], directed}

import { base, number, tip, tooltip } from "./palette.js";

const LABELLED = 90;
const MARGIN = 28;
const LABEL_WIDTH = 120;
// Few nodes stay near each other.
const PIXELS_A_NODE = 200;

export function graph({ nodes, links, directed, unit }, colours) {
  const largest = Math.max(1, ...nodes.map((node) => node.size));
  const heaviest = Math.max(1, ...links.map((link) => link[2]));
  const series = [1, 2, 3, 4, 5].map((index) => colours[`series-${index}`]);
  return {
    ...base(colours),
    tooltip: tooltip(({ dataType, data }) =>
      dataType === "edge"
        ? tip(`${data.source} ${directed ? "→" : "and"} ${data.target}`, `${number(data.weight)} ${unit}`)
        : tip(data.name, data.note ?? ""),
    ),
    series: [
      {
        type: "graph",
        layout: "force",
        roam: true,
        draggable: true,
        scaleLimit: { min: 0.4, max: 6 },
        force: { repulsion: directed ? 420 : 90, gravity: directed ? 0.2 : 0.16, edgeLength: directed ? [60, 190] : [26, 60], layoutAnimation: false },
        data: nodes.map((node) => ({
          name: node.name,
          href: node.href,
          note: node.note,
          symbolSize: 9 + (largest > 1 ? 20 * Math.sqrt(node.size / largest) : 3),
          itemStyle: { color: node.marked ? colours.danger : series[node.group % series.length], borderColor: colours.surface, borderWidth: 1 },
        })),
        links: links.map(([source, target, weight, marked]) => ({
          source: nodes[source].name,
          target: nodes[target].name,
          weight,
          lineStyle: { width: 1 + (heaviest > 1 ? 3 * (weight / heaviest) : 0), color: marked ? colours.danger : colours["line-strong"], opacity: 0.8 },
        })),
        edgeSymbol: directed ? ["none", "arrow"] : ["none", "none"],
        edgeSymbolSize: 6,
        lineStyle: { curveness: directed ? 0.12 : 0 },
        label: { show: nodes.length <= LABELLED, position: "right", width: LABEL_WIDTH, overflow: "truncate", color: colours.text, textBorderColor: colours.surface, textBorderWidth: 3, fontSize: 11, formatter: ({ data }) => data.name.split("/").pop() },
        labelLayout: { hideOverlap: true },
        emphasis: { focus: "adjacency", label: { show: true } },
      },
    ],
  };
}

/** Spreads the finished layout over the frame: forces settle in a circle, and frames are wide. */
export function spread(chart) {
  const series = chart.getModel().getSeriesByIndex(0);
  const layout = series.getData();
  const places = Array.from({ length: layout.count() }, (_, index) => layout.getItemLayout(index));
  const most = PIXELS_A_NODE * places.length;
  const right = Math.min(LABEL_WIDTH, chart.getWidth() / 4);
  const [x, width] = stretched(places.map((place) => place[0]), Math.min(most, chart.getWidth() - MARGIN - right));
  const [y, height] = stretched(places.map((place) => place[1]), Math.min(most, chart.getHeight() - 2 * MARGIN));
  const data = chart.getOption().series[0].data.map((node, index) => ({ ...node, x: x[index], y: y[index] }));
  const left = MARGIN + (chart.getWidth() - MARGIN - right - width) / 2;
  chart.setOption({ series: [{ layout: "none", left, top: (chart.getHeight() - height) / 2, width, height, data }] });
}

/** The values moved and scaled to 0..length, and that length; all alike, they stay in one place. */
function stretched(values, length) {
  const low = Math.min(...values);
  const range = Math.max(...values) - low;
  return range > 0 ? [values.map((value) => ((value - low) * length) / range), length] : [values.map(() => 0), 0];
}
