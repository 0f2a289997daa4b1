// Assesses the statistics for on-call operators, with the conditions and terms of the runbook (docs/operations.md).

const SEVERITY = { good: 0, other: 0, warn: 1, bad: 2 };

/** @returns {{level, headline, sentence, checks: {name, level, word, detail}[]}} */
function assess(history) {
  const stats = history.last.stats;
  const recent = history.recent();
  const checks = [
    feedCheck(stats), storeCheck(stats, recent), ...(stats.sharedTier ? [tierCheck(stats, recent)] : []), resultsCheck(stats, recent), probeCheck(stats), memoryCheck(stats),
  ];
  const worst = checks.reduce((a, b) => SEVERITY[b.level] > SEVERITY[a.level] ? b : a);
  if (SEVERITY[worst.level] === 0) {
    return {
      level: 'good',
      headline: 'Within the staleness bound',
      sentence: `Results are at most ${brief(stats.maxStalenessSeconds)} old, unless the request or a setting allows older ones.`,
      checks,
    };
  }
  return { level: worst.level, headline: worst.headline, sentence: worst.sentence, checks };
}

function feedCheck(stats) {
  const name = 'Change feed';
  const bound = stats.maxStalenessSeconds ?? Infinity;
  const ranges = stats.feed.ranges;
  const instead = `Until it recovers, users older than ${brief(stats.maxStalenessSeconds)} are read from Cosmos DB again. Results stay within the bound, at a higher cost.`;
  const slowest = slowestRange(stats);
  const followed = ranges.filter(isFollowed);
  if (ranges.length > 0 && followed.length === 0) {
    return {
      name, level: 'other', word: 'not followed',
      detail: 'It would cost more than it saves. Users older than the bound are read again, or their range is polled if that is cheaper.',
    };
  }
  if (!stats.feed.armed && (ranges.length === 0 || slowest.lag === Infinity)) {
    return {
      name, level: 'warn', word: 'not armed', detail: `epoch ${stats.feed.epoch}`,
      headline: 'Feed not armed', sentence: `The change feed does not cover the cached users. ${instead}`,
    };
  }
  if (stats.feed.paused)
    return { name, level: 'other', word: 'paused', detail: 'Polling is paused because there are no requests. The next request resumes it.' };
  if (slowest && slowest.lag > bound) {
    return {
      name, level: 'warn', word: 'behind', detail: slowest.lag === Infinity ? `Range ${slowest.range} has not been read to its end yet.` : `Range ${slowest.range} was last read to its end ${seconds(slowest.lag)} ago.`,
      headline: 'Feed behind', sentence: `A range of the change feed has not been read to its end for more than ${brief(bound)}. ${instead}`,
    };
  }
  return {
    name, level: 'good', word: 'followed',
    detail: `${followed.length === ranges.length ? '' : `${followed.length} of `}${ranges.length} ${ranges.length === 1 ? 'range' : 'ranges'}, maximum lag ${seconds(slowest?.lag)}`,
  };
}

/** The followed range with the longest time since it was read to its end, which is infinite if it never was. */
function slowestRange(stats) {
  const lags = stats.feed.ranges.filter(isFollowed).map(({ range, lagSeconds }) => ({ range, lag: lagSeconds ?? Infinity }));
  return lags.length ? lags.reduce((a, b) => b.lag > a.lag ? b : a) : null;
}

function storeCheck(stats, recent) {
  const name = 'Cosmos DB';
  if (recent?.failures > 0) {
    return {
      name, level: 'bad', word: recent.throttled > 0 ? 'failing, throttled (429)' : 'failing', detail: `${perSecond(recent.failures)} failed lookups`,
      headline: 'Lookups fail', sentence: 'Reads from Cosmos DB fail. Cached users are served as long as they are fresh.',
    };
  }
  if (recent?.throttled > 0) {
    return {
      name, level: 'warn', word: 'throttled (429)', detail: `${perSecond(recent.throttled)} throttled requests`,
      headline: 'Cosmos DB throttles requests', sentence: 'Cosmos DB is throttling requests (429), including retries. Cache misses fail, or get a stale result if that is allowed.',
    };
  }
  if (recent?.storeFailures > 0) {
    return {
      name, level: 'warn', word: 'intermittent failures', detail: `${perSecond(recent.storeFailures)} failed requests`,
      headline: 'Cosmos DB fails intermittently', sentence: 'Some requests to Cosmos DB fail. So far, no lookup has failed because of them.',
    };
  }
  const took = recent?.readSeconds == null ? '' : `, ${seconds(recent.readSeconds)} each`;
  return recent?.reads > 0
    ? { name, level: 'good', word: 'healthy', detail: `${perSecond(recent.reads)} reads${took}` }
    : { name, level: 'other', word: 'idle', detail: 'no recent reads' };
}

function tierCheck({ sharedTier }, recent) {
  const name = 'Shared tier';
  if (!sharedTier.used)
    return { name, level: 'other', word: 'not used', detail: 'until the account has been read, and has one write region' };
  if (!sharedTier.responding) {
    return {
      name, level: 'warn', word: 'no response', detail: sharedTier.server,
      headline: 'Shared tier does not respond', sentence: 'Users that are not cached are read from Cosmos DB. Results stay within the bound, at a higher cost.',
    };
  }
  if (recent?.tierFailures > 0) {
    return {
      name, level: 'warn', word: 'intermittent failures', detail: `${perSecond(recent.tierFailures)} failed calls`,
      headline: 'Shared tier fails intermittently', sentence: 'Some calls to the shared tier fail. The users are read from Cosmos DB.',
    };
  }
  const asked = sum(Object.values(recent?.tier ?? {}));
  return asked > 0
    ? { name, level: 'good', word: 'healthy', detail: `${percent(recent.tier.accepted / asked)} of ${perSecond(asked)} users accepted` }
    : { name, level: 'other', word: 'idle', detail: 'no user was requested recently' };
}

function resultsCheck(stats, recent) {
  const name = 'Results';
  if (recent?.servedStale > 0) {
    return {
      name, level: 'warn', word: 'stale (permitted)', detail: `${perSecond(recent.servedStale)} older than ${brief(stats.maxStalenessSeconds)}`,
      headline: 'Serving stale results (permitted)',
      sentence: `Results older than ${brief(stats.maxStalenessSeconds)} are served because the request (max-stale, stale-if-error) or a setting (StaleIfError) allows it. Each is marked as stale.`,
    };
  }
  return recent?.lookups > 0
    ? { name, level: 'good', word: 'fresh', detail: 'all within the staleness bound' }
    : { name, level: 'other', word: 'none', detail: 'no recent lookups' };
}

function probeCheck({ probe, maxStalenessSeconds }) {
  const name = 'Probe';
  if (!probe?.enabled) return { name, level: 'other', word: 'disabled', detail: 'no users are compared with Cosmos DB' };
  if (probe.violations > 0) {
    return {
      name, level: 'bad', word: `${whole.format(probe.violations)} violations`, detail: `of ${whole.format(probe.sampled)} samples`,
      headline: 'Staleness bound violated',
      sentence: `Users reported as fresh were older than ${brief(maxStalenessSeconds)} when compared with Cosmos DB. This must never happen.`,
    };
  }
  return { name, level: 'good', word: 'no violation', detail: `in ${whole.format(probe.sampled)} samples` };
}

function memoryCheck({ cache, memory }) {
  const name = 'Memory';
  const used = memory?.cacheBytes ?? cache.bytes, limit = memory?.cacheLimitBytes;
  const word = limit ? `${percent(used / limit)} of ${bytes(limit)}` : bytes(used);
  const detail = `${whole.format(cache.entries)} users and hints, ${whole.format(cache.negativeEntries)} unknown ids`;
  if (limit && used / limit > .9) {
    return {
      name, level: 'warn', word, detail,
      headline: 'Cache full', sentence: 'The cache has reached its size limit. Users are evicted to make room for others, and the hit ratio falls.',
    };
  }
  return { name, level: 'good', word, detail };
}
