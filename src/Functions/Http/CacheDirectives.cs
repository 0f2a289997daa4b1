using System.Globalization;
using Lookup.Domain.Caching;
using Lookup.Domain.Stores;
using Microsoft.Extensions.Primitives;

namespace Lookup.Functions.Http;

/// <summary>
/// The parser for the freshness directives of a request: <c>Cache-Control</c> (RFC 9111 §5.2.1, RFC 5861 §4) or, if there is none,
/// <c>Pragma</c> (§5.4). Malformed or unknown directives are ignored. If a directive is repeated, the first occurrence is used (§4.2.1).
/// </summary>
/// <param name="maxStaleness">The staleness bound, from which <c>min-fresh</c> is subtracted.</param>
/// <param name="areReadsPaidFor"><see langword="true"/> if each request has a budget for the store reads that it causes.</param>
internal sealed class CacheDirectives(TimeSpan maxStaleness, bool areReadsPaidFor = false)
{
    /// <summary>The value that replaces larger numbers (RFC 9111 §1.2.2).</summary>
    private const long MaxSeconds = 1L << 31;

    public ReadDirectives Read(HttpContext context)
    {
        var directives = Read(context.Request.Headers);
        return areReadsPaidFor ? directives with { Budget = context.Features.Get<IRequestUnitBudget>() } : directives;
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
            // Flags take no value. A flag with a value is accepted as the flag.
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
            // "Fresh for n more seconds" means at most MaxStaleness − n old now.
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

            return long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds < MaxSeconds
                ? TimeSpan.FromSeconds(seconds)
                : TimeSpan.FromSeconds(MaxSeconds);
        }
    }
}
