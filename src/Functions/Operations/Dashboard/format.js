// Formats numbers for display.

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const one = new Intl.NumberFormat('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });
const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });

const count = value => value == null ? '–' : value !== 0 && value < 9.95 ? one.format(value) : whole.format(value);
/** Formats large numbers briefly: 12.3M. */
const total = value => value < 999_999.5 ? count(value) : compact.format(value);
const perSecond = value => value == null ? '–' : `${count(value)}/s`;
const percent = value => value == null ? '–' : `${value > .9995 || value === 0 ? whole.format(value * 100) : one.format(Math.min(99.9, value * 100))} %`;
const units = value => value == null ? '–' : `${count(value)} RU/s`;

function seconds(value) {
  if (value == null || value === Infinity) return '–';
  if (value < 1) return `${whole.format(value * 1000)} ms`;
  if (value < 100) return `${one.format(value)} s`;
  return value < 5400 ? `${whole.format(value / 60)} min` : value < 172_800 ? `${one.format(value / 3600)} h` : `${whole.format(value / 86_400)} days`;
}

/** Formats bounds and scales without trailing zeros: 5 s rather than 5.0 s. */
const brief = value => value == null ? 'the staleness bound' : value === 0 ? '0' : value < 1 ? `${+(value * 1000).toFixed(0)} ms`
  : value < 60 ? `${+value.toFixed(2)} s` : `${+(value / 60).toFixed(1)} min`;
const share = value => `${whole.format(value * 100)} %`;

function bytes(value) {
  if (value == null) return '–';
  const names = ['B', 'KB', 'MB', 'GB', 'TB'];
  let size = value, at = 0;
  for (; size >= 1000 && at < names.length - 1; at++) size /= 1024;
  return `${at === 0 || size >= 99.5 ? whole.format(size) : one.format(size)} ${names[at]}`;
}
