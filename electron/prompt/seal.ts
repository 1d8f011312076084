/** Draws a seal: a guilloche of one closed line. Each form has its own turns and lobes, so that two differ in shape and not only in colour. */
import type { Seal } from '../../shared/ipc/promptContract.ts';

const svg = 'http://www.w3.org/2000/svg';

/** Turns, lobes and depth of each form. */
const forms = [
  [12, 17, 0.35], [7, 3, 0.55], [9, 20, 0.2], [5, 12, 0.6], [16, 5, 0.45], [11, 31, 0.28],
  [4, 9, 0.75], [13, 6, 0.3], [8, 27, 0.5], [3, 14, 0.4], [17, 12, 0.6], [6, 35, 0.25],
] as const;

/** Points around the circle, at `turns` times the pace of the lobes. */
function lineOf(form: number): string {
  const [turns, lobes, depth] = forms[form % forms.length] ?? [12, 17, 0.35];
  const points = Array.from({ length: 721 }, (_, step) => {
    const angle = (2 * Math.PI * turns * step) / 720;
    const radius = 40 * (1 - depth + depth * Math.cos((lobes / turns) * angle));
    return `${(50 + radius * Math.cos(angle)).toFixed(2)} ${(50 + radius * Math.sin(angle)).toFixed(2)}`;
  });
  return `M${points.join('L')}Z`;
}

export function drawSeal({ form, phrase }: Seal): SVGElement {
  const image = document.createElementNS(svg, 'svg');
  for (const [name, value] of Object.entries({ viewBox: '0 0 100 100', role: 'img', 'aria-label': `seal: ${phrase}` })) image.setAttribute(name, value);
  const line = document.createElementNS(svg, 'path');
  for (const [name, value] of Object.entries({ d: lineOf(form), fill: 'none', stroke: 'currentColor', 'stroke-width': '0.7' })) line.setAttribute(name, value);
  image.append(line);
  return image;
}
