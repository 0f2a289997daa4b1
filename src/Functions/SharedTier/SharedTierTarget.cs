using System.Globalization;
using Lookup.Domain.SharedTier;
using Lookup.Functions.Settings;
using Lookup.Functions.SharedTier.Memcached;
using Lookup.Functions.SharedTier.Redis;
using StackExchange.Redis;

namespace Lookup.Functions.SharedTier;

/// <summary>The server named by <c>Lookup__SharedTier</c>: a StackExchange.Redis connection string, or <c>memcached://host:port</c>.</summary>
/// <remarks>
/// Neither a message nor <see cref="ToString"/> contains a part of the setting other than the first endpoint. A password with a comma ends at
/// the comma, and the client takes the rest for an option or another endpoint, so even names of options can be secret.
/// </remarks>
internal sealed class SharedTierTarget
{
    private const string Setting = "SharedTier";
    private const string MemcachedScheme = "memcached://";
    private const int MemcachedPort = 11211;

    private const string Allowed =
        "a StackExchange.Redis connection string that begins with an endpoint, such as cache.example.com:6380,ssl=true,password=…,"
        + " or memcached://host:port";

    private readonly string _text;
    private readonly string _endpoint;

    private SharedTierTarget(string text, string endpoint, (string Host, int Port)? memcached) =>
        (_text, _endpoint, Memcached) = (text, endpoint, memcached);

    /// <summary>Gets the memcached server, or <see langword="null"/> if the target is Redis.</summary>
    public (string Host, int Port)? Memcached { get; }

    /// <summary>Parses the value of the setting.</summary>
    /// <exception cref="LookupSettingsException">The value is not valid.</exception>
    public static SharedTierTarget Parse(string text)
    {
        text = text.Trim();
        return text.StartsWith(MemcachedScheme, StringComparison.OrdinalIgnoreCase) ? ParseMemcached(text) : ParseRedis(text);
    }

    /// <summary>Opens the tier. It connects in the background, and again whenever it loses the connection.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="callTimeout">The time limit of a call, in addition to that of its token.</param>
    public ISharedTier Open(TimeProvider time, TimeSpan callTimeout) =>
        Memcached is var (host, port) ? new MemcachedTier(host, port, time) : new RedisTier(RedisOptions.Create(_text, callTimeout));

    /// <summary>Returns the kind and the first endpoint, which can be logged.</summary>
    public override string ToString() => $"{(Memcached is null ? "Redis" : "memcached")} at {_endpoint}";

    private static SharedTierTarget ParseMemcached(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Host.Length == 0)
            throw Invalid("it is not an address of the form memcached://host:port");
        if (uri.UserInfo.Length > 0)
            throw Invalid("it contains a user or a password, which the meta protocol of memcached does not have");
        if (uri.AbsolutePath is not ("" or "/") || uri.Query.Length > 0 || uri.Fragment.Length > 0)
            throw Invalid("something follows the port of memcached://host:port");
        if (uri.Port == 0)
            throw Invalid("its port is 0, and ports are numbers from 1 to 65535");

        var (host, port) = (uri.IdnHost, uri.Port < 0 ? MemcachedPort : uri.Port);
        var endpoint = uri.HostNameType == UriHostNameType.IPv6 ? $"[{host}]" : host;
        return new SharedTierTarget(text, string.Create(CultureInfo.InvariantCulture, $"{endpoint}:{port}"), (host, port));
    }

    private static SharedTierTarget ParseRedis(string text)
    {
        var first = text.Split(',', 2)[0].Trim();
        if (first.Contains("://", StringComparison.Ordinal))
            throw Invalid("it is a URI with a scheme other than memcached");
        if (first.Length == 0 || first.Contains('='))
            throw Invalid("it does not begin with an endpoint");

        try
        {
            // Whoever configures "host:70000" means a port, but the client takes it for a name.
            if (ConfigurationOptions.Parse(first).EndPoints is not [var endpoint] || endpoint is System.Net.DnsEndPoint { Host: var host } && host.Contains(':'))
                throw Invalid("its first part is not an endpoint of the form host:port");
            _ = RedisOptions.Create(text, RedisOptions.CallTimeout);
        }
        catch (ArgumentException)
        {
            throw Invalid("the client does not accept it: an option is unknown, or the value of one is not valid");
        }

        return new SharedTierTarget(text, first, null);
    }

    private static LookupSettingsException Invalid(string reason) =>
        new($"{SettingsSection.NameOf(Setting)} is not valid: {reason}. It must be {Allowed}. Its value is not shown because it can contain a password.");
}
