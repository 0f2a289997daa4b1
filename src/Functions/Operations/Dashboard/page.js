// The page: polls the statistics once per second and displays them.

const POLL_INTERVAL = 1_000;
const RESPONSE_TIMEOUT = 4_000;
const MIN_SPAN = 60_000; // the shortest time that the charts show
const OUTDATED_AFTER = 3_500; // older figures are marked as old

const $ = id => document.getElementById(id);
const histories = new Histories();
const cursor = { at: null, move(at) { cursor.at = at; for (const chart of timeCharts) chart.redraw(); } };
let span = 300_000;
let isPaused = false;
let respondedAt = null;
let problem = null; // the reason why the latest poll failed

// The key arrives in the address. The page keeps it in memory only, and removes it from the address bar, the history and the referrer.
const address = new URL(location.href);
const key = address.searchParams.get('code');
if (key !== null) {
  address.searchParams.delete('code');
  history.replaceState(null, '', address);
}

const TONES = {
  hit: ['hit', 'good'], sharedTier: ['from the shared tier', 'other'], miss: ['miss', 'read'], stale: ['stale', 'read'], requested: ['read on request', 'other'], revalidated: ['revalidated', 'other'],
  collapsed: ['joined', 'other'], servedStale: ['served stale', 'warn'], notCached: ['not cached', 'warn'], error: ['error', 'bad'],
  overBudget: ['over budget', 'warn'],
};
const TIER_RESULTS = { accepted: ['accepted', 'good'], missing: ['missing', 'read'], refused: ['not proven current', 'other'], unusable: ['not usable', 'warn'] };
const REASONS = { follower: ['change feed', 'read'], trigger: ['trigger', 'good'], administrator: ['administrator', 'other'] };

/** One line for each name that occurs in the shown time, and always for the usual ones. */
function named(samples, names, usual, values) {
  const seen = new Set(usual);
  for (const sample of samples) for (const [name, value] of Object.entries(values(sample) ?? {})) if (value > 0) seen.add(name);
  const order = Object.keys(names);
  return [...seen].sort((a, b) => (order.indexOf(a) + 1 || 99) - (order.indexOf(b) + 1 || 99)).map(name => ({
    name: names[name]?.[0] ?? name, tone: names[name]?.[1] ?? 'other', value: sample => values(sample)?.[name],
  }));
}

const lagOf = (sample, range) => sample.stats.feed.ranges.find(other => other.range === range && isFollowed(other))?.lagSeconds;

const charts = [
  { id: 'chart-hits', title: 'Hit ratio', unit: 'share of lookups', write: percent, scale: share, max: 1, filled: true,
    lines: () => [{ name: 'from the cache', tone: 'good', value: sample => sample.point?.hitRatio }] },
  { id: 'chart-requests', title: 'Requests', unit: 'per second, by outcome', write: count, stacked: true,
    lines: samples => named(samples, TONES, ['hit', 'miss', 'error'], sample => sample.point?.outcomes) },
  { id: 'chart-lag', title: 'Feed lag', unit: 'since read to its end', write: seconds, scale: brief, bound: stats => stats.maxStalenessSeconds,
    lines: samples => {
      const ranges = samples.at(-1).stats.feed.ranges.filter(isFollowed).map(({ range }) => range);
      return [
        ...(ranges.length > MAX_RANGES ? [] : ranges).map(range => ({ name: `range ${range}`, tone: 'other', kind: 'thin', isMute: true, value: sample => lagOf(sample, range) })),
        { name: `slowest of ${ranges.length} ${ranges.length === 1 ? 'range' : 'ranges'}`, tone: 'read', value: sample => slowestRange(sample.stats)?.lag },
      ];
    } },
  { id: 'chart-ages', title: 'Age of results', unit: 'as served' },
  { id: 'chart-evictions', title: 'Evictions', unit: 'per second, by reason', write: count,
    lines: samples => named(samples, REASONS, ['follower'], sample => sample.point?.evictions) },
  { id: 'chart-units', title: 'Request units', unit: 'per second', write: count, filled: true,
    lines: () => [
      { name: 'saved by hits', tone: 'good', value: sample => sample.point?.saved },
      { name: 'spent', tone: 'read', value: sample => sample.point?.spent },
    ] },
  { id: 'chart-store', title: 'Cosmos DB', unit: 'calls per second', write: count,
    lines: () => [
      { name: 'reads and queries', tone: 'read', value: sample => sample.point?.reads },
      { name: 'throttled', tone: 'warn', value: sample => sample.point?.throttled },
      { name: 'failed', tone: 'bad', value: sample => sample.point?.storeFailures },
    ] },
  { id: 'chart-memory', title: 'Memory', unit: 'of the process', write: bytes, min: 1 << 20, per: 1 << 20,
    lines: () => [
      { name: 'cache', tone: 'good', value: sample => sample.stats.memory?.cacheBytes ?? sample.stats.cache.bytes },
      { name: 'managed heap', tone: 'read', value: sample => sample.stats.memory?.heapBytes },
      { name: 'working set', tone: 'other', value: sample => sample.stats.memory?.workingSetBytes },
    ] },
].map(spec => spec.lines ? new TimeChart($('charts'), spec, cursor) : new AgeChart($('charts'), spec));
const timeCharts = charts.filter(chart => chart instanceof TimeChart);

/** Adds the chart of the shared tier, if there is one. */
function addTierChart() {
  const chart = new TimeChart($('charts'), { id: 'chart-tier', title: 'Shared tier', unit: 'users per second, by result', write: count,
    lines: samples => named(samples, TIER_RESULTS, ['accepted', 'missing'], sample => sample.point?.tier) }, cursor);
  charts.push(chart);
  timeCharts.push(chart);
}

const rangeTable = new RangeTable($('ranges'));

function writeTile(id, figure, unit, note, bars) {
  const [value, text, bar] = $(id).children;
  value.replaceChildren(figure, ...(unit ? [element('small', {}, unit)] : []));
  text.textContent = note;
  while (bar.children.length > bars.length) bar.lastChild.remove();
  bars.forEach(([tone, part], at) => {
    const piece = bar.children[at] ?? bar.appendChild(element('u'));
    piece.className = tone;
    piece.style.width = `${Math.max(0, Math.min(1, part || 0)) * 100}%`;
  });
}

/** Splits a text such as "99.2 %" or "240/s" into number and unit, because the unit is displayed smaller. */
const split = text => /^([−\d.,]+)[\s]?(.*)$/.exec(text)?.slice(1) ?? [text, ''];

function writeTiles(history) {
  const stats = history.last.stats;
  const recent = history.recent();
  const all = stats.feed.ranges, followed = all.filter(isFollowed), bound = stats.maxStalenessSeconds;
  const age = followed.length === all.length ? stats.feed.confirmedAgeSeconds : slowestRange(stats)?.lag; // of the ranges that are followed
  const part = followed.length === all.length ? '' : `${followed.length} of ${all.length} ranges, `;
  writeTile('tile-age', ...split(Number.isFinite(age) ? seconds(age) : '–'), stats.feed.paused ? 'ago, polling paused' : followed.length === 0 && all.length > 0 ? 'not followed' : Number.isFinite(age) ? `ago, ${part}bound ${brief(bound)}` : 'not confirmed',
    [[stats.feed.paused ? 'other' : age <= bound ? 'good' : 'warn', age / bound]]);
  writeTile('tile-hits', ...split(percent(recent?.hitRatio)), recent?.lookups ? `${whole.format(recent.hits)} of ${whole.format(recent.lookups)} lookups in ${whole.format(recent.seconds)} s` : 'no recent lookups',
    [['good', recent?.hitRatio]]);

  const outcomes = Object.entries(recent?.outcomes ?? {});
  const requests = recent ? sum(outcomes.map(([, rate]) => rate)) : null;
  const errors = recent?.outcomes.error ?? 0;
  writeTile('tile-requests', ...split(perSecond(requests)), errors > 0 ? `${perSecond(errors)} failed` : 'none failed',
    Object.keys(TONES).filter(name => recent?.outcomes[name] > 0).map(name => [TONES[name][1], recent.outcomes[name] / requests]));

  const { requestUnitsSaved: saved, requestUnitsSpent: spent } = stats;
  writeTile('tile-saved', ...split(saved + spent > 0 ? percent(saved / (saved + spent)) : '–'),
    `${whole.format(saved)} RU saved, ${whole.format(spent)} spent since startup`, [['good', saved / (saved + spent)], ['read', spent / (saved + spent)]]);
}

function writeState({ level, headline, sentence, checks }) {
  $('state').dataset.level = level;
  if ($('headline').textContent !== headline) $('headline').textContent = headline; // assigned only on change, because screen readers announce it
  $('sentence').textContent = sentence;
  document.title = `${headline} – Lookup dashboard`;
  const list = $('checks');
  while (list.children.length > checks.length) list.lastChild.remove();
  checks.forEach(({ name, level, word, detail }, at) => {
    const item = list.children[at] ?? list.appendChild(element('li', {}, element('span', { class: 'mark', 'aria-hidden': 'true' }), element('b'), element('p')));
    item.className = level;
    item.dataset.check = name;
    item.children[1].textContent = `${name}: ${word}`;
    item.children[2].textContent = detail;
  });
}

function writeInstances() {
  const names = [...histories.all.keys()];
  $('chooser').hidden = names.length < 2;
  const list = $('instances');
  if (names.join() !== [...list.options].map(option => option.value).join())
    list.replaceChildren(...names.map(name => element('option', { value: name }, name)));
  list.value = histories.shown.name;
  $('instance').textContent = histories.shown.name;
}

function show() {
  const now = performance.now();
  const history = histories.shown;
  if (history) {
    const last = history.last;
    writeInstances();
    const isOld = !isPaused && now - last.at > OUTDATED_AFTER;
    document.body.classList.toggle('old', isOld || problem !== null);
    $('beat').className = `beat ${isPaused ? '' : problem || isOld ? 'late' : 'live'}`;
    $('age').textContent = isPaused ? ' · paused' : isOld || problem ? ` · figures are ${whole.format((now - last.at) / 1000)} s old` : ` · up ${seconds(last.stats.uptimeSeconds)}`;
    const until = isPaused ? last.at : now;
    const samples = history.within(span, until);
    const drawn = Math.min(span, Math.max(MIN_SPAN, until - history.samples[0].at)); // charts are not half empty at the beginning
    if (last.stats.sharedTier && !$('chart-tier')) addTierChart();
    if (samples.length) for (const chart of charts) chart.show(samples, until, drawn);
    writeTiles(history);
    rangeTable.show(last.stats);
    if (!problem) writeState(isOld && histories.all.size > 1 ? silent(history, now) : assess(history));
  }
  if (problem) writeState({ level: 'bad', checks: [], ...problem });
}

const silent = (history, now) => ({
  level: 'warn', headline: 'No response from this instance', checks: [],
  sentence: `Other instances respond at this address; ${history.name} last responded ${whole.format((now - history.last.at) / 1000)} s ago. A load balancer may select it again.`,
});

const REJECTED = {
  401: { headline: 'Key rejected', sentence: 'The key is missing or not valid for this service. Open the page as /api/dashboard?code=… with an administrator\'s key.' },
  403: { headline: 'Administrator\'s key required', sentence: 'The statistics are available to administrators only. Open the page as /api/dashboard?code=… with an administrator\'s key.' },
};

/** Polls once. @returns whether to continue polling. */
async function poll() {
  try {
    const response = await fetch('stats', { headers: key === null ? {} : { 'x-functions-key': key }, cache: 'no-store', signal: AbortSignal.timeout(RESPONSE_TIMEOUT) });
    if (response.ok) {
      histories.add(await response.json(), performance.now());
      respondedAt = performance.now();
      problem = null;
      return true;
    }
    problem = REJECTED[response.status] ?? { headline: 'No statistics', sentence: `The instance returned status ${response.status} instead of statistics. The page retries every second.` };
    return response.status !== 401 && response.status !== 403;
  } catch (error) {
    if (!(error instanceof TypeError || error.name === 'TimeoutError' || error.name === 'AbortError' || error instanceof SyntaxError)) throw error;
    const since = respondedAt === null ? '' : ` for ${whole.format((performance.now() - respondedAt) / 1000)} s`;
    problem = { headline: 'No response', sentence: `The instance has not responded${since}. The page retries every second; the figures below are outdated.` };
    return true;
  }
}

async function run() {
  const startedAt = performance.now();
  const shouldContinue = isPaused || await poll();
  show();
  if (shouldContinue) setTimeout(run, Math.max(100, POLL_INTERVAL - (performance.now() - startedAt)));
}

for (const choice of document.querySelectorAll('input[name=span]')) choice.addEventListener('change', () => { span = +choice.value * 1000; show(); });
$('instances').addEventListener('change', event => { histories.choose(event.target.value); show(); });
$('pause').addEventListener('click', () => {
  isPaused = !isPaused;
  $('pause').setAttribute('aria-pressed', String(isPaused));
  show();
});
run();
