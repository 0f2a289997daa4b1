namespace Lookup.Functions.Http;

/// <summary>The query parameters of a request, decoded strictly: only valid UTF-8 in valid escapes, and <c>+</c> for a space.</summary>
internal sealed class RequestQuery
{
    private readonly List<KeyValuePair<string, string>> _parameters = [];

    /// <summary>Gets the parameters, in the order in which they were sent.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Parameters => _parameters;

    public static bool TryParse(QueryString text, out RequestQuery query)
    {
        query = new RequestQuery();
        if (!text.HasValue)
            return true;

        var rest = text.Value.AsSpan(1);
        foreach (var range in rest.Split('&'))
        {
            var part = rest[range];
            if (part.IsEmpty)
                continue;

            var equals = part.IndexOf('=');
            if (!PercentDecoder.TryDecode(equals < 0 ? part : part[..equals], plusIsSpace: true, out var name)
                || !PercentDecoder.TryDecode(equals < 0 ? default : part[(equals + 1)..], plusIsSpace: true, out var value))
            {
                return false;
            }

            query._parameters.Add(new KeyValuePair<string, string>(name, value));
        }

        return true;
    }

    /// <summary>Gets the values of a parameter. Names are case-sensitive.</summary>
    public IReadOnlyList<string> ValuesOf(string name) =>
        [.. _parameters.Where(parameter => parameter.Key == name).Select(parameter => parameter.Value)];
}
