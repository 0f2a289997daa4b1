// The statistics of each instance over time. Rates are computed from two consecutive responses of the same instance: behind a load
// balancer, the next response may come from another instance, and after a restart, the counts start at zero again.

const MAX_HISTORY = 900_000; // the longest time span that can be shown, in milliseconds
const RECENT = 10_000; // current values are averages over this time, in milliseconds
const MAX_INSTANCES = 16;

const sum = values => values.reduce((total, value) => total + value, 0);
const lookupsOf = cache => cache.hits + cache.misses + cache.stale + cache.requested;

/** The requests by outcome, over all functions; derived from the cache's counts if the statistics contain no requests. */
function outcomesOf(stats) {
  if (!stats.requests) {
    const { hits, misses, stale, requested, failures } = stats.cache;
    return { hit: hits, miss: misses, stale, requested, error: failures };
  }
  const outcomes = {};
  for (const { outcome, count } of stats.requests) outcomes[outcome] = (outcomes[outcome] ?? 0) + count;
  return outcomes;
}

/** The users that were requested from the shared tier, by what it had. */
function tierOf({ cache: { sharedTier } }) {
  if (!sharedTier) return undefined;
  const { accepted, missing, refused, unusable } = sharedTier;
  return { accepted, missing, refused, unusable };
}

const tierFailuresOf = ({ sharedTier }) => sharedTier ? sharedTier.failures + sharedTier.timeouts : 0;

class InstanceHistory {
  constructor(name) {
    this.name = name;
    this.samples = [];
  }

  get last() { return this.samples.at(-1); }

  add(stats, at) {
    const sample = { at, stats, outcomes: outcomesOf(stats) };
    const before = this.last;
    sample.point = before && lookupsOf(stats.cache) >= lookupsOf(before.stats.cache) ? change(before, sample) : null;
    this.samples.push(sample);
    while (this.samples[0].at < at - MAX_HISTORY) this.samples.shift();
  }

  within(span, now) { return this.samples.filter(sample => sample.at >= now - span); }

  /** The changes over the last seconds, or null if there is only one sample. */
  recent() {
    const last = this.last;
    const first = this.samples.find(sample => sample.at >= last.at - RECENT - 500);
    return first === last ? last.point : change(first, last);
  }
}

/** The changes between two responses of an instance, per second. */
function change(from, to) {
  const a = from.stats, b = to.stats;
  const seconds = b.uptimeSeconds > a.uptimeSeconds ? b.uptimeSeconds - a.uptimeSeconds : Math.max(.001, (to.at - from.at) / 1000);
  const rate = (before, after) => Math.max(0, (after ?? 0) - (before ?? 0)) / seconds;
  const rates = (before, after) => Object.fromEntries(Object.keys(after ?? {}).map(name => [name, rate(before?.[name], after[name])]));
  const lookups = rate(lookupsOf(a.cache), lookupsOf(b.cache)) * seconds;
  const hits = rate(a.cache.hits, b.cache.hits) * seconds;
  const reads = rate(a.store?.durationCount, b.store?.durationCount) * seconds;
  return {
    seconds,
    lookups,
    hits,
    hitRatio: lookups > .5 ? Math.min(1, hits / lookups) : null,
    outcomes: rates(from.outcomes, to.outcomes),
    evictions: rates(a.cache.evictions, b.cache.evictions),
    spent: rate(a.requestUnitsSpent, b.requestUnitsSpent),
    saved: rate(a.requestUnitsSaved, b.requestUnitsSaved),
    reads: rate(a.cache.storeReads + a.cache.storeQueries, b.cache.storeReads + b.cache.storeQueries),
    readSeconds: reads > .5 ? rate(a.store?.durationSumSeconds, b.store?.durationSumSeconds) * seconds / reads : null,
    failures: rate(a.cache.failures, b.cache.failures),
    storeFailures: rate(a.store?.failures, b.store?.failures),
    throttled: rate(a.store?.throttled, b.store?.throttled),
    servedStale: rate(a.cache.servedStale, b.cache.servedStale),
    tier: rates(tierOf(a), tierOf(b)),
    tierFailures: rate(tierFailuresOf(a), tierFailuresOf(b)),
    polls: rate(a.feed.polls, b.feed.polls),
  };
}

/** All instances that have responded. One of them is shown: the chosen one, or the first one until it stops responding. */
class Histories {
  constructor() {
    this.all = new Map();
    this.chosen = null;
    this.shown = null;
  }

  add(stats, at) {
    let history = this.all.get(stats.instance);
    if (!history) {
      history = new InstanceHistory(stats.instance);
      if (this.all.size >= MAX_INSTANCES) this.forgetOldest();
      this.all.set(stats.instance, history);
    }
    history.add(stats, at);
    if (this.chosen && this.all.has(this.chosen)) this.shown = this.all.get(this.chosen);
    else if (!this.shown || at - this.shown.last.at > RECENT) this.shown = history;
  }

  choose(name) {
    this.chosen = name;
    this.shown = this.all.get(name) ?? this.shown;
  }

  forgetOldest() {
    const oldest = [...this.all.values()].filter(history => history !== this.shown).sort((a, b) => a.last.at - b.last.at)[0];
    this.all.delete(oldest.name);
  }
}
