// Hotspots: area = lines of code, colour = hotspot score 0..1, grouped by folder.
// Data: {files_address, files: [[path, lines, score or null], …]}

import { base, heat, number, tip, tooltip } from "./palette.js";

// Scores from which a file is warmer: most files are calm, a few in a hundred are hot.
// The same limits as on the server.
const LIMITS = [0.4, 0.7, 0.9, 0.97];

function step(score) {
  return LIMITS.filter((limit) => score >= limit).length;
}

function folder(name, path) {
  return { name, path, children: [], folders: new Map(), value: 0, hottest: 0 };
}

/** A folder too small to show its files takes the colour of its hottest one. */
function grow(node, lines, score) {
  node.value += lines;
  node.hottest = Math.max(node.hottest, score);
}

function paint(node, colours) {
  if (!node.folders) return;
  const heatStep = step(node.hottest);
  node.itemStyle = { color: heat(colours)[heatStep] };
  for (const child of node.children) paint(child, colours);
}

/** The page of a file; each part of the path is escaped on its own. */
function address(base, path) {
  return base + path.split("/").map(encodeURIComponent).join("/");
}

function place(root, [path, lines, score], filesAddress, colours) {
  const parts = path.split("/");
  const file = parts.pop();
  let at = root;
  grow(at, lines, score ?? 0);
  for (const part of parts) {
    if (!at.folders.has(part)) {
      const next = folder(part, at.path ? `${at.path}/${part}` : part);
      at.folders.set(part, next);
      at.children.push(next);
    }
    at = at.folders.get(part);
    grow(at, lines, score ?? 0);
  }
  const heatStep = step(score ?? 0);
  at.children.push({
    name: file,
    path,
    value: lines,
    score,
    href: address(filesAddress, path),
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

export function treemap({ files_address: filesAddress, files }, colours) {
  const root = folder("", "");
  for (const row of files) place(root, row, filesAddress, colours);
  const top = merge(root);
  paint(top, colours);
  const header = { show: true, height: 18, color: colours.muted, fontSize: 11, overflow: "truncate", fontFamily: colours.font };
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
        // All levels at once; with a depth given, the path below names the folder in view.
        leafDepth: 99,
        visibleMin: 40,
        childrenVisibleMin: 60,
        breadcrumb: {
          left: 8,
          bottom: 5,
          height: 24,
          itemStyle: { color: colours["surface-2"], borderColor: colours.line, textStyle: { color: colours.muted } },
          emphasis: { itemStyle: { color: colours["accent-soft"], textStyle: { color: colours.text } } },
        },
        label: { show: true, position: "insideTopLeft", fontSize: 11, overflow: "truncate", padding: [2, 2], fontFamily: colours.font },
        upperLabel: { show: false },
        itemStyle: { borderColor: colours.surface, borderWidth: 1, gapWidth: 0 },
        levels: [
          { itemStyle: { borderWidth: 0, gapWidth: 4 }, upperLabel: { show: false } },
          { itemStyle: { borderWidth: 3, gapWidth: 2 }, upperLabel: { ...header, color: colours.text } },
          { itemStyle: { borderWidth: 2, gapWidth: 1 }, upperLabel: header },
        ],
        labelLayout: ({ rect }) => (rect.width < 48 ? { fontSize: 0.01 } : {}),
        emphasis: { itemStyle: { borderColor: colours.text }, label: { show: true } },
      },
    ],
  };
}
