// Charts over time, drawn in SVG. Their content is also available as text: the legend contains the values, and the table their history.

const SVG = 'http://www.w3.org/2000/svg';
const GAP = 5_000; // lines are interrupted if there are no samples for this time, in milliseconds
const EDGE = { left: 44, right: 6, top: 8, bottom: 18 };

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function shape(name, attributes, text) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text != null) made.textContent = text;
  return made;
}

const path = points => points.map(([x, y], at) => `${at ? 'L' : 'M'}${x.toFixed(1)} ${y.toFixed(1)}`).join('');

/** Rounds up to a number whose half is also easy to read. */
function roundUp(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 3, 4, 5, 6, 8, 10].map(step => step * power).find(step => step >= value * .999) ?? 10 * power;
}

/** The base of all charts: a title, a legend with the values, and a table on demand. */
class Figure {
  constructor(parent, { id, title, unit }) {
    this.title = title;
    this.note = element('span', {}, unit);
    this.legend = element('ul', { class: 'legend' });
    this.plot = element('div', { class: 'plot' });
    this.svg = shape('svg', { 'aria-hidden': 'true', focusable: 'false' });
    this.table = element('div', { tabindex: '0', role: 'region', 'aria-label': `${title}, table` });
    this.details = element('details', {}, element('summary', {}, 'Table', element('span', { class: 'unseen' }, ` of ${title.toLowerCase()}`)), this.table);
    this.plot.append(this.svg);
    parent.append(element('figure', { id, 'aria-labelledby': `${id}-title` },
      element('figcaption', {}, element('h3', { id: `${id}-title` }, title), this.note), this.legend, this.plot, this.details));
    this.details.addEventListener('toggle', () => { if (this.details.open) this.tabulate(); });
    new ResizeObserver(() => this.redraw()).observe(this.plot);
  }

  get size() { return { width: this.plot.clientWidth, height: this.plot.clientHeight }; }

  writeLegend(entries) {
    while (this.legend.children.length > entries.length) this.legend.lastChild.remove();
    entries.forEach(({ name, tone, kind, text }, at) => {
      const item = this.legend.children[at] ?? this.legend.appendChild(element('li', {}, '', element('b')));
      item.className = `${tone} ${kind ?? ''}`;
      item.firstChild.data = `${name} `;
      item.lastChild.textContent = text;
    });
  }

  writeTable(caption, head, rows) {
    const row = (cells, kind) => element('tr', {}, ...cells.map((cell, at) => element(at && kind === 'td' ? 'td' : 'th', { scope: kind === 'td' ? 'row' : 'col' }, cell)));
    for (const cell of this.table.querySelectorAll('td')) cell.removeAttribute('scope');
    this.table.replaceChildren(element('table', {}, element('caption', {}, caption), element('thead', {}, row(head, 'th')),
      element('tbody', {}, ...rows.map(cells => row(cells, 'td')))));
    for (const cell of this.table.querySelectorAll('td')) cell.removeAttribute('scope');
  }

  /** Draws the scale of a chart: grid lines with their values on the left. */
  writeScale(top, write, y) {
    const { width } = this.size;
    for (const part of [0, .5, 1]) {
      this.svg.append(shape('line', { class: 'grid', x1: EDGE.left, x2: width - EDGE.right, y1: y(top * part), y2: y(top * part) }));
      this.svg.append(shape('text', { x: EDGE.left - 6, y: y(top * part) + 4, 'text-anchor': 'end' }, write(top * part)));
    }
  }
}

/** Lines or stacked areas over the shown time, with a cursor that mouse, touch and keyboard move in all charts together. */
class TimeChart extends Figure {
  /** @param spec {id, title, unit, write, lines(samples) → [{name, tone, kind?, value(sample)}], stacked?, max?, min?, bound?(stats)} */
  constructor(parent, spec, cursor) {
    super(parent, spec);
    this.spec = spec;
    this.cursor = cursor;
    const slider = { role: 'slider', tabindex: '0', 'aria-label': `${spec.title}: point in time`, 'aria-valuemax': '0', 'aria-valuenow': '0', 'aria-valuetext': 'now' };
    for (const [key, value] of Object.entries(slider)) this.plot.setAttribute(key, value);
    this.plot.addEventListener('pointermove', event => this.point(event));
    this.plot.addEventListener('pointerleave', () => cursor.move(null));
    this.plot.addEventListener('keydown', event => this.press(event));
    this.plot.addEventListener('blur', () => cursor.move(null));
  }

  show(samples, now, span) {
    Object.assign(this, { samples, now, span });
    this.redraw();
  }

  /** The sample at the cursor, or the latest one if there is no cursor. */
  get pointed() {
    const at = this.cursor.at;
    if (at == null) return this.samples.at(-1);
    return this.samples.reduce((a, b) => Math.abs(b.at - at) < Math.abs(a.at - at) ? b : a, this.samples[0]);
  }

  redraw() {
    const { width, height } = this.size;
    if (!this.samples?.length || width < EDGE.left + 20) return;
    const { spec, samples, now, span } = this;
    const lines = spec.lines(samples);
    const bound = spec.bound?.(samples.at(-1).stats);
    const courses = this.courses(lines, samples);
    const highest = Math.max(spec.min ?? 1, bound ? bound * 1.25 : 0, ...courses.flatMap(course => course.map(({ upper }) => upper ?? 0)));
    const unit = spec.per ?? 1;
    const top = spec.max ?? roundUp(highest / unit) * unit;
    const x = at => EDGE.left + (width - EDGE.left - EDGE.right) * (1 - (now - at) / span);
    const y = value => EDGE.top + (height - EDGE.top - EDGE.bottom) * (1 - Math.min(1, value / top));

    this.svg.replaceChildren();
    this.svg.setAttribute('viewBox', `0 0 ${width} ${height}`);
    this.writeScale(top, spec.scale ?? spec.write, y);
    for (const [part, anchor] of [[1, 'start'], [.5, 'middle'], [0, 'end']]) {
      const label = part ? `−${whole.format(span * part / 1000)} s` : 'now';
      this.svg.append(shape('text', { x: x(now - span * part), y: height - 4, 'text-anchor': anchor }, span > 90_000 && part ? `−${+(span * part / 60_000).toFixed(1)} min` : label));
    }
    courses.forEach((course, at) => this.drawCourse(course, lines[at], x, y));
    if (bound) this.svg.append(shape('line', { class: 'bound bad', x1: EDGE.left, x2: width - EDGE.right, y1: y(bound), y2: y(bound) }));
    if (this.cursor.at != null) this.svg.append(shape('line', { class: 'cursor', x1: x(this.pointed.at), x2: x(this.pointed.at), y1: EDGE.top, y2: height - EDGE.bottom }));
    this.describe(lines, bound);
  }

  /** The lower and upper values of each line. The lower values of a stacked line are the upper values of the line below it. */
  courses(lines, samples) {
    const floor = samples.map(() => 0);
    return lines.map(line => samples.map((sample, at) => {
      const value = line.value(sample);
      const lower = floor[at];
      if (this.spec.stacked) floor[at] += value ?? 0;
      return { at: sample.at, lower, upper: value == null || !isFinite(value) ? null : lower + value };
    }));
  }

  drawCourse(course, line, x, y) {
    let run = [];
    const flush = () => {
      if (run.length > 1) {
        const upper = run.map(({ at, upper }) => [x(at), y(upper)]);
        if (this.spec.stacked || this.spec.filled)
          this.svg.append(shape('path', { class: `area ${this.spec.stacked ? '' : 'soft'} ${line.tone}`, d: `${path([...upper, ...run.map(({ at, lower }) => [x(at), y(lower)]).reverse()])}Z` }));
        if (!this.spec.stacked) this.svg.append(shape('path', { class: `line ${line.kind ?? ''} ${line.tone}`, d: path(upper) }));
      }
      run = [];
    };
    for (const value of course) {
      if (value.upper == null || (run.length && value.at - run.at(-1).at > GAP)) flush();
      if (value.upper != null) run.push(value);
    }
    flush();
  }

  describe(lines, bound) {
    const sample = this.pointed;
    const entries = lines.map(line => ({ ...line, text: line.isMute ? '' : this.spec.write(line.value(sample)) }));
    if (bound) entries.push({ name: 'bound', tone: 'bad', kind: 'bound', text: brief(bound) });
    this.writeLegend(entries.filter(({ isMute }) => !isMute));
    this.note.textContent = this.cursor.at == null ? this.spec.unit : clock.format(new Date(performance.timeOrigin + sample.at));
    this.plot.setAttribute('aria-valuemin', String(-this.span / 1000));
    if (this.cursor.at == null && document.activeElement === this.plot) return; // a screen reader may be reading the current value
    const ago = Math.round((this.now - sample.at) / 1000);
    this.plot.setAttribute('aria-valuenow', String(this.cursor.at == null ? 0 : -ago));
    this.plot.setAttribute('aria-valuetext', `${this.cursor.at == null ? 'now' : `${ago} seconds ago`}: ${entries.filter(({ text }) => text).map(({ name, text }) => `${name} ${text}`).join(', ')}`);
  }

  point(event) {
    const box = this.plot.getBoundingClientRect();
    const part = (event.clientX - box.left - EDGE.left) / (box.width - EDGE.left - EDGE.right);
    this.cursor.move(this.now - this.span * (1 - Math.min(1, Math.max(0, part))));
  }

  press(event) {
    if (!this.samples?.length) return;
    const at = this.samples.indexOf(this.pointed);
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, PageUp: at - 10, PageDown: at + 10, Home: 0, End: this.samples.length - 1 }[event.key];
    if (event.key === 'Escape') this.cursor.move(null);
    else if (to == null) return;
    else this.cursor.move(this.samples[Math.min(this.samples.length - 1, Math.max(0, to))].at);
    event.preventDefault();
  }

  tabulate() {
    if (!this.samples?.length) return;
    const lines = this.spec.lines(this.samples);
    const step = Math.max(1, Math.floor(this.samples.length / 12));
    const rows = this.samples.filter((_, at) => (this.samples.length - 1 - at) % step === 0).reverse();
    this.writeTable('As of when the table was opened, latest first.', ['Time', ...lines.map(line => line.name)],
      rows.map(sample => [clock.format(new Date(performance.timeOrigin + sample.at)), ...lines.map(line => this.spec.write(line.value(sample)))]));
  }
}

/** The distribution of the age of results over the shown time. */
class AgeChart extends Figure {
  constructor(parent, spec) {
    super(parent, spec);
    this.spec = spec;
    this.plot.classList.add('still');
  }

  show(samples) {
    this.samples = samples;
    this.redraw();
  }

  redraw() {
    const { width, height } = this.size;
    const last = this.samples?.at(-1)?.stats;
    if (!last || width < EDGE.left + 20) return;
    this.svg.replaceChildren();
    this.svg.setAttribute('viewBox', `0 0 ${width} ${height}`);
    if (!last.staleness) return;
    const counts = this.counts();
    const total = sum(counts);
    const bounds = last.staleness.boundariesSeconds;
    const limit = last.maxStalenessSeconds;
    const within = sum(counts.filter((_, at) => bounds[at] <= limit));
    const wide = (width - EDGE.left - EDGE.right) / counts.length;
    const y = value => EDGE.top + (height - EDGE.top - EDGE.bottom) * (1 - value);
    this.writeScale(1, share, y);
    counts.forEach((amount, at) => {
      const share = total ? amount / total : 0;
      if (share > 0) {
        const high = Math.max(2, y(0) - y(share));
        this.svg.append(shape('rect', { class: `bar ${bounds[at] <= limit ? 'good' : 'warn'}`, x: EDGE.left + at * wide + 1, width: Math.max(1, wide - 2), y: y(0) - high, height: high, rx: 1.5 }));
      }
      const isLimit = bounds[at] === limit;
      if (isLimit) {
        const x = EDGE.left + (at + 1) * wide;
        this.svg.append(shape('line', { class: 'bound bad', x1: x, x2: x, y1: EDGE.top, y2: y(0) }));
      }
      if (bounds[at] != null && (isLimit || this.isLabeled(at, bounds, limit, wide)))
        this.svg.append(shape('text', { x: EDGE.left + (at + 1) * wide, y: height - 4, 'text-anchor': 'middle' }, brief(bounds[at])));
    });
    this.writeLegend([
      { name: 'within the bound', tone: 'good', text: total ? percent(within / total) : '–' },
      { name: 'older, permitted', tone: 'warn', text: total ? whole.format(total - within) : '–' },
      { name: 'bound', tone: 'bad', kind: 'bound', text: brief(limit) },
    ]);
  }

  /** The number of results in each bucket since the first shown sample. */
  counts() {
    const first = this.samples[0].stats.staleness?.counts, last = this.samples.at(-1).stats.staleness.counts;
    return last.map((amount, at) => Math.max(0, amount - (this.samples.length > 1 ? first?.[at] ?? 0 : 0)));
  }

  /** Labels are at least 34 pixels apart, also from the label of the staleness bound. */
  isLabeled(at, bounds, limit, wide) {
    const every = Math.max(1, Math.ceil(34 / wide));
    const fixed = bounds.indexOf(limit);
    return fixed < 0 ? at % every === 0 : (at - fixed) % every === 0;
  }

  tabulate() {
    const last = this.samples?.at(-1)?.stats;
    if (!last?.staleness) return;
    const bounds = last.staleness.boundariesSeconds;
    const label = at => at < bounds.length ? `up to ${brief(bounds[at])}` : `above ${brief(bounds.at(-1))}`;
    this.writeTable('As of when the table was opened.', ['Age', 'Results'], this.counts().map((amount, at) => [label(at), whole.format(amount)]));
  }
}
