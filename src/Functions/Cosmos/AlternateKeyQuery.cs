using System.Text.Json;
using Lookup.Domain.Users;
using Lookup.Functions.Cosmos.Documents;
using Microsoft.Azure.Cosmos;

namespace Lookup.Functions.Cosmos;

/// <summary>The query that returns the keys of the users with an alternate key.</summary>
internal sealed class AlternateKeyQuery(DocumentShape shape)
{
    /// <summary>
    /// The maximum number of rows of a query. It exceeds the number of users that are needed, because an item that cannot be looked up is a row
    /// as well; and it bounds the cost if there are very many such items.
    /// </summary>
    public const int MaxRows = 1000;

    private static readonly JsonReaderOptions Options = new() { MaxDepth = 512 };

    private readonly Dictionary<string, JsonPath> _paths = shape.AlternateKeys.ToDictionary(path => path.Text, StringComparer.Ordinal);

    /// <summary>Creates the query. The value is a parameter; the path is configured and cannot contain a quote.</summary>
    public QueryDefinition For(AlternateKey key)
    {
        var path = _paths[key.Path].InQuery;
        var text = FormattableString.Invariant(
            $"SELECT TOP {MaxRows} c.id, {shape.PartitionKey.InQuery} AS pk FROM c WHERE {path} = @value");
        return new QueryDefinition(text).WithParameter("@value", key.Value);
    }

    /// <summary>Reads one row of the result.</summary>
    /// <returns>
    /// <see langword="false"/> if the row does not contain a valid user key, for example because the id contains a control character or the
    /// partition key is not a string.
    /// </returns>
    public static bool TryRead(ReadOnlySpan<byte> row, out UserKey key)
    {
        string? id = null, partitionKey = null;
        var reader = new Utf8JsonReader(row, Options);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isId = reader.ValueTextEquals("id"u8);
            var isKey = reader.ValueTextEquals("pk"u8);
            reader.Read();
            if (isId && reader.TokenType == JsonTokenType.String)
                id = JsonText.Get(ref reader);
            else if (isKey && reader.TokenType == JsonTokenType.String)
                partitionKey = JsonText.Get(ref reader);
            reader.Skip();
        }

        key = default;
        return partitionKey is not null && UserKey.TryCreate(id, partitionKey, out key, out _);
    }
}
