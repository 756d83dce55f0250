import { escapedXml } from '../../model/index.js';

/**
 * A conversation as a sequence diagram, SVG 1.1 with the words in it as text.
 *
 * A lane for each party, time runs downwards, a row for each thing that happened. A label may cross the
 * lanes of others, but no other label: every row has one alone. The picture brings its own ground, light
 * or dark as the reader's preference is, and needs no script and no font of its own.
 */

/** Something that happened. Lanes are counted from 0, left to right. */
export type Row = (Arrow | Beside) & {
  readonly label: string;
  /** It is what must not be. */
  readonly isWrong?: true;
};

/** From one lane to another; an answer is dashed. */
interface Arrow {
  readonly kind: 'call' | 'answer';
  readonly from: number;
  readonly to: number;
}

/** At a lane, or across all of them. */
interface Beside {
  readonly kind: 'note' | 'divider';
  readonly at?: number;
}

/** The parties and what happened between them. */
export interface Sequence {
  readonly title: string;
  readonly lanes: readonly string[];
  readonly rows: readonly Row[];
}

const letterWidth = 6.7;
const labelMax = 64;
const [laneMin, margin, top, rowHeight] = [112, 24, 40, 34];

/** Draws it. */
export function drawSequence(sequence: Sequence): string {
  return frame(sequence, ({ width, height }) => [
    `<style>${style}</style>`,
    `<rect class="ground" width="${width}" height="${height}" rx="8"/>`,
  ]);
}

/** The same for a page that has a style of its own: no ground and no style. */
export function sequenceFigure(sequence: Sequence): string {
  return frame(sequence, () => []);
}

interface Size {
  readonly width: number;
  readonly height: number;
}

function frame(
  { title, lanes, rows }: Sequence,
  ground: (size: Size) => readonly string[],
): string {
  const shown = rows.map((row) => shortened(row.label));
  const laneWidth = Math.max(laneMin, ...lanes.map((name) => widthOf(name) + 2 * margin));
  const longest = Math.max(0, ...shown.map(widthOf));
  const width = Math.ceil(Math.max(lanes.length * laneWidth, longest + 2 * margin));
  const height = top + rows.length * rowHeight + margin;
  // What is left over is divided among the lanes, so that the picture has no empty side.
  const x = (lane: number) => Math.round((lane + 0.5) * (width / lanes.length));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="sequence" role="img"` +
      ` width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    `<title>${escapedXml(title)}</title>`,
    ...ground({ width, height }),
    ...lanes.map((name, lane) => head(name, x(lane), height)),
    ...rows.map((row, nth) =>
      drawn(row, { x, y: top + (nth + 1) * rowHeight, width, label: shown[nth] ?? '' }),
    ),
    '</svg>',
    '',
  ].join('\n');
}

const style = `
.sequence{font:11px ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono","DejaVu Sans Mono",monospace}
.sequence .ground{fill:#fff}
.sequence .lane{stroke:#afb8c1}
.sequence .party{font-weight:bold}
.sequence .arrow{fill:none;stroke:#424a53;stroke-width:1.3}
.sequence .answer{stroke-dasharray:5 3}
.sequence .head{fill:#424a53}
.sequence text{fill:#1f2328;stroke:#fff;stroke-width:4px;paint-order:stroke;stroke-linejoin:round}
.sequence .divider text{fill:#57606a}
.sequence .wrong text{fill:#b3161f;font-weight:bold}
.sequence .wrong .arrow{stroke:#b3161f;stroke-width:2.2}
.sequence .wrong .head{fill:#b3161f}
@media (prefers-color-scheme:dark){
.sequence .ground{fill:#0d1117}
.sequence .lane{stroke:#484f58}
.sequence .arrow{stroke:#9ea7b3}
.sequence .head{fill:#c9d1d9}
.sequence text{fill:#e6edf3;stroke:#0d1117}
.sequence .divider text{fill:#b3bcc6}
.sequence .wrong text{fill:#ff9492}
.sequence .wrong .arrow{stroke:#ff9492}
.sequence .wrong .head{fill:#ff9492}
}
`;

function head(name: string, x: number, height: number): string {
  return (
    `<g><path class="lane" d="M${x} ${top - 8}V${height - 8}"/>` +
    `<text class="party" x="${x}" y="22" text-anchor="middle">${escapedXml(name)}</text></g>`
  );
}

interface Place {
  readonly x: (lane: number) => number;
  readonly y: number;
  readonly width: number;
  readonly label: string;
}

function drawn(row: Row, { x, y, width, label }: Place): string {
  const half = widthOf(label) / 2;
  const parts = (middle: number, arrow: string) => {
    const clamped = Math.min(Math.max(middle, half + 8), width - half - 8);
    const full = label === row.label ? '' : `<title>${escapedXml(row.label)}</title>`;
    const wrong = row.isWrong === true ? ' wrong' : '';
    return (
      `<g class="${row.kind}${wrong}">${full}${arrow}<text x="${Math.round(clamped)}"` +
      ` y="${arrow === '' ? y : y - 6}" text-anchor="middle">${escapedXml(label)}</text></g>`
    );
  };
  if (!('from' in row)) {
    const across = row.kind === 'divider' ? `<path class="lane" d="M8 ${y}H${width - 8}"/>` : '';
    return parts(row.at === undefined ? width / 2 : x(row.at), across);
  }
  const [start, end] = [x(row.from), x(row.to)];
  const tip = end > start ? end - 8 : end + 8;
  const answer = row.kind === 'answer' ? ' answer' : '';
  const arrow =
    `<path class="arrow${answer}" d="M${start} ${y}H${tip}"/>` +
    `<path class="head" d="M${tip} ${y - 4}L${end} ${y}L${tip} ${y + 4}Z"/>`;
  return parts((start + end) / 2, arrow);
}

function shortened(label: string): string {
  return label.length <= labelMax ? label : `${label.slice(0, labelMax - 1)}…`;
}

function widthOf(text: string): number {
  return text.length * letterWidth;
}
