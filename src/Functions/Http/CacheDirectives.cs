using System.Globalization;
using Lookup.Domain.Caching;
using Lookup.Domain.Stores;
using Microsoft.Extensions.Primitives;

namespace Lookup.Functions.Http;

/// <summary>
/// Reads what a request asks of the answer's freshness: <c>Cache-Control</c> (RFC 9111 §5.2.1, RFC 5861 §4) and, where that is
/// absent, <c>Pragma</c> (§5.4). What is malformed or unknown is ignored; of duplicates the first counts (§4.2.1).
/// </summary>
/// <param name="maxStaleness">The promise, against which <c>min-fresh</c> is reckoned.</param>
/// <param name="areReadsPaidFor">Whether each request has a budget for what it makes the store do.</param>
internal sealed class CacheDirectives(TimeSpan maxStaleness, bool areReadsPaidFor = false)
{
    /// <summary>RFC 9111 §1.2.2: a number that is too large counts as 2³¹.</summary>
    private const long Most = 1L << 31;

    public ReadDirectives Read(HttpContext context)
    {
        var asked = Read(context.Request.Headers);
        return areReadsPaidFor ? asked with { Budget = context.Features.Get<IRequestUnitBudget>() } : asked;
    }

    public ReadDirectives Read(IHeaderDictionary headers)
    {
        var fields = headers.CacheControl;
        if (fields.Count == 0)
            return headers.Pragma.Count == 0 ? default : new ReadDirectives { NoCache = Has(headers.Pragma, "no-cache") };

        var seen = new Seen();
        foreach (var field in fields)
        {
            var list = new FieldList(field);
            while (list.MoveNext())
                seen.Add(list.Name, list.Value);
        }

        return seen.ToDirectives(maxStaleness);
    }

    private static bool Has(StringValues fields, string name)
    {
        foreach (var field in fields)
        {
            var list = new FieldList(field);
            while (list.MoveNext())
            {
                if (list.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
                    return true;
            }
        }

        return false;
    }

    private ref struct Seen
    {
        private bool _noCache;
        private bool _noStore;
        private bool _onlyIfCached;
        private TimeSpan? _maxAge;
        private TimeSpan? _maxStale;
        private TimeSpan? _minFresh;
        private TimeSpan? _staleIfError;

        public void Add(ReadOnlySpan<char> name, string? value)
        {
            // The flags take no value; one that has one all the same is meant as the flag.
            if (Is(name, "no-cache"))
                _noCache = true;
            else if (Is(name, "no-store"))
                _noStore = true;
            else if (Is(name, "only-if-cached"))
                _onlyIfCached = true;
            else if (Is(name, "max-age"))
                _maxAge ??= Seconds(value);
            else if (Is(name, "max-stale"))
                _maxStale ??= value is null ? TimeSpan.MaxValue : Seconds(value);
            else if (Is(name, "min-fresh"))
                _minFresh ??= Seconds(value);
            else if (Is(name, "stale-if-error"))
                _staleIfError ??= Seconds(value);
        }

        public readonly ReadDirectives ToDirectives(TimeSpan maxStaleness)
        {
            // Fresh for n more seconds means: at most MaxStaleness − n old by now.
            var maxAge = _maxAge;
            if (_minFresh is { } minFresh)
            {
                var left = maxStaleness > minFresh ? maxStaleness - minFresh : TimeSpan.Zero;
                maxAge = maxAge < left ? maxAge : left;
            }

            return new ReadDirectives
            {
                NoCache = _noCache,
                NoStore = _noStore,
                OnlyIfCached = _onlyIfCached,
                MaxAge = maxAge,
                MaxStale = _maxStale,
                StaleIfError = _staleIfError,
            };
        }

        private static bool Is(ReadOnlySpan<char> name, string other) => name.Equals(other, StringComparison.OrdinalIgnoreCase);

        private static TimeSpan? Seconds(string? value)
        {
            if (string.IsNullOrEmpty(value) || value.AsSpan().ContainsAnyExceptInRange('0', '9'))
                return null;

            return long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds < Most
                ? TimeSpan.FromSeconds(seconds)
                : TimeSpan.FromSeconds(Most);
        }
    }
}
