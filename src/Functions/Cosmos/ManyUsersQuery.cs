using System.Globalization;
using System.Text;
using Lookup.Domain.Users;
using Lookup.Functions.Cosmos.Documents;
using Microsoft.Azure.Cosmos;

namespace Lookup.Functions.Cosmos;

/// <summary>The query that reads several users by their ids, all of which are parameters.</summary>
internal sealed class ManyUsersQuery(DocumentShape shape)
{
    public QueryDefinition For(IReadOnlyList<UserKey> keys)
    {
        var values = new List<string>(keys.Count);
        var text = new StringBuilder("SELECT * FROM c WHERE ");
        if (shape.IsPartitionedById)
        {
            IdIsOneOf(keys);
        }
        else
        {
            // The same id can identify a different user in each partition.
            var isFirst = true;
            foreach (var partition in keys.GroupBy(key => key.PartitionKey, StringComparer.Ordinal))
            {
                text.Append(isFirst ? "(" : " OR (").Append(shape.PartitionKey.InQuery).Append(" = ").Append(Parameter(partition.Key)).Append(" AND ");
                IdIsOneOf(partition);
                text.Append(')');
                isFirst = false;
            }
        }

        var query = new QueryDefinition(text.ToString());
        for (var i = 0; i < values.Count; i++)
            query.WithParameter(NameOf(i), values[i]);
        return query;

        void IdIsOneOf(IEnumerable<UserKey> some) =>
            text.Append("c.id IN (").AppendJoin(", ", some.Select(key => Parameter(key.Id))).Append(')');

        string Parameter(string value)
        {
            values.Add(value);
            return NameOf(values.Count - 1);
        }
    }

    /// <summary>Creates the options of the query. If all users are in one partition, only that partition is queried.</summary>
    public static QueryRequestOptions OptionsFor(IReadOnlyList<UserKey> keys) => new()
    {
        PartitionKey = keys.All(key => key.PartitionKey == keys[0].PartitionKey) ? new PartitionKey(keys[0].PartitionKey) : null,
        MaxItemCount = keys.Count,
        MaxConcurrency = -1,
    };

    private static string NameOf(int parameter) => string.Create(CultureInfo.InvariantCulture, $"@v{parameter}");
}
