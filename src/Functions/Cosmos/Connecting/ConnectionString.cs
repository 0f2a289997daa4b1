using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using Lookup.Functions.Settings;

namespace Lookup.Functions.Cosmos.Connecting;

/// <summary>The parser for a connection string of Cosmos DB, which honors or reports each part of it.</summary>
/// <remarks>No message quotes a value other than the endpoint, because the text contains the account key.</remarks>
internal static class ConnectionString
{
    private const string Form = "AccountEndpoint=https://<account>.documents.azure.com:443/;AccountKey=<key>;";
    private const string Endpoint = "AccountEndpoint";
    private const string Key = "AccountKey";
    private const string AnyCertificate = "DisableServerCertificateValidation";

    private static readonly string[] Known = [Endpoint, Key, AnyCertificate];

    /// <summary>Parses a connection string.</summary>
    /// <exception cref="LookupSettingsException">A part is missing, misspelled, repeated or not valid.</exception>
    public static AccountConnection Parse(string text)
    {
        var parts = ReadParts(text);
        var unknown = parts.Names.Except(Known, StringComparer.OrdinalIgnoreCase).ToList();
        foreach (var name in unknown)
        {
            if (Spelling.Nearest(name, Known) is { } meant)
                throw new LookupSettingsException($"{AccountConnection.Name} contains '{name}', which is not a part of a connection string; did you mean {meant}?");
        }

        if (!parts.TryGetText(Endpoint, out var address) || !parts.TryGetText(Key, out var key))
            throw new LookupSettingsException($"{AccountConnection.Name} lacks AccountEndpoint or AccountKey; it must have the form {Form}");
        if (!AccountConnection.IsEndpoint(address, out var endpoint))
            throw AccountConnection.InvalidEndpoint($"{Endpoint} in {AccountConnection.Name}", address);
        if (!Convert.TryFromBase64String(key, new byte[key.Length], out var length) || length == 0)
            throw new LookupSettingsException($"{Key} in {AccountConnection.Name} is not a valid account key; it must be Base64.");

        var acceptsAny = false;
        if (parts.TryGetText(AnyCertificate, out var flag) && !bool.TryParse(flag, out acceptsAny))
            throw new LookupSettingsException($"{AnyCertificate} in {AccountConnection.Name} is not valid; it must be True or False.");

        return new AccountConnection
        {
            Endpoint = endpoint,
            Key = key,
            AcceptsAnyCertificate = acceptsAny,
            Unknown = [.. unknown.Select(name => $"{Describe(name)} in {AccountConnection.Name}")],
        };
    }

    private static Parts ReadParts(string text)
    {
        try
        {
            var parts = new Parts { ConnectionString = text };
            return parts.Names.GroupBy(name => name, StringComparer.OrdinalIgnoreCase).FirstOrDefault(group => group.Count() > 1) is { } repeated
                ? throw new LookupSettingsException($"{AccountConnection.Name} contains {Describe(repeated.Key)} {repeated.Count()} times; it must contain it once.")
                : parts;
        }
        catch (ArgumentException)
        {
            throw new LookupSettingsException($"{AccountConnection.Name} is not a valid connection string; it must have the form {Form}");
        }
    }

    /// <summary>Returns the name of a part for a message. A name that is not a word may be a piece of a key.</summary>
    private static string Describe(string name) =>
        Known.FirstOrDefault(known => known.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? (name.Length <= 40 && name.All(c => char.IsAsciiLetter(c) || c == ' ') ? $"'{name}'" : "A part with an unknown name");

    /// <summary>The parts of a connection string. The base class keeps only the last of several parts with the same name.</summary>
    private sealed class Parts : DbConnectionStringBuilder
    {
        /// <summary>Gets the names in the order of the text, including repeated names.</summary>
        public List<string> Names { get; } = [];

        [AllowNull]
        public override object this[string keyword]
        {
            get => base[keyword];
            set
            {
                Names.Add(keyword);
                base[keyword] = value;
            }
        }

        /// <summary>Called for each part without a value.</summary>
        public override bool Remove(string keyword)
        {
            Names.Add(keyword);
            return base.Remove(keyword);
        }

        public bool TryGetText(string name, [NotNullWhen(true)] out string? text)
        {
            text = TryGetValue(name, out var value) ? value.ToString() : null;
            return !string.IsNullOrEmpty(text);
        }
    }
}
