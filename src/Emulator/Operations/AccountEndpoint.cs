using System.Buffers;
using System.Net;
using System.Text.Json;
using Lookup.Emulator.Control;
using Lookup.Emulator.Wire;

namespace Lookup.Emulator.Operations;

/// <summary>The endpoint of the account (<c>GET /</c>), from which the SDK reads the locations and the default consistency level.</summary>
internal sealed class AccountEndpoint(AccountAddress address)
{
    private const string Region = "Local";

    // JSON within a JSON string: the limits that the SDK's query engine uses.
    private const string QueryEngine =
        """{"maxSqlQueryInputLength":262144,"maxJoinsPerSqlQuery":10,"maxLogicalAndPerSqlQuery":2000,"maxLogicalOrPerSqlQuery":2000,"maxUdfRefPerSqlQuery":10,"maxInExpressionItemsCount":16000,"queryMaxInMemorySortDocumentCount":500,"maxQueryRequestTimeoutFraction":0.9,"sqlAllowNonFiniteNumbers":false,"sqlAllowAggregateFunctions":true,"sqlAllowSubQuery":true,"sqlAllowScalarSubQuery":true,"allowNewKeywords":true,"sqlAllowLike":true,"sqlAllowGroupByClause":true,"maxSpatialQueryCells":12,"spatialMaxGeometryPointCount":256,"sqlDisableQueryILOptimization":false,"sqlDisableFilterPlanOptimization":false,"sqlAllowTop":true,"enableSpatialIndexing":true}""";

    public Task HandleAsync(Exchange exchange)
    {
        if (exchange.Method != HttpMethods.Get) throw CosmosErrorException.MethodNotAllowed(exchange.Method, "GET");
        var request = exchange.Http.Request;
        return exchange.RespondAsync(HttpStatusCode.OK, Describe(address.Endpoint ?? $"{request.Scheme}://{request.Host}/", address.HasMultipleWriteLocations));
    }

    private static byte[] Describe(string endpoint, bool hasMultipleWriteLocations)
    {
        var buffer = new ArrayBufferWriter<byte>(2048);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("_self", "");
            writer.WriteString("id", "emulator");
            writer.WriteString("_rid", "emulator");
            writer.WriteString("media", "//media/");
            writer.WriteString("addresses", "//addresses/");
            writer.WriteString("_dbs", "//dbs/");
            WriteLocations(writer, "writableLocations", endpoint);
            WriteLocations(writer, "readableLocations", endpoint);
            writer.WriteBoolean("enableMultipleWriteLocations", hasMultipleWriteLocations);
            WriteReplication(writer, "userReplicationPolicy");
            WriteReplication(writer, "systemReplicationPolicy");
            writer.WriteStartObject("userConsistencyPolicy");
            writer.WriteString("defaultConsistencyLevel", "Session");
            writer.WriteEndObject();
            writer.WriteStartObject("readPolicy");
            writer.WriteNumber("primaryReadCoefficient", 1);
            writer.WriteNumber("secondaryReadCoefficient", 1);
            writer.WriteEndObject();
            writer.WriteString("queryEngineConfiguration", QueryEngine);
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteLocations(Utf8JsonWriter writer, string name, string endpoint)
    {
        writer.WriteStartArray(name);
        writer.WriteStartObject();
        writer.WriteString("name", Region);
        writer.WriteString("databaseAccountEndpoint", endpoint);
        writer.WriteEndObject();
        writer.WriteEndArray();
    }

    private static void WriteReplication(Utf8JsonWriter writer, string name)
    {
        writer.WriteStartObject(name);
        writer.WriteBoolean("asyncReplication", false);
        writer.WriteNumber("minReplicaSetSize", 1);
        writer.WriteNumber("maxReplicasetSize", 4);
        writer.WriteEndObject();
    }
}
