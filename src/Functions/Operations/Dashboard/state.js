// What the figures mean to whoever is on call: the same conditions and words as the runbook.

const SEVERITY = { good: 0, other: 0, warn: 1, bad: 2 };

/** @returns {{level, headline, sentence, checks: {name, level, word, detail}[]}} */
function assess(history) {
  const stats = history.last.stats;
  const recent = history.recent();
  const checks = [feedCheck(stats), storeCheck(stats, recent), answersCheck(stats, recent), probeCheck(stats), memoryCheck(stats)];
  const worst = checks.reduce((a, b) => SEVERITY[b.level] > SEVERITY[a.level] ? b : a);
  if (SEVERITY[worst.level] === 0) {
    return {
      level: 'good',
      headline: 'Promise kept',
      sentence: `No answer is older than ${brief(stats.maxStalenessSeconds)}, unless its caller asked for an older one.`,
      checks,
    };
  }
  return { level: worst.level, headline: worst.headline, sentence: worst.sentence, checks };
}

function feedCheck(stats) {
  const name = 'Change feed';
  const promise = stats.maxStalenessSeconds ?? Infinity;
  const ranges = stats.feed.ranges;
  const instead = `Until it is, users older than ${brief(stats.maxStalenessSeconds)} are read from Cosmos DB again: answers stay fresh, and cost more.`;
  const slowest = slowestRange(stats);
  if (!stats.feed.armed) {
    return {
      name, level: 'warn', word: 'not armed', detail: `epoch ${stats.feed.epoch}`,
      headline: 'Feed not armed', sentence: `The change feed does not cover what is in memory. ${instead}`,
    };
  }
  if (stats.feed.paused)
    return { name, level: 'other', word: 'at rest', detail: 'Nobody asks, so nothing is polled. The first request catches up.' };
  if (slowest && slowest.lag > promise) {
    return {
      name, level: 'warn', word: 'behind', detail: `Range ${slowest.range} was read to its end ${seconds(slowest.lag)} ago.`,
      headline: 'Feed behind', sentence: `A range of the change feed was not read to its end for more than ${brief(promise)}. ${instead}`,
    };
  }
  return {
    name, level: 'good', word: 'followed',
    detail: `${ranges.length} ${ranges.length === 1 ? 'range' : 'ranges'}, the slowest ${seconds(slowest?.lag)} behind`,
  };
}

/** The range that was read to its end the longest ago; one that never was counts as infinitely long ago. */
function slowestRange(stats) {
  const lags = stats.feed.ranges.map(({ range, lagSeconds }) => ({ range, lag: lagSeconds ?? Infinity }));
  return lags.length ? lags.reduce((a, b) => b.lag > a.lag ? b : a) : null;
}

function storeCheck(stats, recent) {
  const name = 'Cosmos DB';
  if (recent?.failures > 0) {
    return {
      name, level: 'bad', word: recent.throttled > 0 ? 'failing, throttled (429)' : 'failing', detail: `${perSecond(recent.failures)} lookups end with an error`,
      headline: 'Lookups fail', sentence: 'Cosmos DB does not answer what memory cannot. Users in memory are served as long as they are fresh.',
    };
  }
  if (recent?.throttled > 0) {
    return {
      name, level: 'warn', word: 'throttled (429)', detail: `${perSecond(recent.throttled)} requests are refused`,
      headline: 'Cosmos DB throttles', sentence: 'Requests are refused for want of throughput (429), also when they are sent again. Lookups that miss fail, or get what is in memory.',
    };
  }
  if (recent?.storeFailures > 0) {
    return {
      name, level: 'warn', word: 'failing at times', detail: `${perSecond(recent.storeFailures)} requests fail`,
      headline: 'Cosmos DB fails at times', sentence: 'Some requests to Cosmos DB fail; no lookup ends with an error for it so far.',
    };
  }
  const took = recent?.readSeconds == null ? '' : `, ${seconds(recent.readSeconds)} each`;
  return recent?.reads > 0
    ? { name, level: 'good', word: 'answers', detail: `${perSecond(recent.reads)} reads${took}` }
    : { name, level: 'other', word: 'not asked', detail: 'no reads in these seconds' };
}

function answersCheck(stats, recent) {
  const name = 'Answers';
  if (recent?.servedStale > 0) {
    return {
      name, level: 'warn', word: 'stale by leave', detail: `${perSecond(recent.servedStale)} older than ${brief(stats.maxStalenessSeconds)}`,
      headline: 'Stale answers, by leave',
      sentence: `Answers older than ${brief(stats.maxStalenessSeconds)} are given, since the caller (max-stale, stale-if-error) or the owner (StaleIfError) allows it. They say so.`,
    };
  }
  return recent?.lookups > 0
    ? { name, level: 'good', word: 'fresh', detail: 'none was older than the promise' }
    : { name, level: 'other', word: 'none', detail: 'nobody asks' };
}

function probeCheck({ probe, maxStalenessSeconds }) {
  const name = 'Probe';
  if (!probe?.enabled) return { name, level: 'other', word: 'off', detail: 'no samples are compared with Cosmos DB' };
  if (probe.violations > 0) {
    return {
      name, level: 'bad', word: `${whole.format(probe.violations)} violations`, detail: `of ${whole.format(probe.sampled)} samples`,
      headline: 'Promise broken',
      sentence: `Users that passed for fresh were older than ${brief(maxStalenessSeconds)} when compared with Cosmos DB. This must never happen.`,
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
      headline: 'Memory full', sentence: 'The cache is at its bound: users that are asked for make room by pushing others out, and the hit ratio falls.',
    };
  }
  return { name, level: 'good', word, detail };
}
