// Points on two axes. Data: {points: [[x, y, size, name, href, tone?]], x, y}

import { axis, base, number, tip, tooltip } from "./palette.js";

export function scatter({ points, x, y }, colours) {
  const largest = Math.max(1, ...points.map((point) => point[2]));
  const value = { ...axis(colours), type: "value", nameLocation: "middle" };
  return {
    ...base(colours),
    grid: { left: 40, right: 24, top: 16, bottom: 40, containLabel: true },
    xAxis: { ...value, name: x, nameGap: 28 },
    yAxis: { ...value, name: y, nameGap: 44 },
    tooltip: tooltip(({ data }) => tip(data.name, `${x}: ${number(data.value[0])}`, `${y}: ${number(data.value[1])}`)),
    series: [
      {
        type: "scatter",
        data: points.map(([px, py, size, name, href, tone]) => ({
          value: [px, py],
          name,
          href,
          symbolSize: 6 + 18 * Math.sqrt(size / largest),
          itemStyle: { color: colours[tone ?? "series-1"], opacity: 0.75, borderColor: colours.surface },
        })),
        emphasis: { scale: 1.2 },
      },
    ],
  };
}
