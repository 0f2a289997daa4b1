using System.Diagnostics.CodeAnalysis;
using Lookup.Functions.Settings;

namespace Lookup.Functions.Cosmos.Connecting;

/// <summary>The account and the way to sign in, as <c>CosmosConnection</c> or the settings below it specify them.</summary>
internal sealed record AccountConnection
{
    public const string Name = "CosmosConnection";

    private const string EndpointName = "accountEndpoint";

    /// <summary>Gets the endpoint of the account.</summary>
    public required Uri Endpoint { get; init; }

    /// <summary>Gets the account key, or <see langword="null"/> if <see cref="Identity"/> is used. The key is a secret.</summary>
    public string? Key { get; init; }

    /// <summary>Gets the identity that signs in, or <see langword="null"/> if <see cref="Key"/> is used.</summary>
    public AccountIdentity? Identity { get; init; }

    /// <summary>Gets a value that indicates whether the certificate of the account is not verified (<c>DisableServerCertificateValidation</c>).</summary>
    /// <value>The default is <see langword="false"/>.</value>
    public bool AcceptsAnyCertificate { get; init; }

    /// <summary>Gets a value that indicates whether the endpoint is on this machine.</summary>
    public bool IsLocal => Endpoint.IsLoopback;

    /// <summary>
    /// Gets a value that indicates whether the endpoint can only be an emulator: it is on this machine, or has no TLS or no valid certificate.
    /// An emulator has one address and no regions, and few emulators support direct mode.
    /// </summary>
    public bool IsEmulator => IsLocal || AcceptsAnyCertificate || Endpoint.Scheme == Uri.UriSchemeHttp;

    /// <summary>Gets the parts of the connection string that are unknown and have no effect.</summary>
    public IReadOnlyList<string> Unknown { get; init; } = [];

    /// <summary>Gets the settings that have no effect because there is a connection string.</summary>
    public IReadOnlyList<string> Overridden { get; init; } = [];

    /// <summary>Reads the connection.</summary>
    /// <exception cref="LookupSettingsException">A setting is missing, misspelled or not valid.</exception>
    public static AccountConnection Read(IConfiguration configuration)
    {
        var section = configuration.GetSection(Name);
        var unknown = UnknownBelow(section);
        if (section.Value is { Length: > 0 } text)
        {
            return ConnectionString.Parse(text) with
            {
                Overridden = [.. section.GetChildren().Where(child => !string.IsNullOrEmpty(child.Value)).Select(child => NameOf(child.Key))],
            };
        }

        if (section[EndpointName] is not { Length: > 0 } address)
            throw Missing(configuration);

        return new AccountConnection
        {
            Endpoint = IsEndpoint(address, out var endpoint) ? endpoint : throw InvalidEndpoint(NameOf(EndpointName), address),
            Identity = AccountIdentity.Read(section),
            Unknown = unknown,
        };
    }

    /// <summary>Returns the text without the key and without secrets of the identity, which the generated text would contain.</summary>
    public override string ToString() => Endpoint.ToString();

    public static string NameOf(string setting) => $"{Name}__{setting}";

    /// <summary>
    /// Determines whether a text is a valid account endpoint. The endpoint is logged, so a URI that can contain a password or a key is
    /// rejected.
    /// </summary>
    public static bool IsEndpoint(string? text, [NotNullWhen(true)] out Uri? endpoint) =>
        Uri.TryCreate(text, UriKind.Absolute, out endpoint)
        && endpoint is { Scheme: "http" or "https", UserInfo: "", AbsolutePath: "/", Query: "", Fragment: "" };

    public static LookupSettingsException InvalidEndpoint(string name, string value)
    {
        // The value might be an account key that was pasted into the wrong setting. If so, it is not included in the message.
        var quoted = value.AsSpan().ContainsAny('=', '@') ? "not a valid endpoint" : $"'{value}'";
        return new LookupSettingsException(
            $"{name} is {quoted}; it must be the endpoint of the account, such as https://<account>.documents.azure.com:443/.");
    }

    /// <summary>Returns the settings below the connection that are unknown.</summary>
    /// <exception cref="LookupSettingsException">A setting resembles a known one.</exception>
    private static List<string> UnknownBelow(IConfigurationSection section)
    {
        string[] known = [EndpointName, .. AccountIdentity.SettingNames];
        var unknown = new List<string>();
        foreach (var child in section.GetChildren())
        {
            if (known.Contains(child.Key, StringComparer.OrdinalIgnoreCase))
                continue;
            if (AccountIdentity.UnsupportedSettingNames.Contains(child.Key, StringComparer.OrdinalIgnoreCase))
            {
                throw new LookupSettingsException(
                    $"{NameOf(child.Key)} is not supported by this service. Supported settings: {string.Join(", ", known.Select(NameOf))}.");
            }

            if (Spelling.Nearest(child.Key, known) is { } meant)
                throw Misspelled(NameOf(child.Key), NameOf(meant));
            unknown.Add(NameOf(child.Key));
        }

        return unknown;
    }

    private static LookupSettingsException Missing(IConfiguration configuration)
    {
        foreach (var child in configuration.GetChildren())
        {
            if (child.Key.Equals(Name, StringComparison.OrdinalIgnoreCase))
                continue;
            if (Spelling.Nearest(child.Key, [Name]) is not null)
                return Misspelled(child.GetChildren().FirstOrDefault() is { } first ? $"{child.Key}__{first.Key}" : child.Key, Name);
            if (Spelling.Nearest(child.Key, [NameOf(EndpointName)]) is not null)
                return Misspelled(child.Key, NameOf(EndpointName));
        }

        return new LookupSettingsException(
            $"Neither {Name} nor {NameOf(EndpointName)} is set. Set the former to a connection string, or the latter to the account endpoint"
            + " to sign in with an identity.");
    }

    private static LookupSettingsException Misspelled(string name, string meant) =>
        new($"{name} is not a setting of this service; did you mean {meant}?");
}
