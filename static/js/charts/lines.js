// Lines over time. Data: {dates: ["2026-01-31", …], series: [{name, values, tone?}], unit?, area?}

import { axis, base, number, tip, tooltip } from "./palette.js";

export function lines({ dates, series, unit, area }, colours) {
  const across = { ...axis(colours), type: "category", data: dates, boundaryGap: false, splitLine: { show: false } };
  return {
    ...base(colours),
    grid: { left: 12, right: 20, top: series.length > 1 ? 40 : 16, bottom: 12, containLabel: true },
    legend: { show: series.length > 1, top: 8, right: 12, icon: "roundRect", itemWidth: 14, itemHeight: 3, textStyle: { color: colours.muted } },
    xAxis: { ...across, axisLabel: { ...across.axisLabel, alignMinLabel: "left", alignMaxLabel: "right", hideOverlap: true } },
    yAxis: { ...axis(colours), type: "value", axisLine: { show: false }, minInterval: 1 },
    tooltip: {
      ...tooltip((points) => tip(points[0].axisValue, ...points.map((point) => `${point.seriesName}: ${number(point.value)} ${unit ?? ""}`))),
      trigger: "axis",
      axisPointer: { lineStyle: { color: colours["line-strong"] } },
    },
    series: series.map((one, index) => {
      const colour = colours[one.tone ?? `series-${(index % 5) + 1}`];
      return {
        type: "line",
        name: one.name,
        data: one.values,
        showSymbol: dates.length === 1,
        symbolSize: 6,
        lineStyle: { width: 2, color: colour, type: ["solid", "dashed", "dotted"][index % 3] },
        itemStyle: { color: colour },
        areaStyle: area ? { color: colour, opacity: 0.1 } : undefined,
      };
    }),
  };
}
