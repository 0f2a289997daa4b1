using Lookup.Domain.Caching;
using Lookup.Domain.Feed;
using Lookup.Functions.Cosmos;
using Lookup.Functions.Cosmos.Documents;
using Lookup.Functions.Cosmos.Feed;
using Lookup.Functions.Http;
using Lookup.Functions.Probe;
using Lookup.Functions.Resilience;
using Lookup.Functions.Settings;
using Lookup.Functions.SharedTier;
using Lookup.Functions.SharedTier.Sealing;
using Lookup.Functions.Users;

namespace Lookup.Functions.Hosting;

/// <summary>The reader of all settings, which stops at the first invalid one with an error message.</summary>
internal static class SettingsReader
{
    public const string DefaultCacheControl = "private, no-cache";

    /// <summary>The minimum length of a key. A shorter one could be guessed.</summary>
    private const int MinKeyLength = 16;

    /// <summary>The maximum length of a key. All headers of a request together are limited to 16 KiB.</summary>
    private const int MaxKeyLength = 1024;

    private static readonly string[] ReservedParameters = [UserKeyReader.PartitionKeyParameter, KeyMiddleware.QueryParameter];
    private static readonly UserCacheOptions CacheDefaults = new();
    private static readonly FollowerOptions FollowerDefaults = new();
    private static readonly StoreGuardOptions GuardDefaults = new();

    /// <summary>Reads and validates all settings.</summary>
    /// <exception cref="LookupSettingsException">A setting is missing or not valid.</exception>
    public static LookupSettings Read(IConfiguration configuration) => Read(configuration, MachineLimits.Read());

    /// <summary>Reads and validates all settings for a process with the given limits.</summary>
    /// <exception cref="LookupSettingsException">A setting is missing or not valid.</exception>
    public static LookupSettings Read(IConfiguration configuration, MachineLimits limits)
    {
        var section = new SettingsSection(configuration);
        var cosmos = CosmosSettings.Read(configuration, section);
        var shape = ReadShape(section);
        var cache = ReadCache(section, cosmos.FeedMode);
        var guard = ReadGuard(section, cache.ReadDeadline);
        var connections = ReadConnections(section, ConnectionCapacity.Of(limits, CosmosConnection.MaxConnectionsFor(guard.Concurrency)));
        var settings = new LookupSettings
        {
            Cosmos = cosmos with { ReadDeadline = cache.ReadDeadline, Concurrency = guard.Concurrency, PartitionKey = shape.PartitionKey },
            Shape = shape,
            Cache = cache,
            Follower = ReadFollower(section),
            Guard = guard,
            Probe = new ProbeOptions(section.Number("ProbeRequestUnitsPerSecond", 0, 1000)),
            Http = ReadHttp(section),
            SharedTier = ReadSharedTier(section),
            Connections = connections,
            ApiReference = section.Flag("ApiReference", true),
            Unknown = [],
        };
        section.RejectMisspelled();
        return settings with { Unknown = [.. section.Unknown, .. cosmos.Account.Unknown] };
    }

    /// <summary>
    /// Reads the numbers of connections. A number that the process cannot have is lowered rather than refused, because the same settings
    /// are used on machines of different sizes.
    /// </summary>
    private static ConnectionSettings ReadConnections(SettingsSection section, ConnectionCapacity capacity)
    {
        const string Name = "MaxConnections";
        var configured = section.Count(Name, 0, 1, RequestLimits.MaxConnectionsLimit);
        var max = configured == 0 ? capacity.Default : Math.Min(configured, capacity.Max);
        var perAddress = section.Count(
            "MaxConnectionsPerAddress",
            max - max / 8,
            1,
            configured == 0 ? RequestLimits.MaxConnections : configured,
            $" ({SettingsSection.NameOf(Name)})");
        return new ConnectionSettings
        {
            Max = max,
            MaxPerAddress = Math.Min(perAddress, max),
            Warning = configured > max ? $"{SettingsSection.NameOf(Name)} is {configured}, but at most {max} connections are possible: {capacity.Reason}"
                : capacity.IsTooSmall ? $"Only {max} connections are accepted, and even these may fail: {capacity.Reason}"
                : null,
        };
    }

    private static HttpOptions ReadHttp(SettingsSection section)
    {
        var options = new HttpOptions
        {
            KeyRequestUnitsPerSecond = section.Number("KeyRequestUnitsPerSecond", 0, 1_000_000),
            CacheControl = ReadCacheControl(section),
            Keys = ReadKeys(section, "Keys"),
            AdminKeys = ReadKeys(section, "AdminKeys"),
        };
        return options.Keys.Any(options.AdminKeys.Contains)
            ? throw new LookupSettingsException(
                $"{SettingsSection.NameOf("Keys")} and {SettingsSection.NameOf("AdminKeys")} have a key in common; a key for lookups must not also be an administrator's key.")
            : options;
    }

    /// <summary>Reads a list of keys. Keys are secrets, so error messages do not contain them.</summary>
    private static IReadOnlyList<string> ReadKeys(SettingsSection section, string name)
    {
        var keys = section.List(name, []);
        if (keys.Any(key => key.Length is < MinKeyLength or > MaxKeyLength || !key.All(c => c is > ' ' and <= '~')))
        {
            throw new LookupSettingsException(
                $"{SettingsSection.NameOf(name)} has a value that cannot be a key; a key has {MinKeyLength} to {MaxKeyLength} printable ASCII characters without blanks.");
        }

        return keys;
    }

    private static DocumentShape ReadShape(SettingsSection section)
    {
        var alternateKeys = SinglePaths("AlternateKeys", section.List("AlternateKeys", ["/email"]));
        var names = alternateKeys.Select(path => path.Name).Concat(ReservedParameters);
        if (names.GroupBy(name => name, StringComparer.OrdinalIgnoreCase).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new LookupSettingsException(
                $"{SettingsSection.NameOf("AlternateKeys")} gives the query parameter '{twice.Key}' two meanings; the last names of the paths"
                + $" must differ from each other and from {string.Join(" and ", ReservedParameters)}, and not in case alone.");
        }

        return new DocumentShape(
            Paths("PartitionKeyPath", [section.Text("PartitionKeyPath", "/id")])[0],
            alternateKeys,
            SinglePaths("HiddenFields", section.List("HiddenFields", [])));

        // Several paths in one value would be the name of a property that no user has: a list of hidden fields would hide nothing.
        static IReadOnlyList<JsonPath> SinglePaths(string key, IReadOnlyList<string> texts)
        {
            var paths = Paths(key, texts);
            return paths.FirstOrDefault(path => !path.IsSingle) is { } several
                ? throw SettingsSection.Invalid(key, several.Text, $"{JsonPath.SingleRule}, each in a setting of its own ({SettingsSection.NameOf(key)}__0, {SettingsSection.NameOf(key)}__1)")
                : paths;
        }

        static IReadOnlyList<JsonPath> Paths(string key, IReadOnlyList<string> texts) =>
            [.. texts.Select(text => JsonPath.TryParse(text, out var path) ? path : throw SettingsSection.Invalid(key, text, JsonPath.Rule))];
    }

    private static UserCacheOptions ReadCache(SettingsSection section, FeedMode feedMode)
    {
        var unseen = section.Duration("MaxUnseenDelete", CacheDefaults.MaxUnseenDelete!.Value);
        var options = new UserCacheOptions
        {
            MaxStaleness = section.Duration("MaxStaleness", CacheDefaults.MaxStaleness),
            CatchUpTimeout = section.Duration("CatchUpTimeout", CacheDefaults.CatchUpTimeout),
            MaxUnseenDelete = feedMode == FeedMode.AllVersionsAndDeletes ? null : unseen,
            StaleIfError = section.Duration("StaleIfError", CacheDefaults.StaleIfError),
            ReadDeadline = section.Duration("ReadDeadline", CacheDefaults.ReadDeadline),
            SizeBytes = section.Size("CacheSizeBytes", GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4),
            EvictionPolicy = section.Choice("EvictionPolicy", CacheDefaults.EvictionPolicy),
        };
        return Validated(options, options.Validate);
    }

    private static FollowerOptions ReadFollower(SettingsSection section)
    {
        var options = new FollowerOptions
        {
            PollInterval = section.Duration("PollInterval", FollowerDefaults.PollInterval),
            IdleAfter = section.Duration("IdleAfter", FollowerDefaults.IdleAfter),
            PollDeadline = section.Duration("PollDeadline", FollowerDefaults.PollDeadline),
            Polling = section.Choice("FeedPolling", FollowerDefaults.Polling),
            Allowance = section.Number("FeedAllowance", FollowerDefaults.Allowance, FollowerOptions.MaxAllowance),
        };
        return Validated(options, options.Validate);
    }

    private static StoreGuardOptions ReadGuard(SettingsSection section, TimeSpan readDeadline) => new()
    {
        Concurrency = section.Count("StoreConcurrency", GuardDefaults.Concurrency, 1, StoreGuardOptions.MaxConcurrency),
        Queue = section.Count("StoreQueue", GuardDefaults.Queue, 0, StoreGuardOptions.MaxQueue),
        ReadDeadline = readDeadline,
    };

    private static SharedTierSettings ReadSharedTier(SettingsSection section)
    {
        var target = section.Text("SharedTier", "");
        var defaults = new SharedTierSettings();
        var settings = new SharedTierSettings
        {
            Target = target.Length == 0 ? null : SharedTierTarget.Parse(target),
            Keys = SealingKeys.Parse(section.List("SharedTierKey", [])),
            Timeout = section.Duration("SharedTierTimeout", defaults.Timeout),
            TimeToLive = section.Duration("SharedTierTimeToLive", defaults.TimeToLive),
        };
        return Validated(settings, settings.Validate);
    }

    private static string ReadCacheControl(SettingsSection section)
    {
        var text = section.Text("CacheControl", DefaultCacheControl);
        return text.All(c => c is >= ' ' and <= '~')
            ? text
            : throw SettingsSection.Invalid("CacheControl", text, "a Cache-Control field in printable ASCII, such as 'private, max-age=1'");
    }

    /// <summary>
    /// Refuses a <c>Cache-Control</c> field with which a shared cache would serve a user to a client without a key: it ignores
    /// <c>x-functions-key</c>, so it stores every response unless <c>private</c>, <c>no-store</c> or <c>no-cache</c> keeps it from that (RFC 9111 §3).
    /// </summary>
    /// <exception cref="LookupSettingsException">A shared cache may serve a response to other clients.</exception>
    public static void CheckForSharedCaches(string cacheControl)
    {
        const StringComparison AnyCase = StringComparison.OrdinalIgnoreCase;
        var isKept = false;
        var list = new FieldList(cacheControl);
        while (list.MoveNext())
        {
            // With a value, such as no-cache="Age", the directive applies only to the fields named.
            isKept |= list.Value is null
                && (list.Name.Equals("private", AnyCase) || list.Name.Equals("no-store", AnyCase) || list.Name.Equals("no-cache", AnyCase));
        }

        if (!isKept || cacheControl.Contains("public", AnyCase) || cacheControl.Contains("s-maxage", AnyCase))
        {
            throw SettingsSection.Invalid(
                "CacheControl", cacheControl, "a field with private, no-store or no-cache, and without public and s-maxage, because shared caches ignore keys");
        }
    }

    /// <summary>Validates options by the ranges of the domain. The domain's error message is kept, with the name of the setting.</summary>
    private static T Validated<T>(T options, Action validate)
    {
        try
        {
            validate();
            return options;
        }
        catch (ArgumentOutOfRangeException e)
        {
            var property = e.ParamName ?? "";
            var key = property switch
            {
                nameof(UserCacheOptions.SizeBytes) => "CacheSizeBytes",
                nameof(SharedTierSettings.Timeout) or nameof(SharedTierSettings.TimeToLive) => $"SharedTier{property}",
                _ => property,
            };
            var message = e.Message[..Math.Max(0, e.Message.IndexOf(" (Parameter", StringComparison.Ordinal))];
            throw new LookupSettingsException(string.Concat(SettingsSection.NameOf(key), message.AsSpan(property.Length)));
        }
    }
}
