using System.Buffers;
using System.Globalization;
using System.Text;

namespace Lookup.Functions.SharedTier.Memcached;

/// <summary>The verb of a command: <c>mg</c>, <c>ms</c> or <c>md</c>.</summary>
internal enum MetaVerb
{
    Get,
    Set,
    Delete,
}

/// <summary>A command of the meta protocol.</summary>
/// <remarks>
/// Each carries an opaque token (<c>O</c>), which the reply repeats. In quiet mode (<c>q</c>) the server leaves out replies, and a client that
/// counts them gives every later value to the wrong key.
/// </remarks>
internal readonly struct MetaRequest
{
    private readonly string _flags;
    private readonly ReadOnlyMemory<byte>? _value;

    private MetaRequest(MetaVerb verb, string key, string flags, ReadOnlyMemory<byte>? value) =>
        (Verb, Key, _flags, _value) = (verb, key, flags, value);

    public MetaVerb Verb { get; }

    public string Key { get; }

    /// <summary>Gets the maximum number of bytes that the command takes.</summary>
    public int MaxLength => Key.Length + (_value?.Length ?? 0) + 80;

    public static MetaRequest Get(string key) => new(MetaVerb.Get, key, " v", null);

    public static MetaRequest Delete(string key) => new(MetaVerb.Delete, key, "", null);

    public static MetaRequest Set(string key, ReadOnlyMemory<byte> value, TimeSpan timeToLive) =>
        new(MetaVerb.Set, key, $" T{SecondsOf(timeToLive)}", value);

    /// <summary>Stores a value if the key has none: mode <c>E</c>.</summary>
    public static MetaRequest Add(string key, ReadOnlyMemory<byte> value, TimeSpan timeToLive) =>
        new(MetaVerb.Set, key, $" ME T{SecondsOf(timeToLive)}", value);

    /// <summary>Checks whether a status can be that of the reply to a command.</summary>
    public static bool Allows(MetaVerb verb, MetaStatus status) => status switch
    {
        MetaStatus.Value => verb == MetaVerb.Get,
        MetaStatus.NotFound => verb is MetaVerb.Get or MetaVerb.Delete,
        MetaStatus.Done => verb is MetaVerb.Set or MetaVerb.Delete,
        MetaStatus.NotStored => verb == MetaVerb.Set,
        _ => false,
    };

    public void WriteTo(ArrayBufferWriter<byte> output, ulong token)
    {
        var command = Verb switch { MetaVerb.Get => "mg", MetaVerb.Set => "ms", _ => "md" };
        var size = _value is { Length: var length } ? string.Create(CultureInfo.InvariantCulture, $" {length}") : "";
        Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{command} {Key}{size}{_flags} O{token}\r\n"), output);
        if (_value is not { } value)
            return;
        output.Write(value.Span);
        output.Write("\r\n"u8);
    }

    /// <summary>Rounds up to whole seconds, because 0 would mean "forever".</summary>
    private static string SecondsOf(TimeSpan timeToLive) => Math.Ceiling(timeToLive.TotalSeconds).ToString("0", CultureInfo.InvariantCulture);
}
