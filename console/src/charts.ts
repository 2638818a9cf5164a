/** Charts on a canvas, in the colours of the theme. Pages register the parts of Chart.js that they use. */
import { Chart, type ChartConfiguration, type ChartType, type DefaultDataPoint } from 'chart.js';
import { onMounted, onUnmounted, watch, type ShallowRef } from 'vue';

/** A colour of theme.css, such as `--chart`. */
export const themeColour = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** Draws what `configure` returns, and redraws it when that or the browser's light or dark scheme changes. */
export function useChart<Type extends ChartType>(
  canvas: Readonly<ShallowRef<HTMLCanvasElement | null>>,
  configure: () => ChartConfiguration<Type, DefaultDataPoint<Type>, string>,
): void {
  let chart: Chart<Type, DefaultDataPoint<Type>, string> | undefined;
  const dark = matchMedia('(prefers-color-scheme: dark)');

  function draw(): void {
    chart?.destroy();
    if (canvas.value === null) return;
    Chart.defaults.color = themeColour('--quiet');
    Chart.defaults.borderColor = themeColour('--line');
    Chart.defaults.animation = false;
    chart = new Chart(canvas.value, configure());
  }

  onMounted(() => {
    draw();
    watch(configure, draw);
    dark.addEventListener('change', draw);
  });
  onUnmounted(() => {
    dark.removeEventListener('change', draw);
    chart?.destroy();
  });
}
