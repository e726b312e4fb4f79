// What charts have in common. Colours are the page's properties, so charts follow light and dark by themselves.

export const FONT =
  'system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", Arial, sans-serif';
export const INK = "var(--ink)";
export const SOFT = "var(--soft)";
export const LINE = "var(--line)";
export const ACCENT = "var(--accent)";
export const UP = "var(--up)";
export const DOWN = "var(--down)";

export const BASE = {
  animation: false,
  textStyle: { fontFamily: FONT, fontSize: 12, color: SOFT },
} as const;

/** An axis of shares, 0 to 100 %. */
export const shareAxis = (name?: string) => ({
  type: "value" as const,
  min: 0,
  max: 1,
  interval: 0.25,
  ...(name !== undefined && { name, nameLocation: "middle" as const, nameGap: 30 }),
  nameTextStyle: { color: SOFT },
  axisLine: { show: false },
  axisTick: { show: false },
  axisLabel: {
    color: SOFT,
    formatter: (share: number) => `${Math.round(share * 100)} %`,
  },
  splitLine: { lineStyle: { color: LINE } },
});
