// The table of the feed ranges: what each costs and saves, and whether and why it is polled.

const MAX_RANGES = 32; // more ranges than this are neither drawn nor listed individually

/** A range that is polled for requests only need not be up to date. */
function isFollowed({ polling }) {
  return polling !== 'onDemand';
}

/** @returns {{level, word, detail}} whether a range is polled, and why */
function pollingOf({ polling, intervalSeconds, lagSeconds }, bound) {
  if (polling === 'paused') return { level: 'other', word: 'paused', detail: 'there are no lookups' };
  if (polling === 'onDemand') {
    return lagSeconds == null
      ? { level: 'other', word: 'not followed', detail: 'its first poll would cost more than it saves' }
      : { level: 'other', word: 'not followed', detail: 'it would cost more than it saves; polled only for requests' };
  }
  const every = intervalSeconds == null ? 'the last poll failed' : `polled every ${brief(intervalSeconds)}`;
  if (lagSeconds == null) return { level: 'warn', word: 'not armed', detail: `not read to its end yet; ${every}` };
  const read = `read to its end ${seconds(lagSeconds)} ago`;
  return lagSeconds > bound || intervalSeconds == null ? { level: 'warn', word: 'behind', detail: `${read}; ${every}` } : { level: 'good', word: every, detail: read };
}

class RangeTable {
  constructor(table) {
    this.caption = table.caption;
    this.rows = table.tBodies[0];
    this.others = table.tFoot.rows[0];
  }

  show({ feed, maxStalenessSeconds }) {
    const ranges = feed.ranges.toSorted((a, b) => b.requestCharge - a.requestCharge || b.requestChargeSaved - a.requestChargeSaved || (a.range < b.range ? -1 : 1));
    const listed = ranges.slice(0, MAX_RANGES), rest = ranges.slice(MAX_RANGES);
    const cost = sum(ranges.map(range => range.requestCharge)), saved = sum(ranges.map(range => range.requestChargeSaved));
    write(this.caption, ranges.length === 0 ? 'The feed is not started.'
      : `Since the feed was started, polls have cost ${count(cost)} RU, and the reads that they have saved would have cost ${count(saved)} RU.`);

    while (this.rows.rows.length > listed.length) this.rows.lastElementChild.remove();
    listed.forEach((range, at) => {
      const row = this.rows.rows[at] ?? this.rows.appendChild(element('tr', {}, element('th', { scope: 'row' }),
        element('td', {}, element('span', { class: 'mark', 'aria-hidden': 'true' }), element('b'), element('p')), element('td'), element('td')));
      const { level, word, detail } = pollingOf(range, maxStalenessSeconds ?? Infinity);
      if (row.dataset.range !== range.range) row.cells[0].replaceChildren(...range.range.split(/(?<=-)/).flatMap(part => [part, element('wbr')]));
      row.dataset.range = range.range;
      row.cells[1].className = level;
      write(row.cells[1].children[1], word);
      write(row.cells[1].children[2], detail);
      write(row.cells[2], total(range.requestCharge));
      write(row.cells[3], total(range.requestChargeSaved));
    });

    this.others.hidden = rest.length === 0;
    const followed = rest.filter(isFollowed).length;
    write(this.others.cells[0], `${rest.length} others`);
    write(this.others.cells[1], feed.paused ? 'paused' : `${followed} of them followed`);
    write(this.others.cells[2], total(sum(rest.map(range => range.requestCharge))));
    write(this.others.cells[3], total(sum(rest.map(range => range.requestChargeSaved))));
  }
}

/** Changes a text only if it differs, so that a selection stays and a screen reader can read on. */
function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
