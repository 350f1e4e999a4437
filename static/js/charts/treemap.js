// Hotspots: area = lines of code, colour = hotspot score 0..1, grouped by folder.
// Data: [[path, lines, score, href], …]

import { base, heat, number, tip, tooltip } from "./palette.js";

const STEPS = 5;

/** The heat step of a score: the same limits as on the server (0.2 apart). */
function step(score) {
  return Math.min(STEPS - 1, Math.max(0, Math.floor(score * STEPS)));
}

function folder(name, path) {
  return { name, path, children: [], folders: new Map(), value: 0 };
}

function place(root, [path, lines, score, href], colours) {
  const parts = path.split("/");
  const file = parts.pop();
  let at = root;
  at.value += lines;
  for (const part of parts) {
    if (!at.folders.has(part)) {
      const next = folder(part, at.path ? `${at.path}/${part}` : part);
      at.folders.set(part, next);
      at.children.push(next);
    }
    at = at.folders.get(part);
    at.value += lines;
  }
  const heatStep = step(score);
  at.children.push({
    name: file,
    path,
    value: lines,
    score,
    href,
    itemStyle: { color: heat(colours)[heatStep] },
    label: { color: colours[heatStep >= 3 ? "heat-text-high" : "heat-text-low"] },
  });
}

/** A folder whose only content is a folder is shown as one: "src / app". */
function merge(node) {
  let at = node;
  while (at.folders && at.children.length === 1 && at.children[0].folders) {
    const child = at.children[0];
    at = { ...child, name: at.name ? `${at.name}/${child.name}` : child.name };
  }
  if (at.folders) at.children = at.children.map(merge);
  return at;
}

export function treemap(data, colours) {
  const root = folder("", "");
  for (const row of data) place(root, row, colours);
  const top = merge(root);
  return {
    ...base(colours),
    tooltip: tooltip(({ data: node }) =>
      node.score === undefined
        ? tip(node.path || "All files", `${number(node.value)} lines`)
        : tip(node.path, `${number(node.value)} lines`, `Hotspot score ${number(node.score)}`),
    ),
    series: [
      {
        type: "treemap",
        data: top.children,
        name: top.name || "All files",
        left: 0,
        top: 0,
        right: 0,
        bottom: 34,
        roam: false,
        nodeClick: "zoomToNode",
        leafDepth: null,
        visibleMin: 40,
        childrenVisibleMin: 60,
        breadcrumb: {
          left: 8,
          bottom: 5,
          height: 24,
          itemStyle: { color: colours["surface-2"], borderColor: colours.line, textStyle: { color: colours.muted } },
          labelLayout: ({ rect }) => (rect.width < 34 ? { fontSize: 0.01 } : {}),
        emphasis: { itemStyle: { color: colours["accent-soft"], textStyle: { color: colours.text } } },
        },
        label: { show: true, position: "insideTopLeft", fontSize: 11, overflow: "truncate", padding: [2, 2], fontFamily: colours.font },
        upperLabel: { show: true, height: 18, color: colours.muted, fontSize: 11, overflow: "truncate", fontFamily: colours.font },
        itemStyle: { borderColor: colours.surface, borderWidth: 1, gapWidth: 1, color: colours["heat-0"] },
        levels: [
          { itemStyle: { borderWidth: 0, gapWidth: 3 }, upperLabel: { show: false } },
          { itemStyle: { borderColor: colours["surface-2"], borderWidth: 3, gapWidth: 1 } },
          { itemStyle: { borderColor: colours.line, borderWidth: 2, gapWidth: 1 } },
          { itemStyle: { borderColor: colours["line"], borderWidth: 1, gapWidth: 1 } },
        ],
        labelLayout: ({ rect }) => (rect.width < 34 ? { fontSize: 0.01 } : {}),
        emphasis: { itemStyle: { borderColor: colours.text }, label: { show: true }, upperLabel: { show: true, color: colours.text } },
      },
    ],
  };
}
