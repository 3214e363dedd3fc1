// Draws docs/speed.svg from bench/results.md: for each program, a bar for its time and the figures. `npm run chart`.
import { readFileSync, writeFileSync } from 'node:fs';

const RESULTS = 'bench/results.md';
const CHART = 'docs/speed.svg';

const ROW = 28;
const BAR = 16;
const TOP = 44;
const LEFT = 290;
const LONGEST = 340;
const RIGHT = 150;

const COLOURS = { sipwd: '#2f6db5', other: '#b9c4cf' };

/** The first table of a page that has these columns. */
function tableIn(text, columns) {
  const rows = text.split('\n').map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
  const head = rows.findIndex((row) => columns.every((column) => row.includes(column)));
  if (head === -1) throw new Error(`${RESULTS} has no table with the columns ${columns.join(', ')}`);
  const body = rows.slice(head + 2);
  const end = body.findIndex((row) => row.length === 0);
  return body
    .slice(0, end === -1 ? undefined : end)
    .map((row) => Object.fromEntries(columns.map((column) => [column, row[rows[head].indexOf(column)]])));
}

function inXml(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

function bar({ program, ms, 'peak MB': memory }, index, longest) {
  const y = TOP + index * ROW;
  const width = Math.max(1, Math.round((Number(ms) / longest) * LONGEST));
  const colour = program.includes('sipwd') ? COLOURS.sipwd : COLOURS.other;
  return [
    `  <text x="${LEFT - 10}" y="${y + 13}" text-anchor="end">${inXml(program)}</text>`,
    `  <rect x="${LEFT}" y="${y}" width="${width}" height="${BAR}" rx="2" fill="${colour}"/>`,
    `  <text x="${LEFT + width + 8}" y="${y + 13}">${ms} ms, ${memory} MB</text>`,
  ].join('\n');
}

function chart(rows) {
  const [width, height] = [LEFT + LONGEST + RIGHT, TOP + rows.length * ROW + 8];
  const longest = Math.max(...rows.map(({ ms }) => Number(ms)));
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="Helvetica,Arial,sans-serif" font-size="13" fill="#1b2733">
  <title>Time and peak memory of one healthy check, beside other programs</title>
  <rect width="${width}" height="${height}" fill="white"/>
  <text x="${LEFT}" y="24" font-weight="bold">One run: time (bar), peak memory</text>
${rows.map((row, index) => bar(row, index, longest)).join('\n')}
</svg>
`;
}

writeFileSync(CHART, chart(tableIn(readFileSync(RESULTS, 'utf8'), ['program', 'ms', 'peak MB'])));
