// A graph of modules or files. Data: {nodes: [{name, size, group, href}], links: [[from, to, weight, marked]], directed}

import { base, number, tip, tooltip } from "./palette.js";

const LABELLED = 90;

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
        label: { show: nodes.length <= LABELLED, position: "right", color: colours.text, textBorderColor: colours.surface, textBorderWidth: 3, fontSize: 11, formatter: ({ data }) => data.name.split("/").pop() },
        labelLayout: { hideOverlap: true },
        emphasis: { focus: "adjacency", label: { show: true } },
      },
    ],
  };
}
